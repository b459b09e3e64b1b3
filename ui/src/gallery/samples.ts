// Snapshots as Rust would send them, one per state worth looking at. Tests use them too.
import type { Account } from "../bindings/Account";
import type { Language } from "../bindings/Language";
import type { Overview } from "../bindings/Overview";
import type { Problem } from "../bindings/Problem";
import type { ProviderCard } from "../bindings/ProviderCard";
import type { SigningIn } from "../bindings/SigningIn";
import type { User } from "../bindings/User";

export const LONG_NAME = "하늘빛바다노을구름바람별빛달빛햇살이슬안개무지개새벽아침저녁밤하늘숲속오솔길끝집";

const READ_AT = Date.UTC(2026, 2, 14, 6, 20) / 1000;
const FILE = "/home/haneul/.config/app.nameplate.desktop/providers.toml";

const both = (language: Language, ko: string, en: string) => (language === "ko" ? ko : en);

export function cards(language: Language): ProviderCard[] {
  const card = (id: string, label: string, rest: Partial<ProviderCard>): ProviderCard => ({
    id,
    label,
    kind: id,
    ready: true,
    problem: null,
    redirect_uris: [],
    file: FILE,
    variables: [`${id.toUpperCase()}_CLIENT_ID`],
    snippet: `[${id}]\nclient_id = "…"`,
    register_url: `https://example.com/${id}`,
    overrides: [],
    dies: "every_token",
    more: false,
    ...rest,
  });
  return [
    card("discord", "Discord", {
      redirect_uris: ["app.nameplate.desktop:/callback/discord", "http://127.0.0.1/callback/discord"],
    }),
    card("google", "Google", {
      variables: ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"],
      dies: "whole_project",
      more: true,
    }),
    card("kakao", both(language, "카카오", "Kakao"), {
      redirect_uris: [
        "http://localhost:53682/callback/kakao",
        "http://localhost:53683/callback/kakao",
        "http://localhost:53684/callback/kakao",
      ],
      variables: ["KAKAO_CLIENT_ID", "KAKAO_CLIENT_SECRET"],
      dies: "connection",
      more: true,
    }),
    card("company", "Company SSO", {
      kind: "oidc",
      redirect_uris: ["app.nameplate.desktop:/callback/company", "http://127.0.0.1/callback/company"],
      register_url: null,
      variables: [],
      dies: "session",
      snippet:
        '[company]\nkind = "oidc"\nlabel = "Company SSO"\nissuer = "https://id.example.com"\nclient_id = "desktop"',
    }),
  ];
}

/** The cards with only these ready; the others say what is missing. */
function onlyReady(language: Language, ready: string[]): ProviderCard[] {
  return cards(language).map((card) =>
    ready.includes(card.id) ? card : { ...card, ready: false, problem: missing(language, card) },
  );
}

const missing = (language: Language, card: ProviderCard): Problem => ({
  code: "client_id_missing",
  message: both(language, "클라이언트 ID가 없습니다.", "The client ID is missing."),
  next: both(language, "아래 순서대로 등록한 뒤 넣어 주세요.", "Register as shown below, then enter it."),
  detail: null,
  provider: card.id,
  remedies: [],
});

export const account = (rest: Partial<Account> = {}): Account => ({
  id: "a1",
  provider: "discord",
  label: "Discord",
  issuer: "https://discord.com",
  subject: "80351110224678912",
  nickname: "하늘",
  email: "haneul@example.com",
  email_verified: true,
  scopes: ["identify", "email"],
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
  accounts: [account()],
  ...rest,
});

export const signingIn = (rest: Partial<SigningIn> = {}): SigningIn => ({
  provider: "discord",
  label: "Discord",
  channel: "deep_link",
  channels: ["deep_link", "loopback", "paste"],
  url: "https://discord.com/oauth2/authorize?response_type=code&client_id=1156500000000000000&scope=identify%20email&state=eyJhbGciOiJIUzI1NiJ9",
  redirect_uri: "app.nameplate.desktop:/callback/discord",
  expires_at: Math.floor(Date.now() / 1000) + 572,
  paste: false,
  keep: "keychain",
  phase: "waiting",
  notice: null,
  ...rest,
});

export const overviewOf = (language: Language, rest: Partial<Overview> = {}): Overview => ({
  users: [],
  current: null,
  signing_in: null,
  problem: null,
  offers: [],
  providers: cards(language),
  settings: { language: "system", theme: "system" },
  language,
  offline: false,
  app: { name: "Nameplate", version: "0.1.0", home: null, scheme: "app.nameplate.desktop" },
  ...rest,
});

const withPerson = (language: Language, user: User, rest: Partial<Overview> = {}) =>
  overviewOf(language, { users: [user], current: user.id, ...rest });

const problems = {
  denied: (l: Language): Problem => ({
    code: "access_denied",
    message: both(l, "Discord에서 접근을 허용하지 않았습니다.", "Access was not allowed at Discord."),
    next: both(
      l,
      "로그인하려면 다시 시도해서 허용을 누르세요. 아무것도 저장되지 않았습니다.",
      "To sign in, try again and choose Allow. Nothing was stored.",
    ),
    detail: "The resource owner or authorization server denied the request",
    provider: "discord",
    remedies: ["try_again"],
  }),
  keychain: (l: Language): Problem => ({
    code: "keychain_absent",
    message: both(l, "이 컴퓨터에서 키체인을 찾지 못했습니다.", "No keychain was found on this computer."),
    next: both(
      l,
      "GNOME Keyring이나 KWallet을 켠 뒤 Nameplate를 다시 시작하거나, 이번 실행에만 로그인하세요.",
      "Start GNOME Keyring or KWallet and then Nameplate again, or sign in for this run only.",
    ),
    detail: null,
    provider: "discord",
    remedies: ["restart", "this_run"],
  }),
  provider: (l: Language): Problem => ({
    code: "provider_refused",
    message: both(l, "카카오가 이 앱의 요청을 거절했습니다.", "Kakao refused this app’s request."),
    next: both(
      l,
      "클라이언트 시크릿이 켜져 있습니다. 설정에서 시크릿을 넣거나 콘솔에서 끄세요.",
      "Its client secret is switched on. Enter the secret in the set-up, or switch it off in the console.",
    ),
    detail: '{"error":"invalid_client","error_description":"Bad client credentials","error_code":"KOE010"}',
    provider: "kakao",
    remedies: ["set_up", "try_again"],
  }),
  file: (l: Language): Problem => ({
    code: "providers_unreadable",
    message: both(l, "providers.toml의 7번째 줄을 읽지 못했습니다.", "Line 7 of providers.toml cannot be read."),
    next: both(l, "그 줄을 고친 뒤 다시 확인하세요.", "Correct the line, then check again."),
    detail: 'TOML parse error at line 7, column 13\n  |\n7 | client_id = 115650\n  |             ^^^^^^\ninvalid type: integer, expected a string',
    provider: null,
    remedies: ["check_again"],
  }),
  newer: (l: Language): Problem => ({
    code: "database_newer",
    message: both(l, "더 새로운 Nameplate가 만든 데이터베이스입니다.", "This database was made by a newer Nameplate."),
    next: both(l, "최신 Nameplate로 열어 주세요. 파일은 그대로 두었습니다.", "Open it with the newer one. The file was left as it is."),
    detail: null,
    provider: null,
    remedies: ["restart"],
  }),
  port: (l: Language): Problem => ({
    code: "port_taken",
    message: both(l, "세 포트를 모두 다른 프로그램이 쓰고 있습니다.", "Another program uses all three ports."),
    next: both(l, "로그인을 마친 뒤 응답을 아래에 붙여 넣으세요.", "Finish in the browser, then paste the answer below."),
    detail: null,
    provider: "kakao",
    remedies: [],
  }),
};

const kakaoLabel = (l: Language) => both(l, "카카오", "Kakao");

/** What each state shows; `open` is the page on top of it, `press` what a person pressed then, by test hooks. */
export interface Sample {
  overview: Overview | Problem;
  open?: string;
  press?: string[];
}

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

/** The same person at another provider, not joined yet. */
const sameElsewhere = () => person({ id: "u2", nickname: "Haneul Kim", avatar: null, accounts: [google()] });

const longPerson = () =>
  person({
    id: "u3",
    nickname: LONG_NAME,
    avatar: null,
    accounts: [account({ id: "a4", provider: "company", label: "Company SSO", nickname: LONG_NAME, email: null })],
  });

const joined = (l: Language, rest: Partial<User> = {}) =>
  person({
    accounts: [
      account(),
      google({ email: "haneul.kim@example.org" }),
      kakao(l, { nickname: "하늘이", email: "haneul@mail.example.com", email_verified: false }),
    ],
    ...rest,
  });

const several = (l: Language, rest: Partial<Overview> = {}) =>
  overviewOf(l, { users: [person(), sameElsewhere(), longPerson()], current: "u1", ...rest });

const offered = (l: Language, rest: Partial<Overview> = {}) =>
  overviewOf(l, {
    users: [person(), sameElsewhere()],
    current: "u2",
    offers: [{ account: "a2", user: "u1", nickname: "하늘" }],
    ...rest,
  });

export const samples: Record<string, (language: Language) => Sample> = {
  loading: (l) => ({ overview: overviewOf(l), open: "loading" }),
  welcome: (l) => ({ overview: overviewOf(l) }),
  "welcome-some": (l) => ({ overview: overviewOf(l, { providers: onlyReady(l, ["discord", "company"]) }) }),
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
  "set-up-discord": (l) => ({ overview: overviewOf(l, { providers: onlyReady(l, []) }), open: "discord" }),
  "set-up-google": (l) => ({ overview: overviewOf(l, { providers: onlyReady(l, ["discord"]) }), open: "google" }),
  "set-up-kakao": (l) => ({ overview: overviewOf(l, { providers: onlyReady(l, ["discord"]) }), open: "kakao" }),
  "set-up-oidc": (l) => ({ overview: overviewOf(l, { providers: onlyReady(l, ["discord"]) }), open: "company" }),
  "set-up-ready": (l) => ({
    overview: overviewOf(l, {
      providers: cards(l).map((card) => ({ ...card, overrides: ["authorization_endpoint", "token_endpoint"] })),
    }),
    open: "discord",
  }),
  "set-up-broken-line": (l) => ({
    overview: overviewOf(l, {
      providers: cards(l).map((card) => ({ ...card, ready: false, problem: problems.file(l) })),
    }),
    open: "discord",
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
  "profile-alone": (l) => ({
    overview: several(l, {
      users: [
        person({ email_verified: false, accounts: [account({ email_verified: false })] }),
        sameElsewhere(),
      ],
    }),
  }),
  "profile-kept-apart": (l) => ({ overview: offered(l, { offers: [] }) }),
  "profile-accounts": (l) => ({ overview: withPerson(l, joined(l)) }),
  "profile-accounts-more": (l) => ({ overview: withPerson(l, joined(l)), press: ["more"] }),
  "profile-accounts-part": (l) => ({ overview: withPerson(l, joined(l)), press: ["more", "part"] }),
  "profile-accounts-ended": (l) => ({
    overview: withPerson(
      l,
      joined(l, {
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
  "settings-forget": (l) => ({ overview: several(l), open: "settings", press: ["forget"] }),
  failure: (l) => ({ overview: problems.newer(l) }),
};
