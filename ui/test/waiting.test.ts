// A pending sign-in.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Problem } from "../src/bindings/Problem";
import type { SigningIn } from "../src/bindings/SigningIn";
import { overviewOf, signingIn } from "../src/gallery/samples";
import { all, byId, close, find, get, open, press, rest, screen, text, type } from "./window";

const waiting = (rest: Partial<SigningIn> = {}) => overviewOf("en", { signing_in: signingIn(rest) });

afterEach(() => {
  vi.useRealTimers();
  close();
});

describe("waiting", () => {
  it("U12: is cancelled, also while finishing", async () => {
    const { calls, snapshot } = await open(waiting());
    await press(byId("cancel"));
    expect(calls).toEqual([{ command: "cancel", given: {} }]);
    await snapshot(waiting({ phase: "finishing" }));
    expect(find(byId("cancel"))).not.toBeNull();
    expect(find(byId("open-again"))).toBeNull();
    expect(text("h1")).toBe("Finishing sign-in…");
  });

  it("U11: opens the browser again, and shows and copies the link", async () => {
    const writeText = vi.fn(async () => undefined);
    vi.stubGlobal("navigator", { ...navigator, language: "en", clipboard: { writeText } });
    const { calls } = await open(waiting());
    await press(byId("open-again"));
    expect(calls.map((call) => call.command)).toEqual(["open_browser"]);
    expect((get(byId("link")) as HTMLInputElement).value).toBe(signingIn().url);
    await press(byId("copy-link"));
    expect(writeText).toHaveBeenCalledWith(signingIn().url);
    expect(text(byId("copy-link"))).toBe("Copied");
    vi.unstubAllGlobals();
  });

  it("N3: changes the channel, if there is a choice", async () => {
    const { calls, snapshot } = await open(waiting());
    expect(get(byId("channel-deep_link")).ariaPressed).toBe("true");
    await press(byId("channel-deep_link"));
    expect(calls).toEqual([]);
    await press(byId("channel-loopback"));
    expect(calls).toEqual([
      { command: "sign_in", given: { provider: "aurora", server: null, method: "loopback", storage: "keychain" } },
    ]);
    await snapshot(waiting({ channels: ["deep_link"] }));
    expect(find(byId("channel-deep_link"))).toBeNull();
  });

  it("keeps the token storage when the channel changes", async () => {
    const problem: Problem = {
      code: "keychain_absent",
      message: "No keychain.",
      next: "Choose.",
      detail: null,
      provider: "aurora",
      remedies: ["this_run"],
    };
    const { calls, snapshot } = await open(overviewOf("en", { problem }));
    await press(byId("problem-this_run"));
    await snapshot(waiting({ storage: "memory" }));
    await press(byId("channel-paste"));
    expect(calls.map((call) => (call.given as { storage: string }).storage)).toEqual(["memory", "memory"]);
  });

  it("sends the trimmed pasted URL and clears the field", async () => {
    const { calls } = await open(waiting({ paste: true, channel: "loopback" }));
    expect((get(byId("paste-submit")) as HTMLButtonElement).disabled).toBe(true);
    await type(byId("paste-url"), "  http://127.0.0.1:4711/callback?code=c&state=s\n");
    await rest();
    await press(byId("paste-submit"));
    expect(calls).toEqual([
      { command: "complete", given: { url: "http://127.0.0.1:4711/callback?code=c&state=s" } },
    ]);
    expect((get(byId("paste-url")) as HTMLTextAreaElement).value).toBe("");
  });

  it("keeps the pasted URL after an error, and shows the error", async () => {
    const { answers } = await open(waiting({ paste: true, channel: "paste" }));
    const refusal: Problem = {
      code: "answer_unknown",
      message: "This is not an answer to this sign-in.",
      next: "Copy the whole address.",
      detail: null,
      provider: null,
      remedies: [],
    };
    answers["complete"] = () => {
      throw refusal;
    };
    await type(byId("paste-url"), "hello");
    await rest();
    await press(byId("paste-submit"));
    expect(text(byId("problem-message"))).toBe(refusal.message);
    expect((get(byId("paste-url")) as HTMLTextAreaElement).value).toBe("hello");
  });

  it("has no paste field if pasting is not possible", async () => {
    await open(waiting({ paste: false }));
    expect(find(byId("paste-url"))).toBeNull();
  });

  it("shows a notice separately from problems", async () => {
    const notice: Problem = {
      code: "https_only",
      message: "The browser insists on https.",
      next: "Change the channel.",
      detail: "TLS ClientHello",
      provider: "aurora",
      remedies: [],
    };
    await open(waiting({ notice }));
    expect(get(byId("notice")).dataset["code"]).toBe("https_only");
    expect(text(byId("notice-message"))).toBe(notice.message);
    expect(find(byId("problem"))).toBeNull();
  });

  it("replaces an open page, and disappears at the end", async () => {
    const { snapshot } = await open();
    await press(byId("open-settings"));
    expect(screen()).toBe("settings");
    await snapshot(waiting());
    expect(screen()).toBe("waiting");
    await snapshot(overviewOf("en"));
    expect(screen()).toBe("welcome");
  });
});

describe("a device code", () => {
  const device = { user_code: "WDJB-MJHT", verification_uri: "https://birch.example.com/device", verification_uri_complete: null };
  const onDevice = (given: Partial<SigningIn> = {}) =>
    waiting({
      channel: "device",
      channels: ["deep_link", "device", "bounce"],
      url: "https://birch.example.com/device",
      redirect_uri: "",
      device,
      ...given,
    });

  it("S47: is shown with its page, both with copy buttons, and the time left", async () => {
    const writeText = vi.fn(async () => undefined);
    vi.stubGlobal("navigator", { ...navigator, language: "en", clipboard: { writeText } });
    await open(onDevice());
    expect(text("h1")).toBe("Enter this code");
    expect(text(byId("device-code"))).toBe("WDJB-MJHT");
    expect(text(byId("device-uri"))).toBe("https://birch.example.com/device");
    expect(text(byId("time-left"))).toContain("Time left");
    await press(byId("copy-device-code"));
    await press(byId("copy-device-uri"));
    expect(writeText.mock.calls).toEqual([["WDJB-MJHT"], ["https://birch.example.com/device"]]);
    vi.unstubAllGlobals();
  });

  it("S47: has the phishing warning", async () => {
    await open(onDevice());
    expect(text(byId("device-warning"))).toContain("Only enter a code that you requested yourself");
  });

  it("opens the page through Rust, not through a link", async () => {
    const { calls } = await open(onDevice());
    expect(find(byId("open-again"))).toBeNull();
    expect(find(byId("link"))).toBeNull();
    await press(byId("open-device-page"));
    expect(calls).toEqual([{ command: "open_browser", given: {} }]);
    expect(all("a[href]")).toEqual([]);
  });

  it("asks to compare the code if the page may show it already", async () => {
    await open(onDevice({ device: { ...device, verification_uri_complete: "https://birch.example.com/device?user_code=WDJB-MJHT" } }));
    expect(text("main")).toContain("check that it matches this one");
    expect(text(byId("device-uri"))).toBe("https://birch.example.com/device");
  });

  it("changes to another channel, including the https page, and back", async () => {
    const { calls, snapshot } = await open(onDevice());
    expect(get(byId("channel-device")).ariaPressed).toBe("true");
    await press(byId("channel-bounce"));
    await snapshot(waiting({ channels: ["deep_link", "device", "bounce"], channel: "bounce" }));
    expect(find(byId("device-code"))).toBeNull();
    expect(text("h1")).toBe("Continue in your browser");
    await press(byId("channel-device"));
    expect(calls.map(({ given }) => (given as { method: string }).method)).toEqual(["bounce", "device"]);
  });

  it("is hidden while finishing", async () => {
    await open(onDevice({ phase: "finishing" }));
    expect(find(byId("device-code"))).toBeNull();
    expect(find(byId("cancel"))).not.toBeNull();
  });
});

describe("the time left", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"], now: 1_800_000_000_000 });
  });

  it("counts down without calling Rust", async () => {
    const { calls } = await open(waiting({ expires_at: 1_800_000_000 + 125 }));
    expect(text(byId("time-left"))).toBe("Time left 2 min 05 s");
    vi.advanceTimersByTime(66_000);
    await rest();
    expect(text(byId("time-left"))).toBe("Time left 59 s");
    expect((get("progress") as HTMLProgressElement).value).toBe(59);
    vi.advanceTimersByTime(60_000);
    await rest();
    expect(text(byId("time-left"))).toBe("Time is up");
    expect(calls).toEqual([]);
    expect(all("progress")).toHaveLength(1);
  });

  it("S47: is relative to the lifetime of the code", async () => {
    await open(waiting({ expires_at: 1_800_000_000 + 900 }));
    const bar = get("progress") as HTMLProgressElement;
    expect([bar.max, bar.value]).toEqual([900, 900]);
    vi.advanceTimersByTime(450_000);
    await rest();
    expect([bar.max, bar.value]).toEqual([900, 450]);
  });

  it("stops when the screen closes", async () => {
    const { snapshot } = await open(waiting());
    expect(vi.getTimerCount()).toBe(1);
    await snapshot(overviewOf("en"));
    expect(vi.getTimerCount()).toBe(0);
  });
});
