// The commands of the plugin, one function each. None returns a token.
import { Channel as IpcChannel, convertFileSrc, type InvokeArgs, invoke as invokeTauri } from "@tauri-apps/api/core";
import type { AccountPage } from "./bindings/AccountPage.js";
import type { Grant } from "./bindings/Grant.js";
import type { ProviderCard } from "./bindings/ProviderCard.js";
import type { SetUpReport } from "./bindings/SetUpReport.js";
import type { Settings } from "./bindings/Settings.js";
import type { SignOutScope } from "./bindings/SignOutScope.js";
import type { State } from "./bindings/State.js";
import type { TokenStorage } from "./bindings/TokenStorage.js";
import type { User } from "./bindings/User.js";

/** Prefix of the commands of the plugin. */
export const PLUGIN = "plugin:nameplate|";

const invoke = <T>(command: string, given?: InvokeArgs) => invokeTauri<T>(PLUGIN + command, given);

/** Name of a command of the plugin, for mocks of Rust. */
export const commandOf = (invoked: string): string => invoked.replace(PLUGIN, "");

/** People, accounts, providers and the pending sign-in. */
export const state = () => invoke<State>("state");

/** Calls the listener with the state after each change; the returned function stops that. */
export async function onState(listener: (state: State) => void): Promise<() => void> {
  const channel = new IpcChannel<State>(listener);
  await invoke<void>("watch_state", { channel });
  return () => {
    channel.onmessage = () => {};
    invoke<void>("unwatch_state", { channel: channel.id }).catch(() => {});
  };
}

export const providers = () => invoke<ProviderCard[]>("providers");

export interface SignInOptions {
  /** How the browser returns; null for the provider's preferred way. */
  method?: Grant | null;
  /** What the user names besides the provider, where it wants that: an issuer, a server or a handle. */
  server?: string | null;
  /** Where the tokens are stored, the keychain if not given. */
  storage?: TokenStorage | null;
  /** The expected account, as its e-mail address. Providers without a parameter for it ignore it; another account may sign in. */
  accountHint?: string | null;
}

/**
 * Opens the browser and returns at once; the state tells how it ends. Where a handle or a server was named, it may end with the
 * problem `host_not_confirmed` before the browser opens: see `confirmHost`.
 */
export const signIn = (
  provider: string,
  { method = null, server = null, storage = null, accountHint = null }: SignInOptions = {},
) => invoke<void>("sign_in", { provider, server, method, storage, ...(accountHint !== null && { accountHint }) });

/** Opens the browser once more for the pending sign-in. */
export const openBrowser = () => invoke<void>("open_browser");

/**
 * Repeats the sign-in that ended with the problem `host_not_confirmed`, after the user has agreed to the host in its
 * `detail`.
 */
export const confirmHost = (host: string) => invoke<void>("confirm_host", { host });

/** Completes the pending sign-in with the URL that the browser ended at. */
export const complete = (url: string) => invoke<void>("complete", { url });

export const cancel = () => invoke<void>("cancel");

/** Signs in with another account of a user; `server` as in {@link SignInOptions}. */
export const addAccount = (user: string, provider: string, server: string | null = null) =>
  invoke<void>("add_account", { user, provider, server });

/** Signs in again to an account whose session has ended. */
export const signInAgain = (account: string) => invoke<void>("sign_in_again", { account });

/** Asks for the provider's optional scopes. */
export const askForMore = (account: string) => invoke<void>("ask_for_more", { account });

export const refreshProfile = (account: string) => invoke<void>("refresh_profile", { account });

/** Shows another user. */
export const switchUser = (user: string) => invoke<void>("switch", { user });

/** An empty name restores the provider's. */
export const rename = (user: string, name: string) => invoke<void>("rename", { user, name });

/** `everywhere` also revokes the app's access at the provider. */
export const signOut = (account: string, scope: SignOutScope = "here") => invoke<void>("sign_out", { account, scope });

export const dismissProblem = () => invoke<void>("dismiss_problem");

/** Accepts that an account belongs to the other user of a link offer. */
export const link = (account: string) => invoke<void>("link", { account });

export const declineLink = (account: string) => invoke<void>("decline_link", { account });

/** Makes an account a user of its own. */
export const unlink = (account: string) => invoke<void>("unlink", { account });

export interface NewProfile {
  address: string;
  password: string;
  nickname: string;
  /** The user who gets the account; null creates a user. */
  user: string | null;
}

/** Creates a profile with a password, on this device only. */
export const createProfile = (profile: NewProfile) => invoke<void>("create_profile", { ...profile });

export const unlockProfile = (account: string, password: string) =>
  invoke<void>("unlock_profile", { account, password });

export const addBot = (provider: string, permissions: number[]) => invoke<void>("add_bot", { provider, permissions });

export const dismissBot = () => invoke<void>("dismiss_bot");

/** Values of a setup form. A null secret keeps the saved one, an empty one deletes it. */
export interface SetUpRequest {
  provider: string;
  clientId: string;
  clientSecret: string | null;
  issuer: string | null;
  label: string | null;
  redirectUri: string | null;
  check: "first" | "skip";
}

export const setUp = (request: SetUpRequest) => invoke<SetUpReport>("set_up", { ...request });

/** Reads `providers.toml` and `.env` again. */
export const reloadConfiguration = () => invoke<void>("reload_configuration");

/** Opens the page of a provider where a client is registered. */
export const openRegisterPage = (provider: string) => invoke<void>("open_register_page", { provider });

/** Opens a page of the provider for a user with an account there; `account_pages` of its card are those that there are. */
export const openAccountPage = (provider: string, page: AccountPage) =>
  invoke<void>("open_account_page", { provider, page });

/** Shows name, picture and email of an account as its person's. */
export const showProfile = (account: string) => invoke<void>("show_profile", { account });

/** Writes what is shown of an account, without tokens, to a file in the folder of downloads; its path. */
export const exportAccount = (account: string) => invoke<string>("export_account", { account });

export const saveSettings = (settings: Settings) => invoke<void>("save_settings", { settings });

/** Deletes all people, accounts and settings. */
export const reset = () => invoke<void>("reset");

export const restart = () => invoke<void>("restart");

/** URL of an account's stored picture. The key changes with the picture, so the response may be cached. */
export const pictureUrl = (account: string, key: string | null): string | null =>
  key === null ? null : convertFileSrc(`${account}/${key}`, "avatar");

/** URL of a user's picture, which is that of the account whose profile is shown. */
export const avatarUrl = (user: User): string | null => pictureUrl(user.profile, user.avatar);
