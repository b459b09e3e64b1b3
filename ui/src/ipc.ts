// The plugin's commands under the names that the window uses. No other module uses Tauri.
import * as plugin from "tauri-plugin-nameplate-api";
import type { Grant } from "./bindings/Grant";
import type { State } from "./bindings/State";
import type { TokenStorage } from "./bindings/TokenStorage";

export {
  addAccount,
  addBot,
  askForMore,
  cancel,
  commandOf,
  createProfile,
  declineLink,
  dismissBot,
  dismissProblem,
  exportAccount,
  link,
  type NewProfile,
  onState as onOverview,
  openAccountPage,
  openBrowser,
  pictureUrl as avatarUrl,
  openRegisterPage,
  refreshProfile,
  rename as renameUser,
  reloadConfiguration as checkAgain,
  reset,
  restart,
  saveSettings,
  setUp,
  type SetUpRequest,
  showProfile,
  signInAgain,
  state as overview,
  switchUser as showUser,
  unlink,
  unlockProfile as enterProfile,
} from "tauri-plugin-nameplate-api";

/** The state at the start of the window, which needs no request; null in a browser. */
export const firstState = (): State | null =>
  (globalThis as { nameplateState?: State }).nameplateState ?? null;

/** `server` is what the user named besides the provider. */
export const beginSignIn = (provider: string, server: string | null, method: Grant | null, storage: TokenStorage) =>
  plugin.signIn(provider, { server, method, storage });

export const finish = plugin.complete;

export const signOut = (account: string) => plugin.signOut(account, "here");

export const disconnect = (account: string) => plugin.signOut(account, "everywhere");
