// Accounts, people and a sign-in for overviews.
import type { Account } from "../bindings/Account";
import type { AppInfo } from "../bindings/AppInfo";
import type { Language } from "../bindings/Language";
import type { State } from "../bindings/State";
import type { SigningIn } from "../bindings/SigningIn";
import type { User } from "../bindings/User";
import { cards } from "./cards";
import type { Sample } from "./sample";

export const BIRCH = { provider: "birch", label: "Birch" };
export const CEDAR = { provider: "cedar", label: "Cedar" };
export const COMPANY = { provider: "company", label: "Company SSO" };
export const DEMO = { provider: "demo", label: "Company SSO" };

export const LONG_NAME = "하늘빛바다노을구름바람별빛달빛햇살이슬안개무지개새벽아침저녁밤하늘숲속오솔길끝집";
export const LONG_EMAIL = "haneulbit.bada.noeul.gureum.baram.byeolbit.dalbit@mail.example.com";

/** All that providers share besides name, email and picture. */
export const EXTRAS = { birthday: "1998-05-12", gender: "female", age_range: "20~29", phone: "+82 10-1234-5678" };

const READ_AT = Date.UTC(2026, 2, 14, 6, 20) / 1000;
export const account = (rest: Partial<Account> = {}): Account => ({
  id: "a1",
  provider: "aurora",
  label: "Aurora",
  issuer: "https://aurora.example.com",
  subject: "80351110224678912",
  nickname: "하늘",
  email: "haneul@example.com",
  email_verified: true,
  email_trust: "trusted",
  birthday: null,
  gender: null,
  age_range: null,
  phone: null,
  avatar: "4f1c",
  read_at: READ_AT,
  renews: true,
  last_use: null,
  scopes: ["openid", "email"],
  expires_at: null,
  state: "active",
  notes: [],
  ...rest,
});

export const person = (rest: Partial<User> = {}): User => ({
  id: "u1",
  nickname: "하늘",
  email: "haneul@example.com",
  email_verified: true,
  birthday: null,
  gender: null,
  age_range: null,
  phone: null,
  avatar: "4f1c",
  read_at: READ_AT,
  profile: "a1",
  accounts: [account()],
  ...rest,
});

export const signingIn = (rest: Partial<SigningIn> = {}): SigningIn => ({
  provider: "aurora",
  label: "Aurora",
  server: null,
  method: "deep_link",
  methods: ["deep_link", "loopback", "manual"],
  url: "https://aurora.example.com/authorize?response_type=code&client_id=1156500000000000000&scope=openid%20email&state=eyJhbGciOiJIUzI1NiJ9",
  device: null,
  redirect_uri: "app.nameplate.desktop:/callback/aurora",
  expires_at: Math.floor(Date.now() / 1000) + 572,
  paste: false,
  storage: "keychain",
  phase: "waiting",
  notice: null,
  ...rest,
});

const APP: AppInfo = { name: "Nameplate", version: "0.1.0", home: null, scheme: "app.nameplate.desktop" };

/** A data folder other than the usual one. */
export const OTHER_HOME = { app: { ...APP, home: "/home/haneul/nameplate/target/demo/home" } };

export const overviewOf = (language: Language, rest: Partial<State> = {}): State => ({
  users: [],
  current: null,
  signing_in: null,
  problem: null,
  waits_for: null,
  offers: [],
  bot: null,
  providers: cards(language),
  settings: { language: "system", theme: "system" },
  language,
  offline: false,
  app: APP,
  ...rest,
});

export const withPerson = (language: Language, user: User, rest: Partial<State> = {}) =>
  overviewOf(language, { users: [user], current: user.id, ...rest });

/** The profile of a person, after these presses. */
export const profile = (rest: Partial<User> = {}, press: string[] = []) => (l: Language): Sample => ({
  overview: withPerson(l, person(rest)),
  press,
});

/** A pending sign-in, after these presses. */
export const waiting = (rest: Partial<SigningIn> = {}, press: string[] = []) => (l: Language): Sample => ({
  overview: overviewOf(l, { signing_in: signingIn(rest) }),
  press,
});
