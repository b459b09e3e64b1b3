// Sign-in for Tauri apps; the Rust side is the plugin `tauri-plugin-nameplate`.
export * from "./commands.js";
export { fetch, FetchError, type FetchOptions } from "./fetch.js";
export { createSession, type Session, type SessionSnapshot } from "./session.js";
export type { Account } from "./bindings/Account.js";
export type { AccountState } from "./bindings/AccountState.js";
export type { AppInfo } from "./bindings/AppInfo.js";
export type { Grant } from "./bindings/Grant.js";
export type { LinkOffer } from "./bindings/LinkOffer.js";
export type { Problem } from "./bindings/Problem.js";
export type { ProviderCard } from "./bindings/ProviderCard.js";
export type { RefusalCode } from "./bindings/RefusalCode.js";
export type { SetUpReport } from "./bindings/SetUpReport.js";
export type { Settings } from "./bindings/Settings.js";
export type { SigningIn } from "./bindings/SigningIn.js";
export type { SignOutScope } from "./bindings/SignOutScope.js";
export type { State } from "./bindings/State.js";
export type { TokenStorage } from "./bindings/TokenStorage.js";
export type { User } from "./bindings/User.js";
