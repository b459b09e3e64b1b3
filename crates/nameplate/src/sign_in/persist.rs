//! Stores the account of a sign-in, as described in [`account_storage`].

use native_oauth::identify::AuthenticationResult;
use native_oauth::userinfo::Userinfo;

use super::SignIns;
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::ids::{AccountId, UserId};
use crate::intent::Intent;
use crate::store::{AttemptRow, Identity, SignInRecord, TrustedIssuers};
use crate::stored_session::Session;
use crate::vault::TokenStorage;
use crate::{account_storage, profile_merge};

impl SignIns {
    /// Stores the account. After an error, a new account is removed again.
    pub(super) async fn persist(
        &self,
        row: &AttemptRow,
        entry: &Entry,
        result: AuthenticationResult,
    ) -> Result<UserId> {
        let AuthenticationResult { userinfo, tokens, issuer, nonce } = result;
        let Userinfo { profile, email_trusted, picture, notes } = userinfo;
        let email_trusted = entry.trusts(email_trusted);
        let notes: Vec<Code> = notes.into_iter().map(Code::from).collect();
        let subject = profile.subject.clone();
        let identity = Identity {
            issuer: &issuer,
            subject: &subject,
            client: entry.oauth.provider.subjects.client(&entry.oauth.client()?.id),
        };
        let store = &self.context.store;
        let _lock = account_storage::lock(&self.context, identity).await?;
        let known = store.account_of(identity)?;
        self.check_identity(&row.intent, known.as_ref(), &profile.display_name(&entry.label))?;
        let (profile, email_trusted) = match &known {
            Some(id) if notes.contains(&Code::UserinfoUnavailable) => {
                let (row, read) = (store.account(id)?, (profile, email_trusted));
                profile_merge::with_stored(&self.context, &row, entry, read, &notes)?
            }
            Some(_) | None => (profile, email_trusted),
        };
        let id = known.clone().unwrap_or_else(AccountId::random);
        let former = account_storage::session(&self.context, row.storage, &id).await?;
        let session = Session::new(&tokens, &entry.oauth, former.as_ref(), self.context.now())?;
        let session = session.begun_with(entry, nonce, &tokens);
        let record = SignInRecord {
            provider: &entry.oauth.id,
            label: &entry.label,
            identity,
            profile: &profile,
            email_trusted,
            picture: None,
            scopes: &tokens.scopes,
            lifetime: session.lifetime(),
            notes: &notes,
            owner: (row.storage == TokenStorage::Memory).then_some(&self.context.process.id),
            now: self.context.now(),
        };
        if known.is_none() {
            let user = match &row.intent {
                Intent::AddTo(user) => Some(user),
                Intent::SignIn
                | Intent::Reauthenticate(_)
                | Intent::MoreScopes(_)
                | Intent::ExtraGrant(_) => None,
            };
            store.reserve(&id, user, &record)?;
        }
        let (vaults, name, text) = (&self.context.vaults, id.as_str(), session.text());
        let stored = match known {
            // The item exists, so a write that completes after the time limit does no harm.
            Some(_) => vaults.put(row.storage, name, text).await,
            None => vaults.put_new(row.storage, name, text).await,
        };
        if let Err(error) = stored {
            if known.is_none() {
                store.remove(&id)?;
            }
            return Err(error.into());
        }
        let user = account_storage::activate(&self.context, row.storage, &id, &record).await?;
        let revision = store.revision(&id)?;
        // A known account is named by what the engine knows of it.
        if let Some(server) = &row.server
            && row.intent.account().is_none()
        {
            store.note_named_server(&row.provider, server, self.context.now())?;
        }
        store.note_provider(&row.provider)?;
        self.revocations.delete_given_up().await?;
        store.show(&user)?;
        if known.is_none() && row.intent == Intent::SignIn {
            store.offer_link(&id, &TrustedIssuers::of(&self.context.config()))?;
        }
        self.pictures.start(id, revision, entry.clone(), picture, tokens);
        Ok(user)
    }

    /// Checks that the account is the requested one, or belongs to the requested user. `name` is
    /// that of the account, for the error.
    fn check_identity(&self, intent: &Intent, known: Option<&AccountId>, name: &str) -> Result<()> {
        if let Some(expected) = intent.account().filter(|expected| known != Some(expected)) {
            let expected = self.context.store.account(expected)?;
            let names = format!("{} / {name}", expected.nickname);
            return Err(Error::new(Code::OtherAccount).with_detail(names));
        }
        let (Intent::AddTo(user), Some(known)) = (intent, known) else { return Ok(()) };
        match self.context.store.account(known)?.user == *user {
            true => Ok(()),
            false => Err(Error::new(Code::AccountElsewhere).with_detail(name)),
        }
    }
}
