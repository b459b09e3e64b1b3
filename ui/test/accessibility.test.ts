// Every state of the gallery in both languages: the screen, one heading, no axe violation.
import axe from "axe-core";
import { afterEach, describe, expect, it } from "vitest";
import type { Language } from "../src/bindings/Language";
import { act, openPage } from "../src/gallery/act";
import { samples } from "../src/gallery/samples";
import { view } from "../src/state.svelte";
import { all, close, open, rest, screen } from "./window";

const expected: Record<string, string> = {
  loading: "loading",
  failure: "loading",
  updating: "loading",
  "welcome-again": "welcome",
  "problem-denied": "welcome",
  "problem-keychain": "welcome",
  "problem-provider": "welcome",
};

function screenOf(state: string): string {
  const known = ["set-up", "confirm-host", "waiting", "profile-form", "profile", "account", "shortcuts", "licences", "settings", "welcome"].find((name) => state.startsWith(name));
  return expected[state] ?? known ?? "welcome";
}

async function show(state: string, language: Language) {
  const { overview, open: page, press: steps, answers } = samples[state]!(language);
  const window = await open(overview);
  for (const [command, answer] of Object.entries(answers ?? {})) {
    window.answers[command] = () => {
      if ("message" in answer) throw answer;
      return answer;
    };
  }
  if (page === "loading") view.overview = null;
  else openPage(page);
  await rest();
  await act(steps);
}

afterEach(close);

describe.each(["en", "ko"] as const)("in %s", (language) => {
  it.each(Object.keys(samples))("%s", async (state) => {
    await show(state, language);

    expect(screen()).toBe(screenOf(state));
    expect(all("h1").filter((title) => !title.closest("[hidden]"))).toHaveLength(1);
    // Without an overview the language is the system's.
    if (screen() !== "loading") expect(document.documentElement.lang).toBe(language);
    expect(document.title).toBe("Nameplate");
    // jsdom computes no colours; contrast.test.ts measures them.
    const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });
});

describe("S56: no markup carries a style or a handler as text, and every button has a name", () => {
  it.each(Object.keys(samples))("%s", async (state) => {
    await show(state, "ko");
    const inline = all("*").filter((element) =>
      element.getAttributeNames().some((name) => name === "style" || name.startsWith("on")),
    );
    expect(inline).toEqual([]);
    for (const button of all("button")) {
      expect((button.ariaLabel ?? button.textContent).trim(), button.outerHTML).not.toBe("");
    }
  });
});
