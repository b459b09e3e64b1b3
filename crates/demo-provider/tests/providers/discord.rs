//! Discord: sign-ins, and each refusal for a client with one mistake.

mod authorize;
mod profile;
mod token;

use crate::common::{App, Reply};
use demo_provider::providers::discord::CLIENT_ID;
use serde_json::json;

const LOOPBACK: &str = "http://127.0.0.1:42149/callback/discord";
const DEEP: &str = "app.nameplate.desktop.dev:/callback/discord";
const ME: &str = "/discord/api/v10/users/@me";
const APP: App = App {
    provider: "discord",
    authorize: "/discord/oauth2/authorize",
    token: "/discord/api/oauth2/token",
    client: &[("client_id", CLIENT_ID)],
    redirect_uri: LOOPBACK,
    ask: &[("scope", "identify email"), ("state", "s t/a")],
    exchange: &[],
};

fn refused(reply: &Reply, error: &str, description: &str) {
    reply.is(400, &json!({ "error": error, "error_description": description }));
}

fn invalid_client(reply: &Reply) {
    reply.is(401, &json!({ "error": "invalid_client" }));
}
