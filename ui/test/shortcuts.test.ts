// Keyboard shortcuts, the report for whoever helps, and the client ID on the clipboard.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { brandCards, onlyReadyCards, overviewOf, person } from "../src/gallery/samples";
import { keys } from "../src/shortcuts";
import { view } from "../src/state.svelte";
import { all, byId, clipboard, close, find, get, open, press, rest, screen } from "./window";

const stored = new Map<string, string>();

beforeEach(() => {
  stored.clear();
  vi.stubGlobal("localStorage", { getItem: (key: string) => stored.get(key) ?? null, setItem: (key: string, value: string) => stored.set(key, value) });
});

afterEach(close);

async function key(key: string, rest_: KeyboardEventInit = { ctrlKey: true }) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...rest_ });
  document.body.dispatchEvent(event);
  await rest();
  return event.defaultPrevented;
}

const signedIn = () => overviewOf("en", { users: [person()], current: "u1" });

describe("shortcuts", () => {
  it("quit, refresh and open the settings", async () => {
    const { calls } = await open(signedIn());
    await key("q");
    await key("w");
    await key("F5", {});
    expect(calls.map(({ command }) => command)).toEqual(["quit", "quit", "refresh_profile"]);
    await key(",");
    expect(screen()).toBe("settings");
    await key(",");
    expect(view.pages).toHaveLength(1);
  });

  it("zoom in steps, and remember it", async () => {
    const { calls } = await open(signedIn());
    for (const press of ["+", "=", "-", "0", "-"]) await key(press);
    expect(calls.map(({ given }) => (given as { factor: number }).factor)).toEqual([1.1, 1.25, 1.1, 1, 0.9]);
    expect(stored.get("zoom")).toBe("0.9");
  });

  it("are listed, each with its keys", async () => {
    await open(signedIn());
    expect(await key("/")).toBe(true);
    expect(screen()).toBe("shortcuts");
    expect(all("dt")).toHaveLength(Object.keys(keys).length);
    await key("/");
    expect(screen()).toBe("profile");
  });

  it("leave other keys, and an input method, alone", async () => {
    const { calls } = await open(signedIn());
    for (const [name, init] of [["q", {}], ["c", { ctrlKey: true }], ["q", { ctrlKey: true, altKey: true }], ["q", { ctrlKey: true, isComposing: true }]] as const) {
      expect(await key(name, init)).toBe(false);
    }
    expect(calls).toEqual([]);
  });
});

describe("diagnostics", () => {
  it("are copied as Rust writes them", async () => {
    const writeText = clipboard();
    const { answers } = await open(signedIn());
    answers["diagnostics"] = () => "Nameplate: 0.1.0\n";
    await press(byId("open-settings"));
    await press(byId("copy-diagnostics"));
    await rest();
    expect(writeText).toHaveBeenCalledWith("Nameplate: 0.1.0\n");
  });
});

describe("a client ID on the clipboard", () => {
  it("is offered when the window gets the focus, and never entered unasked", async () => {
    const { answers } = await open(overviewOf("en", { providers: onlyReadyCards("en", [], brandCards("en")) }));
    view.open({ name: "set-up", provider: "discord" });
    await rest();
    expect(find(byId("use-client-id"))).toBeNull();
    answers["client_id_on_clipboard"] = () => "1156500000000000000";
    window.dispatchEvent(new Event("focus"));
    await rest();
    const field = get(byId("set-up-client-id")) as HTMLInputElement;
    expect(field.value).toBe("");
    await press(byId("use-client-id"));
    expect(field.value).toBe("1156500000000000000");
    expect(find(byId("use-client-id"))).toBeNull();
    expect(document.activeElement).toBe(field);
  });
});
