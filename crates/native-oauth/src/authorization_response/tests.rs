use proptest::prelude::*;

use super::*;
use crate::provider::{OIDC, built_in};

const AT: &str = "app.nameplate.desktop:/callback/discord";

fn code_of(query: &str) -> String {
    match parse(&format!("{AT}?{query}")).unwrap().outcome {
        Outcome::Code(code) => code.into_inner(),
        Outcome::Error(error_response) => panic!("denied: {error_response:?}"),
    }
}

fn denied(provider: &str, query: &str) -> Error {
    match parse(&format!("{AT}?state=s&{query}")).unwrap().outcome {
        Outcome::Error(error_response) => {
            error_response.explain(built_in(provider).unwrap_or(&OIDC))
        }
        Outcome::Code(code) => panic!("granted: {code:?}"),
    }
}

fn refusal(query: &str) -> ErrorKind {
    parse(&format!("{AT}?{query}")).unwrap_err().kind()
}

#[test]
fn a_code_is_percent_decoded_and_unknown_parameters_are_ignored() {
    // S16: what Google sends.
    let query = "state=s&iss=https%3A%2F%2Faccounts.google.com&code=4%2F0AbC&scope=email+openid&authuser=0&hd=x&prompt=consent";
    assert_eq!(code_of(query), "4/0AbC");
    let response = parse(&format!("{AT}?{query}")).unwrap();
    assert_eq!(response.iss.as_deref(), Some("https://accounts.google.com"));
    assert_eq!(response.redirect_uri, AT);
}

/// S16: a protocol parameter that comes twice is refused, whichever it is and whatever it says.
#[test]
fn a_protocol_parameter_comes_once() {
    for name in PROTOCOL {
        assert_eq!(
            refusal(&format!("code=c&state=s&{name}=x&{name}=x")),
            ErrorKind::DuplicateParameter,
            "{name}"
        );
    }
    assert_eq!(code_of("code=c&state=s&x=1&x=2"), "c");
}

/// S6: a token in the query or the fragment is no response.
#[test]
fn a_token_is_not_looked_at() {
    assert_eq!(refusal("access_token=t&token_type=bearer&state=s"), ErrorKind::NotAResponse);
    assert_eq!(
        parse(&format!("{AT}#access_token=t&state=s")).unwrap_err().kind(),
        ErrorKind::NotAResponse
    );
}

/// S20: the fragment that Facebook appends is dropped.
#[test]
fn a_fragment_is_dropped_unread() {
    assert_eq!(code_of("code=c&state=s#_=_"), "c");
    assert_eq!(refusal("state=s#&code=c"), ErrorKind::NotAResponse);
}

/// S18: an error response without a state is refused; its description is kept as text.
#[test]
fn a_denial_keeps_the_description() {
    let error = denied("discord", "error=access_denied&error_description=User%20denied%20access");
    assert_eq!(error.kind(), ErrorKind::AccessDenied);
    assert_eq!(error.detail(), Some("access_denied: User denied access"));
    assert_eq!(refusal("error=access_denied"), ErrorKind::UnknownState);
    let error = denied("kakao", "error=consent_required&code=c");
    assert_eq!(error.kind(), ErrorKind::ProviderRefused);
}

/// S18: LINE writes its errors in capitals, or as the standard does.
#[test]
fn an_error_counts_in_any_letter_case() {
    for error in ["ACCESS_DENIED", "access_denied", "Access_Denied"] {
        assert_eq!(denied("line", &format!("error={error}")).kind(), ErrorKind::AccessDenied);
        assert_eq!(denied("company", &format!("error={error}")).kind(), ErrorKind::AccessDenied);
    }
    for error in ["INVALID_SCOPE", "invalid_scope"] {
        assert_eq!(denied("line", &format!("error={error}")).kind(), ErrorKind::ScopeNotSetUp);
        assert_eq!(denied("company", &format!("error={error}")).kind(), ErrorKind::ScopeNotSetUp);
    }
    assert_eq!(denied("company", "error=unauthorized_client").kind(), ErrorKind::ClientRefused);
}

/// A server that requires a pushed or a signed request says so in the response, where its metadata
/// did not (RFC 9126, RFC 9101).
#[test]
fn a_request_of_another_kind_may_be_required() {
    for (words, kind, required) in [
        ("Pushed+Authorization+Request+must+be+used", ErrorKind::NotAnnounced, PAR_REQUIRED),
        ("Request+Object+must+be+used+by+this+client", ErrorKind::ServerRequires, SIGNED_REQUEST),
    ] {
        let error = denied("company", &format!("error=invalid_request&error_description={words}"));
        assert_eq!((error.kind(), error.detail()), (kind, Some(required)));
    }
}

/// S18: Facebook adds a number and a reason, and may leave `error` out.
#[test]
fn facebook_refuses_with_parameters_of_its_own() {
    let query = "error=access_denied&error_code=200&error_description=Permissions+error.&error_reason=user_denied";
    let error = denied("facebook", query);
    assert_eq!(error.kind(), ErrorKind::AccessDenied);
    assert_eq!(error.detail(), Some("access_denied: 200: user_denied: Permissions error."));
    let error = denied("facebook", "error_code=1349126&error_message=App+not+active");
    assert_eq!(error.kind(), ErrorKind::ProviderRefused);
    assert_eq!(error.detail(), Some("1349126: App not active"));
    assert_eq!(code_of("state=s&code=c&error_reason="), "c");
}

/// GitHub says in the response that the redirect URI is not the registered one.
#[test]
fn github_tells_of_a_wrong_redirect_uri() {
    let error = denied("github", "error=redirect_uri_mismatch");
    assert_eq!(error.kind(), ErrorKind::RedirectRefused);
    assert_eq!(denied("github", "error=application_suspended").kind(), ErrorKind::ProviderRefused);
}

/// O21: a response without a state is refused.
#[test]
fn a_response_without_state_is_refused() {
    assert_eq!(refusal("code=c"), ErrorKind::UnknownState);
    assert_eq!(refusal("code=c&state="), ErrorKind::UnknownState);
}

#[test]
fn text_that_is_no_response_is_refused() {
    for text in ["", "hello", "https://example.com/", "app.nameplate.desktop:/open", "\u{0}"] {
        assert_eq!(parse(text).unwrap_err().kind(), ErrorKind::NotAResponse);
    }
    assert_eq!(
        parse(&format!("{AT}?code={}", "x".repeat(MAX_RESPONSE_BYTES))).unwrap_err().kind(),
        ErrorKind::ResponseTooLong
    );
}

/// S20: 8 KiB is a response, and one byte more is none.
#[test]
fn the_limit_is_8_kib() {
    let of = |length: usize| {
        let address = format!("{AT}?state=s&code=");
        parse(&format!("{address}{}", "x".repeat(length - address.len())))
    };
    assert!(of(8192).is_ok());
    assert_eq!(of(8193).unwrap_err().kind(), ErrorKind::ResponseTooLong);
}

/// RFC 9207, section 2.4: another issuer is refused, of a code and of an error alike; a missing one
/// where the issuer announces it.
#[test]
fn the_issuer_of_a_response_is_compared_first() {
    use IssRule::{IfPresent, Required};
    let config = ProviderConfig::issuer("company", "https://id.example.com");
    let google = ProviderConfig::new(built_in("google").unwrap());
    let ours = "iss=https%3A%2F%2Fid.example.com";
    let (other, longer) = ("iss=https%3A%2F%2Fevil.example", "iss=https%3A%2F%2Fid.example.com%2F");
    for (config, iss, rule, refused) in [
        (&config, ours, Required, None),
        (&config, ours, IfPresent, None),
        (&config, "", IfPresent, None),
        (&config, "iss=", IfPresent, None),
        (&config, "", Required, Some(ErrorKind::IssuerMissing)),
        (&config, other, IfPresent, Some(ErrorKind::IssuerMismatch)),
        (&config, other, Required, Some(ErrorKind::IssuerMismatch)),
        (&config, longer, IfPresent, Some(ErrorKind::IssuerMismatch)),
        // It spells itself in two ways.
        (&google, "iss=accounts.google.com", IfPresent, None),
        (&google, ours, IfPresent, Some(ErrorKind::IssuerMismatch)),
    ] {
        let of = |query: &str| {
            let response = parse(&format!("{AT}?state=s&{query}&{iss}")).unwrap();
            response.into_code(config, rule).map(AuthorizationCode::into_inner)
        };
        let (code, denied) = (of("code=c"), of("error=access_denied"));
        assert_eq!(
            code.as_ref().ok().map(String::as_str),
            refused.is_none().then_some("c"),
            "{iss}"
        );
        assert_eq!(code.err().map(|error| error.kind()), refused, "{iss}");
        let of_error = refused.unwrap_or(ErrorKind::AccessDenied);
        assert_eq!(denied.unwrap_err().kind(), of_error, "{iss}");
    }
}

/// S48, S19: a code shows nothing of itself, and a made one is never the same.
#[test]
fn a_code_does_not_show_itself() {
    let [one, other] = [AuthorizationCode::random(), AuthorizationCode::random()];
    assert_eq!(format!("{one:?}"), "AuthorizationCode([redacted])");
    assert_ne!(one.state(), other.state());
    assert_ne!(one.into_inner(), other.into_inner());
}

proptest! {
    /// S20, N9: arbitrary text never panics, and what is read back never grows.
    #[test]
    fn arbitrary_text_is_survived(text in "\\PC{0,300}") {
        if let Ok(response) = parse(&text) {
            prop_assert!(response.redirect_uri.len() <= text.len());
        }
    }

    /// S20: nor do arbitrary bytes after a valid beginning.
    #[test]
    fn arbitrary_queries_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let query: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
        let response = parse(&format!("{AT}?state=s&code={query}"));
        prop_assert!(response.is_ok() || bytes.is_empty());
    }
}

/// Only a request object is a requirement; any other invalid request is a refusal.
#[test]
fn an_invalid_request_is_a_refusal() {
    let error = denied("company", "error=invalid_request&error_description=no+such+thing");
    assert_eq!(error.kind(), ErrorKind::ProviderRefused);
}
