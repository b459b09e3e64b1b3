// The parts that snapshots are made of: providers, accounts, people, a sign-in.
import type { Account } from "../bindings/Account";
import type { Language } from "../bindings/Language";
import type { Overview } from "../bindings/Overview";
import type { Problem } from "../bindings/Problem";
import type { ProviderCard } from "../bindings/ProviderCard";
import type { SigningIn } from "../bindings/SigningIn";
import type { User } from "../bindings/User";

export const LONG_NAME = "하늘빛바다노을구름바람별빛달빛햇살이슬안개무지개새벽아침저녁밤하늘숲속오솔길끝집";

export const both = (language: Language, ko: string, en: string) => (language === "ko" ? ko : en);

const READ_AT = Date.UTC(2026, 2, 14, 6, 20) / 1000;
const FILE = "/home/haneul/.config/app.nameplate.desktop/providers.toml";

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
export function onlyReady(language: Language, ready: string[]): ProviderCard[] {
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

export const withPerson = (language: Language, user: User, rest: Partial<Overview> = {}) =>
  overviewOf(language, { users: [user], current: user.id, ...rest });
