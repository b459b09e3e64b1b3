// Colour pairs of tokens.css and of the providers against WCAG AA.
// @vitest-environment node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { marked } from "../src/gallery/cards";
import { brandOf } from "../src/providers";

const UI = join(import.meta.dirname, "..");
const css = readFileSync(join(UI, "src/styles/tokens.css"), "utf8");

type Rgb = [number, number, number];

/** Custom properties of the rules whose selector ends so. */
function block(css: string, selector: string): Record<string, string> {
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
];

// Borders of controls, focus rings, marks: 3 to 1.
const SHAPES: [string, string[]][] = [
  ["border-strong", ["background", "surface", "surface-sunken"]],
  ["accent", ["background", "surface", "surface-sunken"]],
];

const pairs = (list: [string, string[]][]) => list.flatMap(([front, backs]) => backs.map((back) => ({ front, back })));

describe.each(["light", "dark"])("in the %s theme", (theme) => {
  const token = { ...block(css, ":root"), ...block(css, `:root[data-theme="${theme}"]`) };

  it.each(pairs(TEXT))("$front on $back has the contrast of text", ({ front, back }) => {
    expect(contrast(token[front]!, token[back]!)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(pairs(SHAPES))("$front on $back has the contrast of shapes", ({ front, back }) => {
    expect(contrast(token[front]!, token[back]!)).toBeGreaterThanOrEqual(3);
  });
});

describe.each(marked)("the colours of %s", (id) => {
  const file = readFileSync(join(UI, `src/providers/${id}.svelte`), "utf8");
  const [style = "", highContrast] = file.split("<style>")[1]!.split("@media");
  const light = block(style, `:global([data-brand="${id}"])`);
  const dark = { ...light, ...block(style, `[data-theme="dark"] [data-brand="${id}"])`) };

  it("are those of the brand's rule in the comment, as is the text of the button", () => {
    const rule = file.slice(0, file.indexOf("-->")).replaceAll("\n", " ");
    const { signIn } = brandOf(id);
    for (const text of [signIn.en(""), signIn.ko("")]) expect(rule).toContain(`"${text}"`);
    for (const colour of [light["brand-background"]!, dark["brand-background"]!]) expect(rule).toContain(colour.toUpperCase());
  });

  it("have the contrast of text, unless the brand requires less and the window's colours replace them", () => {
    for (const colours of [light, dark]) {
      if (contrast(colours["brand-text"]!, colours["brand-background"]!) >= 4.5) continue;
      expect(highContrast).toContain("prefers-contrast: more");
      expect(highContrast).toContain("--brand-background: var(--surface);");
    }
  });

  it("have the contrast of shapes in the border", () => {
    for (const { "brand-border": border, "brand-background": background } of [light, dark]) {
      if (border) expect(contrast(border, background!)).toBeGreaterThanOrEqual(3);
    }
  });

  it("have the contrast of shapes in the mark", () => {
    // Marks in one colour have that of the brand outside its button.
    for (const theme of style.includes("color: var(--brand-background)") ? ["light", "dark"] : []) {
      const window = block(css, `:root[data-theme="${theme}"]`);
      for (const under of [window["background"]!, window["surface"]!]) {
        expect(contrast(light["brand-background"]!, under)).toBeGreaterThanOrEqual(3);
      }
    }
  });
});

it("the contrast formula is that of WCAG", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
  expect(contrast("#767676", "#ffffff")).toBeCloseTo(4.54, 2);
});
