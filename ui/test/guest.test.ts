// @vitest-environment node
// The package `tauri-plugin-nameplate-api` without a window, and with a mock of Rust.
import assert from "node:assert/strict";
import { createSession, fetch, FetchError, signIn } from "tauri-plugin-nameplate-api";
import { afterEach, test } from "vitest";
import { read, write } from "../../crates/tauri-plugin-nameplate/guest-js/src/fetch";

type Answer = (given: unknown) => unknown;
interface Call {
  command: string;
  given: unknown;
}
interface Sent {
  id: number;
  account: string;
  method: string;
  url: string;
  headers: [string, string][];
  channel: string;
}

const world = globalThis as unknown as { window?: unknown };

afterEach(() => delete world.window);

/** Answers commands; channels get what `tell` sends. */
function mockRust(answers: Record<string, Answer>) {
  const calls: Call[] = [];
  const callbacks: ((message: unknown) => void)[] = [];
  const invoke = async (command: string, given: unknown) => {
    calls.push({ command: command.replace("plugin:nameplate|", ""), given });
    return answers[command.replace("plugin:nameplate|", "")]?.(given);
  };
  world.window = {
    __TAURI_INTERNALS__: {
      transformCallback: (callback: (message: unknown) => void) => callbacks.push(callback) - 1,
      unregisterCallback: () => {},
      invoke,
    },
  };
  const told = new Map<number, number>();
  const tell = (id: number, message: unknown) => {
    const index = told.get(id) ?? 0;
    told.set(id, index + 1);
    callbacks[id]!({ index, message });
  };
  return { calls, tell };
}

/** The head and the body of a sent request. */
const sentBy = (call: Call | undefined) =>
  read((call!.given as Uint8Array).slice().buffer as ArrayBuffer) as unknown as [Sent, Uint8Array];
const stateOf = (users: unknown[], current: string | null, signing_in = null) => ({ users, current, signing_in, problem: null, providers: [] });
const nari = { id: "u1", nickname: "Nari", avatar: null, accounts: [{ id: "a1", state: "active" }] };
const frame = (head: object, body: string) => write(head, new TextEncoder().encode(body)).buffer;
const head = (status: number, headers: [string, string][] = []) => ({ status, status_text: "", headers, url: "https://api.example.com/v1/" });

test("a session without a window is loading", () => {
  const session = createSession();
  const seen: string[] = [];
  session.subscribe((snapshot) => seen.push(snapshot.status))();
  assert.deepEqual(seen, ["loading"]);
  assert.equal(session.getSnapshot(), session.getSnapshot());
});

test("a session follows the state", async () => {
  const { calls, tell } = mockRust({ state: () => stateOf([], null) });
  const session = createSession();
  const seen: unknown[] = [];
  const end = session.subscribe(({ status, user }) => seen.push([status, user?.nickname]));
  await new Promise((done) => setTimeout(done));
  const watched = calls.find(({ command }) => command === "watch_state")!.given as { channel: { id: number } };
  tell(watched.channel.id, stateOf([nari], "u1"));
  assert.deepEqual(seen, [["loading", undefined], ["signed-out", undefined], ["signed-in", "Nari"]]);
  assert.equal(session.getSnapshot().account?.id, "a1");
  end();
  tell(watched.channel.id, stateOf([], null));
  assert.equal(seen.length, 3);
});

test("signing in names the provider", async () => {
  const { calls } = mockRust({});
  await signIn("discord");
  await signIn("company", { method: "loopback", storage: "memory", accountHint: "nari@example.com" });
  assert.deepEqual(calls, [
    { command: "sign_in", given: { provider: "discord", method: null, server: null, storage: null } },
    {
      command: "sign_in",
      given: { provider: "company", method: "loopback", server: null, storage: "memory", accountHint: "nari@example.com" },
    },
  ]);
});

test("fetch sends a frame and returns a response", async () => {
  const { calls } = mockRust({ fetch: () => frame(head(201, [["content-type", "text/plain"]]), "stored") });
  const url = "https://api.example.com/v1/";
  const response = await fetch("a1", url, { method: "POST", headers: { "X-A": "b" }, body: "a note" });
  assert.deepEqual([response.status, response.ok, response.url], [201, true, url]);
  assert.deepEqual([response.headers.get("content-type"), await response.text()], ["text/plain", "stored"]);
  const [sent, body] = sentBy(calls[0]);
  assert.deepEqual([sent.account, sent.method, sent.url], ["a1", "POST", url]);
  assert.ok(sent.headers.some(([name, value]) => name === "x-a" && value === "b"));
  assert.equal(new TextDecoder().decode(body), "a note");
});

test("a response without a body has none", async () => {
  mockRust({ fetch: () => frame(head(204), "") });
  assert.equal((await fetch("a1", "https://api.example.com/v1/")).body, null);
});

test("a refusal is an error with a code", async () => {
  mockRust({
    fetch: () => {
      throw { code: "origin_refused", message: "the app allows no such origin" };
    },
  });
  await assert.rejects(fetch("a1", "https://evil.example/"), (error: unknown) => {
    assert.ok(error instanceof FetchError);
    return error.code === "origin_refused" && error.problem === null;
  });
});

test("an aborted request is cancelled by its id", async () => {
  let refuse: (refusal: unknown) => void = () => {};
  const { calls } = mockRust({
    fetch: () => new Promise((_, reject) => (refuse = reject)),
    fetch_cancel: () => refuse({ code: "cancelled", message: "the request was cancelled" }),
  });
  const controller = new AbortController();
  const sent = fetch("a1", "https://api.example.com/v1/", { signal: controller.signal });
  await new Promise((done) => setTimeout(done));
  controller.abort();
  await assert.rejects(sent, { name: "AbortError" });
  const [{ id }] = sentBy(calls[0]);
  assert.deepEqual(calls[1], { command: "fetch_cancel", given: { id } });
});

test("a stream ends with its mark", async () => {
  const { calls, tell } = mockRust({ fetch_stream: () => frame(head(200), "") });
  const response = await fetch("a1", "https://api.example.com/v1/", { stream: true });
  const [{ channel }] = sentBy(calls[0]);
  const id = Number(channel.replace("__CHANNEL__:", ""));
  tell(id, new TextEncoder().encode("one ").buffer);
  tell(id, new TextEncoder().encode("two").buffer);
  tell(id, { done: null });
  assert.equal(await response.text(), "one two");
});
