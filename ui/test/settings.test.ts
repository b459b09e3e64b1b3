// The settings.
import { afterEach, describe, expect, it } from "vitest";
import { overviewOf } from "../src/gallery/samples";
import { all, byId, close, find, get, open, press, rest, screen, text } from "./window";

afterEach(close);

describe("settings", () => {
  it("keep the first of two choices that come before the next overview", async () => {
    const { calls } = await open();
    await press(byId("open-settings"));
    await press(byId("language-ko"));
    await press(byId("theme-dark"));
    expect(calls.map((call) => call.given)).toEqual([
      { settings: { language: "ko", theme: "system" } },
      { settings: { language: "ko", theme: "dark" } },
    ]);
  });

  it("show the value of the overview, not the pressed one", async () => {
    const { snapshot } = await open();
    await press(byId("open-settings"));
    await press(byId("theme-dark"));
    expect(get(byId("theme-system")).ariaPressed).toBe("true");
    await snapshot(overviewOf("ko", { settings: { language: "ko", theme: "dark" } }));
    expect(get(byId("theme-dark")).ariaPressed).toBe("true");
    expect(get(byId("language-ko")).ariaPressed).toBe("true");
    expect(document.documentElement.lang).toBe("ko");
    expect(document.documentElement.dataset["theme"]).toBe("dark");
    expect(screen()).toBe("settings");
  });

  it("follow the system by default", async () => {
    await open();
    expect(document.documentElement.dataset["theme"]).toBe("light");
  });

  it("show the version, and the folder of a separate home", async () => {
    const { snapshot } = await open();
    expect(find(byId("home"))).toBeNull();
    await snapshot(overviewOf("en", { app: { ...overviewOf("en").app, home: "/tmp/home" } }));
    expect(get(byId("home")).title).toBe("All data of this window is in /tmp/home.");
    await press(byId("open-settings"));
    expect(text(byId("version"))).toBe("Version 0.1.0");
    expect(text(byId("app-home"))).toBe("/tmp/home");
    expect(text(byId("scheme"))).toBe("app.nameplate.desktop");
  });

  it("open the setup of every provider and of a new one, but not of the local profile", async () => {
    await open();
    await press(byId("open-settings"));
    expect(all("[data-testid^=set-up-]").map(({ dataset }) => dataset["testid"])).not.toContain("set-up-email");
    await press(byId("add-oidc"));
    expect(screen()).toBe("set-up");
    expect(text("h1")).toBe("Another OpenID provider");
  });

  it("close by the back button and by Escape, page by page", async () => {
    await open();
    await press(byId("open-settings"));
    await press(byId("set-up-birch"));
    expect(screen()).toBe("set-up");
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    await rest();
    expect(screen()).toBe("settings");
    await press(byId("back"));
    expect(screen()).toBe("welcome");
  });

  it("list the libraries with their licenses", async () => {
    const { answers } = await open();
    answers["licences"] = () => [{ name: "svelte", version: "5.0.0", licence: "MIT" }];
    await press(byId("open-settings"));
    await press(byId("open-licences"));
    await rest();
    expect(screen()).toBe("licences");
    expect(text(byId("libraries"))).toContain("svelte 5.0.0MIT");
  });

  it("of the desktop are shown where there are such, and saved", async () => {
    const { calls, answers } = await open();
    answers["desktop_settings"] = () => ({ tray: false, start_at_login: null });
    answers["save_desktop_settings"] = () => ({ tray: true, start_at_login: null });
    await press(byId("open-settings"));
    const tray = () => get(byId("tray")) as HTMLInputElement;
    expect(tray().checked).toBe(false);
    expect(find(byId("start_at_login"))).toBeNull();
    await press(byId("tray"));
    expect(calls).toEqual([{ command: "save_desktop_settings", given: { settings: { tray: true } } }]);
    expect(tray().checked).toBe(true);
    // The desktop refuses.
    await press(byId("tray"));
    expect(tray().checked).toBe(true);
  });

  it("of the desktop keep both of two quick choices", async () => {
    const { calls, answers } = await open();
    let settings = { tray: false, start_at_login: false };
    answers["desktop_settings"] = () => settings;
    answers["save_desktop_settings"] = () => (settings = { ...settings, ...Object(calls.at(-1)?.given).settings });
    await press(byId("open-settings"));
    get(byId("tray")).click();
    get(byId("start_at_login")).click();
    await rest();
    await rest();
    expect(settings).toEqual({ tray: true, start_at_login: true });
    for (const choice of ["tray", "start_at_login"]) expect((get(byId(choice)) as HTMLInputElement).checked).toBe(true);
  });
});
