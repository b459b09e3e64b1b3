//! Waits again for the response of a sign-in whose process has ended (N1). Interrupted writes are
//! finished by `recovery.rs`.

use native_oauth::provider::{Grant, RedirectMethod};
use native_oauth::redirect::loopback::Loopback;

use super::SignIns;
use super::begin::Receiver;
use super::pending::WaitingDetails;
use crate::error::{Code, Error, Result};
use crate::process_lock::ProcessLock;
use crate::store::AttemptRow;
use crate::vault::TokenStorage;

impl SignIns {
    /// Resumes the newest sign-in whose process has ended. If its port is taken, a notice is shown,
    /// and the response can be pasted. An application calls it once, after start.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn resume(&self) -> Result<()> {
        let waiting = self.context.store.waiting(self.context.now())?;
        let orphans: Vec<_> = waiting
            .into_iter()
            .filter(|row| !ProcessLock::is_alive(&self.context.home, &row.owner))
            .filter(|row| row.storage == TokenStorage::Keychain)
            .collect();
        let Some(newest) = orphans.last().map(|row| row.sign_in.clone()) else { return Ok(()) };
        for row in orphans.into_iter().filter(|row| row.sign_in == newest) {
            self.context.store.adopt(&row.hash, &self.context.process.id)?;
            self.resume_attempt(&row).await;
        }
        // The response that started the program may have been claimed meanwhile.
        self.update_from_store();
        Ok(())
    }

    async fn resume_attempt(&self, row: &AttemptRow) {
        let (receiver, lost) = match row.method {
            Grant::AuthorizationCode(RedirectMethod::Loopback) => {
                match self.bind_again(row).await {
                    Ok(port) => (Receiver::Port(port), false),
                    Err(_) => (Receiver::None, true),
                }
            }
            Grant::DeviceCode => return self.resume_device_authorization(row).await,
            Grant::AuthorizationCode(
                RedirectMethod::DeepLink | RedirectMethod::Manual | RedirectMethod::HttpsPage,
            ) => (Receiver::None, false),
        };
        self.start_waiting(row, self.details_of_resumed(row, None), receiver);
        if lost {
            self.pending().notice = Some(Error::new(Code::PortLost).at(&row.provider));
            self.context.events.changed();
        }
    }

    /// The details of a resumed attempt. Metadata is not read again; only the attempt's own method is
    /// added.
    pub(super) fn details_of_resumed(
        &self,
        row: &AttemptRow,
        url: Option<String>,
    ) -> WaitingDetails {
        let entry = self.context.entry(&row.provider, &row.issuer);
        let mut methods = entry.map(|entry| entry.all_methods()).unwrap_or_default();
        if !methods.contains(&row.method) {
            methods.push(row.method);
        }
        WaitingDetails { url, methods, account_hint: None, confirmed_host: None }
    }

    async fn bind_again(&self, row: &AttemptRow) -> Result<Loopback> {
        let entry = self.context.entry(&row.provider, &row.issuer)?;
        let url: url::Url =
            row.redirect_uri.parse().map_err(|_| Error::new(Code::WrongRedirect))?;
        let port = url.port().ok_or(Error::new(Code::WrongRedirect))?;
        let host = entry.oauth.provider.loopback.host;
        Ok(Loopback::bind(host, Some(&[port]), url.path().to_owned()).await?)
    }
}
