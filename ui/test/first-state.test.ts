// The state that the window brings with it.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { overviewOf, person } from "../src/gallery/samples";

const given = globalThis as { nameplateState?: unknown };

const screen = async () => (await import("../src/state.svelte")).view.screen;

describe("the first state", () => {
  beforeEach(() => vi.resetModules());
  afterEach(() => delete given.nameplateState);

  it("is shown before anything is asked of Rust", async () => {
    given.nameplateState = overviewOf("en", { users: [person()], current: "u1" });
    expect(await screen()).toBe("profile");
  });

  it("is waited for where the window brings none", async () => {
    expect(await screen()).toBe("loading");
  });
});
