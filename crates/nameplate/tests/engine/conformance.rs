//! The modules of the OpenID certification suite for relying parties (requirements O1 to O32): a
//! refused one leaves nothing, an accepted one signs in.

use nameplate::{Code, RedirectMethod, User};

use crate::fixture::{Fixture, ask, company, complete, waiting_url};

async fn at(module: &str) -> Fixture {
    Fixture::with(|demo| company(demo, &format!("oidc/rp/{module}"))).await
}

async fn refused(module: &str, code: Code) {
    assert_eq!(at(module).await.refusal("company").await, code);
}

async fn accepted(module: &str) -> User {
    let fixture = at(module).await;
    let user = fixture.sign_in("company").await.unwrap();
    assert_eq!(user.nickname, "하늘");
    assert_eq!(fixture.users(), std::slice::from_ref(&user));
    assert_eq!(fixture.vault.names(), [user.accounts[0].id.as_str()]);
    user
}

/// O1, S37: the metadata names another issuer.
#[tokio::test]
async fn discovery_issuer_mismatch() {
    refused("discovery-issuer-mismatch", Code::DiscoveryMismatch).await;
}

/// O2, S32: the id_token comes from another issuer.
#[tokio::test]
async fn invalid_iss() {
    refused("invalid-iss", Code::IdTokenIssuer).await;
}

/// O3, S33: the id_token is for another client.
#[tokio::test]
async fn invalid_aud() {
    refused("invalid-aud", Code::IdTokenAudience).await;
}

/// O4: the id_token has no audience.
#[tokio::test]
async fn missing_aud() {
    refused("missing-aud", Code::IdTokenAudience).await;
}

/// O5: several audiences without `azp`.
#[tokio::test]
async fn invalid_secondary_aud() {
    refused("invalid-secondary-aud", Code::IdTokenAudience).await;
}

/// S33: several audiences, and `azp` is another client.
#[tokio::test]
async fn invalid_azp() {
    refused("invalid-azp", Code::IdTokenAudience).await;
}

/// O6: the id_token has no subject.
#[tokio::test]
async fn missing_sub() {
    refused("missing-sub", Code::IdTokenMalformed).await;
}

/// O7: the id_token has no `iat`.
#[tokio::test]
async fn missing_iat() {
    refused("missing-iat", Code::IdTokenExpired).await;
}

/// O8: the id_token was issued a week ago.
#[tokio::test]
async fn iat_is_week_in_past() {
    refused("iat-is-week-in-past", Code::IdTokenExpired).await;
}

/// O9, S35: the id_token has expired.
#[tokio::test]
async fn invalid_expired_exp() {
    refused("invalid-expired-exp", Code::IdTokenExpired).await;
}

/// O10, S34: the id_token is not signed.
#[tokio::test]
async fn idtoken_sig_none() {
    refused("idtoken-sig-none", Code::IdTokenMalformed).await;
}

/// O11: the algorithm is null.
#[tokio::test]
async fn invalid_null_alg() {
    refused("invalid-null-alg", Code::IdTokenMalformed).await;
}

/// O12, S34: RS256 with a key that is not published, under the id of one that is.
#[tokio::test]
async fn invalid_sig_rs256() {
    refused("invalid-sig-rs256", Code::IdTokenSignature).await;
}

/// O13: an invalid ES256 signature.
#[tokio::test]
async fn invalid_sig_es256() {
    refused("invalid-sig-es256", Code::IdTokenSignature).await;
}

/// O14, S34: HS256 with the public key as the secret.
#[tokio::test]
async fn invalid_sig_hs256() {
    refused("invalid-sig-hs256", Code::IdTokenSignature).await;
}

/// O15: a valid signature with an algorithm that the metadata does not announce.
#[tokio::test]
async fn invalid_alternate_alg() {
    refused("invalid-alternate-alg", Code::IdTokenSignature).await;
}

/// O16, S34: no key id, and none of several keys matches.
#[tokio::test]
async fn kid_absent_multiple_jwks_no_match() {
    refused("kid-absent-multiple-jwks-no-match", Code::IdTokenSignature).await;
}

/// O17, S35: the nonce of another request.
#[tokio::test]
async fn nonce_invalid() {
    refused("nonce-invalid", Code::IdTokenNonce).await;
}

/// O18: no nonce.
#[tokio::test]
async fn invalid_missing_nonce() {
    refused("invalid-missing-nonce", Code::IdTokenNonce).await;
}

/// S35: `at_hash` of another access token.
#[tokio::test]
async fn invalid_at_hash() {
    refused("invalid-at-hash", Code::IdTokenSignature).await;
}

/// O19, S36: userinfo has another subject.
#[tokio::test]
async fn userinfo_invalid_sub() {
    refused("userinfo-invalid-sub", Code::UserinfoMismatch).await;
}

/// O20, S15: a foreign state is refused, and the attempt stays pending.
#[tokio::test]
async fn authorization_response_with_invalid_state() {
    ignored("authorization-response-with-invalid-state").await;
}

/// O21: so is a missing one.
#[tokio::test]
async fn authorization_response_with_missing_state() {
    ignored("authorization-response-with-missing-state").await;
}

async fn ignored(module: &str) {
    let fixture = at(module).await;
    let begun = fixture.begin("company", RedirectMethod::Manual).await;
    let response = fixture.grant(&begun).await;
    assert_eq!(
        complete(&fixture.nameplate, &response).await.unwrap_err().code(),
        Code::UnknownState
    );
    let ledger = fixture.demo.request_log();
    assert!(
        !ledger.paths.contains_key(&format!("/oidc/rp/{module}/token")),
        "nothing is exchanged"
    );
    assert_eq!(waiting_url(&fixture.nameplate), Some(begun.url));
    fixture.nameplate.sign_ins().cancel().await.unwrap();
    fixture.vault.until(|entries| entries.is_empty()).await;
    fixture.assert_nothing_kept();
}

/// O22, S17: `iss` of another issuer.
#[tokio::test]
async fn invalid_authorization_response_iss() {
    refused("invalid-authorization-response-iss", Code::IssuerMismatch).await;
}

/// O23, S17: `iss` is missing although the metadata announces it.
#[tokio::test]
async fn remove_authorization_response_iss() {
    refused("remove-authorization-response-iss", Code::IssuerMissing).await;
}

/// O24: one audience, in an array.
#[tokio::test]
async fn valid_aud_as_array() {
    accepted("valid-aud-as-array").await;
}

/// S33: an additional audience is refused, whatever `azp` is, unless it is configured as trusted.
#[tokio::test]
async fn untrusted_secondary_aud() {
    refused("untrusted-secondary-aud", Code::IdTokenAudience).await;
    let fixture = Fixture::with(|demo| {
        let table = company(demo, "oidc/rp/untrusted-secondary-aud");
        format!("{table}trusted_audiences = [\"another-client\"]\n")
    })
    .await;
    assert_eq!(fixture.sign_in("company").await.unwrap().nickname, "하늘");
}

/// S33: an `aud` or `azp` of another type is refused.
#[tokio::test]
async fn aud_and_azp_are_strings() {
    refused("aud-member-not-a-string", Code::IdTokenAudience).await;
    refused("azp-not-a-string", Code::IdTokenAudience).await;
}

/// S35: `nbf` in the future is refused.
#[tokio::test]
async fn nbf_in_future() {
    refused("nbf-in-future", Code::IdTokenExpired).await;
}

/// S34: an unknown critical header and another token type are refused.
#[tokio::test]
async fn idtoken_crit_and_typ() {
    refused("idtoken-crit-unknown", Code::IdTokenMalformed).await;
    refused("idtoken-typ-access-token", Code::IdTokenMalformed).await;
}

/// S34, S35: every announced and supported algorithm, with its `at_hash`.
#[tokio::test]
async fn idtoken_sig_of_every_supported_algorithm() {
    for name in ["rs384", "rs512", "ps256", "ps384", "ps512", "es384", "es512", "eddsa"] {
        accepted(&format!("idtoken-sig-{name}")).await;
    }
}

/// S34: an unsupported algorithm has its own code.
#[tokio::test]
async fn idtoken_sig_es256k() {
    let fixture = at("idtoken-sig-es256k").await;
    let error = fixture.sign_in("company").await.unwrap_err();
    assert_eq!(error.code(), Code::IdTokenAlgorithm);
    assert_eq!(error.detail(), Some("unsupported algorithm ES256K"));
    fixture.assert_nothing_kept();
}

/// S34: without a supported algorithm no browser is opened.
#[tokio::test]
async fn discovery_unsupported_alg() {
    let fixture = at("discovery-unsupported-alg").await;
    let error = fixture
        .nameplate
        .sign_ins()
        .begin(ask("company", RedirectMethod::Manual))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::IdTokenAlgorithm);
    assert_eq!(error.detail(), Some("unsupported algorithm HS256, ES256K"));
    fixture.assert_nothing_kept();
}

/// S36: name and address of the id_token are used if userinfo has none; no note.
#[tokio::test]
async fn claims_of_the_id_token_count() {
    for module in ["idtoken-claims", "userinfo-empty-strings"] {
        let user = accepted(module).await;
        assert_eq!(user.email.as_deref(), Some("haneul@example.com"), "{module}");
        assert!(user.email_verified && user.avatar.is_some(), "{module}");
        assert_eq!(user.accounts[0].notes, Vec::<String>::new(), "{module}");
    }
}

/// S36: a refused, encrypted or wrongly signed userinfo is a note; the id_token has the identity.
#[tokio::test]
async fn userinfo_that_cannot_be_read_is_left_out() {
    for module in ["userinfo-forbidden", "userinfo-encrypted", "userinfo-signed-by-stranger"] {
        let user = accepted(module).await;
        assert_eq!(user.email.as_deref(), Some("haneul@example.com"), "{module}");
        assert_eq!(user.accounts[0].notes, [Code::UserinfoUnavailable.to_string()], "{module}");
    }
}

/// S36: a signed userinfo is read; one of another subject ends the sign-in.
#[tokio::test]
async fn userinfo_signed() {
    let user = accepted("userinfo-signed").await;
    assert_eq!(user.email.as_deref(), Some("haneul@example.com"));
    assert_eq!(user.accounts[0].notes, Vec::<String>::new());
    refused("userinfo-signed-invalid-sub", Code::UserinfoMismatch).await;
}

/// S29: the granted scopes are an array.
#[tokio::test]
async fn scope_array() {
    let user = accepted("scope-array").await;
    assert_eq!(user.accounts[0].scopes, ["openid", "email", "profile", "offline_access"]);
}

/// S54: the picture is a `data:` URL.
#[tokio::test]
async fn picture_data_uri() {
    let user = accepted("picture-data-uri").await;
    assert!(user.avatar.is_some());
    assert_eq!(user.accounts[0].notes, Vec::<String>::new());
}

/// O25: no key id, and one key.
#[tokio::test]
async fn kid_absent_single_jwks() {
    accepted("kid-absent-single-jwks").await;
}

/// O26, S34: no key id, and one of several keys matches.
#[tokio::test]
async fn kid_absent_multiple_jwks() {
    accepted("kid-absent-multiple-jwks").await;
}

/// O27: no lifetime of the token.
#[tokio::test]
async fn token_endpoint_response_without_expires_in() {
    assert_eq!(
        accepted("token-endpoint-response-without-expires_in").await.accounts[0].expires_at,
        None
    );
}

/// O28: the token type is `bEaReR`.
#[tokio::test]
async fn token_type_case_insensitivity() {
    accepted("token-type-case-insensitivity").await;
}

/// O29: no scope in the response: the requested ones are granted.
#[tokio::test]
async fn no_scope_in_token_endpoint_response() {
    let user = accepted("no-scope-in-token-endpoint-response").await;
    assert_eq!(user.accounts[0].scopes, ["openid", "email", "profile", "offline_access"]);
}

/// O30: the claims are in userinfo only.
#[tokio::test]
async fn scope_userinfo_claims() {
    assert_eq!(
        accepted("scope-userinfo-claims").await.email.as_deref(),
        Some("haneul@example.com")
    );
}

/// O31: userinfo accepts the token in the header only.
#[tokio::test]
async fn userinfo_bearer_header() {
    accepted("userinfo-bearer-header").await;
}

/// O32, S37: for an unknown key, the keys are read again once.
#[tokio::test]
async fn key_rotation() {
    accepted("key-rotation").await;
}

/// S34: ES256 by a published key.
#[tokio::test]
async fn idtoken_sig_es256() {
    accepted("idtoken-sig-es256").await;
}

/// S34: RS256 by a published key.
#[tokio::test]
async fn idtoken_sig_rs256() {
    accepted("idtoken-sig-rs256").await;
}

/// S3: S256 is sent although the metadata does not announce it.
#[tokio::test]
async fn discovery_without_pkce() {
    accepted("discovery-without-pkce").await;
}

/// S17: `iss` may be missing if the metadata does not announce it.
#[tokio::test]
async fn authorization_response_iss_not_supported() {
    accepted("authorization-response-iss-not-supported").await;
}

/// O32, S37: for an unknown key, the keys are requested twice at most.
#[tokio::test]
async fn an_unknown_key_is_looked_for_once_more_only() {
    let fixture = at("invalid-sig-rs256").await;
    fixture.refusal("company").await;
    assert_eq!(
        fixture.demo.request_log().paths["/oidc/rp/invalid-sig-rs256/jwks"],
        1,
        "the key is known"
    );
    let fixture = Fixture::new().await;
    fixture.demo.set_faults("oidc", [demo_provider::Fault::JwksEmpty]);
    assert_eq!(fixture.refusal("company").await, Code::IdTokenSignature);
    assert_eq!(fixture.demo.request_log().paths["/oidc/jwks"], 2);
}

/// Metadata and keys are read once for each sign-in, while the user is in the browser.
#[tokio::test]
async fn metadata_and_keys_are_read_once() {
    let fixture = Fixture::new().await;
    fixture.sign_in("company").await.unwrap();
    let paths = fixture.demo.request_log().paths;
    assert_eq!(paths["/oidc/.well-known/openid-configuration"], 1);
    assert_eq!(paths["/oidc/jwks"], 1);
}

/// `email_verified` may be a string.
#[tokio::test]
async fn email_verified_string() {
    assert!(accepted("email-verified-string").await.email_verified);
}

/// A client without a secret sends none, even if the metadata has no authentication methods.
#[tokio::test]
async fn discovery_without_auth_methods() {
    accepted("discovery-without-auth-methods").await;
}
