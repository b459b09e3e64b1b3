//! The book of grants: pending requests, codes, access and refresh tokens, and what people agreed to.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::ask::Params;
use crate::clients::Client;
use crate::device::Devices;
use crate::guilds::{self, Guild};
use crate::people::Person;
use crate::pkce::Challenge;

/// An authorization request that was found good and waits for the person.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Provider, or `oidc/rp/MODULE`.
    pub realm: String,
    /// The application.
    pub client: &'static Client,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// Scopes asked for.
    pub scopes: Vec<String>,
    /// `state`, echoed.
    pub state: Option<String>,
    /// `nonce`, for the id_token.
    pub nonce: Option<String>,
    /// PKCE.
    pub challenge: Option<Challenge>,
    /// Discord's bot permissions, echoed.
    pub permissions: Option<String>,
    /// The server that a request for Discord's bot names beforehand.
    pub guild: Preset,
    /// The device code that waits for the decision, where there is no redirect (RFC 8628).
    pub device: Option<String>,
}

impl Asked {
    /// A request in the words of RFC 6749, 7636 and OpenID Connect; a play changes what it says otherwise.
    pub fn new(realm: &str, client: &'static Client, redirect_uri: &str, query: &Params) -> Self {
        let owned = |name: &str| query.get(name).map(str::to_owned);
        let scopes = query.get("scope").unwrap_or_default().split_whitespace();
        Self {
            realm: realm.to_owned(),
            client,
            redirect_uri: redirect_uri.to_owned(),
            scopes: scopes.map(str::to_owned).collect(),
            state: owned("state"),
            nonce: owned("nonce"),
            challenge: owned("code_challenge").map(Challenge::S256),
            permissions: owned("permissions"),
            guild: Preset::of(query),
            device: None,
        }
    }
}

/// What a request says of the server for Discord's bot.
#[derive(Debug, Clone, Copy)]
pub enum Preset {
    /// The person chooses; this one stands first in the list.
    Choice(&'static Guild),
    /// This one and no other (`disable_guild_select`).
    Fixed(&'static Guild),
}

impl Preset {
    fn of(query: &Params) -> Self {
        let guild = query.get("guild_id").and_then(guilds::find);
        match (guild, query.get("disable_guild_select")) {
            (Some(guild), Some("true")) => Self::Fixed(guild),
            (guild, _) => Self::Choice(guild.unwrap_or(&guilds::GUILDS[0])),
        }
    }

    /// The server that stands first.
    pub fn first(self) -> &'static Guild {
        match self {
            Self::Choice(guild) | Self::Fixed(guild) => guild,
        }
    }

    /// The one that the person chose; nothing where it is none that could be chosen.
    pub fn chosen(self, id: Option<&str>) -> Option<&'static Guild> {
        match (self, id) {
            (Self::Fixed(guild), _) | (Self::Choice(guild), None) => Some(guild),
            (Self::Choice(_), Some(id)) => guilds::find(id),
        }
    }
}

/// What a person granted to an application.
#[derive(Debug)]
pub struct Grant {
    /// Provider, or `oidc/rp/MODULE`.
    pub realm: String,
    /// The application.
    pub client: &'static Client,
    /// The person.
    pub person: &'static Person,
    /// Scopes granted.
    pub scopes: Vec<String>,
    /// For the id_token.
    pub nonce: Option<String>,
    /// When the person signed in.
    pub auth_time: i64,
    /// The server that Discord's bot was added to.
    pub guild: Option<&'static Guild>,
}

impl Grant {
    /// Whether the scope was granted.
    pub fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

/// An authorization code.
#[derive(Debug, Clone)]
pub struct Code {
    /// What it stands for.
    pub grant: Arc<Grant>,
    /// The redirect URI of the request, to compare.
    pub redirect_uri: String,
    /// PKCE.
    pub challenge: Option<Challenge>,
    /// The state of the request, which Naver wants to see again.
    pub state: Option<String>,
    expires: i64,
    spent: bool,
}

/// A token, access or refresh.
#[derive(Debug, Clone)]
pub struct Token {
    /// What it stands for.
    pub grant: Arc<Grant>,
    /// When it ends.
    pub expires: i64,
    /// Its number in order of issue.
    number: u64,
    dead: bool,
    /// The refresh token that this one follows and that dies once this one is used.
    follows: Option<String>,
}

/// Everything that is outstanding.
#[derive(Debug, Default)]
pub struct Book {
    /// Device authorizations.
    pub devices: Devices,
    asked: HashMap<String, Asked>,
    codes: HashMap<String, Code>,
    access: HashMap<String, Token>,
    refresh: HashMap<String, Token>,
    consents: HashMap<(String, &'static str, &'static str), BTreeSet<String>>,
    issued: u64,
}

impl Book {
    /// Keeps a request until the person has decided.
    pub fn ask(&mut self, asked: Asked) -> String {
        let id = crate::random::base64url(24);
        self.asked.insert(id.clone(), asked);
        id
    }

    /// A request that waits.
    pub fn asked(&self, id: &str) -> Option<&Asked> {
        self.asked.get(id)
    }

    /// Ends the wait: a decision counts once.
    pub fn decide(&mut self, id: &str) -> Option<Asked> {
        self.asked.remove(id)
    }

    /// Files a new code.
    pub fn add_code(&mut self, code: &str, asked: &Asked, grant: Grant, expires: i64) {
        let entry = Code {
            grant: Arc::new(grant),
            redirect_uri: asked.redirect_uri.clone(),
            challenge: asked.challenge.clone(),
            state: asked.state.clone(),
            expires,
            spent: false,
        };
        self.codes.insert(code.to_owned(), entry);
    }

    /// A code that is good now for this client.
    pub fn code(&self, realm: &str, client: &Client, code: &str, now: i64) -> Option<Code> {
        let entry = self.codes.get(code)?;
        let good = !entry.spent
            && entry.expires > now
            && entry.grant.realm == realm
            && entry.grant.client.id == client.id;
        good.then(|| entry.clone())
    }

    /// Uses a code up; false where somebody else was faster.
    pub fn spend(&mut self, code: &str) -> bool {
        self.codes.get_mut(code).is_some_and(|entry| !std::mem::replace(&mut entry.spent, true))
    }

    /// Ends what a used code brought, where it comes a second time.
    pub fn kill_replayed(&mut self, code: &str) {
        let replayed =
            self.codes.get(code).filter(|entry| entry.spent).map(|entry| Arc::clone(&entry.grant));
        if let Some(grant) = replayed {
            self.kill(|other| std::ptr::eq(other, &*grant));
        }
    }

    /// Files a new access token.
    pub fn add_access(&mut self, token: &str, grant: &Arc<Grant>, expires: i64) {
        let entry = self.token(grant, expires, None);
        self.access.insert(token.to_owned(), entry);
    }

    /// Files a new refresh token; `follows` dies when this one is used for the first time.
    pub fn add_refresh(
        &mut self,
        token: &str,
        grant: &Arc<Grant>,
        expires: i64,
        follows: Option<&str>,
    ) {
        let entry = self.token(grant, expires, follows);
        self.refresh.insert(token.to_owned(), entry);
    }

    fn token(&mut self, grant: &Arc<Grant>, expires: i64, follows: Option<&str>) -> Token {
        self.issued += 1;
        Token {
            grant: Arc::clone(grant),
            expires,
            number: self.issued,
            dead: false,
            follows: follows.map(str::to_owned),
        }
    }

    /// An access token of this realm, good or merely expired.
    pub fn access(&self, realm: &str, token: &str) -> Option<&Token> {
        self.access.get(token).filter(|entry| !entry.dead && entry.grant.realm == realm)
    }

    /// A refresh token that is good now for this client.
    pub fn refresh(&self, realm: &str, client: &Client, token: &str, now: i64) -> Option<Token> {
        let entry = self.refresh.get(token)?;
        let good = !entry.dead
            && entry.expires > now
            && entry.grant.realm == realm
            && entry.grant.client.id == client.id;
        good.then(|| entry.clone())
    }

    /// Notes that a refresh token was used: the one before it is dead from now on.
    pub fn used(&mut self, token: &str) {
        let follows = self.refresh.get_mut(token).and_then(|entry| entry.follows.take());
        if let Some(former) = follows {
            self.kill_refresh(&former);
        }
    }

    /// Ends one refresh token.
    pub fn kill_refresh(&mut self, token: &str) {
        if let Some(entry) = self.refresh.get_mut(token) {
            entry.dead = true;
        }
    }

    /// Ends one access token.
    pub fn kill_access(&mut self, token: &str) {
        if let Some(entry) = self.access.get_mut(token) {
            entry.dead = true;
        }
    }

    /// The live grant behind a token of either kind, expired ones included.
    pub fn grant_of(&self, realm: &str, token: &str) -> Option<Arc<Grant>> {
        [&self.access, &self.refresh]
            .into_iter()
            .filter_map(|tokens| tokens.get(token))
            .find(|entry| !entry.dead && entry.grant.realm == realm)
            .map(|entry| Arc::clone(&entry.grant))
    }

    /// Ends every token whose grant is meant.
    pub fn kill(&mut self, meant: impl Fn(&Grant) -> bool) {
        for entry in self.access.values_mut().chain(self.refresh.values_mut()) {
            entry.dead |= meant(&entry.grant);
        }
    }

    /// Lets the oldest refresh tokens of (client, person) die silently beyond `limit`.
    pub fn trim_refresh(&mut self, grant: &Grant, limit: usize) {
        let mut live: Vec<&mut Token> = self
            .refresh
            .values_mut()
            .filter(|entry| !entry.dead && same_account(&entry.grant, grant))
            .collect();
        live.sort_by_key(|entry| entry.number);
        let surplus = live.len().saturating_sub(limit);
        for entry in live.into_iter().take(surplus) {
            entry.dead = true;
        }
    }

    /// What the person has agreed to so far with this application.
    pub fn consents(
        &mut self,
        realm: &str,
        client: &Client,
        person: &Person,
    ) -> &mut BTreeSet<String> {
        self.consents.entry((realm.to_owned(), client.id, person.key)).or_default()
    }
}

/// Same application, same person, same realm.
pub fn same_account(a: &Grant, b: &Grant) -> bool {
    a.realm == b.realm && a.client.id == b.client.id && a.person.key == b.person.key
}
