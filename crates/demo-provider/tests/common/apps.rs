//! What a client that does everything right sends to each provider; a test changes one thing.

use demo_provider::clients;
use reqwest::StatusCode;
use serde_json::Value;

use super::{CHALLENGE, Heard, LOOPBACK, VERIFIER, World, params, with};

type Params = &'static [(&'static str, &'static str)];

/// A registered application and its three requests.
#[derive(Debug, Clone, Copy)]
pub struct App {
    pub authorize: &'static str,
    pub token: &'static str,
    pub ask: Params,
    /// All but the code.
    pub exchange: Params,
    /// All but the refresh token.
    pub refresh: Params,
}

pub const DISCORD: App = App {
    authorize: "/discord/oauth2/authorize",
    token: "/discord/api/oauth2/token",
    ask: &[
        ("response_type", "code"),
        ("client_id", clients::DISCORD),
        ("redirect_uri", "http://127.0.0.1:42149/callback/discord"),
        ("scope", "identify email"),
        ("state", "s t/a"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ],
    exchange: &[
        ("grant_type", "authorization_code"),
        ("client_id", clients::DISCORD),
        ("redirect_uri", "http://127.0.0.1:42149/callback/discord"),
        ("code_verifier", VERIFIER),
    ],
    refresh: &[("grant_type", "refresh_token"), ("client_id", clients::DISCORD)],
};

pub const GOOGLE: App = App {
    authorize: "/google/o/oauth2/v2/auth",
    token: "/google/token",
    ask: &[
        ("response_type", "code"),
        ("client_id", clients::GOOGLE),
        ("redirect_uri", LOOPBACK),
        ("scope", "openid email profile"),
        ("state", "st"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ],
    exchange: &[
        ("grant_type", "authorization_code"),
        ("client_id", clients::GOOGLE),
        ("client_secret", clients::GOOGLE_SECRET),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
    ],
    refresh: &[
        ("grant_type", "refresh_token"),
        ("client_id", clients::GOOGLE),
        ("client_secret", clients::GOOGLE_SECRET),
    ],
};

pub const KAKAO: App = App {
    authorize: "/kakao/oauth/authorize",
    token: "/kakao/oauth/token",
    ask: &[
        ("response_type", "code"),
        ("client_id", clients::KAKAO),
        ("redirect_uri", "http://localhost:53682/callback/kakao"),
        ("state", "st"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ],
    exchange: &[
        ("grant_type", "authorization_code"),
        ("client_id", clients::KAKAO),
        ("client_secret", clients::KAKAO_SECRET),
        ("redirect_uri", "http://localhost:53682/callback/kakao"),
        ("code_verifier", VERIFIER),
    ],
    refresh: &[
        ("grant_type", "refresh_token"),
        ("client_id", clients::KAKAO),
        ("client_secret", clients::KAKAO_SECRET),
    ],
};

pub const OIDC: App = App {
    authorize: "/oidc/authorize",
    token: "/oidc/token",
    ask: &[
        ("response_type", "code"),
        ("client_id", clients::OIDC),
        ("redirect_uri", LOOPBACK),
        ("scope", "openid profile email phone offline_access"),
        ("prompt", "consent"),
        ("state", "st"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ],
    exchange: &[
        ("grant_type", "authorization_code"),
        ("client_id", clients::OIDC),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
    ],
    refresh: &[("grant_type", "refresh_token"), ("client_id", clients::OIDC)],
};

pub const GITHUB: App = App {
    authorize: "/github/login/oauth/authorize",
    token: "/github/login/oauth/access_token",
    ask: &[
        ("client_id", clients::GITHUB),
        ("redirect_uri", "http://127.0.0.1:42149/callback/github"),
        ("scope", "read:user user:email"),
        ("state", "st"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ],
    exchange: &[
        ("client_id", clients::GITHUB),
        ("client_secret", clients::GITHUB_SECRET),
        ("redirect_uri", "http://127.0.0.1:42149/callback/github"),
        ("code_verifier", VERIFIER),
    ],
    refresh: &[
        ("grant_type", "refresh_token"),
        ("client_id", clients::GITHUB_APP),
        ("client_secret", clients::GITHUB_APP_SECRET),
    ],
};

pub const MICROSOFT: App = App {
    authorize: "/microsoft/common/oauth2/v2.0/authorize",
    token: "/microsoft/common/oauth2/v2.0/token",
    ask: &[
        ("response_type", "code"),
        ("client_id", clients::MICROSOFT),
        ("redirect_uri", "http://localhost:42149/callback/microsoft"),
        ("scope", "openid profile email offline_access User.Read"),
        ("state", "st"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ],
    exchange: &[
        ("grant_type", "authorization_code"),
        ("client_id", clients::MICROSOFT),
        ("redirect_uri", "http://localhost:42149/callback/microsoft"),
        ("code_verifier", VERIFIER),
    ],
    refresh: &[("grant_type", "refresh_token"), ("client_id", clients::MICROSOFT)],
};

pub const NAVER: App = App {
    authorize: "/naver/oauth2/authorize",
    token: "/naver/oauth2/token",
    ask: &[
        ("response_type", "code"),
        ("client_id", clients::NAVER),
        ("redirect_uri", "http://127.0.0.1:53682/callback/naver"),
        ("scope", "openid"),
        ("state", "st"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ],
    exchange: &[
        ("grant_type", "authorization_code"),
        ("client_id", clients::NAVER),
        ("client_secret", clients::NAVER_SECRET),
        ("state", "st"),
        ("code_verifier", VERIFIER),
    ],
    refresh: &[
        ("grant_type", "refresh_token"),
        ("client_id", clients::NAVER),
        ("client_secret", clients::NAVER_SECRET),
    ],
};

pub const LINE: App = App {
    authorize: "/line/oauth2/v2.1/authorize",
    token: "/line/oauth2/v2.1/token",
    ask: &[
        ("response_type", "code"),
        ("client_id", clients::LINE),
        ("redirect_uri", "http://127.0.0.1:53682/callback/line"),
        ("scope", "profile openid email"),
        ("state", "0123456789abcdef"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ],
    exchange: &[
        ("grant_type", "authorization_code"),
        ("client_id", clients::LINE),
        ("client_secret", clients::LINE_SECRET),
        ("redirect_uri", "http://127.0.0.1:53682/callback/line"),
        ("code_verifier", VERIFIER),
    ],
    refresh: &[
        ("grant_type", "refresh_token"),
        ("client_id", clients::LINE),
        ("client_secret", clients::LINE_SECRET),
    ],
};

/// The app in development, whose address needs no port of this run.
pub const FACEBOOK: App = App {
    authorize: "/facebook/v24.0/dialog/oauth",
    token: "/facebook/graph/v24.0/oauth/access_token",
    ask: &[
        ("response_type", "code"),
        ("client_id", clients::FACEBOOK_DEVELOPMENT),
        ("redirect_uri", "http://localhost:42149/callback/facebook"),
        ("scope", "openid,public_profile,email"),
        ("state", "st"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ],
    exchange: &[
        ("client_id", clients::FACEBOOK_DEVELOPMENT),
        ("redirect_uri", "http://localhost:42149/callback/facebook"),
        ("code_verifier", VERIFIER),
    ],
    refresh: &[],
};

impl App {
    /// The code that `person` allowed.
    pub async fn code(&self, world: &World, changes: &[(&str, &str)], person: &str) -> String {
        let ask = with(self.ask, changes);
        params(&world.decide(self.authorize, &ask, person, "allow").await).remove("code").unwrap()
    }

    /// Redeems a code.
    pub async fn exchange(&self, world: &World, code: &str, changes: &[(&str, &str)]) -> Heard {
        let form = with(self.exchange, changes);
        world.post(self.token, &with(&form, &[("code", code)])).await
    }

    /// The token answer of a sign-in; `changes` are to the authorization request.
    pub async fn tokens(&self, world: &World, changes: &[(&str, &str)], person: &str) -> Value {
        let code = self.code(world, changes, person).await;
        let heard = self.exchange(world, &code, &[]).await;
        assert_eq!(heard.status, StatusCode::OK, "{}", heard.text);
        heard.body
    }

    /// Refreshes.
    pub async fn refresh(&self, world: &World, token: &str, changes: &[(&str, &str)]) -> Heard {
        let form = with(self.refresh, &[("refresh_token", token)]);
        world.post(self.token, &with(&form, changes)).await
    }
}
