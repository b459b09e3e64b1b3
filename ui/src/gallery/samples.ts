// Every state of the window. Tests use them too.
import type { Account } from "../bindings/Account";
import type { Language } from "../bindings/Language";
import type { State } from "../bindings/State";
import type { SigningIn } from "../bindings/SigningIn";
import type { User } from "../bindings/User";
import { accountSamples } from "./account-samples";
import { botSamples } from "./bot-samples";
import { brandCards, cards, labelOf, marked, onlyReady, untouchedCards } from "./cards";
import { note } from "./engine";
import { localProfileSamples } from "./local-profile-samples";
import { LONG_NAME, account, overviewOf, person, signingIn, withPerson } from "./fixtures";
import { problems } from "./problems";
import type { Samples } from "./sample";
import { setUpSamples } from "./set-up-samples";

export { onlyReady as onlyReadyCards } from "./cards";
export { LONG_NAME, account, brandCards, cards, overviewOf, person, signingIn };

const birch = (rest: Partial<Account> = {}) =>
  account({
    id: "a2",
    provider: "birch",
    label: "Birch",
    issuer: "https://birch.example.com",
    nickname: "Haneul Kim",
    ...rest,
  });

const cedar = (rest: Partial<Account> = {}) =>
  account({ id: "a3", provider: "cedar", label: "Cedar", issuer: "https://cedar.example.com", ...rest });

const onDevice = (rest: Partial<SigningIn> = {}) =>
  signingIn({
    provider: "birch",
    label: "Birch",
    method: "device_code",
    methods: ["deep_link", "loopback", "device_code", "manual"],
    url: "https://birch.example.com/device",
    redirect_uri: "",
    expires_at: Math.floor(Date.now() / 1000) + 871,
    device: { user_code: "WDJB-MJHT", verification_uri: "https://birch.example.com/device", verification_uri_complete: null },
    ...rest,
  });

const four = (l: Language) => onlyReady(l, [...marked.slice(0, 3), "company"], brandCards(l));

/** The same person at another provider, not linked yet. */
const sameElsewhere = () => person({ id: "u2", nickname: "Haneul Kim", avatar: null, accounts: [birch()] });

const longPerson = () =>
  person({
    id: "u3",
    nickname: LONG_NAME,
    avatar: null,
    accounts: [account({ id: "a4", provider: "company", label: "Company SSO", nickname: LONG_NAME, email: null })],
  });

const linked = (rest: Partial<User> = {}) =>
  person({
    accounts: [
      account(),
      birch({ email: "haneul.kim@example.org" }),
      cedar({ nickname: "하늘이", email: "haneul@mail.example.com", email_verified: false }),
    ],
    ...rest,
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
  "welcome-demo": (l) => ({
    overview: overviewOf(l, {
      providers: cards(l).map((card) => ({ ...card, overrides: ["authorization_endpoint", "token_endpoint"] })),
      app: { ...overviewOf(l).app, home: "/home/haneul/nameplate/target/demo/home" },
    }),
  }),
  "first-start": (l) => ({ overview: overviewOf(l, { providers: untouchedCards(l) }) }),
  "first-start-server": (l) => ({
    overview: overviewOf(l, { providers: untouchedCards(l, ["mastodon.social", "social.example.com"]) }),
    press: ["named-mastodon"],
  }),
  "first-start-handle": (l) => ({
    overview: overviewOf(l, { providers: untouchedCards(l) }),
    press: ["named-bluesky"],
  }),
  "first-start-address": (l) => ({
    overview: overviewOf(l, { providers: untouchedCards(l) }),
    press: ["named-oidc", "server-go"],
  }),
  nothing: (l) => ({ overview: overviewOf(l, { providers: onlyReady(l, [], brandCards(l)) }) }),
  "nothing-broken-file": (l) => ({
    overview: overviewOf(l, { providers: onlyReady(l, []), problem: problems.file(l) }),
  }),
  waiting: (l) => ({ overview: overviewOf(l, { signing_in: signingIn() }) }),
  "waiting-marked": (l) => ({
    overview: overviewOf(l, {
      providers: brandCards(l),
      signing_in: signingIn({ provider: marked[0]!, label: labelOf(l, marked[0]!) }),
    }),
  }),
  "waiting-trouble": (l) => ({
    overview: overviewOf(l, { signing_in: signingIn({ methods: ["loopback", "deep_link", "https_page", "device_code", "manual"], method: "loopback", paste: true }) }),
    press: ["trouble"],
  }),
  "waiting-server": (l) => ({
    overview: overviewOf(l, {
      signing_in: signingIn({ server: "haneul.example", url: "https://pds.example.com/oauth/authorize?client_id=x" }),
    }),
  }),
  "waiting-change": (l) => ({ overview: overviewOf(l, { signing_in: signingIn() }), press: ["trouble", "method-loopback"] }),
  "waiting-pasting": (l) => ({
    overview: overviewOf(l, {
      signing_in: signingIn({
        provider: "birch",
        label: "Birch",
        method: "loopback",
        methods: ["loopback", "manual"],
        paste: true,
        expires_at: Math.floor(Date.now() / 1000) + 48,
      }),
    }),
  }),
  "waiting-paste": (l) => ({
    overview: overviewOf(l, {
      signing_in: signingIn({
        provider: "company",
        label: "Company SSO",
        method: "manual",
        paste: true,
      }),
    }),
  }),
  "waiting-notice": (l) => ({
    overview: overviewOf(l, {
      signing_in: signingIn({
        provider: "cedar",
        label: "Cedar",
        method: "manual",
        methods: ["loopback", "manual"],
        paste: true,
        notice: problems.port(l),
      }),
    }),
  }),
  "waiting-https-page": (l) => ({
    overview: overviewOf(l, {
      signing_in: signingIn({ provider: "cedar", label: "Cedar", method: "https_page", methods: ["https_page", "loopback", "manual"], paste: true }),
    }),
  }),
  "waiting-device": (l) => ({ overview: overviewOf(l, { signing_in: onDevice() }) }),
  "waiting-device-long": (l) => ({
    overview: overviewOf(l, {
      signing_in: onDevice({
        provider: "company",
        label: "Company SSO",
        device: {
          user_code: "HJKX-QWRT-ZVBN",
          verification_uri: "https://id.example.com/realms/staff/protocol/openid-connect/auth/device",
          verification_uri_complete: "https://id.example.com/realms/staff/device?user_code=HJKX-QWRT-ZVBN",
        },
      }),
    }),
  }),
  "waiting-demo": (l) => ({ overview: overviewOf(l, { signing_in: signingIn({ provider: "demo", label: "Company SSO", method: "loopback", paste: true }) }) }),
  "waiting-finishing": (l) => ({ overview: overviewOf(l, { signing_in: signingIn({ phase: "finishing" }) }) }),
  profile: (l) => ({ overview: withPerson(l, person()) }),
  "profile-demo": (l) => ({
    overview: withPerson(l, person({ accounts: [account({ provider: "demo", label: "Company SSO", email_trust: "no_proof" })] })),
  }),
  "profile-long": (l) => ({
    overview: withPerson(
      l,
      person({
        nickname: LONG_NAME,
        avatar: null,
        email: "haneulbit.bada.noeul.gureum.baram.byeolbit.dalbit@mail.example.com",
        email_verified: false,
      }),
      { offline: true, app: { ...overviewOf(l).app, home: "/home/haneul/nameplate/target/demo/home" } },
    ),
  }),
  "profile-plain": (l) => ({
    overview: withPerson(l, person({ avatar: null, email: null, email_verified: false })),
  }),
  "profile-offline": (l) => ({ overview: withPerson(l, person(), { offline: true }) }),
  "profile-rich": (l) => ({
    overview: withPerson(
      l,
      person({
        nickname: "Haneul Kim",
        birthday: "1998-05-12",
        gender: "female",
        age_range: "20~29",
        phone: "+82 10-1234-5678",
        accounts: [
          account({
            provider: "birch",
            label: "Birch",
            nickname: "Haneul Kim",
            notes: [note(l, "extra_unavailable", "Birch")],
          }),
        ],
      }),
    ),
  }),
  "profile-ended": (l) => ({
    overview: withPerson(
      l,
      person({ accounts: [account({ provider: "cedar", label: "Cedar", state: "needs_sign_in" })] }),
    ),
  }),
  "profile-storing": (l) => ({
    overview: withPerson(l, person({ accounts: [account({ provider: "company", label: "Company SSO", state: "storing" })] })),
  }),
  "profile-sign-out": (l) => ({ overview: withPerson(l, person()), press: ["sign-out"] }),
  "profile-more": (l) => ({
    overview: withPerson(l, person({ nickname: "Haneul Kim", accounts: [birch()] })),
    press: ["more"],
  }),
  "profile-disconnect": (l) => ({ overview: withPerson(l, person()), press: ["more", "disconnect"] }),
  "profile-rename": (l) => ({ overview: withPerson(l, person()), press: ["rename"] }),
  "profile-add": (l) => ({ overview: withPerson(l, person()), press: ["add-account"] }),
  "profile-people": (l) => ({ overview: several(l), press: ["people"] }),
  "profile-people-one": (l) => ({ overview: withPerson(l, person()), press: ["people"] }),
  "profile-offer": (l) => ({ overview: offered(l) }),
  "profile-offer-long": (l) => ({
    overview: offered(l, {
      users: [person({ nickname: LONG_NAME }), sameElsewhere()],
      offers: [{ account: "a2", user: "u1", nickname: LONG_NAME }],
      app: { ...overviewOf(l).app, home: "/home/haneul/nameplate/target/demo/home" },
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
  "profile-accounts": (l) => ({ overview: withPerson(l, linked()) }),
  "profile-accounts-more": (l) => ({ overview: withPerson(l, linked()), press: ["more"] }),
  "profile-accounts-unlink": (l) => ({ overview: withPerson(l, linked()), press: ["more", "unlink"] }),
  "profile-accounts-ended": (l) => ({
    overview: withPerson(
      l,
      linked({
        nickname: LONG_NAME,
        avatar: null,
        accounts: [
          account({ nickname: LONG_NAME, email: "haneulbit.bada.noeul.gureum.baram.byeolbit@mail.example.com" }),
          cedar({ state: "needs_sign_in", email: null }),
          birch({
            notes: [note(l, "extra_unavailable", "Birch")],
          }),
        ],
      }),
    ),
  }),
  "welcome-again": (l) => ({ overview: withPerson(l, person()), open: "welcome" }),
  "welcome-another": (l) => ({ overview: withPerson(l, person()), press: ["people", "add-person"] }),
  "problem-denied": (l) => ({ overview: overviewOf(l, { problem: problems.denied(l) }) }),
  "problem-keychain": (l) => ({ overview: overviewOf(l, { problem: problems.keychain(l) }) }),
  "problem-provider": (l) => ({ overview: overviewOf(l, { problem: problems.provider(l) }), open: "details" }),
  shortcuts: (l) => ({ overview: withPerson(l, person()), open: "shortcuts" }),
  licences: (l) => ({ overview: withPerson(l, person()), open: "licences", answers: { licences: libraries } }),
  settings: (l) => ({ overview: overviewOf(l, { providers: onlyReady(l, marked.slice(0, 2), brandCards(l)) }), open: "settings" }),
  "settings-home": (l) => ({
    overview: withPerson(l, person(), {
      app: { ...overviewOf(l).app, home: "/home/haneul/nameplate/target/demo/home" },
    }),
    open: "settings",
  }),
  "settings-reset": (l) => ({ overview: several(l), open: "settings", press: ["reset"] }),
  updating: (l) => ({ overview: overviewOf(l, { providers: [], waits_for: problems.updating(l) }) }),
  failure: (l) => ({ overview: problems.newer(l) }),
};

/** All states by name. */
export const samples: Samples = { ...established, ...accountSamples, ...setUpSamples, ...localProfileSamples, ...botSamples };
