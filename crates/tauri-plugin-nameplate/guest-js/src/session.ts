// Who is signed in, as a store for React, Svelte, Vue or none of them.
import type { Account } from "./bindings/Account.js";
import type { Problem } from "./bindings/Problem.js";
import type { State } from "./bindings/State.js";
import type { User } from "./bindings/User.js";
import { onState, state } from "./commands.js";

/** A snapshot, which never changes. */
export interface SessionSnapshot {
  /** `loading` until the first state has come, and where there is no Tauri. */
  readonly status: "loading" | "signed-out" | "signing-in" | "signed-in";
  /** The user to show. */
  readonly user: User | null;
  /** The first account of the user with a valid session, to fetch with. */
  readonly account: Account | null;
  /** What went wrong, until it is dismissed. */
  readonly problem: Problem | null;
  /** Everything. */
  readonly state: State | null;
}

export interface Session {
  /** Calls the listener with the snapshot, now and after each change; returns what ends that. */
  subscribe: (listener: (snapshot: SessionSnapshot) => void) => () => void;
  getSnapshot: () => SessionSnapshot;
}

const LOADING: SessionSnapshot = { status: "loading", user: null, account: null, problem: null, state: null };

/**
 * The session of the app. It can be made where there is no window, as in server-side rendering, and
 * then stays `loading`. The first subscription asks Rust.
 */
export function createSession(): Session {
  const listeners = new Set<(snapshot: SessionSnapshot) => void>();
  let snapshot = LOADING;
  let started = false;

  const take = (next: SessionSnapshot) => {
    snapshot = next;
    for (const listener of [...listeners]) listener(snapshot);
  };

  const start = async () => {
    started = true;
    let newer = false;
    try {
      await onState((now) => {
        newer = true;
        take(snapshotOf(now));
      });
      const first = await state();
      // A message that came meanwhile is newer than the result.
      if (!newer) take(snapshotOf(first));
    } catch (problem) {
      started = false;
      take({ ...snapshot, problem: problemOf(problem) });
    }
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      listener(snapshot);
      if (!started && hasTauri()) void start();
      return () => listeners.delete(listener);
    },
    getSnapshot: () => snapshot,
  };
}

const hasTauri = () => typeof window !== "undefined" && "__TAURI_INTERNALS__" in window;

export function snapshotOf(state: State): SessionSnapshot {
  const user = state.users.find(({ id }) => id === state.current) ?? null;
  const account = user?.accounts.find((account) => account.state === "active") ?? null;
  const ended = account ? "signed-in" : "signed-out";
  return { status: state.signing_in ? "signing-in" : ended, user, account, problem: state.problem, state };
}

/** A command throws a problem of the engine, or a text of Tauri, such as a missing permission. */
function problemOf(thrown: unknown): Problem {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown) return thrown as Problem;
  return { code: "unexpected", message: String(thrown), next: "", detail: null, provider: null, remedies: [] };
}
