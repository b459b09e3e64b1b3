// Names of providers in Korean, for those that have one and that the configuration does not name otherwise.
import type { State } from "./bindings/State";
import { brandOf } from "./providers";

/** A state whose labels are in its language. */
export function withLabels(state: State): State {
  if (state.language !== "ko") return state;
  const kinds = new Map(state.providers.map(({ id, kind }) => [id, kind]));
  const name = <T extends { label: string }>(of: T, provider: string): T => {
    const names = brandOf(kinds.get(provider) ?? provider).names;
    return names && of.label === names.en ? { ...of, label: names.ko } : of;
  };
  return {
    ...state,
    providers: state.providers.map((card) => name(card, card.id)),
    users: state.users.map((user) => ({ ...user, accounts: user.accounts.map((account) => name(account, account.provider)) })),
    signing_in: state.signing_in && name(state.signing_in, state.signing_in.provider),
    bot: state.bot && name(state.bot, state.bot.provider),
  };
}
