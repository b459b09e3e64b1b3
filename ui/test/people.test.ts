// People on one computer: switch, link, rename, reset.
import { afterEach, describe, expect, it } from "vitest";
import type { State } from "../src/bindings/State";
import { LONG_NAME, account, overviewOf, person } from "../src/gallery/samples";
import { all, byId, close, find, get, open, press, rest, screen, text } from "./window";

const birch = (given = {}) => account({ id: "a2", provider: "birch", label: "Birch", nickname: "Haneul Kim", ...given });
const other = (given = {}) => person({ id: "u2", nickname: "Haneul Kim", accounts: [birch()], ...given });

const two = (given: Partial<State> = {}) => overviewOf("en", { users: [person(), other()], current: "u1", ...given });
const offered = (given: Partial<State> = {}) =>
  two({ current: "u2", offers: [{ account: "a2", user: "u1", nickname: "하늘" }], ...given });

/** Where both emails are trusted and nothing is offered. */
const notLinked =
  "하늘 has the same email, but the accounts are not linked. To link them, sign out of this account and sign in again.";

const key = (name: string) =>
  document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));

const of = (user: string) => `${byId("person")}[data-user="${user}"]`;

afterEach(close);

describe("the people menu", () => {
  it("lists people, marks the current one, and switches to another", async () => {
    const { calls, snapshot } = await open(two());
    expect(get(byId("people")).ariaExpanded).toBe("false");
    expect(find(byId("person"))).toBeNull();
    await press(byId("people"));
    expect(all(byId("person")).map((row) => row.dataset["user"])).toEqual(["u1", "u2"]);
    expect(get(of("u1")).getAttribute("aria-current")).toBe("true");
    expect(get(of("u2")).hasAttribute("aria-current")).toBe(false);
    expect(text(of("u2"))).toContain("Birch");
    await press(of("u2"));
    expect(calls).toEqual([{ command: "switch", given: { user: "u2" } }]);
    expect(find(byId("person"))).toBeNull();
    await snapshot(two({ current: "u2" }));
    expect(text(byId("nickname"))).toBe("Haneul Kim");
    expect(document.activeElement).toBe(get("h1"));
  });

  it("works with the keyboard", async () => {
    await open(two());
    get(byId("people")).focus();
    key("ArrowDown");
    await rest();
    expect(document.activeElement).toBe(get(of("u1")));
    key("ArrowDown");
    await rest();
    expect(document.activeElement).toBe(get(of("u2")));
    key("ArrowDown");
    await rest();
    expect(document.activeElement).toBe(get(byId("add-person")));
    key("Escape");
    await rest();
    expect(find(byId("person"))).toBeNull();
    expect(document.activeElement).toBe(get(byId("people")));
  });

  it("closes when something else is pressed", async () => {
    await open(two());
    await press(byId("people"));
    get("main").dispatchEvent(new MouseEvent("pointerdown", { bubbles: true }));
    await rest();
    expect(find(byId("person"))).toBeNull();
  });

  it("calls no command for the current person", async () => {
    const { calls } = await open(two());
    await press(byId("people"));
    await press(of("u1"));
    expect(calls).toEqual([]);
    expect(document.activeElement).toBe(get(byId("people")));
  });

  it("U20: several accounts: another person chooses how to sign in, nothing is chosen for them", async () => {
    const { calls } = await open(overviewOf("en", { users: [person()], current: "u1" }));
    await press(byId("people"));
    await press(byId("add-person"));
    expect(screen()).toBe("welcome");
    expect(text("main")).toContain("switch accounts there first");
    expect(calls).toEqual([]);
    await press('[data-provider="birch"]');
    expect(calls).toEqual([{ command: "sign_in", given: { provider: "birch", server: null, method: null, storage: "keychain" } }]);
    await press(byId("back"));
    expect(screen()).toBe("profile");
  });

  it("shows names of 40 characters in full", async () => {
    const users = [person({ nickname: LONG_NAME }), other({ nickname: LONG_NAME })];
    await open(offered({ users, offers: [{ account: "a2", user: "u1", nickname: LONG_NAME }] }));
    await press(byId("people"));
    expect(text(`${of("u1")} .nickname`)).toBe(LONG_NAME);
    expect(text(byId("people"))).toContain(LONG_NAME);
    expect(text(byId("link-account"))).toBe(`Link to ${LONG_NAME}`);
  });

  it("says who has to sign in again", async () => {
    await open(two({ users: [person(), other({ accounts: [birch({ state: "needs_sign_in" })] })] }));
    await press(byId("people"));
    expect(text(of("u2"))).toContain("Sign in again");
    expect(text(of("u1"))).not.toContain("Sign in again");
  });

  it("is hidden on other pages", async () => {
    await open(two());
    await press(byId("open-settings"));
    expect(find(byId("people"))).toBeNull();
  });
});

describe("an offer to link", () => {
  it("N4: is explained and has no preselected answer", async () => {
    const { calls } = await open(offered());
    expect(text(byId("offer"))).toContain("haneul@example.com");
    expect(text(byId("offer"))).toContain("You can unlink them later");
    expect(all(`${byId("offer")} button`).map((button) => button.className)).toEqual(["button", "button"]);
    expect(get(byId("offer")).contains(document.activeElement)).toBe(false);
    expect(calls).toEqual([]);
  });

  it("N4: links on request", async () => {
    const { calls, snapshot } = await open(offered());
    await press(byId("link-account"));
    expect(calls).toEqual([{ command: "link", given: { account: "a2" } }]);
    const joined = person({ accounts: [account(), birch()] });
    await snapshot(overviewOf("en", { users: [joined], current: "u1" }));
    expect(find(byId("offer"))).toBeNull();
    expect(all(byId("account"))).toHaveLength(2);
  });

  it("N4: is declined", async () => {
    const { calls, snapshot } = await open(offered());
    await press(byId("decline-link"));
    expect(calls).toEqual([{ command: "decline_link", given: { account: "a2" } }]);
    await snapshot(offered({ offers: [] }));
    expect(find(byId("offer"))).toBeNull();
    expect(text(byId("link-explanation"))).toBe(notLinked);
  });

  it("N4: is declined, and another account of that person is not the reason", async () => {
    const users = [person({ accounts: [birch({ id: "a3", email_trust: "unverified" }), account()] }), other()];
    await open(offered({ users, offers: [] }));
    expect(text(byId("link-explanation"))).toBe(notLinked);
  });

  it("is shown only on the profile of its account", async () => {
    await open(offered({ current: "u1" }));
    expect(find(byId("offer"))).toBeNull();
    expect(find(byId("link-explanation"))).toBeNull();
  });
});

describe("an email that another person has too", () => {
  const unverified = other({
    email_verified: false,
    accounts: [birch({ email_verified: false, email_trust: "unverified" })],
  });

  it.each([
    ["unverified", "하늘 has the same email, but Birch has not verified it, so the accounts are not linked."],
    [
      "no_proof",
      "하늘 has the same email, but an email from Birch does not prove who owns it, so the accounts are not linked.",
    ],
    ["overridden", "하늘 has the same email, but Birch uses custom endpoints here, so the accounts are not linked."],
  ] as const)("N4: the profile says why it is not linked: %s", async (email_trust, reason) => {
    await open(two({ users: [person(), other({ accounts: [birch({ email_trust })] })], current: "u2" }));
    expect(text(byId("link-explanation"))).toBe(reason);
  });

  it("N4: the profile says that the other's email is the reason", async () => {
    const users = [person({ accounts: [birch({ id: "a3", email_trust: "unverified" })] }), other({ accounts: [account({ id: "a2" })] })];
    await open(two({ users, current: "u2" }));
    expect(text(byId("link-explanation"))).toBe("하늘 has the same email, but Birch has not verified it, so the accounts are not linked.");
  });

  it.each([
    ["another email", birch({ email: "mira@example.com", email_verified: false, email_trust: "unverified" })],
    ["no email", birch({ email: null, email_verified: false, email_trust: "no_address" })],
  ])("is not mentioned where the others have %s", async (_case, its) => {
    await open(two({ users: [person(), other({ accounts: [its] })], current: "u2" }));
    expect(find(byId("link-explanation"))).toBeNull();
  });

  it("is not mentioned where there is no other person", async () => {
    await open(overviewOf("en", { users: [unverified], current: "u2" }));
    expect(find(byId("link-explanation"))).toBeNull();
  });
});

describe("the display name", () => {
  const type = async (value: string) => {
    const input = get(byId("rename-input")) as HTMLInputElement;
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await rest();
  };

  it("replaces the current name", async () => {
    const { calls, snapshot } = await open(two());
    await press(byId("rename"));
    expect((get(byId("rename-input")) as HTMLInputElement).value).toBe("하늘");
    expect(document.activeElement).toBe(get(byId("rename-input")));
    await type("  집 하늘 ");
    await press(byId("rename-save"));
    expect(calls).toEqual([{ command: "rename", given: { user: "u1", name: "집 하늘" } }]);
    expect(document.activeElement).toBe(get(byId("rename")));
    await snapshot(two({ users: [person({ nickname: "집 하늘" }), other()] }));
    expect(text(byId("nickname"))).toBe("집 하늘");
  });

  it("is the provider's if left empty", async () => {
    const { calls } = await open(two());
    await press(byId("rename"));
    await type(" ");
    await press(byId("rename-save"));
    expect(calls[0]?.given).toEqual({ user: "u1", name: "" });
  });

  it("is unchanged after Cancel, Escape, and a switch of the person", async () => {
    const { calls, snapshot } = await open(two());
    await press(byId("rename"));
    await press(byId("rename-cancel"));
    expect(find(byId("rename-input"))).toBeNull();
    await press(byId("rename"));
    key("Escape");
    await rest();
    expect(find(byId("rename-input"))).toBeNull();
    await press(byId("rename"));
    await snapshot(two({ current: "u2" }));
    expect(find(byId("rename-input"))).toBeNull();
    expect(calls).toEqual([]);
  });

  it("stays in the form after an error", async () => {
    const { answers } = await open(two());
    answers["rename"] = () => {
      throw new Error("database is locked");
    };
    await press(byId("rename"));
    await press(byId("rename-save"));
    expect(find(byId("rename-input"))).not.toBeNull();
    expect(find(byId("problem"))).not.toBeNull();
  });
});

describe("resetting", () => {
  it("says before what is deleted and what is kept, and is cancelled", async () => {
    const { calls } = await open(two());
    await press(byId("open-settings"));
    expect(find(byId("reset-confirm"))).toBeNull();
    await press(byId("reset"));
    expect(document.activeElement?.textContent).toBe("Reset Nameplate?");
    expect(text("main")).toContain("2 people with 2 accounts");
    expect(text("main")).toContain("This does not revoke access at providers");
    await press(byId("reset-cancel"));
    expect(document.activeElement).toBe(get(byId("reset")));
    expect(calls).toEqual([]);
  });

  it("ends on the first page, or on the settings after an error", async () => {
    const { calls, answers, snapshot } = await open(two());
    await press(byId("open-settings"));
    await press(byId("reset"));
    answers["reset"] = () => {
      throw new Error("the keychain is locked");
    };
    await press(byId("reset-confirm"));
    expect(screen()).toBe("settings");
    answers["reset"] = () => null;
    await press(byId("reset-confirm"));
    await snapshot(overviewOf("en"));
    expect(calls.map((call) => call.command)).toEqual(["reset", "reset", "save_desktop_settings"]);
    expect(screen()).toBe("welcome");
  });
});
