use serde_json::json;

use super::*;
use crate::dialect::ParsedResponse;

fn read(me: Value) -> Result<Profile, MissingField> {
    let mut responses = ProfileResponses::default();
    responses.bodies.insert("me", me);
    profile(&responses)
}

#[test]
fn kakao_every_documented_field_is_mapped() {
    let profile = read(json!({
            "id": 123456789_u64,
            "kakao_account": {
                "profile": {"nickname": "나리", "profile_image_url": "https://k.kakaocdn.net/x.jpg", "is_default_image": false},
                "name": "김나리", "is_email_valid": true, "is_email_verified": true, "email": "nari@kakao.com",
                "age_range": "20~29", "birthyear": "1990", "birthday": "0401", "birthday_type": "SOLAR",
                "gender": "female", "phone_number": "+82 10-1234-5678"
            }
        }))
        .unwrap();
    assert_eq!(profile.subject, "123456789");
    assert_eq!(profile.nickname.as_deref(), Some("나리"));
    assert!(profile.email_verified);
    assert_eq!(profile.birthday.as_deref(), Some("1990-04-01"));
    assert_eq!(profile.gender.as_deref(), Some("female"));
    assert_eq!(profile.age_range.as_deref(), Some("20~29"));
    assert_eq!(profile.phone.as_deref(), Some("+82 10-1234-5678"));
    assert_eq!(profile.picture.as_deref(), Some("https://k.kakaocdn.net/x.jpg"));
}

#[test]
fn kakao_id_is_an_exact_number() {
    assert_eq!(read(json!({"id": 9_007_199_254_740_993_u64})).unwrap().subject, "9007199254740993");
    for me in [json!({}), json!({"id": null}), json!({"id": 1.5}), json!({"id": -1})] {
        assert_eq!(read(me), Err(MissingField { field: "id" }));
    }
}

#[test]
fn kakao_without_consent_the_account_is_absent_or_empty() {
    for me in [
        json!({"id": 1}),
        json!({"id": 1, "kakao_account": {}}),
        json!({"id": 1, "kakao_account": {"profile_nickname_needs_agreement": true}}),
    ] {
        let profile = read(me).unwrap();
        assert_eq!((profile.nickname, profile.email, profile.picture), (None, None, None));
    }
}

#[test]
fn kakao_email_is_verified_only_when_valid_too() {
    for (valid, verified, expected) in
        [(true, true, true), (false, true, false), (true, false, false)]
    {
        let profile = read(json!({"id": 1, "kakao_account": {"email": "a@b.c", "is_email_valid": valid, "is_email_verified": verified}})).unwrap();
        assert_eq!(profile.email_verified, expected, "{valid} {verified}");
    }
}

#[test]
fn kakao_default_image_is_no_picture() {
    let me = json!({"id": 1, "kakao_account": {"profile": {"profile_image_url": "https://t1.kakaocdn.net/d.jpg", "is_default_image": true}}});
    assert_eq!(read(me).unwrap().picture, None);
}

#[test]
fn kakao_birthday_may_be_partial_or_lunar() {
    for (account, expected) in [
        (json!({"birthday": "0401"}), Some("--04-01")),
        (json!({"birthyear": "1990"}), Some("1990")),
        (
            json!({"birthyear": "1990", "birthday": "0401", "birthday_type": "LUNAR"}),
            Some("1990-04-01[u-ca=dangi]"),
        ),
        (json!({"birthday": "4월"}), None),
        (json!({}), None),
    ] {
        assert_eq!(birthday(&account).as_deref(), expected);
    }
}

#[test]
fn kakao_property_keys_are_a_json_array_of_every_item_that_is_mapped() {
    let query = |name: &str| {
        KAKAO.profile_requests[0]
            .query
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    };
    assert_eq!(query("secure_resource"), Some("true"));
    let keys: Vec<String> = serde_json::from_str(query("property_keys").unwrap()).unwrap();
    let items = [
        "profile",
        "name",
        "email",
        "age_range",
        "birthday",
        "birthyear",
        "gender",
        "phone_number",
    ];
    assert_eq!(keys, items.map(|item| format!("kakao_account.{item}")));
}

#[test]
fn kakao_placeholder_for_a_nickname_is_no_name() {
    let shown = json!({"nickname": "닉네임을 등록해주세요", "is_default_nickname": true});
    let nameless = read(json!({"id": 1, "kakao_account": {"profile": shown}})).unwrap();
    assert_eq!(nameless.nickname, None);
    let named =
        read(json!({"id": 1, "kakao_account": {"profile": shown, "name": "김나리"}})).unwrap();
    assert_eq!(named.nickname.as_deref(), Some("김나리"));
}

#[test]
fn kakao_deprecated_properties_are_not_read() {
    let me = json!({"id": 1, "properties": {"nickname": "옛이름", "profile_image": "http://k.kakaocdn.net/x.jpg"}});
    let profile = read(me).unwrap();
    assert_eq!((profile.nickname, profile.picture), (None, None));
}

#[test]
fn kakao_age_ranges_are_kept_as_they_are_written() {
    for range in ["0~9", "1~9", "10~14", "15~19", "20~29", "80~89", "90~"] {
        let me = json!({"id": 1, "kakao_account": {"age_range": range}});
        assert_eq!(read(me).unwrap().age_range.as_deref(), Some(range));
    }
}

#[test]
fn kakao_phone_is_kept_as_it_is_written() {
    for number in ["+82 10-1234-5678", "+82 010-1234-5678", "+1 201-555-0123"] {
        let me = json!({"id": 1, "kakao_account": {"phone_number": number}});
        assert_eq!(read(me).unwrap().phone.as_deref(), Some(number));
    }
}

#[test]
fn kakao_email_without_its_flags_is_unverified() {
    let profile = read(json!({"id": 1, "kakao_account": {"email": "a@b.c"}})).unwrap();
    assert!(profile.email.is_some() && !profile.email_verified);
}

#[test]
fn kakao_large_picture_is_taken_and_the_thumbnail_is_not() {
    let shown = json!({"profile_image_url": "https://k.kakaocdn.net/img_640x640.jpg", "thumbnail_image_url": "https://k.kakaocdn.net/img_110x110.jpg"});
    let profile = read(json!({"id": 1, "kakao_account": {"profile": shown}})).unwrap();
    assert_eq!(profile.picture.as_deref(), Some("https://k.kakaocdn.net/img_640x640.jpg"));
}

#[test]
fn kakao_token_response_has_a_lower_case_type_and_blanks_between_scopes() {
    let body = json!({
        "token_type": "bearer", "access_token": "a", "expires_in": 43_199, "refresh_token": "r",
        "refresh_token_expires_in": 5_184_000, "scope": "account_email profile_nickname"
    });
    let ParsedResponse::Tokens(read) =
        KAKAO.dialect.read(true, body.to_string().as_bytes()).unwrap()
    else {
        panic!("refused")
    };
    assert_eq!(read["scope"], "account_email profile_nickname");
    assert_eq!((&read["token_type"], &read["expires_in"]), (&json!("bearer"), &json!(43_199)));
    assert_eq!(read.get("id_token"), None);
}
