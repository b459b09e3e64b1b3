//! An attempt: state, nonce and PKCE, and the address that carries them to the provider. Pure:
//! time and randomness come in as arguments.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::hex::hex;
use crate::provider::StateFormat;
use crate::provider_config::{IssRule, ProviderConfig};

/// `iss` and `aud` of a state. No other JWT is signed with its key.
const ISSUER: &str = "native-oauth";
const AUDIENCE: &str = "native-oauth:state";

/// The parameters that belong to the protocol; no provider's extras may set them (S10).
const PROTOCOL: &[&str] = &[
    "response_type",
    "client_id",
    "client_secret",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
];

/// The parameter that says what the person is asked (OpenID Connect Core, section 3.1.2.1).
const PROMPT: &str = "prompt";

/// Fresh randomness for one attempt.
#[derive(Clone, Copy)]
pub struct RequestEntropy {
    /// Id of the state.
    pub jti: [u8; 16],
    /// The nonce (OpenID Connect Core, section 3.1.2.1).
    pub nonce: [u8; 16],
    /// The code verifier (RFC 7636, section 4.1).
    pub verifier: [u8; 32],
    /// Signs the state.
    pub key: [u8; 32],
}

impl RequestEntropy {
    /// From the operating system's random generator.
    pub fn random() -> Self {
        Self {
            jti: rand::random(),
            nonce: rand::random(),
            verifier: rand::random(),
            key: rand::random(),
        }
    }
}

/// What of an attempt must never be in the database: it goes to the vault.
#[derive(Serialize, Deserialize)]
pub struct PendingSecrets {
    /// The PKCE verifier (RFC 7636, section 4.1).
    pub verifier: String,
    /// The nonce (OpenID Connect Core, section 3.1.2.1).
    pub nonce: String,
    /// Signs the state of this attempt and no other, so that no key outlives a sign-in.
    key: String,
    /// The issuer that the request goes to; the code goes nowhere else.
    issuer: String,
    /// What the answer's `iss` must be, as the metadata had it when the attempt began.
    pub iss: IssRule,
    /// How the state was written.
    state: StateFormat,
    /// [`AuthorizationRequest::state_hash`].
    state_hash: String,
}

impl PendingSecrets {
    /// Reads what [`PendingSecrets::text`] wrote.
    pub fn parse(text: &SecretString) -> Option<Self> {
        serde_json::from_str(text.expose_secret()).ok()
    }

    /// Whether a state is that of this request (RFC 6749, section 10.12) and is not over at `now`, in
    /// seconds since 1970. A plain state does not say when it is over; whoever stores the request
    /// knows. A state of another format is refused: every JWT shows its `jti`.
    pub fn verify_state(&self, state: &str, now: i64) -> bool {
        let is_ours = state_hash(state).is_some_and(|hash| hash == self.state_hash);
        is_ours
            && match self.state {
                StateFormat::Jwt => verify_signed(self, state, now),
                StateFormat::Hex => is_plain(state),
            }
    }

    /// Whether the code may be sent to this issuer (RFC 9700, section 4.4.2).
    ///
    /// # Errors
    /// [`ErrorKind::IssuerMismatch`] where the request went to another one.
    pub(crate) fn check_issuer(&self, issuer: &str) -> Result<()> {
        match self.issuer == issuer {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::IssuerMismatch).detail(&self.issuer)),
        }
    }

    /// As it stands in the vault.
    pub fn text(&self) -> SecretString {
        serde_json::json!(self).to_string().into()
    }
}

impl std::fmt::Debug for PendingSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PendingSecrets([redacted])")
    }
}

/// An attempt that is ready to be kept and sent.
#[derive(Debug)]
pub struct AuthorizationRequest {
    /// What the database knows it by.
    pub state_hash: String,
    /// What the vault keeps of it.
    pub secrets: PendingSecrets,
    /// The authorization request (RFC 6749, section 4.1.1).
    pub url: String,
}

/// The claims of a state: a random id, whom it is for and until when; no data (S4).
#[derive(Debug, Serialize, Deserialize)]
struct State {
    iss: String,
    aud: String,
    exp: i64,
    jti: String,
}

impl Client {
    /// Prepares an attempt that is over at `expires_at`, in seconds since 1970.
    pub fn authorization_request(
        &self,
        redirect_uri: &str,
        entropy: RequestEntropy,
        expires_at: i64,
    ) -> Result<AuthorizationRequest> {
        let entry = &self.config;
        let jti = hex(&entropy.jti);
        let secrets = PendingSecrets {
            // 32 octets make the 43 characters that RFC 7636, section 4.1 recommends.
            verifier: URL_SAFE_NO_PAD.encode(entropy.verifier),
            nonce: hex(&entropy.nonce),
            key: hex(&entropy.key),
            issuer: entry.issuer.clone(),
            iss: entry.iss,
            state: entry.provider.state,
            state_hash: hash(&jti),
        };
        let state = match secrets.state {
            StateFormat::Jwt => sign(&secrets, &jti, expires_at)?,
            // As unguessable, and in the database until it is over.
            StateFormat::Hex => jti.clone(),
        };
        let url = authorize_url(entry, redirect_uri, state, &secrets)?;
        Ok(AuthorizationRequest { state_hash: secrets.state_hash.clone(), secrets, url })
    }
}

/// What the database knows an attempt by whose answer is never brought from outside: no state is
/// ever made of it.
pub fn random_state_hash(seed: [u8; 16]) -> String {
    hash(&hex(&seed))
}

fn authorize_url(
    entry: &ProviderConfig,
    redirect_uri: &str,
    state: String,
    secrets: &PendingSecrets,
) -> Result<String> {
    let endpoint = entry.endpoints.authorization.clone();
    let endpoint = endpoint
        .ok_or_else(|| Error::new(ErrorKind::DiscoveryFailed).detail("authorization_endpoint"))?;
    let redirect = RedirectUrl::new(redirect_uri.to_owned())
        .map_err(|_| Error::new(ErrorKind::WrongRedirect))?;
    // The endpoint's own query is kept (RFC 6749, section 3.1), and no parameter comes twice.
    let own: Vec<_> = endpoint.query_pairs().map(|(name, _)| name.into_owned()).collect();
    let client = BasicClient::new(ClientId::new(entry.client()?.id.clone()))
        .set_auth_uri(AuthUrl::from_url(endpoint))
        .set_redirect_uri(redirect);
    let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
    let mut request = client
        .authorize_url(|| CsrfToken::new(state))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
    let scopes = entry.requested_scopes();
    if !scopes.is_empty() {
        let separator = entry.provider.dialect.request_separator.as_char().to_string();
        request = request.add_scope(Scope::new(scopes.join(&separator)));
    }
    if entry.wants_nonce() {
        request = request.add_extra_param("nonce", secrets.nonce.clone());
    }
    let extras = extras(entry).into_iter().filter(|(name, _)| !own.iter().any(|own| own == name));
    for (name, value) in extras {
        request = request.add_extra_param(name, value);
    }
    Ok(request.url().0.to_string())
}

/// What only this provider wants. The choice of an account goes before its usual parameters of
/// the same name, and neither goes before the protocol's.
fn extras(entry: &ProviderConfig) -> Vec<(&'static str, String)> {
    let picker = if entry.asks_for_account { entry.provider.select_account } else { &[] };
    let usual = entry.provider.authorization_parameters.iter();
    let usual = usual.filter(|(name, _)| !picker.iter().any(|(chosen, _)| chosen == name));
    let all: Vec<_> = picker.iter().chain(usual).copied().collect();
    let prompt = all.iter().find(|(name, _)| *name == PROMPT).map(|(_, value)| *value);
    let others = all.into_iter().filter(|(name, _)| *name != PROMPT && !PROTOCOL.contains(name));
    let prompt = entry.prompt(prompt).map(|prompt| (PROMPT, prompt));
    let others = others.map(|(name, value)| (name, value.to_owned()));
    let more = entry.extra_parameters.iter().filter(|(name, _)| !PROTOCOL.contains(name)).cloned();
    prompt.into_iter().chain(others).chain(more).collect()
}

fn sign(secrets: &PendingSecrets, jti: &str, exp: i64) -> Result<String> {
    let state = State { iss: ISSUER.into(), aud: AUDIENCE.into(), exp, jti: jti.into() };
    jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &state,
        &EncodingKey::from_secret(secrets.key.as_bytes()),
    )
    .map_err(|_| Error::new(ErrorKind::UnknownState))
}

/// What the database knows the attempt of that state by, if it is a state at all. Not verified:
/// it only tells whether there is anything to verify, without opening the keychain.
pub fn state_hash(state: &str) -> Option<String> {
    if is_plain(state) {
        return Some(hash(state));
    }
    let claims: State = jsonwebtoken::dangerous::insecure_decode_claims(state).ok()?;
    Some(hash(&claims.jti))
}

fn is_plain(state: &str) -> bool {
    state.len() == 32 && state.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn verify_signed(secrets: &PendingSecrets, state: &str, now: i64) -> bool {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.set_required_spec_claims(&["iss", "aud", "exp"]);
    // The clock is an argument here.
    rules.validate_exp = false;
    let decoded = jsonwebtoken::decode::<State>(
        state,
        &DecodingKey::from_secret(secrets.key.as_bytes()),
        &rules,
    );
    decoded.is_ok_and(|token| token.claims.exp > now)
}

fn hash(jti: &str) -> String {
    hex(&Sha256::digest(jti))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use url::Url;

    use super::*;
    use crate::http::Http;
    use crate::provider::{Provider, built_in};

    const ENTROPY: RequestEntropy =
        RequestEntropy { jti: [1; 16], nonce: [2; 16], verifier: [3; 32], key: [4; 32] };
    const NOW: i64 = 1_790_000_000;

    fn config(id: &str) -> ProviderConfig {
        ProviderConfig::new(built_in(id).unwrap()).with_client("client", Some("secret".into()))
    }

    fn issuer(scopes: &[&str]) -> ProviderConfig {
        let mut config = ProviderConfig::issuer("company", "https://id.example.com");
        config.endpoints.authorization =
            Some("https://id.example.com/auth?tenant=1".parse().unwrap());
        config.scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
        config.with_client("c", None)
    }

    fn request(
        config: &ProviderConfig,
        redirect_uri: &str,
        entropy: RequestEntropy,
    ) -> AuthorizationRequest {
        let client =
            Client::new(Http::new("test", std::sync::Arc::new(|| 0)).unwrap(), config.clone());
        client.authorization_request(redirect_uri, entropy, NOW + 600).unwrap()
    }

    fn prepared(config: &ProviderConfig, redirect_uri: &str) -> AuthorizationRequest {
        request(config, redirect_uri, ENTROPY)
    }

    /// What is sent, a line each, in no order; the state is looked at and then left out.
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
                let claims: State =
                    jsonwebtoken::dangerous::insecure_decode_claims(&*value).unwrap();
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
            ("prompt", "consent"),
        ];
        let mut entry = config("google");
        let honest = sent(&entry, "http://127.0.0.1:1/callback/google");
        let google = built_in("google").unwrap();
        entry.provider =
            Box::leak(Box::new(Provider { authorization_parameters: EXTRAS, ..*google }));
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
            (
                &takes(&second(&offline), &["select_account", "consent"]),
                Some("select_account consent"),
            ),
            (&takes(&offline, &["none", "login", "consent"]), Some("consent")),
            (&takes(&offline, &["none", "login"]), None),
            (&takes(&second(&offline), &["login", "consent"]), Some("login consent")),
            (&takes(&second(&offline), &["none"]), None),
            (&again, None),
            (&second(&again), Some("login")),
            (&plain, None),
            (&second(&plain), Some("login")),
            // What a built-in provider takes stands in its own file.
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
        let one = || request(&config("google"), "http://127.0.0.1:1/x", RequestEntropy::random());
        let (first, second) = (one(), one());
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
            let other =
                jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();
            assert!(!ours.verify_state(&other, NOW), "{iss} {aud}");
        }
        let key = EncodingKey::from_secret(b"ours");
        let claims =
            serde_json::json!({"iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 1, "jti": "id"});
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
        let of_another = hex(&RequestEntropy::random().jti);
        assert!(!plain.secrets.verify_state(&of_another, NOW), "of another request");
        for other in ["", "0101", &state.to_uppercase().replace('0', "A"), &format!("{state}0")] {
            assert!(!plain.secrets.verify_state(other, NOW), "{other}");
        }
    }

    /// S48: what is secret of an attempt does not show.
    #[test]
    fn an_attempt_does_not_show_its_secrets() {
        let entry = config("google");
        let shown = format!("{:?}", prepared(&entry, "http://127.0.0.1:1/x").secrets);
        assert_eq!(shown, "PendingSecrets([redacted])");
    }

    /// S49: what waits in the keychain is read back, and something else there is none.
    #[test]
    fn the_secrets_are_read_back() {
        let secrets = prepared(&config("google"), "http://127.0.0.1:1/x").secrets;
        let read = PendingSecrets::parse(&secrets.text()).unwrap();
        assert_eq!(
            (&read.verifier, &read.nonce, &read.key),
            (&secrets.verifier, &secrets.nonce, &secrets.key)
        );
        assert!(PendingSecrets::parse(&SecretString::from("{}")).is_none());
    }

    /// What is never brought from outside is found by its own number alone.
    #[test]
    fn an_random_state_hash_attempt_is_known_by_a_hash() {
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

    /// U20: the choice of an account goes before a usual parameter of the same name.
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
            super::extras(entry)
                .into_iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect()
        };
        assert_eq!(extras(&entry), ["prompt=consent", "access_type=offline"]);
        entry.asks_for_account = true;
        assert_eq!(extras(&entry), ["prompt=select_account", "access_type=offline"]);
    }
}
