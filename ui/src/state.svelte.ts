// What the window knows: the last snapshot from Rust, and the little that is only the view's own.
import type { Channel } from "./bindings/Channel";
import type { Keep } from "./bindings/Keep";
import type { Overview } from "./bindings/Overview";
import type { Problem } from "./bindings/Problem";
import type { ProviderCard } from "./bindings/ProviderCard";
import type { Settings } from "./bindings/Settings";
import type { SigningIn } from "./bindings/SigningIn";
import type { User } from "./bindings/User";
import * as ipc from "./ipc";
import { systemLanguage, wordsFor } from "./words";

/** A page the person opened on top of where the snapshot puts them. */
export type Page = { name: "settings" } | { name: "welcome" } | { name: "set-up"; provider: string };
export type Screen = "loading" | "welcome" | "set-up" | "waiting" | "profile" | "settings";

class View {
  overview = $state.raw<Overview | null>(null);
  pages = $state.raw<Page[]>([]);
  /** The last command that Rust refused. */
  failure = $state.raw<Problem | null>(null);
  /** The command under way, as `sign-in:discord`. */
  busy = $state.raw<string | null>(null);

  language = $derived(this.overview?.language ?? systemLanguage());
  words = $derived(wordsFor(this.language));
  problem = $derived(this.failure ?? this.overview?.problem ?? null);
  page = $derived(this.pages.at(-1));
  user = $derived(shownUser(this.overview));
  card = $derived(this.page?.name === "set-up" ? findCard(this.overview, this.page.provider) : null);
  screen = $derived(screenOf(this.overview, this.page, this.card));

  take(snapshot: Overview) {
    const began = !this.overview?.signing_in && snapshot.signing_in;
    const cameHome = this.overview?.signing_in && !snapshot.signing_in;
    // A page that was open must not hide that a sign-in began or came to its end.
    if (began || cameHome) this.pages = [];
    this.overview = snapshot;
  }

  /** Which brand a configured provider belongs to; `company` may be of kind `oidc`. */
  kindOf(provider: string): string {
    return findCard(this.overview, provider)?.kind ?? provider;
  }

  open(page: Page) {
    this.pages = [...this.pages, page];
  }

  back() {
    this.pages = this.pages.slice(0, -1);
  }
}

export const view = new View();

/** Takes the first snapshot and every later one; the returned function stops that. */
export async function start(): Promise<() => void> {
  let newer = false;
  const stop = await ipc.onOverview((snapshot) => {
    newer = true;
    view.take(snapshot);
  });
  await command("overview", async () => {
    const snapshot = await ipc.overview();
    // An event that came in between is younger than the answer.
    if (!newer) view.take(snapshot);
  });
  return stop;
}

export const beginSignIn = (provider: string, keep: Keep = "keychain") =>
  command(`sign-in:${provider}`, () => ipc.beginSignIn(provider, null, keep));

/** A change of channel keeps to what the person chose for this sign-in. */
export const changeChannel = ({ provider, keep }: SigningIn, channel: Channel) =>
  command(`channel:${channel}`, () => ipc.beginSignIn(provider, channel, keep));

export const openBrowser = () => command("open-browser", ipc.openBrowser);
export const finish = (answer: string) => command("finish", () => ipc.finish(answer));
export const cancel = () => command("cancel", ipc.cancel);
export const signOut = (account: string) => command(`sign-out:${account}`, () => ipc.signOut(account));
export const checkAgain = () => command("check-again", ipc.checkAgain);
export const saveSettings = (settings: Settings) =>
  command("settings", () => ipc.saveSettings(settings));
export const openRegisterPage = (provider: string) =>
  command("register", () => ipc.openRegisterPage(provider));
export const restart = () => command("restart", ipc.restart);

export async function dismiss() {
  const kept = view.overview?.problem;
  view.failure = null;
  if (kept) await command("dismiss", ipc.dismissProblem);
}

/** True when Rust accepted it; a refusal is shown like any other problem. */
async function command(name: string, run: () => Promise<void>): Promise<boolean> {
  view.failure = null;
  view.busy = name;
  try {
    await run();
    return true;
  } catch (refusal) {
    view.failure = asProblem(refusal);
    return false;
  } finally {
    if (view.busy === name) view.busy = null;
  }
}

function asProblem(refusal: unknown): Problem {
  if (isProblem(refusal)) return refusal;
  return {
    code: "unexpected",
    message: view.words.app.unexpected,
    next: view.words.app.unexpectedNext,
    detail: refusal instanceof Error ? refusal.message : String(refusal),
    provider: null,
    remedies: ["restart"],
  };
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === "object" && value !== null && "code" in value && "message" in value;

const findCard = (overview: Overview | null, id: string): ProviderCard | null =>
  overview?.providers.find((card) => card.id === id) ?? null;

function shownUser(overview: Overview | null): User | null {
  if (!overview) return null;
  return overview.users.find((user) => user.id === overview.current) ?? overview.users[0] ?? null;
}

function screenOf(overview: Overview | null, page: Page | undefined, card: ProviderCard | null): Screen {
  if (!overview) return "loading";
  if (page?.name === "settings") return "settings";
  if (page?.name === "set-up" && card) return "set-up";
  if (overview.signing_in) return "waiting";
  if (overview.users.length > 0 && page?.name !== "welcome") return "profile";
  return "welcome";
}
