use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(body: &Value) -> ErrorBody {
    ErrorBody::read(body.to_string().as_bytes())
}

fn words(body: &str) -> String {
    ErrorBody::read(body.as_bytes()).text()
}

#[test]
fn kakao_error_code_goes_ahead_of_the_description() {
    let said = read(
        &json!({"error": "invalid_client", "error_description": "Bad client credentials", "error_code": "KOE010"}),
    );
    assert_eq!(said.text(), "invalid_client: KOE010: Bad client credentials");
}

#[test]
fn an_error_object_is_flattened() {
    let said = |error: Value| read(&json!({ "error": error }));
    let numbered = said(json!({"message": "m", "type": "OAuthException", "code": 190}));
    assert_eq!((&*numbered.error, &*numbered.description), ("190", "m"));
    let named = said(json!({"message": "m", "type": "OAuthException"}));
    assert_eq!(named.text(), "OAuthException: m");
    assert_eq!(said(json!(190)).error, "190");
}

/// A body of an unknown form is shown: Discord's errors for a client id that is no number, error
/// objects of other APIs, and a problem document (RFC 9457).
#[test]
fn an_unknown_body_is_shown() {
    for (body, shown) in [
        (
            json!({"client_id": ["Value \"x\" is not snowflake."]}),
            "client_id: Value \"x\" is not snowflake.",
        ),
        (
            json!({"message": "Invalid Form Body", "code": 50035, "errors": {"client_id": {"_errors": [
                {"code": "NUMBER_TYPE_COERCE", "message": "Value \"x\" is not snowflake."}]}}}),
            "Invalid Form Body: client_id: Value \"x\" is not snowflake.",
        ),
        (
            json!({"resultcode": "024", "message": "Authentication failed"}),
            "024: Authentication failed",
        ),
        (
            json!({"msg": "this access token does not exist", "code": -401}),
            "this access token does not exist",
        ),
        (json!({"type": "about:blank", "title": "Forbidden", "status": 403}), "Forbidden"),
        (
            json!({"status": "fail", "reason": {"why": "closed", "left": 3}}),
            "left: 3; why: closed; status: fail",
        ),
        (json!(["one", "two"]), "one; two"),
        (json!({"error": null}), ""),
        (json!({"error": {"status": "UNAUTHENTICATED", "code": 401}}), "401"),
    ] {
        let said: Vec<_> = read(&body).text().split("; ").map(str::to_owned).collect();
        let mut said = said;
        let mut shown: Vec<_> = shown.split("; ").map(str::to_owned).collect();
        said.sort();
        shown.sort();
        assert_eq!(said, shown, "{body}");
    }
}

/// A body of an unknown form is read to a depth and a number of texts.
#[test]
fn a_deep_or_long_body_is_cut() {
    let nested = |depth: usize| (0..depth).fold(json!("said"), |inner, _| json!({ "a": inner }));
    assert_eq!(read(&nested(DEPTH - 1)).text(), "a: said");
    assert_eq!(read(&nested(DEPTH)).text(), "");
    let listed = |depth: usize| (0..depth).fold(json!("said"), |inner, _| json!([inner]));
    assert_eq!(read(&listed(DEPTH - 1)).text(), "said");
    assert_eq!(read(&listed(DEPTH)).text(), "");
    let many: Vec<_> = (0..TEXTS + 5).collect();
    assert_eq!(read(&json!(many)).text().split("; ").count(), TEXTS);
}

/// A page is shown as plain text, a text unchanged.
#[test]
fn a_page_and_a_text_are_shown() {
    let page = "\u{feff}<!DOCTYPE html><html><head><title>Access denied</title>\
        <STYLE>p > a { color: red }</STYLE><script>steal('<p>')</script></head>\
        <body><p>Your IP is\n  blocked &amp; logged.</p></body></html>";
    assert_eq!(words(page), "Access denied Your IP is blocked & logged.");
    assert_eq!(words("Forbidden\r\n"), "Forbidden");
    assert_eq!(words(" "), "");
    assert_eq!(words("<html><script>never ends"), "");
}

/// S48: whatever a refusal quotes, it does not quote what was sent in confidence: neither as it
/// is, nor as a form spells it, nor its beginning, nor with a control character in it.
#[test]
fn a_refusal_quotes_no_secret() {
    let form = b"grant_type=authorization_code&code=4%2F0A-beginning-and-end&code_verifier=v-1&client_secret=&client_id=app";
    let sent = SentSecrets::of_form(url::form_urlencoded::parse(form)).and("basic==");
    for body in [
        "{\"error\": \"invalid_grant\", \"error_description\": \"no 4/0A-beginning-and-end of app\"}",
        "{\"error\": \"v-1\", \"error_description\": \"no 4%2F0A-beginning-and-end of app\"}",
        "{\"whatever\": {\"4/0A-beginning-and-end\": \"no 4/0A-beg\\u0007inning-and-end of app\", \"code\": \"c\"}}",
        "<p>no 4/0A-beginning-an of app, nor basic== or basic%3D%3D</p>",
        "no v-1, 4/0A-beginning-and-end, nor 4/0A-beginning of app",
    ] {
        let shown = ErrorBody::read(body.as_bytes()).without(&sent).text();
        for secret in ["0A-begin", "v-1", "basic=", "basic%3D"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains('…') && shown.contains("of app"), "{shown}");
    }
    let nested = json!({"refresh_token": "t", "registration_access_token": "t"});
    let tokens = json!({"access_token": "t", "nested": nested, "said": "x"});
    assert_eq!(read(&tokens).text(), "said: x");
}

proptest! {
    /// S20, N9: any body is survived, and none is shown with a secret in it.
    #[test]
    fn any_body_is_survived(body in "\\PC{0,200}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let sent = SentSecrets::default().and("s3cret-that-was-sent");
        let quoted = format!("{body}s3cret-that-was-sent{body}");
        for body in [body.as_bytes(), &bytes, quoted.as_bytes()] {
            let shown = ErrorBody::read(body).without(&sent).text();
            prop_assert!(!shown.contains("s3cret-that-was-sent"));
            prop_assert!(!shown.chars().any(char::is_control));
        }
    }
}
