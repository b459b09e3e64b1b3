// Overviews and commands, without a page.
import { emit } from "@tauri-apps/api/event";
import { mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, describe, expect, it } from "vitest";
import { overviewOf, person } from "../src/gallery/samples";
import { beginSignIn, start, view } from "../src/state.svelte";
import { close } from "./window";

afterEach(close);

describe("the first overview", () => {
  it("does not replace a newer one from an event", async () => {
    mockIPC(
      async (command) => {
        if (command !== "overview") return null;
        await emit("overview", overviewOf("en", { users: [person({ nickname: "younger" })] }));
        return overviewOf("en");
      },
      { shouldMockEvents: true },
    );
    await start();
    expect(view.user?.nickname).toBe("younger");
  });

  it("is requested after listening has started", async () => {
    const order: string[] = [];
    mockIPC((command) => {
      order.push(command);
      return command === "overview" ? overviewOf("en") : 1;
    });
    await start();
    expect(order).toEqual(["plugin:event|listen", "overview"]);
  });

  it("is ignored after stop", async () => {
    mockIPC((command) => (command === "overview" ? overviewOf("en") : null), { shouldMockEvents: true });
    const stop = await start();
    stop();
    await emit("overview", overviewOf("ko"));
    expect(view.language).toBe("en");
  });
});

describe("a command", () => {
  it("is busy until it returns", async () => {
    let answer: (() => void) | undefined;
    mockIPC(() => new Promise<void>((done) => (answer = done)));
    const begun = beginSignIn("kakao");
    expect(view.busy).toBe("sign-in:kakao");
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
