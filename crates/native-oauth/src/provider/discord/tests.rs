use serde_json::json;

use super::*;
use crate::dialect::ParsedResponse;

fn read(me: Value) -> Result<Profile, MissingField> {
    let mut responses = ProfileResponses {
        avatar_base: "https://cdn.discordapp.com/".into(),
        ..ProfileResponses::default()
    };
    responses.bodies.insert("me", me);
    profile(&responses)
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
    for me in
        [json!({"id": "1", "verified": true}), json!({"id": "1", "verified": true, "email": null})]
    {
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
        assert_eq!(read(me), Err(MissingField { field: "id" }));
    }
}

#[test]
fn discord_id_is_a_text_of_digits_that_no_float_touches() {
    let profile = read(json!({"id": "1150283746501836801"})).unwrap();
    assert_eq!(profile.subject, "1150283746501836801");
}

#[test]
fn discord_nullable_fields_may_all_be_null() {
    let profile = read(json!({
            "id": "123456789012345678", "username": "nelly", "discriminator": "0",
            "global_name": null, "avatar": null, "email": null, "banner": null,
            "accent_color": null, "avatar_decoration_data": null, "collectibles": null, "primary_guild": null
        }))
        .unwrap();
    assert_eq!(profile.nickname.as_deref(), Some("nelly"));
    assert_eq!((profile.email, profile.email_verified), (None, false));
    assert_eq!(profile.picture.as_deref(), Some("https://cdn.discordapp.com/embed/avatars/0.png"));
}

#[test]
fn discord_tells_no_birthday_gender_age_or_phone() {
    let profile = read(json!({"id": "1", "birthday": "1990-04-01", "gender": "x", "age_range": "x", "phone": "+1"})).unwrap();
    assert_eq!((profile.birthday, profile.gender), (None, None));
    assert_eq!((profile.age_range, profile.phone), (None, None));
}

#[test]
fn discord_token_response_is_the_plain_one() {
    let body = json!({
        "access_token": "a", "token_type": "Bearer", "expires_in": 604_800, "refresh_token": "r",
        "scope": "identify email"
    });
    let ParsedResponse::Tokens(read) =
        DISCORD.dialect.read(true, body.to_string().as_bytes()).unwrap()
    else {
        panic!("refused")
    };
    assert_eq!((&read["expires_in"], &read["scope"]), (&json!(604_800), &json!("identify email")));
    assert_eq!(read["refresh_token"], "r");
}

/// The API's errors name no `error`; they carry a message, and a code that is a number.
#[test]
fn discord_api_errors_are_told_by_their_message() {
    let body =
        json!({"message": "You are being rate limited.", "retry_after": 2.57, "global": false});
    let ParsedResponse::Error(read) =
        DISCORD.dialect.read(false, body.to_string().as_bytes()).unwrap()
    else {
        panic!("granted")
    };
    assert_eq!(read.text(), "You are being rate limited.");
}

/// A server without id or name is refused; other members are ignored.
#[test]
fn a_guild_is_its_id_and_its_name() {
    let read = |of: Value| guild(json!({ "guild": of }).as_object().unwrap());
    let told =
        json!({"id": "290926798626357250", "name": "서버\u{1b}", "owner_id": "5", "roles": []});
    let server = GrantTarget { id: "290926798626357250".into(), name: "서버".into() };
    assert_eq!(read(told), Some(server));
    for half in [json!(null), json!("1"), json!({"id": "1"}), json!({"id": 1, "name": "x"})] {
        assert_eq!(read(half), None);
    }
}

/// 8 is ADMINISTRATOR; and no bit means two things.
#[test]
fn every_permission_is_one_bit_of_its_own() {
    let all = BOT.permissions.iter().fold(0_u64, |all, permission| {
        assert_eq!(permission.bit.count_ones(), 1, "{}", permission.name);
        assert_eq!(all & permission.bit, 0, "{}", permission.name);
        all | permission.bit
    });
    // What TypeScript can hold as a number.
    assert!(all < 1 << 53);
    let named = |bit| BOT.permissions.iter().find(|known| known.bit == bit).unwrap();
    assert_eq!((named(8).name, named(8).risky), ("administrator", true));
    assert_eq!((named(2048).name, named(2048).risky), ("send_messages", false));
}
