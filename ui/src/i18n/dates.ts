// Localized dates and times.
import type { Language } from "../bindings/Language";

const SECOND = 1000;

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** Without `Intl`, which reads its data for 7 ms: the first screen shows a moment. */
export function moment(language: Language, seconds: number): string {
  const at = new Date(seconds * SECOND);
  const [year, month, day, hour] = [at.getFullYear(), at.getMonth(), at.getDate(), at.getHours()];
  const time = `${hour % 12 || 12}:${String(at.getMinutes()).padStart(2, "0")}`;
  return language === "ko"
    ? `${year}년 ${month + 1}월 ${day}일 ${hour < 12 ? "오전" : "오후"} ${time}`
    : `${MONTHS[month]} ${day}, ${year} at ${time}\u00a0${hour < 12 ? "AM" : "PM"}`;
}

/** The time, with the date unless it is today. */
export function momentNear(language: Language, seconds: number, now = Date.now()): string {
  const at = new Date(seconds * SECOND);
  if (at.toDateString() !== new Date(now).toDateString()) return moment(language, seconds);
  return new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(at);
}

/** In the largest whole unit, such as “2 hours ago”. */
export function ago(language: Language, seconds: number, now = Date.now()): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const past = Math.max(0, now / SECOND - seconds);
  if (past < 60) return format.format(0, "second");
  if (past < 3600) return format.format(-Math.floor(past / 60), "minute");
  if (past < 86_400) return format.format(-Math.floor(past / 3600), "hour");
  return format.format(-Math.floor(past / 86_400), "day");
}

/**
 * Formats `2000-05-12`, `--05-12` or `2000`; returns other text unchanged. A lunar date has the
 * suffix `[u-ca=dangi]` (RFC 9557), which `lunar` puts into words.
 */
export function birthday(language: Language, text: string, lunar: (date: string) => string): string {
  const date = text.replace("[u-ca=dangi]", "");
  const read = solar(language, date);
  return date === text ? read : lunar(read);
}

function solar(language: Language, text: string): string {
  const parts = /^(?:(\d{4})-|--)(\d{2})-(\d{2})$/.exec(text);
  if (!parts) return text;
  const [, year, month, day] = parts;
  // 2000 is a leap year, which keeps 29 February.
  const date = new Date(Date.UTC(Number(year ?? 2000), Number(month) - 1, Number(day)));
  if (date.getUTCMonth() !== Number(month) - 1) return text;
  const format: Intl.DateTimeFormatOptions = { month: "long", day: "numeric", timeZone: "UTC" };
  if (year) format.year = "numeric";
  return new Intl.DateTimeFormat(language, format).format(date);
}

/** Providers write `20~29` or `20-29`: `20–29` in English, `20~29세` in Korean. Returns other text unchanged. */
export const ageRange = (language: Language, text: string): string =>
  text.replace(/^(\d+)[~-](\d+)$/, language === "ko" ? "$1~$2세" : "$1–$2");
