// Signing in begins here, or the way to set a provider up.
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
      "company",
    ]);
    await press('[data-provider="discord"]');
    expect(calls).toEqual([
      { command: "begin_sign_in", given: { provider: "discord", channel: null, keep: "keychain" } },
    ]);
  });

  it("words each button as the brand asks, in both languages", async () => {
    const labels = () => all("[data-provider]").map((button) => button.textContent.trim());
    const { snapshot } = await open();
    expect(labels()).toEqual([
      "Sign in with Discord",
      "Sign in with Google",
      "Login with Kakao",
      "Sign in with Company SSO",
    ]);
    await snapshot(overviewOf("ko"));
    expect(labels()).toEqual([
      "Discord로 로그인",
      "Google로 계속하기",
      "카카오 로그인",
      "Company SSO 계정으로 로그인",
    ]);
  });

  it("leads to the set-up of the others", async () => {
    await open(withCards((card) => ({ ready: card.id === "discord" })));
    expect(all("[data-provider]")).toHaveLength(1);
    expect(all("[data-set-up]")).toHaveLength(3);
    expect(find(byId("nothing-set-up"))).toBeNull();
    await press('[data-set-up="kakao"]');
    expect(screen()).toBe("set-up");
    expect(text("h1")).toBe("Set up Kakao");
    await press(byId("back"));
    expect(screen()).toBe("welcome");
  });

  it("says first when nothing is set up", async () => {
    await open(withCards(() => ({ ready: false })));
    expect(get(byId("nothing-set-up")).tagName).toBe("H1");
    expect(all("[data-set-up]")).toHaveLength(4);
  });

  it("tells where a provider's addresses were replaced", async () => {
    await open(withCards((card) => ({ overrides: card.id === "google" ? ["token_endpoint"] : [] })));
    expect(text(byId("overridden"))).toContain("Google");
    expect(text(byId("overridden"))).not.toContain("Discord");
  });

  it("takes no second press while the first is under way", async () => {
    const { calls, answers } = await open();
    answers["begin_sign_in"] = () => new Promise(() => undefined);
    await press('[data-provider="google"]');
    expect(get('[data-provider="google"]').ariaBusy).toBe("true");
    expect(all("[data-provider]").every((button) => (button as HTMLButtonElement).disabled)).toBe(true);
    await press('[data-provider="kakao"]');
    expect(calls).toHaveLength(1);
  });

  it("gives way to the waiting page, and to the profile", async () => {
    const { snapshot } = await open();
    await snapshot(overviewOf("en", { signing_in: signingIn() }));
    expect(screen()).toBe("waiting");
    await snapshot(overviewOf("en", { users: [person()], current: "u1" }));
    expect(screen()).toBe("profile");
  });
});
