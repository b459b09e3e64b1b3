// The demo provider: its button, its badge, and that it is no provider like the others.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { account, cards, overviewOf, person, signingIn } from "../src/gallery/samples";
import { all, byId, close, find, open, press, text } from "./window";

const has = globalThis as { nameplateHasDemo?: boolean };

beforeEach(() => {
  has.nameplateHasDemo = true;
});

afterEach(() => {
  close();
  delete has.nameplateHasDemo;
});

const running = () => [...cards("en"), { ...cards("en")[3]!, id: "demo", loopback: true }];

/** A provider of the user's own that has the name of the demo. */
const written = () => [...cards("en"), { ...cards("en")[3]!, id: "demo" }];

const signedIn = (state: "active" | "needs_sign_in" = "active") =>
  overviewOf("en", { users: [person({ accounts: [account({ provider: "demo", state })] })], current: "u1" });

describe("the demo", () => {
  it("is started before it is signed in at", async () => {
    const { calls } = await open();
    expect(text(byId("try-demo"))).toContain("Try the demo");
    expect(text(byId("demo-badge"))).toBe("Demo");
    await press(byId("try-demo"));
    expect(calls.map(({ command }) => command)).toEqual(["start_demo", "sign_in"]);
    expect(calls[1]!.given).toMatchObject({ provider: "demo", storage: "keychain" });
  });

  it("is not signed in at if it does not start", async () => {
    const { calls, answers } = await open();
    answers["start_demo"] = () => {
      throw { code: "loopback_provider_failed", message: "Not started.", next: "Try again.", detail: null, provider: null, remedies: [] };
    };
    await press(byId("try-demo"));
    expect(calls.map(({ command }) => command)).toEqual(["start_demo"]);
    expect(text(byId("problem"))).toContain("Not started.");
  });

  it("is for the first screen of a package that has it", async () => {
    const { snapshot } = await open(signedIn());
    expect(find(byId("try-demo"))).toBeNull();
    delete has.nameplateHasDemo;
    await snapshot(overviewOf("en"));
    expect(find("[data-provider]")).not.toBeNull();
    expect(find(byId("try-demo"))).toBeNull();
  });

  it("is not among the other providers while it runs", async () => {
    await open(overviewOf("en", { providers: running() }));
    expect(all("[data-provider]").map(({ dataset }) => dataset["provider"])).not.toContain("demo");
    await press(byId("open-settings"));
    expect(find('[data-set-up="aurora"]')).not.toBeNull();
    expect(find('[data-set-up="demo"]')).toBeNull();
  });

  it("takes no place of a provider with its name in providers.toml", async () => {
    const { snapshot, calls } = await open(overviewOf("en", { providers: written() }));
    expect(all("[data-provider]").map(({ dataset }) => dataset["provider"])).toContain("demo");
    expect(find(byId("try-demo"))).toBeNull();
    await snapshot({ ...signedIn("needs_sign_in"), providers: written() });
    expect(find(byId("demo-badge"))).toBeNull();
    await press(byId("sign-in-again"));
    expect(calls.map(({ command }) => command)).toEqual(["sign_in_again"]);
  });

  it("has a badge while waiting, at the person and at the account", async () => {
    const { snapshot } = await open(overviewOf("en", { providers: running(), signing_in: signingIn({ provider: "demo" }) }));
    expect(text(byId("demo-badge"))).toBe("Demo");
    await snapshot(signedIn());
    expect(text(byId("demo-badge"))).toBe("Demo");
    await press(byId("open-account"));
    expect(text(byId("demo-badge"))).toBe("Demo");
  });

  it("is started again to sign in again", async () => {
    const overview = signedIn("needs_sign_in");
    const { calls, answers } = await open(overview);
    answers["start_demo"] = () => overview.users[0]!.accounts[0]!.issuer;
    await press(byId("sign-in-again"));
    expect(calls.map(({ command }) => command)).toEqual(["start_demo", "sign_in_again"]);
  });

  it("is started again to refresh its account", async () => {
    const { calls } = await open(signedIn());
    await press(byId("refresh"));
    expect(calls.map(({ command }) => command)).toEqual(["start_demo", "refresh_profile"]);
  });

  it("is signed in at anew if it got another port, where it is another issuer", async () => {
    const { calls, answers } = await open(signedIn("needs_sign_in"));
    answers["start_demo"] = () => "http://127.0.0.1:40000/oidc";
    await press(byId("sign-in-again"));
    expect(calls.map(({ command }) => command)).toEqual(["start_demo", "sign_in"]);
    expect(calls[1]!.given).toMatchObject({ provider: "demo" });
  });
});
