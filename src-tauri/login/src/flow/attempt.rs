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

use crate::config::{Entry, IssRule};
use crate::error::{Code, Error, Result};

const ISSUER: &str = "nameplate";
const AUDIENCE: &str = "nameplate:oauth-state";

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

/// Fresh randomness for one attempt.
#[derive(Clone, Copy)]
pub(crate) struct Seeds {
    pub(crate) jti: [u8; 16],
    pub(crate) nonce: [u8; 16],
    pub(crate) verifier: [u8; 32],
    pub(crate) key: [u8; 32],
}

impl Seeds {
    /// From a generator that the operating system seeds.
    pub(crate) fn random() -> Self {
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
pub(crate) struct Secrets {
    /// The PKCE verifier (RFC 7636, section 4.1).
    pub(crate) verifier: String,
    /// The nonce (OpenID Connect Core, section 3.1.2.1).
    pub(crate) nonce: String,
    /// Signs the state of this attempt and no other, so that no key outlives a sign-in.
    key: String,
    /// What the answer's `iss` must be, as the metadata had it when the attempt began.
    pub(crate) iss: IssRule,
}

impl Secrets {
    /// Reads what [`Secrets::text`] wrote.
    pub(crate) fn parse(text: &SecretString) -> Option<Self> {
        serde_json::from_str(text.expose_secret()).ok()
    }

    /// As it stands in the vault.
    pub(crate) fn text(&self) -> SecretString {
        serde_json::json!(self).to_string().into()
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets([redacted])")
    }
}

/// An attempt that is ready to be kept and sent.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// What the database knows it by.
    pub(crate) hash: String,
    /// What the vault keeps of it.
    pub(crate) secrets: Secrets,
    /// The authorization request (RFC 6749, section 4.1.1).
    pub(crate) url: String,
}

/// The claims of a state: a random id, whom it is for and until when; no data (S4).
#[derive(Debug, Serialize, Deserialize)]
struct State {
    iss: String,
    aud: String,
    exp: i64,
    jti: String,
}

/// Prepares an attempt that is over at `expires_at`, in seconds since 1970.
pub(crate) fn prepare(
    entry: &Entry,
    redirect_uri: &str,
    seeds: Seeds,
    expires_at: i64,
) -> Result<Prepared> {
    let jti = hex(&seeds.jti);
    let secrets = Secrets {
        // 32 octets make the 43 characters that RFC 7636, section 4.1 recommends.
        verifier: URL_SAFE_NO_PAD.encode(seeds.verifier),
        nonce: hex(&seeds.nonce),
        key: hex(&seeds.key),
        iss: entry.iss,
    };
    let state = sign(&secrets, &jti, expires_at)?;
    let url = authorize_url(entry, redirect_uri, state, &secrets)?;
    Ok(Prepared { hash: hash(&jti), secrets, url })
}

fn authorize_url(
    entry: &Entry,
    redirect_uri: &str,
    state: String,
    secrets: &Secrets,
) -> Result<String> {
    let endpoint = entry.endpoints.authorization.clone();
    let endpoint = endpoint
        .ok_or_else(|| Error::new(Code::DiscoveryFailed).detail("authorization_endpoint"))?;
    let redirect =
        RedirectUrl::new(redirect_uri.to_owned()).map_err(|_| Error::new(Code::WrongRedirect))?;
    let client = BasicClient::new(ClientId::new(entry.client()?.id.clone()))
        .set_auth_uri(AuthUrl::from_url(endpoint))
        .set_redirect_uri(redirect);
    let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
    let mut request = client
        .authorize_url(|| CsrfToken::new(state))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
    if !entry.scopes.is_empty() {
        let separator = entry.provider.dialect.scopes_out.as_char().to_string();
        request = request.add_scope(Scope::new(entry.scopes.join(&separator)));
    }
    if entry.wants_nonce() {
        request = request.add_extra_param("nonce", secrets.nonce.clone());
    }
    for (name, value) in extras(entry) {
        request = request.add_extra_param(name, value);
    }
    Ok(request.url().0.to_string())
}

/// What only this provider wants. The choice of an account goes before its usual parameters of
/// the same name, and neither goes before the protocol's.
fn extras(entry: &Entry) -> Vec<(&'static str, &'static str)> {
    let picker = if entry.asks_for_account { entry.provider.account_picker } else { &[] };
    let usual = entry.provider.authorize.iter();
    let usual = usual.filter(|(name, _)| !picker.iter().any(|(chosen, _)| chosen == name));
    picker.iter().chain(usual).copied().filter(|(name, _)| !PROTOCOL.contains(name)).collect()
}

fn sign(secrets: &Secrets, jti: &str, exp: i64) -> Result<String> {
    let state = State { iss: ISSUER.into(), aud: AUDIENCE.into(), exp, jti: jti.into() };
    jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &state,
        &EncodingKey::from_secret(secrets.key.as_bytes()),
    )
    .map_err(|_| Error::new(Code::UnknownState))
}

/// What the database knows the attempt of that state by, if it is a state at all. Not verified:
/// it only tells whether there is anything to verify, without opening the keychain.
pub(crate) fn hash_of(state: &str) -> Option<String> {
    let claims: State = jsonwebtoken::dangerous::insecure_decode_claims(state).ok()?;
    Some(hash(&claims.jti))
}

/// Whether the state was signed for this attempt, for this purpose, and is not over.
pub(crate) fn verify_state(secrets: &Secrets, state: &str, now: i64) -> bool {
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
