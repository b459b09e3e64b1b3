//! News of the engine, for whoever shows it.

/// Something happened. It carries nothing: whoever hears it asks for what is there now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// What there is to show has changed.
    Changed,
    /// An answer of the browser came to an end here: the window may ask for attention.
    Ended,
}
