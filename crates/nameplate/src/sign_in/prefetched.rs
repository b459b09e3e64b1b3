//! Metadata and keys that a sign-in fetches while the user is in the browser, so that its end waits for less.

use std::sync::Arc;

use native_oauth::jws::KeySet;
use native_oauth::{Client, signing_keys};
use tokio::task::JoinHandle;

use super::SignIns;
use crate::config::{Config, Entry};
use crate::error::Result;
use crate::provider_client;
use crate::store::AttemptRow;

/// The provider of an attempt, with its metadata and the keys of its issuer. It is used once, by the
/// process that began the attempt.
pub(super) struct Prefetched {
    config: Arc<Config>,
    entry: Entry,
    keys: Keys,
}

impl Prefetched {
    /// Begins to fetch.
    pub(super) fn start(config: Arc<Config>, entry: Entry, client: Client) -> Self {
        let connecting = client.clone();
        tokio::spawn(async move { connecting.connect().await });
        let keys =
            Keys(Some(tokio::spawn(async move { signing_keys::fetch_expected(&client).await })));
        Self { config, entry, keys }
    }
}

/// Keys that are being fetched.
#[derive(Default)]
pub(super) struct Keys(Option<JoinHandle<Option<KeySet>>>);

impl Keys {
    /// Waits for them; `None` if they were not asked for or could not be read.
    pub(super) async fn fetched(mut self) -> Option<KeySet> {
        self.0.as_mut()?.await.ok().flatten()
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        if let Some(fetching) = &self.0 {
            fetching.abort();
        }
    }
}

impl SignIns {
    /// The provider of a claimed attempt with its metadata, and the keys of its issuer: those that the
    /// attempt began with, unless the configuration was read again since.
    pub(super) async fn provider_of_claimed(&self, row: &AttemptRow) -> Result<(Entry, Keys)> {
        let config = self.context.config();
        let prefetched = self.pending().take_prefetched(&row.hash);
        match prefetched.filter(|prefetched| Arc::ptr_eq(&prefetched.config, &config)) {
            Some(Prefetched { entry, keys, .. }) => Ok((entry, keys)),
            None => {
                let entry = self.context.ready(&row.provider, &row.issuer)?;
                let entry = provider_client::discovered(&self.context, &entry).await?;
                Ok((entry, Keys::default()))
            }
        }
    }
}
