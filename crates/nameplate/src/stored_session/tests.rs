use super::*;
use crate::config::{Config, Sources};
use crate::home::Home;
use crate::identity::testing::identity;

fn entry(more: &str) -> Entry {
    let dir = tempfile::tempdir().unwrap();
    let text = format!(
        "[company]\nkind = \"oidc\"\nissuer = \"https://id.example.com\"\nclient_id = \"c\"\ntoken_endpoint = \"https://id.example.com/token\"\n{more}\n"
    );
    std::fs::write(dir.path().join("providers.toml"), text).unwrap();
    let home = Home::own(&identity(), dir.path()).unwrap();
    Config::read(&home, &Sources::default()).ready("company").unwrap().clone()
}

fn session(entry: &Entry) -> Session {
    let tokens = TokenResponse {
        refresh: Some("r".into()),
        ..TokenResponse::of_access("a".into(), Vec::new())
    };
    Session::new(&tokens, &entry.oauth, None, 0).unwrap()
}

/// RFC 6749, section 6: a refresh that names no scopes leaves those of the grant, whatever is
/// configured now; one that names fewer takes the others away.
#[test]
fn scopes_stay_unless_the_refresh_names_them() {
    let entry = entry("");
    let scopes = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let granted = TokenResponse::of_access("a".into(), scopes(&["openid", "api"]));
    let session = Session::new(&granted, &entry.oauth, None, 0).unwrap();
    for (names_scopes, left) in [(false, &["openid", "api"][..]), (true, &["openid"])] {
        let refreshed = TokenResponse {
            names_scopes,
            ..TokenResponse::of_access("b".into(), scopes(&["openid", "email"]))
        };
        let renewed = session.renewed(&refreshed, &entry.oauth, 1).unwrap();
        assert_eq!(renewed.scopes, left);
    }
}

/// S64: a refresh token of another key is not kept, since it cannot be used with the new one.
#[test]
fn a_refresh_token_is_kept_with_its_key_only() {
    let entry = entry("");
    let bound = |key: &DpopKey| TokenResponse {
        binding: TokenBinding::Key(key.clone()),
        ..TokenResponse::of_access("b".into(), Vec::new())
    };
    let [first, second] = [(); 2].map(|()| DpopKey::generate().unwrap());
    let tokens = TokenResponse { refresh: Some("r".into()), ..bound(&first) };
    let former = Session::new(&tokens, &entry.oauth, None, 0).unwrap();
    let kept = |tokens: &TokenResponse| {
        let session = Session::new(tokens, &entry.oauth, Some(&former), 1).unwrap();
        session.refresh_token().is_some()
    };
    assert!(kept(&bound(&first)));
    assert!(!kept(&bound(&second)));
    assert!(!kept(&TokenResponse::of_access("b".into(), Vec::new())));
}

/// S64: tokens without the key that they are bound to are not used as if they were bearer tokens.
#[test]
fn a_bound_session_without_its_key_is_lost() {
    let entry = entry("");
    let key = DpopKey::generate().unwrap();
    let tokens = TokenResponse {
        binding: TokenBinding::Key(key.clone()),
        ..TokenResponse::of_access("a".into(), Vec::new())
    };
    let session = Session::new(&tokens, &entry.oauth, None, 0).unwrap();
    let read = Session::parse(&session.text()).unwrap();
    assert_eq!(read.binding(), Ok(TokenBinding::Key(key)));
    for damaged in [None, Some(""), Some("MIGHAgEA")] {
        let session = Session { dpop_key: damaged.map(str::to_owned), ..session.clone() };
        assert_eq!(session.tokens().unwrap_err().code(), Code::SessionKeyLost, "{damaged:?}");
    }
}

/// A keychain item that another program wrote is not a session.
#[test]
fn what_is_no_session_is_none() {
    for text in ["", "{}", r#"{"generation":1,"access_token":"a"}"#] {
        assert!(Session::parse(&text.into()).is_none(), "{text}");
    }
}

/// S43, S61: an endpoint that the sign-in did not have is used on the origins of the sign-in
/// alone; one that moved is an error where it is needed.
#[test]
fn a_session_is_bound_to_the_origins_of_its_sign_in() {
    let key = "revocation_endpoint";
    let at = |host: &str| entry(&format!("{key} = \"https://{host}/revoke\""));
    let without = session(&entry(""));
    let revoked_at = |session: &Session, entry: Entry| {
        session.bound(entry, &[key]).map(|entry| entry.oauth.endpoints.revocation.map(String::from))
    };
    assert_eq!(revoked_at(&without, at("evil.example")), Ok(None));
    let beside = Some("https://id.example.com/revoke".to_owned());
    assert_eq!(revoked_at(&without, at("id.example.com")), Ok(beside.clone()));
    let with = session(&at("revoke.example.com"));
    let own = Some("https://revoke.example.com/revoke".to_owned());
    assert_eq!(revoked_at(&with, at("revoke.example.com")), Ok(own));
    let moved = revoked_at(&with, at("evil.example")).unwrap_err();
    assert_eq!(moved.code(), Code::SessionForeign);
    let was = "[company] revocation_endpoint = \"https://revoke.example.com/revoke\"";
    assert_eq!(moved.detail(), Some(was));
    let unneeded = with.bound(at("evil.example"), &[]).unwrap();
    assert_eq!(unneeded.oauth.endpoints.revocation, None);
}

/// S61: without its metadata a configuration is that of the sign-in if issuer and client are, and if
/// the token endpoint is on its origin at sign-in, or was and is not configured.
#[test]
fn a_session_belongs_to_the_configuration_of_its_sign_in() {
    let text = |host: &str, client: &str, token: &str| {
        format!(
            "[company]\nkind = \"oidc\"\nissuer = \"https://{host}\"\nclient_id = \"{client}\"\n{token}"
        )
    };
    let entry =
        |text: String| Config::of_text_alone(&text).unwrap().ready("company").unwrap().clone();
    let at = |host: &str| format!("token_endpoint = \"https://{host}/token\"\n");
    let own = at("id.example.com");
    let (other, discovered) = (at("token.example.com"), String::new());
    let tokens = TokenResponse::of_access("a".into(), Vec::new());
    for (then, host, client, now, setting) in [
        (&discovered, "id.example.com", "c", &discovered, None),
        (&discovered, "id.example.com", "c", &own, None),
        (&discovered, "id.example.com", "c", &other, Some("token_endpoint")),
        (&discovered, "id.example.com", "d", &discovered, Some("client_id")),
        (&discovered, "evil.example", "c", &discovered, Some("issuer")),
        (&other, "id.example.com", "c", &other, None),
        (&other, "id.example.com", "c", &own, Some("token_endpoint")),
        (&other, "id.example.com", "c", &discovered, Some("token_endpoint")),
    ] {
        let mut signed_in_at = entry(text("id.example.com", "c", then));
        if then.is_empty() {
            signed_in_at.oauth.endpoints.token = Some("https://id.example.com/t".parse().unwrap());
        }
        let session = Session::new(&tokens, &signed_in_at.oauth, None, 0).unwrap();
        let session = session.begun_with(&signed_in_at, None, &tokens);
        let session = session.renewed(&tokens, &signed_in_at.oauth, 1).unwrap();
        let checked = session.check_configured(&entry(text(host, client, now)));
        let foreign = checked.as_ref().map_err(|error| error.detail().unwrap()).err();
        let named = foreign.map(|detail| detail.split([' ', '=']).nth(1).unwrap());
        assert_eq!(named, setting, "{then} {host} {client} {now}");
    }
}

/// A refresh leaves the endpoints of the sign-in as they were; a new sign-in takes new ones.
#[test]
fn a_refresh_introduces_no_endpoint() {
    let (first, later) = (entry(""), entry("revocation_endpoint = \"https://evil.example/x\""));
    let tokens = TokenResponse::of_access("b".into(), Vec::new());
    let session = session(&first);
    let renewed = session.renewed(&tokens, &later.oauth, 1).unwrap();
    assert!(renewed.bound(later.clone(), &[]).unwrap().oauth.endpoints.revocation.is_none());
    let again = Session::new(&tokens, &later.oauth, Some(&session), 1).unwrap();
    assert!(again.bound(later, &[]).unwrap().oauth.endpoints.revocation.is_some());
}
