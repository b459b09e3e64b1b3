// States of setting up a provider.
import type { Language } from "../bindings/Language";
import type { SetUpReport } from "../bindings/SetUpReport";
import { cards, onlyReady } from "./cards";
import { overviewOf } from "./fixtures";
import { problems } from "./problems";
import type { Sample, Samples } from "./sample";

const fresh = (provider: string) => (l: Language): Sample => ({
  overview: overviewOf(l, { providers: onlyReady(l, ["company"]) }),
  open: provider,
});

const TYPED = ["set-up-client-id=1156500000000000000", "set-up-secret=kept in the keychain"];

/** Kakao after saving, with this report. */
const saved = (l: Language, report: SetUpReport): Sample => ({
  overview: overviewOf(l, { providers: onlyReady(l, report.saved ? ["discord", "kakao"] : ["discord"]) }),
  open: "kakao",
  press: [...TYPED, "set-up-save"],
  answers: { set_up: report },
});

const NEW = ["set-up-label=회사 로그인", "set-up-issuer=https://login.gitlab.example.com/realms/staff", "set-up-client-id=desktop"];

export const setUpSamples: Samples = {
  "set-up-discord": fresh("discord"),
  "set-up-google": fresh("google"),
  "set-up-kakao": fresh("kakao"),
  "set-up-facebook": fresh("facebook"),
  "set-up-github": fresh("github"),
  "set-up-microsoft": fresh("microsoft"),
  "set-up-naver": fresh("naver"),
  "set-up-line": fresh("line"),
  "set-up-oidc": (l) => ({ overview: overviewOf(l), open: "company" }),
  "set-up-missing": (l) => ({ ...fresh("google")(l), press: ["set-up-save"] }),
  "set-up-accepted": (l) => saved(l, { saved: true, checked: "accepted", problem: null }),
  "set-up-unknown": (l) => saved(l, { saved: true, checked: "unknown", problem: null }),
  "set-up-refused": (l) => saved(l, { saved: false, checked: "refused", problem: problems.provider(l) }),
  "set-up-fixed": (l) => ({
    overview: overviewOf(l, {
      providers: cards(l).map((card) => ({ ...card, set_up: { ...card.set_up, fixed_by: "DISCORD_CLIENT_ID" } })),
    }),
    open: "discord",
  }),
  "set-up-by-file": (l) => ({ ...fresh("kakao")(l), open: "kakao", press: ["by-file"] }),
  "set-up-ready": (l) => ({
    overview: overviewOf(l, {
      providers: cards(l).map((card) => ({ ...card, overrides: ["authorization_endpoint", "token_endpoint"] })),
    }),
    open: "discord",
  }),
  "set-up-broken-line": (l) => ({
    overview: overviewOf(l, { providers: cards(l).map((card) => ({ ...card, ready: false, problem: problems.file(l) })) }),
    open: "discord",
  }),
  "set-up-new": (l) => ({ overview: overviewOf(l), open: "new-provider" }),
  "set-up-new-filled": (l) => ({ overview: overviewOf(l), open: "new-provider", press: NEW }),
  "set-up-new-wrong": (l) => ({
    overview: overviewOf(l),
    open: "new-provider",
    press: ["set-up-label=Company", "set-up-id=company", "set-up-issuer=id.example.com", "set-up-save"],
  }),
};
