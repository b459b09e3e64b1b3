//! Downloads the picture after a sign-in is stored, in the background and without a lock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use native_oauth::token_response::TokenResponse;
use native_oauth::userinfo::PictureLocation;
use reqwest::StatusCode;
use tokio::task::JoinSet;
use url::Url;

use crate::avatar::{self, Avatar, AvatarError, Reach};
use crate::config::Entry;
use crate::context::Context;
use crate::error::Code;
use crate::ids::AccountId;

/// Time limit of a download with its redirects.
const LIMIT: Duration = Duration::from_secs(20);

/// The downloads of pictures.
#[derive(Clone)]
pub(crate) struct Pictures {
    context: Arc<Context>,
    running: Arc<Mutex<JoinSet<()>>>,
}

impl Pictures {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context, running: Arc::default() }
    }

    /// Downloads the picture of a stored profile in the background. The picture is dropped if the
    /// account was signed out, or stored again with a later `revision`.
    pub(crate) fn start(
        &self,
        account: AccountId,
        revision: i64,
        entry: Entry,
        at: PictureLocation,
        tokens: TokenResponse,
    ) {
        if cfg!(not(feature = "avatar")) || matches!(at, PictureLocation::None) {
            return;
        }
        let pictures = self.clone();
        let download = async move {
            let store = &pictures.context.store;
            let stored = match pictures.download(&entry, at, &tokens).await {
                Ok(avatar) => store.set_picture(&account, revision, avatar.as_ref()),
                Err(_) => store.add_note(&account, revision, Code::PictureRefused),
            };
            match stored {
                Ok(true) => pictures.context.events.changed(),
                Ok(false) => tracing::info!("a picture came too late"),
                Err(error) => tracing::warn!(code = %error.code(), "a picture is not stored"),
            }
        };
        let mut running = self.running();
        while running.try_join_next().is_some() {}
        running.spawn(download);
    }

    /// Waits for the downloads in the background.
    pub(crate) async fn downloaded(&self) {
        let downloads = std::mem::take(&mut *self.running());
        downloads.join_all().await;
    }

    /// Fetches a picture and re-encodes it; `None` if the account has none, or without the feature
    /// `avatar`.
    pub(crate) async fn download(
        &self,
        entry: &Entry,
        at: PictureLocation,
        tokens: &TokenResponse,
    ) -> Result<Option<Avatar>, AvatarError> {
        if cfg!(not(feature = "avatar")) {
            return Ok(None);
        }
        let reach =
            if entry.oauth.is_on_this_machine() { Reach::ThisMachine } else { Reach::Internet };
        let fetched = async {
            match at {
                PictureLocation::None => Ok(None),
                PictureLocation::Public(address) => avatar::fetch(&address, reach).await.map(Some),
                PictureLocation::Protected(url) => match self.photo(entry, &url, tokens).await? {
                    Some(bytes) => avatar::read(bytes).await.map(Some),
                    None => Ok(None),
                },
            }
        };
        let limited = tokio::time::timeout(LIMIT, fetched).await;
        let picture = limited.unwrap_or(Err(AvatarError::Unreachable));
        picture.inspect_err(|error| tracing::info!(%error, "no picture"))
    }

    /// The picture behind an access token, if the user has one.
    async fn photo(
        &self,
        entry: &Entry,
        url: &Url,
        tokens: &TokenResponse,
    ) -> Result<Option<Vec<u8>>, AvatarError> {
        match self.context.http_for(entry).file(url, tokens.presented(), avatar::BYTES).await {
            Ok(response) if response.status == StatusCode::NOT_FOUND => Ok(None),
            Ok(response) if response.status.is_success() => Ok(Some(response.body)),
            Ok(_) | Err(_) => Err(AvatarError::Unreachable),
        }
    }

    fn running(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
