//! Discord: `identify email`, no id_token, pictures by a rule of their own.

use serde_json::Value;

use super::answers::{Answers, Malformed, flag, subject, text};
use super::{
    Channel, ClientAuth, Endpoint, Endpoints, IdToken, Loopback, LoopbackHost, Need,
    ProfileRequest, Provider,
};
use crate::dialect::Dialect;
use crate::user::Profile;

pub(super) static DISCORD: Provider = Provider {
    id: "discord",
    label: "Discord",
    issuer: "https://discord.com",
    issuer_aliases: &[],
    endpoints: Endpoints {
        authorization: "https://discord.com/oauth2/authorize",
        token: "https://discord.com/api/oauth2/token",
        userinfo: "https://discord.com/api/v10/users/@me",
        jwks: "",
        people: "",
        avatar_base: "https://cdn.discordapp.com/",
    },
    channels: &[Channel::DeepLink, Channel::Loopback],
    // Any port for the port-less registration: observed with Discord's own SDK, in no document.
    loopback: Loopback { host: LoopbackHost::V4, ports: None },
    // `email` alone would give no id. `bot` is no part of a sign-in: it asks to join a server.
    scopes: &["identify", "email"],
    authorize: &[],
    // None is needed once the portal's "Public Client" switch is on.
    secret: ClientAuth::Post,
    id_token: IdToken::Never,
    dialect: Dialect::RFC_6749,
    requests: &[ProfileRequest {
        name: "me",
        endpoint: Endpoint::Userinfo,
        query: &[],
        need: Need::Identity,
    }],
    profile,
    register_url: Some("https://discord.com/developers/applications"),
};

fn profile(answers: &Answers) -> Result<Profile, Malformed> {
    let me = answers.body("me");
    let id = subject(&me["id"], "id")?;
    let picture = picture(&answers.avatar_base, &id, me);
    Ok(Profile {
        subject: id,
        nickname: text(&me["global_name"]).or_else(|| text(&me["username"])),
        email: text(&me["email"]),
        email_verified: flag(&me["verified"]) && text(&me["email"]).is_some(),
        picture,
        ..Profile::default()
    })
}

/// The chosen picture, or the one that Discord draws for whoever chose none.
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
mod tests {
    use serde_json::json;

    use super::*;

    fn read(me: Value) -> Result<Profile, Malformed> {
        let mut answers =
            Answers { avatar_base: "https://cdn.discordapp.com/".into(), ..Answers::default() };
        answers.bodies.insert("me", me);
        profile(&answers)
    }

    #[test]
    fn discord_documented_example_is_mapped() {
        let profile = read(json!({
            "id": "80351110224678912", "username": "Nelly", "global_name": null,
            "discriminator": "1337", "avatar": "8342729096ea3675442027381ff50dfe",
            "verified": true, "email": "nelly@discord.com", "flags": 64
        }))
        .unwrap();
        assert_eq!(profile.subject, "80351110224678912");
        assert_eq!(profile.nickname.as_deref(), Some("Nelly"));
        assert_eq!(profile.email.as_deref(), Some("nelly@discord.com"));
        assert!(profile.email_verified);
        assert_eq!(
            profile.picture.as_deref(),
            Some(
                "https://cdn.discordapp.com/avatars/80351110224678912/8342729096ea3675442027381ff50dfe.png?size=256"
            )
        );
    }

    #[test]
    fn discord_nickname_is_the_global_name_first() {
        let profile = read(json!({"id": "1", "username": "nelly", "global_name": "넬리"})).unwrap();
        assert_eq!(profile.nickname.as_deref(), Some("넬리"));
    }

    #[test]
    fn discord_email_may_be_unverified_absent_or_null() {
        let unverified = read(json!({"id": "1", "email": "a@b.c", "verified": false})).unwrap();
        assert!(!unverified.email_verified && unverified.email.is_some());
        for me in [
            json!({"id": "1", "verified": true}),
            json!({"id": "1", "verified": true, "email": null}),
        ] {
            let absent = read(me).unwrap();
            assert!(absent.email.is_none() && !absent.email_verified);
        }
    }

    #[test]
    fn discord_default_avatars_follow_both_rules() {
        for (id, discriminator, index) in [
            ("80351110224678912", "0", 5),
            ("268473310986240001", "0", 4),
            ("852892297661906993", "0", 5),
            ("123456789012345678", "0", 0),
            ("80351110224678912", "1337", 2),
            ("80351110224678912", "0001", 1),
        ] {
            assert_eq!(default_index(id, discriminator), Some(index), "{id}#{discriminator}");
        }
    }

    #[test]
    fn discord_animated_avatar_is_fetched_as_a_still() {
        let profile = read(json!({"id": "1", "avatar": "a_0f"})).unwrap();
        assert_eq!(
            profile.picture.as_deref(),
            Some("https://cdn.discordapp.com/avatars/1/a_0f.png?size=256")
        );
    }

    #[test]
    fn discord_without_an_id_is_refused() {
        for me in [json!({}), json!({"id": null}), json!({"id": ""}), json!([]), json!("x")] {
            assert_eq!(read(me), Err(Malformed { field: "id" }));
        }
    }
}
