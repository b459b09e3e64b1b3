// Local profiles.
import { afterEach, describe, expect, it } from "vitest";
import type { Account } from "../src/bindings/Account";
import type { Problem } from "../src/bindings/Problem";
import { account, overviewOf, person } from "../src/gallery/samples";
import { all, byId, close, find, get, open, press, screen, text, type } from "./window";

afterEach(close);

const local = (given: Partial<Account> = {}) =>
  account({ id: "a5", provider: "email", label: "E-mail", issuer: "local", email_verified: false, ...given });
const home = (given: Partial<Account> = {}) =>
  overviewOf("en", { users: [person({ avatar: null, email_verified: false, accounts: [local(given)] })], current: "u1" });

const field = (testid: string) => get(byId(testid)) as HTMLInputElement;
const problem = (code: string, message: string): Problem => ({
  code,
  message,
  next: "Try another one.",
  detail: null,
  provider: "email",
  remedies: [],
});
const refuse = (refusal: Problem) => () => {
  throw refusal;
};

async function form() {
  const window = await open();
  await press('[data-provider="email"]');
  return window;
}

describe("creating a profile", () => {
  it("says before typing that the password cannot be reset, and how long it must be", async () => {
    const { calls } = await form();
    expect(screen()).toBe("profile-form");
    expect(calls).toEqual([]);
    expect(text(byId("no-recovery"))).toContain("This password cannot be reset.");
    expect(get(byId("no-recovery")).compareDocumentPosition(get(byId("profile-create")))).toBe(
      Node.DOCUMENT_POSITION_FOLLOWING,
    );
    const hint = get(`#${field("profile-password").getAttribute("aria-describedby")}`);
    expect(hint.textContent).toContain("At least 8 characters");
  });

  it("sends the values and closes the form", async () => {
    const { calls, snapshot } = await form();
    expect(text(".monogram")).toBe("");
    expect(find(".monogram svg")).not.toBeNull();
    await type(byId("profile-address"), " haneul@example.com ");
    await type(byId("profile-password"), " four words ");
    await type(byId("profile-nickname"), " 하늘 ");
    expect(text(".monogram")).toBe("하");
    await press(byId("profile-create"));
    expect(calls).toEqual([
      {
        command: "create_profile",
        given: { address: "haneul@example.com", password: " four words ", nickname: "하늘", user: null },
      },
    ]);
    await snapshot(home());
    expect(screen()).toBe("profile");
    expect(text(byId("monogram"))).toBe("하");
  });

  it("shows the password only while the button is pressed", async () => {
    await form();
    expect(field("profile-password").type).toBe("password");
    await press(byId("profile-password-show"));
    expect(field("profile-password").type).toBe("text");
    expect(get(byId("profile-password-show")).ariaPressed).toBe("true");
    await press(byId("profile-password-show"));
    expect(field("profile-password").type).toBe("password");
  });

  it("rejects invalid values without calling Rust", async () => {
    const { calls } = await form();
    await type(byId("profile-address"), "haneul");
    await type(byId("profile-password"), "short");
    await press(byId("profile-create"));
    expect(calls).toEqual([]);
    expect(text(byId("profile-address-error"))).toContain("Enter an email");
    expect(text(byId("profile-password-error"))).toContain("at least 8 characters");
    expect(document.activeElement).toBe(field("profile-address"));
  });

  it.each([
    ["address_taken", "profile-address"],
    ["bad_address", "profile-address"],
    ["weak_password", "profile-password"],
  ])("shows %s beside its field, and keeps the values", async (code, testid) => {
    const { answers } = await form();
    answers["create_profile"] = refuse(problem(code, "That cannot be."));
    await type(byId("profile-address"), "haneul@example.com");
    await type(byId("profile-password"), "four words");
    await press(byId("profile-create"));
    expect(text(byId(`${testid}-error`))).toBe("That cannot be. Try another one.");
    expect(document.activeElement).toBe(field(testid));
    expect(field("profile-password").value).toBe("four words");
    expect(find(byId("problem"))).toBeNull();
  });

  it("leads to the profile that has the email already", async () => {
    const { answers, calls } = await open(home({ state: "needs_sign_in" }));
    await press(byId("people"));
    await press(byId("add-person"));
    await press('[data-provider="email"]');
    answers["create_profile"] = refuse(problem("address_taken", "That cannot be."));
    await type(byId("profile-address"), "Haneul@Example.com ");
    await type(byId("profile-password"), "four words");
    expect(find(byId("profile-existing"))).toBeNull();
    await press(byId("profile-create"));
    expect(text(byId("profile-existing"))).toBe("Open the profile of 하늘");
    await press(byId("profile-existing"));
    expect(calls.at(-1)).toEqual({ command: "switch", given: { user: "u1" } });
    expect(screen()).toBe("profile");
    expect(find(byId("enter"))).not.toBeNull();
  });

  it("shows other problems above the form", async () => {
    const { answers } = await form();
    answers["create_profile"] = refuse({ ...problem("keychain_absent", "No keychain."), remedies: ["restart", "this_run"] });
    await type(byId("profile-address"), "haneul@example.com");
    await type(byId("profile-password"), "four words");
    await press(byId("profile-create"));
    expect(text(byId("card-problem-message"))).toBe("No keychain.");
    // A local profile cannot be created without saving.
    expect(find(byId("card-problem-restart"))).not.toBeNull();
    expect(find(byId("card-problem-this_run"))).toBeNull();
    expect(screen()).toBe("profile-form");
  });

  it("adds the account to an existing person on request", async () => {
    const { calls } = await open(overviewOf("en", { users: [person()], current: "u1" }));
    await press(byId("add-account"));
    await press(byId("add-account-email"));
    expect(text("h1")).toBe("Local profile for 하늘");
    await type(byId("profile-address"), "haneul@example.com");
    await type(byId("profile-password"), "four words");
    await press(byId("profile-create"));
    expect(calls.map(({ command }) => command)).toEqual(["create_profile"]);
    expect(calls[0]?.given).toMatchObject({ user: "u1", nickname: "" });
  });

  it("is cancelled", async () => {
    await form();
    await press(byId("profile-cancel"));
    expect(screen()).toBe("welcome");
  });
});

describe("a signed-out profile", () => {
  it("asks for the password and clears the field", async () => {
    const { calls, answers } = await open(home({ state: "needs_sign_in" }));
    expect(find(byId("sign-in-again"))).toBeNull();
    expect(find(byId("sign-out"))).toBeNull();
    answers["unlock_profile"] = refuse(problem("wrong_password", "That is not the password."));
    await type(byId("enter-password"), "not it");
    await press(byId("enter"));
    expect(calls).toEqual([{ command: "unlock_profile", given: { account: "a5", password: "not it" } }]);
    expect(text(byId("enter-password-error"))).toContain("The password is wrong.");
    expect(field("enter-password").value).toBe("");
    expect(document.activeElement).toBe(field("enter-password"));
  });

  it("does not call Rust with an empty password", async () => {
    const { calls } = await open(home({ state: "needs_sign_in" }));
    await press(byId("enter"));
    expect(calls).toEqual([]);
    expect(text(byId("enter-password-error"))).toBe("Enter the password.");
  });

  it("can be deleted without its password", async () => {
    await open(home({ state: "needs_sign_in" }));
    await press(byId("more"));
    expect(text(byId("disconnect"))).toContain("Delete profile");
  });
});

describe("the email of a local profile", () => {
  it("has no verification badge, alone and beside another account", async () => {
    const { snapshot } = await open(home());
    expect(text(byId("email"))).toBe("haneul@example.com");
    expect(find(byId("email-state"))).toBeNull();
    const overview = home();
    const [user] = overview.users;
    await snapshot({ ...overview, users: [{ ...user!, accounts: [account(), ...user!.accounts] }] });
    expect(all(byId("email-state"))).toHaveLength(1);
  });

  it("is not verified by Nameplate, which the link explanation says", async () => {
    const overview = home({ email_trust: "unverified" });
    await open({ ...overview, users: [...overview.users, person({ id: "u2", nickname: "바다" })] });
    expect(text(byId("link-explanation"))).toContain("바다 has the same email, but Nameplate has not verified it");
  });
});

describe("signing out and deleting", () => {
  it("S46: signing out keeps the profile, and the confirmation says so", async () => {
    const { calls } = await open(home());
    await press(byId("sign-out"));
    expect(text("main")).toContain("The profile stays on this computer.");
    await press(byId("sign-out-confirm"));
    expect(calls).toEqual([{ command: "sign_out", given: { account: "a5", scope: "here" } }]);
  });

  it("S46: deleting is permanent, and the confirmation says so", async () => {
    const { calls } = await open(home());
    await press(byId("more"));
    await press(byId("disconnect"));
    expect(document.activeElement?.textContent).toBe("Delete this profile permanently?");
    expect(text("main .leads")).toContain("cannot be restored");
    expect(text("main .leads")).not.toContain("7 days");
    expect(calls).toEqual([]);
    await press(byId("disconnect-confirm"));
    expect(calls).toEqual([{ command: "sign_out", given: { account: "a5", scope: "everywhere" } }]);
  });

  it("cannot be refreshed", async () => {
    await open(home());
    expect(find(byId("refresh"))).toBeNull();
    expect(find(byId("updated-at"))).toBeNull();
  });
});
