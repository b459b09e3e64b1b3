// Texts of the engine, from the files that it reads itself (crates/nameplate/src/messages.rs).
import type { Language } from "../bindings/Language";
import type { Problem } from "../bindings/Problem";
import en from "../../../crates/nameplate/messages/en.json";
import ko from "../../../crates/nameplate/messages/ko.json";

type Texts = typeof en;

const texts: Record<Language, Texts> = { en, ko };

const fill = (sentence: string, label: string, detail: string) =>
  sentence.replaceAll("{app}", "Nameplate").replaceAll("{provider}", label).replaceAll("{detail}", detail);

/** The provider of a problem, by its id and its label. */
interface At {
  id: string;
  label: string;
}

export function problem(
  language: Language,
  code: keyof Texts["errors"],
  at: At | null,
  { remedies = [], detail = null }: Partial<Pick<Problem, "remedies" | "detail">> = {},
): Problem {
  const { say, next } = texts[language].errors[code];
  return {
    code,
    message: fill(say, at?.label ?? "", detail ?? ""),
    next: fill(next, at?.label ?? "", detail ?? ""),
    // Left out if the message contains it.
    detail: say.includes("{detail}") ? null : detail,
    provider: at?.id ?? null,
    remedies,
  };
}

/** The label of a provider that the language writes in another way. */
export const ownLabel = (language: Language, id: string): string | undefined =>
  (texts[language].labels as Record<string, string>)[id];

/** A note of an account. */
export function note(language: Language, code: keyof Texts["errors"], label: string): string {
  const { message, next } = problem(language, code, { id: "", label });
  return `${message} ${next}`;
}

export const step = (language: Language, key: keyof Texts["steps"]): string => fill(texts[language].steps[key], "", "");

/** The steps of a built-in provider, in their order. */
export const stepsOf = (language: Language, provider: string): string[] =>
  (Object.keys(en.steps) as (keyof Texts["steps"])[])
    .filter((key) => key.startsWith(`${provider}_`))
    .map((key) => step(language, key));

export const permission = (language: Language, name: keyof Texts["bot"]): string => texts[language].bot[name];
