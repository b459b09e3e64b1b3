// Which of the seldom wanted things can be done with an account.
import type { Account } from "./bindings/Account";
import type { ProviderCard } from "./bindings/ProviderCard";
import type { User } from "./bindings/User";

export interface More {
  askForMore: boolean;
  part: boolean;
  signOut: boolean;
  disconnect: boolean;
  addBot: boolean;
}

export function moreOf(account: Account, user: User, card: ProviderCard | null): More {
  // A session that is over can neither be widened nor ended at its provider.
  const live = account.state === "active" && card?.ready === true;
  const several = user.accounts.length > 1;
  return {
    askForMore: live && card.more,
    part: several,
    // With one account it stands in the open.
    signOut: several && !(card?.kind === "email" && account.state === "needs_sign_in"),
    // A local profile can be deleted without its password: where that is lost, nothing else is left.
    disconnect: card?.dies === "profile" || (live && card.dies !== "nothing"),
    addBot: live && card.bot.length > 0,
  };
}

export const hasMore = (account: Account, user: User, card: ProviderCard | null): boolean =>
  Object.values(moreOf(account, user, card)).includes(true);
