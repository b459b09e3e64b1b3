// Actions available for an account.
import type { Account } from "./bindings/Account";
import type { ProviderCard } from "./bindings/ProviderCard";
import type { User } from "./bindings/User";

export interface AccountActions {
  askForMore: boolean;
  unlink: boolean;
  signOut: boolean;
  disconnect: boolean;
  addBot: boolean;
}

export function actionsOf(account: Account, user: User, card: ProviderCard | null): AccountActions {
  // An ended session can neither get more scopes nor be revoked.
  const live = account.state === "active" && card?.ready === true;
  const several = user.accounts.length > 1;
  return {
    askForMore: live && card.more,
    unlink: several,
    // With one account it is a button outside the menu.
    signOut: several && !(card?.kind === "email" && account.state === "needs_sign_in"),
    // Works without the password of a local profile, which may be forgotten.
    disconnect: card?.revocation_effect === "profile" || (live && card.revocation_effect !== "nothing"),
    addBot: live && card.bot.length > 0,
  };
}

export const hasActions = (account: Account, user: User, card: ProviderCard | null): boolean =>
  Object.values(actionsOf(account, user, card)).includes(true);
