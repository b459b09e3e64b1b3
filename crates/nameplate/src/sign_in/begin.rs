//! Begins a sign-in. Everything that can fail is tried before the browser opens.

use std::sync::Arc;

use native_oauth::Client;
use native_oauth::device_authorization::DeviceAuthorization;
use native_oauth::discovery::{self, requirements};
use native_oauth::provider::{Grant, RedirectMethod};
use native_oauth::redirect::loopback::Loopback;
use native_oauth::redirect::page::Pages;
use native_oauth::token_response::TokenBinding;
use tokio::sync::{mpsc, watch};

use super::apply_intent::apply_intent;
use super::pending::{Attempt, WaitingDetails};
use super::prefetched::Prefetched;
use super::{PendingSignIn, SignInRequest, SignIns};
use crate::account::{AccountState, LOCAL_PROVIDER};
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::messages::messages;
use crate::named_server::{self, registration};
use crate::server_entry::unnamed_host;
use crate::settings::ReturnTo;
use crate::store::{AccountRow, AttemptRow};
use crate::{account_storage, attempt_storage, provider_client, redirect_uris};

/// Lifetime of a sign-in, in seconds.
const LIFETIME: i64 = 600;

/// What receives the response in this process.
pub(super) enum Receiver {
    /// Nothing: the operating system or the user passes it to [`SignIns::complete`].
    None,
    /// A local port.
    Port(Loopback),
    /// Polling of the token endpoint.
    Polling(DeviceAuthorization),
}

impl Receiver {
    /// A port for the start link alone. If none is free, the sign-in goes on without.
    async fn for_start_link() -> Self {
        Loopback::bind_for_start().await.map_or(Self::None, Self::Port)
    }

    /// The URL to open for an authorization request.
    fn start_url(&mut self, authorization_request: &str) -> String {
        match self {
            Self::Port(port) => port.start_link(authorization_request),
            Self::None | Self::Polling(_) => authorization_request.to_owned(),
        }
    }
}

impl SignIns {
    /// Begins a sign-in. When it returns, the response can be received, and the browser may open.
    /// A pending sign-in at another provider is superseded (S26); one at the same provider gets
    /// another attempt, and its other methods stay open (N3).
    ///
    /// # Errors
    /// If the provider is not set up, the keychain cannot be used, no port is free, or the metadata
    /// of the issuer cannot be read. Then nothing is stored, and a former attempt by the same method has
    /// ended. [`Code::HostNotConfirmed`] changes nothing; [`SignIns::request_at_host`] follows it.
    pub async fn begin(&self, request: SignInRequest) -> Result<PendingSignIn> {
        let _beginning = self.beginning.lock().await;
        let begun = self.try_begin(request.clone()).await;
        let begun = begun.map_err(|error| error.at(&request.provider));
        if let Err(error) = &begun {
            self.pending().failed = Some((request, error.clone()));
            self.context.notices.report(error.clone());
        }
        begun
    }

    async fn try_begin(&self, request: SignInRequest) -> Result<PendingSignIn> {
        if request.provider == LOCAL_PROVIDER {
            return Err(Error::new(Code::MethodRefused));
        }
        let config = self.context.config();
        let entry = config.ready(&request.provider)?;
        let method = choose_method(entry, request.method)?;
        self.context.vaults.ready(request.storage).await?;
        self.recovery.run().await?;
        let named = request.server.as_deref();
        let opens_a_browser = request.method != Some(Grant::DeviceCode);
        let check = |entry: &Entry| match opens_a_browser {
            true => self.check_host(entry, &request),
            false => Ok(()),
        };
        let storage = request.storage;
        let mut entry = named_server::resolve(&self.context, entry, named, storage, &check).await?;
        let method = choose_method(&entry, Some(method))?;
        discovery::check_algorithms(&entry.oauth)?;
        self.context.http_for(&entry).check_retry_after(entry.oauth.token_endpoint()?)?;
        if method.redirect_method().is_some() {
            requirements::check(entry.oauth.unsupported.as_deref())?;
        }
        let discovered = entry.clone();
        apply_intent(&self.context, &mut entry, &request.intent)?;
        if let Some(hint) = request.account_hint.as_deref().filter(|hint| !hint.is_empty()) {
            entry.oauth.expect_account(hint);
        }
        entry.oauth.has_refresh_token = self.has_refresh_token(&entry, &request).await;
        let (id, mut replaced) = self.id_for(&request, &entry.oauth.issuer, method)?;
        // Until the attempt is stored.
        let _client = registration::hold(&self.context, &entry).await?;
        let Some(redirect_method) = method.redirect_method() else {
            return self.begin_device_authorization(request, &entry, id).await;
        };
        let (mut receiver, redirect_uri) = self.receiver(&entry, redirect_method).await?;
        let expires_at = self.context.now() + self.shortened_lifetime().unwrap_or(LIFETIME);
        let client = match entry.oauth.pushes_requests() {
            // A client that pushes authenticates itself (RFC 9126, section 2.1).
            true => provider_client::client(&self.context, &entry).await?,
            false => Client::new(self.context.http_for(&entry).clone(), entry.oauth.clone()),
        };
        let prepared = client.begin_authorization(&redirect_uri, expires_at).await;
        let prepared =
            prepared.map_err(|error| registration::error_of_client(&entry, error.into()))?;
        let row = AttemptRow {
            hash: prepared.state_hash,
            sign_in: id.clone(),
            provider: entry.oauth.id.clone(),
            issuer: entry.oauth.issuer.clone(),
            server: entry.server.clone(),
            intent: request.intent,
            method,
            storage: request.storage,
            redirect_uri: redirect_uri.clone(),
            owner: self.context.process.id.clone(),
            expires_at,
            claimed: false,
            outcome: None,
        };
        attempt_storage::add(&self.context, &row, prepared.secrets.text()).await?;
        replaced.end()?;
        let url = prepared.url;
        let start_url = receiver.start_url(&url);
        let waiting = WaitingDetails {
            url: Some(url.clone()),
            methods: entry.all_methods(),
            account_hint: request.account_hint,
            confirmed_host: request.confirmed_host,
        };
        self.start_waiting(&row, waiting, receiver);
        let prefetched = Prefetched::start(Arc::clone(&config), discovered, client);
        self.pending().set_prefetched(&row.hash, prefetched);
        Ok(PendingSignIn { id, url, start_url, redirect_uri, expires_at, device: None })
    }

    /// Refuses to open a host that the user neither named nor confirmed (S66). An account that signs in
    /// again names its issuer.
    fn check_host(&self, entry: &Entry, request: &SignInRequest) -> Result<()> {
        let Some(named) = &entry.server else { return Ok(()) };
        let account = request.intent.account().and_then(|id| self.context.store.account(id).ok());
        let known = account.map(|account| account.issuer);
        let named_or_known = [Some(named.as_str()), known.as_deref()];
        match unnamed_host(entry.oauth.endpoints.authorization.as_ref(), &named_or_known) {
            Some(host) if request.confirmed_host.as_ref() != Some(&host) => {
                Err(Error::new(Code::HostNotConfirmed).with_detail(host).of_server(named))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether the requested account has a usable refresh token, which stays if the sign-in brings
    /// no other. Only discovered issuers need to know. One that is bound to a key does not stay,
    /// because the sign-in makes a new key.
    async fn has_refresh_token(&self, entry: &Entry, request: &SignInRequest) -> bool {
        let stays = entry.oauth.is_discovered() && !entry.oauth.uses_dpop();
        let account = request.intent.account().filter(|_| stays);
        let Some(account) = account else { return false };
        let active = |row: AccountRow| row.state == AccountState::Active;
        if !self.context.store.account(account).is_ok_and(active) {
            return false;
        }
        match account_storage::session(&self.context, request.storage, account).await {
            Ok(Some(session)) => {
                session.refresh_token().is_some()
                    && session.binding() == Ok(TokenBinding::Bearer)
                    && session.check_belongs(entry).is_ok()
            }
            Ok(None) | Err(_) => false,
        }
    }

    /// Binds the port, if the redirect method has one; also returns the redirect URI.
    async fn receiver(&self, entry: &Entry, method: RedirectMethod) -> Result<(Receiver, String)> {
        let receiver = match method {
            RedirectMethod::Loopback => {
                let host = entry.oauth.provider.loopback.host;
                let path = || redirect_uris::path(entry);
                let bind = || Loopback::bind(host, entry.ports.as_deref(), path());
                let loopback = match bind().await {
                    // A former attempt may still hold the port.
                    Err(_) if self.wait_for_ports().await => bind().await?,
                    bound => bound?,
                };
                let redirect_uri = loopback.redirect_uri();
                return Ok((Receiver::Port(loopback), redirect_uri));
            }
            RedirectMethod::DeepLink | RedirectMethod::HttpsPage => {
                Receiver::for_start_link().await
            }
            RedirectMethod::Manual => Receiver::None,
        };
        Ok((receiver, redirect_uris::of_method(&self.context.home, entry, method)?))
    }

    /// Adds the attempt to the pending sign-in, and starts its receiver and its timer.
    pub(super) fn start_waiting(
        &self,
        row: &AttemptRow,
        waiting: WaitingDetails,
        receiver: Receiver,
    ) {
        let (close, closed) = watch::channel(false);
        let ended = closed.clone();
        let mut attempt =
            Attempt { row: row.clone(), waiting, device: None, prefetched: None, close };
        let mut port = None;
        match receiver {
            Receiver::None => {}
            Receiver::Port(loopback) => {
                let (sender, visits) = mpsc::channel(4);
                let pages = self.pages();
                tokio::spawn(self.clone().receive(row.clone(), visits));
                port = Some(tokio::spawn(loopback.serve(sender, pages, closed)));
            }
            Receiver::Polling(authorization) => {
                attempt.device = Some(authorization.prompt.clone());
                tokio::spawn(self.clone().poll(row.clone(), authorization, closed));
            }
        }
        self.pending().add(attempt, port);
        self.context.notices.set_problem(None);
        tokio::spawn(self.clone().expire(row.clone(), ended));
        self.context.events.changed();
    }

    /// The pages that the browser ends at, in the user's language.
    fn pages(&self) -> Pages {
        let return_to = self.context.return_to;
        let link = match return_to {
            ReturnTo::App => Some(format!("{}:/open", self.context.home.scheme())),
            ReturnTo::Terminal => None,
        };
        let program = &self.context.home.identity().name;
        Pages::new(Arc::new(messages(self.context.language()).page(return_to, program)), link)
    }

    pub(super) fn shortened_lifetime(&self) -> Option<i64> {
        self.context.home.own_dir()?;
        let variable = self.context.home.identity().lifetime_variable();
        self.context.sources.environment.text(&variable)?.parse().ok()
    }
}

/// The requested method, else the preferred one. A device authorization endpoint may be in
/// metadata that is not read yet; whether there is one is found out at the request.
fn choose_method(entry: &Entry, requested: Option<Grant>) -> Result<Grant> {
    if requested == Some(Grant::DeviceCode) && entry.oauth.is_discovered() {
        return Ok(Grant::DeviceCode);
    }
    let methods = entry.all_methods();
    let chosen = requested.or_else(|| methods.first().copied());
    chosen.filter(|method| methods.contains(method)).ok_or(Error::new(Code::MethodRefused))
}
