//! Reads profiles again: when the window opens, and on request.

use native_oauth::provider::{Endpoint, IdTokenClaims};
use native_oauth::token_request::TokenResponse;
use native_oauth::userinfo::{self, KnownIdentity, Userinfo};
use native_oauth::{Client, ErrorKind, Profile};

use super::{Login, RefreshPolicy};
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::session::Session;
use crate::store::{AccountRow, SignInRecord};
use crate::user::{AccountId, AccountState};

/// Endpoints of which one is needed to read a profile.
const PROFILE_ENDPOINTS: &[&str] =
    &["userinfo_endpoint", "people_endpoint", "emails_endpoint", "photo_endpoint"];

impl Login {
    /// Reads the profile of an account again.
    ///
    /// # Errors
    /// As [`Login::access_token`]; [`Code::UserinfoMismatch`] if the subject differs.
    pub async fn refresh_profile(&self, account: &str) -> Result<()> {
        let row = self.0.store.account(&AccountId::from(account.to_owned()))?;
        self.read_profile(&row).await.map_err(|error| error.at(&row.provider))
    }

    /// Reads the profiles of the shown user again. If the provider is not reachable, nothing is
    /// sent and no keychain item is opened.
    pub async fn refresh_shown_profiles(&self) {
        self.look_outside().await;
        let Ok(Some(user)) = self.shown_user() else { return };
        if self.is_offline() {
            return;
        }
        if !self.unsent_revocations().is_empty()
            && let Err(error) = self.recover().await
        {
            tracing::warn!(code = %error.code(), "recovery is tried again later");
        }
        for account in user.accounts.iter().filter(|account| account.state == AccountState::Active)
        {
            if let Err(error) = self.refresh_profile(account.id.as_str()).await {
                tracing::info!(code = %error.code(), "a profile was not read again");
            }
        }
    }

    async fn read_profile(&self, row: &AccountRow) -> Result<()> {
        if row.is_local() {
            return Ok(());
        }
        let mut given = self.valid_session(row, RefreshPolicy::WhenNeeded).await?;
        // The configuration may have changed since the sign-in.
        let entry = self.entry_of(row, &given, PROFILE_ENDPOINTS).await?;
        if entry.oauth.endpoint(Endpoint::Userinfo).is_none() {
            // The whole profile of this issuer is in the id_token of the sign-in.
            return Ok(());
        }
        let read = match self.read_with(row, &entry, &given).await {
            // The token was revoked, or had no expiry: tried again with a new one. Only the token
            // endpoint can end the session.
            Err(error) if userinfo::is_token_refusal(&error) && given.refresh_token().is_some() => {
                given = self.valid_session(row, RefreshPolicy::Always).await?;
                self.read_with(row, &entry, &given).await?
            }
            Err(error) if error.kind() == ErrorKind::SessionEnded => {
                return self.end_if_still(row, &given.access_token()).await;
            }
            read => read?,
        };
        if read.profile.subject != row.subject {
            return Err(Error::new(Code::UserinfoMismatch));
        }
        let mut notes: Vec<Code> = read.notes.iter().copied().map(Code::from).collect();
        let mut read = read;
        let avatar = match self.picture(&entry, read.picture, &tokens(&given)).await {
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
        let email_trusted = read.email_trusted && entry.trusts_email;
        let read = (read.profile, email_trusted);
        let (profile, email_trusted) = self.merge_stored_profile(row, &entry, read, &notes)?;
        let _lock = self.lock_account(row.identity()).await?;
        // The account may have been signed out, or signed in again, during the request.
        let now = self.0.store.account(&row.id)?;
        if now.state != AccountState::Active || now.owner != row.owner {
            return Ok(());
        }
        let stored = self.session(row.storage(), &row.id).await?;
        if stored.is_none_or(|stored| stored.differs_from(&given)) {
            return Ok(());
        }
        self.0.store.activate(
            &row.id,
            &SignInRecord {
                provider: &entry.oauth.id,
                label: &entry.label,
                identity: row.identity(),
                profile: &profile,
                email_trusted,
                picture: avatar.as_ref(),
                scopes: &given.scopes,
                expires_at: given.expires_at,
                notes: &notes,
                owner: row.owner.as_deref(),
                now: self.now(),
            },
        )?;
        self.tell(Event::Changed);
        Ok(())
    }

    async fn read_with(
        &self,
        row: &AccountRow,
        entry: &Entry,
        given: &Session,
    ) -> native_oauth::Result<Userinfo> {
        let tokens = tokens(given);
        // The identity was verified at sign-in.
        let known = KnownIdentity::Subject(row.subject.clone());
        let client = Client::new(self.0.http.clone(), entry.oauth.clone());
        client.userinfo(&tokens, known).await
    }

    /// Completes a profile with stored values that could not be read again: extras that were not
    /// reachable, and claims of the sign-in's id_token. A stored address stays as trusted as it
    /// was.
    pub(super) fn merge_stored_profile(
        &self,
        row: &AccountRow,
        entry: &Entry,
        (read, email_trusted): (Profile, bool),
        notes: &[Code],
    ) -> Result<(Profile, bool)> {
        let users = self.0.store.users()?;
        let user = users.iter().find(|user| user.id == row.user);
        let account =
            user.and_then(|user| user.accounts.iter().find(|account| account.id == row.id));
        let (Some(user), Some(account)) = (user, account) else { return Ok((read, email_trusted)) };
        let trusted_before = row.email_trusted && entry.trusts_email && read.email.is_none();
        let noted = |codes: &[Code]| notes.iter().any(|note| codes.contains(note));
        let keeps = match entry.oauth.provider.id_token_claims {
            _ if noted(&[Code::UserinfoUnavailable]) => IdTokenClaims::Alone,
            IdTokenClaims::Repeated if noted(&[Code::EmailUnavailable]) => {
                IdTokenClaims::NameAndAddress
            }
            keeps => keeps,
        };
        let read = match keeps {
            IdTokenClaims::Alone => {
                let picture = read.picture.clone().or_else(|| user.avatar.clone());
                Profile { picture, ..user.complete_extras(account.complete(read)) }
            }
            IdTokenClaims::NameAndAddress => account.complete(read),
            IdTokenClaims::Repeated => read,
        };
        let profile = match noted(&[Code::ExtraRefused, Code::ExtraUnavailable]) {
            true => user.complete_extras(read),
            false => read,
        };
        let email_trusted = email_trusted || (trusted_before && profile.email.is_some());
        Ok((profile, email_trusted))
    }
}

/// The token response for the profile requests.
fn tokens(given: &Session) -> TokenResponse {
    TokenResponse::of_access(given.access_token(), given.scopes.clone())
}
