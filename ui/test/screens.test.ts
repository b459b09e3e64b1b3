// Every state in both languages: the right screen, one heading, and nothing that axe objects to.
import axe from "axe-core";
import { afterEach, describe, expect, it } from "vitest";
import type { Language } from "../src/bindings/Language";
import { samples } from "../src/gallery/samples";
import { view } from "../src/state.svelte";
import { all, byId, close, open, press, rest, screen } from "./window";

const expected: Record<string, string> = {
  loading: "loading",
  failure: "loading",
  "welcome-again": "welcome",
  "problem-denied": "welcome",
  "problem-keychain": "welcome",
  "problem-provider": "welcome",
};

function screenOf(state: string): string {
  const known = ["set-up", "waiting", "profile", "settings", "welcome"].find((name) => state.startsWith(name));
  return expected[state] ?? known ?? "welcome";
}

async function show(state: string, language: Language) {
  const sample = samples[state]!(language);
  await open(sample.overview);
  if (sample.open === "settings" || sample.open === "welcome") view.open({ name: sample.open });
  else if (sample.open === "loading") view.overview = null;
  else if (sample.open && sample.open !== "details") view.open({ name: "set-up", provider: sample.open });
  await rest();
  for (const testid of sample.press ?? []) await press(byId(testid));
}

afterEach(close);

describe.each(["en", "ko"] as const)("in %s", (language) => {
  it.each(Object.keys(samples))("%s", async (state) => {
    await show(state, language);

    expect(screen()).toBe(screenOf(state));
    expect(all("h1")).toHaveLength(1);
    // Before the first snapshot the language is the system's.
    if (screen() !== "loading") expect(document.documentElement.lang).toBe(language);
    // What jsdom cannot compute, colours, is measured in contrast.test.ts.
    const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });
});

it("S56: no markup carries a style or a handler as text", async () => {
  for (const state of Object.keys(samples)) {
    await show(state, "en");
    const inline = all("*").filter((element) =>
      element.getAttributeNames().some((name) => name === "style" || name.startsWith("on")),
    );
    expect(inline, state).toEqual([]);
    close();
  }
});

it("has a name on every button", async () => {
  for (const state of Object.keys(samples)) {
    await show(state, "ko");
    for (const button of all("button")) {
      expect((button.ariaLabel ?? button.textContent).trim(), `${state}: ${button.outerHTML}`).not.toBe("");
    }
    close();
  }
});

it("leaves the window's title alone", async () => {
  for (const state of Object.keys(samples)) {
    await show(state, "ko");
    expect(document.title, state).toBe("Nameplate");
    close();
  }
});
