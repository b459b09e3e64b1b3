// States of a local profile.
import type { Account } from "../bindings/Account";
import type { Language } from "../bindings/Language";
import { localLabel } from "./cards";
import { problem } from "./engine";
import { account, overviewOf, person, profile, withPerson } from "./fixtures";
import type { Sample, Samples } from "./sample";

const local = (l: Language, rest: Partial<Account> = {}) =>
  account({
    id: "a5",
    provider: "email",
    label: localLabel(l),
    issuer: "local",
    subject: "5f2b7c1e-54a4-4a4e-9c7f-2f1f0f6f7d10",
    email_verified: false,
    scopes: [],
    ...rest,
  });

const home = (l: Language, rest: Partial<Account> = {}, press: string[] = []): Sample => ({
  overview: withPerson(l, person({ avatar: null, email_verified: false, accounts: [local(l, rest)] })),
  press,
});

const LOCAL = { id: "email", label: "" };

const FILLED = ["profile-address=haneul@example.com", "profile-password=four words in a row", "profile-nickname=하늘"];
const out = { state: "needs_sign_in" as const };

export const localProfileSamples: Samples = {
  "profile-form": (l) => ({ overview: overviewOf(l), open: "profile-form" }),
  "profile-form-filled": (l) => ({ overview: overviewOf(l), open: "profile-form", press: FILLED }),
  "profile-form-shown": (l) => ({ overview: overviewOf(l), open: "profile-form", press: [...FILLED, "profile-password-show"] }),
  "profile-form-wrong": (l) => ({ overview: overviewOf(l), open: "profile-form", press: ["profile-address=haneul", "profile-create"] }),
  "profile-form-taken": (l) => ({
    overview: home(l).overview,
    open: "profile-form",
    press: [...FILLED, "profile-create"],
    answers: { create_profile: problem(l, "address_taken", LOCAL) },
  }),
  "profile-form-for": profile({}, ["add-account", "add-account-email"]),
  "profile-email": (l) => home(l),
  "profile-email-out": (l) => home(l, out),
  "profile-email-wrong": (l) => ({
    ...home(l, out, ["enter-password=not it", "enter"]),
    answers: { unlock_profile: problem(l, "wrong_password", LOCAL) },
  }),
  "profile-email-sign-out": (l) => home(l, {}, ["sign-out"]),
  "profile-email-delete": (l) => home(l, {}, ["more", "disconnect"]),
  "profile-email-beside": (l) => ({
    overview: withPerson(l, person({ accounts: [account(), local(l, { email: "haneul@mail.example.com", ...out })] })),
  }),
};
