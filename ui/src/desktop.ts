// Commands of the desktop app itself, besides those of the plugin (ipc.ts).
import { invoke } from "@tauri-apps/api/core";

/** Closes the window, which ends the app. */
export const quit = () => invoke<void>("quit");

/** Sets the zoom of the page; 1 is the usual size. */
export const zoom = (factor: number) => invoke<void>("zoom", { factor });

/** A report without personal data. */
export const diagnostics = () => invoke<string>("diagnostics");

/** Starts the demo provider, unless it runs. */
export const startDemo = () => invoke<void>("start_demo");

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
