// Every state of the window. Tests use them too.
import type { Account } from "../bindings/Account";
import type { Language } from "../bindings/Language";
import type { SigningIn } from "../bindings/SigningIn";
import type { State } from "../bindings/State";
import { accountSamples } from "./account-samples";
import { botSamples } from "./bot-samples";
import { brandCards, cards, labelOf, marked, onlyReady, overridden, untouchedCards } from "./cards";
import { note } from "./engine";
import { localProfileSamples } from "./local-profile-samples";
import { BIRCH, CEDAR, COMPANY, DEMO, EXTRAS, LONG_EMAIL, LONG_NAME, OTHER_HOME } from "./fixtures";
import { account, overviewOf, person, profile, signingIn, waiting, withPerson } from "./fixtures";
import { problems } from "./problems";
import { running, type Sample, type Samples } from "./sample";
import { setUpSamples } from "./set-up-samples";

export { onlyReady as onlyReadyCards } from "./cards";
export { LONG_NAME, account, brandCards, cards, overviewOf, person, signingIn };

const birch = (rest: Partial<Account> = {}) =>
  account({ id: "a2", ...BIRCH, issuer: "https://birch.example.com", nickname: "Haneul Kim", ...rest });

const cedar = (rest: Partial<Account> = {}) =>
  account({ id: "a3", ...CEDAR, issuer: "https://cedar.example.com", ...rest });

const onDevice: Partial<SigningIn> = {
  ...BIRCH,
  method: "device_code",
  methods: ["deep_link", "loopback", "device_code", "manual"],
  url: "https://birch.example.com/device",
  redirect_uri: "",
  device: { user_code: "WDJB-MJHT", verification_uri: "https://birch.example.com/device", verification_uri_complete: null },
};

/** One that was set up, and those that need no setup. */
const four = (l: Language) => onlyReady(l, ["discord"], brandCards(l).filter(({ id }) => id !== "company"));

/** Servers and handles that were used `before` are proposed. */
const untouched = (press: string[] = [], before: string[] = []) => (l: Language): Sample => ({
  overview: overviewOf(l, { providers: untouchedCards(l, before) }),
  press,
});

/** The same person at another provider, not linked yet. */
const sameElsewhere = () => person({ id: "u2", nickname: "Haneul Kim", avatar: null, accounts: [birch()] });

const longPerson = () =>
  person({
    id: "u3",
    nickname: LONG_NAME,
    avatar: null,
    accounts: [account({ id: "a4", ...COMPANY, nickname: LONG_NAME, email: null })],
  });

const linked = () =>
  person({
    accounts: [
      account(),
      birch({ email: "haneul.kim@example.org" }),
      cedar({ nickname: "하늘이", email: "haneul@mail.example.com", email_verified: false }),
    ],
  });

const several = (l: Language, rest: Partial<State> = {}) =>
  overviewOf(l, { users: [person(), sameElsewhere(), longPerson()], current: "u1", ...rest });

const offered = (l: Language, rest: Partial<State> = {}) =>
  overviewOf(l, {
    users: [person(), sameElsewhere()],
    current: "u2",
    offers: [{ account: "a2", user: "u1", nickname: "하늘" }],
    ...rest,
  });

const libraries = [
  { name: "aws-lc-rs", version: "1.17.0", licence: "ISC AND (Apache-2.0 OR ISC)" },
  { name: "reqwest", version: "0.13.5", licence: "MIT OR Apache-2.0" },
  { name: "svelte", version: "5.57.3", licence: "MIT" },
  { name: "unicode-ident", version: "1.0.22", licence: "(MIT OR Apache-2.0) AND Unicode-3.0" },
];

const established: Samples = {
  loading: (l) => ({ overview: overviewOf(l), open: "loading" }),
  welcome: (l) => ({ overview: overviewOf(l, { providers: brandCards(l) }) }),
  "welcome-one": (l) => ({ overview: overviewOf(l, { providers: onlyReady(l, ["aurora"]) }) }),
  "welcome-four": (l) => ({ overview: overviewOf(l, { providers: four(l) }) }),
  "welcome-four-more": (l) => ({ overview: overviewOf(l, { providers: four(l) }), open: "details" }),
  "welcome-demo": (l) => ({ overview: overviewOf(l, { providers: overridden(l), ...OTHER_HOME }) }),
  "first-start": untouched(),
  "first-start-server": untouched(["named-mastodon"], ["mastodon.social", "social.example.com"]),
  "first-start-handle": untouched(["named-bluesky"]),
  "first-start-handle-server": untouched(["named-bluesky", "server-kind"]),
  "confirm-host-long": (l) => ({
    overview: overviewOf(l, {
      providers: untouchedCards(l),
      problem: { ...problems.hostNotConfirmed(l), detail: "a-server-with-a-long-name.accounts.example.org:8443" },
    }),
  }),
  "confirm-host": (l) => ({ overview: overviewOf(l, { providers: untouchedCards(l), problem: problems.hostNotConfirmed(l) }) }),
  "first-start-address": untouched(["named-oidc", "server-go"]),
  "first-start-broken-file": (l) => ({
    overview: overviewOf(l, {
      providers: untouchedCards(l).map((card) => (card.kind === "email" ? card : { ...card, problem: problems.file(l) })),
      problem: problems.file(l),
    }),
  }),
  waiting: waiting(),
  "waiting-marked": (l) => ({
    overview: overviewOf(l, {
      providers: brandCards(l),
      signing_in: signingIn({ provider: "discord", label: labelOf(l, "discord") }),
    }),
  }),
  "waiting-trouble": waiting(
    { methods: ["loopback", "deep_link", "https_page", "device_code", "manual"], method: "loopback", paste: true },
    ["trouble"],
  ),
  "waiting-trouble-paste": waiting({ method: "loopback", methods: ["loopback", "manual"], paste: true }, ["trouble", "method-manual"]),
  "waiting-server": waiting({ provider: "bluesky", label: "Bluesky", server: "haneul.example", url: "https://pds.example.com/oauth/authorize?client_id=x" }),
  "waiting-change": waiting({}, ["trouble", "method-loopback"]),
  "waiting-pasting": (l) =>
    waiting({ ...BIRCH, method: "loopback", methods: ["loopback", "manual"], paste: true, expires_at: Math.floor(Date.now() / 1000) + 48 })(l),
  "waiting-paste": waiting({ ...COMPANY, method: "manual", paste: true }),
  "waiting-notice": (l) =>
    waiting({ ...CEDAR, method: "loopback", methods: ["loopback", "manual"], paste: true, notice: problems.port(l) })(l),
  "waiting-https-forced": (l) =>
    waiting({ ...CEDAR, method: "loopback", methods: ["loopback", "manual"], paste: true, notice: problems.httpsForced(l) })(l),
  "waiting-time-up": (l) => waiting({ expires_at: Math.floor(Date.now() / 1000) - 1 })(l),
  "waiting-https-page": waiting({ ...CEDAR, method: "https_page", methods: ["https_page", "loopback", "manual"], paste: true }),
  "waiting-device": waiting(onDevice),
  "waiting-device-long": waiting({
    ...onDevice,
    ...COMPANY,
    device: {
      user_code: "HJKX-QWRT-ZVBN",
      verification_uri: "https://id.example.com/realms/staff/protocol/openid-connect/auth/device",
      verification_uri_complete: "https://id.example.com/realms/staff/device?user_code=HJKX-QWRT-ZVBN",
    },
  }),
  "waiting-demo": waiting({ ...DEMO, method: "loopback", paste: true }),
  "waiting-finishing": waiting({ phase: "finishing" }),
  profile: profile(),
  "profile-demo": profile({ accounts: [account({ ...DEMO, email_trust: "no_proof" })] }),
  "profile-long": (l) => ({
    overview: withPerson(l, person({ nickname: LONG_NAME, avatar: null, email: LONG_EMAIL, email_verified: false }), {
      offline: true,
      ...OTHER_HOME,
    }),
  }),
  "profile-plain": profile({ avatar: null, email: null, email_verified: false }),
  "profile-offline": (l) => ({ overview: withPerson(l, person(), { offline: true }) }),
  "profile-rich": (l) =>
    profile({
      nickname: "Haneul Kim",
      ...EXTRAS,
      accounts: [account({ ...BIRCH, nickname: "Haneul Kim", notes: [note(l, "extra_unavailable", "Birch")] })],
    })(l),
  "profile-ended": profile({ accounts: [account({ ...CEDAR, state: "needs_sign_in" })] }),
  "profile-refreshing": (l) => ({ ...profile({}, ["refresh"])(l), answers: { refresh_profile: running } }),
  "profile-storing": profile({ accounts: [account({ ...COMPANY, state: "storing" })] }),
  "profile-removing": profile({ accounts: [account({ ...COMPANY, state: "removing" })] }),
  "profile-sign-out": profile({}, ["sign-out"]),
  "profile-more": profile({ nickname: "Haneul Kim", accounts: [birch()] }, ["more"]),
  "profile-disconnect": profile({}, ["more", "disconnect"]),
  "profile-rename": profile({}, ["rename"]),
  "profile-add": profile({}, ["add-account"]),
  "profile-people": (l) => ({ overview: several(l), press: ["people"] }),
  "profile-people-one": profile({}, ["people"]),
  "profile-offer": (l) => ({ overview: offered(l) }),
  "profile-offer-long": (l) => ({
    overview: offered(l, {
      users: [person({ nickname: LONG_NAME }), sameElsewhere()],
      offers: [{ account: "a2", user: "u1", nickname: LONG_NAME }],
      ...OTHER_HOME,
    }),
  }),
  "profile-not-linked": (l) => ({
    overview: several(l, {
      users: [
        person({ email_verified: false, accounts: [account({ email_verified: false, email_trust: "unverified" })] }),
        sameElsewhere(),
      ],
    }),
  }),
  "profile-link-declined": (l) => ({ overview: offered(l, { offers: [] }) }),
  "profile-marks": (l) => ({
    overview: withPerson(l, person({ accounts: marked.map((id) => account({ id, provider: id, label: labelOf(l, id) })) }), { providers: brandCards(l) }),
  }),
  "profile-accounts": profile(linked()),
  "profile-accounts-more": profile(linked(), ["more"]),
  "profile-accounts-unlink": profile(linked(), ["more", "unlink"]),
  "profile-accounts-ended": (l) =>
    profile({
      nickname: LONG_NAME,
      avatar: null,
      accounts: [
        account({ nickname: LONG_NAME, email: "haneulbit.bada.noeul.gureum.baram.byeolbit@mail.example.com" }),
        cedar({ state: "needs_sign_in", email: null }),
        birch({ notes: [note(l, "extra_unavailable", "Birch")] }),
      ],
    })(l),
  "welcome-again": (l) => ({ overview: withPerson(l, person()), open: "welcome" }),
  "welcome-another": profile({}, ["people", "add-person"]),
  "problem-denied": (l) => ({ overview: overviewOf(l, { problem: problems.denied(l) }) }),
  "problem-keychain": (l) => ({ overview: overviewOf(l, { problem: problems.keychain(l) }) }),
  "problem-provider": (l) => ({ overview: overviewOf(l, { problem: problems.provider(l) }), open: "details" }),
  shortcuts: (l) => ({ overview: withPerson(l, person()), open: "shortcuts" }),
  licences: (l) => ({ overview: withPerson(l, person()), open: "licences", answers: { licences: libraries } }),
  settings: (l) => ({ overview: overviewOf(l, { providers: onlyReady(l, ["discord", "google"], brandCards(l)) }), open: "settings" }),
  "settings-home": (l) => ({ overview: withPerson(l, person(), OTHER_HOME), open: "settings" }),
  "settings-reset": (l) => ({ overview: several(l), open: "settings", press: ["reset"] }),
  updating: (l) => ({ overview: overviewOf(l, { providers: [], waits_for: problems.updating(l) }) }),
  failure: (l) => ({ overview: problems.newer(l) }),
};

/** All states by name. */
export const samples: Samples = { ...established, ...accountSamples, ...setUpSamples, ...localProfileSamples, ...botSamples };
