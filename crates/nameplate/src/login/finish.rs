//! An answer, from whichever channel: matched, claimed once, exchanged, and stored.

use native_oauth::Client;
use native_oauth::authorization_request::{self, PendingSecrets};
use native_oauth::authorization_response::{
    self, AuthorizationCode, AuthorizationResponse, Outcome as ResponseOutcome,
};
use native_oauth::client::AuthenticationResult;
use native_oauth::id_token::IdTokenContext;
use native_oauth::provider::Channel;
use native_oauth::provider_config::IssRule;
use native_oauth::{discovery, redirect::private_use_scheme};
use secrecy::SecretString;

use super::Login;
use super::begin::attempt_item;
use crate::bot::{Bot, Guild};
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::failpoint;
use crate::store::{AttemptRow, Claim, Ended, Outcome};
use crate::user::{Intent, User};
use crate::vault::{TokenStorage, VaultError};

/// An answer that only this caller may use.
pub(super) struct Claimed {
    row: AttemptRow,
    secrets: PendingSecrets,
    verdict: Result<AuthorizationCode>,
}

/// What an answer came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// Somebody is signed in.
    SignedIn(Box<User>),
    /// A bot was added to a server.
    BotAdded(Bot),
}

impl Done {
    /// Who is signed in.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`] where it was about something else.
    pub fn user(self) -> Result<User> {
        match self {
            Self::SignedIn(user) => Ok(*user),
            Self::BotAdded(bot) => Err(Error::new(Code::UnknownAccount).detail(bot.guild.name)),
        }
    }
}

impl Login {
    /// Takes an answer: from the operating system, from a port, or from the clipboard.
    ///
    /// # Errors
    /// Where nothing waits for it, where it is not what was asked for, or as the sign-in ends.
    /// An answer that matches nothing changes nothing (S15, S21).
    pub async fn take(&self, address: &str) -> Result<Done> {
        let claimed = self.claim(address).await?;
        let login = self.clone();
        // A caller that goes away does not take the sign-in with it.
        let ended = tokio::spawn(async move { login.complete(claimed).await }).await;
        self.done(ended.map_err(|_| Error::new(Code::StoreFailed))??)
    }

    /// Takes an answer as [`Login::take`] does, where it signs somebody in.
    ///
    /// # Errors
    /// As of [`Login::take`].
    pub async fn finish(&self, address: &str) -> Result<User> {
        self.take(address).await?.user()
    }

    /// The provider whose answer it is, if anything waits for it.
    pub fn provider_of(&self, address: &str) -> Option<String> {
        let hash =
            authorization_request::hash_of(&authorization_response::parse(address).ok()?.state)?;
        Some(self.0.store.attempt(&hash).ok()??.provider)
    }

    /// What it came to, for whoever asked.
    pub(super) fn done(&self, ended: Ended) -> Result<Done> {
        let id = match ended {
            Ended::SignedIn(id) => id,
            Ended::BotAdded(bot) => return Ok(Done::BotAdded(bot)),
        };
        let user = self.users()?.into_iter().find(|user| user.id == id);
        Ok(Done::SignedIn(Box::new(
            user.ok_or_else(|| Error::new(Code::UnknownAccount).detail(&id))?,
        )))
    }

    /// Takes an answer as [`Login::finish`] does, and does not wait for how it ends: that is
    /// news.
    ///
    /// # Errors
    /// Where the answer is not taken.
    pub async fn answer(&self, address: &str) -> Result<()> {
        let claimed = self.claim(address).await?;
        let login = self.clone();
        tokio::spawn(async move { login.complete(claimed).await });
        Ok(())
    }

    /// Matches an answer with its attempt and takes it, once, across processes.
    pub(super) async fn claim(&self, address: &str) -> Result<Claimed> {
        let answer = authorization_response::parse(address)?;
        let row = self.attempt_for(&answer)?;
        let at = row.provider.clone();
        let name = attempt_item(&row.hash);
        // Only now the vault: a stranger's answer has not come this far.
        let kept = self.vault(row.storage, move |vault| vault.get(&name)).await;
        let secrets = match kept {
            Ok(text) => PendingSecrets::parse(&text).ok_or(Error::new(Code::UnknownState))?,
            Err(VaultError::NotFound) => return Err(Error::new(Code::UnknownState)),
            Err(error) => return Err(Error::from(error).at(&at)),
        };
        if !authorization_request::verify_state(&secrets, &answer.state, self.now()) {
            return Err(Error::new(Code::UnknownState));
        }
        let verdict = self.judge(&row, &secrets, answer);
        self.claim_attempt(&row)?;
        Ok(Claimed { row, secrets, verdict })
    }

    /// Takes an attempt for this caller alone.
    pub(super) fn claim_attempt(&self, row: &AttemptRow) -> Result<()> {
        match self.0.store.claim(&row.hash, &self.0.owner.id, self.now()) {
            Err(error) => {
                let error = error.at(&row.provider);
                // A database that is busy lets the same answer be taken later.
                if error.code() != Code::StoreBusy {
                    self.end_unwritten(row, Err(error.clone()));
                }
                Err(error)
            }
            Ok(Claim::Taken) => Err(Error::new(Code::AlreadyUsed)),
            Ok(Claim::Ours) => {
                self.forget_unwritten(&row.sign_in);
                self.look_at_waiting();
                self.tell(Event::Changed);
                Ok(())
            }
        }
    }

    fn attempt_for(&self, answer: &AuthorizationResponse) -> Result<AttemptRow> {
        let hash =
            authorization_request::hash_of(&answer.state).ok_or(Error::new(Code::UnknownState))?;
        let row = self.0.store.attempt(&hash)?.ok_or(Error::new(Code::UnknownState))?;
        if row.claimed {
            return Err(Error::new(Code::AlreadyUsed));
        }
        if let Some(Outcome::Failed { code, .. }) = row.outcome {
            return Err(Error::new(code).at(&row.provider));
        }
        if row.expires_at <= self.now() {
            return Err(Error::new(Code::TimedOut).at(&row.provider));
        }
        if !came_back_to(&row, answer, &self.0.home.scheme()) {
            return Err(Error::new(Code::WrongRedirect).at(&row.provider));
        }
        Ok(row)
    }

    /// The code that was granted. Whose answer it is comes first, of granted and denied ones alike
    /// (RFC 9207).
    fn judge(
        &self,
        row: &AttemptRow,
        secrets: &PendingSecrets,
        answer: AuthorizationResponse,
    ) -> Result<AuthorizationCode> {
        let config = self.config();
        let entry = config.entry(&row.provider)?;
        match (&answer.iss, secrets.iss) {
            (Some(iss), _) if !entry.oauth.is_issuer(iss) => {
                return Err(Error::new(Code::IssuerMismatch).detail(iss));
            }
            (None, IssRule::Required) => return Err(Error::new(Code::IssuerMissing)),
            (Some(_) | None, _) => {}
        }
        match answer.outcome {
            ResponseOutcome::Code(code) => Ok(code),
            ResponseOutcome::Error(error_response) => {
                Err(error_response.explain(entry.oauth.provider).into())
            }
        }
    }

    /// Uses a claimed answer, and writes down how it ended: a claimed attempt is never retried.
    pub(super) async fn complete(&self, claimed: Claimed) -> Result<Ended> {
        let Claimed { row, secrets, verdict } = claimed;
        let result = self.use_answer(&row, secrets, verdict).await;
        self.conclude(&row, result).await
    }

    /// Writes down how a claimed attempt ended.
    pub(super) async fn conclude(&self, row: &AttemptRow, ended: Result<Ended>) -> Result<Ended> {
        let provider = &row.provider;
        let ended = ended.map_err(|error| error.at(provider));
        match &ended {
            Ok(end) => {
                match end {
                    Ended::SignedIn(_) => tracing::info!(provider, "signed in"),
                    Ended::BotAdded(bot) => self.show_bot(bot),
                }
                self.set_offline(false);
            }
            Err(error) => tracing::warn!(provider, code = %error.code(), "a sign-in failed"),
        }
        if let Err(error) = self.0.store.conclude(&row.hash, &Outcome::from(&ended)) {
            tracing::error!(%error, "the outcome of a sign-in could not be written");
            self.end_unwritten(row, ended.clone());
        }
        self.look_at_waiting();
        self.tell(Event::Changed);
        self.clear_attempts().await;
        ended
    }

    async fn use_answer(
        &self,
        row: &AttemptRow,
        secrets: PendingSecrets,
        verdict: Result<AuthorizationCode>,
    ) -> Result<Ended> {
        let code = verdict?;
        let mut entry = self.discovered(self.config().ready(&row.provider)?).await?;
        self.ask_for_scopes(&mut entry, &row.intent)?;
        let client = self.client(&entry).await?;
        let tokens = client.exchange(code, &row.redirect_uri, &secrets).await?;
        if let Intent::AddBot(permissions) = row.intent {
            // The tokens are dropped and not revoked: at Discord that would end every session that
            // the person has with the application.
            let guild = Guild::read(&tokens.extra)?;
            return Ok(Ended::BotAdded(Bot { provider: entry.oauth.id, guild, permissions }));
        }
        let context = IdTokenContext::Code { nonce: &secrets.nonce, now: self.now() };
        let signed_in = client.identify(tokens, context).await?;
        failpoint::hit();
        self.file_unless_cancelled(row, &entry, signed_in).await
    }

    /// Files what came of an answer, unless the person has cancelled since.
    pub(super) async fn file_unless_cancelled(
        &self,
        row: &AttemptRow,
        entry: &Entry,
        signed_in: AuthenticationResult,
    ) -> Result<Ended> {
        if let Some(code) = self.waiting().stopped(&row.sign_in) {
            return Err(Error::new(code));
        }
        self.file(row, entry, signed_in).await.map(Ended::SignedIn)
    }

    /// An entry with its issuer's metadata; one that needs no discovery as it is.
    pub(super) async fn discovered(&self, entry: &Entry) -> Result<Entry> {
        let oauth = discovery::complete(&self.0.http, &entry.oauth).await?;
        Ok(Entry { oauth, ..entry.clone() })
    }

    /// The client of an entry, with its secret, wherever that is kept.
    pub(super) async fn client(&self, entry: &Entry) -> Result<Client> {
        let secret = self.client_secret(entry).await?;
        let mut oauth = entry.oauth.clone();
        if let Some(client) = &mut oauth.client {
            client.secret = secret;
        }
        Ok(Client::new(self.0.http.clone(), oauth))
    }

    /// The configured secret, else the one that the keychain has for this client.
    pub(super) async fn client_secret(&self, entry: &Entry) -> Result<Option<SecretString>> {
        let client = entry.oauth.client()?;
        if client.secret.is_some() {
            return Ok(client.secret.clone());
        }
        // A note tells whether there is one: without it no keychain is opened, nor has to be.
        if !self.has_stored_client_secret(&entry.oauth.id, &client.id) {
            return Ok(None);
        }
        let name = client_entry(&entry.oauth.id, &client.id);
        match self.vault(TokenStorage::Keychain, move |vault| vault.get(&name)).await {
            Ok(secret) => Ok(Some(secret)),
            Err(VaultError::NotFound | VaultError::Absent) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// The name of the vault entry that holds a client's secret.
pub(crate) fn client_entry(provider: &str, client_id: &str) -> String {
    format!("client.{provider}.{client_id}")
}

/// Whether the answer came back to where the attempt asked for (S7). A browser that insists on
/// https turns the scheme of a loopback address, and the person pastes what it shows. A page that
/// hands over opens the deep link; where that fails, its own address has the answer in it.
fn came_back_to(row: &AttemptRow, answer: &AuthorizationResponse, scheme: &str) -> bool {
    let handed_over =
        || answer.redirect_uri == private_use_scheme::redirect_uri(scheme, &row.provider);
    let upgraded = || {
        let plain = answer.redirect_uri.strip_prefix("https://");
        plain.is_some_and(|rest| row.redirect_uri.strip_prefix("http://") == Some(rest))
    };
    match row.channel {
        Channel::DeepLink => answer.redirect_uri == row.redirect_uri,
        Channel::Loopback | Channel::Paste => answer.redirect_uri == row.redirect_uri || upgraded(),
        Channel::Bounce => answer.redirect_uri == row.redirect_uri || handed_over(),
        // Its answer is never an address.
        Channel::Device => false,
    }
}
