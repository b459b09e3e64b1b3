// Setup of providers.
import { afterEach, describe, expect, it } from "vitest";
import type { Problem } from "../src/bindings/Problem";
import type { SetUpPage } from "../src/bindings/SetUpPage";
import { brandCards, cards, overviewOf, person } from "../src/gallery/samples";
import { brands } from "../src/providers";
import { isId, proposeId } from "../src/provider-id";
import { view } from "../src/state.svelte";
import { all, byId, clipboard, close, find, get, open, press, rest, screen, text, type, withCards } from "./window";

afterEach(close);

const field = (testid: string) => get(byId(testid)) as HTMLInputElement;

/** Providers most of whose apps need a redirect page. */
const pageNeeded = brands.flatMap(({ id, redirectPageHint }) => (redirectPageHint ? [id] : []));

/** The setup page of one provider, with empty fields. */
async function page(provider: string, set_up: Partial<SetUpPage> = {}) {
  const all = pageNeeded.includes(provider) ? brandCards("en") : cards("en");
  const blank = { client_id: null, issuer: null, redirect_uri: null, secret_kept: false };
  const window = await open(
    withCards((card) => (card.id === provider ? { ready: false, set_up: { ...card.set_up, ...blank, ...set_up } } : {}), all),
  );
  view.open({ name: "set-up", provider });
  await rest();
  return window;
}

const report = (saved: boolean, checked: string, problem: Problem | null = null) => () => ({ saved, checked, problem });

const refusal: Problem = {
  code: "client_refused",
  message: "Cedar does not know this client.",
  next: "Compare the API key.",
  detail: "E010",
  provider: "cedar",
  remedies: [],
};

describe("the setup page", () => {
  const missing = withCards((card) => ({ ready: card.id === "company" }));

  it("shows redirect URIs, file, variables and lines in full", async () => {
    await open(missing);
    await press('[data-set-up="cedar"]');
    expect(all(byId("redirect-uri")).map((field) => field.textContent)).toEqual([
      "http://localhost:53682/callback/cedar",
      "http://localhost:53683/callback/cedar",
      "http://localhost:53684/callback/cedar",
    ]);
    expect(text(byId("file"))).toContain("providers.toml");
    expect(all(byId("variable")).map((field) => field.textContent)).toEqual([
      "CEDAR_CLIENT_ID",
      "CEDAR_CLIENT_SECRET",
    ]);
    expect(text(byId("snippet"))).toBe('[cedar]\nclient_id = ""\n# client_secret = ""');
    expect(text(byId("by-file"))).toContain("Enter the client secret above");
  });

  it("copies exactly that URI", async () => {
    const writeText = clipboard();
    await open(missing);
    await press('[data-set-up="cedar"]');
    all(byId("copy-redirect-uri"))[1]!.click();
    await rest();
    expect(writeText).toHaveBeenCalledWith("http://localhost:53683/callback/cedar");
    expect(all(byId("copy-redirect-uri"))[1]!.textContent.trim()).toBe("Copied");
  });

  it("copies all URIs, one a line", async () => {
    const writeText = clipboard();
    await open(missing);
    await press('[data-set-up="cedar"]');
    await press(byId("copy-all"));
    const uris = [53682, 53683, 53684].map((port) => `http://localhost:${port}/callback/cedar`);
    expect(writeText).toHaveBeenCalledWith(uris.join("\n"));
    expect(text(byId("copy-all"))).toBe("Copied");
  });

  it("selects the text without a clipboard, and says so", async () => {
    await open(missing);
    await press('[data-set-up="aurora"]');
    await press(byId("copy-redirect-uri"));
    expect(getSelection()?.toString()).toBe("http://127.0.0.1/callback/aurora");
    expect(text("main")).toContain("Press Ctrl+C to copy");
  });

  it("S57: opens the registration page by the id of the provider, not by a URL", async () => {
    const { calls } = await open(missing);
    await press('[data-set-up="aurora"]');
    await press(byId("open-register"));
    expect(calls).toEqual([{ command: "open_register_page", given: { provider: "aurora" } }]);
    expect(all("a[href]")).toEqual([]);
  });

  it("has no registration link for an own issuer", async () => {
    await open(withCards(() => ({ ready: false })));
    await press('[data-set-up="company"]');
    expect(find(byId("open-register"))).toBeNull();
  });

  it("shows the card's problem and the custom endpoints", async () => {
    const problem = {
      code: "config_invalid",
      message: "Line 7 cannot be read.",
      next: "Correct it.",
      detail: "invalid type: integer",
      provider: null,
      remedies: [],
    };
    await open(withCards(() => ({ ready: false, problem, overrides: ["token_endpoint"] })));
    await press('[data-set-up="birch"]');
    expect(get(byId("card-problem")).dataset["code"]).toBe("config_invalid");
    expect(text(byId("card-problem-detail"))).toBe("invalid type: integer");
    expect(text(byId("overrides"))).toContain("token_endpoint");
  });

  it("reloads the file and says the result", async () => {
    const { calls, snapshot } = await open(missing);
    await press('[data-set-up="aurora"]');
    await press(byId("check-again"));
    expect(calls).toEqual([{ command: "reload_configuration", given: {} }]);
    expect(text("main")).toContain("Reloaded, but not set up yet.");
    await snapshot(overviewOf("en"));
    expect(text("main")).toContain("Reloaded. Ready to sign in.");
    await press('[data-provider="aurora"]');
    expect(calls.at(-1)?.command).toBe("sign_in");
  });

  it("closes when its provider disappears", async () => {
    const { snapshot } = await open(missing);
    await press('[data-set-up="aurora"]');
    await snapshot(overviewOf("en", { providers: [], users: [person()] }));
    expect(screen()).toBe("profile");
    expect(view.card).toBeNull();
  });
});

describe("the setup form", () => {
  it("is checked and saved, and clears the secret", async () => {
    const { calls, answers } = await page("cedar");
    answers["set_up"] = report(true, "accepted");
    await type(byId("set-up-client-id"), "  1156500000000000000 ");
    await type(byId("set-up-secret"), "s3cret");
    await press(byId("set-up-save"));
    expect(calls).toEqual([
      {
        command: "set_up",
        given: {
          provider: "cedar",
          clientId: "1156500000000000000",
          clientSecret: "s3cret",
          issuer: null,
          label: null,
          redirectUri: null,
          check: "first",
        },
      },
    ]);
    expect(get(byId("set-up-report")).dataset["checked"]).toBe("accepted");
    expect(text(byId("set-up-report"))).toContain("Saved. Cedar accepted this client.");
    expect(field("set-up-secret").value).toBe("");
    expect(find(byId("set-up-anyway"))).toBeNull();
    // The result is above the steps, and what comes next has the focus.
    const { compareDocumentPosition, DOCUMENT_POSITION_FOLLOWING } = Node.prototype;
    expect(compareDocumentPosition.call(get(byId("set-up-report")), get(".steps")) & DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
    expect(document.activeElement).toBe(get(byId("sign-in-now")));
    await press(byId("sign-in-now"));
    expect(calls.at(-1)).toEqual({ command: "sign_in", given: { provider: "cedar", method: null, storage: "keychain", server: null } });
  });

  it("S57: hides the secret, says that it goes to the keychain, and never shows it again", async () => {
    await page("cedar");
    expect(field("set-up-secret").type).toBe("password");
    expect(find(byId("set-up-secret-show"))).toBeNull();
    const hint = get(`#${field("set-up-secret").getAttribute("aria-describedby")}`);
    expect(hint.textContent).toContain("keychain");
    close();
    await page("cedar", { client_id: "1", secret_kept: true });
    expect(field("set-up-secret").value).toBe("");
    expect(text("main")).toContain("Leave this empty to keep it.");
  });

  it("says if the provider could not check the values", async () => {
    const { answers } = await page("cedar", { client_id: "1", secret_kept: true });
    answers["set_up"] = report(true, "unknown");
    await press(byId("set-up-save"));
    expect(get(byId("set-up-report")).dataset["checked"]).toBe("unknown");
    expect(text(byId("set-up-report"))).toContain("Saved, but not checked: Cedar");
  });

  it("shows why it was refused and not saved, and can be saved anyway", async () => {
    const { calls, answers } = await page("cedar");
    answers["set_up"] = report(false, "refused", refusal);
    await type(byId("set-up-client-id"), "wrong");
    await type(byId("set-up-secret"), "s3cret");
    await press(byId("set-up-save"));
    expect(get(byId("set-up-report")).dataset["checked"]).toBe("refused");
    expect(text(byId("set-up-report"))).toContain("Compare the API key.");
    expect(text(byId("set-up-report-detail"))).toBe("E010");
    expect(text(byId("set-up-report"))).toContain("Not saved.");
    expect(field("set-up-secret").value).toBe("s3cret");
    // Enter does not save what was refused.
    expect(document.activeElement).toBe(get(byId("set-up-report-message")));
    answers["set_up"] = report(true, "unknown");
    await press(byId("set-up-anyway"));
    expect(calls.map(({ given }) => (given as { check: string }).check)).toEqual(["first", "skip"]);
    expect(calls[1]?.given).toMatchObject({ clientId: "wrong", clientSecret: "s3cret" });
    expect(get(byId("set-up-report")).dataset["saved"]).toBe("true");
  });

  it("shows a failed command beside the fields", async () => {
    const { answers } = await page("cedar", { client_id: "1", secret_kept: true });
    answers["set_up"] = () => {
      throw { ...refusal, code: "file_unwritable", message: "The file cannot be written." };
    };
    await press(byId("set-up-save"));
    expect(text(byId("set-up-report-message"))).toBe("The file cannot be written.");
    expect(find(byId("problem"))).toBeNull();
  });

  it("marks missing values and focuses the first", async () => {
    const { calls } = await page("birch");
    await press(byId("set-up-save"));
    expect(calls).toEqual([]);
    expect(text(byId("set-up-client-id-error"))).toBe("Enter the client ID.");
    expect(text(byId("set-up-secret-error"))).toContain("usually requires a client secret");
    expect(document.activeElement).toBe(field("set-up-client-id"));
    await type(byId("set-up-client-id"), "1");
    expect(find(byId("set-up-client-id-error"))).toBeNull();
  });

  it("is saved without a secret at the second attempt", async () => {
    const { calls, answers } = await page("cedar");
    answers["set_up"] = report(true, "unknown");
    await type(byId("set-up-client-id"), "1");
    await press(byId("set-up-save"));
    expect(calls).toEqual([]);
    expect(document.activeElement).toBe(field("set-up-secret"));
    await press(byId("set-up-save"));
    expect(calls[0]?.given).toMatchObject({ clientId: "1", clientSecret: null, check: "first" });
  });

  it("deletes the saved secret only on request", async () => {
    const { calls, answers } = await page("aurora", { client_id: "1", secret_kept: true });
    answers["set_up"] = report(true, "unknown");
    await press(byId("set-up-save"));
    await type(byId("set-up-secret"), "half ty");
    await press(byId("set-up-delete-secret"));
    expect(field("set-up-secret").value).toBe("");
    expect(field("set-up-secret").readOnly).toBe(true);
    await press(byId("set-up-save"));
    // The next save does not delete again.
    await press(byId("set-up-save"));
    expect(calls.map(({ given }) => (given as { clientSecret: unknown }).clientSecret)).toEqual([null, "", null]);
    close();
    await page("aurora", { client_id: "1" });
    expect(find(byId("set-up-delete-secret"))).toBeNull();
  });

  it("warns once before a usually required secret is deleted", async () => {
    const { calls, answers } = await page("cedar", { client_id: "1", secret_kept: true });
    answers["set_up"] = report(true, "unknown");
    await press(byId("set-up-delete-secret"));
    await press(byId("set-up-save"));
    expect(calls).toEqual([]);
    expect(text(byId("set-up-secret-error"))).toContain("usually requires a client secret");
    await press(byId("set-up-save"));
    expect(calls[0]?.given).toMatchObject({ clientSecret: "" });
  });

  it("keeps typed values when a new overview arrives", async () => {
    const { snapshot } = await page("cedar");
    await type(byId("set-up-client-id"), "half ty");
    await snapshot(view.overview!);
    expect(field("set-up-client-id").value).toBe("half ty");
  });

  it("has a secret field only if the provider has secrets", async () => {
    await page("aurora", { secret: "never" });
    expect(find(byId("set-up-secret"))).toBeNull();
    close();
    await page("aurora");
    expect(text("main")).toContain("Client secret (if there is one)");
    await press(byId("set-up-save"));
    expect(find(byId("set-up-secret-error"))).toBeNull();
  });

  it.each(pageNeeded)("asks for the URL of the redirect page and explains it: %s", async (provider) => {
    const { calls, answers } = await page(provider, { secret: "optional" });
    expect(field("set-up-redirect-uri").closest("details")).toBeNull();
    answers["set_up"] = report(true, "unknown");
    expect(text("main")).toContain(`ends in /${provider}`);
    await type(byId("set-up-client-id"), "1");
    await type(byId("set-up-redirect-uri"), `https://app.example.com/redirect/${provider}`);
    await press(byId("set-up-save"));
    expect(calls[0]?.given).toMatchObject({ redirectUri: `https://app.example.com/redirect/${provider}`, clientSecret: null });
    // An empty value removes the URL.
    await type(byId("set-up-redirect-uri"), " ");
    await press(byId("set-up-save"));
    expect(calls[1]?.given).toMatchObject({ redirectUri: "" });
  });

  it("has no redirect page for a provider that needs none, except to remove one", async () => {
    const { calls, answers } = await page("aurora");
    answers["set_up"] = report(true, "unknown");
    expect(find(byId("set-up-redirect-uri"))).toBeNull();
    await type(byId("set-up-client-id"), "1");
    await press(byId("set-up-save"));
    expect(calls[0]?.given).toMatchObject({ redirectUri: null });
    close();
    await page("aurora", { redirect_uri: "https://app.example.com/aurora" });
    expect(field("set-up-redirect-uri").value).toBe("https://app.example.com/aurora");
    expect(text("main")).toContain("Optional. Only if Aurora must redirect to an https page that you host.");
    close();
    await page("aurora", { takes_redirect_uri: false });
    expect(find(byId("set-up-redirect-uri"))).toBeNull();
  });

  it("is read-only if an environment variable takes precedence", async () => {
    await page("aurora", { client_id: "from-the-environment", fixed_by: "AURORA_CLIENT_ID" });
    expect(text(byId("fixed-by"))).toContain("AURORA_CLIENT_ID is set");
    expect(field("set-up-client-id").value).toBe("from-the-environment");
    expect(field("set-up-client-id").readOnly).toBe(true);
    expect(find(byId("set-up-save"))).toBeNull();
    expect(find(byId("set-up-secret"))).toBeNull();
  });

  it("shows the provider's steps", async () => {
    await page("aurora");
    expect(text(byId("set-up-steps"))).toContain("Public Client");
  });
});

describe("another OpenID provider", () => {
  const saving = async () => {
    const window = await open();
    window.answers["set_up"] = () => ({ saved: true, checked: "unknown", problem: null });
    view.open({ name: "new-provider" });
    await rest();
    return window;
  };

  it("takes issuer, name and client ID, and proposes an ID", async () => {
    const { calls, snapshot } = await saving();
    await type(byId("set-up-label"), "GitLab (staff)");
    expect(field("set-up-id").value).toBe("gitlab-staff");
    expect(all(byId("redirect-uri")).map((code) => code.textContent)).toEqual([
      "app.nameplate.desktop:/callback/gitlab-staff",
      "http://127.0.0.1/callback/gitlab-staff",
    ]);
    await type(byId("set-up-issuer"), " https://gitlab.example.com/realms/staff ");
    await type(byId("set-up-client-id"), "desktop");
    await press(byId("set-up-save"));
    expect(calls).toEqual([
      {
        command: "set_up",
        given: {
          provider: "gitlab-staff",
          clientId: "desktop",
          clientSecret: null,
          issuer: "https://gitlab.example.com/realms/staff",
          label: "GitLab (staff)",
          redirectUri: null,
          check: "first",
        },
      },
    ]);
    // After saving, the report has the sign-in button.
    const company = cards("en").find(({ id }) => id === "company")!;
    await snapshot(overviewOf("en", { providers: [...cards("en"), { ...company, id: "gitlab-staff", label: "GitLab (staff)" }] }));
    expect(all(byId("sign-in-now"))).toHaveLength(1);
    expect(find("[data-provider]")).toBeNull();
    expect(find(byId("set-up-id-error"))).toBeNull();
  });

  it("keeps a typed ID, and rejects one that is taken or invalid", async () => {
    const { calls } = await saving();
    await type(byId("set-up-id"), "company");
    await type(byId("set-up-label"), "Staff");
    expect(field("set-up-id").value).toBe("company");
    await press(byId("set-up-save"));
    expect(text(byId("set-up-id-error"))).toContain("already");
    await type(byId("set-up-id"), "Our Company");
    expect(text(byId("set-up-id-error"))).toContain("Use only lowercase letters");
    expect(document.activeElement).toBe(field("set-up-id"));
    expect(calls).toEqual([]);
  });

  it("offers nothing of the other provider under a taken ID", async () => {
    await saving();
    await type(byId("set-up-label"), "Staff");
    await type(byId("set-up-id"), "company");
    expect(find('[data-provider="company"]')).toBeNull();
    expect(all(byId("redirect-uri"))).toEqual([]);
    await type(byId("set-up-id"), "staff");
    expect(all(byId("redirect-uri"))).toHaveLength(2);
  });

  it("sends the issuer as pasted; the engine normalizes it", async () => {
    const { calls } = await saving();
    await type(byId("set-up-label"), "Staff");
    await type(byId("set-up-client-id"), "desktop");
    await press(byId("set-up-save"));
    expect(text(byId("set-up-issuer-error"))).toContain("Enter the issuer URL");
    await type(byId("set-up-issuer"), "id.example.com");
    await press(byId("set-up-save"));
    expect(calls[0]?.given).toMatchObject({ issuer: "id.example.com" });
  });

  it("limits an ID to 40 characters, as the engine does", () => {
    expect([isId("a".repeat(40)), isId("a".repeat(41))]).toEqual([true, false]);
    const long = proposeId("Company ".repeat(20), "", []);
    expect(isId(long)).toBe(true);
    expect(isId(proposeId("Company ".repeat(20), "", [long]))).toBe(true);
  });

  it("proposes an ID from the issuer if the name has no Latin letter", () => {
    expect(proposeId("회사", "https://login.gitlab.example.com/x", [])).toBe("gitlab");
    expect(proposeId("회사", "not yet an add", [])).toBe("");
    expect(proposeId("7 Eleven!", "", [])).toBe("eleven");
    expect(proposeId("Company", "", ["company", "company-2"])).toBe("company-3");
  });
});
