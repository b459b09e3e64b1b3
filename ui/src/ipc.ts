// The commands of the plugin, and the state at the start of the window. No other module imports the plugin.
import type { State } from "./bindings/State";

export * from "tauri-plugin-nameplate-api";

/** The state at the start of the window, which needs no request; null in a browser. */
export const firstState = (): State | null =>
  (globalThis as { nameplateState?: State }).nameplateState ?? null;
