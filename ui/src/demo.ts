// The demo provider, which the program starts on demand.
import type { Account } from "./bindings/Account";

/** Its id in the configuration and in accounts (src-tauri/src/demo.rs). */
export const DEMO = "demo";

/** Whether the package has it. */
export const hasDemo = (): boolean => (globalThis as { nameplateHasDemo?: boolean }).nameplateHasDemo === true;

export const isDemo = ({ provider }: Account): boolean => provider === DEMO;
