// Overviews and commands, without a page.
import { mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, describe, expect, it } from "vitest";
import { overviewOf, person } from "../src/gallery/samples";
import { watching } from "../src/gallery/watching";
import { commandOf } from "../src/ipc";
import { beginSignIn, start, view } from "../src/state.svelte";
import { close } from "./window";

afterEach(close);

describe("the first overview", () => {
  it("does not replace a newer one from the channel", async () => {
    const watcher = watching();
    mockIPC((invoked, given) => {
      if (watcher.takes(commandOf(invoked), given)) return null;
      watcher.tell(overviewOf("en", { users: [person({ nickname: "younger" })] }));
      return overviewOf("en");
    });
    await start();
    expect(view.user?.nickname).toBe("younger");
  });

  it("is requested after listening has started", async () => {
    const order: string[] = [];
    mockIPC((invoked) => {
      const command = commandOf(invoked);
      order.push(command);
      return command === "state" ? overviewOf("en") : 1;
    });
    await start();
    expect(order).toEqual(["watch_state", "state"]);
  });

  it("is ignored after stop", async () => {
    const watcher = watching();
    mockIPC((invoked, given) => (watcher.takes(commandOf(invoked), given) ? null : overviewOf("en")));
    const stop = await start();
    stop();
    watcher.tell(overviewOf("ko"));
    expect(view.language).toBe("en");
  });
});

describe("a command", () => {
  it("is busy until it returns", async () => {
    let answer: (() => void) | undefined;
    mockIPC(() => new Promise<void>((done) => (answer = done)));
    const begun = beginSignIn("cedar");
    expect(view.busy).toBe("sign-in:cedar");
    await Promise.resolve();
    answer?.();
    expect(await begun).toBe(true);
    expect(view.busy).toBeNull();
  });
});

describe("without an overview", () => {
  it("the language is the system's", () => {
    expect(view.overview).toBeNull();
    expect(view.screen).toBe("loading");
    expect(view.messages.app.loading).toBe("Opening Nameplate…");
  });
});
