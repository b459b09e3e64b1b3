import type { Language } from "../bindings/Language";
import { en } from "./en";
import { ko } from "./ko";
import { keepTogether } from "./spacing";

export type Messages = typeof en;

const all: Record<Language, Messages> = { en, ko: keepTogether(ko) };

export const messagesFor = (language: Language): Messages => all[language];

/** Used until the first overview has the language. */
export const systemLanguage = (): Language =>
  navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en";
