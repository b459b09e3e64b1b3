// Settings, set-up and the copying of texts.
import { afterEach, describe, expect, it, vi } from "vitest";
import { overviewOf, person } from "../src/gallery/samples";
import { view } from "../src/state.svelte";
import { all, byId, close, find, get, open, press, rest, screen, text, withCards } from "./window";

afterEach(() => {
  vi.unstubAllGlobals();
  close();
});

describe("settings", () => {
  it("save the language and the theme, each without the other", async () => {
    const { calls } = await open();
    await press(byId("open-settings"));
    await press(byId("language-ko"));
    await press(byId("theme-dark"));
    expect(calls.map((call) => call.given)).toEqual([
      { settings: { language: "ko", theme: "system" } },
      { settings: { language: "system", theme: "dark" } },
    ]);
  });

  it("show what the snapshot says, not what was pressed", async () => {
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

  it("follow the system where they are left to it", async () => {
    await open();
    expect(document.documentElement.dataset["theme"]).toBe("light");
  });

  it("say what this program is, and where a run with a home of its own keeps things", async () => {
    const { snapshot } = await open();
    expect(find(byId("home"))).toBeNull();
    await snapshot(overviewOf("en", { app: { ...overviewOf("en").app, home: "/tmp/home" } }));
    expect(get(byId("home")).title).toBe("/tmp/home");
    await press(byId("open-settings"));
    expect(text(byId("version"))).toBe("Version 0.1.0");
    expect(text(byId("app-home"))).toBe("/tmp/home");
    expect(text(byId("scheme"))).toBe("app.nameplate.desktop");
  });

  it("close by the back button and by Escape, page by page", async () => {
    await open();
    await press(byId("open-settings"));
    await press(byId("set-up-google"));
    expect(screen()).toBe("set-up");
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    await rest();
    expect(screen()).toBe("settings");
    await press(byId("back"));
    expect(screen()).toBe("welcome");
  });
});

describe("set-up", () => {
  const missing = withCards((card) => ({ ready: card.id === "company" }));

  it("shows every redirect URI whole, the file, the variables and the lines", async () => {
    await open(missing);
    await press('[data-set-up="kakao"]');
    expect(all(byId("redirect-uri")).map((field) => field.textContent)).toEqual([
      "http://localhost:53682/callback/kakao",
      "http://localhost:53683/callback/kakao",
      "http://localhost:53684/callback/kakao",
    ]);
    expect(text(byId("file"))).toContain("providers.toml");
    expect(all(byId("variable")).map((field) => field.textContent)).toEqual([
      "KAKAO_CLIENT_ID",
      "KAKAO_CLIENT_SECRET",
    ]);
    expect(text(byId("snippet"))).toBe('[kakao]\nclient_id = "…"');
  });

  it("copies exactly that URI", async () => {
    const writeText = vi.fn(async () => undefined);
    vi.stubGlobal("navigator", { ...navigator, language: "en", clipboard: { writeText } });
    await open(missing);
    await press('[data-set-up="kakao"]');
    all(byId("copy-redirect-uri"))[1]!.click();
    await rest();
    expect(writeText).toHaveBeenCalledWith("http://localhost:53683/callback/kakao");
    expect(all(byId("copy-redirect-uri"))[1]!.textContent.trim()).toBe("Copied");
  });

  it("selects the text where the clipboard is shut, and says so", async () => {
    await open(missing);
    await press('[data-set-up="discord"]');
    await press(byId("copy-redirect-uri"));
    expect(getSelection()?.toString()).toBe("app.nameplate.desktop:/callback/discord");
    expect(text("main")).toContain("Copy it with Ctrl+C");
  });

  it("says which switches matter at each provider", async () => {
    await open(withCards(() => ({ ready: false })));
    for (const [id, word] of [
      ["discord", "Public Client"],
      ["google", "Desktop app"],
      ["kakao", "Client secret"],
      ["company", "Public, with PKCE"],
    ]) {
      await press(`[data-set-up="${id}"]`);
      expect(text("main")).toContain(word);
      await press(byId("back"));
    }
  });

  it("S57: asks Rust to open the registration page by the provider's name, never by a URL", async () => {
    const { calls } = await open(missing);
    await press('[data-set-up="discord"]');
    await press(byId("register"));
    expect(calls).toEqual([{ command: "open_register_page", given: { provider: "discord" } }]);
    expect(all("a[href]")).toEqual([]);
  });

  it("has no link where the issuer is one's own", async () => {
    await open(withCards(() => ({ ready: false })));
    await press('[data-set-up="company"]');
    expect(find(byId("register"))).toBeNull();
  });

  it("shows the card's problem and the replaced addresses", async () => {
    const problem = {
      code: "config_invalid",
      message: "Line 7 cannot be read.",
      next: "Correct it.",
      detail: "invalid type: integer",
      provider: null,
      remedies: [],
    };
    await open(withCards(() => ({ ready: false, problem, overrides: ["token_endpoint"] })));
    await press('[data-set-up="google"]');
    expect(get(byId("card-problem")).dataset["code"]).toBe("config_invalid");
    expect(text(byId("card-problem-detail"))).toBe("invalid type: integer");
    expect(text(byId("overrides"))).toContain("token_endpoint");
  });

  it("checks again and says what came of it", async () => {
    const { calls, snapshot } = await open(missing);
    await press('[data-set-up="discord"]');
    await press(byId("check-again"));
    expect(calls).toEqual([{ command: "check_again", given: {} }]);
    expect(text("main")).toContain("Checked just now: not set up yet.");
    await snapshot(overviewOf("en"));
    expect(text("main")).toContain("Checked just now: ready.");
    await press('[data-provider="discord"]');
    expect(calls.at(-1)?.command).toBe("begin_sign_in");
  });

  it("is left when its provider is no longer there", async () => {
    const { snapshot } = await open(missing);
    await press('[data-set-up="discord"]');
    await snapshot(overviewOf("en", { providers: [], users: [person()] }));
    expect(screen()).toBe("profile");
    expect(view.card).toBeNull();
  });
});
