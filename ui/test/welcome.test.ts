// The welcome screen.
import { afterEach, describe, expect, it } from "vitest";
import { overviewOf, person, signingIn } from "../src/gallery/samples";
import { all, byId, close, find, get, open, press, screen, text, withCards } from "./window";

afterEach(close);

describe("welcome", () => {
  it("has a button per provider that is set up", async () => {
    const { calls } = await open();
    expect(all("[data-provider]").map((button) => button.dataset["provider"])).toEqual([
      "discord",
      "google",
      "kakao",
      "facebook",
      "github",
      "microsoft",
      "naver",
      "line",
      "company",
      "email",
    ]);
    await press('[data-provider="discord"]');
    expect(calls).toEqual([
      { command: "begin_sign_in", given: { provider: "discord", channel: null, storage: "keychain" } },
    ]);
  });

  it("has the wording of each brand, in both languages", async () => {
    const labels = () => all("[data-provider]").map((button) => button.textContent.trim());
    const { snapshot } = await open();
    expect(labels()).toEqual([
      "Sign in with Discord",
      "Sign in with Google",
      "Login with Kakao",
      "Continue with Facebook",
      "Sign in with GitHub",
      "Sign in with Microsoft",
      "Log in with Naver",
      "Log in with LINE",
      "Sign in with Company SSO",
      "Create a local profile",
    ]);
    await snapshot(overviewOf("ko"));
    expect(labels()).toEqual([
      "Discord로 로그인",
      "Google 계정으로 로그인",
      "카카오 로그인",
      "Facebook으로 로그인",
      "GitHub로 로그인",
      "Microsoft로 로그인",
      "네이버 로그인",
      "LINE으로 로그인",
      "Company SSO 계정으로 로그인",
      "이 컴퓨터에만 프로필 만들기",
    ]);
  });

  it("opens the setup of the others", async () => {
    await open(withCards((card) => ({ ready: card.id === "discord" })));
    expect(all("[data-provider]").map(({ dataset }) => dataset["provider"])).toEqual(["discord", "email"]);
    expect(all("[data-set-up]")).toHaveLength(8);
    // Folded.
    expect((get(byId("set-up-more")) as HTMLDetailsElement).open).toBe(false);
    expect(text("summary")).toBe("Set up more (8)");
    expect(find(byId("nothing-set-up"))).toBeNull();
    await press('[data-set-up="kakao"]');
    expect(screen()).toBe("set-up");
    expect(text("h1")).toBe("Set up Kakao");
    await press(byId("back"));
    expect(screen()).toBe("welcome");
  });

  it("welcomes when nothing is set up", async () => {
    await open(withCards(() => ({ ready: false })));
    expect(get(byId("nothing-set-up")).tagName).toBe("H1");
    expect(all("[data-set-up]")).toHaveLength(9);
    expect(find(byId("set-up-more"))).toBeNull();
    expect(find('[data-provider="email"]')).not.toBeNull();
  });

  it("unfolds the list if an entry is broken, and shows its problem", async () => {
    const problem = { code: "config_invalid", message: "Line 7 cannot be read.", next: "Correct it.", detail: null, provider: null, remedies: [] };
    await open(withCards((card) => (card.id === "kakao" ? { ready: false, problem } : {})));
    expect((get(byId("set-up-more")) as HTMLDetailsElement).open).toBe(true);
    expect(text('[data-set-up="kakao"]')).toContain("Line 7 cannot be read.");
  });

  it("always offers another OpenID provider", async () => {
    const { snapshot } = await open();
    expect(find(byId("add-oidc"))).not.toBeNull();
    await snapshot(withCards(() => ({ ready: false })));
    await press(byId("add-oidc"));
    expect(text("h1")).toBe("Another OpenID provider");
  });

  it("has two columns for nine providers and one for few", async () => {
    const { snapshot } = await open();
    expect(find(".providers.many")).not.toBeNull();
    await snapshot(withCards((card) => ({ ready: ["discord", "google"].includes(card.id) })));
    expect(find(".providers.many")).toBeNull();
  });

  it("names providers with custom endpoints", async () => {
    await open(withCards((card) => ({ overrides: card.id === "google" ? ["token_endpoint"] : [] })));
    expect(text(byId("overridden"))).toContain("Google");
    expect(text(byId("overridden"))).not.toContain("Discord");
  });

  it("ignores a second press while the first is running", async () => {
    const { calls, answers } = await open();
    answers["begin_sign_in"] = () => new Promise(() => undefined);
    await press('[data-provider="google"]');
    expect(get('[data-provider="google"]').ariaBusy).toBe("true");
    expect(all("[data-provider]").every((button) => (button as HTMLButtonElement).disabled)).toBe(true);
    await press('[data-provider="kakao"]');
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
