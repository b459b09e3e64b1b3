// All commands and the one channel of the window. The only module that uses Tauri.
import { Channel as IpcChannel, convertFileSrc, type InvokeArgs, invoke as invokeTauri } from "@tauri-apps/api/core";
import type { Channel } from "./bindings/Channel";
import type { TokenStorage } from "./bindings/TokenStorage";
import type { State } from "./bindings/State";
import type { SetUpReport } from "./bindings/SetUpReport";
import type { Settings } from "./bindings/Settings";
import type { User } from "./bindings/User";

/** Prefix of the commands of the plugin. */
const PLUGIN = "plugin:nameplate|";

const invoke = <T>(command: string, given?: InvokeArgs) => invokeTauri<T>(PLUGIN + command, given);

/** Name of a command of the plugin, for mocks of Rust. */
export const commandOf = (invoked: string): string => invoked.replace(PLUGIN, "");

export const overview = () => invoke<State>("overview");

/** Takes every later snapshot; the returned function stops that. */
export async function onOverview(take: (snapshot: State) => void): Promise<() => void> {
  const channel = new IpcChannel<State>(take);
  await invoke<void>("watch_overview", { channel });
  return () => {
    channel.onmessage = () => {};
  };
}

export const beginSignIn = (provider: string, channel: Channel | null, storage: TokenStorage) =>
  invoke<void>("begin_sign_in", { provider, channel, storage });

export const openBrowser = () => invoke<void>("open_browser");

export const finish = (answer: string) => invoke<void>("finish", { answer });

export const cancel = () => invoke<void>("cancel");

export const dismissProblem = () => invoke<void>("dismiss_problem");

export const addAccount = (user: string, provider: string) =>
  invoke<void>("add_account", { user, provider });

export const signInAgain = (account: string) => invoke<void>("sign_in_again", { account });

export const askForMore = (account: string) => invoke<void>("ask_for_more", { account });

export const signOut = (account: string) => invoke<void>("sign_out", { account });

export const disconnect = (account: string) => invoke<void>("disconnect", { account });

export const reset = () => invoke<void>("forget");

export const showUser = (user: string) => invoke<void>("show_user", { user });

/** An empty name restores the provider's. */
export const renameUser = (user: string, name: string) =>
  invoke<void>("rename_user", { user, name });

export const link = (account: string) => invoke<void>("join", { account });

export const declineLink = (account: string) => invoke<void>("keep_apart", { account });

export const unlink = (account: string) => invoke<void>("part", { account });

export const refreshProfile = (account: string) => invoke<void>("read_again", { account });

export const checkAgain = () => invoke<void>("check_again");

export const saveSettings = (settings: Settings) => invoke<void>("save_settings", { settings });

export const openRegisterPage = (provider: string) =>
  invoke<void>("open_register_page", { provider });

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

export interface NewProfile {
  address: string;
  password: string;
  nickname: string;
  /** The person who gets the account; null creates a person. */
  user: string | null;
}

export const createProfile = (profile: NewProfile) => invoke<void>("create_profile", { ...profile });

export const enterProfile = (account: string, password: string) =>
  invoke<void>("enter_profile", { account, password });

export const addBot = (provider: string, permissions: number[]) =>
  invoke<void>("add_bot", { provider, permissions });

export const dismissBot = () => invoke<void>("dismiss_bot");

export const restart = () => invoke<void>("restart");

/** URL of the stored picture. `avatar` changes with the picture, so the response may be cached. */
export const avatarUrl = (user: User): string | null =>
  user.avatar === null ? null : convertFileSrc(`${user.id}/${user.avatar}`, "avatar");
