//! Applications that registered themselves while the server runs.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::clients::{Client, Redirect, Secret};

/// An application that registered itself.
#[derive(Debug, Clone)]
pub struct RegisteredClient {
    pub client: &'static Client,
    /// The scopes that it may request; `None` for all.
    pub scopes: Option<Vec<String>>,
    /// Opens its registration (RFC 7592 §3), where the provider has that.
    pub access_token: String,
}

/// The applications of each realm. Their memory is never freed; tests register few.
#[derive(Debug, Default)]
pub struct Registered(Mutex<BTreeMap<String, Vec<RegisteredClient>>>);

impl Registered {
    pub fn add(&self, realm: &str, registered: RegisteredClient) {
        self.with(|all| all.entry(realm.to_owned()).or_default().push(registered));
    }

    pub fn find(&self, realm: &str, id: &str) -> Option<RegisteredClient> {
        self.with(|all| all.get(realm)?.iter().find(|known| known.client.id == id).cloned())
    }

    /// Removes an application, or all of the realm.
    pub fn remove(&self, realm: &str, id: Option<&str>) {
        self.with(|all| {
            let clients = all.entry(realm.to_owned()).or_default();
            clients.retain(|known| id.is_some_and(|id| known.client.id != id));
        });
    }

    fn with<T>(&self, change: impl FnOnce(&mut BTreeMap<String, Vec<RegisteredClient>>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A client with these redirect URIs: of a loopback URI the port does not count (RFC 8252 §7.3).
pub fn client(id: String, secret: Option<String>, redirect_uris: &[String]) -> &'static Client {
    let redirect = |uri: &String| {
        let uri: &'static str = uri.clone().leak();
        match uri.starts_with("http://127.0.0.1/") || uri.starts_with("http://localhost/") {
            true => Redirect::AnyPort(uri),
            false => Redirect::Exact(uri),
        }
    };
    let redirects: Vec<Redirect> = redirect_uris.iter().map(redirect).collect();
    let secret = secret.map_or(Secret::None, |secret| Secret::Required(secret.leak()));
    Box::leak(Box::new(Client::new(id.leak(), secret, redirects.leak())))
}
