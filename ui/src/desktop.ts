// Commands of the desktop app itself, besides those of the plugin (ipc.ts).
import { invoke } from "@tauri-apps/api/core";

/** Closes the window, which ends the app. */
export const quit = () => invoke<void>("quit");

/** Sets the zoom of the page; 1 is the usual size. */
export const zoom = (factor: number) => invoke<void>("zoom", { factor });

/** A report without personal data. */
export const diagnostics = () => invoke<string>("diagnostics");

/** Starts the demo provider, unless it runs. Returns its issuer. */
export const startDemo = () => invoke<string>("start_demo");

/** The command that prints an access token of an account, by the shortest safe name; null if there is no such account. */
export const tokenCommand = (account: string) => invoke<string | null>("token_command", { account });

/** The app's own settings; null for what this computer or this data folder does not have. */
export interface DesktopSettings {
  tray: boolean | null;
  start_at_login: boolean | null;
}

export const desktopSettings = () => invoke<DesktopSettings>("desktop_settings");

/** Changes what is given. Returns the settings as they are afterwards. */
export const saveDesktopSettings = (settings: Partial<DesktopSettings>) =>
  invoke<DesktopSettings>("save_desktop_settings", { settings });

export interface Library {
  name: string;
  version: string;
  /** An SPDX expression. */
  licence: string;
}

/** The libraries in the program. */
export const licences = () => invoke<Library[]>("licences");

/** A client ID of this kind of provider that is on the clipboard. */
export const clientIdOnClipboard = (kind: string) => invoke<string | null>("client_id_on_clipboard", { kind });
