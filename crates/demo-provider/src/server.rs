//! The running server and its handle.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Router, middleware, routing};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::task::spawn_blocking;

use crate::bounce::{Host, Place};
use crate::faults::Fault;
use crate::ledger::Ledger;
use crate::world::{Rotation, Shared, World};
use crate::{config, control, device, host, keys, pages, play, signin};

/// How long a stop waits for the worker to let go of its connections.
const GRACE: Duration = Duration::from_secs(2);

/// A demo provider that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct DemoProvider {
    world: Shared,
    bounce_spki: String,
    // A runtime of its own: ending it ends every connection, those that hang on purpose too.
    runtime: Option<Runtime>,
}

impl DemoProvider {
    /// Starts at a loopback address; port 0 takes any free one.
    pub async fn start(listen: &str) -> io::Result<Self> {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::start_beside(listen, Place { listen: anywhere, key: None }).await
    }

    /// The same with the bounce page at a place of the caller's choice.
    pub async fn start_beside(listen: &str, bounce: Place) -> io::Result<Self> {
        let address: SocketAddr =
            listen.parse().map_err(|_| invalid("not an address with a port"))?;
        if ![address, bounce.listen].iter().all(|address| address.ip().is_loopback()) {
            return Err(invalid("the demo provider listens on loopback addresses only"));
        }
        // RSA keys take a moment to make: off the caller's runtime.
        let keys = spawn_blocking(keys::keys)
            .await?
            .map_err(|_| io::Error::other("no signing keys could be made"))?;
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let host = Host::open(&bounce)?;
        let base = format!("http://{}", listener.local_addr()?);
        let (bounce, bounce_spki) = (host.base.clone(), host.spki.clone());
        let world = Arc::new(World::new(base, bounce, keys));
        let router = router(Arc::clone(&world));
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.spawn(async move { axum::serve(TcpListener::from_std(listener)?, router).await });
        runtime.spawn(host.serve(Arc::clone(&world)));
        Ok(Self { world, bounce_spki, runtime: Some(runtime) })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base(&self) -> &str {
        &self.world.base
    }

    /// `https://localhost:PORT`: the bounce page stands at `/bounce/PROVIDER` there.
    pub fn bounce(&self) -> &str {
        &self.world.bounce
    }

    /// SHA-256 of that port's public key in base64, as Chromium's `--ignore-certificate-errors-spki-list` takes it.
    pub fn bounce_spki(&self) -> &str {
        &self.bounce_spki
    }

    /// A `providers.toml` that points Nameplate here.
    pub fn providers_toml(&self) -> String {
        config::providers_toml(self.base(), self.bounce())
    }

    /// Replaces the faults of a provider, e.g. `discord`; the generic issuer is `oidc`.
    pub fn set_faults(&self, provider: &str, faults: impl IntoIterator<Item = Fault>) {
        self.world.set_faults(provider, faults.into_iter().collect::<BTreeSet<_>>());
    }

    /// Chooses what refreshing does to the old refresh token.
    pub fn set_rotation(&self, provider: &str, rotation: Rotation) {
        self.world.set_rotation(provider, rotation);
    }

    /// Puts the provider's clock forward.
    pub fn advance_clock(&self, seconds: u32) {
        self.world.advance(i64::from(seconds));
    }

    /// What was issued and received so far.
    pub fn ledger(&self) -> Ledger {
        self.world.ledger().clone()
    }

    /// Stops. Afterwards the port is free; answers that hang on purpose are cut off.
    pub async fn stop(mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        // A worker that does not let go in time is left behind; nobody can be asked to wait longer.
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

fn router(world: Shared) -> Router {
    Router::new()
        .merge(play::routes())
        .merge(signin::routes())
        .merge(device::routes())
        .merge(control::routes())
        .route("/style.css", routing::get(pages::style))
        .layer(middleware::from_fn_with_state(Arc::clone(&world), host::loopback_only))
        .with_state(world)
}

fn invalid(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, text)
}
