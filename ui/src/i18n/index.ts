// Which words the window speaks.
import type { Language } from "../bindings/Language";
import { en } from "./en";
import { ko } from "./ko";

export type Messages = typeof en;

const all: Record<Language, Messages> = { en, ko };

export const messagesFor = (language: Language): Messages => all[language];

/** Before the first snapshot is there, the system's language is the best guess. */
export const systemLanguage = (): Language =>
  navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en";
