//! What is shown of accounts, and how it is read again.

use std::sync::Arc;

use native_oauth::token_response::TokenResponse;
use native_oauth::userinfo::{self, KnownIdentity, Userinfo};
use native_oauth::{Client, ErrorKind};

use crate::account::AccountState;
use crate::config::Entry;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::ids::AccountId;
use crate::pictures::Pictures;
use crate::recovery::Recovery;
use crate::revocation::Revocations;
use crate::sessions::{RefreshPolicy, Sessions};
use crate::store::{AccountRow, SignInRecord};
use crate::{account_storage, profile_merge};

/// Endpoints of which one is needed to read a profile.
const PROFILE_ENDPOINTS: &[&str] =
    &["userinfo_endpoint", "people_endpoint", "emails_endpoint", "photo_endpoint"];

/// Names and pictures of accounts.
///
/// ```no_run
/// # async fn example(nameplate: nameplate::Nameplate, account: &str) -> nameplate::Result<()> {
/// nameplate.profiles().refresh(account).await?;
/// let png = nameplate.profiles().picture(account)?;
/// println!("{} bytes", png.map_or(0, |png| png.len()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Profiles {
    context: Arc<Context>,
    revocations: Revocations,
    recovery: Recovery,
    sessions: Sessions,
    pictures: Pictures,
}

impl Profiles {
    pub(crate) fn new(
        context: Arc<Context>,
        revocations: Revocations,
        recovery: Recovery,
        sessions: Sessions,
        pictures: Pictures,
    ) -> Self {
        Self { context, revocations, recovery, sessions, pictures }
    }

    /// The picture of an account, as PNG.
    ///
    /// # Errors
    /// If the database fails.
    pub fn picture(&self, account: &str) -> Result<Option<Vec<u8>>> {
        self.context.store.avatar(account)
    }

    /// Waits until the pictures of the sign-ins of this process are downloaded.
    pub async fn pictures_downloaded(&self) {
        self.pictures.downloaded().await;
    }

    /// Shows name, picture and address of an account as its user's.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`](crate::Code::UnknownAccount) if there is no such account.
    pub fn show(&self, account: &str) -> Result<()> {
        let row = self.context.store.account(&AccountId::from(account.to_owned()))?;
        self.context.store.show_profile(&row.id)?;
        self.context.events.changed();
        Ok(())
    }

    /// Reads the profile of an account again.
    ///
    /// # Errors
    /// As [`Sessions::access_token`](crate::Sessions::access_token);
    /// [`Code::UserinfoMismatch`] if the subject differs.
    pub async fn refresh(&self, account: &str) -> Result<()> {
        let row = self.context.store.account(&AccountId::from(account.to_owned()))?;
        self.read_profile(&row).await.map_err(|error| error.at(&row.provider))
    }

    /// Reads the profiles of the shown user again. If the provider is not reachable, nothing is
    /// sent and no keychain item is opened.
    pub async fn refresh_shown(&self) {
        self.context.check_reachability().await;
        let Ok(Some(user)) = self.context.current_user() else { return };
        if self.context.is_offline() {
            return;
        }
        if !self.revocations.unsent().is_empty()
            && let Err(error) = self.recovery.run().await
        {
            tracing::warn!(code = %error.code(), "recovery is tried again later");
        }
        for account in user.accounts.iter().filter(|account| account.state == AccountState::Active)
        {
            if let Err(error) = self.refresh(account.id.as_str()).await {
                tracing::info!(code = %error.code(), "a profile was not read again");
            }
        }
    }

    async fn read_profile(&self, row: &AccountRow) -> Result<()> {
        if row.is_local() {
            return Ok(());
        }
        let mut given = self.sessions.valid_session(row, RefreshPolicy::WhenNeeded).await?;
        // The configuration may have changed since the sign-in.
        let entry = self.sessions.bound_entry(row, &given, PROFILE_ENDPOINTS).await?;
        let is_public = entry.oauth.provider.is_atproto();
        if !is_public && entry.oauth.endpoints.userinfo.is_none() {
            // The whole profile of this issuer is in the id_token of the sign-in.
            return Ok(());
        }
        let read = match self.read_with(row, &entry, &given.tokens()?).await {
            // The token was revoked, or had no expiry: tried again with a new one. Only the token
            // endpoint can end the session.
            Err(error) if userinfo::is_token_refusal(&error) && given.refresh_token().is_some() => {
                given = self.sessions.valid_session(row, RefreshPolicy::Always).await?;
                self.read_with(row, &entry, &given.tokens()?).await?
            }
            Err(error) if error.kind() == ErrorKind::SessionEnded => {
                return self.sessions.end_if_unchanged(row, &given.access_token()).await;
            }
            read => read?,
        };
        if read.profile.subject != row.subject {
            return Err(Error::new(Code::UserinfoMismatch));
        }
        let mut notes: Vec<Code> = read.notes.iter().copied().map(Code::from).collect();
        let mut read = read;
        let avatar = match self.pictures.download(&entry, read.picture, &given.tokens()?).await {
            Ok(avatar) => {
                if avatar.is_none() {
                    read.profile.picture = None;
                }
                avatar
            }
            Err(_) => {
                notes.push(Code::PictureRefused);
                None
            }
        };
        let email_trusted = entry.trusts(read.email_trusted);
        let read = (read.profile, email_trusted);
        let (profile, email_trusted) =
            profile_merge::with_stored(&self.context, row, &entry, read, &notes)?;
        let _lock = account_storage::lock(&self.context, row.identity()).await?;
        // The account may have been signed out, or signed in again, during the request.
        let now = self.context.store.account(&row.id)?;
        if now.state != AccountState::Active || now.owner != row.owner {
            return Ok(());
        }
        let stored = account_storage::session(&self.context, row.storage(), &row.id).await?;
        if stored.is_none_or(|stored| stored.differs_from(&given)) {
            return Ok(());
        }
        self.context.store.activate(
            &row.id,
            &SignInRecord {
                provider: &entry.oauth.id,
                label: &entry.label,
                identity: row.identity(),
                profile: &profile,
                email_trusted,
                picture: avatar.as_ref(),
                scopes: &given.scopes,
                lifetime: given.lifetime(),
                notes: &notes,
                owner: row.owner.as_deref(),
                now: self.context.now(),
            },
        )?;
        self.context.events.changed();
        Ok(())
    }

    async fn read_with(
        &self,
        row: &AccountRow,
        entry: &Entry,
        tokens: &TokenResponse,
    ) -> native_oauth::Result<Userinfo> {
        // The identity was verified at sign-in.
        let known = KnownIdentity::Subject(row.subject.clone());
        let client = Client::new(self.context.http_for(entry).clone(), entry.oauth.clone());
        client.userinfo(tokens, known).await
    }
}
