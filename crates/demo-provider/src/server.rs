//! The running server and its handle.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::task::spawn_blocking;

use crate::faults::Fault;
use crate::grants::Rotation;
use crate::https_redirect::{Host, HttpsRedirect};
use crate::request_log::RequestLog;
use crate::state::{Audience, ServerState};
use crate::{control, endpoints, host, keys, providers};

/// How long a stop waits for the connections to close.
const GRACE: Duration = Duration::from_secs(2);

/// A demo provider that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct DemoProvider {
    state: Arc<ServerState>,
    https_redirect_spki: String,
    // A runtime of its own: its end closes every connection, also those that hang on purpose.
    runtime: Option<Runtime>,
}

impl DemoProvider {
    /// Starts at a loopback address; port 0 takes any free one.
    pub async fn start(listen: &str) -> io::Result<Self> {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let https_redirect = HttpsRedirect { listen: any, key: None };
        Self::start_with(listen, https_redirect, Audience::Tests).await
    }

    /// The same with a given place of the https redirect page, for these users.
    pub async fn start_with(
        listen: &str,
        https_redirect: HttpsRedirect,
        audience: Audience,
    ) -> io::Result<Self> {
        let address: SocketAddr =
            listen.parse().map_err(|_| invalid("not an address with a port"))?;
        if ![address, https_redirect.listen].iter().all(|address| address.ip().is_loopback()) {
            return Err(invalid("the demo provider listens on loopback addresses only"));
        }
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        // RSA keys take a moment to generate: not on the caller's runtime.
        let keys = spawn_blocking(keys::keys)
            .await?
            .map_err(|_| io::Error::other("the signing keys cannot be generated"))?;
        let host = Host::open(&https_redirect)?;
        let base = format!("http://{}", listener.local_addr()?);
        let https_redirect_spki = host.spki.clone();
        let state = Arc::new(ServerState::new(base, host.base.clone(), keys, audience));
        let router = router(&state, audience);
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.spawn(async move { axum::serve(TcpListener::from_std(listener)?, router).await });
        runtime.spawn(host.serve(Arc::clone(&state)));
        Ok(Self { state, https_redirect_spki, runtime: Some(runtime) })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base(&self) -> &str {
        &self.state.base
    }

    /// `https://localhost:PORT`; the https redirect page of a provider is `/redirect/PROVIDER` there.
    pub fn https_redirect(&self) -> &str {
        &self.state.https_redirect
    }

    /// SHA-256 of that port's public key in base64, for Chromium's `--ignore-certificate-errors-spki-list`.
    pub fn https_redirect_spki(&self) -> &str {
        &self.https_redirect_spki
    }

    /// A `providers.toml` with this server's endpoints.
    pub fn providers_toml(&self) -> String {
        providers::providers_toml(self.base(), self.https_redirect())
    }

    /// Replaces the faults of a provider, e.g. `discord`; the generic issuer is `oidc`.
    pub fn set_faults(&self, provider: &str, faults: impl IntoIterator<Item = Fault>) {
        self.state.set_faults(provider, faults.into_iter().collect::<BTreeSet<_>>());
    }

    /// Sets what a refresh does to the refresh token that was sent.
    pub fn set_rotation(&self, provider: &str, rotation: Rotation) {
        self.state.set_rotation(provider, rotation);
    }

    /// Forgets the clients that registered themselves at a provider.
    pub fn forget_clients(&self, provider: &str) {
        self.state.registered.remove(provider, None);
    }

    /// Advances the server's clock by so many seconds.
    pub fn advance_clock(&self, seconds: u32) {
        self.state.advance(seconds);
    }

    /// What was issued and received so far.
    pub fn request_log(&self) -> RequestLog {
        self.state.request_log()
    }

    /// Stops and frees the port. Responses that hang on purpose are cut off.
    pub async fn stop(mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        // A worker that does not end in time is left behind.
        drop(spawn_blocking(move || runtime.shutdown_timeout(GRACE)).await);
    }
}

impl Drop for DemoProvider {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn router(state: &Arc<ServerState>, audience: Audience) -> Router {
    let log = middleware::from_fn_with_state(Arc::clone(state), host::loopback_only);
    let served = match audience {
        Audience::Tests => providers::routes(state).merge(control::routes(state)),
        Audience::Person => endpoints::routes(state, &providers::oidc::PROVIDER),
    };
    served.merge(control::pictures(state)).layer(log)
}

fn invalid(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, text)
}
