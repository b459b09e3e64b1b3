// State of the window: the last overview from Rust, the open pages and the running command.
import type { Account } from "./bindings/Account";
import type { AccountPage } from "./bindings/AccountPage";
import type { Grant } from "./bindings/Grant";
import type { TokenStorage } from "./bindings/TokenStorage";
import type { State } from "./bindings/State";
import type { Problem } from "./bindings/Problem";
import type { ProviderCard } from "./bindings/ProviderCard";
import type { SetUpReport } from "./bindings/SetUpReport";
import type { Settings } from "./bindings/Settings";
import type { SigningIn } from "./bindings/SigningIn";
import type { User } from "./bindings/User";
import { DEMO, isDemo } from "./demo";
import { saveDesktopSettings, startDemo } from "./desktop";
import * as ipc from "./ipc";
import { systemLanguage, messagesFor } from "./i18n";

/** A page opened on top of the screen that the overview calls for. */
export type Page =
  | { name: "settings" }
  /** With `another`, for adding a user. */
  | { name: "welcome"; another?: boolean }
  | { name: "set-up"; provider: string }
  /** Setup of an OpenID provider without an entry in providers.toml. */
  | { name: "new-provider" }
  /** With `user`, the profile becomes an account of that user. */
  | { name: "profile-form"; user: string | null }
  | { name: "shortcuts" }
  | { name: "licences" }
  /** Everything about one account. */
  | { name: "account"; account: string };
export type Screen = "loading" | "welcome" | "set-up" | "waiting" | "profile" | "profile-form" | "account" | "settings" | "shortcuts" | "licences";

class View {
  overview = $state.raw<State | null>(ipc.firstState());
  pages = $state.raw<Page[]>([]);
  /** Error of the last command. */
  failure = $state.raw<Problem | null>(null);
  /** The running command, such as `sign-in:company`. */
  busy = $state.raw<string | null>(null);
  /** Whether a profile is being refreshed. Blocks no other command. */
  refreshing = $state.raw(false);

  language = $derived(this.overview?.language ?? systemLanguage());
  messages = $derived(messagesFor(this.language));
  problem = $derived(this.failure ?? this.overview?.problem ?? null);
  page = $derived(this.pages.at(-1));
  user = $derived(shownUser(this.overview));
  card = $derived(this.page?.name === "set-up" ? this.cardOf(this.page.provider) : null);
  /** The account of the open page, with its person. */
  account = $derived(this.page?.name === "account" ? accountOf(this.overview, this.page.account) : null);
  /** All but the demo provider, which has a button of its own. */
  offered = $derived(this.overview?.providers.filter((card) => !card.loopback) ?? []);
  /** Providers that take a setup: all but the local profile. */
  providers = $derived(this.offered.filter((card) => card.kind !== "email" && card.server_input === "none"));
  readyCards = $derived(this.offered.filter((card) => card.ready));
  /** A question over the screen, which stays as it is: whether to open a host that the user did not name. */
  question = $derived(isAsked(this.overview?.problem, this.page) ? this.overview?.problem : null);
  screen = $derived(screenOf(this.overview, this.page, this.card ?? this.account));

  take(snapshot: State) {
    const started = !this.overview?.signing_in && snapshot.signing_in;
    const ended = this.overview?.signing_in && !snapshot.signing_in;
    // An open page must not hide the start or the end of a sign-in.
    if (started || ended) this.pages = [];
    if (started || ended || (this.failure && this.isSetUp(this.failure, snapshot))) this.failure = null;
    this.overview = snapshot;
    if (Object.entries(chosen).every(([key, value]) => snapshot.settings[key as keyof Settings] === value)) chosen = {};
  }

  /** Whether the provider of a failure that asked for its setup is set up by now. */
  private isSetUp({ code, provider }: Problem, { providers }: State): boolean {
    return code === "not_set_up" && providers.some((card) => card.id === provider && card.ready);
  }

  cardOf(provider: string): ProviderCard | null {
    return this.overview?.providers.find((card) => card.id === provider) ?? null;
  }

  /** The kind of a configured provider: `company` may be `oidc`. */
  kindOf(provider: string): string {
    return this.cardOf(provider)?.kind ?? provider;
  }

  /** The user that the local profile form adds an account to. */
  get formUser(): User | null {
    const page = this.page;
    return (page?.name === "profile-form" && this.overview?.users.find(({ id }) => id === page.user)) || null;
  }

  isDemo(provider: string): boolean {
    return isDemo(provider, this.overview?.providers ?? []);
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

/** Reads the first overview and listens for later ones. Returns a function that stops listening. */
export async function start(): Promise<() => void> {
  let newer = false;
  const stop = await ipc.onState((snapshot) => {
    newer = true;
    view.take(snapshot);
  });
  await command("overview", async () => {
    const snapshot = await ipc.state();
    // An event that arrived meanwhile is newer than the result.
    if (!newer) view.take(snapshot);
  });
  return stop;
}

/** The last request, repeated by "Try again" at the same provider. */
let lastRequest: { provider: string; repeat: () => Promise<boolean> } | null = null;

/** What was named besides the provider at the last sign-in, for "Try again". */
let lastServer: { provider: string; server: string | null } | null = null;

export async function beginSignIn(
  provider: string,
  server: string | null = lastServer?.provider === provider ? lastServer.server : null,
  storage: TokenStorage = "keychain",
): Promise<boolean> {
  lastRequest = null;
  lastServer = { provider, server };
  if (view.kindOf(provider) === "email") return openForm(null);
  return command(`sign-in:${provider}`, () => ipc.signIn(provider, { server, storage }));
}

export const addAccount = async (user: string, provider: string, server: string | null = null): Promise<boolean> =>
  view.kindOf(provider) === "email"
    ? openForm(user)
    : repeatable(provider, `add-account:${provider}`, () => ipc.addAccount(user, provider, server));

export const tryDemo = () =>
  repeatable(DEMO, "demo", async () => {
    await startDemo();
    await ipc.signIn(DEMO, { storage: "keychain" });
  });

export const signInAgain = (account: Account) =>
  repeatable(account.provider, `sign-in-again:${account.id}`, async () => {
    const issuer = view.isDemo(account.provider) ? await startDemo() : account.issuer;
    // At another port the demo is another issuer, which does not know the account.
    if (issuer !== account.issuer) await ipc.signIn(DEMO, { storage: "keychain" });
    else await ipc.signInAgain(account.id);
  });

export const askForMore = ({ id, provider }: Account) =>
  repeatable(provider, `ask-for-more:${id}`, () => ipc.askForMore(id));

export const addBot = (provider: string, permissions: number[]) =>
  repeatable(provider, `add-bot:${provider}`, () => ipc.addBot(provider, permissions));

/** A local profile has no provider page; it starts with a form. */
function openForm(user: string | null): boolean {
  view.open({ name: "profile-form", user });
  return true;
}

/** Repeats the last request at the provider; signs in where there was none. */
export const tryAgain = (provider: string) =>
  lastRequest?.provider === provider ? lastRequest.repeat() : beginSignIn(provider);

function repeatable(provider: string, name: string, run: () => Promise<void>): Promise<boolean> {
  const repeat = () => command(name, run);
  lastRequest = { provider, repeat };
  return repeat();
}

/** Restarts the sign-in on another method, with the same token storage. */
export const changeMethod = ({ provider, server, storage }: SigningIn, method: Grant) =>
  command(`method:${method}`, () => ipc.signIn(provider, { server, method, storage }));

export const confirmHost = (host: string) => command("confirm-host", () => ipc.confirmHost(host));
export const openBrowser = () => command("open-browser", ipc.openBrowser);
export const complete = (url: string) => command("complete", () => ipc.complete(url));
export const cancel = () => command("cancel", ipc.cancel);
export const signOut = (account: string) => command(`sign-out:${account}`, () => ipc.signOut(account));
export const disconnect = (account: string) =>
  command(`disconnect:${account}`, () => ipc.signOut(account, "everywhere"));
export const unlink = (account: string) => command(`unlink:${account}`, () => ipc.unlink(account));
export const link = (account: string) => command(`link:${account}`, () => ipc.link(account));
export const declineLink = (account: string) =>
  command(`decline-link:${account}`, () => ipc.declineLink(account));
export const switchUser = (user: string) => command(`switch:${user}`, () => ipc.switchUser(user));
export const rename = (user: string, name: string) => command(`rename:${user}`, () => ipc.rename(user, name));
export const showProfile = (account: string) => command(`show-profile:${account}`, () => ipc.showProfile(account));
export const openAccountPage = ({ id, provider }: Account, page: AccountPage) =>
  command(`${page}:${id}`, () => ipc.openAccountPage(provider, page));

/** The path of the file, or null on failure. */
export async function exportAccount(account: string): Promise<string | null> {
  let path: string | null = null;
  await command(`export:${account}`, async () => {
    path = await ipc.exportAccount(account);
  });
  return path;
}

export const reloadConfiguration = () => command("reload-configuration", ipc.reloadConfiguration);

/** Choices that no overview shows yet. A second choice must not undo the first. */
let chosen: Partial<Settings> = {};

export async function saveSettings(choice: Partial<Settings>): Promise<void> {
  if (!view.overview) return;
  chosen = { ...chosen, ...choice };
  const settings = { ...view.overview.settings, ...chosen };
  if (!(await command("settings", () => ipc.saveSettings(settings)))) chosen = {};
}

export const openRegisterPage = (provider: string) =>
  command("register", () => ipc.openRegisterPage(provider));

export const dismissBot = () => command("dismiss-bot", ipc.dismissBot);

/** The form shows the report, also on failure. */
export async function setUp(request: ipc.SetUpRequest): Promise<SetUpReport> {
  let report: SetUpReport = { saved: false, checked: "unknown", problem: null };
  const problem = await call("set-up", async () => {
    report = await ipc.setUp(request);
  });
  return problem ? { ...report, problem } : report;
}

/** Returns the problem for the form to show, or null. */
export async function createProfile(profile: ipc.NewProfile): Promise<Problem | null> {
  const problem = await call("create-profile", () => ipc.createProfile(profile));
  if (!problem) view.pages = [];
  return problem;
}

export const unlockProfile = (account: string, password: string): Promise<Problem | null> =>
  call(`unlock:${account}`, () => ipc.unlockProfile(account, password));

/** Closes the pages: the people they were about are gone. */
export async function reset(): Promise<boolean> {
  const done = await command("reset", async () => {
    await ipc.reset();
    await saveDesktopSettings({ tray: false, start_at_login: false });
  });
  if (done) view.pages = [];
  return done;
}

/** Reads the profile again from each provider. Failures arrive in the overview. */
export async function refreshProfile(user: User): Promise<void> {
  if (view.refreshing) return;
  const accounts = user.accounts.filter((account) => account.state === "active" && !view.isLocal(account));
  view.failure = null;
  view.refreshing = true;
  try {
    for (const account of accounts) {
      lastRequest = { provider: account.provider, repeat: () => refreshOrSignIn(account.id) };
      if (view.isDemo(account.provider)) await startDemo();
      await ipc.refreshProfile(account.id);
    }
  } catch (error) {
    view.failure = asProblem(error);
  } finally {
    view.refreshing = false;
  }
}

/** A refresh may have found that the session has ended. */
async function refreshOrSignIn(id: string): Promise<boolean> {
  const user = view.overview?.users.find(({ accounts }) => accounts.some((account) => account.id === id));
  const account = user?.accounts.find((account) => account.id === id);
  if (!user || !account) return false;
  if (account.state === "needs_sign_in") return signInAgain(account);
  await refreshProfile({ ...user, accounts: [account] });
  return true;
}

export const restart = () => command("restart", ipc.restart);

export async function dismiss() {
  const stored = view.overview?.problem;
  view.failure = null;
  if (stored) await command("dismiss", ipc.dismissProblem);
}

/** True on success. The window shows a failure as a problem. */
async function command(name: string, run: () => Promise<void>): Promise<boolean> {
  view.failure = await call(name, run);
  return view.failure === null;
}

/** Null on success. The caller shows a failure. */
async function call(name: string, run: () => Promise<void>): Promise<Problem | null> {
  view.failure = null;
  view.busy = name;
  try {
    await run();
    return null;
  } catch (error) {
    return asProblem(error);
  } finally {
    if (view.busy === name) view.busy = null;
  }
}

function asProblem(error: unknown): Problem {
  if (isProblem(error)) return error;
  return {
    code: "unexpected",
    message: view.messages.app.unexpected,
    next: view.messages.app.unexpectedNext,
    detail: error instanceof Error ? error.message : String(error),
    provider: null,
    remedies: ["restart"],
  };
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === "object" && value !== null && "code" in value && "message" in value;

function accountOf(overview: State | null, id: string): { account: Account; user: User } | null {
  for (const user of overview?.users ?? []) {
    const account = user.accounts.find((account) => account.id === id);
    if (account) return { account, user };
  }
  return null;
}

function shownUser(overview: State | null): User | null {
  if (!overview) return null;
  return overview.users.find((user) => user.id === overview.current) ?? overview.users[0] ?? null;
}

/** Settings that were opened meanwhile come first. */
const isAsked = (problem: Problem | null | undefined, page: Page | undefined): boolean =>
  problem?.code === "host_not_confirmed" && !["settings", "shortcuts", "licences"].includes(page?.name ?? "");

/** `subject` is what the page is about; a page whose subject is gone is not shown. */
function screenOf(overview: State | null, page: Page | undefined, subject: object | null): Screen {
  if (!overview || overview.waits_for?.code === "store_updating") return "loading";
  if (page?.name === "settings" || page?.name === "shortcuts" || page?.name === "licences") return page.name;
  if (page?.name === "set-up" && subject) return "set-up";
  if (page?.name === "account" && subject) return "account";
  if (page?.name === "new-provider") return "set-up";
  if (page?.name === "profile-form") return "profile-form";
  if (overview.signing_in) return "waiting";
  if (overview.users.length > 0 && page?.name !== "welcome") return "profile";
  return "welcome";
}
