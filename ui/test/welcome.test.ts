// The welcome screen.
import { afterEach, describe, expect, it } from "vitest";
import { brandCards, overviewOf, person, signingIn } from "../src/gallery/samples";
import { all, byId, close, find, get, open, press, screen, text, withCards } from "./window";

afterEach(close);

describe("welcome", () => {
  it("has a button per provider that is set up", async () => {
    const { calls } = await open();
    expect(all("[data-provider]").map((button) => button.dataset["provider"])).toEqual([
      "aurora",
      "birch",
      "cedar",
      "company",
      "email",
    ]);
    await press('[data-provider="aurora"]');
    expect(calls).toEqual([
      { command: "sign_in", given: { provider: "aurora", method: null, storage: "keychain" } },
    ]);
  });

  it("has the wording of the button in both languages", async () => {
    const labels = () => all("[data-provider]").map((button) => button.textContent.trim());
    const { snapshot } = await open();
    expect(labels()).toEqual([
      "Sign in with Aurora",
      "Sign in with Birch",
      "Sign in with Cedar",
      "Sign in with Company SSO",
      "Create a local profile",
    ]);
    await snapshot(overviewOf("ko"));
    expect(labels()).toEqual([
      "Aurora 계정으로 로그인",
      "Birch 계정으로 로그인",
      "Cedar 계정으로 로그인",
      "Company SSO 계정으로 로그인",
      "이 컴퓨터에만 프로필 만들기",
    ]);
  });

  it("opens the setup of the others", async () => {
    await open(withCards((card) => ({ ready: card.id === "aurora" })));
    expect(all("[data-provider]").map(({ dataset }) => dataset["provider"])).toEqual(["aurora", "email"]);
    expect(all("[data-set-up]")).toHaveLength(3);
    // Folded.
    expect((get(byId("set-up-more")) as HTMLDetailsElement).open).toBe(false);
    expect(text("summary")).toBe("Set up more (3)");
    expect(find(byId("nothing-set-up"))).toBeNull();
    await press('[data-set-up="cedar"]');
    expect(screen()).toBe("set-up");
    expect(text("h1")).toBe("Set up Cedar");
    await press(byId("back"));
    expect(screen()).toBe("welcome");
  });

  it("welcomes when nothing is set up", async () => {
    await open(withCards(() => ({ ready: false })));
    expect(get(byId("nothing-set-up")).tagName).toBe("H1");
    expect(all("[data-set-up]")).toHaveLength(4);
    expect(find(byId("set-up-more"))).toBeNull();
    expect(find('[data-provider="email"]')).not.toBeNull();
  });

  it("unfolds the list if an entry is broken, and shows its problem", async () => {
    const problem = { code: "config_invalid", message: "Line 7 cannot be read.", next: "Correct it.", detail: null, provider: null, remedies: [] };
    await open(withCards((card) => (card.id === "cedar" ? { ready: false, problem } : {})));
    expect((get(byId("set-up-more")) as HTMLDetailsElement).open).toBe(true);
    expect(text('[data-set-up="cedar"]')).toContain("Line 7 cannot be read.");
  });

  it("always offers another OpenID provider", async () => {
    const { snapshot } = await open();
    expect(find(byId("add-oidc"))).not.toBeNull();
    await snapshot(withCards(() => ({ ready: false })));
    await press(byId("add-oidc"));
    expect(text("h1")).toBe("Another OpenID provider");
  });

  it("has two columns for many providers and one for few", async () => {
    const { snapshot } = await open(overviewOf("en", { providers: brandCards("en") }));
    expect(find(".providers.many")).not.toBeNull();
    await snapshot(withCards((card) => ({ ready: ["aurora", "birch"].includes(card.id) })));
    expect(find(".providers.many")).toBeNull();
  });

  it("names providers with custom endpoints", async () => {
    await open(withCards((card) => ({ overrides: card.id === "birch" ? ["token_endpoint"] : [] })));
    expect(text(byId("overridden"))).toContain("Birch");
    expect(text(byId("overridden"))).not.toContain("Aurora");
  });

  it("ignores a second press while the first is running", async () => {
    const { calls, answers } = await open();
    answers["sign_in"] = () => new Promise(() => undefined);
    await press('[data-provider="birch"]');
    expect(get('[data-provider="birch"]').ariaBusy).toBe("true");
    expect(all("[data-provider]").every((button) => (button as HTMLButtonElement).disabled)).toBe(true);
    await press('[data-provider="cedar"]');
    expect(calls).toHaveLength(1);
  });

  it("is replaced by the waiting screen and the profile", async () => {
    const { snapshot } = await open();
    await snapshot(overviewOf("en", { signing_in: signingIn() }));
    expect(screen()).toBe("waiting");
    await snapshot(overviewOf("en", { users: [person()], current: "u1" }));
    expect(screen()).toBe("profile");
  });
});
