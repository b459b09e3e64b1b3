//! The expiry of sign-ins.

use std::time::Duration;

use tokio::sync::watch;

use crate::attempt_storage;
use crate::error::{Code, Error};
use crate::sign_in::SignIns;
use crate::store::AttemptRow;

impl SignIns {
    /// Ends an attempt at its expiry by the monotonic clock, which setting the clock back does not
    /// extend. Returns before where the attempt has ended.
    pub(super) async fn expire(self, row: AttemptRow, mut ended: watch::Receiver<bool>) {
        let left = u64::try_from(row.expires_at - self.context.now()).unwrap_or(0);
        let ends = ended.wait_for(|ended| *ended);
        if tokio::time::timeout(Duration::from_secs(left), ends).await.is_err() {
            self.time_out([row]).await;
        }
    }

    /// Ends the expired attempts of the pending sign-in.
    pub(crate) async fn end_expired(&self) {
        let Some(id) = self.pending().id() else { return };
        let rows = self.context.store.attempts_of(&id).unwrap_or_default();
        let now = self.context.now();
        self.time_out(rows.into_iter().filter(|row| row.expires_at <= now)).await;
    }

    /// Ends the attempts without a response.
    async fn time_out(&self, expired: impl IntoIterator<Item = AttemptRow>) {
        let end = |row: &AttemptRow| {
            let ended = self.context.store.end_attempt(&row.hash, Code::TimedOut.into());
            ended.unwrap_or_else(|_| {
                self.end_unwritten(row, Err(Error::new(Code::TimedOut).at(&row.provider)));
                true
            })
        };
        let ended = expired.into_iter().filter(end).count() > 0;
        self.update_from_store();
        if ended {
            self.context.events.changed();
            attempt_storage::clear_ended(&self.context).await;
        }
    }
}
