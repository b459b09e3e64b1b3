// Birthday, gender, age range and phone, which some providers share: in words, with their labels.
import type { Language } from "../bindings/Language";
import type { User } from "../bindings/User";
import { messagesFor } from ".";
import { ageRange, birthday } from "./dates";

type Extras = Pick<User, "birthday" | "gender" | "age_range" | "phone">;

/** Those that are known. */
export function extrasInWords(language: Language, { birthday: born, gender, age_range: age, phone }: Extras) {
  const t = messagesFor(language).profile;
  return [
    { key: "birthday", label: t.birthday, text: born && birthday(language, born, t.lunar) },
    { key: "gender", label: t.gender, text: gender && (t.genders[gender] ?? gender) },
    { key: "age-range", label: t.ageRange, text: age && ageRange(language, age) },
    { key: "phone", label: t.phone, text: phone },
  ].filter(({ text }) => text);
}
