//! Events of the engine.

/// A change. It carries no data: the receiver reads the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The state has changed.
    Changed,
    /// An authorization response was processed; the window may request attention.
    Ended,
}
