//! The requests of each window that are under way, by the ids that the window chose.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::refusal::{Refusal, RefusalCode};

/// Most requests of one window at a time.
const MOST: usize = 64;

/// A window's label and the id that it chose.
type Key = (String, u32);

/// The requests under way.
#[derive(Clone, Default)]
pub struct Requests(Arc<Mutex<HashMap<Key, watch::Sender<()>>>>);

/// A request under way; it ends when this is dropped.
pub struct Running {
    key: Key,
    requests: Requests,
    cancelled: watch::Receiver<()>,
}

impl Requests {
    /// # Errors
    /// [`RefusalCode::IdInUse`], [`RefusalCode::TooManyRequests`].
    pub fn start(&self, window: &str, id: u32) -> Result<Running, Refusal> {
        let key = (window.to_owned(), id);
        let mut running = self.lock();
        if running.contains_key(&key) {
            return Err(Refusal::new(RefusalCode::IdInUse, "the id is in use"));
        }
        if running.keys().filter(|(label, _)| label == window).count() >= MOST {
            return Err(Refusal::new(RefusalCode::TooManyRequests, "64 requests are under way"));
        }
        let (sender, cancelled) = watch::channel(());
        running.insert(key.clone(), sender);
        drop(running);
        Ok(Running { key, requests: self.clone(), cancelled })
    }

    /// Cancels a request of this window. One of another window has another key.
    ///
    /// # Errors
    /// [`RefusalCode::UnknownId`].
    pub fn cancel(&self, window: &str, id: u32) -> Result<(), Refusal> {
        let cancelled = self.lock().remove(&(window.to_owned(), id));
        cancelled.map(drop).ok_or_else(unknown)
    }

    /// Cancels all requests of a window that was closed or has loaded another page.
    pub fn cancel_all(&self, window: &str) {
        self.lock().retain(|(label, _), _| label != window);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, watch::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unknown() -> Refusal {
    Refusal::new(RefusalCode::UnknownId, "the window has no such request")
}

impl Running {
    /// Waits for `work`, unless the window cancels it first.
    ///
    /// # Errors
    /// Those of `work`; [`RefusalCode::Cancelled`].
    pub async fn run<T>(
        &mut self,
        work: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        tokio::select! {
            // An error: the sender is dropped.
            _ = self.cancelled.changed() => {
                Err(Refusal::new(RefusalCode::Cancelled, "the request was cancelled"))
            }
            done = work => done,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = self.requests.lock();
        // After a cancellation the window may have started another one with the same id.
        let is_own = running
            .get(&self.key)
            .is_some_and(|sender| self.cancelled.same_channel(&sender.subscribe()));
        if is_own {
            running.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    /// S68: a window knows and cancels its own requests only.
    #[tokio::test]
    async fn an_id_belongs_to_its_window() {
        let requests = Requests::default();
        let mut running = requests.start("main", 7).unwrap();
        let refused = |window, id| requests.cancel(window, id).unwrap_err().code;
        assert_eq!(refused("other", 7), RefusalCode::UnknownId);
        assert_eq!(refused("main", 8), RefusalCode::UnknownId);
        assert_eq!(requests.start("main", 7).err().unwrap().code, RefusalCode::IdInUse);
        let other = requests.start("other", 7).unwrap();
        requests.cancel("main", 7).unwrap();
        let ended = running.run(pending::<Result<(), _>>()).await.unwrap_err();
        assert_eq!(ended.code, RefusalCode::Cancelled);
        let again = requests.start("main", 7).unwrap();
        drop(running);
        requests.cancel("main", 7).expect("the new one is another");
        drop((again, other));
        assert_eq!(refused("other", 7), RefusalCode::UnknownId, "it has ended");
    }

    #[tokio::test]
    async fn a_window_has_a_limit_of_its_own() {
        let requests = Requests::default();
        let all: Vec<_> = (0..64).map(|id| requests.start("main", id).unwrap()).collect();
        let refused = requests.start("main", 64).err().unwrap().code;
        assert_eq!(refused, RefusalCode::TooManyRequests);
        requests.start("other", 64).unwrap();
        requests.cancel_all("main");
        requests.start("main", 64).unwrap();
        drop(all);
    }
}
