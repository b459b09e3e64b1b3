//! What is outstanding: authorization requests, codes, access and refresh tokens, device codes, and consents.

mod device_codes;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::clients::Client;
use crate::params::Params;
use crate::pkce::Challenge;
use crate::random;
use crate::users::User;

pub use device_codes::DeviceCodes;

/// What a refresh does to the refresh token that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// A new one is issued; the old one is invalid at once.
    AtOnce,
    /// A new one is issued; the old one is valid until the new one is used.
    OnUse,
    /// None is issued; the old one stays valid.
    Keep,
    /// A new one is issued; the old one stays valid.
    Add,
}

/// An authorization request that was accepted and waits for the user's decision.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// The provider's name, or `oidc/rp/MODULE`.
    pub realm: String,
    pub client: &'static Client,
    /// Where the response goes; empty for a device authorization.
    pub redirect_uri: String,
    pub scopes: Vec<String>,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub challenge: Option<Challenge>,
    /// All parameters, as they were sent.
    pub params: Params,
    /// The device code that waits for the decision (RFC 8628).
    pub device_code: Option<String>,
}

impl AuthorizationRequest {
    /// Reads the parameters of RFC 6749, RFC 7636 and OpenID Connect.
    pub fn new(realm: &str, client: &'static Client, redirect_uri: &str, params: &Params) -> Self {
        let owned = |name: &str| params.get(name).map(str::to_owned);
        let scopes = params.get("scope").unwrap_or_default().split_whitespace();
        Self {
            realm: realm.to_owned(),
            client,
            redirect_uri: redirect_uri.to_owned(),
            scopes: scopes.map(str::to_owned).collect(),
            state: owned("state"),
            nonce: owned("nonce"),
            challenge: Challenge::of(params),
            params: params.clone(),
            device_code: None,
        }
    }

    pub fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|asked| asked == scope)
    }

    /// A `code_challenge` whose method is missing or not S256.
    pub fn is_not_s256(&self) -> bool {
        self.challenge.is_some() && self.params.get("code_challenge_method") != Some("S256")
    }

    /// A `code_challenge` whose method is not S256 or plain, the default (RFC 7636 §4.3).
    pub fn is_unknown_method(&self) -> bool {
        let method = self.params.get("code_challenge_method");
        self.challenge.is_some() && !matches!(method, None | Some("S256" | "plain"))
    }
}

/// What a user granted to an application.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The provider's name, or `oidc/rp/MODULE`.
    pub realm: String,
    pub client: &'static Client,
    pub user: &'static User,
    pub scopes: Vec<String>,
    pub nonce: Option<String>,
    /// Unix seconds.
    pub auth_time: i64,
    /// What the user selected on the consent page beside the scopes.
    pub selection: Option<String>,
}

impl Grant {
    pub fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }

    /// The scopes, joined, without `hidden`.
    pub fn scopes_without(&self, hidden: &str) -> String {
        let shown = self.scopes.iter().map(String::as_str).filter(|scope| *scope != hidden);
        shown.collect::<Vec<_>>().join(" ")
    }

    /// Whether both are for the same application, user and realm.
    fn is_same_account(&self, other: &Self) -> bool {
        self.realm == other.realm
            && self.client.id == other.client.id
            && self.user.key == other.user.key
    }
}

/// An authorization code.
#[derive(Debug, Clone)]
pub struct Code {
    pub grant: Arc<Grant>,
    /// The request that it answers.
    pub request: AuthorizationRequest,
    expires: i64,
    spent: bool,
}

/// An access or refresh token.
#[derive(Debug, Clone)]
pub struct Token {
    pub grant: Arc<Grant>,
    /// Unix seconds.
    pub expires: i64,
    /// Its position in the order of issue.
    number: u64,
    revoked: bool,
    /// The refresh token that becomes invalid once this one is used.
    predecessor: Option<String>,
}

/// What a revocation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach<'a> {
    /// This token.
    Token(&'a str),
    /// The tokens of the same grant.
    Grant,
    /// All tokens that the user gave the application, and the consent.
    Account,
}

/// Lifetimes in seconds; without one for refresh tokens, none is issued.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    pub access: i64,
    pub refresh: Option<i64>,
}

/// Tokens that were just issued.
#[derive(Debug, Clone)]
pub struct NewTokens {
    pub access: String,
    pub refresh: Option<String>,
}

/// Everything that is outstanding.
#[derive(Debug, Default)]
pub struct Grants {
    pub device_codes: DeviceCodes,
    requests: HashMap<String, AuthorizationRequest>,
    codes: HashMap<String, Code>,
    access: HashMap<String, Token>,
    refresh: HashMap<String, Token>,
    consents: HashMap<(String, &'static str, &'static str), BTreeSet<String>>,
    issued: u64,
}

impl Grants {
    /// Stores a request until the user has decided, and returns its id.
    pub fn add_request(&mut self, request: AuthorizationRequest) -> String {
        let id = random::base64url(24);
        self.requests.insert(id.clone(), request);
        id
    }

    pub fn request(&self, id: &str) -> Option<&AuthorizationRequest> {
        self.requests.get(id)
    }

    /// Removes a request, so that a decision counts once.
    pub fn take_request(&mut self, id: &str) -> Option<AuthorizationRequest> {
        self.requests.remove(id)
    }

    pub fn add_code(
        &mut self,
        code: &str,
        request: AuthorizationRequest,
        grant: Arc<Grant>,
        expires: i64,
    ) {
        self.codes.insert(code.to_owned(), Code { grant, request, expires, spent: false });
    }

    /// A code that is valid now for this client.
    pub fn code(&self, realm: &str, client: &Client, code: &str, now: i64) -> Option<Code> {
        let entry = self.codes.get(code)?;
        let valid = !entry.spent
            && entry.expires > now
            && entry.grant.realm == realm
            && entry.grant.client.id == client.id;
        valid.then(|| entry.clone())
    }

    pub fn spend(&mut self, code: &str) {
        if let Some(entry) = self.codes.get_mut(code) {
            entry.spent = true;
        }
    }

    /// Revokes what a code brought, if it was used before (RFC 6749 §4.1.2).
    pub fn revoke_replayed(&mut self, code: &str) {
        let replayed = self.codes.get(code).filter(|entry| entry.spent);
        if let Some(grant) = replayed.map(|entry| Arc::clone(&entry.grant)) {
            self.revoke(&grant, Reach::Grant);
        }
    }

    /// Stores new tokens.
    pub fn issue(
        &mut self,
        tokens: &NewTokens,
        grant: &Arc<Grant>,
        now: i64,
        lifetimes: Lifetimes,
    ) {
        let access = self.token(grant, now + lifetimes.access);
        self.access.insert(tokens.access.clone(), access);
        if let Some(refresh) = &tokens.refresh {
            let token = self.token(grant, now + lifetimes.refresh.unwrap_or_default());
            self.refresh.insert(refresh.clone(), token);
        }
    }

    fn token(&mut self, grant: &Arc<Grant>, expires: i64) -> Token {
        self.issued += 1;
        let grant = Arc::clone(grant);
        Token { grant, expires, number: self.issued, revoked: false, predecessor: None }
    }

    /// Carries out a rotation from `old` to `new`.
    pub fn rotate(&mut self, old: &str, new: Option<&str>, rotation: Rotation) {
        let predecessor = self.refresh.get_mut(old).and_then(|entry| entry.predecessor.take());
        if let Some(former) = predecessor {
            self.revoke_token(&former);
        }
        match rotation {
            Rotation::AtOnce => self.revoke_token(old),
            Rotation::OnUse => {
                if let Some(entry) = new.and_then(|new| self.refresh.get_mut(new)) {
                    entry.predecessor = Some(old.to_owned());
                }
            }
            Rotation::Keep | Rotation::Add => {}
        }
    }

    /// An access token of this realm, valid or expired.
    pub fn access(&self, realm: &str, token: &str) -> Option<&Token> {
        self.access.get(token).filter(|entry| !entry.revoked && entry.grant.realm == realm)
    }

    /// A refresh token that is valid now for this client.
    pub fn refresh(&self, realm: &str, client: &Client, token: &str, now: i64) -> Option<&Token> {
        self.refresh.get(token).filter(|entry| {
            !entry.revoked
                && entry.expires > now
                && entry.grant.realm == realm
                && entry.grant.client.id == client.id
        })
    }

    fn revoke_token(&mut self, token: &str) {
        for tokens in [&mut self.access, &mut self.refresh] {
            if let Some(entry) = tokens.get_mut(token) {
                entry.revoked = true;
            }
        }
    }

    /// The grant behind a token of either kind, expired ones included.
    pub fn grant_of(&self, realm: &str, token: &str) -> Option<Arc<Grant>> {
        [&self.access, &self.refresh]
            .into_iter()
            .filter_map(|tokens| tokens.get(token))
            .find(|entry| !entry.revoked && entry.grant.realm == realm)
            .map(|entry| Arc::clone(&entry.grant))
    }

    pub fn revoke(&mut self, grant: &Grant, reach: Reach<'_>) {
        match reach {
            Reach::Token(token) => self.revoke_token(token),
            Reach::Grant => self.revoke_where(|other| std::ptr::eq(other, grant)),
            Reach::Account => {
                self.revoke_where(|other| other.is_same_account(grant));
                self.consents(grant).clear();
            }
        }
    }

    fn revoke_where(&mut self, meant: impl Fn(&Grant) -> bool) {
        for entry in self.access.values_mut().chain(self.refresh.values_mut()) {
            entry.revoked |= meant(&entry.grant);
        }
    }

    /// Revokes the oldest refresh tokens of an account beyond `limit`.
    pub fn limit_refresh_tokens(&mut self, grant: &Grant, limit: usize) {
        let valid = |entry: &&mut Token| !entry.revoked && entry.grant.is_same_account(grant);
        let mut tokens: Vec<&mut Token> = self.refresh.values_mut().filter(valid).collect();
        tokens.sort_by_key(|entry| entry.number);
        let surplus = tokens.len().saturating_sub(limit);
        for entry in tokens.into_iter().take(surplus) {
            entry.revoked = true;
        }
    }

    /// The scopes that the user has granted to the application so far.
    pub fn consents(&mut self, grant: &Grant) -> &mut BTreeSet<String> {
        let key = (grant.realm.clone(), grant.client.id, grant.user.key);
        self.consents.entry(key).or_default()
    }
}
