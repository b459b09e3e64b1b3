//! Downloads the picture after a sign-in is stored, in the background and without a lock.

use std::time::Duration;

use native_oauth::token_request::TokenResponse;
use native_oauth::userinfo::PictureLocation;
use reqwest::StatusCode;
use tokio::task::JoinSet;
use url::Url;

use super::Login;
use crate::avatar::{self, Avatar, AvatarError, Reach};
use crate::config::Entry;
use crate::error::Code;
use crate::event::Event;
use crate::user::AccountId;

/// Time limit of a download with its redirects.
const LIMIT: Duration = Duration::from_secs(20);

/// A stored profile and its revision; a later revision makes the picture obsolete.
pub(super) struct Stored {
    pub(super) account: AccountId,
    pub(super) revision: i64,
}

impl Login {
    /// Downloads the picture of a stored profile and reports the change. The picture is dropped if
    /// the account was signed out or stored again meanwhile.
    pub(super) fn fetch_picture(
        &self,
        stored: Stored,
        entry: Entry,
        at: PictureLocation,
        tokens: TokenResponse,
    ) {
        if cfg!(not(feature = "avatar")) || matches!(at, PictureLocation::None) {
            return;
        }
        let login = self.clone();
        let fetching = async move {
            let Stored { account, revision } = stored;
            let kept = match login.picture(&entry, at, &tokens).await {
                Ok(avatar) => login.0.store.set_picture(&account, revision, avatar.as_ref()),
                Err(_) => login.0.store.add_note(&account, revision, Code::PictureRefused),
            };
            match kept {
                Ok(true) => login.tell(Event::Changed),
                Ok(false) => tracing::info!("a picture came too late"),
                Err(error) => tracing::warn!(code = %error.code(), "a picture is not kept"),
            }
        };
        let mut pictures = self.pictures();
        while pictures.try_join_next().is_some() {}
        pictures.spawn(fetching);
    }

    /// Waits for the downloads of this process.
    pub async fn pictures_fetched(&self) {
        let fetching = std::mem::take(&mut *self.pictures());
        fetching.join_all().await;
    }

    /// Fetches a picture and re-encodes it; `None` if the account has none, or without the feature
    /// `avatar`.
    pub(super) async fn picture(
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
                PictureLocation::Protected(url) => match self.photo(&url, tokens).await? {
                    Some(bytes) => avatar::read(bytes).await.map(Some),
                    None => Ok(None),
                },
            }
        };
        let limited = tokio::time::timeout(LIMIT, fetched).await;
        let picture = limited.unwrap_or(Err(AvatarError::Unreachable));
        picture.inspect_err(|error| tracing::info!(%error, "no picture"))
    }

    /// The picture behind an access token, if the person has one.
    async fn photo(
        &self,
        url: &Url,
        tokens: &TokenResponse,
    ) -> Result<Option<Vec<u8>>, AvatarError> {
        match self.0.http.file(url, &tokens.access, avatar::BYTES).await {
            Ok(answer) if answer.status == StatusCode::NOT_FOUND => Ok(None),
            Ok(answer) if answer.status.is_success() => Ok(Some(answer.body)),
            Ok(_) | Err(_) => Err(AvatarError::Unreachable),
        }
    }

    fn pictures(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        self.0.pictures.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
