//! The registered applications: what a developer would have typed into each provider's console.

/// One registered application.
#[derive(Debug)]
pub struct Client {
    /// The provider that knows it.
    pub provider: &'static str,
    /// `client_id`.
    pub id: &'static str,
    /// What the consent page calls the application.
    pub name: &'static str,
    /// What the provider asks of it at the token endpoint.
    pub secret: Secret,
    /// Where answers may go.
    pub redirects: &'static [Redirect],
}

/// The rule for `client_secret`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// The client has none. Kakao calls that "OFF", Discord "Public Client".
    None,
    /// The client has one and must send it.
    Required(&'static str),
}

/// One registered redirect URI.
#[derive(Debug)]
pub enum Redirect {
    /// Compared byte by byte.
    Exact(&'static str),
    /// A port-less loopback URI that matches with any port (Discord, observed with its Social SDK; Microsoft).
    AnyPort(&'static str),
    /// The same, and every sub-directory of it as well (GitHub).
    Below(&'static str),
    /// Compared byte by byte, but for a query that may follow (LINE).
    WithQuery(&'static str),
    /// Any loopback address, any port, any path; nothing is registered (Google's Desktop type, RFC 8252 §7.3).
    Loopback,
    /// Any http address of `localhost` by that name (a Facebook app in development).
    AnyLocalhost,
    /// The bounce page of this provider.
    Bounce,
    /// Any path under a private scheme.
    Scheme(&'static str),
}

/// Discord, "Public Client" on.
pub const DISCORD: &str = "demo-discord";
/// Discord, "Public Client" off.
pub const DISCORD_CONFIDENTIAL: &str = "demo-discord-confidential";
/// The secret of [`DISCORD_CONFIDENTIAL`].
pub const DISCORD_SECRET: &str = "demo-discord-secret";
/// Google, type "Desktop app".
pub const GOOGLE: &str = "demo-google";
/// The secret of [`GOOGLE`], which Google enforces although it protects nothing there.
pub const GOOGLE_SECRET: &str = "demo-google-secret";
/// Google, type "TVs and Limited Input devices": the only one for its device flow, and for nothing else.
pub const GOOGLE_DEVICE: &str = "demo-google-device";
/// The secret of [`GOOGLE_DEVICE`].
pub const GOOGLE_DEVICE_SECRET: &str = "demo-google-device-secret";
/// A Kakao REST API key, client secret ON.
pub const KAKAO: &str = "demo-kakao";
/// The secret of [`KAKAO`].
pub const KAKAO_SECRET: &str = "demo-kakao-secret";
/// A Kakao REST API key, client secret OFF: sending one is KOE010.
pub const KAKAO_NO_SECRET: &str = "demo-kakao-no-secret";
/// A GitHub OAuth app whose tokens do not expire, device flow on.
pub const GITHUB: &str = "demo-github";
/// A GitHub OAuth app whose tokens expire, as its settings say of every new one.
pub const GITHUB_EXPIRING: &str = "demo-github-expiring";
/// The secret of both, for the web flow.
pub const GITHUB_SECRET: &str = "demo-github-secret";
/// A GitHub App: its tokens end and are refreshed; device flow off.
pub const GITHUB_APP: &str = "demo-github-app";
/// The secret of [`GITHUB_APP`].
pub const GITHUB_APP_SECRET: &str = "demo-github-app-secret";
/// Microsoft, platform "Mobile and desktop applications": a secret must not be sent.
pub const MICROSOFT: &str = "demo-microsoft";
/// A Naver application.
pub const NAVER: &str = "demo-naver";
/// The secret of [`NAVER`], wanted in every token request.
pub const NAVER_SECRET: &str = "demo-naver-secret";
/// A LINE Login channel of the type "Web app".
pub const LINE: &str = "demo-line";
/// The channel secret of [`LINE`], with which its id_tokens are signed too.
pub const LINE_SECRET: &str = "demo-line-secret";
/// A Facebook app that is live: its answers go to the bounce page and nowhere else.
pub const FACEBOOK: &str = "demo-facebook";
/// A Facebook app in development: any http address of `localhost` will do, unregistered.
pub const FACEBOOK_DEVELOPMENT: &str = "demo-facebook-development";
/// The secret of both.
pub const FACEBOOK_SECRET: &str = "demo-facebook-secret";
/// The public client of the generic issuer and of every test module.
pub const OIDC: &str = "demo-oidc";
/// A confidential client of the generic issuer.
pub const OIDC_CONFIDENTIAL: &str = "demo-oidc-confidential";
/// The secret of [`OIDC_CONFIDENTIAL`].
pub const OIDC_SECRET: &str = "demo-oidc-secret";
/// The fixed ports that are registered where a provider takes no other.
pub const FIXED_PORTS: [u16; 3] = [53682, 53683, 53684];
/// The private scheme of development builds.
pub const SCHEME: &str = "app.nameplate.desktop.dev";

const DISCORD_REDIRECTS: &[Redirect] = &[
    Redirect::Exact("app.nameplate.desktop.dev:/callback/discord"),
    Redirect::AnyPort("http://127.0.0.1/callback/discord"),
];
const KAKAO_REDIRECTS: &[Redirect] = &[
    Redirect::Exact("http://localhost:53682/callback/kakao"),
    Redirect::Exact("http://localhost:53683/callback/kakao"),
    Redirect::Exact("http://localhost:53684/callback/kakao"),
];
/// An application registers ten callback URLs at most.
const GITHUB_REDIRECTS: &[Redirect] = &[
    Redirect::Below("http://127.0.0.1/callback/github"),
    Redirect::Exact("app.nameplate.desktop.dev:/callback/github"),
];
const MICROSOFT_REDIRECTS: &[Redirect] = &[
    Redirect::AnyPort("http://localhost/callback/microsoft"),
    Redirect::Exact("app.nameplate.desktop.dev:/callback/microsoft"),
];
const NAVER_REDIRECTS: &[Redirect] = &[
    Redirect::Exact("http://127.0.0.1:53682/callback/naver"),
    Redirect::Exact("http://127.0.0.1:53683/callback/naver"),
    Redirect::Exact("http://127.0.0.1:53684/callback/naver"),
    Redirect::Bounce,
];
const LINE_REDIRECTS: &[Redirect] = &[
    Redirect::WithQuery("http://127.0.0.1:53682/callback/line"),
    Redirect::WithQuery("http://127.0.0.1:53683/callback/line"),
    Redirect::WithQuery("http://127.0.0.1:53684/callback/line"),
];
const OIDC_REDIRECTS: &[Redirect] = &[Redirect::Loopback, Redirect::Scheme(SCHEME)];

/// Every registered application.
pub static CLIENTS: &[Client] = &[
    client("discord", DISCORD, Secret::None, DISCORD_REDIRECTS),
    client("discord", DISCORD_CONFIDENTIAL, Secret::Required(DISCORD_SECRET), DISCORD_REDIRECTS),
    client("google", GOOGLE, Secret::Required(GOOGLE_SECRET), &[Redirect::Loopback]),
    client("google", GOOGLE_DEVICE, Secret::Required(GOOGLE_DEVICE_SECRET), &[]),
    client("kakao", KAKAO, Secret::Required(KAKAO_SECRET), KAKAO_REDIRECTS),
    client("kakao", KAKAO_NO_SECRET, Secret::None, KAKAO_REDIRECTS),
    client("github", GITHUB, Secret::Required(GITHUB_SECRET), GITHUB_REDIRECTS),
    client("github", GITHUB_EXPIRING, Secret::Required(GITHUB_SECRET), GITHUB_REDIRECTS),
    client("github", GITHUB_APP, Secret::Required(GITHUB_APP_SECRET), GITHUB_REDIRECTS),
    client("microsoft", MICROSOFT, Secret::None, MICROSOFT_REDIRECTS),
    client("naver", NAVER, Secret::Required(NAVER_SECRET), NAVER_REDIRECTS),
    client("line", LINE, Secret::Required(LINE_SECRET), LINE_REDIRECTS),
    client("facebook", FACEBOOK, Secret::Required(FACEBOOK_SECRET), &[Redirect::Bounce]),
    client(
        "facebook",
        FACEBOOK_DEVELOPMENT,
        Secret::Required(FACEBOOK_SECRET),
        &[Redirect::AnyLocalhost],
    ),
    client("oidc", OIDC, Secret::None, OIDC_REDIRECTS),
    client("oidc", OIDC_CONFIDENTIAL, Secret::Required(OIDC_SECRET), OIDC_REDIRECTS),
];

const fn client(
    provider: &'static str,
    id: &'static str,
    secret: Secret,
    redirects: &'static [Redirect],
) -> Client {
    Client { provider, id, name: "Nameplate", secret, redirects }
}

/// The application with this id at this provider.
pub fn find(provider: &str, id: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.provider == provider && client.id == id)
}

impl Client {
    /// Whether an answer may go to `uri`.
    pub fn allows(&self, uri: &str) -> bool {
        self.redirects.iter().any(|redirect| redirect.matches(uri))
    }

    /// Whether the bounce page is registered.
    pub fn bounces(&self) -> bool {
        self.redirects.iter().any(|redirect| matches!(redirect, Redirect::Bounce))
    }

    /// The first registered URI, where it is one that an answer can be sent to as it stands.
    pub fn first_redirect(&self) -> Option<&'static str> {
        match self.redirects.first()? {
            Redirect::Exact(uri)
            | Redirect::AnyPort(uri)
            | Redirect::Below(uri)
            | Redirect::WithQuery(uri) => Some(uri),
            Redirect::Loopback
            | Redirect::AnyLocalhost
            | Redirect::Bounce
            | Redirect::Scheme(_) => None,
        }
    }
}

impl Redirect {
    fn matches(&self, uri: &str) -> bool {
        match self {
            Self::Exact(registered) => uri == *registered,
            Self::AnyPort(registered) => {
                without_port(uri, registered).is_some_and(|bare| bare == *registered)
            }
            Self::Below(registered) => without_port(uri, registered).is_some_and(|bare| {
                let below = bare.strip_prefix(registered);
                below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                    && !bare.contains("..")
            }),
            Self::WithQuery(registered) => uri.strip_prefix(registered).is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('?') && !rest.contains('#')
            }),
            Self::Loopback => is_loopback(uri),
            Self::AnyLocalhost => is_loopback(uri) && uri.starts_with("http://localhost"),
            // Its port is known only once the host runs: World::allows.
            Self::Bounce => false,
            // One slash, as RFC 8252 §7.1 has it: three would name an empty authority.
            Self::Scheme(scheme) => uri
                .strip_prefix(scheme)
                .and_then(|rest| rest.strip_prefix(":/"))
                .is_some_and(|path| !path.starts_with('/') && !path.contains('#')),
        }
    }
}

/// `http://127.0.0.1:5000/a` -> `http://127.0.0.1/a` where that is the registered host; textually, so that
/// nothing else is normalised away.
fn without_port(uri: &str, registered: &str) -> Option<String> {
    let end =
        registered.rfind("//").and_then(|at| Some(at + 2 + registered[at + 2..].find('/')?))?;
    let origin = registered.get(..end)?;
    let rest = uri.strip_prefix(origin)?;
    let Some(after) = rest.strip_prefix(':') else {
        return Some(uri.to_owned());
    };
    let path = after.find('/').map(|at| after.split_at(at));
    let (port, path) = path?;
    port.parse::<u16>().ok()?;
    Some(format!("{origin}{path}"))
}

fn is_loopback(uri: &str) -> bool {
    let Ok(url) = url::Url::parse(uri) else {
        return false;
    };
    url.scheme() == "http"
        && matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"))
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}

/// Whether `uri` has a scheme of an application's own.
pub fn is_private_scheme(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, _)| !matches!(scheme, "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(provider: &str, id: &str, uri: &str) -> bool {
        find(provider, id).unwrap().allows(uri)
    }

    #[test]
    fn discord_ignores_the_port_of_its_port_less_registration_and_nothing_else() {
        assert!(allows("discord", DISCORD, "http://127.0.0.1:42149/callback/discord"));
        assert!(allows("discord", DISCORD, "http://127.0.0.1/callback/discord"));
        assert!(allows("discord", DISCORD, "app.nameplate.desktop.dev:/callback/discord"));
        for wrong in [
            "http://127.0.0.1:42149/callback/discord/",
            "http://localhost:42149/callback/discord",
            "http://127.0.0.1:42149/callback/google",
            "http://127.0.0.1:99999/callback/discord",
            "http://127.0.0.1:42149@evil.example/callback/discord",
            "http://127.0.0.1.evil.example/callback/discord",
            "app.nameplate.desktop.dev:///callback/discord",
            "app.nameplate.desktop.dev://callback/discord",
            "https://127.0.0.1:42149/callback/discord",
        ] {
            assert!(!allows("discord", DISCORD, wrong), "{wrong}");
        }
    }

    #[test]
    fn github_takes_any_port_of_127_0_0_1_and_sub_directories() {
        for right in [
            "http://127.0.0.1:1234/callback/github",
            "http://127.0.0.1:1234/callback/github/sub",
            "app.nameplate.desktop.dev:/callback/github",
        ] {
            assert!(allows("github", GITHUB, right), "{right}");
        }
        for wrong in [
            "http://127.0.0.1:1234/callback/githubber",
            "http://127.0.0.1:1234/callback",
            "http://127.0.0.1:1234/callback/github/../evil",
            "http://localhost:1234/callback/github",
            "http://[::1]:1234/callback/github",
            "app.nameplate.desktop.dev:/callback/github/sub",
        ] {
            assert!(!allows("github", GITHUB, wrong), "{wrong}");
        }
    }

    #[test]
    fn microsoft_takes_any_port_of_localhost_and_neither_127_0_0_1_nor_another_case() {
        assert!(allows("microsoft", MICROSOFT, "http://localhost:5000/callback/microsoft"));
        assert!(allows("microsoft", MICROSOFT, "app.nameplate.desktop.dev:/callback/microsoft"));
        for wrong in [
            "http://127.0.0.1:5000/callback/microsoft",
            "http://[::1]:5000/callback/microsoft",
            "http://localhost:5000/Callback/microsoft",
            "http://localhost:5000/callback/microsoft/",
            "http://localhost:5000@evil.example/callback/microsoft",
            "http://localhost.evil.example/callback/microsoft",
        ] {
            assert!(!allows("microsoft", MICROSOFT, wrong), "{wrong}");
        }
    }

    #[test]
    fn line_lets_a_query_follow_and_nothing_else() {
        assert!(allows("line", LINE, "http://127.0.0.1:53684/callback/line"));
        assert!(allows("line", LINE, "http://127.0.0.1:53682/callback/line?a=b&c=d"));
        for wrong in [
            "http://127.0.0.1:53685/callback/line",
            "http://127.0.0.1:53682/callback/line/",
            "http://127.0.0.1:53682/callback/line?a=b#c",
            "http://localhost:53682/callback/line",
        ] {
            assert!(!allows("line", LINE, wrong), "{wrong}");
        }
    }

    #[test]
    fn a_facebook_app_in_development_takes_localhost_by_name_and_a_live_one_nothing_local() {
        assert!(allows(
            "facebook",
            FACEBOOK_DEVELOPMENT,
            "http://localhost:5000/callback/facebook"
        ));
        for wrong in [
            "http://127.0.0.1:5000/callback/facebook",
            "http://localhost.evil.example:5000/callback/facebook",
            "https://localhost:5000/callback/facebook",
            "app.nameplate.desktop.dev:/callback/facebook",
        ] {
            assert!(!allows("facebook", FACEBOOK_DEVELOPMENT, wrong), "{wrong}");
        }
        assert!(!allows("facebook", FACEBOOK, "http://localhost:5000/callback/facebook"));
    }

    #[test]
    fn kakao_wants_one_of_its_three_uris_exactly() {
        assert!(allows("kakao", KAKAO, "http://localhost:53683/callback/kakao"));
        for wrong in [
            "http://localhost:53685/callback/kakao",
            "http://127.0.0.1:53682/callback/kakao",
            "http://localhost:53682/callback/kakao/",
            "app.nameplate.desktop.dev:/callback/kakao",
        ] {
            assert!(!allows("kakao", KAKAO, wrong), "{wrong}");
        }
    }

    #[test]
    fn google_takes_any_loopback_port_and_path_and_no_scheme() {
        assert!(allows("google", GOOGLE, "http://127.0.0.1:1234/any/path"));
        assert!(allows("google", GOOGLE, "http://[::1]:1234"));
        assert!(!allows("google", GOOGLE, "app.nameplate.desktop.dev:/callback/google"));
        assert!(!allows("google", GOOGLE, "http://192.168.0.2:1234/"));
    }
}
