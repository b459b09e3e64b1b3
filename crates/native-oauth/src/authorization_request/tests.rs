use insta::assert_snapshot;
use url::Url;

use super::*;
use crate::http::Http;
use crate::provider::{Provider, built_in};
use crate::provider_config::ExtensionPolicy;

const ENTROPY: RequestEntropy = RequestEntropy {
    jti: [1; 16],
    nonce: [2; 16],
    verifier: [3; 32],
    key: [4; 32],
    dpop_key: None,
};
const NOW: i64 = 1_790_000_000;

fn config(id: &str) -> ProviderConfig {
    ProviderConfig::new(built_in(id).unwrap()).with_client("client", Some("secret".into()))
}

fn issuer(scopes: &[&str]) -> ProviderConfig {
    let mut config = ProviderConfig::issuer("company", "https://id.example.com");
    config.endpoints.authorization = Some("https://id.example.com/auth?tenant=1".parse().unwrap());
    config.scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
    config.with_client("c", None)
}

fn client(config: &ProviderConfig) -> Client {
    Client::new(Http::new("test", std::sync::Arc::new(|| 0)).unwrap(), config.clone())
}

fn request(
    config: &ProviderConfig,
    redirect_uri: &str,
    entropy: RequestEntropy,
) -> AuthorizationRequest {
    client(config).authorization_request(redirect_uri, entropy, NOW + 600).unwrap()
}

fn prepared(config: &ProviderConfig, redirect_uri: &str) -> AuthorizationRequest {
    request(config, redirect_uri, ENTROPY)
}

/// The parameters, a line each, sorted; the state is checked and then left out.
fn sent(entry: &ProviderConfig, redirect_uri: &str) -> String {
    let prepared = prepared(entry, redirect_uri);
    let mut url = Url::parse(&prepared.url).unwrap();
    let mut lines: Vec<_> = url
        .query_pairs()
        .map(|(name, value)| {
            if name != "state" {
                return format!("{name}={value}");
            }
            assert!(prepared.secrets.verify_state(&value, NOW));
            let claims: State = jsonwebtoken::dangerous::insecure_decode_claims(&*value).unwrap();
            assert_eq!((claims.aud.as_str(), claims.exp), (AUDIENCE, NOW + 600));
            "state=[jwt]".to_owned()
        })
        .collect();
    lines.sort();
    url.set_query(None);
    format!("{url}\n{}", lines.join("\n"))
}

/// S6: nothing but who it is; a bot is added elsewhere.
#[test]
fn discord_is_not_asked_for_a_bot() {
    let entry = config("discord");
    let sent = sent(&entry, "app.nameplate.desktop:/callback/discord");
    assert!(!sent.contains("bot") && !sent.contains("permissions"));
}

#[test]
fn kakao_scopes_are_separated_by_commas() {
    let mut kakao = config("kakao");
    kakao.scopes = ["openid", "name"].map(str::to_owned).to_vec();
    let sent = sent(&kakao, "http://localhost:53682/callback/kakao");
    assert!(sent.contains("scope=openid,name"), "{sent}");
}

/// S2, S5, S6: any issuer; a query of its own authorization endpoint stays.
#[test]
fn oidc_authorize_url() {
    let config = issuer(&["openid", "email", "profile"]);
    assert_snapshot!(sent(&config, "http://127.0.0.1:50000/callback/company"), @r"
        https://id.example.com/auth
        client_id=c
        code_challenge=g77gcvvTQj90gfwWOCFjatjPtz-u8N0FgfOXnqDHMbk
        code_challenge_method=S256
        nonce=02020202020202020202020202020202
        redirect_uri=http://127.0.0.1:50000/callback/company
        response_type=code
        scope=openid email profile
        state=[jwt]
        tenant=1
        ");
}

/// S10: a provider's usual parameter that the endpoint's own query has is not added to it.
#[test]
fn the_endpoints_query_goes_before_the_usual_parameters() {
    let at = "https://accounts.google.com/o/oauth2/v2/auth?access_type=online";
    let mut google = config("google");
    google.endpoints.authorization = Some(at.parse().unwrap());
    let sent = sent(&google, "http://127.0.0.1:1/callback/google");
    let types: Vec<_> = sent.lines().filter(|line| line.starts_with("access_type")).collect();
    assert_eq!(types, ["access_type=online"]);
}

/// S10: what a provider wants besides never takes the place of what the protocol says.
#[test]
fn extras_override_no_protocol_parameter() {
    const EXTRAS: &[(&str, &str)] = &[
        ("response_type", "token"),
        ("client_id", "evil"),
        ("client_secret", "evil"),
        ("redirect_uri", "https://evil.example"),
        ("scope", "evil"),
        ("state", "evil"),
        ("nonce", "evil"),
        ("code_challenge", "evil"),
        ("code_challenge_method", "plain"),
        ("response_mode", "fragment"),
        ("dpop_jkt", "evil"),
        ("request_uri", "urn:evil"),
        ("prompt", "consent"),
    ];
    let mut entry = config("google");
    let honest = sent(&entry, "http://127.0.0.1:1/callback/google");
    let google = built_in("google").unwrap();
    entry.provider = Box::leak(Box::new(Provider { authorization_parameters: EXTRAS, ..*google }));
    let sent = sent(&entry, "http://127.0.0.1:1/callback/google");
    assert_eq!(sent, honest.replace("access_type=offline\n", ""));
}

/// OpenID Connect Core, sections 3.1.2.1 and 11: consent is asked for where `offline_access` is,
/// beside the choice of an account, as far as the issuer takes it, and never without need.
#[test]
fn offline_access_comes_with_consent() {
    let (offline, plain) = (issuer(&["openid", "offline_access"]), issuer(&["openid"]));
    let microsoft = config("microsoft");
    let second =
        |entry: &ProviderConfig| ProviderConfig { asks_for_account: true, ..entry.clone() };
    let takes = |entry: &ProviderConfig, prompts: &[&str]| {
        let prompts = prompts.iter().map(|&prompt| prompt.to_owned()).collect();
        ProviderConfig { prompts: Some(prompts), ..entry.clone() }
    };
    let again = ProviderConfig { has_refresh_token: true, ..offline.clone() };
    let issuer = "https://login.microsoftonline.com/organizations/v2.0".to_owned();
    let entra = ProviderConfig { issuer, ..offline.clone() };
    for (entry, prompt) in [
        (&offline, Some("consent")),
        // It gives a refresh token for the scope alone.
        (&entra, None),
        (&second(&offline), Some("login consent")),
        (&takes(&second(&offline), &["select_account", "consent"]), Some("select_account consent")),
        (&takes(&offline, &["none", "login", "consent"]), Some("consent")),
        (&takes(&offline, &["none", "login"]), None),
        (&takes(&second(&offline), &["login", "consent"]), Some("login consent")),
        (&takes(&second(&offline), &["none"]), None),
        (&again, None),
        (&second(&again), Some("login")),
        (&plain, None),
        (&second(&plain), Some("login")),
        // What a built-in provider accepts is in its own file.
        (&microsoft, None),
    ] {
        let sent = sent(entry, "http://127.0.0.1:50000/callback/company");
        let of = |name: &str| sent.lines().find_map(|line| line.strip_prefix(name));
        assert_eq!(of("prompt="), prompt, "{:?} {:?}", entry.scopes, entry.prompts);
        let is_offline = of("scope=").unwrap().contains("offline_access");
        assert!(!(is_offline && entry.has_refresh_token), "{sent}");
    }
}

/// S2, S4, S5: whatever is random of an attempt is new for each.
#[test]
fn nothing_random_comes_twice() {
    let mut config = config("google");
    config.dpop = ExtensionPolicy::Required;
    let one = || request(&config, "http://127.0.0.1:1/x", client(&config).entropy().unwrap());
    let (first, second) = (one(), one());
    assert_ne!(first.secrets.dpop_key, second.secrets.dpop_key);
    assert_ne!(first.state_hash, second.state_hash);
    assert_ne!(first.secrets.verifier, second.secrets.verifier);
    assert_ne!(first.secrets.nonce, second.secrets.nonce);
    assert_ne!(first.secrets.key, second.secrets.key);
}

/// S4, S15: a state counts for its own attempt, for this purpose, and until it is over.
#[test]
fn a_state_is_bound_to_its_attempt() {
    let secrets = |key: &str| PendingSecrets {
        verifier: String::new(),
        nonce: String::new(),
        key: key.into(),
        issuer: String::new(),
        iss: IssRule::IfPresent,
        state: StateFormat::Jwt,
        state_hash: hash("id"),
        dpop_key: None,
        subject: None,
    };
    let ours = secrets("ours");
    let of_another = sign(&ours, "another id", NOW + 1).unwrap();
    assert!(!ours.verify_state(&of_another, NOW));
    let state = sign(&ours, "id", NOW + 1).unwrap();
    assert!(ours.verify_state(&state, NOW));
    assert!(!ours.verify_state(&state, NOW + 1), "over");
    assert!(!secrets("another's").verify_state(&state, NOW));
    for (iss, aud) in [(ISSUER, "native-oauth:session"), ("evil", AUDIENCE)] {
        let claims = State { iss: iss.into(), aud: aud.into(), exp: NOW + 1, jti: "id".into() };
        let key = EncodingKey::from_secret(b"ours");
        let other = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();
        assert!(!ours.verify_state(&other, NOW), "{iss} {aud}");
    }
    let key = EncodingKey::from_secret(b"ours");
    let claims = serde_json::json!({"iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 1, "jti": "id"});
    let longer = jsonwebtoken::encode(&Header::new(Algorithm::HS512), &claims, &key).unwrap();
    assert!(!ours.verify_state(&longer, NOW), "another algorithm");
    let (_, rest) = state.split_once('.').unwrap();
    let (claims, _) = rest.split_once('.').unwrap();
    // {"alg":"none"}
    assert!(!ours.verify_state(&format!("eyJhbGciOiJub25lIn0.{claims}."), NOW));
}

/// S4: where a state can only be plain, it is as unguessable; and the one of a signed attempt
/// does not become a plain one by naming its `jti`, which every JWT shows.
#[test]
fn a_plain_state_counts_only_where_it_was_asked_for() {
    let (line, google) = (config("line"), config("google"));
    let [plain, signed] = [&line, &google].map(|entry| prepared(entry, "http://127.0.0.1:1/x"));
    let state = hex(&ENTROPY.jti);
    assert!(plain.url.contains(&format!("state={state}&")) || plain.url.ends_with(&state));
    assert_eq!(state_hash(&state).as_ref(), Some(&plain.state_hash));
    assert!(plain.secrets.verify_state(&state, NOW));
    assert_eq!(state_hash(&state).as_ref(), Some(&signed.state_hash), "the same entropy");
    assert!(!signed.secrets.verify_state(&state, NOW));
    let jwt = sign(&signed.secrets, &state, NOW + 1).unwrap();
    assert!(!plain.secrets.verify_state(&jwt, NOW));
    let of_another = hex(&rand::random::<[u8; 16]>());
    assert!(!plain.secrets.verify_state(&of_another, NOW), "of another request");
    for other in ["", "0101", &state.to_uppercase().replace('0', "A"), &format!("{state}0")] {
        assert!(!plain.secrets.verify_state(other, NOW), "{other}");
        assert_eq!(state_hash(other), None, "{other}");
    }
}

/// S48: what is secret of an attempt does not show.
#[test]
fn an_attempt_does_not_show_its_secrets() {
    let entry = config("google");
    let shown = format!("{:?}", prepared(&entry, "http://127.0.0.1:1/x").secrets);
    assert_eq!(shown, "PendingSecrets([redacted])");
}

/// S64: the request names the key that its tokens are to be bound to (RFC 9449, section 10).
#[test]
fn a_request_names_its_key() {
    let key = DpopKey::generate().unwrap();
    let entropy = RequestEntropy { dpop_key: Some(key.clone()), ..ENTROPY };
    let request = request(&config("google"), "http://127.0.0.1:1/x", entropy);
    assert!(request.url.contains(&format!("dpop_jkt={}", key.thumbprint())), "{}", request.url);
    assert!(!prepared(&config("google"), "http://127.0.0.1:1/x").url.contains("dpop_jkt"));
}

/// S49: what waits in the keychain is read back, and something else there is none.
#[test]
fn the_secrets_are_read_back() {
    let entropy = RequestEntropy { dpop_key: DpopKey::generate().ok(), ..ENTROPY };
    let secrets = request(&config("google"), "http://127.0.0.1:1/x", entropy).secrets;
    let read = PendingSecrets::parse(&secrets.text()).unwrap();
    assert_eq!(
        (&read.verifier, &read.nonce, &read.key, &read.dpop_key),
        (&secrets.verifier, &secrets.nonce, &secrets.key, &secrets.dpop_key)
    );
    let damaged = secrets.text().expose_secret().replace("\"dpop_key\":\"M", "\"dpop_key\":\"N");
    assert!(PendingSecrets::parse(&damaged.into()).is_none(), "a damaged key");
    assert!(PendingSecrets::parse(&SecretString::from("{}")).is_none());
}

/// An attempt that receives no response is known by a random hash.
#[test]
fn a_random_state_hash_is_a_sha256() {
    assert_eq!(random_state_hash([1; 16]), hash(&hex(&[1; 16])));
    assert_eq!(random_state_hash([1; 16]).len(), 64);
    assert_ne!(random_state_hash([1; 16]), random_state_hash([2; 16]));
}

/// S10: parameters of the application are sent, and replace none of the protocol.
#[test]
fn extra_parameters_are_sent() {
    let mut discord = config("discord");
    discord.extra_parameters = vec![("permissions", "8".into()), ("state", "evil".into())];
    let sent = sent(&discord, "http://127.0.0.1:1/x");
    assert!(sent.contains("permissions=8") && !sent.contains("evil"), "{sent}");
}

/// OpenID Connect Core, section 3.1.2.1: the expected account is named where the provider documents a
/// parameter for it, by that name, and cannot become another parameter.
#[test]
fn an_expected_account_is_named_where_that_is_documented() {
    for (provider, parameter) in [
        ("google", "login_hint"),
        ("microsoft", "login_hint"),
        ("kakao", "login_hint"),
        ("github", "login"),
    ] {
        let mut entry = config(provider);
        let usual = sent(&entry, "http://127.0.0.1:1/x");
        entry.expect_account("a+b@example.com&state=evil");
        let named = sent(&entry, "http://127.0.0.1:1/x");
        let more: Vec<_> = named.lines().filter(|line| !usual.contains(line)).collect();
        assert_eq!(more, [format!("{parameter}=a+b@example.com&state=evil")], "{provider}");
    }
    for provider in ["discord", "facebook", "line"] {
        let mut entry = config(provider);
        entry.expect_account("a+b@example.com");
        assert_eq!(entry.extra_parameters, [], "{provider}");
    }
    let mut issuer = ProviderConfig::issuer("company", "https://id.example.com");
    issuer.expect_account("someone");
    assert_eq!(issuer.extra_parameters, [("login_hint", "someone".to_owned())]);
}

/// U20: the choice of an account replaces a usual parameter of the same name.
#[test]
fn the_choice_of_an_account_is_asked_for_once() {
    let mut entry = config("google");
    let google = built_in("google").unwrap();
    entry.provider = Box::leak(Box::new(Provider {
        authorization_parameters: &[("prompt", "consent"), ("access_type", "offline")],
        select_account: &[("prompt", "select_account")],
        ..*google
    }));
    let extras = |entry: &ProviderConfig| -> Vec<String> {
        super::extras(entry).into_iter().map(|(name, value)| format!("{name}={value}")).collect()
    };
    assert_eq!(extras(&entry), ["prompt=consent", "access_type=offline"]);
    entry.asks_for_account = true;
    assert_eq!(extras(&entry), ["prompt=select_account", "access_type=offline"]);
}

/// RFC 9700, section 4.4.2: a code goes to the issuer of its request alone.
#[test]
fn a_code_is_for_the_issuer_of_its_request() {
    let secrets = prepared(&issuer(&["openid"]), "http://127.0.0.1:1/x").secrets;
    assert_eq!(secrets.check_issuer("https://id.example.com"), Ok(()));
    let refused = secrets.check_issuer("https://other.example.com").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::IssuerMismatch);
}
