// Problems and failed commands.
import { afterEach, describe, expect, it } from "vitest";
import type { Problem } from "../src/bindings/Problem";
import type { Remedy } from "../src/bindings/Remedy";
import { overviewOf, person } from "../src/gallery/samples";
import { all, byId, close, find, get, open, press, rest, screen, text, withCards } from "./window";

const problem = (remedies: Remedy[] = [], rest: Partial<Problem> = {}): Problem => ({
  code: "provider_refused",
  message: "Access was not allowed.",
  next: "Try again.",
  detail: null,
  provider: "aurora",
  remedies,
  ...rest,
});

const shown = (...given: Parameters<typeof problem>) => overviewOf("en", { problem: problem(...given) });

afterEach(close);

describe("a problem", () => {
  it("is announced with code, message and next step", async () => {
    await open(shown());
    expect(get(byId("problem")).dataset["code"]).toBe("provider_refused");
    expect(text(byId("problem-message"))).toBe("Access was not allowed.");
    expect(text(byId("problem-next"))).toBe("Try again.");
    expect(get(byId("problem")).closest('[role="alert"]')).not.toBeNull();
  });

  it("that is waited for before the database is open leaves nothing to press", async () => {
    const { snapshot } = await open(overviewOf("en", { providers: [], waits_for: problem([], { code: "store_updating", provider: null }) }));
    expect(screen()).toBe("loading");
    expect(get(byId("notice")).dataset["code"]).toBe("store_updating");
    expect(find("[data-provider], [data-set-up]")).toBeNull();
    await snapshot(overviewOf("en"));
    expect(screen()).toBe("welcome");
  });

  it("is news, not an error, if the person declined", async () => {
    await open(shown(["try_again"], { code: "access_denied" }));
    expect(get(byId("problem")).className).toContain("neutral");
    expect(get(byId("problem")).closest('[role="alert"]')).toBeNull();
    expect(get(byId("problem")).closest('[role="status"]')).not.toBeNull();
    expect(find(byId("problem-try_again"))).not.toBeNull();
  });

  it("disappears once the provider that asked for its setup is set up", async () => {
    const { answers, snapshot } = await open();
    answers["sign_in"] = () => {
      throw problem(["set_up"], { code: "not_set_up" });
    };
    await press('[data-provider="aurora"]');
    expect(find(byId("problem"))).not.toBeNull();
    await snapshot(withCards(() => ({ ready: false })));
    expect(find(byId("problem"))).not.toBeNull();
    await snapshot(overviewOf("en"));
    expect(find(byId("problem"))).toBeNull();
  });

  it("shows the provider's message as text, not as markup", async () => {
    const detail = '<img src=x onerror="alert(1)"> & <script>alert(2)</script>';
    await open(shown([], { detail }));
    expect(text(byId("problem-detail"))).toBe(detail);
    expect(all("main img, main script")).toEqual([]);
  });

  it.each<[string, boolean]>([
    ["provider_refused", true],
    ["registration_refused", true],
    ["response_malformed", true],
    ["unreachable", false],
  ])("shows the provider's message unfolded where the next step refers to it: %s", async (code, unfolded) => {
    await open(shown([], { code, detail: "server_error" }));
    expect(get(byId("problem-detail")).closest("details")?.open).toBe(unfolded);
  });

  it.each<[Remedy, string, unknown]>([
    ["try_again", "sign_in", { provider: "aurora", server: null, method: null, storage: "keychain" }],
    ["this_run", "sign_in", { provider: "aurora", server: null, method: null, storage: "memory" }],
    ["restart", "restart", {}],
    ["check_again", "reload_configuration", {}],
  ])("%s calls %s", async (remedy, command, given) => {
    const { calls } = await open(shown([remedy]));
    await press(byId(`problem-${remedy}`));
    expect(calls).toEqual([{ command, given }]);
  });

  it("set_up opens that provider's page", async () => {
    const { calls } = await open(shown(["set_up"], { provider: "cedar" }));
    await press(byId("problem-set_up"));
    expect(screen()).toBe("set-up");
    expect(text("h1")).toBe("Set up Cedar");
    expect(calls.map((call) => call.command)).toEqual(["dismiss_problem"]);
  });

  it("says before what signing in without saving means", async () => {
    await open(shown(["this_run"]));
    const button = get(byId("problem-this_run"));
    const hint = get(`#${button.getAttribute("aria-describedby")}`);
    expect(hint.textContent).toContain("Without saving");
  });

  it("offers no remedy that needs a provider without one", async () => {
    await open(shown(["try_again", "this_run", "set_up", "restart"], { provider: null }));
    expect(all(`${byId("problem")} .buttons button`).map((button) => button.dataset["testid"])).toEqual([
      "problem-restart",
    ]);
  });

  it("disappears with the overview after it is dismissed", async () => {
    const { calls, snapshot } = await open(shown());
    await press(byId("dismiss"));
    expect(calls).toEqual([{ command: "dismiss_problem", given: {} }]);
    expect(find(byId("problem"))).not.toBeNull();
    await snapshot(overviewOf("en"));
    expect(find(byId("problem"))).toBeNull();
  });
});

describe("a failed command", () => {
  it("is shown as a problem, and dismissed without calling Rust", async () => {
    const { calls, answers } = await open();
    answers["sign_in"] = () => {
      throw problem(["try_again"], { code: "no_browser" });
    };
    await press('[data-provider="aurora"]');
    expect(get(byId("problem")).dataset["code"]).toBe("no_browser");
    await press(byId("dismiss"));
    expect(find(byId("problem"))).toBeNull();
    expect(calls.map((call) => call.command)).toEqual(["sign_in"]);
  });

  it("is gone with the next command", async () => {
    const { answers } = await open();
    answers["sign_in"] = () => {
      throw problem();
    };
    await press('[data-provider="aurora"]');
    expect(find(byId("problem"))).not.toBeNull();
    delete answers["sign_in"];
    await press('[data-provider="aurora"]');
    expect(find(byId("problem"))).toBeNull();
  });

  it("with an unknown error still becomes a problem", async () => {
    const { answers } = await open(overviewOf("ko"));
    answers["sign_in"] = () => {
      throw new Error("command begin_sign_in not found");
    };
    await press('[data-provider="aurora"]');
    expect(text(byId("problem-message"))).toBe("예상하지\u00a0못한 문제가 생겼습니다.");
    expect(text(byId("problem-detail"))).toBe("command begin_sign_in not found");
  });

  it("at the start offers a restart", async () => {
    const { calls } = await open(problem(["restart"], { code: "database_newer", provider: null }));
    expect(screen()).toBe("loading");
    expect(find(byId("dismiss"))).toBeNull();
    await press(byId("problem-restart"));
    expect(calls).toEqual([{ command: "restart", given: {} }]);
  });
});

describe("the window", () => {
  it("focuses the heading of a new screen", async () => {
    const { snapshot } = await open();
    expect(document.activeElement).toBe(document.body);
    await snapshot(overviewOf("en", { users: [person()] }));
    await rest();
    expect(document.activeElement).toBe(get("h1"));
  });

  it("keeps the focus when the same screen changes", async () => {
    const { snapshot } = await open(overviewOf("en", { users: [person()] }));
    get(byId("sign-out")).focus();
    await snapshot(overviewOf("en", { users: [person({ nickname: "바다" })] }));
    await rest();
    expect(document.activeElement).toBe(get(byId("sign-out")));
  });
});

describe("a wait", () => {
  it("is a note while it lasts, which is no alert", async () => {
    const waits_for = problem([], { code: "keychain_waiting", message: "The keychain does not respond.", provider: null });
    await open(overviewOf("en", { waits_for }));
    expect(text(byId("notice-message"))).toBe("The keychain does not respond.");
    expect(get(byId("notice")).closest('[role="alert"]')).toBeNull();
  });
});
