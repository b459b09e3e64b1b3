//! What all plays have in common. A new provider is one file beside these and one line in [`PLAYS`].

pub mod discord;
pub mod facebook;
pub mod github;
pub mod google;
pub mod kakao;
pub mod line;
pub mod microsoft;
pub mod naver;
pub mod oidc;

use axum::Router;
use axum::response::Response;

use crate::answer::Refused;
use crate::ask::Language;
use crate::book::Asked;
use crate::guilds::Guild;
use crate::people::Person;
use crate::world::{Shared, World};

/// One provider, as data; its endpoints are its own.
#[derive(Debug)]
pub struct Play {
    /// The path prefix and the name in the control endpoints.
    pub name: &'static str,
    /// What pages call it, in English and Korean.
    pub label: (&'static str, &'static str),
    /// The scopes it knows, with the sentence that the consent page shows.
    pub scopes: &'static [Scope],
    /// Where the account's id stands in its profiles.
    pub id_fields: &'static [&'static str],
    /// How long a code lives, in seconds.
    pub code_life: i64,
    /// Makes a code in this provider's format.
    pub new_code: fn() -> String,
    /// The parameters of the answer at the redirect URI.
    pub answer: fn(&World, &Asked, &Outcome<'_>) -> Vec<(&'static str, String)>,
    /// What it appends to the answer, behind everything.
    pub fragment: &'static str,
    /// Its word for "client id or secret are wrong".
    pub invalid_client: fn() -> Refused,
    /// Its word for a refresh token that is dead.
    pub dead_grant: fn() -> Refused,
    /// Its word for a bearer that is not good.
    pub bad_bearer: fn() -> Response,
    /// Its body for too many token requests; the status is set elsewhere.
    pub token_429: fn() -> Response,
    /// Its body for too many profile requests; the status is set elsewhere.
    pub profile_429: fn() -> Response,
}

/// A scope that a provider knows.
#[derive(Debug)]
pub struct Scope {
    /// As it stands in the request.
    pub id: &'static str,
    /// What the person shares by it; empty where there is nothing to say.
    pub en: &'static str,
    /// The same in Korean.
    pub ko: &'static str,
    /// Whether the person may leave it out and still sign in.
    pub optional: bool,
}

/// How the person decided.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// Here is the code.
    Granted {
        /// The code.
        code: &'a str,
        /// Scopes granted.
        scopes: &'a [String],
        /// By whom.
        person: &'static Person,
        /// The server that Discord's bot was added to.
        guild: Option<&'static Guild>,
    },
    /// The person said no.
    Denied,
}

/// Every provider that is played.
pub static PLAYS: &[&Play] = &[
    &discord::PLAY,
    &facebook::PLAY,
    &google::PLAY,
    &kakao::PLAY,
    &line::PLAY,
    &github::PLAY,
    &microsoft::PLAY,
    &naver::PLAY,
    &oidc::PLAY,
];

/// The endpoints of all providers.
pub fn routes() -> Router<Shared> {
    Router::new()
        .merge(discord::routes())
        .merge(facebook::routes())
        .merge(google::routes())
        .merge(kakao::routes())
        .merge(github::routes())
        .merge(microsoft::routes())
        .merge(line::routes())
        .merge(naver::routes())
        .merge(oidc::routes())
}

/// The play behind a realm; test modules are plays of the generic issuer.
pub fn of(realm: &str) -> &'static Play {
    let name = realm.split('/').next().unwrap_or(realm);
    PLAYS.iter().find(|play| play.name == name).copied().unwrap_or(&oidc::PLAY)
}

impl Play {
    /// The label in the page's language.
    pub fn label(&self, language: Language) -> &'static str {
        match language {
            Language::En => self.label.0,
            Language::Ko => self.label.1,
        }
    }

    /// A scope by its name.
    pub fn scope(&self, id: &str) -> Option<&'static Scope> {
        self.scopes.iter().find(|scope| scope.id == id)
    }
}

impl Scope {
    /// The sentence in the page's language.
    pub fn text(&self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Ko => self.ko,
        }
    }
}

/// A scope that must be granted.
pub const fn needed(id: &'static str, en: &'static str, ko: &'static str) -> Scope {
    Scope { id, en, ko, optional: false }
}

/// A scope that may be left out.
pub const fn optional(id: &'static str, en: &'static str, ko: &'static str) -> Scope {
    Scope { id, en, ko, optional: true }
}
