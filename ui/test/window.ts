// Renders the whole window with a mock of Rust.
import { clearMocks, mockConvertFileSrc, mockIPC } from "@tauri-apps/api/mocks";
import { cleanup, render } from "@testing-library/svelte";
import { tick } from "svelte";
import { vi } from "vitest";
import App from "../src/App.svelte";
import type { State } from "../src/bindings/State";
import type { Problem } from "../src/bindings/Problem";
import type { ProviderCard } from "../src/bindings/ProviderCard";
import { enter } from "../src/gallery/act";
import { cards, overviewOf } from "../src/gallery/samples";
import { watching } from "../src/gallery/watching";
import { commandOf } from "../src/ipc";
import { start, view } from "../src/state.svelte";

export interface Call {
  command: string;
  given: unknown;
}

/** Calls of Rust commands in order, without the first `overview`. */
export interface Window {
  calls: Call[];
  /** Results of the next commands of that name. */
  answers: Record<string, () => unknown>;
  snapshot: (overview: State) => Promise<void>;
}

export async function open(first: State | Problem = overviewOf("en")): Promise<Window> {
  const calls: Call[] = [];
  const answers: Record<string, () => unknown> = {};
  const watcher = watching();
  mockConvertFileSrc("linux");
  mockIPC((invoked, given) => {
    const command = commandOf(invoked);
    if (watcher.takes(command, given)) return null;
    if (command === "state") {
      if ("message" in first) throw first;
      return first;
    }
    // Asked whenever the window gets the focus.
    if (command === "client_id_on_clipboard") return answers[command]?.() ?? null;
    // Asked whenever the page of an account is shown.
    if (command === "token_command") return answers[command]?.() ?? `nameplate token ${(given as { account: string }).account}`;
    // Asked whenever the settings are opened.
    if (command === "desktop_settings") return answers[command]?.() ?? null;
    calls.push({ command, given });
    return answers[command]?.() ?? null;
  });
  // As in index.html.
  document.title = "Nameplate";
  render(App);
  await start();
  await tick();
  const snapshot = async (overview: State) => {
    watcher.tell(overview);
    await tick();
  };
  return { calls, answers, snapshot };
}

/** Resets everything, as if the program had ended. */
export function close() {
  cleanup();
  clearMocks();
  vi.unstubAllGlobals();
  view.overview = null;
  view.pages = [];
  view.failure = null;
  view.busy = null;
  view.refreshing = false;
}

/** A clipboard until the end of the test; jsdom has none. Returns what is called to write to it. */
export function clipboard() {
  const writeText = vi.fn(async () => undefined);
  vi.stubGlobal("navigator", { ...navigator, language: "en", clipboard: { writeText } });
  return writeText;
}

export const find = (selector: string): HTMLElement | null => document.querySelector(selector);

export const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)];

export function get(selector: string): HTMLElement {
  const found = find(selector);
  if (!found) throw new Error(`nothing matches ${selector} in:\n${document.body.innerHTML}`);
  return found;
}

export const text = (selector: string): string => get(selector).textContent.trim();

export const byId = (testid: string) => `[data-testid="${testid}"]`;

/** Presses a button and waits for the effects. */
export async function press(selector: string) {
  get(selector).click();
  await rest();
}

export async function rest() {
  await new Promise((done) => setTimeout(done));
  await tick();
}

export const screen = (): string | undefined => get("main").dataset["screen"];

/** Replaces the value of a field. */
export async function type(selector: string, text: string) {
  enter(get(selector) as HTMLInputElement, text);
  await rest();
}

/** An overview with every provider changed, except the local profile. */
export const withCards = (change: (card: ProviderCard) => Partial<ProviderCard>, all = cards("en")): State =>
  overviewOf("en", { providers: all.map((card) => (card.kind === "email" ? card : { ...card, ...change(card) })) });
