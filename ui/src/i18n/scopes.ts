// Scopes in words. A scope that is not here is shown as it is, apart from these.
import type { Language } from "../bindings/Language";

const NAME = { en: "name and picture", ko: "이름과 사진" };
const EMAIL = { en: "email", ko: "이메일" };
const IDENTITY = { en: "user ID", ko: "사용자 ID" };
const STAY = { en: "stay signed in", ko: "로그인 유지" };
const BIRTHDAY = { en: "birthday", ko: "생일" };
const GENDER = { en: "gender", ko: "성별" };
const PHONE = { en: "phone number", ko: "전화번호" };

const GOOGLE = "https://www.googleapis.com/auth/";

/** By the scope as the provider grants it. */
const words: Record<string, Record<Language, string>> = {
  openid: IDENTITY,
  profile: NAME,
  email: EMAIL,
  offline_access: STAY,
  // Discord
  identify: NAME,
  guilds: { en: "your servers", ko: "참여 중인 서버" },
  // Google
  [`${GOOGLE}userinfo.profile`]: NAME,
  [`${GOOGLE}userinfo.email`]: EMAIL,
  [`${GOOGLE}user.birthday.read`]: BIRTHDAY,
  [`${GOOGLE}user.gender.read`]: GENDER,
  [`${GOOGLE}user.phonenumbers.read`]: PHONE,
  // GitHub
  "read:user": NAME,
  "user:email": EMAIL,
  // Facebook
  public_profile: NAME,
  user_birthday: BIRTHDAY,
  user_gender: GENDER,
  // Kakao
  profile_nickname: { en: "name", ko: "이름" },
  profile_image: { en: "picture", ko: "사진" },
  account_email: EMAIL,
  birthday: BIRTHDAY,
  gender: GENDER,
  phone_number: PHONE,
  age_range: { en: "age range", ko: "연령대" },
  // Microsoft Graph
  "User.Read": NAME,
};

// Not what every object has, such as `constructor`: a provider names its scopes.
const inWords = (scope: string) => (Object.hasOwn(words, scope) ? words[scope] : undefined);

/** What scopes allow, each meaning once, beginning with a capital letter; and those without words, as the provider names them. */
export function scopesInWords(language: Language, scopes: string[]): { words: string; others: string[] } {
  const text = [...new Set(scopes.flatMap((scope) => inWords(scope)?.[language] ?? []))].join(", ");
  return {
    words: text.charAt(0).toUpperCase() + text.slice(1),
    others: [...new Set(scopes.filter((scope) => !inWords(scope)))],
  };
}
