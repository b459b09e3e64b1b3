/**
 * Korean texts that break where a reader expects it: with U+00A0 before the dependent nouns 수, 때 and 것 (“되돌릴 수 없습니다”),
 * before 님 (“하늘 님과”), before a negation (“남기지 않습니다”) and in the name of a button (‘새로 고침’), and with U+2060 between
 * a quotation and its particle. Other texts stay as they are.
 */
export function keepTogether<T>(texts: T): T {
  if (typeof texts === "string") return joined(texts) as T;
  if (typeof texts === "function") return ((...given: unknown[]) => joined(String(texts(...given)))) as T;
  return Object.fromEntries(Object.entries(texts as object).map(([key, value]) => [key, keepTogether(value)])) as T;
}

const joined = (text: string): string =>
  text
    .replace(/ 수 /g, "\u00a0수\u00a0")
    .replace(/ (?=때|것)/g, "\u00a0")
    .replace(/지 (?=않|못|마)/g, "지\u00a0")
    .replace(/ (?=님[과의])/g, "\u00a0")
    .replace(/‘[^’]{1,16}’(?=[가-힣])/g, (name) => `${name.replaceAll(" ", "\u00a0")}\u2060`);
