use super::*;

fn granted(body: Value) -> Value {
    match Dialect::RFC_6749.read(true, body.to_string().as_bytes()).unwrap() {
        ParsedResponse::Tokens(response) => response,
        ParsedResponse::Error(response) => panic!("refused: {response:?}"),
    }
}

fn refused(success: bool, body: Value) -> ErrorBody {
    match Dialect::RFC_6749.read(success, body.to_string().as_bytes()).unwrap() {
        ParsedResponse::Error(response) => response,
        ParsedResponse::Tokens(response) => panic!("granted: {response}"),
    }
}

/// S29, O27, O29: what RFC 6749 makes optional may be missing, and a number may be a string.
#[test]
fn optional_fields_may_be_missing_or_strings() {
    assert_eq!(
        granted(json!({"access_token": "a", "token_type": "Bearer"})),
        json!({"access_token": "a", "token_type": "bearer"})
    );
    let full = granted(
        json!({"access_token": "a", "token_type": "bearer", "expires_in": "3600", "scope": "x y", "refresh_token": "r"}),
    );
    assert_eq!(full["expires_in"], 3600);
    for expires_in in [json!(3600.0), json!(3600.9)] {
        let body = json!({"access_token": "a", "token_type": "bearer", "expires_in": expires_in});
        assert_eq!(granted(body)["expires_in"], 3600);
    }
    assert_eq!((&full["scope"], &full["refresh_token"]), (&json!("x y"), &json!("r")));
    assert_eq!(
        granted(
            json!({"access_token": "a", "token_type": "bearer", "expires_in": null, "scope": null})
        )
        .get("expires_in"),
        None
    );
}

/// S29: a scope may be an array; what of it is no text is passed over.
#[test]
fn a_scope_may_be_an_array() {
    for (scope, read) in [
        (json!(["openid", "email"]), Some("openid email")),
        (json!(["openid email", "profile"]), Some("openid email profile")),
        (json!(["openid", 7, null]), Some("openid")),
        (json!([]), None),
        (json!([7]), None),
        (json!({"openid": true}), None),
        (json!(7), None),
        (json!(" "), None),
    ] {
        let body = json!({"access_token": "a", "token_type": "bearer", "scope": scope});
        let response = granted(body);
        assert_eq!(response.get("scope").and_then(Value::as_str), read, "{scope}");
    }
    let commas = Dialect { response_separator: Separator::Comma, ..Dialect::RFC_6749 };
    assert_eq!(commas.scope(&json!(["a,b", "c"])).as_deref(), Some("a b c"));
}

/// S28, O28: `bearer` in any case, and nothing else.
#[test]
fn only_bearer_tokens_are_taken() {
    for spelled in ["bearer", "Bearer", "BEARER"] {
        granted(json!({"access_token": "a", "token_type": spelled}));
    }
    for body in [json!({"access_token": "a", "token_type": "mac"}), json!({"access_token": "a"})] {
        assert_eq!(granted(body)["token_type"], "unknown");
    }
}

/// A non-standard member is stored if the provider's dialect lists it.
#[test]
fn an_extra_member_is_kept_where_it_is_named() {
    let body = json!({"access_token": "a", "token_type": "Bearer", "guild": {"id": "1"}});
    assert_eq!(granted(body.clone()).get("guild"), None);
    let dialect = Dialect { extra: &["guild", "webhook"], ..Dialect::RFC_6749 };
    let Ok(ParsedResponse::Tokens(kept)) = dialect.read(true, body.to_string().as_bytes()) else {
        panic!("refused")
    };
    assert_eq!(kept["guild"], json!({"id": "1"}));
    assert_eq!(kept.get("webhook"), None);
}

#[test]
fn an_error_with_status_200_is_a_refusal() {
    let response =
        refused(true, json!({"error": "bad_verification_code", "error_description": "expired"}));
    assert_eq!((&*response.error, &*response.description), ("bad_verification_code", "expired"));
}

#[test]
fn an_error_of_null_is_none() {
    granted(json!({"access_token": "a", "token_type": "bearer", "error": null}));
}

/// The status decides first: what is no success is a refusal, whatever the body is.
#[test]
fn a_failure_is_a_refusal_whatever_its_body() {
    for (body, said) in
        [("", ""), ("<html>no</html>", "no"), ("[]", ""), ("null", ""), ("no", "no")]
    {
        let read = Dialect::RFC_6749.read(false, body.as_bytes()).unwrap();
        let ParsedResponse::Error(refusal) = read else { panic!("granted: {body}") };
        assert_eq!(refusal.text(), said);
    }
    assert_eq!(refused(false, json!({"access_token": "a", "token_type": "bearer"})).error, "");
}

#[test]
fn what_is_no_object_is_unreadable() {
    for body in ["", "<html>", "[]", "null", "false", "\u{0}"] {
        assert_eq!(
            Dialect::RFC_6749.read(true, body.as_bytes()),
            Err(InvalidTokenResponse::NotAnObject)
        );
    }
}
