// States of setting up a provider.
import type { Language } from "../bindings/Language";
import type { SetUpReport } from "../bindings/SetUpReport";
import { brands } from "../providers";
import { brandCards, cards, onlyReady, overridden } from "./cards";
import { overviewOf } from "./fixtures";
import { problems } from "./problems";
import type { Sample, Samples } from "./sample";

const fresh = (provider: string) => (l: Language): Sample => ({
  overview: overviewOf(l, { providers: onlyReady(l, ["company"]) }),
  open: provider,
});

const branded = (provider: string) => (l: Language): Sample => ({
  overview: overviewOf(l, { providers: onlyReady(l, [], brandCards(l)) }),
  open: provider,
});

const TYPED = ["set-up-client-id=1156500000000000000", "set-up-secret=kept in the keychain"];

/** Cedar after saving, with this report. */
const saved = (l: Language, report: SetUpReport): Sample => ({
  overview: overviewOf(l, { providers: onlyReady(l, report.saved ? ["aurora", "cedar"] : ["aurora"]) }),
  open: "cedar",
  press: [...TYPED, "set-up-save"],
  answers: { set_up: report },
});

const NEW = ["set-up-label=회사 로그인", "set-up-issuer=https://login.gitlab.example.com/realms/staff", "set-up-client-id=desktop"];

export const setUpSamples: Samples = {
  "set-up-public": fresh("aurora"),
  "set-up-offered": branded("discord"),
  "set-up-secret": fresh("cedar"),
  "set-up-kakao": branded("kakao"),
  ...Object.fromEntries(brands.filter((brand) => brand.redirectPageHint).map(({ id }) => [`set-up-${id}`, branded(id)])),
  "set-up-oidc": (l) => ({ overview: overviewOf(l), open: "company" }),
  "set-up-missing": (l) => ({ ...fresh("birch")(l), press: ["set-up-save"] }),
  "set-up-accepted": (l) => saved(l, { saved: true, checked: "accepted", problem: null }),
  "set-up-unknown": (l) => saved(l, { saved: true, checked: "unknown", problem: null }),
  "set-up-refused": (l) => saved(l, { saved: false, checked: "refused", problem: problems.provider(l) }),
  "set-up-fixed": (l) => ({
    overview: overviewOf(l, {
      providers: cards(l).map((card) => ({ ...card, set_up: { ...card.set_up, fixed_by: "AURORA_CLIENT_ID" } })),
    }),
    open: "aurora",
  }),
  "set-up-by-file": (l) => ({ ...fresh("cedar")(l), press: ["by-file"] }),
  "set-up-reloaded": (l) => ({ ...fresh("cedar")(l), press: ["by-file", "check-again"] }),
  "set-up-copied": (l) => ({ ...fresh("cedar")(l), press: ["copy-all"] }),
  "set-up-ready": (l) => ({ overview: overviewOf(l, { providers: overridden(l) }), open: "aurora" }),
  "set-up-broken-line": (l) => ({
    overview: overviewOf(l, { providers: cards(l).map((card) => ({ ...card, ready: false, problem: problems.file(l) })) }),
    open: "aurora",
  }),
  "set-up-new": (l) => ({ overview: overviewOf(l), open: "new-provider" }),
  "set-up-new-filled": (l) => ({ overview: overviewOf(l), open: "new-provider", press: NEW }),
  "set-up-new-saved": (l) => ({ overview: overviewOf(l), open: "new-provider", press: [...NEW, "set-up-save"], answers: { set_up: { saved: true, checked: "unknown", problem: null } } }),
  "set-up-new-wrong": (l) => ({
    overview: overviewOf(l),
    open: "new-provider",
    press: ["set-up-label=Company", "set-up-id=company", "set-up-issuer=id.example.com", "set-up-save"],
  }),
};
