use serde_json::json;

use super::*;

/// S38: a subject that only one client is told belongs to that client.
#[test]
fn a_subject_of_one_client_names_it() {
    assert_eq!((SubjectType::Public.client("c"), SubjectType::Pairwise.client("c")), ("", "c"));
}

/// What the database has of a client is read as it was written.
#[test]
fn a_stored_authentication_method_is_read_again() {
    use TokenEndpointAuthMethod::{ClientSecretBasic, ClientSecretPost, None};
    for method in [None, ClientSecretPost, ClientSecretBasic] {
        assert_eq!(TokenEndpointAuthMethod::parse(method.as_str()), method);
    }
}

/// U13: a number means something as the `error` alone, and not as a part of other words.
#[test]
fn a_number_is_explained_as_the_error_alone() {
    let facebook = built_in("facebook").unwrap();
    assert!(facebook.explain("101", "").is_some());
    assert_eq!(facebook.explain("other", "see 101"), None);
    let kakao = built_in("kakao").unwrap();
    assert!(kakao.explain("other", "KOE101: x").is_some());
    assert_eq!(kakao.explain("other", "x"), None);
}

/// S43: the API's error for an invalid token, in each form; no other error counts.
#[test]
fn a_dead_token_is_told_by_the_providers_word() {
    let facebook = built_in("facebook").unwrap();
    assert!(facebook.is_invalid_token(&json!({"error": {"code": 190}})));
    assert!(!facebook.is_invalid_token(&json!({"error": {"code": 4}})));
    assert!(
        !facebook.is_invalid_token(&json!({"message": "x"}))
            && !facebook.is_invalid_token(&json!(null))
    );
    let discord = built_in("discord").unwrap();
    assert!(discord.is_invalid_token(&json!({"error": "invalid_grant"})));
    assert!(discord.is_invalid_token(&json!({"message": "invalid_grant"})));
}

/// S17: of a provider with an issuer for each tenant, any tenant's; else compared exactly.
#[test]
fn an_issuer_is_compared_by_the_providers_rule() {
    let microsoft = built_in("microsoft").unwrap();
    let of = |tenant: &str| microsoft.issuer.replace(TENANT, tenant);
    assert!(microsoft.is_issuer(microsoft.issuer, &of("9188040d-6c67-4c5b-b112-36a304b66dad")));
    // 36 characters that are no GUID, and a GUID in another form.
    for tenant in ["x".repeat(36), "9188040d6c674c5bb11236a304b66dad".to_owned()] {
        assert!(!microsoft.is_issuer(microsoft.issuer, &of(&tenant)), "{tenant}");
    }
    let google = built_in("google").unwrap();
    assert!(google.is_issuer("https://a.example", "https://a.example"));
    assert!(!google.is_issuer("https://a.example", "https://a.example/"));
    assert!(built_in("nobody").is_none());
}
