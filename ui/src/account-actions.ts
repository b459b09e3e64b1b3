// Actions available for an account.
import type { Account } from "./bindings/Account";
import type { ProviderCard } from "./bindings/ProviderCard";
import type { User } from "./bindings/User";

/** Also the test id of its button. */
export type AccountAction = "ask-for-more" | "add-bot" | "unlink" | "sign-out" | "disconnect";

/**
 * Whether the account can be signed out, or removed where its provider has ended the session. A local profile that is signed
 * out stays.
 */
export const canSignOut = ({ state }: Account, card: ProviderCard | null): boolean =>
  state === "active" || (state === "needs_sign_in" && card?.kind !== "email");

/** The actions of the menu, in order; `alone` where no button outside of it signs out of the only account. */
export function menuActions(account: Account, user: User, card: ProviderCard | null, alone = false): AccountAction[] {
  // An ended session can neither get more scopes nor be revoked.
  const live = account.state === "active" && card?.ready === true;
  const several = user.accounts.length > 1;
  const available: Record<AccountAction, boolean> = {
    "ask-for-more": live && card.more,
    "add-bot": live && card.bot.length > 0,
    unlink: several,
    "sign-out": (several || alone) && canSignOut(account, card),
    // Works without the password of a local profile, which may be forgotten.
    disconnect: card?.revocation_effect === "profile" || (live && card.revocation_effect !== "nothing"),
  };
  return (Object.keys(available) as AccountAction[]).filter((action) => available[action]);
}
