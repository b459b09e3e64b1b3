// Provider cards, all set up or only some.
import type { BotPermission } from "../bindings/BotPermission";
import type { Language } from "../bindings/Language";
import type { Problem } from "../bindings/Problem";
import type { ProviderCard } from "../bindings/ProviderCard";
import type { SetUpPage } from "../bindings/SetUpPage";

export const both = (language: Language, ko: string, en: string) => (language === "ko" ? ko : en);

const FILE = "/home/haneul/.config/app.nameplate.desktop/providers.toml";

type Sketch = Omit<Partial<ProviderCard>, "set_up"> & { set_up?: Partial<SetUpPage> };

const FIXED_PORTS = [53682, 53683, 53684];
const fixed = (id: string) => FIXED_PORTS.map((port) => `http://localhost:${port}/callback/${id}`);
const bothWays = (id: string) => [`app.nameplate.desktop:/callback/${id}`, `http://127.0.0.1/callback/${id}`];

function card(id: string, label: string, { set_up, ...rest }: Sketch): ProviderCard {
  const page: SetUpPage = {
    register_url: `https://example.com/${id}`,
    redirect_uris: [],
    steps: [],
    client_id: "1156500000000000000",
    secret: "needed",
    secret_kept: true,
    asks_issuer: false,
    issuer: null,
    takes_redirect_uri: id !== "email",
    redirect_uri: null,
    fixed_by: null,
    ...set_up,
  };
  return {
    id,
    label,
    kind: id,
    ready: true,
    problem: null,
    redirect_uris: page.redirect_uris,
    file: FILE,
    variables: [`${id.toUpperCase()}_CLIENT_ID`],
    snippet: `[${id}]\nclient_id = "…"`,
    register_url: page.register_url,
    overrides: [],
    revocation_effect: "every_token",
    more: false,
    bot: [],
    ...rest,
    set_up: page,
  };
}

const permissions = (l: Language): BotPermission[] => [
  { bit: 1024, name: both(l, "채널 보기", "View channels"), risky: false },
  { bit: 2048, name: both(l, "메시지 보내기", "Send messages"), risky: false },
  { bit: 16384, name: both(l, "링크 첨부", "Embed links"), risky: false },
  { bit: 32768, name: both(l, "파일 첨부", "Attach files"), risky: false },
  { bit: 65536, name: both(l, "메시지 기록 보기", "Read message history"), risky: false },
  { bit: 8192, name: both(l, "메시지 관리", "Manage messages"), risky: true },
  { bit: 8, name: both(l, "관리자", "Administrator"), risky: true },
];

export function cards(l: Language): ProviderCard[] {
  return [
    card("discord", "Discord", {
      bot: permissions(l),
      set_up: {
        redirect_uris: bothWays("discord"),
        secret: "optional",
        secret_kept: false,
        steps: [
          both(l, "Developer Portal에서 New Application을 눌러 앱을 만드세요.", "In the Developer Portal, choose New Application."),
          both(l, "OAuth2에서 Public Client를 켜세요. 그러면 시크릿이 필요 없습니다.", "Under OAuth2, turn Public Client on: then no secret is needed."),
        ],
      },
    }),
    card("google", "Google", {
      variables: ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"],
      revocation_effect: "whole_project",
      more: true,
      set_up: {
        steps: [
          both(l, "사용자 인증 정보에서 애플리케이션 유형이 데스크톱 앱인 OAuth 클라이언트를 만드세요.", "Under Credentials, create an OAuth client of the type Desktop app."),
        ],
      },
    }),
    card("kakao", both(l, "카카오", "Kakao"), {
      variables: ["KAKAO_CLIENT_ID", "KAKAO_CLIENT_SECRET"],
      revocation_effect: "connection",
      more: true,
      set_up: {
        redirect_uris: fixed("kakao"),
        steps: [
          both(l, "애플리케이션을 추가하고 카카오 로그인을 활성화하세요.", "Add an application and turn Kakao Login on."),
          both(l, "REST API 키가 클라이언트 ID입니다. 클라이언트 시크릿은 기본으로 켜져 있습니다.", "The REST API key is the client ID. Its client secret is on by default."),
        ],
      },
    }),
    card("facebook", "Facebook", {
      set_up: {
        redirect_uris: ["http://localhost:53682/callback/facebook"],
        secret: "optional",
        steps: [both(l, "Facebook 로그인 제품을 추가하세요.", "Add the product Facebook Login.")],
      },
    }),
    card("github", "GitHub", {
      set_up: {
        redirect_uris: bothWays("github").slice(1),
        steps: [both(l, "OAuth 앱을 만들고 Device Flow를 켜세요.", "Create an OAuth app and turn Device Flow on.")],
      },
    }),
    card("microsoft", "Microsoft", {
      revocation_effect: "session",
      set_up: {
        redirect_uris: ["http://localhost/callback/microsoft"],
        secret: "never",
        secret_kept: false,
        steps: [both(l, "공용 클라이언트 흐름을 허용하세요.", "Allow public client flows.")],
      },
    }),
    card("naver", both(l, "네이버", "Naver"), { revocation_effect: "connection", set_up: { redirect_uris: fixed("naver") } }),
    card("line", "LINE", { set_up: { redirect_uris: fixed("line") } }),
    card("company", "Company SSO", {
      kind: "oidc",
      variables: [],
      revocation_effect: "session",
      snippet:
        '[company]\nkind = "oidc"\nlabel = "Company SSO"\nissuer = "https://id.example.com"\nclient_id = "desktop"',
      set_up: {
        redirect_uris: bothWays("company"),
        register_url: null,
        client_id: "desktop",
        secret: "optional",
        secret_kept: false,
        asks_issuer: true,
        issuer: "https://id.example.com",
      },
    }),
    card("email", both(l, "이메일", "E-mail"), {
      revocation_effect: "profile",
      variables: [],
      set_up: { register_url: null, client_id: null, secret: "never", secret_kept: false },
    }),
  ];
}

/** Only these and the local profile are set up. */
export function onlyReady(language: Language, ready: string[]): ProviderCard[] {
  return cards(language).map((card) =>
    card.kind === "email" || ready.includes(card.id) ? card : untouched(card, missing(language, card)),
  );
}

const untouched = (card: ProviderCard, problem: Problem): ProviderCard => ({
  ...card,
  ready: false,
  problem,
  set_up: { ...card.set_up, client_id: null, secret_kept: false },
});

const missing = (language: Language, card: ProviderCard): Problem => ({
  code: "not_set_up",
  message: both(language, `${card.label} 설정이 아직 없습니다.`, `${card.label} is not set up yet.`),
  next: both(language, `${card.label} 설정 화면을 열어 순서대로 진행하세요.`, `Open the setup page of ${card.label} and follow the steps.`),
  detail: null,
  provider: card.id,
  remedies: ["set_up"],
});
