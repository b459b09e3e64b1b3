// The welcome screen.
import { afterEach, describe, expect, it } from "vitest";
import { overviewOf, person, signingIn } from "../src/gallery/samples";
import { serverOf } from "../src/server";
import { untouchedCards } from "../src/gallery/cards";
import { all, byId, close, find, get, open, press, rest, screen, text, type, withCards } from "./window";

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
      { command: "sign_in", given: { provider: "aurora", server: null, method: null, storage: "keychain" } },
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
      "로컬 프로필 만들기",
    ]);
  });

  it("opens the setup of the others", async () => {
    await open(withCards((card) => ({ ready: card.id === "aurora" })));
    expect(all("[data-provider]").map(({ dataset }) => dataset["provider"])).toEqual(["aurora", "email"]);
    expect(all("[data-set-up]")).toHaveLength(3);
    // Folded.
    expect((get(byId("set-up-more")) as HTMLDetailsElement).open).toBe(false);
    expect(text("summary")).toBe("Set up another provider (3)");
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
    const broken = { code: "config_invalid", message: "Line 7 cannot be read.", next: "Correct it.", detail: null, remedies: [] };
    const openWith = (provider: string | null) =>
      open(withCards((card) => (card.id === "cedar" ? { ready: false, problem: { ...broken, provider } } : {})));
    await openWith("cedar");
    expect((get(byId("set-up-more")) as HTMLDetailsElement).open).toBe(true);
    expect(text('[data-set-up="cedar"]')).toContain("Line 7 cannot be read.");
    // A mistake of the whole file is shown above, and not again with each provider.
    await openWith(null);
    expect(text('[data-set-up="cedar"]')).not.toContain("Line 7");
  });

  it("always offers another OpenID provider", async () => {
    const { snapshot } = await open();
    expect(find(byId("add-oidc"))).not.toBeNull();
    await snapshot(withCards(() => ({ ready: false })));
    await press(byId("add-oidc"));
    expect(text("h1")).toBe("Another OpenID provider");
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

describe("N13: welcome with nothing set up", () => {
  const first = (before: string[] = []) => open(overviewOf("en", { providers: untouchedCards("en", before) }));

  it("offers what works at once, and the others behind one entry", async () => {
    await first();
    expect(text("h1")).toBe("Welcome to Nameplate");
    expect(all("[data-provider]").map(({ textContent }) => textContent?.trim())).toEqual([
      "Sign in with Bluesky",
      "Sign in with Mastodon",
      "Sign in with your organization",
      "Create a local profile",
    ]);
    expect((get(byId("set-up-more")) as HTMLDetailsElement).open).toBe(false);
    expect(text("summary")).toMatch(/^Set up another provider/);
    expect(find('[data-set-up="mastodon"], [data-set-up="bluesky"]')).toBeNull();
  });

  it("S66: asks for the server and shows it before the browser opens", async () => {
    const { calls } = await first();
    await press('[data-provider="mastodon"]');
    expect(document.activeElement).toBe(get(byId("server-name")));
    expect(find(byId("server-opens"))?.textContent).toBe("");
    await type(byId("server-name"), " @nari@mastodon.social ");
    expect(text(byId("server-opens"))).toBe("Opens mastodon.social in your browser.");
    expect(calls).toEqual([]);
    await press(byId("server-go"));
    expect(calls).toEqual([
      {
        command: "sign_in",
        given: { provider: "mastodon", server: "@nari@mastodon.social", method: null, storage: "keychain" },
      },
    ]);
  });

  it("asks for the handle", async () => {
    const { calls } = await first();
    await press('[data-provider="bluesky"]');
    await press(byId("server-go"));
    expect(text(byId("server-name-error"))).toBe("Enter your handle, such as alice.bsky.social.");
    await type(byId("server-name"), " @alice.bsky.social ");
    await press(byId("server-go"));
    expect(calls).toEqual([
      {
        command: "sign_in",
        given: { provider: "bluesky", server: "@alice.bsky.social", method: null, storage: "keychain" },
      },
    ]);
  });

  it("asks for the server alone where a handle is not wanted", async () => {
    const { calls } = await first();
    await press('[data-provider="bluesky"]');
    await press(byId("server-kind"));
    expect(document.activeElement).toBe(get(byId("server-name")));
    await press(byId("server-go"));
    expect(text(byId("server-name-error"))).toBe("Enter your server, such as bsky.social.");
    await type(byId("server-name"), "bsky.social");
    expect(text(byId("server-opens"))).toBe("Opens bsky.social in your browser.");
    await press(byId("server-go"));
    expect(calls[0]?.given).toMatchObject({ provider: "bluesky", server: "https://bsky.social" });
  });

  it("S66: asks before the browser opens a host that was not named", async () => {
    const { calls, snapshot } = await first();
    await press('[data-provider="bluesky"]');
    await type(byId("server-name"), "alice.example");
    const problem = {
      code: "host_not_confirmed",
      message: "alice.example signs in at this server.",
      next: "Open it only if you know this server.",
      detail: "pds.example.com:8443",
      provider: "bluesky",
      remedies: ["confirm_host" as const],
    };
    await snapshot(overviewOf("en", { providers: untouchedCards("en"), problem }));
    expect(screen()).toBe("confirm-host");
    expect(find(byId("problem"))).toBeNull();
    expect(text("h1")).toBe("Open pds.example.com:8443?");
    expect(document.activeElement).toBe(get("h1"));
    const shown = all("main button").filter((element) => !element.closest("[hidden]"));
    expect(shown.map((element) => element.dataset["testid"])).toEqual(["confirm-host", "cancel"]);
    // Another host is another question.
    await snapshot(overviewOf("en", { providers: untouchedCards("en"), problem: { ...problem, detail: "evil.example" } }));
    expect(text("h1")).toBe("Open evil.example?");
    await snapshot(overviewOf("en", { providers: untouchedCards("en"), problem }));
    expect(document.activeElement).toBe(get("h1"));
    await press(byId("confirm-host"));
    await press(byId("cancel"));
    expect(calls).toEqual([
      { command: "confirm_host", given: { host: "pds.example.com:8443" } },
      { command: "dismiss_problem", given: {} },
    ]);
    await snapshot(overviewOf("en", { providers: untouchedCards("en") }));
    expect(screen()).toBe("welcome");
    expect((get(byId("server-name")) as HTMLInputElement).value).toBe("alice.example");
  });

  it("S66: keeps an open page below the question, and a pending sign-in", async () => {
    const problem = { code: "host_not_confirmed", message: "…", next: "…", detail: "x.example", provider: "bluesky", remedies: [] };
    const { calls, snapshot } = await open(overviewOf("en", { signing_in: signingIn() }));
    await press(byId("open-settings"));
    await snapshot(overviewOf("en", { signing_in: signingIn(), problem }));
    expect(screen()).toBe("settings");
    await press(byId("back"));
    expect(screen()).toBe("confirm-host");
    expect(find(byId("back"))).toBeNull();
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    await rest();
    expect(calls).toEqual([{ command: "dismiss_problem", given: {} }]);
  });

  it("sends nothing that is no address, and says what is wanted", async () => {
    const { calls } = await first();
    await press('[data-provider="oidc"]');
    for (const typed of ["", "not an address", "http://id.example.com"]) {
      await type(byId("server-name"), typed);
      await press(byId("server-go"));
      expect(text(byId("server-name-error"))).toBe("Enter a URL such as id.example.com.");
    }
    expect(calls).toEqual([]);
    await press(byId("server-cancel"));
    expect(find(byId("server-name"))).toBeNull();
  });

  it("proposes what was used before", async () => {
    const { calls } = await first(["mastodon.social", "social.example.com"]);
    await press('[data-provider="mastodon"]');
    expect((get(byId("server-name")) as HTMLInputElement).value).toBe("mastodon.social");
    await press(byId("server-before"));
    await press(byId("server-go"));
    expect(calls[0]?.given).toMatchObject({ server: "social.example.com" });
  });

  it("takes a server that was used before as a server", async () => {
    const cards = untouchedCards("en").map((card) =>
      card.id === "bluesky" ? { ...card, named_before: ["https://bsky.social", "alice.example"] } : card,
    );
    const { calls } = await open(overviewOf("en", { providers: cards }));
    await press('[data-provider="bluesky"]');
    expect(text(byId("server-opens"))).toBe("Opens bsky.social in your browser.");
    await press(byId("server-before"));
    expect(text(byId("server-opens"))).toBe("");
    expect(text(byId("server-kind"))).toBe("Use a server instead");
    await press(byId("server-kind"));
    expect((get(byId("server-name")) as HTMLInputElement).value).toBe("");
    await press(byId("server-before"));
    await press(byId("server-go"));
    expect(calls[0]?.given).toMatchObject({ server: "https://bsky.social" });
  });

  it("tries again at the same server", async () => {
    const { calls, snapshot } = await first();
    await press('[data-provider="mastodon"]');
    await type(byId("server-name"), "mastodon.social");
    await press(byId("server-go"));
    const problem = { code: "unreachable", message: "…", next: "…", detail: null, provider: "mastodon", remedies: ["try_again" as const] };
    await snapshot(overviewOf("en", { providers: untouchedCards("en"), problem }));
    await press(byId("problem-try_again"));
    expect(calls[1]).toEqual(calls[0]);
  });

  it("has the words in Korean", async () => {
    await open(overviewOf("ko", { providers: untouchedCards("ko") }));
    await press('[data-provider="oidc"]');
    await press(byId("server-go"));
    expect(text('[data-provider="oidc"]')).toBe("회사·학교 계정으로 로그인");
    expect(text(byId("server-name-error"))).toBe("id.example.com 같은 URL을 입력하세요.");
  });

  it("reads a server as Rust does", () => {
    for (const typed of ["mastodon.social", "@nari@mastodon.social", "https://mastodon.social/@nari", "mastodon.social/@nari"]) {
      expect(serverOf(typed)).toBe("mastodon.social");
    }
    for (const typed of ["", "not a server", "ftp://x.example", "http://x.example"]) expect(serverOf(typed)).toBeNull();
  });
});
