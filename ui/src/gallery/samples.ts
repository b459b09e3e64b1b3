// Every state of the window. Tests use them too.
import type { Account } from "../bindings/Account";
import type { Language } from "../bindings/Language";
import type { State } from "../bindings/State";
import type { SigningIn } from "../bindings/SigningIn";
import type { User } from "../bindings/User";
import { botSamples } from "./bot-samples";
import { both, cards, onlyReady } from "./cards";
import { localProfileSamples } from "./local-profile-samples";
import { LONG_NAME, account, overviewOf, person, signingIn, withPerson } from "./fixtures";
import { problems } from "./problems";
import type { Samples } from "./sample";
import { setUpSamples } from "./set-up-samples";

export { LONG_NAME, account, cards, overviewOf, person, signingIn };

const kakaoLabel = (l: Language) => both(l, "카카오", "Kakao");

const google = (rest: Partial<Account> = {}) =>
  account({
    id: "a2",
    provider: "google",
    label: "Google",
    issuer: "https://accounts.google.com",
    nickname: "Haneul Kim",
    ...rest,
  });

const kakao = (l: Language, rest: Partial<Account> = {}) =>
  account({ id: "a3", provider: "kakao", label: kakaoLabel(l), issuer: "https://kauth.kakao.com", ...rest });

const onDevice = (rest: Partial<SigningIn> = {}) =>
  signingIn({
    provider: "github",
    label: "GitHub",
    channel: "device",
    channels: ["deep_link", "loopback", "device", "paste"],
    url: "https://github.com/login/device",
    redirect_uri: "",
    expires_at: Math.floor(Date.now() / 1000) + 871,
    device: { user_code: "WDJB-MJHT", verification_uri: "https://github.com/login/device", verification_uri_complete: null },
    ...rest,
  });

const FOUR = ["discord", "google", "kakao", "company"];

/** The same person at another provider, not linked yet. */
const sameElsewhere = () => person({ id: "u2", nickname: "Haneul Kim", avatar: null, accounts: [google()] });

const longPerson = () =>
  person({
    id: "u3",
    nickname: LONG_NAME,
    avatar: null,
    accounts: [account({ id: "a4", provider: "company", label: "Company SSO", nickname: LONG_NAME, email: null })],
  });

const linked = (l: Language, rest: Partial<User> = {}) =>
  person({
    accounts: [
      account(),
      google({ email: "haneul.kim@example.org" }),
      kakao(l, { nickname: "하늘이", email: "haneul@mail.example.com", email_verified: false }),
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

const established: Samples = {
  loading: (l) => ({ overview: overviewOf(l), open: "loading" }),
  welcome: (l) => ({ overview: overviewOf(l) }),
  "welcome-one": (l) => ({ overview: overviewOf(l, { providers: onlyReady(l, ["discord"]) }) }),
  "welcome-four": (l) => ({ overview: overviewOf(l, { providers: onlyReady(l, FOUR) }) }),
  "welcome-four-more": (l) => ({ overview: overviewOf(l, { providers: onlyReady(l, FOUR) }), open: "details" }),
  "welcome-demo": (l) => ({
    overview: overviewOf(l, {
      providers: cards(l).map((card) => ({ ...card, overrides: ["authorization_endpoint", "token_endpoint"] })),
      app: { ...overviewOf(l).app, home: "/home/haneul/nameplate/target/demo/home" },
    }),
  }),
  nothing: (l) => ({ overview: overviewOf(l, { providers: onlyReady(l, []) }) }),
  "nothing-broken-file": (l) => ({
    overview: overviewOf(l, { providers: onlyReady(l, []), problem: problems.file(l) }),
  }),
  waiting: (l) => ({ overview: overviewOf(l, { signing_in: signingIn() }) }),
  "waiting-google": (l) => ({
    overview: overviewOf(l, {
      signing_in: signingIn({
        provider: "google",
        label: "Google",
        channel: "loopback",
        channels: ["loopback", "paste"],
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
        channel: "paste",
        paste: true,
      }),
    }),
  }),
  "waiting-notice": (l) => ({
    overview: overviewOf(l, {
      signing_in: signingIn({
        provider: "kakao",
        label: kakaoLabel(l),
        channel: "paste",
        channels: ["loopback", "paste"],
        paste: true,
        notice: problems.port(l),
      }),
    }),
  }),
  "waiting-bounce": (l) => ({
    overview: overviewOf(l, {
      signing_in: signingIn({ provider: "facebook", label: "Facebook", channel: "bounce", channels: ["bounce", "loopback", "paste"], paste: true }),
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
  "waiting-finishing": (l) => ({ overview: overviewOf(l, { signing_in: signingIn({ phase: "finishing" }) }) }),
  profile: (l) => ({ overview: withPerson(l, person()) }),
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
            provider: "google",
            label: "Google",
            nickname: "Haneul Kim",
            notes: [
              both(
                l,
                "생일을 읽지 못했습니다. Google Cloud에서 People API를 켜세요.",
                "The birthday could not be read. Turn on the People API in Google Cloud.",
              ),
            ],
          }),
        ],
      }),
    ),
  }),
  "profile-ended": (l) => ({
    overview: withPerson(
      l,
      person({ accounts: [account({ provider: "kakao", label: kakaoLabel(l), state: "needs_sign_in" })] }),
    ),
  }),
  "profile-storing": (l) => ({
    overview: withPerson(l, person({ accounts: [account({ provider: "company", label: "Company SSO", state: "storing" })] })),
  }),
  "profile-sign-out": (l) => ({ overview: withPerson(l, person()), press: ["sign-out"] }),
  "profile-more": (l) => ({
    overview: withPerson(l, person({ nickname: "Haneul Kim", accounts: [google()] })),
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
  "profile-accounts": (l) => ({ overview: withPerson(l, linked(l)) }),
  "profile-accounts-more": (l) => ({ overview: withPerson(l, linked(l)), press: ["more"] }),
  "profile-accounts-unlink": (l) => ({ overview: withPerson(l, linked(l)), press: ["more", "part"] }),
  "profile-accounts-ended": (l) => ({
    overview: withPerson(
      l,
      linked(l, {
        nickname: LONG_NAME,
        avatar: null,
        accounts: [
          account({ nickname: LONG_NAME, email: "haneulbit.bada.noeul.gureum.baram.byeolbit@mail.example.com" }),
          kakao(l, { state: "needs_sign_in", email: null }),
          google({
            notes: [both(l, "생일을 읽지 못했습니다.", "The birthday could not be read.")],
          }),
        ],
      }),
    ),
  }),
  "welcome-again": (l) => ({ overview: withPerson(l, person()), open: "welcome" }),
  "welcome-another": (l) => ({ overview: withPerson(l, person()), press: ["people", "someone-else"] }),
  "problem-denied": (l) => ({ overview: overviewOf(l, { problem: problems.denied(l) }) }),
  "problem-keychain": (l) => ({ overview: overviewOf(l, { problem: problems.keychain(l) }) }),
  "problem-provider": (l) => ({ overview: overviewOf(l, { problem: problems.provider(l) }), open: "details" }),
  settings: (l) => ({ overview: overviewOf(l, { providers: onlyReady(l, ["discord", "google"]) }), open: "settings" }),
  "settings-home": (l) => ({
    overview: withPerson(l, person(), {
      app: { ...overviewOf(l).app, home: "/home/haneul/nameplate/target/demo/home" },
    }),
    open: "settings",
  }),
  "settings-reset": (l) => ({ overview: several(l), open: "settings", press: ["forget"] }),
  failure: (l) => ({ overview: problems.newer(l) }),
};

/** All states by name. */
export const samples: Samples = { ...established, ...setUpSamples, ...localProfileSamples, ...botSamples };
