use serde_json::json;

use super::*;
use crate::dialect::ParsedResponse;

fn read(userinfo: Value, people: Value) -> Result<Profile, MissingField> {
    let mut responses = ProfileResponses::default();
    responses.bodies.insert("userinfo", userinfo);
    responses.bodies.insert("people", people);
    profile(&responses)
}

#[test]
fn google_userinfo_is_mapped() {
    let profile = read(
            json!({"sub": "108204268033311374519", "name": "나리 김", "picture": "https://lh3.googleusercontent.com/a/x=s96-c",
                   "email": "nari@gmail.com", "email_verified": true}),
            Value::Null,
        )
        .unwrap();
    assert_eq!(profile.subject, "108204268033311374519");
    assert_eq!(profile.nickname.as_deref(), Some("나리 김"));
    assert!(profile.email_verified);
    assert_eq!(profile.picture.as_deref(), Some("https://lh3.googleusercontent.com/a/x=s96-c"));
    assert_eq!((profile.birthday, profile.gender, profile.phone), (None, None, None));
}

#[test]
fn google_without_the_profile_scope_has_only_a_sub() {
    let profile = read(json!({"sub": "1", "name": ""}), Value::Null).unwrap();
    assert_eq!((profile.nickname, profile.picture, profile.email), (None, None, None));
    assert_eq!(read(json!({"id": "1"}), Value::Null), Err(MissingField { field: "sub" }));
}

#[test]
fn google_people_extras_take_the_primary_of_each() {
    let profile = read(
            json!({"sub": "1"}),
            json!({
                "nicknames": [{"value": "nn", "metadata": {"primary": true}}],
                "names": [{"displayName": "dn"}],
                "genders": [{"value": "male"}, {"value": "female", "metadata": {"primary": true}}],
                "phoneNumbers": [{"value": "010-1234-5678", "canonicalForm": "+821012345678"}],
                "photos": [{"url": "https://lh3.googleusercontent.com/p", "metadata": {"primary": true}}]
            }),
        )
        .unwrap();
    assert_eq!(profile.nickname.as_deref(), Some("nn"));
    assert_eq!(profile.gender.as_deref(), Some("female"));
    assert_eq!(profile.phone.as_deref(), Some("+821012345678"));
    assert_eq!(profile.picture.as_deref(), Some("https://lh3.googleusercontent.com/p"));
}

#[test]
fn google_drawn_photo_and_unspecified_gender_are_left_out() {
    let people = json!({"photos": [{"url": "https://x", "default": true}], "genders": [{"value": "unspecified"}]});
    let profile = read(json!({"sub": "1"}), people).unwrap();
    assert_eq!((profile.picture, profile.gender), (None, None));
}

#[test]
fn google_birthday_prefers_the_entry_with_a_year() {
    let with =
        json!([{"date": {"month": 4, "day": 1}}, {"date": {"year": 1990, "month": 4, "day": 1}}]);
    assert_eq!(birthday(&with).as_deref(), Some("1990-04-01"));
    let without = json!([{"date": {"year": 0, "month": 4, "day": 1}}]);
    assert_eq!(birthday(&without).as_deref(), Some("--04-01"));
    assert_eq!(birthday(&json!([{"text": "spring"}])), None);
    assert_eq!(
        birthday(&json!([{"date": {"year": 1990, "month": 0, "day": 0}}])).as_deref(),
        Some("1990")
    );
}

#[test]
fn google_people_is_asked_for_six_fields_and_only_with_a_scope_of_its_own() {
    let people = GOOGLE.profile_requests.iter().find(|request| request.name == "people").unwrap();
    assert_eq!(
        people.query,
        [("personFields", "photos,birthdays,genders,phoneNumbers,names,nicknames")]
    );
    assert_eq!(people.need, Need::Extra(PEOPLE_SCOPES));
    assert!(PEOPLE_SCOPES.iter().all(|scope| !GOOGLE.scopes.contains(scope)));
}

#[test]
fn google_name_and_picture_come_from_userinfo_first() {
    let people = json!({
        "nicknames": [{"value": "nn"}], "names": [{"displayName": "dn"}],
        "photos": [{"url": "https://lh3.googleusercontent.com/p"}]
    });
    let userinfo =
        json!({"sub": "1", "name": "나리", "picture": "https://lh3.googleusercontent.com/u"});
    let profile = read(userinfo, people.clone()).unwrap();
    assert_eq!(profile.nickname.as_deref(), Some("나리"));
    assert_eq!(profile.picture.as_deref(), Some("https://lh3.googleusercontent.com/u"));
    let mut unnamed = people;
    unnamed["nicknames"] = Value::Null;
    assert_eq!(read(json!({"sub": "1"}), unnamed).unwrap().nickname.as_deref(), Some("dn"));
}

/// The id_token's claims are there to be verified; `picture` may be missing in them.
#[test]
fn google_picture_is_read_from_userinfo_and_not_from_the_id_token() {
    let mut responses =
        ProfileResponses { id_token: Some(json!({"sub": "1"})), ..ProfileResponses::default() };
    responses
        .bodies
        .insert("userinfo", json!({"sub": "1", "picture": "https://lh3.googleusercontent.com/u"}));
    assert!(profile(&responses).unwrap().picture.is_some());
}

#[test]
fn google_userinfo_of_the_old_host_is_not_taken_for_the_new_one() {
    let old = json!({"id": "1", "email": "a@b.c", "verified_email": true});
    assert_eq!(read(old, Value::Null), Err(MissingField { field: "sub" }));
    let mixed = json!({"sub": "1", "email": "a@b.c", "verified_email": true});
    assert!(!read(mixed, Value::Null).unwrap().email_verified);
}

#[test]
fn google_email_may_be_unverified_or_not_shared() {
    let unverified =
        read(json!({"sub": "1", "email": "a@b.c", "email_verified": false}), Value::Null).unwrap();
    assert!(unverified.email.is_some() && !unverified.email_verified);
    let none = read(json!({"sub": "1", "email_verified": true}), Value::Null).unwrap();
    assert!(none.email.is_none() && !none.email_verified);
}

#[test]
fn google_people_fields_without_data_are_absent() {
    let profile =
        read(json!({"sub": "1"}), json!({"resourceName": "people/1", "etag": "%"})).unwrap();
    assert_eq!((profile.birthday, profile.gender, profile.phone), (None, None, None));
    assert_eq!((profile.nickname, profile.picture), (None, None));
}

#[test]
fn google_gender_may_be_the_persons_own_word() {
    let people = json!({"genders": [{"value": "논바이너리", "formattedValue": "논바이너리", "addressMeAs": "they"}]});
    assert_eq!(read(json!({"sub": "1"}), people).unwrap().gender.as_deref(), Some("논바이너리"));
}

#[test]
fn google_phone_is_canonical_where_it_can_be() {
    let people = |entry: Value| json!({"phoneNumbers": [entry]});
    let only_typed = people(json!({"value": "010-1234-5678", "formattedType": "Mobile"}));
    assert_eq!(
        read(json!({"sub": "1"}), only_typed).unwrap().phone.as_deref(),
        Some("010-1234-5678")
    );
    let both = people(json!({"value": "010-1234-5678", "canonicalForm": "+821012345678"}));
    assert_eq!(read(json!({"sub": "1"}), both).unwrap().phone.as_deref(), Some("+821012345678"));
}

#[test]
fn google_of_several_entries_the_first_counts_where_none_is_primary() {
    let people = json!({"genders": [{"value": "male", "metadata": {}}, {"value": "female"}]});
    assert_eq!(read(json!({"sub": "1"}), people).unwrap().gender.as_deref(), Some("male"));
}

#[test]
fn google_age_range_is_not_asked_for() {
    let people = json!({"ageRanges": [{"ageRange": "TWENTY_ONE_OR_OLDER"}]});
    assert_eq!(read(json!({"sub": "1"}), people).unwrap().age_range, None);
}

#[test]
fn google_token_response_names_scopes_in_full_and_may_say_more() {
    let body = json!({
        "access_token": "ya29.a0", "expires_in": 3599, "token_type": "Bearer", "id_token": "a.b.c",
        "refresh_token": "1//0", "refresh_token_expires_in": 604_799,
        "scope": "openid https://www.googleapis.com/auth/userinfo.email"
    });
    let ParsedResponse::Tokens(read) =
        GOOGLE.dialect.read(true, body.to_string().as_bytes()).unwrap()
    else {
        panic!("refused")
    };
    assert_eq!(read["scope"], "openid https://www.googleapis.com/auth/userinfo.email");
    assert_eq!((&read["expires_in"], &read["id_token"]), (&json!(3599), &json!("a.b.c")));
    assert_eq!(read.get("refresh_token_expires_in"), None);
}

/// S39: the domain that proves an address is named beside it, and nowhere else.
#[test]
fn google_address_and_its_domain_come_from_one_source() {
    let trusted = |id_token: Value, userinfo: Value| {
        let bodies = [("userinfo", userinfo)].into();
        let responses =
            ProfileResponses { id_token: Some(id_token), bodies, ..ProfileResponses::default() };
        let profile = profile(&responses).unwrap();
        (profile.email.clone(), owns_address(&responses, &profile))
    };
    let signed = json!({"sub": "1", "email": "a@b.c", "email_verified": true, "hd": "b.c"});
    let address = |text: &str| Some(text.to_owned());
    for (userinfo, result) in [
        (Value::Null, (address("a@b.c"), true)),
        (json!({"sub": "1"}), (address("a@b.c"), true)),
        (json!({"sub": "1", "email": "", "email_verified": false}), (address("a@b.c"), true)),
        (json!({"sub": "1", "email": "x@y.z", "email_verified": true}), (address("x@y.z"), false)),
    ] {
        assert_eq!(trusted(signed.clone(), userinfo.clone()), result, "{userinfo}");
    }
    let domain_elsewhere = json!({"sub": "1", "email_verified": true, "hd": "b.c"});
    let alone = json!({"sub": "1", "email": "a@b.c", "email_verified": true});
    assert_eq!(trusted(alone, domain_elsewhere), (address("a@b.c"), false));
}
