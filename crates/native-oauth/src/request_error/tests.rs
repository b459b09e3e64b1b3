use super::*;
use crate::provider::{OIDC, built_in};

pub(crate) const WITH_SECRET: SentRequest =
    SentRequest { kind: RequestKind::AuthorizationCode, secret: true, proof: false };
pub(crate) const WITHOUT: SentRequest =
    SentRequest { kind: RequestKind::AuthorizationCode, secret: false, proof: false };

fn refused(asked: SentRequest, status: u16, body: &str) -> RefusedRequest {
    let status = StatusCode::from_u16(status).unwrap();
    let refusal = ErrorBody::read(body.as_bytes());
    let words = in_words(status, &refusal);
    RefusedRequest { asked, status, refusal, words }
}

pub(crate) fn explained(provider: &str, asked: SentRequest, body: &str) -> Error {
    refused(asked, 400, body).explain(built_in(provider).unwrap_or(&OIDC))
}

pub(crate) fn rfc(error: &str, description: &str) -> String {
    serde_json::json!({ "error": error, "error_description": description }).to_string()
}

fn graph(code: u64, message: &str) -> String {
    serde_json::json!({"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A"}}).to_string()
}

/// RFC 6749, section 5.2 has no `access_denied`: for a code it is about the client, on another
/// device it is the user's (RFC 8628, section 3.5). Reported of Auth0, Twitch and Slack.
#[test]
fn a_refused_client_is_no_denial() {
    let of_device = SentRequest::new(RequestKind::Device);
    for (asked, body, code) in [
        (WITH_SECRET, rfc("access_denied", "Unauthorized"), ErrorKind::ClientRefused),
        (of_device, rfc("access_denied", ""), ErrorKind::AccessDenied),
        (of_device, rfc("expired_token", ""), ErrorKind::TimedOut),
        (
            WITH_SECRET,
            "{\"status\": 400, \"message\": \"invalid client\"}".to_owned(),
            ErrorKind::ClientRefused,
        ),
        (
            WITH_SECRET,
            "{\"status\": 403, \"message\": \"invalid client secret\"}".to_owned(),
            ErrorKind::ClientRefused,
        ),
        (WITH_SECRET, rfc("invalid_client_id", ""), ErrorKind::ClientRefused),
        (WITH_SECRET, rfc("bad_client_secret", ""), ErrorKind::ClientRefused),
    ] {
        assert_eq!(explained("company", asked, &body).kind(), code, "{body}");
    }
}

/// U13: each provider's own words for what is wrong with the set-up lead to what to do about it,
/// by what was sent; the words themselves are kept beside.
#[test]
fn the_providers_own_words_are_explained() {
    let microsoft = |error, number: &str| {
        rfc(error, &format!("AADSTS{number}: x\r\nTrace ID: 7\r\nTimestamp: 2026-01-01"))
    };
    let snowflake = "Value \"x\" is not snowflake.";
    let old = serde_json::json!({ "client_id": [snowflake] }).to_string();
    let new = serde_json::json!({"message": "Invalid Form Body", "code": 50035, "errors": {"client_id": {"_errors": [{"code": "NUMBER_TYPE_COERCE", "message": snowflake}]}}}).to_string();
    let kakao = |error: &str, code: &str| {
        serde_json::json!({ "error": error, "error_description": "x", "error_code": code })
            .to_string()
    };
    for (provider, asked, body, code) in [
        ("discord", WITHOUT, rfc("invalid_client", ""), ErrorKind::PublicClientOff),
        ("discord", WITH_SECRET, rfc("invalid_client", ""), ErrorKind::SecretRefused),
        ("discord", WITH_SECRET, old, ErrorKind::ClientUnknown),
        ("discord", WITHOUT, new, ErrorKind::ClientUnknown),
        (
            "google",
            WITHOUT,
            rfc("invalid_request", "client_secret is missing."),
            ErrorKind::SecretMissing,
        ),
        (
            "google",
            WITH_SECRET,
            rfc("invalid_client", "The OAuth client was not found."),
            ErrorKind::ClientUnknown,
        ),
        (
            "google",
            WITH_SECRET,
            rfc("deleted_client", "The OAuth client was deleted."),
            ErrorKind::ClientUnknown,
        ),
        ("google", WITH_SECRET, rfc("invalid_client", "Unauthorized"), ErrorKind::SecretRefused),
        (
            "google",
            WITH_SECRET,
            rfc("redirect_uri_mismatch", "Bad Request"),
            ErrorKind::RedirectRefused,
        ),
        ("kakao", WITHOUT, kakao("invalid_client", "KOE101"), ErrorKind::ClientUnknown),
        ("kakao", WITH_SECRET, kakao("invalid_client", "KOE010"), ErrorKind::SecretRefused),
        ("kakao", WITHOUT, kakao("invalid_client", "KOE010"), ErrorKind::SecretMissing),
        ("kakao", WITHOUT, kakao("invalid_request", "KOE004"), ErrorKind::LoginSwitchedOff),
        ("kakao", WITHOUT, kakao("invalid_request", "KOE005"), ErrorKind::NotATester),
        ("kakao", WITHOUT, kakao("invalid_request", "KOE006"), ErrorKind::RedirectRefused),
        ("kakao", WITHOUT, kakao("invalid_scope", "KOE205"), ErrorKind::ScopeNotSetUp),
        ("kakao", WITHOUT, kakao("invalid_grant", "KOE303"), ErrorKind::RedirectRefused),
        ("github", WITH_SECRET, rfc("incorrect_client_credentials", ""), ErrorKind::SecretRefused),
        ("github", WITHOUT, rfc("incorrect_client_credentials", ""), ErrorKind::SecretMissing),
        ("github", WITHOUT, rfc("device_flow_disabled", ""), ErrorKind::DeviceFlowOff),
        ("github", WITH_SECRET, rfc("redirect_uri_mismatch", ""), ErrorKind::RedirectRefused),
        (
            "microsoft",
            WITHOUT,
            microsoft("unauthorized_client", "700016"),
            ErrorKind::ClientUnknown,
        ),
        ("microsoft", WITHOUT, microsoft("invalid_client", "7000218"), ErrorKind::PublicClientOff),
        (
            "microsoft",
            WITH_SECRET,
            microsoft("invalid_client", "700025"),
            ErrorKind::SecretUnwanted,
        ),
        ("microsoft", WITHOUT, microsoft("invalid_request", "50011"), ErrorKind::RedirectRefused),
        ("microsoft", WITHOUT, microsoft("invalid_request", "9002327"), ErrorKind::SinglePageApp),
        ("microsoft", WITHOUT, microsoft("invalid_request", "50194"), ErrorKind::SingleTenant),
        ("microsoft", WITHOUT, microsoft("invalid_request", "900144"), ErrorKind::ParameterMissing),
        (
            "line",
            WITH_SECRET,
            rfc("invalid_client", "invalid client_secret"),
            ErrorKind::SecretRefused,
        ),
        (
            "facebook",
            WITHOUT,
            graph(101, "Error validating application."),
            ErrorKind::ClientUnknown,
        ),
        (
            "facebook",
            WITHOUT,
            graph(191, "Missing redirect_uri parameter."),
            ErrorKind::RedirectRefused,
        ),
        (
            "facebook",
            WITH_SECRET,
            graph(1, "Error validating client secret."),
            ErrorKind::SecretRefused,
        ),
        (
            "facebook",
            WITHOUT,
            graph(
                100,
                "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request",
            ),
            ErrorKind::RedirectRefused,
        ),
        // idpyoidc's, and what else is no secret anywhere.
        ("company", WITHOUT, rfc("invalid_request", "Unknown Client ID"), ErrorKind::ClientUnknown),
        ("company", WITHOUT, rfc("use_dpop_nonce", ""), ErrorKind::NotAnnounced),
        (
            "company",
            WITHOUT,
            rfc("invalid_grant", "DPoP proof JWT not provided"),
            ErrorKind::NotAnnounced,
        ),
    ] {
        let told = explained(provider, asked, &body);
        assert_eq!(told.kind(), code, "{provider} {body}");
        assert!(told.detail().is_some() && code.is_about_set_up(), "{told}");
    }
}

/// What is about this sign-in, or about nothing but patience, is not told as a fault of the
/// set-up.
#[test]
fn refusals_are_told_apart() {
    for (provider, body, code) in [
        ("kakao", rfc("invalid_request", "client_secret is missing."), ErrorKind::ClientRefused),
        (
            "kakao",
            rfc("invalid_grant", "Invalid \"redirect_uri\" in request."),
            ErrorKind::RedirectRefused,
        ),
        ("kakao", rfc("redirect_uri_mismatch", ""), ErrorKind::RedirectRefused),
        (
            "kakao",
            rfc("invalid_grant", "KOE320: authorization code not found"),
            ErrorKind::CodeRefused,
        ),
        (
            "kakao",
            rfc("invalid_request", "KOE237: token request rate limit exceeded"),
            ErrorKind::ProviderBusy,
        ),
        ("kakao", rfc("invalid_request", "Invalid \"code_verifier\""), ErrorKind::ProviderRefused),
        ("kakao", rfc("temporarily_unavailable", ""), ErrorKind::ProviderBusy),
        ("facebook", graph(100, "Invalid verification code format."), ErrorKind::CodeRefused),
        ("facebook", graph(100, "This authorization code has been used."), ErrorKind::CodeRefused),
        (
            "facebook",
            graph(100, "ClientCheck accessing nonexisting field"),
            ErrorKind::ProviderRefused,
        ),
        ("facebook", graph(4, "(#4) Application request limit reached"), ErrorKind::ProviderBusy),
        ("company", rfc("invalid_code", ""), ErrorKind::CodeRefused),
    ] {
        assert_eq!(explained(provider, WITHOUT, &body).kind(), code, "{provider} {body}");
    }
}

/// A refusal without an `error` keeps its status and whatever it says; 401 is about the client.
#[test]
fn a_refusal_keeps_its_status() {
    for (status, body, code, words) in [
        (401, "", ErrorKind::ClientRefused, "401 Unauthorized"),
        (401, "Unauthorized", ErrorKind::ClientRefused, "401 Unauthorized Unauthorized"),
        (403, "<html><h1>Blocked</h1></html>", ErrorKind::ProviderRefused, "403 Forbidden Blocked"),
        (400, "[]", ErrorKind::ProviderRefused, "400 Bad Request"),
        (404, "{\"reason\": \"gone\"}", ErrorKind::ProviderRefused, "404 Not Found reason: gone"),
        (400, "{\"error\": \"x\"}", ErrorKind::ProviderRefused, "x"),
    ] {
        let told = refused(WITHOUT, status, body).explain(&OIDC);
        assert_eq!((told.kind(), told.detail()), (code, Some(words)), "{status} {body}");
    }
}

/// S43: a session ends by the provider's error for an invalid grant, or where the user has to
/// be present; by nothing else, and at no other request.
#[test]
fn a_refresh_ends_a_session_by_few_words() {
    let refresh = SentRequest::new(RequestKind::Refresh);
    for (error, code) in [
        ("invalid_grant", ErrorKind::SessionEnded),
        ("interaction_required", ErrorKind::SessionEnded),
        ("consent_required", ErrorKind::SessionEnded),
        ("login_required", ErrorKind::SessionEnded),
        ("account_selection_required", ErrorKind::SessionEnded),
        ("invalid_client", ErrorKind::ClientRefused),
        ("invalid_request", ErrorKind::ProviderRefused),
        ("temporarily_unavailable", ErrorKind::ProviderBusy),
        ("invalid_code", ErrorKind::ProviderRefused),
        ("redirect_uri_mismatch", ErrorKind::ProviderRefused),
    ] {
        assert_eq!(explained("company", refresh, &rfc(error, "")).kind(), code, "{error}");
        let elsewhere = explained("company", WITHOUT, &rfc(error, "")).kind();
        assert_ne!(elsewhere, ErrorKind::SessionEnded, "{error}");
    }
    assert_ne!(refused(refresh, 401, "").explain(&OIDC).kind(), ErrorKind::SessionEnded);
}

/// What a request carried is read from it.
#[test]
fn what_was_asked_is_known() {
    let of =
        |form: &str, header| SentRequest::of_form(form_urlencoded::parse(form.as_bytes()), header);
    assert_eq!(of("grant_type=authorization_code&client_secret=s", false), WITH_SECRET);
    assert_eq!(of("grant_type=authorization_code&client_secret=", false), WITHOUT);
    assert_eq!(of("grant_type=authorization_code", true), WITH_SECRET);
    assert_eq!(of("grant_type=refresh_token", false).kind, RequestKind::Refresh);
    assert_eq!(of("client_id=c&scope=x", false).kind, RequestKind::Device);
}

/// GitHub's device flow takes no secret (RFC 8628, section 3.1): a client that is refused there is
/// unknown, while the same words about a code are about a secret that was not sent.
#[test]
fn a_client_without_a_secret_is_unknown_to_the_device_endpoint() {
    let body = rfc("incorrect_client_credentials", "");
    let of_device = SentRequest::new(RequestKind::Device);
    assert_eq!(explained("github", of_device, &body).kind(), ErrorKind::ClientUnknown);
    assert_eq!(explained("github", WITHOUT, &body).kind(), ErrorKind::SecretMissing);
}

/// The check of a client (U13) tells the code from the client, and both from a refused proof (RFC 9449,
/// section 5).
#[test]
fn the_check_tells_the_code_from_the_client() {
    let about = |error: &str, description: &str| {
        let refused = refused(WITH_SECRET, 400, &rfc(error, description));
        (refused.is_about_the_code(&OIDC), refused.is_about_the_client(&OIDC))
    };
    assert_eq!(about("invalid_grant", ""), (true, false));
    assert_eq!(about("invalid_grant", "the code of this client is unknown"), (true, false));
    assert_eq!(about("invalid_client", ""), (false, true));
    assert_eq!(about("redirect_uri_mismatch", ""), (false, true));
    assert_eq!(about("invalid_grant", "the DPoP proof does not hold"), (false, false));
    assert_eq!(about("server_error", ""), (false, false));
}

/// A client that sent no secret cannot have sent one too many.
#[test]
fn a_secret_is_unwanted_only_where_one_was_sent() {
    let unwanted = |asked: SentRequest| asked.corrected(&OIDC, ErrorKind::SecretUnwanted);
    assert_eq!(unwanted(WITH_SECRET), ErrorKind::SecretUnwanted);
    assert_eq!(unwanted(WITHOUT), ErrorKind::ClientRefused);
}

/// RFC 8628, section 3.5: by the `error` alone a device is asked to wait.
#[test]
fn the_error_of_a_refusal_is_told() {
    let of_device = SentRequest::new(RequestKind::Device);
    let refusal = RequestError::Refused(refused(of_device, 400, &rfc("slow_down", "wait")));
    assert_eq!(refusal.error(), "slow_down");
    assert_eq!(RequestError::from(Error::new(ErrorKind::Unreachable)).error(), "");
}

/// S43: the error of the token endpoint says that a client is unknown, and no page or gateway does.
#[test]
fn a_gateway_has_not_forgotten_a_client() {
    let forgotten =
        |status, body: &str| refused(WITH_SECRET, status, body).is_of_unknown_client(&OIDC);
    assert!(forgotten(401, &rfc("invalid_client", "")));
    assert!(forgotten(400, &rfc("unauthorized_client", "")));
    assert!(forgotten(400, &rfc("invalid_request", "Unknown client")));
    assert!(forgotten(403, &rfc("access_denied", "Unauthorized")));
    assert!(forgotten(400, &rfc("bad_client_secret", "")));
    assert!(forgotten(400, &rfc("invalid_request", "client_secret is wrong")));
    for (status, body) in [
        (400, rfc("invalid_grant", "the client's code")),
        (403, "<h1>Microsoft-Azure-Application-Gateway/v2</h1>".to_owned()),
        (401, "<h1>401 Unauthorized client</h1>".to_owned()),
        (401, String::new()),
        (401, "{\"message\": \"Unauthorized\"}".to_owned()),
        (
            403,
            "{\"error\": \"Forbidden\", \"message\": \"this application is blocked\"}".to_owned(),
        ),
    ] {
        assert!(!forgotten(status, &body), "{status} {body}");
    }
}
