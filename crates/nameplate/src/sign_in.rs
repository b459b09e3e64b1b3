//! Sign-in at a provider: the authorization code flow with PKCE (RFC 6749, RFC 7636, RFC 8252) and
//! the device authorization flow (RFC 8628).
//!
//! A sign-in has one attempt for each [`Grant`](crate::Grant) that was tried, until a response
//! to one of them is claimed. A claim is exclusive across processes and is never undone.

mod apply_intent;
mod begin;
mod complete;
mod device_code;
mod expiry;
mod outcome;
mod pending;
mod persist;
mod prefetched;
mod request;
mod response_server;
mod resume;
mod status;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::context::Context;
use crate::pictures::Pictures;
use crate::recovery::Recovery;
use crate::revocation::Revocations;
use pending::Pending;
pub use pending::{CurrentSignIn, PendingSignIn};
pub use request::SignInRequest;
pub use status::{Phase, SigningIn};

/// The sign-ins of this process. At most one is pending.
///
/// [`SignIns::begin`] checks everything that can fail before a browser opens, and returns the URL to
/// open. A response to a local port is received by this process. One to a deep link is passed by
/// the operating system to the program that is registered for the URL scheme
/// ([`register_url_scheme`](crate::register_url_scheme)), which calls [`SignIns::complete`] or
/// [`SignIns::submit`]; it may be another process. [`SignIns::outcome`] waits for the end in either
/// case, if [`Nameplate::watch`](crate::Nameplate::watch) is polled.
///
/// Where the user named a handle or a server, [`SignIns::begin`] may return
/// [`Code::HostNotConfirmed`](crate::Code::HostNotConfirmed): the program shows the host in its detail, and begins
/// with [`SignIns::request_at_host`] once the user agrees.
///
/// ```no_run
/// use nameplate::{AppIdentity, Home, Nameplate, SignInOutcome, SignInRequest, browser};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let identity = AppIdentity::new("com.example.notes", "Notes", "1.2.0");
/// let nameplate = Nameplate::builder(Home::of_user(&identity)?).open()?;
/// tokio::spawn(nameplate.watch()?);
/// let pending = nameplate.sign_ins().begin(SignInRequest::new("google")).await?;
/// match &pending.device {
///     Some(device) => println!("Enter {} at {}", device.user_code, device.verification_uri),
///     None => browser::open(&pending.start_url).await?,
/// }
/// if let SignInOutcome::SignedIn(user) = nameplate.sign_ins().outcome(&pending.id).await? {
///     println!("{} is signed in", nameplate.accounts().user(user.as_str())?.nickname);
/// }
/// nameplate.close().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SignIns {
    context: Arc<Context>,
    revocations: Revocations,
    recovery: Recovery,
    pictures: Pictures,
    pending: Arc<Mutex<Pending>>,
    /// Held by [`SignIns::begin`].
    beginning: Arc<tokio::sync::Mutex<()>>,
}

impl SignIns {
    pub(crate) fn new(
        context: Arc<Context>,
        revocations: Revocations,
        recovery: Recovery,
        pictures: Pictures,
    ) -> Self {
        let (pending, beginning) = (Arc::default(), Arc::default());
        Self { context, revocations, recovery, pictures, pending, beginning }
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
