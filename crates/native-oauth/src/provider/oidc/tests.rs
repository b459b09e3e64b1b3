use serde_json::{Value, json};

use super::super::{MissingField, ProfileResponses};
use super::*;
use crate::profile::Profile;

fn read(id_token: Value, userinfo: Value) -> Result<Profile, MissingField> {
    let mut responses =
        ProfileResponses { id_token: Some(id_token), ..ProfileResponses::default() };
    responses.bodies.insert("userinfo", userinfo);
    (OIDC.profile)(&responses)
}

#[test]
fn oidc_claims_come_from_userinfo_and_else_from_the_id_token() {
    let profile = read(
        json!({"sub": "s", "email": "a@b.c", "email_verified": "true", "picture": "https://p"}),
        json!({"sub": "s", "nickname": "나리", "name": "김나리"}),
    )
    .unwrap();
    assert_eq!(profile.nickname.as_deref(), Some("김나리"));
    assert_eq!(profile.email.as_deref(), Some("a@b.c"));
    assert!(profile.email_verified);
    assert_eq!(profile.picture.as_deref(), Some("https://p"));
}

#[test]
fn oidc_name_falls_back_to_the_user_name() {
    let profile = read(json!({"sub": "s", "preferred_username": "nari"}), Value::Null).unwrap();
    assert_eq!(profile.nickname.as_deref(), Some("nari"));
}

#[test]
fn oidc_birthdate_without_a_year_is_kept_as_such() {
    let profile = read(json!({"sub": "s", "birthdate": "0000-04-01"}), Value::Null).unwrap();
    assert_eq!(profile.birthday.as_deref(), Some("--04-01"));
}

#[test]
fn oidc_subject_is_the_one_that_was_signed() {
    assert_eq!(read(json!({"sub": "signed"}), Value::Null).unwrap().subject, "signed");
    let nameless = read(json!({"sub": "signed"}), json!({"nickname": "나리"}));
    assert_eq!(nameless, Err(MissingField { field: "sub" }), "it may be of any account");
}

#[test]
fn oidc_email_is_verified_by_true_alone_as_a_flag_or_as_text() {
    for (said, verified) in [
        (json!(true), true),
        (json!("true"), true),
        (json!(false), false),
        (json!("false"), false),
        (json!(1), false),
        (Value::Null, false),
    ] {
        let profile = read(
            json!({"sub": "s"}),
            json!({"sub": "s", "email": "a@b.c", "email_verified": said}),
        )
        .unwrap();
        assert_eq!(profile.email_verified, verified, "{said}");
    }
    assert!(
        !read(json!({"sub": "s", "email_verified": true}), Value::Null).unwrap().email_verified
    );
}

#[test]
fn oidc_absent_claims_are_absent() {
    let profile =
        read(json!({"sub": "s"}), json!({"sub": "s", "nickname": null, "name": "  "})).unwrap();
    assert_eq!((profile.nickname, profile.email, profile.picture), (None, None, None));
    assert_eq!((profile.birthday, profile.gender, profile.phone), (None, None, None));
}

#[test]
fn oidc_birthdate_may_be_a_year_alone() {
    let profile = read(json!({"sub": "s", "birthdate": "1988"}), Value::Null).unwrap();
    assert_eq!(profile.birthday.as_deref(), Some("1988"));
}

#[test]
fn oidc_gender_and_phone_number_are_standard_claims() {
    let profile = read(
        json!({"sub": "s"}),
        json!({"sub": "s", "gender": "female", "phone_number": "+821012345678"}),
    )
    .unwrap();
    assert_eq!(profile.gender.as_deref(), Some("female"));
    assert_eq!(profile.phone.as_deref(), Some("+821012345678"));
}
