// What the window knows: the last snapshot from Rust, and the little that is only the view's own.
import type { Account } from "./bindings/Account";
import type { Channel } from "./bindings/Channel";
import type { Keep } from "./bindings/Keep";
import type { Overview } from "./bindings/Overview";
import type { Problem } from "./bindings/Problem";
import type { ProviderCard } from "./bindings/ProviderCard";
import type { SetUpReport } from "./bindings/SetUpReport";
import type { Settings } from "./bindings/Settings";
import type { SigningIn } from "./bindings/SigningIn";
import type { User } from "./bindings/User";
import * as ipc from "./ipc";
import { systemLanguage, wordsFor } from "./i18n";

/** A page the person opened on top of where the snapshot puts them. */
export type Page =
  | { name: "settings" }
  /** With `another`, for a person who is not here yet. */
  | { name: "welcome"; another?: boolean }
  | { name: "set-up"; provider: string }
  /** The set-up of an OpenID provider that has no entry yet. */
  | { name: "new-provider" }
  /** With `user`, for an account of that person. */
  | { name: "profile-form"; user: string | null };
export type Screen = "loading" | "welcome" | "set-up" | "waiting" | "profile" | "profile-form" | "settings";

class View {
  overview = $state.raw<Overview | null>(null);
  pages = $state.raw<Page[]>([]);
  /** The last command that Rust refused. */
  failure = $state.raw<Problem | null>(null);
  /** The command under way, as `sign-in:discord`. */
  busy = $state.raw<string | null>(null);
  /** Whether a profile is being read again; nothing else waits for that. */
  reading = $state.raw(false);

  language = $derived(this.overview?.language ?? systemLanguage());
  words = $derived(wordsFor(this.language));
  problem = $derived(this.failure ?? this.overview?.problem ?? null);
  page = $derived(this.pages.at(-1));
  user = $derived(shownUser(this.overview));
  card = $derived(this.page?.name === "set-up" ? findCard(this.overview, this.page.provider) : null);
  /** Where a provider can be set up; a local profile takes none. */
  providers = $derived(this.overview?.providers.filter((card) => card.kind !== "email") ?? []);
  readyCards = $derived(this.overview?.providers.filter((card) => card.ready) ?? []);
  screen = $derived(screenOf(this.overview, this.page, this.card));

  take(snapshot: Overview) {
    const began = !this.overview?.signing_in && snapshot.signing_in;
    const cameHome = this.overview?.signing_in && !snapshot.signing_in;
    // A page that was open must not hide that a sign-in began or came to its end.
    if (began || cameHome) this.pages = [];
    this.overview = snapshot;
  }

  cardOf(provider: string): ProviderCard | null {
    return findCard(this.overview, provider);
  }

  /** Which brand a configured provider belongs to; `company` may be of kind `oidc`. */
  kindOf(provider: string): string {
    return findCard(this.overview, provider)?.kind ?? provider;
  }

  /** Whose account the profile form makes. */
  get formUser(): User | null {
    const page = this.page;
    return (page?.name === "profile-form" && this.overview?.users.find(({ id }) => id === page.user)) || null;
  }

  isLocal(account: Account): boolean {
    return this.kindOf(account.provider) === "email";
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

/** What "try again" means at a provider: the last wish, which may have been about one account. */
let wish: { provider: string; again: () => Promise<boolean> } | null = null;

export async function beginSignIn(provider: string, keep: Keep = "keychain"): Promise<boolean> {
  wish = null;
  if (view.kindOf(provider) === "email") return openForm(null);
  return command(`sign-in:${provider}`, () => ipc.beginSignIn(provider, null, keep));
}

export const addAccount = async (user: string, provider: string): Promise<boolean> =>
  view.kindOf(provider) === "email"
    ? openForm(user)
    : wished(provider, `add-account:${provider}`, () => ipc.addAccount(user, provider));

export const signInAgain = ({ id, provider }: Account) =>
  wished(provider, `sign-in-again:${id}`, () => ipc.signInAgain(id));

export const askForMore = ({ id, provider }: Account) =>
  wished(provider, `ask-for-more:${id}`, () => ipc.askForMore(id));

export const addBot = (provider: string, permissions: number[]) =>
  wished(provider, `add-bot:${provider}`, () => ipc.addBot(provider, permissions));

/** A local profile is no sign-in elsewhere: it begins with a form. */
function openForm(user: string | null): boolean {
  view.open({ name: "profile-form", user });
  return true;
}

/** The same wish once more; a sign-in where there was none. */
export const tryAgain = (provider: string) =>
  wish?.provider === provider ? wish.again() : beginSignIn(provider);

function wished(provider: string, name: string, run: () => Promise<void>): Promise<boolean> {
  const again = () => command(name, run);
  wish = { provider, again };
  return again();
}

/** A change of channel keeps to what the person chose for this sign-in. */
export const changeChannel = ({ provider, keep }: SigningIn, channel: Channel) =>
  command(`channel:${channel}`, () => ipc.beginSignIn(provider, channel, keep));

export const openBrowser = () => command("open-browser", ipc.openBrowser);
export const finish = (answer: string) => command("finish", () => ipc.finish(answer));
export const cancel = () => command("cancel", ipc.cancel);
export const signOut = (account: string) => command(`sign-out:${account}`, () => ipc.signOut(account));
export const disconnect = (account: string) =>
  command(`disconnect:${account}`, () => ipc.disconnect(account));
export const part = (account: string) => command(`part:${account}`, () => ipc.part(account));
export const join = (account: string) => command(`join:${account}`, () => ipc.join(account));
export const keepApart = (account: string) =>
  command(`keep-apart:${account}`, () => ipc.keepApart(account));
export const showUser = (user: string) => command(`show:${user}`, () => ipc.showUser(user));
export const renameUser = (user: string, name: string) =>
  command(`rename:${user}`, () => ipc.renameUser(user, name));
export const checkAgain = () => command("check-again", ipc.checkAgain);
export const saveSettings = (settings: Settings) =>
  command("settings", () => ipc.saveSettings(settings));
export const openRegisterPage = (provider: string) =>
  command("register", () => ipc.openRegisterPage(provider));

export const dismissBot = () => command("dismiss-bot", ipc.dismissBot);

/** What came of it stays beside the fields, whatever it is. */
export async function setUp(wish: ipc.SetUpWish): Promise<SetUpReport> {
  let report: SetUpReport = { saved: false, checked: "unknown", problem: null };
  const problem = await answer("set-up", async () => {
    report = await ipc.setUp(wish);
  });
  return problem ? { ...report, problem } : report;
}

/** Nothing where it was made; what stands in the way belongs to the form. */
export async function createProfile(profile: ipc.NewProfile): Promise<Problem | null> {
  const problem = await answer("create-profile", () => ipc.createProfile(profile));
  if (!problem) view.pages = [];
  return problem;
}

export const enterProfile = (account: string, password: string): Promise<Problem | null> =>
  answer(`enter:${account}`, () => ipc.enterProfile(account, password));

/** Nobody is left whom a page could be about. */
export async function forget(): Promise<boolean> {
  const done = await command("forget", ipc.forget);
  if (done) view.pages = [];
  return done;
}

/** Reads what each account says of the person now; what fails is told by the snapshot. */
export async function readAgain(user: User): Promise<void> {
  if (view.reading) return;
  const accounts = user.accounts.filter((account) => account.state === "active" && !view.isLocal(account));
  view.failure = null;
  view.reading = true;
  try {
    for (const account of accounts) {
      wish = { provider: account.provider, again: () => readOrSignIn(account.id) };
      await ipc.readAgain(account.id);
    }
  } catch (refusal) {
    view.failure = asProblem(refusal);
  } finally {
    view.reading = false;
  }
}

/** It may have turned out that the session is over. */
async function readOrSignIn(id: string): Promise<boolean> {
  const user = view.overview?.users.find(({ accounts }) => accounts.some((account) => account.id === id));
  const account = user?.accounts.find((account) => account.id === id);
  if (!user || !account) return false;
  if (account.state === "needs_sign_in") return signInAgain(account);
  await readAgain({ ...user, accounts: [account] });
  return true;
}

export const restart = () => command("restart", ipc.restart);

export async function dismiss() {
  const kept = view.overview?.problem;
  view.failure = null;
  if (kept) await command("dismiss", ipc.dismissProblem);
}

/** True when Rust accepted it; a refusal is shown like any other problem. */
async function command(name: string, run: () => Promise<void>): Promise<boolean> {
  view.failure = await answer(name, run);
  return view.failure === null;
}

/** Nothing when Rust accepted it; a refusal is for whoever asked. */
async function answer(name: string, run: () => Promise<void>): Promise<Problem | null> {
  view.failure = null;
  view.busy = name;
  try {
    await run();
    return null;
  } catch (refusal) {
    return asProblem(refusal);
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
  if (page?.name === "new-provider") return "set-up";
  if (page?.name === "profile-form") return "profile-form";
  if (overview.signing_in) return "waiting";
  if (overview.users.length > 0 && page?.name !== "welcome") return "profile";
  return "welcome";
}
