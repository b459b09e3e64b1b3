//! Discord: `identify email`, no id_token, default pictures by a rule of its own.

use serde_json::{Map, Value};

use super::profile_responses::{MissingField, ProfileResponses, flag, subject, text};
use super::{
    AccountPages, Endpoints, ExtraGrant, GrantPermission, GrantTarget, Loopback, LoopbackHost,
    ProfileRequest, Provider, RedirectMethod, Registration, Revocation, RevocationEffect,
    Revocations, SecretNeed, SetUp, TokenEndpointAuthMethod,
};
use crate::dialect::Dialect;
use crate::error::ErrorKind;
use crate::profile::{Profile, shown};

/// Discord.
pub static DISCORD: Provider = Provider {
    id: "discord",
    label: "Discord",
    issuer: "https://discord.com",
    endpoints: Endpoints {
        authorization: "https://discord.com/oauth2/authorize",
        token: "https://discord.com/api/oauth2/token",
        userinfo: "https://discord.com/api/v10/users/@me",
        revocation: "https://discord.com/api/oauth2/token/revoke",
        avatar_base: "https://cdn.discordapp.com/",
        ..Endpoints::NONE
    },
    redirect_methods: &[RedirectMethod::Loopback, RedirectMethod::DeepLink],
    // Any port for the port-less registration: observed with Discord's own SDK, in no document.
    loopback: Loopback { host: LoopbackHost::V4, ports: None, registration: Registration::Needed },
    // `email` alone would give no id. `bot` is no part of a sign-in: it asks to join a server.
    scopes: &["identify", "email"],
    // None is needed once the portal's "Public Client" switch is on.
    secret: TokenEndpointAuthMethod::ClientSecretPost,
    // Where a bot was added to.
    dialect: Dialect { extra: &["guild"], ..Dialect::RFC_6749 },
    profile_requests: &[ProfileRequest { name: "me", ..ProfileRequest::USERINFO }],
    profile,
    revocations: Revocations {
        // Revoking any token revokes all of the user's tokens.
        sign_out: None,
        disconnect: Some(Revocation::Token),
        effect: RevocationEffect::EveryToken,
    },
    trusts_email: |_, profile| profile.email_verified,
    error_meanings: &[
        // Its validation of an id that is no snowflake, in both forms in which it was reported.
        ("client_id: ", ErrorKind::ClientUnknown),
        // Without a secret; a secret that was sent is the wrong one.
        ("invalid_client", ErrorKind::PublicClientOff),
    ],
    extra_grant: Some(&BOT),
    account_pages: AccountPages {
        account: Some("https://discord.com/settings/account"),
        connected_apps: Some("https://discord.com/settings/authorized-apps"),
    },
    set_up: SetUp {
        register_url: Some("https://discord.com/developers/applications"),
        secret: SecretNeed::Optional,
        steps: &["discord_create", "discord_public", "discord_redirects"],
        // Observed, and written nowhere.
        page_error: "Invalid OAuth2 redirect_uri",
    },
    ..Provider::STANDARD
};

/// A bot of the application, which joins a server.
static BOT: ExtraGrant = ExtraGrant {
    scope: "bot",
    // With a scope beside `bot`, the response has a code, and the token response names the server.
    scopes: &["identify", "bot"],
    parameter: "permissions",
    // Discord requires two-factor authentication of a user who grants a risky one.
    permissions: &[
        GrantPermission::harmless(1 << 10, "view_channels"),
        GrantPermission::harmless(1 << 11, "send_messages"),
        GrantPermission::harmless(1 << 16, "read_history"),
        GrantPermission::harmless(1 << 14, "embed_links"),
        GrantPermission::harmless(1 << 15, "attach_files"),
        GrantPermission::harmless(1 << 6, "add_reactions"),
        GrantPermission::harmless(1 << 20, "connect"),
        GrantPermission::harmless(1 << 21, "speak"),
        GrantPermission::risky(1 << 13, "manage_messages"),
        GrantPermission::risky(1 << 4, "manage_channels"),
        GrantPermission::risky(1 << 28, "manage_roles"),
        GrantPermission::risky(1 << 1, "kick_members"),
        GrantPermission::risky(1 << 2, "ban_members"),
        GrantPermission::risky(1 << 3, "administrator"),
    ],
    target: guild,
};

/// The member `guild` of a token response, without hidden characters.
fn guild(response: &Map<String, Value>) -> Option<GrantTarget> {
    let guild = response.get("guild")?;
    let text = |name: &str| Some(shown(guild[name].as_str()?)).filter(|text| !text.is_empty());
    Some(GrantTarget { id: text("id")?, name: text("name")? })
}

fn profile(responses: &ProfileResponses) -> Result<Profile, MissingField> {
    let me = responses.body("me");
    let id = subject(&me["id"], "id")?;
    let picture = picture(&responses.avatar_base, &id, me);
    Ok(Profile {
        subject: id,
        nickname: text(&me["global_name"]).or_else(|| text(&me["username"])),
        email: text(&me["email"]),
        email_verified: flag(&me["verified"]) && text(&me["email"]).is_some(),
        picture,
        ..Profile::default()
    })
}

/// The chosen picture, or Discord's default one.
fn picture(base: &str, id: &str, me: &Value) -> Option<String> {
    if let Some(hash) = text(&me["avatar"]) {
        // `a_` marks an animated one, whose still frame is served under `.png` as well.
        return Some(format!("{base}avatars/{id}/{hash}.png?size=256"));
    }
    let index = default_index(id, me["discriminator"].as_str().unwrap_or("0"))?;
    Some(format!("{base}embed/avatars/{index}.png"))
}

/// Which default picture: by the id for new user names, by the discriminator for old ones.
fn default_index(id: &str, discriminator: &str) -> Option<u64> {
    match discriminator.parse::<u64>() {
        Ok(0) | Err(_) => Some((id.parse::<u64>().ok()? >> 22) % 6),
        Ok(number) => Some(number % 5),
    }
}

#[cfg(test)]
mod tests;
