// Colour pairs of tokens.css against WCAG AA.
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
  ["text", ["background", "surface", "surface-sunken", "accent-background", "warning-background", "danger-background"]],
  ["text-muted", ["background", "surface", "surface-sunken"]],
  ["accent", ["background", "surface", "accent-background"]],
  ["on-accent", ["accent", "accent-strong"]],
  ["warning", ["background", "surface", "warning-background"]],
  ["danger", ["surface", "danger-background"]],
  ["google-text", ["google-background"]],
  ["discord-text", ["discord-background"]],
  ["kakao-text", ["kakao-background"]],
  ["facebook-text", ["facebook-background"]],
  ["github-text", ["github-background"]],
  ["microsoft-text", ["microsoft-background"]],
];

// Borders of controls, focus rings, marks: 3 to 1.
const SHAPES: [string, string[]][] = [
  ["border-strong", ["background", "surface", "surface-sunken"]],
  ["accent", ["background", "surface", "surface-sunken"]],
  ["google-border", ["background"]],
  ["discord-background", ["background", "surface"]],
  ["kakao-symbol", ["kakao-background"]],
  ["facebook-background", ["background", "surface"]],
];

const pairs = (list: [string, string[]][]) => list.flatMap(([front, backs]) => backs.map((back) => ({ front, back })));

describe.each(["light", "dark"])("in the %s theme", (theme) => {
  const token = { ...block(":root"), ...block(`:root[data-theme="${theme}"]`) };

  it.each(pairs(TEXT))("$front on $back has the contrast of text", ({ front, back }) => {
    expect(contrast(token[front]!, token[back]!)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(pairs(SHAPES))("$front on $back has the contrast of shapes", ({ front, back }) => {
    expect(contrast(token[front]!, token[back]!)).toBeGreaterThanOrEqual(3);
  });
});

it("brand colours are unchanged, although white on the green of Naver and LINE is below WCAG AA", () => {
  const token = block(":root");
  expect(token).toMatchObject({
    "discord-background": "#5865f2",
    "facebook-background": "#0866ff",
    "kakao-background": "#fee500",
    "line-background": "#06c755",
    "line-text": "#ffffff",
    "naver-background": "#03c75a",
    "naver-text": "#ffffff",
  });
  // With prefers-contrast: more, both use the window's colours.
  const brands = readFileSync(join(import.meta.dirname, "../src/styles/brands.css"), "utf8");
  expect(brands.split("prefers-contrast: more")[1]).toMatch(/\.brand\.naver,\s+\.brand\.line \{\s+background: var\(--surface\)/);
});

it("the contrast formula is that of WCAG", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
  expect(contrast("#767676", "#ffffff")).toBeCloseTo(4.54, 2);
});
