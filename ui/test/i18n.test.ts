// All texts exist in both languages, and components have no literal text.
// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "svelte/compiler";
import { describe, expect, it } from "vitest";
import { en } from "../src/i18n/en";
import { ko } from "../src/i18n/ko";
import { messagesFor } from "../src/i18n";
import { keepTogether } from "../src/i18n/spacing";
import { ageRange, birthday, moment } from "../src/i18n/dates";

const SRC = join(import.meta.dirname, "../src");
const LETTER = /\p{L}/u;
const HANGUL = /\p{Script=Hangul}/u;
const SPOKEN_ATTRIBUTES = ["alt", "aria-label", "aria-description", "placeholder", "title"];

const components = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".svelte"))
  .map((name) => ({ name, source: readFileSync(join(SRC, name), "utf8") }));

/** Every text with its path; functions are called with sample values. */
function sentences(words: object, path = ""): [string, string][] {
  return Object.entries(words).flatMap(([key, value]): [string, string][] => {
    const here = `${path}.${key}`;
    if (typeof value === "string") return [[here, value]];
    if (typeof value === "function") return [[here, String(value("Aurora", 5))], [here, String(value(1, 5))]];
    return sentences(value as object, here);
  });
}

interface Node {
  type: string;
  name?: string;
  data?: string;
  value?: unknown;
  expression?: Node;
  [part: string]: unknown;
}

function* nodes(value: unknown): Generator<Node> {
  if (typeof value !== "object" || value === null) return;
  if ("type" in value) yield value as Node;
  for (const child of Object.values(value)) yield* nodes(child);
}

/** String literals that an expression can evaluate to: "a" for `now ? "a" : t.b`. */
function outcomes(expression: Node | undefined): string[] {
  if (!expression) return [];
  if (expression.type === "Literal") return [String(expression.value)];
  if (expression.type === "TemplateLiteral") return [...nodes(expression["quasis"])].map((quasi) => cooked(quasi));
  const parts = ["consequent", "alternate", "left", "right"].map((part) => expression[part] as Node | undefined);
  const chooses = expression.type === "ConditionalExpression" || expression.type === "LogicalExpression";
  return chooses ? parts.flatMap(outcomes) : [];
}

const cooked = (quasi: Node): string => (quasi.value as { cooked: string }).cooked;

/** Literal text that is visible or read by a screen reader. */
function spoken(source: string): string[] {
  const { fragment } = parse(source, { modern: true });
  const attributes = [...nodes(fragment)].filter((node) => node.type === "Attribute");
  const silent = new Set(
    attributes.filter((node) => !SPOKEN_ATTRIBUTES.includes(node.name ?? "")).flatMap((node) => [...nodes(node.value)]),
  );
  return [...nodes(fragment)]
    .filter((node) => !silent.has(node))
    .flatMap((node) => {
      if (node.type === "Text") return [node.data ?? ""];
      return node.type === "ExpressionTag" ? outcomes(node.expression) : [];
    })
    .filter((data) => LETTER.test(data));
}

describe("messages", () => {
  it("have the same keys in both languages", () => {
    const keys = (words: object) => sentences(words).map(([path]) => path);
    expect(keys(ko)).toEqual(keys(en));
  });

  it("are not empty, and the Korean ones contain Hangul", () => {
    const same = new Map(sentences(en));
    for (const [path, sentence] of sentences(ko)) {
      expect(sentence.trim(), path).not.toBe("");
      // Names are the same in both languages.
      if (sentence !== same.get(path)) expect(sentence, path).toMatch(HANGUL);
    }
    for (const [path, sentence] of sentences(en)) {
      if (!path.endsWith("languages.ko")) expect(sentence, path).not.toMatch(HANGUL);
    }
  });

  it("use one word for one thing", () => {
    for (const [path, text] of sentences(en)) expect(text, path).not.toMatch(/e-mail|address(?! bar)|this (device|machine)|answer|["']/i);
    for (const [path, text] of sentences(ko)) expect(text, path).not.toMatch(/이 기기|더 보기|회원님|응답|확인되지|제공자/);
  });
});

describe("Korean line breaks", () => {
  it("do not come before 수, 때 and 것", () => {
    const shown = sentences(messagesFor("ko"));
    for (const [path, text] of shown) expect(text, path).not.toMatch(/ 수 | (때|것)(?=\p{L}|$|[ .,])/u);
    expect(messagesFor("ko").localProfile.noRecovery).toContain("재설정할\u00a0수\u00a0없습니다");
    expect(messagesFor("ko").setUp.unknown("Aurora")).toContain("로그인할\u00a0때");
    const plain = (texts: [string, string][]) =>
      texts.map(([path, text]) => [path, text.replaceAll("\u00a0", " ").replaceAll("\u2060", "")]);
    expect(plain(shown)).toEqual(plain(sentences(ko)));
  });

  it("keep a negation, the name of a button and its particle together", () => {
    expect(keepTogether("남기지 않습니다")).toBe("남기지\u00a0않습니다");
    expect(keepTogether("‘새로 고침’을 눌러")).toBe("‘새로\u00a0고침’\u2060을 눌러");
    expect(keepTogether("Do not refresh ‘this page’")).toBe("Do not refresh ‘this page’");
  });
});

describe("components", () => {
  it("are all found", () => expect(components.length).toBeGreaterThan(15));

  it.each(components)("$name has no literal text", ({ name, source }) => {
    expect(spoken(source)).toEqual([]);
    // A provider's file has its button texts in both languages.
    if (!name.startsWith("providers")) expect(source).not.toMatch(HANGUL);
  });

  it("are detected with literal text", () => {
    expect(spoken('<p class="soft">Hello</p>')).toEqual(["Hello"]);
    expect(spoken('<input aria-label="이름" type="text" />')).toEqual(["이름"]);
    expect(spoken('<p>{late ? "Too late" : words.soon}</p>')).toEqual(["Too late"]);
    expect(spoken('<p>{state === "late" ? words.late : words.soon}</p>')).toEqual([]);
  });
});

describe("dates", () => {
  const noon = Date.UTC(2026, 2, 14, 12) / 1000;

  it("are formatted for the language", () => {
    expect(moment("ko", noon)).toMatch(/^2026년 3월 1[345]일 /);
    expect(moment("en", noon)).toMatch(/^March 1[345], 2026 at /);
  });

  it("show midnight and noon as 12", () => {
    const at = (hour: number) => new Date(2026, 11, 31, hour, 5).getTime() / 1000;
    expect([0, 11, 12, 23].map((hour) => moment("en", at(hour)).split(" at ")[1])).toEqual([
      "12:05\u00a0AM",
      "11:05\u00a0AM",
      "12:05\u00a0PM",
      "11:05\u00a0PM",
    ]);
    expect([0, 23].map((hour) => moment("ko", at(hour)))).toEqual(["2026년 12월 31일 오전 12:05", "2026년 12월 31일 오후 11:05"]);
  });

  it("format a birthday with and without its year, and return other text unchanged", () => {
    expect(birthday("en", "1998-05-12", en.profile.lunar)).toBe("May 12, 1998");
    expect(birthday("ko", "1998-05-12", en.profile.lunar)).toBe("1998년 5월 12일");
    expect(birthday("en", "--02-29", en.profile.lunar)).toBe("February 29");
    expect(birthday("ko", "--05-12", en.profile.lunar)).toBe("5월 12일");
    expect(birthday("en", "13-45", en.profile.lunar)).toBe("13-45");
    expect(birthday("ko", "1990-04-01[u-ca=dangi]", ko.profile.lunar)).toBe("음력 1990년 4월 1일");
    expect(birthday("en", "in spring", en.profile.lunar)).toBe("in spring");
  });

  it("format an age range with the unit in Korean, and return other text unchanged", () => {
    for (const range of ["20~29", "20-29"]) {
      expect(ageRange("en", range)).toBe("20–29");
      expect(ageRange("ko", range)).toBe("20~29세");
    }
    expect(ageRange("ko", "over 20")).toBe("over 20");
  });
});
