// Which words the window speaks.
import type { Language } from "../bindings/Language";
import { en } from "./en";
import { ko } from "./ko";

export type Words = typeof en;

const all: Record<Language, Words> = { en, ko };

export const wordsFor = (language: Language): Words => all[language];

/** Before the first snapshot is there, the system's language is the best guess. */
export const systemLanguage = (): Language =>
  navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en";
