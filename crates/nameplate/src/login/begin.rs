//! Beginning a sign-in: everything that can fail is tried before the browser opens.

use std::sync::Arc;

use native_oauth::Client;
use native_oauth::authorization_request::RequestEntropy;
use native_oauth::device_authorization::{DeviceAuthorization, UserCodePrompt};
use native_oauth::discovery::{self, requirements};
use native_oauth::provider::Channel;
use native_oauth::redirect::loopback::{Loopback, Peer, Reception, Visit};
use native_oauth::redirect::page::{Page, Pages};
use native_oauth::redirect::private_use_scheme;
use secrecy::SecretString;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Duration, Instant};

use super::Login;
use super::waiting::{Live, Waits};
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::messages::messages;
use crate::store::{AccountRow, AttemptRow, Ended, Outcome};
use crate::user::{AccountState, Intent};
use crate::vault::TokenStorage;

/// How long a sign-in may take, in seconds.
const LIFETIME: i64 = 600;
/// What adding a bot asks for.
const BOT_SCOPES: [&str; 2] = ["identify", "bot"];
/// Shortens it in a run with a home of its own.
const LIFETIME_VARIABLE: &str = "NAMEPLATE_SIGN_IN_SECONDS";

/// How long a browser that has tried https has to try http. Many do so by themselves.
pub(super) const HTTPS_GRACE: Duration = Duration::from_secs(2);

/// A wish to sign in.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The provider entry's id.
    pub provider: String,
    /// What it is for.
    pub intent: Intent,
    /// How the answer is to come back; `None` for the entry's best.
    pub channel: Option<Channel>,
    /// Where the session is to be kept.
    pub storage: TokenStorage,
}

/// A sign-in under way.
#[derive(Debug, Clone)]
pub struct Begun {
    /// Which.
    pub sign_in: String,
    /// The authorization request, to be shown to the person.
    pub url: String,
    /// What to tell this machine's browser to open: a link to `url` that works once, where the
    /// method has a port. Every user of the machine can read the arguments of a launcher.
    pub start_url: String,
    /// Where the answer will come back to.
    pub redirect_uri: String,
    /// When it is over, in seconds since 1970.
    pub expires_at: i64,
    /// What the person enters elsewhere, where it is done so.
    pub device: Option<UserCodePrompt>,
}

/// Who takes the answer in this process.
pub(super) enum Receiver {
    /// Nobody until it is brought: by the operating system, or by the person.
    None,
    /// A port.
    Port(Loopback),
    /// Whoever asks the provider for it.
    Polls(DeviceAuthorization),
}

impl Receiver {
    /// A port for the start link alone. The answer needs none, so that it goes without one, too.
    async fn for_start() -> Self {
        Loopback::bind_for_start().await.map_or(Self::None, Self::Port)
    }

    /// What the browser is told to open for an authorization request.
    fn start_url(&mut self, authorize_url: &str) -> String {
        match self {
            Self::Port(port) => port.start_link(authorize_url),
            Self::None | Self::Polls(_) => authorize_url.to_owned(),
        }
    }
}

impl Login {
    /// Begins a sign-in. When it returns, the receiver listens and the browser may open. A
    /// sign-in at another provider that waits in this process is superseded; one at the same
    /// provider gets another attempt, and its earlier channels stay open (N3).
    ///
    /// # Errors
    /// Where the provider is not set up, the keychain cannot be used, no port is free, or the
    /// issuer cannot be discovered. Nothing is left behind.
    pub async fn begin(&self, ask: Ask) -> Result<Begun> {
        // Two wishes at once would be two sign-ins in one place.
        let _one = self.0.beginning.lock().await;
        let wish = ask.clone();
        let begun = self.try_begin(ask).await.map_err(|error| error.at(&wish.provider));
        if let Err(error) = &begun {
            let mut waiting = self.waiting();
            (waiting.problem, waiting.failed) = (Some(error.clone()), Some(wish));
            drop(waiting);
            self.tell(Event::Changed);
        }
        begun
    }

    async fn try_begin(&self, ask: Ask) -> Result<Begun> {
        let config = self.config();
        let entry = config.ready(&ask.provider)?;
        let channel = choose(entry, ask.channel)?;
        self.vault(ask.storage, |vault| vault.ready()).await?;
        self.recover().await?;
        let mut entry = self.discovered(entry).await?;
        discovery::check_algorithms(&entry.oauth)?;
        // Whoever signs in shall not find out only after the browser.
        self.0.http.check_retry_after(entry.oauth.token_endpoint()?)?;
        if channel != Channel::Device {
            requirements::check(entry.oauth.unsupported.as_deref())?;
        }
        self.widen(&mut entry, &ask.intent)?;
        entry.oauth.has_refresh_token = self.has_refresh_token(&entry, &ask).await;
        let sign_in = self.sign_in_for(&ask, channel)?;
        if channel == Channel::Device {
            return self.begin_by_device(ask, &entry, sign_in).await;
        }
        let (mut receiver, redirect_uri) = self.receiver(&entry, channel).await?;
        let expires_at = self.now() + self.lifetime();
        let client = Client::new(self.0.http.clone(), entry.oauth.clone());
        let prepared =
            client.authorization_request(&redirect_uri, RequestEntropy::random(), expires_at)?;
        let row = AttemptRow {
            hash: prepared.hash.clone(),
            sign_in: sign_in.clone(),
            provider: entry.oauth.id.clone(),
            intent: ask.intent,
            channel,
            storage: ask.storage,
            redirect_uri: redirect_uri.clone(),
            owner: self.0.owner.id.clone(),
            expires_at,
            claimed: false,
            outcome: None,
        };
        self.store_attempt_secrets(&row, prepared.secrets.text()).await?;
        self.end_replaced(&row)?;
        let url = prepared.url;
        let start_url = receiver.start_url(&url);
        let waits = Waits { url: Some(url.clone()), channels: entry.ways_back() };
        self.start_waiting(&row, waits, receiver);
        Ok(Begun { sign_in, url, start_url, redirect_uri, expires_at, device: None })
    }

    /// Whoever begins again by the same method may do so because the browser never came, and
    /// somebody else opened the start link in its place: no answer to the former attempt counts.
    fn end_replaced(&self, row: &AttemptRow) -> Result<()> {
        let former = self.0.store.attempts_of(&row.sign_in)?;
        let replaced = former.iter().filter(|f| f.channel == row.channel && f.hash != row.hash);
        for former in replaced {
            self.0.store.end_attempt(&former.hash, &Outcome::of(&Code::Superseded.into()))?;
        }
        Ok(())
    }

    /// Whether the account that is to come back has a refresh token that nothing speaks against: it
    /// stays where the sign-in brings no other. Only an issuer of one's own makes a difference of
    /// it.
    async fn has_refresh_token(&self, entry: &Entry, ask: &Ask) -> bool {
        let Some(account) = ask.intent.account().filter(|_| entry.oauth.is_discovered()) else {
            return false;
        };
        let active = |row: AccountRow| row.state == AccountState::Active;
        if !self.0.store.account(account).is_ok_and(active) {
            return false;
        }
        match self.session(ask.storage, account).await {
            Ok(Some(session)) => {
                session.refresh_token().is_some() && session.check_belongs(entry).is_ok()
            }
            Ok(None) | Err(_) => false,
        }
    }

    /// Asks for what the intent is about: which account, or more scopes than before.
    fn widen(&self, entry: &mut Entry, intent: &Intent) -> Result<()> {
        match intent {
            // Whoever is here already must not be signed in again in silence (U20).
            Intent::SignIn => {
                entry.oauth.asks_for_account = self.has_account_at(&entry.oauth.id)?
            }
            Intent::AddTo(user) => {
                self.known_user(user.as_str())?;
                entry.oauth.asks_for_account = true;
            }
            Intent::Reauthenticate(_) | Intent::MoreScopes(_) | Intent::AddBot(_) => {}
        }
        self.ask_for_scopes(entry, intent)
    }

    /// The scopes that the intent is about. They count again where an answer names none, which
    /// grants what was asked for (RFC 6749, section 5.1).
    pub(super) fn ask_for_scopes(&self, entry: &mut Entry, intent: &Intent) -> Result<()> {
        match intent {
            Intent::SignIn | Intent::AddTo(_) => {}
            // Whoever was granted more shall not come back with less.
            Intent::Reauthenticate(account) => {
                ask_for(entry, self.0.store.account(account)?.scopes);
            }
            Intent::MoreScopes(account) => {
                let granted = self.0.store.account(account)?.scopes;
                let more =
                    entry.oauth.provider.optional_scopes.iter().map(|&scope| scope.to_owned());
                ask_for(entry, granted.into_iter().chain(more));
            }
            Intent::AddBot(permissions) => {
                // With a scope beside `bot` the answer comes back with a code, and the code's
                // exchange names the server.
                entry.oauth.scopes = BOT_SCOPES.map(str::to_owned).to_vec();
                entry.oauth.extra_parameters = vec![("permissions", permissions.to_string())];
            }
        }
        Ok(())
    }

    /// Binds the port, if the channel has one; says where the answer comes back to.
    pub(super) async fn receiver(
        &self,
        entry: &Entry,
        channel: Channel,
    ) -> Result<(Receiver, String)> {
        let path = format!("/callback/{}", entry.oauth.id);
        match channel {
            Channel::DeepLink => {
                let redirect_uri =
                    private_use_scheme::redirect_uri(&self.0.home.scheme(), &entry.oauth.id);
                Ok((Receiver::for_start().await, redirect_uri))
            }
            Channel::Loopback => {
                let host = entry.oauth.provider.loopback.host;
                let bind = || Loopback::bind(host, entry.ports.as_deref(), path.clone());
                let loopback = match bind().await {
                    // It may be a former try of ours that holds the port.
                    Err(_) if self.let_go_of_ports().await => bind().await?,
                    bound => bound?,
                };
                let redirect_uri = loopback.redirect_uri();
                Ok((Receiver::Port(loopback), redirect_uri))
            }
            // Nobody listens; the browser ends at an address that it cannot open.
            Channel::Paste => {
                let port = entry.ports.as_ref().and_then(|ports| ports.first()).unwrap_or(&53682);
                Ok((
                    Receiver::None,
                    format!("http://{}:{port}{path}", entry.oauth.provider.loopback.host.as_str()),
                ))
            }
            Channel::Bounce => {
                let page = entry.bounce.as_ref().ok_or(Error::new(Code::ChannelRefused))?;
                Ok((Receiver::for_start().await, page.to_string()))
            }
            Channel::Device => Err(Error::new(Code::ChannelRefused)),
        }
    }

    /// The vault is asked before the browser opens (S50). A row whose secrets were refused goes.
    pub(super) async fn store_attempt_secrets(
        &self,
        row: &AttemptRow,
        secrets: SecretString,
    ) -> Result<()> {
        let name = attempt_item(&row.hash);
        self.0.store.add_attempt(row, self.now())?;
        let kept = self.put_new(row.storage, name, secrets).await;
        if kept.is_err() {
            self.0.store.drop_attempt(&row.hash)?;
        }
        Ok(kept?)
    }

    /// Shows the attempt as waiting, and lets whoever takes its answer begin.
    pub(super) fn start_waiting(&self, row: &AttemptRow, waits: Waits, receiver: Receiver) {
        let (close, closed) = watch::channel(false);
        let mut live = Live { row: row.clone(), waits, device: None, close };
        let mut port = None;
        match receiver {
            Receiver::None => {}
            Receiver::Port(loopback) => {
                let (sender, visits) = mpsc::channel(4);
                let texts = Arc::new(messages(self.language()).page.clone());
                let pages = Pages::new(texts, format!("{}:/open", self.0.home.scheme()));
                tokio::spawn(self.clone().receive(row.clone(), visits));
                port = Some(tokio::spawn(loopback.serve(sender, pages, closed)));
            }
            Receiver::Polls(waiting) => {
                live.device = Some(waiting.device.clone());
                tokio::spawn(self.clone().poll(row.clone(), waiting, closed));
            }
        }
        self.waiting().add(live, port);
        tokio::spawn(self.clone().expire(row.clone()));
        self.tell(Event::Changed);
    }

    /// Takes what comes to a port, until it closes.
    async fn receive(self, row: AttemptRow, mut visits: mpsc::Receiver<Visit>) {
        let mut https_until = None;
        loop {
            let visit = tokio::select! {
                visit = visits.recv() => visit,
                () = at(https_until) => {
                    https_until = None;
                    self.waiting().notice = Some(Error::new(Code::HttpsForced));
                    self.tell(Event::Changed);
                    continue;
                }
            };
            let Some(visit) = visit else { return };
            let speaks_http = match visit {
                Visit::Https => {
                    https_until.get_or_insert(Instant::now() + HTTPS_GRACE);
                    false
                }
                Visit::Started => true,
                Visit::StartedAgain => {
                    self.stop_reused(&row).await;
                    false
                }
                Visit::Answer { address, peer, reply } => {
                    self.receive_answer(&address, peer, reply).await
                }
            };
            if speaks_http {
                https_until = None;
                self.waiting().take_back(Code::HttpsForced);
            }
        }
    }

    /// Whether the answer was taken.
    async fn receive_answer(
        &self,
        address: &str,
        peer: Peer,
        reply: oneshot::Sender<Reception>,
    ) -> bool {
        // A stranger's answer costs no look at who owns its socket.
        if self.provider_of(address).is_some() && !peer.is_this_user().await {
            tracing::warn!("an answer of another user of this machine was not taken");
            let _ = reply.send(Reception::Refused(Page::OtherUser));
            return false;
        }
        match self.claim(address).await {
            Err(error) => {
                tracing::info!(code = %error.code(), "an answer was not taken");
                let _ = reply.send(Reception::Refused(refusal(error.code())));
                // A database that cannot be read fails whoever waits as soon as it looks.
                self.tell(Event::Changed);
                false
            }
            Ok(claimed) => {
                let (ended, outcome) = watch::channel(None);
                // The browser first, then the exchange: it waits for no provider.
                let _ = reply.send(Reception::Taken(outcome));
                let login = self.clone();
                tokio::spawn(async move {
                    ended.send_replace(Some(match login.complete(claimed).await {
                        Ok(Ended::SignedIn(_)) => Page::SignedIn,
                        Ok(Ended::BotAdded(_)) => Page::ExtraGranted,
                        Err(error) => failure(error.code()),
                    }));
                });
                true
            }
        }
    }

    fn lifetime(&self) -> i64 {
        self.shortened_lifetime().unwrap_or(LIFETIME)
    }

    pub(super) fn shortened_lifetime(&self) -> Option<i64> {
        self.0.home.own_dir()?;
        std::env::var(LIFETIME_VARIABLE).ok()?.parse().ok()
    }
}

/// The page for a response that was not taken.
fn refusal(code: Code) -> Page {
    match code {
        Code::AlreadyUsed => Page::AlreadyUsed,
        Code::StartLinkReused => Page::Stopped,
        Code::StoreFailed | Code::StoreBusy => Page::NotStored,
        _ => Page::Unknown,
    }
}

/// The page for a sign-in that failed.
fn failure(code: Code) -> Page {
    match code {
        Code::StoreFailed | Code::StoreBusy => Page::NotStored,
        Code::StartLinkReused => Page::Stopped,
        _ => Page::Failed,
    }
}

/// Waits until then; without end where there is no such time.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// The name of an attempt's vault entry.
pub(super) fn attempt_item(hash: &str) -> String {
    format!("attempt.{hash}")
}

/// Beside the entry's usual ones, each once.
fn ask_for(entry: &mut Entry, scopes: impl IntoIterator<Item = String>) {
    for scope in scopes {
        if !entry.oauth.scopes.contains(&scope) {
            entry.oauth.scopes.push(scope);
        }
    }
}

/// A device code may only be announced in metadata that is not read yet; whether it is, is seen
/// when one is asked for.
fn choose(entry: &Entry, asked: Option<Channel>) -> Result<Channel> {
    if asked == Some(Channel::Device) && entry.oauth.is_discovered() {
        return Ok(Channel::Device);
    }
    let ways = entry.ways_back();
    let chosen = asked.or_else(|| ways.first().copied());
    chosen.filter(|channel| ways.contains(channel)).ok_or(Error::new(Code::ChannelRefused))
}
