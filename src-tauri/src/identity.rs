//! The names and clients of Nameplate, the program: the desktop app and the command line share a
//! home.

use nameplate::AppIdentity;
use nameplate::providers::{self, ProviderOptions};

/// Provisional until the domain is registered.
const ID: &str = "app.nameplate.desktop";

/// Id of the demo provider, which the window starts and ends; the page knows it by this name too
/// (`ui/src/demo.ts`).
pub const DEMO: &str = "demo";

/// The names of the program. Folders and keychain items of an installation have them: a change
/// would lose what users have stored.
pub fn identity() -> AppIdentity {
    AppIdentity::new(ID, "Nameplate", env!("CARGO_PKG_VERSION"))
}

/// The built-in providers with the clients in the environment of the build, such as
/// `NAMEPLATE_DISCORD_CLIENT_ID`.
macro_rules! with_clients {
    ($($name:ident $NAME:ident,)*) => {
        [$(with_client(
            providers::$name(),
            option_env!(concat!("NAMEPLATE_", stringify!($NAME), "_CLIENT_ID")),
            option_env!(concat!("NAMEPLATE_", stringify!($NAME), "_CLIENT_SECRET")),
        )),*]
    };
}

/// The providers that Nameplate offers.
pub fn providers() -> Vec<ProviderOptions> {
    let built_in = providers::for_each_provider!(with_clients);
    built_in.into_iter().chain([providers::any_issuer()]).collect()
}

fn with_client(
    provider: ProviderOptions,
    id: Option<&'static str>,
    secret: Option<&'static str>,
) -> ProviderOptions {
    let Some(id) = id else { return provider };
    let provider = provider.client_id(id);
    match secret {
        Some(secret) => provider.client_secret(secret),
        None => provider,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names that stand in other files or on users' computers.
    #[test]
    fn the_names_stay() {
        let identity = identity();
        assert_eq!(identity.url_scheme, "app.nameplate.desktop");
        assert_eq!(identity.keychain_service, "app.nameplate.desktop");
        assert_eq!(identity.home_variable(), "NAMEPLATE_HOME");
        assert_eq!(identity.log_file, "nameplate");
    }
}
