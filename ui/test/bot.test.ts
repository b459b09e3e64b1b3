// Adding a bot to a server.
import { afterEach, describe, expect, it } from "vitest";
import type { BotAdded } from "../src/bindings/BotAdded";
import { account, overviewOf, person } from "../src/gallery/samples";
import { all, byId, close, find, get, open, press, text } from "./window";

afterEach(close);

const home = (given = {}) => overviewOf("en", { users: [person()], current: "u1", ...given });
const added = (given: Partial<BotAdded> = {}): BotAdded => ({
  provider: "aurora",
  label: "Aurora",
  guild: "Playground",
  permissions: ["View channels", "Send messages"],
  ...given,
});

async function dialog() {
  const window = await open(home());
  await press(byId("more"));
  await press(byId("add-bot"));
  return window;
}

describe("a bot", () => {
  it("is offered behind More if the provider has one", async () => {
    const { snapshot } = await open(home());
    expect(find(byId("add-bot"))).toBeNull();
    await press(byId("more"));
    expect(text(byId("add-bot"))).toContain("Add the bot to a server");
    await snapshot(home({ users: [person({ accounts: [account({ provider: "birch", label: "Birch" })] })] }));
    expect(find(byId("add-bot"))).toBeNull();
  });

  it("gets only the selected permissions, none by default", async () => {
    const { calls } = await dialog();
    const boxes = all('[data-testid^="bot-permission-"]') as HTMLInputElement[];
    expect(boxes.map(({ value }) => value)).toContain("8");
    expect(boxes.filter(({ checked }) => checked)).toEqual([]);
    await press(byId("bot-permission-2048"));
    await press(byId("bot-permission-1024"));
    expect(calls).toEqual([]);
    await press(byId("add-bot-confirm"));
    expect(calls).toEqual([{ command: "add_bot", given: { provider: "aurora", permissions: [1024, 2048] } }]);
  });

  it("marks Administrator as risky, with the reason", async () => {
    await dialog();
    const administrator = get(byId("bot-permission-8"));
    expect(get(`#${administrator.getAttribute("aria-describedby")}`).textContent).toContain("every permission in the server");
    expect(administrator.closest("label")?.textContent).toContain("Risky");
    expect(get(byId("bot-permission-1024")).closest("label")?.textContent).not.toContain("Risky");
    // Only Administrator includes all others.
    const others = (all('[data-testid^="bot-permission-"][aria-describedby]') as HTMLInputElement[]).filter(({ value }) => value !== "8");
    expect(others.length).toBeGreaterThan(0);
    for (const other of others) {
      const hint = get(`#${other.getAttribute("aria-describedby")}`).textContent;
      expect(hint).toContain("can do harm");
      expect(hint).not.toContain("every permission");
    }
  });

  it("is cancelled", async () => {
    const { calls } = await dialog();
    await press(byId("add-bot-cancel"));
    expect(calls).toEqual([]);
    expect(document.activeElement).toBe(get(byId("add-bot")));
    expect(find(byId("add-bot-confirm"))).toBeNull();
  });

  it("Try again adds the bot and does not sign in", async () => {
    const { calls, snapshot } = await dialog();
    await press(byId("bot-permission-1024"));
    await press(byId("add-bot-confirm"));
    const problem = { code: "access_denied", message: "No.", next: "Again.", detail: null, provider: "aurora", remedies: ["try_again" as const] };
    await snapshot(home({ problem }));
    await press(byId("problem-try_again"));
    expect(calls.map(({ command }) => command)).toEqual(["add_bot", "add_bot"]);
  });

  it("shows the server it joined until that is dismissed", async () => {
    const { calls, snapshot } = await open(home({ bot: added() }));
    expect(get(byId("bot-added")).dataset["guild"]).toBe("Playground");
    expect(text(byId("bot-added"))).toContain("The bot joined Playground");
    expect(text(byId("bot-added"))).toContain("Requested: View channels, Send messages");
    expect(get(byId("bot-added")).closest('[role="status"]')).not.toBeNull();
    await press(byId("dismiss-bot"));
    expect(calls).toEqual([{ command: "dismiss_bot", given: {} }]);
    await snapshot(home());
    expect(find(byId("bot-added"))).toBeNull();
  });

  it("shows the name of the server as text, not as markup", async () => {
    await open(home({ bot: added({ guild: "<img src=x onerror=alert(1)>", permissions: [] }) }));
    expect(text(byId("bot-added"))).toContain("<img src=x onerror=alert(1)>");
    expect(all("[data-testid=bot-added] img")).toEqual([]);
    // The granted permissions are unknown.
    expect(text(byId("bot-added"))).not.toContain("permissions");
  });
});
