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
use crate::dpop::DpopKey;
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
    "request_uri",
    "dpop_jkt",
];

/// The parameter `prompt` (OpenID Connect Core, section 3.1.2.1).
const PROMPT: &str = "prompt";

/// Fresh randomness for one attempt.
#[derive(Clone)]
pub(crate) struct RequestEntropy {
    /// Id of the state.
    pub(crate) jti: [u8; 16],
    /// The nonce (OpenID Connect Core, section 3.1.2.1).
    pub(crate) nonce: [u8; 16],
    /// The code verifier (RFC 7636, section 4.1).
    pub(crate) verifier: [u8; 32],
    /// Signs the state.
    pub(crate) key: [u8; 32],
    /// The key of the session, where its tokens are to be bound to one (RFC 9449).
    pub(crate) dpop_key: Option<DpopKey>,
}

/// The secrets of an attempt, which are stored in the vault, never in the database.
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
    /// What the response's `iss` must be, as the metadata had it when the attempt began.
    pub iss: IssRule,
    /// How the state was written.
    state: StateFormat,
    /// [`AuthorizationRequest::state_hash`].
    state_hash: String,
    /// The key of the session to be (RFC 9449, section 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_key: Option<DpopKey>,
    /// [`ProviderConfig::subject`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
}

impl PendingSecrets {
    /// Reads what [`PendingSecrets::text`] wrote.
    pub fn parse(text: &SecretString) -> Option<Self> {
        serde_json::from_str(text.expose_secret()).ok()
    }

    /// Whether a state is that of this request (RFC 6749, section 10.12) and is not over at `now`, in
    /// seconds since 1970. A plain state does not contain its expiry; the caller that stores the request
    /// checks it. A state of another format is refused: every JWT shows its `jti`.
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
            false => Err(Error::new(ErrorKind::IssuerMismatch).with_detail(&self.issuer)),
        }
    }

    /// The form in which it is stored in the vault.
    pub fn text(&self) -> SecretString {
        serde_json::json!(self).to_string().into()
    }
}

redacted!(PendingSecrets);

/// An authorization request, ready to be stored and sent.
#[derive(Debug)]
pub struct AuthorizationRequest {
    /// What the database knows it by.
    pub state_hash: String,
    /// What the vault keeps of it.
    pub secrets: PendingSecrets,
    /// The authorization request (RFC 6749, section 4.1.1).
    pub url: String,
}

/// The claims of a state: a random id, the provider and the expiry; no data (S4).
#[derive(Debug, Serialize, Deserialize)]
struct State {
    iss: String,
    aud: String,
    exp: i64,
    jti: String,
}

impl Client {
    /// What is random of an attempt by this configuration, from the operating system's generator.
    ///
    /// # Errors
    /// [`ErrorKind::DpopKeyUnusable`] where no key can be made.
    pub(crate) fn entropy(&self) -> Result<RequestEntropy> {
        let dpop_key = self.config.uses_dpop().then(DpopKey::generate).transpose()?;
        Ok(RequestEntropy {
            jti: rand::random(),
            nonce: rand::random(),
            verifier: rand::random(),
            key: rand::random(),
            dpop_key,
        })
    }

    /// Prepares an attempt that is over at `expires_at`, in seconds since 1970.
    pub(crate) fn authorization_request(
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
            dpop_key: entropy.dpop_key,
            subject: entry.subject.clone(),
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

/// What the database knows an attempt by whose response is never brought from outside: no state is
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
    let endpoint = endpoint.ok_or_else(|| {
        Error::new(ErrorKind::DiscoveryFailed).with_detail("authorization_endpoint")
    })?;
    let redirect = RedirectUrl::new(redirect_uri.to_owned())
        .map_err(|_| Error::new(ErrorKind::WrongRedirect))?;
    // The query of the endpoint is kept (RFC 6749, section 3.1); no parameter is repeated.
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
    if let Some(key) = &secrets.dpop_key {
        request = request.add_extra_param("dpop_jkt", key.thumbprint().to_owned());
    }
    let extras = extras(entry).into_iter().filter(|(name, _)| !own.iter().any(|own| own == name));
    for (name, value) in extras {
        request = request.add_extra_param(name, value);
    }
    Ok(request.url().0.to_string())
}

/// The parameters of this provider only. The choice of an account has precedence over its usual
/// parameters of the same name, and the protocol's parameters over both.
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
mod tests;
