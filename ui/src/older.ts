// Fills in what an engine without set-up pages, devices and bots does not send. It goes when the engine sends them.
import type { Overview } from "./bindings/Overview";
import type { ProviderCard } from "./bindings/ProviderCard";
import type { SetUpPage } from "./bindings/SetUpPage";

export const complete = (overview: Overview): Overview => ({
  ...overview,
  bot: overview.bot ?? null,
  signing_in: overview.signing_in && { ...overview.signing_in, device: overview.signing_in.device ?? null },
  providers: overview.providers.map((card) => ({ ...card, bot: card.bot ?? [], set_up: card.set_up ?? pageOf(card) })),
});

const pageOf = (card: ProviderCard): SetUpPage => ({
  register_url: card.register_url,
  redirect_uris: card.redirect_uris,
  steps: [],
  client_id: null,
  secret: "optional",
  secret_kept: false,
  asks_issuer: card.kind === "oidc",
  issuer: null,
  takes_redirect_uri: false,
  redirect_uri: null,
  fixed_by: null,
});
