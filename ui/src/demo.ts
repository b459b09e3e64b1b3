// The demo provider, which the program starts on demand.
import type { ProviderCard } from "./bindings/ProviderCard";

/** Its id in the configuration and in accounts (src-tauri/src/identity.rs). */
export const DEMO = "demo";

/** Whether the package has it. */
export const hasDemo = (): boolean => (globalThis as { nameplateHasDemo?: boolean }).nameplateHasDemo === true;

/** Whether the id is that of the demo, running or not, and not of a provider that a user has configured. */
export const isDemo = (provider: string, cards: ProviderCard[]): boolean =>
  provider === DEMO && !cards.some((card) => card.id === DEMO && !card.loopback);
