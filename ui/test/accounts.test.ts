// Accounts of a user: add, share more, refresh, unlink, sign out, revoke.
import { afterEach, describe, expect, it } from "vitest";
import type { RevocationEffect } from "../src/bindings/RevocationEffect";
import type { State } from "../src/bindings/State";
import type { Problem } from "../src/bindings/Problem";
import { account, overviewOf, person } from "../src/gallery/samples";
import { all, byId, close, find, get, open, press, rest, text, withCards } from "./window";

const birch = (given = {}) => account({ id: "a2", provider: "birch", label: "Birch", nickname: "Haneul Kim", ...given });

const one = (given: Partial<State> = {}, its = account()) =>
  overviewOf("en", { users: [person({ accounts: [its] })], current: "u1", ...given });
const both = (given: Partial<State> = {}) =>
  overviewOf("en", { users: [person({ accounts: [account(), birch()] })], current: "u1", ...given });

const within = (id: string, testid: string) => `${byId("account")}[data-account="${id}"] ${byId(testid)}`;

const problem = (given: Partial<Problem> = {}): Problem => ({
  code: "other_account",
  message: "Another account signed in.",
  next: "Choose the account that this is about.",
  detail: null,
  provider: "birch",
  remedies: ["try_again"],
  ...given,
});

afterEach(close);

describe("one account", () => {
  it("shows one of each control, and the rest behind More", async () => {
    await open(one());
    for (const testid of ["account", "provider", "email", "email-state", "sign-out", "add-account", "more", "rename"]) {
      expect(all(byId(testid)), testid).toHaveLength(1);
    }
    for (const testid of ["disconnect", "unlink", "ask-for-more"]) expect(find(byId(testid)), testid).toBeNull();
    expect(get(byId("account")).dataset).toMatchObject({ account: "a1", state: "active" });
    await press(byId("more"));
    expect(get(byId("more")).ariaExpanded).toBe("true");
    expect(find(byId("disconnect"))).not.toBeNull();
    // A single account cannot be unlinked.
    expect(find(byId("unlink"))).toBeNull();
    expect(all(byId("sign-out"))).toHaveLength(1);
  });

  it("has no More without further actions", async () => {
    await open(one({}, account({ state: "needs_sign_in" })));
    expect(find(byId("more"))).toBeNull();
    expect(find(byId("refresh"))).toBeNull();
    // The provider has signed it out already.
    expect(text(byId("sign-out"))).toBe("Remove account…");
    await press(byId("sign-out"));
    expect(text("main")).toContain("Remove this Aurora account?");
  });
});

describe("several accounts", () => {
  it("are listed with provider, nickname, email and state", async () => {
    await open(both({ users: [person({ accounts: [account(), birch({ email_verified: false, state: "needs_sign_in" })] })] }));
    expect(all(byId("account")).map(({ dataset }) => [dataset["account"], dataset["state"]])).toEqual([
      ["a1", "active"],
      ["a2", "needs_sign_in"],
    ]);
    expect(text(within("a2", "provider"))).toBe("Birch");
    expect(text(`${byId("account")}[data-account="a2"] h3`)).toContain("Haneul Kim");
    expect(text(within("a2", "email"))).toBe("haneul@example.com");
    expect(text(within("a2", "email-state"))).toBe("Not verified");
    expect(find(within("a1", "sign-in-again"))).toBeNull();
    expect(find(within("a2", "sign-in-again"))).not.toBeNull();
  });

  it("S46: are signed out of one at a time", async () => {
    const { calls, snapshot } = await open(both());
    await press(within("a2", "more"));
    await press(within("a2", "sign-out"));
    expect(document.activeElement?.textContent).toBe("Sign out of Birch (Haneul Kim)?");
    expect(text("main")).toContain("your other accounts stay");
    await press(within("a2", "sign-out-confirm"));
    expect(calls).toEqual([{ command: "sign_out", given: { account: "a2", scope: "here" } }]);
    await snapshot(one());
    expect(find(byId("sign-out-confirm"))).toBeNull();
    expect(document.activeElement).toBe(get("h1"));
  });

  it("N4: are unlinked after confirmation", async () => {
    const { calls } = await open(both());
    await press(within("a2", "more"));
    expect(text(within("a2", "unlink"))).toContain("Unlink from 하늘…");
    await press(within("a2", "unlink"));
    expect(text("main")).toContain("It stays signed in, and nothing changes at Birch.");
    await press(byId("unlink-cancel"));
    expect(document.activeElement).toBe(get(within("a2", "unlink")));
    await press(within("a2", "unlink"));
    await press(byId("unlink-confirm"));
    expect(calls).toEqual([{ command: "unlink", given: { account: "a2" } }]);
  });
});

describe("revoking access", () => {
  const revoking = (revocation_effect: RevocationEffect): State => ({ ...one(), providers: withCards(() => ({ revocation_effect, bot: [] })).providers });

  it.each([
    ["session", "Only this session ends"],
    ["every_token", "All of this app’s tokens for your Aurora account are revoked"],
    ["whole_project", "Every permission you gave this app’s Aurora project is revoked"],
    ["connection", "Your Aurora account is disconnected from this app"],
  ] as const)("S46: says before what is revoked: %s", async (effect, words) => {
    const { calls } = await open(revoking(effect));
    await press(byId("more"));
    await press(byId("disconnect"));
    const leads = get("main").querySelectorAll(".leads p");
    expect(leads[0]?.textContent).toContain(words);
    expect(leads[1]?.textContent).toContain("for up to 7 days");
    expect(calls).toEqual([]);
    await press(byId("disconnect-confirm"));
    expect(calls).toEqual([{ command: "sign_out", given: { account: "a1", scope: "everywhere" } }]);
  });

  it("is not offered if nothing would be revoked, or if the provider is not set up", async () => {
    const { snapshot } = await open(revoking("nothing"));
    expect(find(byId("more"))).toBeNull();
    await snapshot({ ...one(), providers: withCards(() => ({ ready: false })).providers });
    expect(find(byId("more"))).toBeNull();
    await snapshot({ ...one(), providers: [] });
    expect(find(byId("more"))).toBeNull();
    expect(find(byId("sign-out"))).not.toBeNull();
  });

  it("is cancelled by the button and by Escape", async () => {
    const { calls } = await open(one());
    await press(byId("more"));
    await press(byId("disconnect"));
    await press(byId("disconnect-cancel"));
    expect(document.activeElement).toBe(get(byId("disconnect")));
    await press(byId("disconnect"));
    document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    await rest();
    expect(find(byId("disconnect-confirm"))).toBeNull();
    expect(calls).toEqual([]);
  });
});

describe("adding an account", () => {
  it("U12, U20: several accounts: asks for the provider, chooses none by itself", async () => {
    const providers = withCards((card) => ({ ready: ["aurora", "birch", "company"].includes(card.id) })).providers;
    const { calls } = await open(one({ providers }));
    await press(byId("add-account"));
    expect(document.activeElement?.textContent).toBe("Add an account for 하늘");
    expect(all('[data-testid^="add-account-"][data-provider]').map((button) => button.dataset["provider"])).toEqual([
      "aurora",
      "birch",
      "company",
      "email",
    ]);
    expect(text("main")).toContain("switch accounts there");
    expect(calls).toEqual([]);
    await press(byId("add-account-birch"));
    expect(calls).toEqual([{ command: "add_account", given: { user: "u1", provider: "birch", server: null } }]);
  });

  it("is cancelled", async () => {
    await open(both());
    await press(byId("add-account"));
    await press(byId("add-account-cancel"));
    expect(document.activeElement).toBe(get(byId("add-account")));
  });

  it("is not offered if no provider is set up", async () => {
    await open(one({ providers: [] }));
    expect(find(byId("add-account"))).toBeNull();
  });
});

describe("asking for more", () => {
  it("is offered only if the provider has more", async () => {
    const { calls } = await open(both());
    await press(within("a1", "more"));
    expect(find(byId("ask-for-more"))).toBeNull();
    await press(within("a2", "more"));
    await press(byId("ask-for-more"));
    expect(calls).toEqual([{ command: "ask_for_more", given: { account: "a2" } }]);
  });
});

describe("trying again", () => {
  it("U20: repeats the request for the same account and person", async () => {
    const { calls, snapshot } = await open(one({}, birch({ state: "needs_sign_in" })));
    await press(byId("sign-in-again"));
    await snapshot(one({ problem: problem() }, birch({ state: "needs_sign_in" })));
    await press(byId("problem-try_again"));
    await snapshot(one({}, birch()));
    await press(byId("add-account"));
    await press(byId("add-account-birch"));
    await snapshot(one({ problem: problem() }, birch()));
    await press(byId("problem-try_again"));
    expect(calls).toEqual([
      { command: "sign_in_again", given: { account: "a2" } },
      { command: "sign_in_again", given: { account: "a2" } },
      { command: "add_account", given: { user: "u1", provider: "birch", server: null } },
      { command: "add_account", given: { user: "u1", provider: "birch", server: null } },
    ]);
  });

  it("is a plain sign-in if the problem is about another provider", async () => {
    const { calls, snapshot } = await open(one());
    await press(byId("add-account"));
    await press(byId("add-account-birch"));
    await snapshot(one({ problem: problem({ provider: "cedar" }) }));
    await press(byId("problem-try_again"));
    expect(calls.at(-1)?.command).toBe("sign_in");
  });
});

describe("refreshing the profile", () => {
  it("is busy until all accounts are refreshed, and keeps the focus", async () => {
    const { calls, answers } = await open(both());
    const waiting: (() => void)[] = [];
    answers["refresh_profile"] = () => new Promise<void>((done) => waiting.push(done));
    get(byId("refresh")).focus();
    await press(byId("refresh"));
    expect(get(byId("refresh")).ariaBusy).toBe("true");
    expect(text(byId("refresh"))).toBe("Refreshing…");
    expect(document.activeElement).toBe(get(byId("refresh")));
    await press(byId("refresh"));
    waiting[0]!();
    await rest();
    waiting[1]!();
    await rest();
    expect(calls).toEqual([
      { command: "refresh_profile", given: { account: "a1" } },
      { command: "refresh_profile", given: { account: "a2" } },
    ]);
    expect(get(byId("refresh")).ariaBusy).toBe("false");
  });

  it("shows the date of the new overview", async () => {
    const { snapshot } = await open(one());
    await press(byId("refresh"));
    await snapshot(overviewOf("en", { users: [person({ read_at: Date.UTC(2026, 3, 2, 12) / 1000 })], current: "u1" }));
    expect(text(byId("updated-at"))).toContain("April 2, 2026");
  });

  it("skips ended sessions, and Try again signs in if the refresh found one", async () => {
    const { calls, snapshot } = await open(one());
    await press(byId("refresh"));
    const ended = account({ state: "needs_sign_in" });
    await snapshot(one({ problem: problem({ code: "session_ended", provider: "aurora" }) }, ended));
    expect(find(byId("refresh"))).toBeNull();
    await press(byId("problem-try_again"));
    expect(calls.map((call) => call.command)).toEqual(["refresh_profile", "sign_in_again"]);
  });

  it("Try again refreshes again after a network error", async () => {
    const { calls, snapshot } = await open(one());
    await press(byId("refresh"));
    await snapshot(one({ problem: problem({ code: "unreachable", provider: "aurora" }) }));
    await press(byId("problem-try_again"));
    expect(calls.map((call) => call.command)).toEqual(["refresh_profile", "refresh_profile"]);
  });
});
