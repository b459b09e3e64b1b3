//! Events for a user interface. They carry no data: a receiver reads the state again.

use tokio::sync::broadcast;

/// Events that a receiver has not read yet; older ones are dropped.
const CAPACITY: usize = 64;

/// A change on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The state changed.
    Changed,
    /// The pending sign-in ended by a response; the window may ask for attention.
    Ended,
}

/// The sender of events.
#[derive(Clone)]
pub(crate) struct Events(broadcast::Sender<Event>);

impl Events {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(CAPACITY).0)
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }

    pub(crate) fn changed(&self) {
        self.send(Event::Changed);
    }

    pub(crate) fn send(&self, event: Event) {
        // Without a receiver there is nothing to do.
        let _ = self.0.send(event);
    }
}
