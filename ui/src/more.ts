// Which of the seldom wanted things can be done with an account.
import type { Account } from "./bindings/Account";
import type { ProviderCard } from "./bindings/ProviderCard";
import type { User } from "./bindings/User";

export interface More {
  askForMore: boolean;
  part: boolean;
  signOut: boolean;
  disconnect: boolean;
}

export function moreOf(account: Account, user: User, card: ProviderCard | null): More {
  // A session that is over can neither be widened nor ended at its provider.
  const live = account.state === "active" && card?.ready === true;
  const several = user.accounts.length > 1;
  return {
    askForMore: live && card.more,
    part: several,
    // With one account it stands in the open.
    signOut: several,
    disconnect: live && card.dies !== "nothing",
  };
}

export const hasMore = (account: Account, user: User, card: ProviderCard | null): boolean =>
  Object.values(moreOf(account, user, card)).includes(true);
