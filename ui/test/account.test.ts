// The page of one account.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Account } from "../src/bindings/Account";
import { account, cards, overviewOf, person } from "../src/gallery/samples";
import { ago, momentNear } from "../src/i18n/dates";
import { scopesInWords } from "../src/i18n/scopes";
import { view } from "../src/state.svelte";
import { all, byId, clipboard, close, find, get, open, press, rest, screen, text } from "./window";

const NOW = new Date(2026, 2, 14, 12, 0).getTime();
const seconds = (hours: number) => NOW / 1000 + hours * 3600;

const second = account({ id: "a2", provider: "birch", label: "Birch", nickname: "Haneul Kim", birthday: "1998-05-12" });

async function page(rest: Partial<Account> = {}) {
  const overview = overviewOf("en", {
    users: [person({ accounts: [account(rest)] })],
    current: "u1",
    providers: cards("en").map((card) => ({ ...card, account_pages: ["account", "connected_apps"] })),
  });
  const window = await open(overview);
  await press(byId("open-account"));
  return window;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
});

afterEach(() => {
  vi.useRealTimers();
  close();
});

describe("the page of an account", () => {
  it("copies email, user ID and the command that prints a token", async () => {
    const writeText = clipboard();
    const { answers, snapshot } = await page();
    expect(screen()).toBe("account");
    await press(byId("copy-fact-email"));
    await press(byId("copy-fact-subject"));
    await press(byId("copy-command"));
    expect(writeText.mock.calls).toEqual([["haneul@example.com"], ["80351110224678912"], ["nameplate token a1"]]);
    // Other accounts of the state decide by which name this one is called.
    answers["token_command"] = () => "nameplate token discord:haneul@example.com";
    await snapshot({ ...view.overview! });
    await rest();
    expect(text(byId("copy-command"))).toContain("nameplate token discord:haneul@example.com");
  });

  it("offers the command for the present state, whenever that for an earlier state arrives", async () => {
    const { answers, snapshot } = await page();
    let finish = (_: string) => {};
    const late = new Promise<string>((done) => (finish = done));
    answers["token_command"] = () => late;
    await snapshot({ ...view.overview! });
    answers["token_command"] = () => "nameplate token discord:haneul@example.com";
    await snapshot({ ...view.overview! });
    finish("nameplate token discord");
    await rest();
    expect(text(byId("copy-command"))).toContain("nameplate token discord:haneul@example.com");
  });

  it("offers no command where none can be made", async () => {
    const { answers, snapshot } = await page();
    answers["token_command"] = () => Promise.reject(new Error("token_command not allowed"));
    await snapshot({ ...view.overview! });
    await rest();
    expect(find(byId("copy-command"))).toBeNull();
    expect(find(byId("export"))).not.toBeNull();
  });

  it.each<[string, Partial<Account>, string | null]>([
    ["renews", { expires_at: seconds(1), renews: true }, "Valid until 1:00 PM, renews automatically"],
    ["ends", { expires_at: seconds(1), renews: false }, "Valid until 1:00 PM, then sign in again"],
    ["is renewed when it is used", { expires_at: seconds(-1), renews: true }, "Renewed at the next use"],
    ["has expired", { expires_at: seconds(-1), renews: false }, "Expired. Sign in again to use it."],
    ["does not expire", { expires_at: null }, "Valid until it is revoked"],
    ["is gone", { expires_at: seconds(1), state: "needs_sign_in" }, null],
  ])("says in words how long the token lasts: %s", async (_, rest, words) => {
    await page(rest);
    // Some versions of ICU have a narrow space before PM.
    expect(find(byId("fact-token"))?.textContent.replace(/\s/g, " ").trim() ?? null).toBe(words);
  });

  it("says what the scopes allow, each once, and who used the token last", async () => {
    await page({ scopes: ["openid", "email", "user:email", "files.read", "files.write"], last_use: { at: seconds(-2), by: "nameplate token" } });
    expect(text(byId("fact-scopes")).replace(/\s+/g, " ")).toBe("User ID, email files.read, files.write");
    expect(text(`${byId("fact-scopes")} code`)).toBe("files.read");
    expect(text(byId("fact-last-use"))).toBe("nameplate token, 2 hours ago");
    close();
    await page();
    expect(text(byId("fact-last-use"))).toBe("Not used by a program yet");
  });

  it("S57: opens the provider's pages by their names, not by a URL", async () => {
    const { calls } = await page();
    await press(byId("page-account"));
    await press(byId("page-connected_apps"));
    expect(calls).toEqual([
      { command: "open_account_page", given: { provider: "aurora", page: "account" } },
      { command: "open_account_page", given: { provider: "aurora", page: "connected_apps" } },
    ]);
    expect(all("a[href]")).toEqual([]);
  });

  it("exports, and says where to", async () => {
    const { calls, answers } = await page();
    answers["export_account"] = () => "/home/haneul/Downloads/nameplate-aurora-a1.json";
    await press(byId("export"));
    expect(calls).toEqual([{ command: "export_account", given: { account: "a1" } }]);
    expect(text(byId("tool-done"))).toBe("Saved as /home/haneul/Downloads/nameplate-aurora-a1.json");
  });

  it("has the extras of a second account, and can show its name and picture", async () => {
    const { calls, snapshot } = await open(
      overviewOf("en", { users: [person({ accounts: [account(), second] })], current: "u1" }),
    );
    all(byId("open-account"))[1]!.click();
    await press("h1");
    expect(text("h1")).toBe("Haneul Kim");
    expect(text(byId("fact-birthday"))).toBe("May 12, 1998");
    await press(byId("show-profile"));
    expect(calls).toEqual([{ command: "show_profile", given: { account: "a2" } }]);
    await snapshot(overviewOf("en", { users: [person({ profile: "a2", accounts: [account(), second] })], current: "u1" }));
    expect(find(byId("show-profile"))).toBeNull();
  });

  it("has no token, no scopes and no verification for a local profile", async () => {
    await page({ provider: "email", label: "E-mail", email_verified: false });
    for (const fact of ["fact-token", "fact-scopes", "fact-last-use", "copy-command"]) expect(find(byId(fact))).toBeNull();
    expect(get(byId("fact-email")).querySelector(".badge")).toBeNull();
  });

  it("closes when the account is gone", async () => {
    const { snapshot } = await page();
    await snapshot(overviewOf("en"));
    expect(screen()).toBe("welcome");
  });
});

describe("times in words", () => {
  it("names the day only if it is not today", () => {
    expect(momentNear("ko", seconds(2), NOW)).toMatch(/^\S+ 2:00$/);
    expect(momentNear("ko", seconds(30), NOW)).toContain("2026년 3월 15일");
  });

  it("counts back in whole units", () => {
    expect(ago("en", seconds(0) - 30, NOW)).toBe("now");
    expect(ago("en", seconds(-1.9), NOW)).toBe("1 hour ago");
    expect(ago("ko", seconds(-0.5), NOW)).toBe("30분 전");
    expect(ago("en", seconds(-24), NOW)).toBe("yesterday");
    // A clock that was set back.
    expect(ago("en", seconds(5), NOW)).toBe("now");
  });

  it("keeps a scope that it does not know", () => {
    expect(scopesInWords("ko", ["identify", "profile", "x.y", "constructor"])).toEqual({ words: "이름과 사진", others: ["x.y", "constructor"] });
  });
});
