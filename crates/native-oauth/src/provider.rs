//! A provider as data: endpoints, redirect methods, dialect, profile requests, and one pure function
//! that reads its profile. `provider/` holds one file for each.

mod answers;
mod bluesky;
mod discord;
#[cfg(test)]
mod every;
mod extra_grant;
mod facebook;
mod github;
mod google;
mod kakao;
mod line;
pub mod mastodon;
mod microsoft;
mod naver;
mod oidc;
mod standard;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::grant::{Grant, RedirectMethod};
pub use answers::{MissingField, ProfileResponses, flag, subject, text};
pub use extra_grant::{ExtraGrant, GrantPermission, GrantTarget};
pub use oidc::OIDC;

/// The list of the built-in providers: calls a macro with `module CONSTANT,` for each, in the order in
/// which they are shown.
#[macro_export]
macro_rules! for_each_provider {
    ($callback:ident) => {
        $callback! {
            discord DISCORD,
            google GOOGLE,
            kakao KAKAO,
            facebook FACEBOOK,
            github GITHUB,
            microsoft MICROSOFT,
            naver NAVER,
            line LINE,
            mastodon MASTODON,
            bluesky BLUESKY,
        }
    };
}

macro_rules! built_in {
    ($($file:ident $NAME:ident,)*) => {
        $(pub use $file::$NAME;)*

        /// The built-in providers, in the order in which they are shown.
        pub static BUILT_IN: &[&Provider] = &[$(&$NAME),*];
    };
}

use crate::error::ErrorKind;
use crate::profile::Profile;
use crate::token_response::Dialect;

for_each_provider!(built_in);

/// Everything that sets one provider apart from another.
///
/// A definition states what is special and takes the rest from [`Provider::STANDARD`]. A program can
/// define its own:
///
/// ```
/// use native_oauth::provider::{Endpoints, Provider};
///
/// static EXAMPLE: Provider = Provider {
///     id: "example",
///     label: "Example",
///     issuer: "https://example.com",
///     endpoints: Endpoints {
///         authorization: "https://example.com/authorize",
///         token: "https://example.com/token",
///         userinfo: "https://example.com/userinfo",
///         ..Endpoints::NONE
///     },
///     scopes: &["profile", "email"],
///     ..Provider::STANDARD
/// };
/// ```
#[derive(Debug)]
pub struct Provider {
    /// Its name in configurations, and the last segment of its redirect URIs: small letters, digits
    /// and hyphens.
    pub id: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// The issuer of its subjects, and the value of `iss` (RFC 9207, OpenID Connect Core 2).
    pub issuer: &'static str,
    /// What a person names besides it, where it has no authorization server of its own. Then
    /// [`Provider::issuer`] is empty.
    pub server_input: ServerInput,
    /// Whether every client receives the same subject for a user.
    pub subjects: SubjectType,
    /// How an `iss` is compared with it.
    pub issuer_rule: IssuerRule,
    /// Other spellings of [`Provider::issuer`] that its id_tokens are known to carry.
    pub issuer_aliases: &'static [&'static str],
    /// Where its requests go: URLs, or paths of a server that a person names.
    pub endpoints: Endpoints,
    /// The redirect methods that it accepts, the preferred first.
    pub redirect_methods: &'static [RedirectMethod],
    /// What it accepts as a loopback redirect URI.
    pub loopback: Loopback,
    /// What is asked for when the configuration names no scopes.
    pub scopes: &'static [&'static str],
    /// Parameters of the authorization request that only this provider wants.
    pub authorization_parameters: &'static [(&'static str, &'static str)],
    /// How the client shows its secret at the token endpoint, if it has one.
    pub secret: TokenEndpointAuthMethod,
    /// Which client may ask for a code for another device, where it gives such codes.
    pub device: DeviceClient,
    /// Whether the token answer carries an id_token.
    pub id_token: IdToken,
    /// What its id_tokens may be signed with.
    pub id_token_key: IdTokenKey,
    /// Whether its id_tokens contain data that the profile requests do not.
    pub id_token_claims: IdTokenClaims,
    /// What an authorization request carries as `state`.
    pub state: StateFormat,
    /// How its token endpoint departs from RFC 6749.
    pub dialect: Dialect,
    /// What to ask for after the exchange.
    pub profile_requests: &'static [ProfileRequest],
    /// Reads the answers to [`Provider::profile_requests`].
    pub profile: fn(&ProfileResponses) -> Result<Profile, MissingField>,
    /// The words by which it says that a grant is dead: the `error` of its token endpoint or the
    /// whole description, or what its API calls a token that nothing can renew. Nothing else ends
    /// a session (S43).
    pub invalid_grant_errors: &'static [&'static str],
    /// How its grants are revoked.
    pub revocations: Revocations,
    /// Scopes that a person can be asked for later.
    pub optional_scopes: &'static [&'static str],
    /// Whether an address that it calls verified proves whose it is (S39); reads the answers.
    pub trusts_email: fn(&ProfileResponses, &Profile) -> bool,
    /// Parameters that make it ask which account to use.
    pub select_account: &'static [(&'static str, &'static str)],
    /// Name of the parameter with the account that is expected to sign in, if the provider documents
    /// one (OpenID Connect Core, section 3.1.2.1: `login_hint`).
    pub login_hint: Option<&'static str>,
    /// What its own words in a refusal mean: the first whose text is the `error` itself, or stands
    /// in the words, goes before what RFC 6749 makes of the `error`.
    pub error_meanings: &'static [(&'static str, ErrorKind)],
    /// What a person can grant to the application beside a sign-in.
    pub extra_grant: Option<&'static ExtraGrant>,
    /// Its pages for a person with an account there.
    pub account_pages: AccountPages,
    /// What a person needs to set a client up.
    pub set_up: SetUp,
}

/// What a person names besides a provider, to sign in there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum ServerInput {
    /// Nothing: the provider has one authorization server.
    None,
    /// The address of an issuer (OpenID Connect Discovery, section 4).
    Issuer,
    /// The host of a server, whose endpoints have the paths of [`Provider::endpoints`].
    Server,
    /// A handle of the account, whose server is looked up.
    Handle,
}

/// Pages of a provider for a person with an account there; none needs a token or a parameter. Where a
/// provider documents no address, it is the one that its site leads to.
#[derive(Debug, Clone, Copy)]
pub struct AccountPages {
    /// The account and its profile.
    pub account: Option<&'static str>,
    /// The programs that may use the account, where access can be taken back.
    pub connected_apps: Option<&'static str>,
}

/// One of [`AccountPages`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum AccountPage {
    /// [`AccountPages::account`].
    Account,
    /// [`AccountPages::connected_apps`].
    ConnectedApps,
}

impl AccountPages {
    /// None is known.
    pub const NONE: Self = Self { account: None, connected_apps: None };

    /// Address of a page.
    pub fn url(&self, page: AccountPage) -> Option<&'static str> {
        match page {
            AccountPage::Account => self.account,
            AccountPage::ConnectedApps => self.connected_apps,
        }
    }

    /// The pages that there are.
    pub fn known(&self) -> Vec<AccountPage> {
        let all = [AccountPage::Account, AccountPage::ConnectedApps];
        all.into_iter().filter(|page| self.url(*page).is_some()).collect()
    }
}

/// What a person needs to set a client up.
#[derive(Debug, Clone, Copy)]
pub struct SetUp {
    /// Where a client is registered.
    pub register_url: Option<&'static str>,
    /// Whether the client needs a secret.
    pub secret: SecretNeed,
    /// Keys of the messages with the steps of the set-up.
    pub steps: &'static [&'static str],
    /// What its own page shows for a redirect URI that is not registered (RFC 6749, section
    /// 4.1.2.1, forbids to send that back); empty where that is not known.
    pub page_error: &'static str,
}

/// Whether a client needs a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum SecretNeed {
    /// The provider accepts no client without.
    Needed,
    /// It depends on how the client is registered.
    Optional,
    /// The provider refuses a client that shows one.
    Never,
}

/// Endpoints of a provider; `""` if it has none, or if discovery finds it.
#[derive(Debug, Clone, Copy)]
pub struct Endpoints {
    /// RFC 6749, section 3.1.
    pub authorization: &'static str,
    /// RFC 6749, section 3.2.
    pub token: &'static str,
    /// The profile request that names the account.
    pub userinfo: &'static str,
    /// The JSON Web Key Set that its id_tokens are signed with.
    pub jwks: &'static str,
    /// Google's People API.
    pub people: &'static str,
    /// Where the grant is revoked (RFC 7009, or the provider's own way).
    pub revocation: &'static str,
    /// Where a code for another device is asked for (RFC 8628, section 3.1).
    pub device_authorization: &'static str,
    /// Where a client registers itself, at a server that a person named.
    pub registration: &'static str,
    /// The e-mail addresses of the account, if the profile does not contain a verified one.
    pub emails: &'static str,
    /// The picture itself, which the access token opens.
    pub photo: &'static str,
    /// What the paths of its pictures are relative to.
    pub avatar_base: &'static str,
}

impl Endpoints {
    /// None at all.
    pub const NONE: Self = Self {
        authorization: "",
        token: "",
        userinfo: "",
        jwks: "",
        people: "",
        revocation: "",
        device_authorization: "",
        registration: "",
        emails: "",
        photo: "",
        avatar_base: "",
    };
}

/// What a provider accepts as a loopback redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loopback {
    /// The host that the URI names.
    pub host: LoopbackHost,
    /// `None` for any port (RFC 8252, section 7.3), else the registered ones.
    pub ports: Option<&'static [u16]>,
    /// Whether it has to be registered beforehand.
    pub registration: Registration,
}

/// Whether a redirect URI has to be registered beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Yes; the person is shown what to enter.
    Needed,
    /// No: the client's type decides.
    ByType,
}

/// The host of a loopback redirect URI. No single one is right for every provider (U6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoopbackHost {
    /// `127.0.0.1`, and nothing listens on `::1`.
    V4,
    /// `localhost`: both address families listen, since a browser may try either first.
    Name,
}

impl LoopbackHost {
    /// Its form in the redirect URI.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V4 => "127.0.0.1",
            Self::Name => "localhost",
        }
    }
}

/// Client authentication at the token endpoint (RFC 6749, section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenEndpointAuthMethod {
    /// `client_id` alone: a public client.
    None,
    /// `client_secret` in the body.
    #[serde(rename = "post")]
    ClientSecretPost,
    /// HTTP Basic.
    #[serde(rename = "basic")]
    ClientSecretBasic,
}

impl TokenEndpointAuthMethod {
    /// As it stands in the database and in `providers.toml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretPost => "post",
            Self::ClientSecretBasic => "basic",
        }
    }

    /// Reads what [`TokenEndpointAuthMethod::as_str`] wrote.
    pub fn parse(text: &str) -> Self {
        match text {
            "post" => Self::ClientSecretPost,
            "basic" => Self::ClientSecretBasic,
            _ => Self::None,
        }
    }
}

/// Which client may use the device flow (RFC 8628).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceClient {
    /// The one of the authorization code grant.
    Same,
    /// That one, and it shows no secret there.
    WithoutSecret,
    /// One that is registered for nothing else.
    Apart,
}

/// Whether a token answer carries an id_token (OpenID Connect Core, section 3.1.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdToken {
    /// The provider is no OpenID provider.
    Never,
    /// Verified where it comes; its absence is no fault.
    IfPresent,
    /// Its absence ends the sign-in.
    Required,
}

/// How an `iss` is compared with [`Provider::issuer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuerRule {
    /// Exactly.
    Exact,
    /// The issuer has [`TENANT`] in the place of the tenant: a GUID, which in an id_token is the
    /// claim `tid`.
    PerTenant,
}

/// Placeholder of the tenant in the issuer of [`IssuerRule::PerTenant`].
pub const TENANT: &str = "{tenantid}";

/// What an id_token may be signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdTokenKey {
    /// A key that the issuer publishes.
    Published,
    /// A published key, or the client secret.
    PublishedOrSecret,
}

/// Whether an id_token contains data that the profile requests do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdTokenClaims {
    /// The profile requests contain all of it.
    Repeated,
    /// Name and address may be in the id_token only, so that a later profile request keeps them.
    NameAndAddress,
    /// Its claims may be in the id_token only, so that a later profile request keeps them.
    Alone,
}

/// What an authorization request carries as `state` (RFC 6749, section 4.1.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateFormat {
    /// A JWT.
    #[default]
    Jwt,
    /// 32 hexadecimal digits, where a provider takes letters and digits only.
    Hex,
}

/// How grants are revoked at sign-out and disconnect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocations {
    /// Revokes this device's session alone; `None` where the provider cannot.
    pub sign_out: Option<Revocation>,
    /// Revokes as much as the provider allows; `None` where it has no endpoint.
    pub disconnect: Option<Revocation>,
    /// What [`Revocations::disconnect`] revokes; shown before it is confirmed.
    pub effect: RevocationEffect,
}

/// How a grant is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    /// The refresh token in a form (RFC 7009), with which all else ends; else the access token.
    Token,
    /// Each token in a form: the refresh token, then the access token, which may outlive it (RFC
    /// 7009, section 2.1).
    EachToken,
    /// The access token as bearer, to the revocation endpoint.
    Bearer,
    /// The access token as bearer, to `logout` beside the revocation endpoint.
    BearerLogout,
    /// The access token in a form parameter of this name.
    AccessToken,
    /// DELETE with the access token as bearer.
    BearerDelete,
    /// The application takes back all that the person granted it, in its own name.
    ApplicationGrant,
    /// The application takes back this one token, in its own name.
    ApplicationToken,
}

/// For which clients a subject is the same. It is unique at its issuer in either case (OpenID Connect Core,
/// section 8), except at a provider without OpenID Connect that numbers its users for each client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectType {
    /// For every client.
    Public,
    /// For one client alone: it is part of what an account is known by.
    Pairwise,
}

impl SubjectType {
    /// The client as part of what an account is known by; empty where it is none.
    pub fn client(self, id: &str) -> &str {
        match self {
            Self::Public => "",
            Self::Pairwise => id,
        }
    }
}

/// What disconnecting from a provider revokes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum RevocationEffect {
    /// This session only.
    Session,
    /// Every token of this application for the account, on every device.
    EveryToken,
    /// Every grant of the account to the whole project.
    WholeProject,
    /// The connection of the account with the application.
    Connection,
    /// The local profile.
    Profile,
    /// Nothing: the provider has no endpoint.
    Nothing,
}

/// One request for a part of the profile, sent with the access token.
#[derive(Debug)]
pub struct ProfileRequest {
    /// The name by which [`ProfileResponses`] knows the body.
    pub name: &'static str,
    /// Which endpoint it goes to.
    pub endpoint: Endpoint,
    /// Added to the endpoint's query.
    pub query: &'static [(&'static str, &'static str)],
    /// What its failure means.
    pub need: Need,
}

/// The endpoints that profile requests go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// [`Endpoints::userinfo`].
    Userinfo,
    /// [`Endpoints::people`].
    People,
    /// [`Endpoints::emails`].
    Emails,
}

/// What a profile request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It identifies the user: its failure ends the sign-in.
    Identity,
    /// Sent only where one of these scopes was granted; its failure is noted and no more.
    Extra(&'static [&'static str]),
}

impl Provider {
    /// Whether its accounts are those of the AT Protocol: known by DIDs, whose documents say which
    /// server is theirs.
    pub fn is_atproto(&self) -> bool {
        self.server_input == ServerInput::Handle
    }

    /// The meaning of its error texts.
    pub fn explain(&self, error: &str, words: &str) -> Option<ErrorKind> {
        // A number is compared with the `error` only.
        let is_number = |needle: &str| needle.parse::<i64>().is_ok();
        let said = |needle: &str| {
            error.eq_ignore_ascii_case(needle) || (!is_number(needle) && words.contains(needle))
        };
        self.error_meanings.iter().find(|(needle, _)| said(needle)).map(|(_, code)| *code)
    }

    /// Whether an answer of its API says that the token is dead, in the words of
    /// [`Provider::invalid_grant_errors`].
    pub fn is_invalid_token(&self, body: &Value) -> bool {
        let error = &body["error"];
        let number = error["code"].as_u64().map(|code| code.to_string());
        let said = [error.as_str(), body["message"].as_str(), number.as_deref()];
        said.into_iter().flatten().any(|said| self.invalid_grant_errors.contains(&said))
    }

    /// Whether an `iss` is of this provider, of any tenant (RFC 9207).
    pub fn is_issuer(&self, known: &str, iss: &str) -> bool {
        match (self.issuer_rule, known.split_once(TENANT)) {
            (IssuerRule::PerTenant, Some((before, after))) => iss
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(after))
                .is_some_and(is_guid),
            (IssuerRule::Exact | IssuerRule::PerTenant, _) => iss == known,
        }
    }
}

/// Whether it is a GUID as Microsoft writes it.
fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// The built-in provider of that id.
pub fn built_in(id: &str) -> Option<&'static Provider> {
    BUILT_IN.iter().copied().find(|provider| provider.id == id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// S38: a subject that only one client is told belongs to that client.
    #[test]
    fn a_subject_of_one_client_names_it() {
        assert_eq!((SubjectType::Public.client("c"), SubjectType::Pairwise.client("c")), ("", "c"));
    }

    /// U13: a number means something as the `error` alone, and not as a part of other words.
    #[test]
    fn a_number_is_explained_as_the_error_alone() {
        let facebook = built_in("facebook").unwrap();
        assert!(facebook.explain("101", "").is_some());
        assert_eq!(facebook.explain("other", "see 101"), None);
        let kakao = built_in("kakao").unwrap();
        assert!(kakao.explain("other", "KOE101: x").is_some());
        assert_eq!(kakao.explain("other", "x"), None);
    }

    /// S43: the API's word for a dead token, wherever it says it; nothing else is one.
    #[test]
    fn a_dead_token_is_told_by_the_providers_word() {
        let facebook = built_in("facebook").unwrap();
        assert!(facebook.is_invalid_token(&json!({"error": {"code": 190}})));
        assert!(!facebook.is_invalid_token(&json!({"error": {"code": 4}})));
        assert!(
            !facebook.is_invalid_token(&json!({"message": "x"}))
                && !facebook.is_invalid_token(&json!(null))
        );
        let discord = built_in("discord").unwrap();
        assert!(discord.is_invalid_token(&json!({"error": "invalid_grant"})));
        assert!(discord.is_invalid_token(&json!({"message": "invalid_grant"})));
    }

    /// S17: of a provider with an issuer for each tenant, any tenant's; else to the letter.
    #[test]
    fn an_issuer_is_compared_by_the_providers_rule() {
        let microsoft = built_in("microsoft").unwrap();
        let of = |tenant: &str| microsoft.issuer.replace(TENANT, tenant);
        assert!(microsoft.is_issuer(microsoft.issuer, &of("9188040d-6c67-4c5b-b112-36a304b66dad")));
        // 36 characters that are no GUID, and a GUID in another form.
        for tenant in ["x".repeat(36), "9188040d6c674c5bb11236a304b66dad".to_owned()] {
            assert!(!microsoft.is_issuer(microsoft.issuer, &of(&tenant)), "{tenant}");
        }
        let google = built_in("google").unwrap();
        assert!(google.is_issuer("https://a.example", "https://a.example"));
        assert!(!google.is_issuer("https://a.example", "https://a.example/"));
        assert!(built_in("nobody").is_none());
    }
}
