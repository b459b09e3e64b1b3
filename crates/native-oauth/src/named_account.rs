//! The account of the AT Protocol that a user names (its specifications OAuth, Handle and DID): a handle
//! leads to a DID, the document of the DID to the server that has the account's data, and that server to
//! its authorization server. Whatever a server says of an account counts only as far as this path,
//! walked from the DID, says the same.

mod dns;
mod identify;
mod profile;

use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::atproto::account_name::AccountName;
use crate::atproto::did::{Did, DidDocument, Method};
use crate::atproto::handle::Handle;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};

/// How long the DNS is waited for.
const DNS_LIMIT: Duration = Duration::from_secs(5);
/// Where a server answers for others: the paths of XRPC.
const XRPC: &str = "xrpc/";

/// What a name leads to, before the sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedAccount {
    /// The authorization server.
    pub issuer: String,
    /// The account that must sign in there; `None` where a server was named.
    pub did: Option<Did>,
    /// What the server is told of it, as the user named it.
    pub login_hint: Option<String>,
}

/// What the documents of a DID say.
struct Account {
    did: Did,
    /// As the document has it: whether the handle agrees is not known yet.
    handle: Option<Handle>,
    pds: Url,
    issuer: String,
}

impl AccountName {
    /// Looks up what a user named.
    ///
    /// # Errors
    /// Where a document is missing or does not fit, each with its own kind; nothing is sent to the
    /// authorization server.
    pub async fn resolve(&self, client: &Client) -> Result<NamedAccount> {
        match self {
            Self::Handle(handle) => {
                let account = client.account(&client.did_of(handle).await?).await?;
                match &account.handle {
                    Some(named) if named == handle => {}
                    named => {
                        let named = named.as_ref().map_or("-", Handle::as_str);
                        let words = format!("{handle} / {named}");
                        return Err(Error::new(ErrorKind::HandleMismatch).with_detail(words));
                    }
                }
                Ok(named(account, handle.as_str()))
            }
            Self::Did(did) => Ok(named(client.account(did).await?, did.as_str())),
            Self::Server(server) => {
                let server = client.origin(server)?;
                let issuer = match client.authorization_server(&server).await {
                    Ok(issuer) => issuer,
                    // It may be an authorization server without accounts of its own.
                    Err(error) if error.kind() == ErrorKind::DiscoveryFailed => origin_of(&server),
                    Err(error) => return Err(error),
                };
                Ok(NamedAccount { issuer, did: None, login_hint: None })
            }
        }
    }
}

impl Client {
    /// What the documents of a DID say.
    async fn account(&self, did: &Did) -> Result<Account> {
        let document = self.document(did).await?;
        let handle = document.handle();
        let pds = document.pds();
        let pds = pds.ok_or_else(|| Error::new(ErrorKind::DidUnresolved).with_detail(did))?;
        let pds = self.origin(pds)?;
        let issuer = self.authorization_server(&pds).await?;
        Ok(Account { did: did.clone(), handle, pds, issuer })
    }

    /// The DID of a handle: by the DNS, or by a file on the handle's own host. The DNS goes first.
    async fn did_of(&self, handle: &Handle) -> Result<Did> {
        let found = match &self.config.lookup.handle_resolver {
            Some(server) => self.did_by_server(server, handle).await?,
            None => {
                let (dns, file) = tokio::join!(self.did_by_dns(handle), self.did_by_file(handle));
                first_of(dns, file)?
            }
        };
        found.ok_or_else(|| Error::new(ErrorKind::HandleUnknown).with_detail(handle))
    }

    async fn did_by_dns(&self, handle: &Handle) -> Result<Option<Did>> {
        let unreachable = || Error::new(ErrorKind::Unreachable).with_detail(handle);
        let resolver = dns::resolver(self.config.lookup.name_server).map_err(|_| unreachable())?;
        let asked = tokio::time::timeout(DNS_LIMIT, dns::did(&resolver, handle)).await;
        asked.map_err(|_| unreachable())?
    }

    /// AT Protocol, Handle, "HTTPS well-known Method".
    async fn did_by_file(&self, handle: &Handle) -> Option<Did> {
        let url = format!("https://{handle}/.well-known/atproto-did").parse().ok()?;
        self.did_at(&url).await
    }

    async fn did_at(&self, url: &Url) -> Option<Did> {
        let response = self.http.get(url, None).await.ok()?;
        let text = std::str::from_utf8(&response.body).ok()?;
        response.status.is_success().then(|| Did::parse(text.trim()))?
    }

    async fn did_by_server(&self, server: &Url, handle: &Handle) -> Result<Option<Did>> {
        let mut url = xrpc(server, "com.atproto.identity.resolveHandle")?;
        url.query_pairs_mut().append_pair("handle", handle.as_str());
        let response = self.http.get(&url, None).await?;
        if !response.status.is_success() {
            return Ok(None);
        }
        Ok(response.json()?["did"].as_str().and_then(Did::parse))
    }

    async fn document(&self, did: &Did) -> Result<DidDocument> {
        let unresolved = || Error::new(ErrorKind::DidUnresolved).with_detail(did);
        let address = match (did.method(), &self.config.lookup.directory) {
            (Method::Plc, Some(directory)) => {
                format!("{}/{did}", directory.as_str().trim_end_matches('/'))
            }
            (Method::Plc, None) => return Err(unresolved()),
            (Method::Web(host), _) => {
                let host = host.replace("%3A", ":");
                let scheme = if host.starts_with("localhost") { "http" } else { "https" };
                format!("{scheme}://{host}/.well-known/did.json")
            }
        };
        let response = self.http.get(&self.config.discovered("did", &address)?, None).await?;
        if !response.status.is_success() {
            return Err(unresolved());
        }
        let document: DidDocument =
            serde_json::from_value(response.json()?).map_err(|_| unresolved())?;
        match document.is_of(did) {
            true => Ok(document),
            false => Err(unresolved()),
        }
    }

    /// The one authorization server of a server with accounts (RFC 9728, sections 2 and 3.3).
    async fn authorization_server(&self, server: &Url) -> Result<String> {
        let failed = |words: &str| Error::new(ErrorKind::DiscoveryFailed).with_detail(words);
        let mut url = server.clone();
        url.set_path("/.well-known/oauth-protected-resource");
        let response = self.http.get(&url, None).await?;
        if !response.status.is_success() {
            return Err(response.error_at(ErrorKind::DiscoveryFailed));
        }
        let said = response.json().map_err(|error| error.because(ErrorKind::DiscoveryFailed))?;
        let resource = said["resource"].as_str().unwrap_or_default().trim_end_matches('/');
        if resource != origin_of(server) {
            return Err(Error::new(ErrorKind::DiscoveryMismatch).with_detail(resource));
        }
        match said["authorization_servers"].as_array().map(Vec::as_slice) {
            Some([Value::String(issuer)]) => Ok(origin_of(&self.origin(issuer)?)),
            Some(_) | None => Err(failed("authorization_servers")),
        }
    }

    /// An address that is no more than an origin.
    fn origin(&self, text: &str) -> Result<Url> {
        let url = self.config.discovered("server", text)?;
        match url.path() == "/" && url.query().is_none() {
            true => Ok(url),
            false => Err(Error::new(ErrorKind::DiscoveryFailed).with_detail(text)),
        }
    }
}

fn named(account: Account, hint: &str) -> NamedAccount {
    let Account { did, issuer, .. } = account;
    NamedAccount { issuer, did: Some(did), login_hint: Some(hint.to_owned()) }
}

/// The record of the DNS goes before the file. Without a resolver the file is enough; without both,
/// the handle is not unknown.
fn first_of(dns: Result<Option<Did>>, file: Option<Did>) -> Result<Option<Did>> {
    match dns {
        Err(error) if error.kind() == ErrorKind::Unreachable && file.is_some() => Ok(file),
        dns => Ok(dns?.or(file)),
    }
}

fn origin_of(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The address of an XRPC method.
fn xrpc(server: &Url, method: &str) -> Result<Url> {
    server
        .join(XRPC)
        .and_then(|url| url.join(method))
        .map_err(|_| Error::new(ErrorKind::DiscoveryFailed).with_detail(server))
}

#[cfg(test)]
mod tests;
