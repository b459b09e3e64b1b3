/**
 * Korean texts with U+00A0 before the dependent nouns 수, 때 and 것, with any particle, so that no line begins with one:
 * “되돌릴 수 없습니다” stays on one line.
 */
export function keepTogether<T>(texts: T): T {
  if (typeof texts === "string") return joined(texts) as T;
  if (typeof texts === "function") return ((...given: unknown[]) => joined(String(texts(...given)))) as T;
  return Object.fromEntries(Object.entries(texts as object).map(([key, value]) => [key, keepTogether(value)])) as T;
}

const joined = (text: string): string =>
  text.replace(/ 수 /g, "\u00a0수\u00a0").replace(/ (?=때|것)/g, "\u00a0");
