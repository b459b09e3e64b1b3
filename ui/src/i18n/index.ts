import type { Language } from "../bindings/Language";
import { en } from "./en";
import { ko } from "./ko";
import { keepTogether } from "./spacing";

export type Messages = typeof en;

let korean: Messages | undefined;

/** The texts of the window. Those in Korean are prepared when they are first used. */
export const messagesFor = (language: Language): Messages => (language === "ko" ? (korean ??= keepTogether(ko)) : en);

/** Used until the first overview has the language. */
export const systemLanguage = (): Language =>
  navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en";
