// Provider cards, all set up or only some. Tests use the invented ones.
import type { BotPermission } from "../bindings/BotPermission";
import type { Language } from "../bindings/Language";
import type { Problem } from "../bindings/Problem";
import type { ProviderCard } from "../bindings/ProviderCard";
import type { SetUpPage } from "../bindings/SetUpPage";
import { brandOf, brands } from "../providers";
import { ownLabel, permission, problem, step, stepsOf } from "./engine";

export const both = (language: Language, ko: string, en: string) => (language === "ko" ? ko : en);

/** The label of a local profile. */
export const localLabel = (language: Language) => both(language, "로컬 프로필", "Local profile");

const FILE = "/home/haneul/.config/app.nameplate.desktop/providers.toml";

type Sketch = Omit<Partial<ProviderCard>, "set_up"> & { set_up?: Partial<SetUpPage> };

const ports = (id: string, host = "localhost") => [53682, 53683, 53684].map((port) => `http://${host}:${port}/callback/${id}`);
const bothWays = (id: string, host = "127.0.0.1") => [`http://${host}/callback/${id}`, `app.nameplate.desktop:/callback/${id}`];

/** What crates/native-oauth/src/provider says of each: redirect URIs to register, none for some, and the secret. */
const clients: Record<string, Pick<SetUpPage, "redirect_uris" | "secret">> = {
  discord: { redirect_uris: bothWays("discord"), secret: "optional" },
  google: { redirect_uris: [], secret: "needed" },
  kakao: { redirect_uris: ports("kakao"), secret: "optional" },
  facebook: { redirect_uris: [], secret: "optional" },
  github: { redirect_uris: bothWays("github"), secret: "needed" },
  microsoft: { redirect_uris: bothWays("microsoft", "localhost"), secret: "never" },
  naver: { redirect_uris: ports("naver", "127.0.0.1"), secret: "needed" },
  line: { redirect_uris: ports("line", "127.0.0.1"), secret: "needed" },
};

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
    loopback: false,
    server_input: "none",
    named_before: [],
    problem: null,
    redirect_uris: page.redirect_uris,
    file: FILE,
    variables: [`${id.toUpperCase()}_CLIENT_ID`],
    snippet: `[${id}]\nclient_id = ""\n${page.secret === "never" ? "" : '# client_secret = ""\n'}`,
    register_url: page.register_url,
    overrides: [],
    revocation_effect: "every_token",
    more: false,
    account_pages: [],
    bot: [],
    ...rest,
    set_up: page,
  };
}

const permissions = (l: Language): BotPermission[] => [
  { bit: 1024, name: permission(l, "view_channels"), risky: false },
  { bit: 2048, name: permission(l, "send_messages"), risky: false },
  { bit: 16384, name: permission(l, "embed_links"), risky: false },
  { bit: 32768, name: permission(l, "attach_files"), risky: false },
  { bit: 65536, name: permission(l, "read_history"), risky: false },
  { bit: 8192, name: permission(l, "manage_messages"), risky: true },
  { bit: 8, name: permission(l, "administrator"), risky: true },
];

/** Invented providers, a configured issuer and the local profile. */
export function cards(l: Language): ProviderCard[] {
  return [
    card("aurora", "Aurora", {
      bot: permissions(l),
      set_up: {
        redirect_uris: bothWays("aurora"),
        secret: "optional",
        secret_kept: false,
        steps: stepsOf(l, "discord"),
      },
    }),
    card("birch", "Birch", {
      revocation_effect: "whole_project",
      more: true,
      set_up: {
        steps: [step(l, "google_type"), step(l, "google_consent")],
      },
    }),
    card("cedar", "Cedar", {
      variables: ["CEDAR_CLIENT_ID", "CEDAR_CLIENT_SECRET"],
      revocation_effect: "connection",
      more: true,
      set_up: {
        redirect_uris: ports("cedar"),
        steps: [step(l, "microsoft_create"), step(l, "naver_environment")],
      },
    }),
    ...entries(l),
  ];
}

/** Every built-in provider, a configured issuer and the local profile. */
export function brandCards(l: Language): ProviderCard[] {
  const named = namedCards();
  const registered = marked.filter((id) => named.every((card) => card.id !== id));
  return [
    ...registered.map((id) => card(id, labelOf(l, id), { set_up: { ...clients[id], steps: stepsOf(l, id) } })),
    ...named,
    ...entries(l),
  ];
}

const named = (id: string, label: string, rest: Sketch, page: Partial<SetUpPage>) =>
  card(id, label, {
    variables: [],
    revocation_effect: "session",
    set_up: { register_url: null, client_id: null, secret_kept: false, ...page },
    ...rest,
  });

/** Providers that need no setup: a server or an address is named. Their names are Rust's. */
export const namedCards = (before: string[] = []): ProviderCard[] => [
  named("bluesky", "Bluesky", { server_input: "handle" }, { secret: "never" }),
  named("mastodon", "Mastodon", { server_input: "server", named_before: before }, { secret: "needed" }),
  named("oidc", "OpenID Connect", { server_input: "issuer" }, { secret: "optional", asks_issuer: true }),
];

/** Nothing is set up: those that work at once, and the others. */
export function untouchedCards(l: Language, before: string[] = []): ProviderCard[] {
  const named = namedCards(before);
  const others = brandCards(l).filter(({ id, server_input }) => id !== "company" && server_input === "none");
  return [...named, ...onlyReady(l, [], others)];
}

/** Kinds with a mark of their own. */
export const marked = brands.map(({ id }) => id).filter((id) => id !== "oidc" && id !== "email");

/** Rust's name in the language, else that at the end of the button: "Log in with LINE". */
export const labelOf = (l: Language, id: string) => ownLabel(l, id) ?? brandOf(id).signIn.en("").split(" ").at(-1)!;

const entries = (l: Language): ProviderCard[] => [
  card("company", "Company SSO", {
    kind: "oidc",
    variables: [],
    revocation_effect: "session",
    snippet: '[company]\nkind = "oidc"\nlabel = "Company SSO"\nissuer = "https://id.example.com"\nclient_id = "desktop"',
    set_up: {
      redirect_uris: bothWays("company"),
      steps: stepsOf(l, "oidc"),
      register_url: null,
      client_id: "desktop",
      secret: "optional",
      secret_kept: false,
      asks_issuer: true,
      issuer: "https://id.example.com",
    },
  }),
  card("email", localLabel(l), {
    revocation_effect: "profile",
    account_pages: [],
    variables: [],
    set_up: { register_url: null, client_id: null, secret: "never", secret_kept: false },
  }),
];

/** All with endpoints of their own. */
export const overridden = (l: Language): ProviderCard[] =>
  cards(l).map((card) => ({ ...card, overrides: ["authorization_endpoint", "token_endpoint"] }));

/** Only these are set up; the local profile and those that ask for a server need no setup. */
export function onlyReady(language: Language, ready: string[], all = cards(language)): ProviderCard[] {
  const needsNone = (card: ProviderCard) => card.kind === "email" || card.server_input !== "none";
  return all.map((card) => (needsNone(card) || ready.includes(card.id) ? card : untouched(card, missing(language, card))));
}

const untouched = (card: ProviderCard, problem: Problem): ProviderCard => ({
  ...card,
  ready: false,
  problem,
  set_up: { ...card.set_up, client_id: null, secret_kept: false },
});

const missing = (language: Language, card: ProviderCard): Problem =>
  problem(language, "not_set_up", card, { remedies: ["set_up", "check_again"] });
