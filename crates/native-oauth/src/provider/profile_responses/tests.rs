use serde_json::json;

use super::*;

fn responses(id_token: Value, userinfo: Value) -> ProfileResponses {
    let bodies = [("userinfo", userinfo)].into();
    ProfileResponses { id_token: Some(id_token), bodies, ..ProfileResponses::default() }
}

fn named(claims: Value) -> Option<String> {
    responses(claims, Value::Null).display_name()
}

/// The full name, else its parts, else the user name or nickname; a blank one counts as absent.
#[test]
fn the_name_is_the_fullest_there_is() {
    for (claims, name) in [
        (
            json!({"name": "Mira Novak", "nickname": "mn", "preferred_username": "mira"}),
            "Mira Novak",
        ),
        (json!({"name": "", "given_name": "Mira", "family_name": "Novak"}), "Mira Novak"),
        (json!({"name": "  ", "givenname": "Mira", "familyname": "Novak"}), "Mira Novak"),
        (json!({"given_name": "하늘", "family_name": "김"}), "김하늘"),
        (json!({"givenname": "하늘", "familyname": "남궁"}), "남궁하늘"),
        (json!({"given_name": "Haneul", "family_name": "김"}), "Haneul 김"),
        (json!({"given_name": "하늘", "family_name": "Kim"}), "하늘 Kim"),
        (json!({"given_name": "太郎", "family_name": "山田"}), "太郎 山田"),
        (json!({"given_name": "Mira", "family_name": ""}), "Mira"),
        (json!({"given_name": null, "family_name": "Novak", "nickname": "mn"}), "Novak"),
        (json!({"name": 7, "nickname": "mn", "preferred_username": "mira"}), "mira"),
        (json!({"nickname": "mn", "preferred_username": " "}), "mn"),
        (json!({"name": "\u{3164}", "nickname": "mn"}), "mn"),
    ] {
        assert_eq!(named(claims.clone()).as_deref(), Some(name), "{claims}");
    }
    assert_eq!(named(json!({"name": "", "given_name": " ", "preferred_username": null})), None);
}

/// Userinfo is read first, and what it leaves blank is the id_token's.
#[test]
fn what_userinfo_lacks_is_in_the_id_token() {
    let signed =
        json!({"sub": "s", "name": "Mira Novak", "picture": "https://p", "gender": "female"});
    for userinfo in [
        Value::Null,
        json!({"sub": "s"}),
        json!({"sub": "s", "name": "", "picture": "", "gender": " "}),
        json!({"sub": "s", "name": null, "picture": 7, "gender": ["x"]}),
    ] {
        let profile = responses(signed.clone(), userinfo.clone()).standard_profile().unwrap();
        assert_eq!(profile.nickname.as_deref(), Some("Mira Novak"), "{userinfo}");
        assert_eq!(profile.picture.as_deref(), Some("https://p"), "{userinfo}");
        assert_eq!(profile.gender.as_deref(), Some("female"), "{userinfo}");
    }
    let told = responses(signed, json!({"sub": "s", "name": "Mira"})).standard_profile().unwrap();
    assert_eq!(told.nickname.as_deref(), Some("Mira"));
}

/// S39: address and its verification are read from the same response.
#[test]
fn address_and_verification_come_from_one_source() {
    let of = |id_token: Value, userinfo: Value| {
        let profile = responses(id_token, userinfo).standard_profile().unwrap();
        (profile.email, profile.email_verified)
    };
    let mine = || Some("a@b.c".to_owned());
    let (s, yes, no) = ("s", true, false);
    for (id_token, userinfo, result) in [
        (
            json!({"sub": s, "email": "a@b.c", "email_verified": yes}),
            json!({"sub": s}),
            (mine(), yes),
        ),
        (json!({"sub": s, "email": "a@b.c", "email_verified": "true"}), Value::Null, (mine(), yes)),
        (
            json!({"sub": s, "email": "x@y.z", "email_verified": yes}),
            json!({"sub": s, "email": "a@b.c"}),
            (mine(), no),
        ),
        (
            json!({"sub": s, "email": "a@b.c"}),
            json!({"sub": s, "email": "", "email_verified": yes}),
            (mine(), no),
        ),
        (
            json!({"sub": s, "email": "a@b.c", "email_verified": no}),
            json!({"sub": s, "email_verified": "true"}),
            (mine(), no),
        ),
        (
            json!({"sub": s, "email_verified": yes}),
            json!({"sub": s, "email_verified": yes}),
            (None, no),
        ),
    ] {
        let said = format!("{id_token} {userinfo}");
        assert_eq!(of(id_token, userinfo), result, "{said}");
    }
}

/// The subject is userinfo's where there is one, so that it can be compared with the one that
/// was signed.
#[test]
fn the_subject_is_that_of_the_body() {
    let subject = |id_token: Value, userinfo: Value| {
        responses(id_token, userinfo).standard_profile().map(|profile| profile.subject)
    };
    assert_eq!(subject(json!({"sub": "s"}), json!({"sub": "t"})), Ok("t".to_owned()));
    assert_eq!(subject(json!({"sub": "s"}), Value::Null), Ok("s".to_owned()));
    for userinfo in [json!({}), json!({"sub": ""}), json!({"sub": ["s"]})] {
        assert_eq!(subject(json!({"sub": "s"}), userinfo), Err(MissingField { field: "sub" }));
    }
    assert_eq!(subject(json!({}), Value::Null), Err(MissingField { field: "sub" }));
    // OpenID Connect Core, section 5.3.2: it "MUST exactly match".
    for sub in [" s", "s ", "\ts"] {
        assert_eq!(subject(json!({ "sub": sub }), Value::Null), Ok(sub.to_owned()));
        assert_eq!(subject(json!({"sub": "s"}), json!({ "sub": sub })), Ok(sub.to_owned()));
    }
    assert_eq!(subject(json!({"sub": " "}), Value::Null), Err(MissingField { field: "sub" }));
    let alone = ProfileResponses {
        bodies: [("userinfo", json!({"sub": "s"}))].into(),
        ..ProfileResponses::default()
    };
    assert_eq!(alone.standard_profile().unwrap().subject, "s");
}
