// A pending sign-in.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Problem } from "../src/bindings/Problem";
import type { SigningIn } from "../src/bindings/SigningIn";
import { overviewOf, signingIn } from "../src/gallery/samples";
import { all, byId, clipboard, close, find, get, open, press, rest, screen, text, type } from "./window";

const waiting = (rest: Partial<SigningIn> = {}) => overviewOf("en", { signing_in: signingIn(rest) });

afterEach(() => {
  vi.useRealTimers();
  close();
});

/** The method whose radio button is on. */
const checked = () => (get('[role="radiogroup"] input:checked') as HTMLInputElement).value;

async function changeTo(method: string) {
  await press(byId(`method-${method}`));
  await press(byId("change-method"));
}

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
    const writeText = clipboard();
    const { calls } = await open(waiting());
    await press(byId("open-again"));
    expect(calls.map((call) => call.command)).toEqual(["open_browser"]);
    expect((get(byId("link")) as HTMLInputElement).value).toBe(signingIn().url);
    await press(byId("copy-link"));
    expect(writeText).toHaveBeenCalledWith(signingIn().url);
    expect(text(byId("copy-link"))).toBe("Copied");
  });

  it("is cancelled with Escape, but not while a URL is typed or composed", async () => {
    const { calls } = await open(waiting({ method: "manual", paste: true }));
    const escape = (target: Element, rest: KeyboardEventInit = {}) =>
      target.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, ...rest }));
    escape(get("main"), { isComposing: true });
    await type(byId("paste-url"), "http://127.0.0.1:4711/callback?code=c");
    escape(get(byId("paste-url")));
    await rest();
    expect(calls).toEqual([]);
    escape(get(byId("cancel")));
    await rest();
    expect(calls).toEqual([{ command: "cancel", given: {} }]);
  });

  it("keeps everything but two buttons behind its help", async () => {
    await open(waiting());
    const help = get(byId("trouble")) as HTMLDetailsElement;
    expect(help.open).toBe(false);
    const outside = all("main button, main input, main textarea").filter((element) => !help.contains(element));
    expect(outside.map((element) => element.dataset["testid"])).toEqual(["open-again", "cancel"]);
  });

  it("S66: names the host of a server that the user chose", async () => {
    await open(waiting());
    expect(find(byId("sign-in-host"))).toBeNull();
    await open(waiting({ server: "alice.example", url: "https://pds.example.com:8443/oauth/authorize?client_id=x" }));
    expect(text(byId("sign-in-host"))).toContain("pds.example.com:8443");
  });

  it("N3: changes the method, if there is a choice", async () => {
    const { calls, snapshot } = await open(waiting());
    expect(checked()).toBe("deep_link");
    expect(find(byId("change-method"))).toBeNull();
    await press(byId("method-loopback"));
    expect(calls).toEqual([]);
    await press(byId("change-method"));
    expect(calls).toEqual([
      { command: "sign_in", given: { provider: "aurora", server: null, method: "loopback", storage: "keychain" } },
    ]);
    await snapshot(waiting({ methods: ["deep_link"] }));
    expect(find(byId("method-deep_link"))).toBeNull();
  });

  it("keeps the token storage when the method changes", async () => {
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
    await changeTo("manual");
    expect(calls.map((call) => (call.given as { storage: string }).storage)).toEqual(["memory", "memory"]);
  });

  it("sends the trimmed pasted URL and clears the field", async () => {
    const { calls } = await open(waiting({ paste: true, method: "loopback" }));
    await press(byId("method-manual"));
    // The pending sign-in takes the URL as it is.
    expect(find(byId("change-method"))).toBeNull();
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
    const { answers } = await open(waiting({ paste: true, method: "manual" }));
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

  it("has no paste field if pasting needs another method", async () => {
    await open(waiting({ paste: false }));
    await press(byId("method-manual"));
    expect(find(byId("change-method"))).not.toBeNull();
    expect(find(byId("paste-url"))).toBeNull();
  });

  it("shows a notice separately from problems", async () => {
    const notice: Problem = {
      code: "https_only",
      message: "The browser insists on https.",
      next: "Change the method.",
      detail: "TLS ClientHello",
      provider: "aurora",
      remedies: [],
    };
    await open(waiting({ notice, paste: true }));
    expect(get(byId("notice")).dataset["code"]).toBe("https_only");
    expect(text(byId("notice-message"))).toBe(notice.message);
    expect(find(byId("problem"))).toBeNull();
    // Where the response cannot arrive, it is pasted: the field is in view.
    expect(get(byId("trouble")).contains(get(byId("paste-url")))).toBe(false);
    expect(text("main")).not.toContain("updates automatically");
    const primary = () => all(".primary").map((element) => element.dataset["testid"]);
    expect(primary()).toEqual(["open-again"]);
    await type(byId("paste-url"), "http://127.0.0.1:4711/callback?code=c");
    expect(primary()).toEqual(["paste-submit"]);
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
      method: "device_code",
      methods: ["deep_link", "device_code", "https_page"],
      url: "https://birch.example.com/device",
      redirect_uri: "",
      device,
      ...given,
    });

  it("S47: is shown with its page, both with copy buttons", async () => {
    const writeText = clipboard();
    await open(onDevice());
    expect(text("h1")).toBe("Enter this code");
    expect(text(byId("device-code"))).toBe("WDJB-MJHT");
    expect(text(byId("device-uri"))).toBe("https://birch.example.com/device");
    await press(byId("copy-device-code"));
    await press(byId("copy-device-uri"));
    expect(writeText.mock.calls).toEqual([["WDJB-MJHT"], ["https://birch.example.com/device"]]);
  });

  it("S47: has the phishing warning", async () => {
    await open(onDevice());
    expect(text(byId("device-warning"))).toContain("Only enter a code that you requested yourself");
  });

  it("copies the code and opens the page through Rust, not through a link", async () => {
    const writeText = clipboard();
    const { calls } = await open(onDevice());
    expect(find(byId("open-again"))).toBeNull();
    expect(find(byId("link"))).toBeNull();
    await press(byId("open-device-page"));
    expect(writeText.mock.calls).toEqual([["WDJB-MJHT"]]);
    expect(calls).toEqual([{ command: "open_browser", given: {} }]);
    expect(all("a[href]")).toEqual([]);
  });

  it("has a QR code of the page, with the code filled in where the provider offers that", async () => {
    const { snapshot } = await open(onDevice());
    const drawn = async () => {
      await vi.waitUntil(() => find(`${byId("qr")} path`)?.getAttribute("d"));
      return [get(byId("qr")).dataset["url"], get(`${byId("qr")} path`).getAttribute("d")];
    };
    const [url, path] = await drawn();
    expect(url).toBe("https://birch.example.com/device");
    // The finder pattern begins inside a quiet zone of four modules (ISO/IEC 18004).
    expect(path).toMatch(/^M4 4h1v1h-1zM5 4h/);
    const complete = "https://birch.example.com/device?user_code=WDJB-MJHT";
    await snapshot(onDevice({ device: { ...device, verification_uri_complete: complete } }));
    await vi.waitUntil(() => find(`${byId("qr")} path`)?.getAttribute("d") !== path);
    expect((await drawn())[0]).toBe(complete);
  });

  it("asks to compare the code if the page may show it already", async () => {
    await open(onDevice({ device: { ...device, verification_uri_complete: "https://birch.example.com/device?user_code=WDJB-MJHT" } }));
    expect(text("main")).toContain("check that it matches this one");
    expect(text(byId("device-uri"))).toBe("https://birch.example.com/device");
  });

  it("changes to another method, including the https page, and back", async () => {
    const { calls, snapshot } = await open(onDevice());
    expect(checked()).toBe("device_code");
    await changeTo("https_page");
    await snapshot(waiting({ methods: ["deep_link", "device_code", "https_page"], method: "https_page" }));
    expect(find(byId("device-code"))).toBeNull();
    expect(text("h1")).toBe("Continue in your browser");
    expect(checked()).toBe("https_page");
    await changeTo("device_code");
    expect(calls.map(({ given }) => (given as { method: string }).method)).toEqual(["https_page", "device_code"]);
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

  it("is counted in the last two minutes without calling Rust", async () => {
    const { calls } = await open(waiting({ expires_at: 1_800_000_000 + 125 }));
    expect(find(byId("time-left"))).toBeNull();
    expect(all("progress")).toEqual([]);
    vi.advanceTimersByTime(5_000);
    await rest();
    expect(text(byId("time-left"))).toBe("Time left 2 min 00 s");
    expect(all('[role="status"]').map((status) => status.textContent)).toContain("Less than two minutes left");
    vi.advanceTimersByTime(61_000);
    await rest();
    expect(text(byId("time-left"))).toBe("Time left 59 s");
    const bar = get("progress") as HTMLProgressElement;
    expect([bar.max, bar.value]).toEqual([120, 59]);
    vi.advanceTimersByTime(60_000);
    await rest();
    expect(text(byId("time-left"))).toContain("Time is up");
    expect(calls).toEqual([]);
  });

  it("stops when the screen closes", async () => {
    const { snapshot } = await open(waiting());
    expect(vi.getTimerCount()).toBe(1);
    await snapshot(overviewOf("en"));
    expect(vi.getTimerCount()).toBe(0);
  });
});
