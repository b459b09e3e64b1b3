// The profile of a user with one account.
import { afterEach, describe, expect, it } from "vitest";
import type { User } from "../src/bindings/User";
import { LONG_NAME, account, overviewOf, person } from "../src/gallery/samples";
import { monogram } from "../src/monogram";
import { byId, close, find, get, open, press, rest, screen, text } from "./window";

const home = (user: User = person(), rest = {}) => overviewOf("en", { users: [user], current: user.id, ...rest });

afterEach(close);

describe("profile", () => {
  it("shows picture, name, provider, email and when it was updated", async () => {
    await open(home());
    expect(screen()).toBe("profile");
    expect(text(byId("nickname"))).toBe("하늘");
    expect(get(byId("avatar")).getAttribute("src")).toBe("avatar://localhost/a1%2F4f1c");
    expect(text(byId("provider"))).toBe("Aurora");
    expect(text(byId("email"))).toBe("haneul@example.com");
    expect(text(byId("email-state"))).toBe("Verified");
    expect(text(byId("updated-at"))).toMatch(/^Updated March 14, 2026 at /);
    expect(find(byId("offline"))).toBeNull();
  });

  it("U19: is shown offline, and says so", async () => {
    await open(home(person(), { offline: true }));
    expect(text(byId("offline"))).toBe("Offline");
    expect(text(byId("offline-hint"))).toContain("No connection.");
    expect(text(byId("nickname"))).toBe("하늘");
    expect(find(byId("avatar"))).not.toBeNull();
  });

  it("has a monogram if there is no picture, or if it does not load", async () => {
    const { snapshot } = await open(home(person({ avatar: null })));
    expect(text(byId("monogram"))).toBe("하");
    await snapshot(home());
    get(byId("avatar")).dispatchEvent(new Event("error"));
    await rest();
    expect(text(byId("monogram"))).toBe("하");
    await snapshot(home(person({ avatar: "9b2e" })));
    expect(find(byId("avatar"))).not.toBeNull();
  });

  it("shows a name of 40 characters in full", async () => {
    expect(LONG_NAME).toHaveLength(40);
    await open(home(person({ nickname: LONG_NAME })));
    expect(text(byId("nickname"))).toBe(LONG_NAME);
  });

  it("says that no email was shared", async () => {
    await open(home(person({ nickname: "", email: null })));
    expect(text(byId("nickname"))).toBe("No name given");
    expect(find(byId("email"))).toBeNull();
    expect(text(byId("no-email"))).toBe("No email shared");
  });

  it("marks an email that is not verified", async () => {
    await open(home(person({ email_verified: false })));
    expect(text(byId("email-state"))).toBe("Not verified");
  });

  it("shows the granted profile fields only", async () => {
    const { snapshot } = await open(home());
    expect(find(byId("extras"))).toBeNull();
    await snapshot(home(person({ birthday: "1998-05-12", gender: "female", phone: "+82 10" })));
    expect(text(byId("birthday"))).toBe("May 12, 1998");
    expect(text(byId("gender"))).toBe("Female");
    expect(text(byId("phone"))).toBe("+82 10");
    expect(find(byId("age-range"))).toBeNull();
  });

  it("shows an account's notes as text", async () => {
    await open(home(person({ accounts: [account({ notes: ["<b>People API</b> is off."] })] })));
    expect(text(byId("notes"))).toBe("<b>People API</b> is off.");
  });

  it("signs in again to the account whose session has ended", async () => {
    const ended = account({ provider: "cedar", label: "Cedar", state: "needs_sign_in" });
    const { calls } = await open(home(person({ accounts: [ended] })));
    expect(get(byId("account-state")).dataset["state"]).toBe("needs_sign_in");
    await press(byId("sign-in-again"));
    expect(calls[0]).toEqual({
      command: "sign_in_again",
      given: { account: "a1" },
    });
    await press(byId("other-way"));
    expect(screen()).toBe("welcome");
    await press(byId("back"));
    expect(screen()).toBe("profile");
  });

  it.each([
    ["storing", "keychain"],
    ["removing", "Removing"],
  ] as const)("says that an account is %s", async (state, word) => {
    await open(home(person({ accounts: [account({ state })] })));
    expect(text(byId("account-state"))).toContain(word);
    expect(find(byId("sign-out"))).toBeNull();
  });

  it("shows the current person, else the first", async () => {
    const users = [person(), person({ id: "u2", nickname: "바다" })];
    const { snapshot } = await open(overviewOf("en", { users, current: "u2" }));
    expect(text(byId("nickname"))).toBe("바다");
    await snapshot(overviewOf("en", { users, current: null }));
    expect(text(byId("nickname"))).toBe("하늘");
  });
});

describe("signing out", () => {
  it("is confirmed first, says that the browser stays signed in, and is cancelled", async () => {
    const { calls } = await open(home());
    await press(byId("sign-out"));
    expect(text("main")).toContain("Your browser stays signed in to Aurora");
    expect(document.activeElement?.textContent).toBe("Sign out of Aurora?");
    // The ellipsis announces this question; the button that confirms it acts.
    expect(text(byId("sign-out-confirm"))).toBe("Sign out");
    await press(byId("sign-out-cancel"));
    expect(document.activeElement).toBe(get(byId("sign-out")));
    expect(calls).toEqual([]);
  });

  it("passes the account", async () => {
    const { calls } = await open(home());
    await press(byId("sign-out"));
    await press(byId("sign-out-confirm"));
    expect(calls).toEqual([{ command: "sign_out", given: { account: "a1", scope: "here" } }]);
  });

  it("is cancelled by Escape", async () => {
    await open(home());
    await press(byId("sign-out"));
    document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    await rest();
    expect(find(byId("sign-out-confirm"))).toBeNull();
  });
});

describe("a monogram", () => {
  it.each([
    ["하늘", "하"],
    ["alice", "A"],
    ["  _élan", "É"],
    ["🦊 fox", "F"],
    ["7even", "7"],
    ["🦊", null],
    ["", null],
  ])("of %j is %s", (name, letter) => expect(monogram(name)).toBe(letter));
});
