// States of the page of one account.
import type { Account } from "../bindings/Account";
import type { Language } from "../bindings/Language";
import { cards, localLabel } from "./cards";
import { account, BIRCH, EXTRAS, LONG_EMAIL, LONG_NAME, person, withPerson } from "./fixtures";
import type { Sample, Samples } from "./sample";

const hours = (n: number) => Math.floor(Date.now() / 1000) + n * 3600;

const page = (l: Language, rest: Partial<Account>, press: string[] = []): Sample => ({
  overview: withPerson(l, person({ accounts: [account(rest)] }), {
    // A local profile has no page elsewhere.
    providers: cards(l).map((card) => (card.kind === "email" ? card : { ...card, account_pages: ["account", "connected_apps"] })),
  }),
  press: ["open-account", ...press],
});

export const accountSamples: Samples = {
  account: (l) => page(l, { expires_at: hours(1), last_use: { at: hours(-2), by: "nameplate token" } }),
  "account-rich": (l) =>
    page(l, {
      ...BIRCH,
      ...EXTRAS,
      scopes: ["openid", "email", "profile", "birthday", "gender", "age_range", "phone_number", "files.read"],
      expires_at: hours(30),
      renews: false,
    }),
  "account-offline": (l) => {
    const sample = page(l, { expires_at: hours(1) });
    return { ...sample, overview: { ...sample.overview, offline: true } };
  },
  "account-long": (l) =>
    page(l, {
      nickname: LONG_NAME,
      avatar: null,
      email: LONG_EMAIL,
      email_verified: false,
      subject: "auth0|9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    }),
  "account-ended": (l) => page(l, { state: "needs_sign_in", expires_at: hours(-1) }),
  "account-local": (l) =>
    page(l, { provider: "email", label: localLabel(l), email_verified: false, avatar: null, scopes: [], renews: false, subject: "3f1a9c1e-1111-4b7e-9a53-2f3c0d0f4c11" }),
  "account-second": (l) => ({
    overview: withPerson(
      l,
      person({ accounts: [account(), account({ id: "a2", ...BIRCH, nickname: "Haneul Kim", birthday: "1998-05-12" })] }),
    ),
    open: "account:a2",
  }),
  "account-copied": (l) => page(l, {}, ["copy-command"]),
  "account-saved": (l) => ({
    ...page(l, {}, ["export"]),
    answers: { export_account: Promise.resolve("/home/haneul/Downloads/nameplate-aurora-a1.json") },
  }),
  "account-sign-out": (l) => page(l, {}, ["disconnect"]),
};
