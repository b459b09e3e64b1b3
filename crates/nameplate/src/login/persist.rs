//! Filing a sign-in, in three writes: the row, the session, the row again.

use native_oauth::client::AuthenticationResult;
use native_oauth::userinfo::Userinfo;

use super::Login;
use super::picture::Stored;
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::session::Session;
use crate::store::{AttemptRow, Identity, SignInRecord};
use crate::user::{AccountId, Intent, UserId};
use crate::vault::TokenStorage;

impl Login {
    /// Files what a provider granted and said. Nothing is left of one that cannot be kept.
    pub(super) async fn file(
        &self,
        row: &AttemptRow,
        entry: &Entry,
        signed_in: AuthenticationResult,
    ) -> Result<UserId> {
        let AuthenticationResult { read, tokens, issuer, nonce } = signed_in;
        let Userinfo { profile, email_trusted, picture, notes } = read;
        let email_trusted = email_trusted && entry.trusts_email;
        let notes: Vec<Code> = notes.into_iter().map(Code::from).collect();
        let subject = profile.subject.clone();
        let identity = Identity {
            issuer: &issuer,
            subject: &subject,
            client: entry.oauth.provider.subjects.client(&entry.oauth.client()?.id),
        };
        let _lock = self.lock_account(identity).await?;
        let known = self.0.store.account_of(identity)?;
        self.check_identity(&row.intent, known.as_ref(), &profile.display_name(&entry.label))?;
        let (profile, email_trusted) = match &known {
            Some(id) if notes.contains(&Code::UserinfoUnavailable) => {
                let row = self.0.store.account(id)?;
                self.merge_stored_profile(&row, entry, (profile, email_trusted), &notes)?
            }
            Some(_) | None => (profile, email_trusted),
        };
        let id = known.clone().unwrap_or_else(AccountId::random);
        let former = self.session(row.storage, &id).await?;
        let session = Session::new(&tokens, &entry.oauth, former.as_ref(), self.now())?;
        let session = session.begun_with(nonce, &tokens);
        let record = SignInRecord {
            provider: &entry.oauth.id,
            label: &entry.label,
            identity,
            profile: &profile,
            email_trusted,
            picture: None,
            scopes: &tokens.scopes,
            expires_at: session.expires_at,
            notes: &notes,
            owner: (row.storage == TokenStorage::Memory).then_some(&self.0.owner.id),
            now: self.now(),
        };
        if known.is_none() {
            let user = match &row.intent {
                Intent::AddTo(user) => Some(user),
                Intent::SignIn
                | Intent::Reauthenticate(_)
                | Intent::MoreScopes(_)
                | Intent::AddBot(_) => None,
            };
            self.0.store.reserve(&id, user, &record)?;
        }
        let (name, text) = (id.to_string(), session.text());
        let kept = match known {
            // The entry is there; a late write only makes it newer.
            Some(_) => self.vault(row.storage, move |vault| vault.put(&name, &text)).await,
            None => self.put_new(row.storage, name, text).await,
        };
        if let Err(error) = kept {
            // A sign-in that cannot be kept has not happened.
            if known.is_none() {
                self.0.store.remove(&id)?;
            }
            return Err(error.into());
        }
        let user = self.activate(row.storage, &id, &record).await?;
        let stored = Stored { revision: self.0.store.revision(&id)?, account: id.clone() };
        self.drop_given_up().await?;
        self.0.store.show(&user)?;
        if known.is_none() && row.intent == Intent::SignIn {
            self.0.store.offer_link(&id, &self.trusted_issuers())?;
        }
        self.fetch_picture(stored, entry.clone(), picture, tokens);
        Ok(user)
    }

    /// Last write of a sign-in. Where its row is gone, because everything was forgotten meanwhile,
    /// the entry goes as well.
    pub(super) async fn activate(
        &self,
        storage: TokenStorage,
        id: &AccountId,
        record: &SignInRecord<'_>,
    ) -> Result<UserId> {
        let activated = self.0.store.activate(id, record);
        if activated.is_err() {
            let row = self.0.store.account(id);
            if row.is_err_and(|error| error.code() == Code::UnknownAccount) {
                self.delete_session(storage, id).await?;
            }
        }
        activated
    }

    /// Whether whoever came back is who the sign-in was for.
    fn check_identity(&self, intent: &Intent, known: Option<&AccountId>, came: &str) -> Result<()> {
        if let Some(expected) = intent.account().filter(|expected| known != Some(expected)) {
            let expected = self.0.store.account(expected)?;
            let names = format!("{} / {came}", expected.nickname);
            return Err(Error::new(Code::SomebodyElse).detail(names));
        }
        let (Intent::AddTo(user), Some(known)) = (intent, known) else { return Ok(()) };
        match self.0.store.account(known)?.user == *user {
            true => Ok(()),
            false => Err(Error::new(Code::AccountElsewhere).detail(came)),
        }
    }
}
