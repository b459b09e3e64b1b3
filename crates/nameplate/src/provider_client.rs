//! The OAuth client of a configured provider: its metadata and its secret.

use native_oauth::hex::hex;
use native_oauth::{Client, ClientCredentials, ProviderConfig, discovery};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::client_storage;
use crate::config::Entry;
use crate::context::Context;
use crate::error::Result;
use crate::server_entry::check_endpoints;
use crate::stored_session::Session;
use crate::vault::{TokenStorage, VaultError};

/// An entry with the metadata of its issuer (OpenID Connect Discovery); unchanged if it needs none.
pub(crate) async fn discovered(context: &Context, entry: &Entry) -> Result<Entry> {
    let oauth = discovery::complete(context.http_for(entry), &entry.oauth).await?;
    let entry = Entry { oauth, ..entry.clone() };
    check_endpoints(&entry)?;
    Ok(entry)
}

/// The entry with metadata, restricted to what [`Session::bound`] allows.
pub(crate) async fn bound_entry(
    context: &Context,
    provider: &str,
    session: &Session,
    needed: &[&str],
) -> Result<Entry> {
    let entry = context.ready(provider, session.issuer())?;
    session.check_issuer(&entry)?;
    let entry = discovered(context, &entry).await?;
    session.bound(entry.of_client(session.client()), needed)
}

/// The client of an entry, with its secret.
pub(crate) async fn client(context: &Context, entry: &Entry) -> Result<Client> {
    let secret = client_secret(context, entry).await?;
    let mut oauth = entry.oauth.clone();
    if let Some(client) = &mut oauth.client {
        client.secret = secret;
    }
    Ok(Client::new(context.http_for(entry).clone(), oauth))
}

/// The configured secret, else the one in the keychain.
pub(crate) async fn client_secret(
    context: &Context,
    entry: &Entry,
) -> Result<Option<SecretString>> {
    let client = entry.oauth.client()?;
    if client.secret.is_some() {
        return Ok(client.secret.clone());
    }
    if entry.server.is_some() {
        return client_storage::client_secret(context, entry).await;
    }
    // The database knows whether there is one, so that no keychain is opened for nothing.
    if !has_secret_in_keychain(context, &entry.oauth, client) {
        return Ok(None);
    }
    let name = secret_item(&entry.oauth, client);
    match context.vaults.get(TokenStorage::Keychain, &name).await {
        Ok(secret) => Ok(Some(secret)),
        Err(VaultError::NotFound | VaultError::Absent) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether the keychain has the secret of a client; opens no item.
pub(crate) fn has_secret_in_keychain(
    context: &Context,
    config: &ProviderConfig,
    client: &ClientCredentials,
) -> bool {
    let name = secret_item(config, client);
    context.store.client_secrets().is_ok_and(|stored| stored.contains(&name))
}

/// The name of the keychain item with the secret of a client. It has a digest of the issuer that the
/// configuration names, if it names one, so that the secret goes to no other (RFC 6749, section
/// 2.3.1). A slash at the end of the issuer makes no difference.
pub(crate) fn secret_item(config: &ProviderConfig, client: &ClientCredentials) -> String {
    let items = secret_items(&config.id);
    match config.is_discovered() {
        true => {
            let digest = Sha256::digest(config.issuer.trim_end_matches('/'));
            format!("{items}{}.{}", hex(&digest[..16]), client.id)
        }
        false => format!("{items}{}", client.id),
    }
}

/// What the names of all items of a provider begin with.
pub(crate) fn secret_items(provider: &str) -> String {
    format!("client.{provider}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::error::Code;
    use crate::{Home, Nameplate, server_entry};

    /// S66: neither a request to a server that a user named nor what it names leads to a private address.
    #[tokio::test]
    async fn a_named_server_leads_to_no_private_address() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::own(&crate::identity::testing::identity(), dir.path()).unwrap();
        let context = Context::open(Nameplate::builder(home)).unwrap();
        // The entries of an installed program.
        let config = Config::of_text_alone("").unwrap();
        let issuer = config.entry("oidc").unwrap();
        let mut issuer = server_entry::at_server(issuer, "https://id.example.com").unwrap();
        issuer.oauth.issuer = "https://10.0.0.1".to_owned();
        let server = config.entry("mastodon").unwrap();
        let mut server = server_entry::at_server(server, "https://social.example.com").unwrap();
        server.oauth.endpoints.registration = "https://10.0.0.1/apps".parse().ok();
        for entry in [issuer, server] {
            let refused = discovered(&context, &entry).await.unwrap_err();
            assert_eq!(
                (refused.code(), refused.detail()),
                (Code::PrivateAddress, Some("10.0.0.1"))
            );
        }
    }
}
