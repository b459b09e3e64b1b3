// The colours of tokens.css, pair by pair as they are used, against WCAG AA.
// @vitest-environment node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const css = readFileSync(join(import.meta.dirname, "../src/styles/tokens.css"), "utf8");

type Rgb = [number, number, number];

function block(selector: string): Record<string, string> {
  const blocks = css.split("}").filter((part) => part.includes("{") && part.split("{")[0]!.trim().endsWith(selector));
  const lines = blocks.flatMap((part) => part.split("{")[1]!.split(";"));
  return Object.fromEntries(
    lines.map((line) => /--([\w-]+):\s*(.+)$/s.exec(line.trim())).filter((m) => m !== null).map((m) => [m[1]!, m[2]!]),
  );
}

function rgb(value: string, under: Rgb): Rgb {
  const hex = /^#([0-9a-f]{6})$/.exec(value);
  if (hex) return [0, 2, 4].map((at) => parseInt(hex[1]!.slice(at, at + 2), 16)) as Rgb;
  const mixed = /^rgb\((\d+) (\d+) (\d+) \/ ([\d.]+)\)$/.exec(value);
  if (!mixed) throw new Error(`not a colour: ${value}`);
  const alpha = Number(mixed[4]);
  return under.map((below, i) => Number(mixed[i + 1]) * alpha + below * (1 - alpha)) as Rgb;
}

function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(front: string, back: string): number {
  const below = rgb(back, [0, 0, 0]);
  const [high, low] = [luminance(rgb(front, below)), luminance(below)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const TEXT: [string, string[]][] = [
  ["ink", ["wall", "plate", "sunken", "accent-wash", "warn-wash", "bad-wash"]],
  ["ink-soft", ["wall", "plate", "sunken"]],
  ["accent", ["wall", "plate", "accent-wash"]],
  ["on-accent", ["accent", "accent-strong"]],
  ["warn", ["wall", "plate", "warn-wash"]],
  ["bad", ["plate", "bad-wash"]],
  ["google-ink", ["google-fill"]],
  ["discord-ink", ["discord-fill"]],
  ["kakao-ink", ["kakao-fill"]],
  ["facebook-ink", ["facebook-fill"]],
  ["github-ink", ["github-fill"]],
  ["microsoft-ink", ["microsoft-fill"]],
];

// Borders of controls, focus rings, marks: 3 to 1.
const SHAPES: [string, string[]][] = [
  ["edge", ["wall", "plate", "sunken"]],
  ["accent", ["wall", "plate", "sunken"]],
  ["google-line", ["wall"]],
  ["discord-fill", ["wall", "plate"]],
  ["kakao-symbol", ["kakao-fill"]],
  ["facebook-fill", ["wall", "plate"]],
];

const pairs = (list: [string, string[]][]) => list.flatMap(([front, backs]) => backs.map((back) => ({ front, back })));

describe.each(["light", "dark"])("in the %s theme", (theme) => {
  const token = { ...block(":root"), ...block(`:root[data-theme="${theme}"]`) };

  it.each(pairs(TEXT))("$front on $back can be read", ({ front, back }) => {
    expect(contrast(token[front]!, token[back]!)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(pairs(SHAPES))("$front on $back can be seen", ({ front, back }) => {
    expect(contrast(token[front]!, token[back]!)).toBeGreaterThanOrEqual(3);
  });
});

it("has the brands' own colours, of which white on Naver's and LINE's green is less than WCAG asks", () => {
  const token = block(":root");
  expect(token).toMatchObject({
    "discord-fill": "#5865f2",
    "facebook-fill": "#0866ff",
    "kakao-fill": "#fee500",
    "line-fill": "#06c755",
    "line-ink": "#ffffff",
    "naver-fill": "#03c75a",
    "naver-ink": "#ffffff",
  });
  // Whoever asks for more contrast does not get them.
  const brands = readFileSync(join(import.meta.dirname, "../src/styles/brands.css"), "utf8");
  expect(brands.split("prefers-contrast: more")[1]).toMatch(/\.brand\.naver,\s+\.brand\.line \{\s+background: var\(--plate\)/);
});

it("measures as WCAG does", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
  expect(contrast("#767676", "#ffffff")).toBeCloseTo(4.54, 2);
});
