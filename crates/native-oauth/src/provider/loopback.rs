//! What a provider accepts as a loopback redirect URI (RFC 8252, section 7.3).

/// What a provider accepts as a loopback redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loopback {
    /// The host that the URI names.
    pub host: LoopbackHost,
    /// `None` for any port (RFC 8252, section 7.3), else the registered ones.
    pub ports: Option<&'static [u16]>,
    /// Whether it has to be registered beforehand.
    pub registration: Registration,
}

/// Whether a redirect URI has to be registered beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Yes; the user is shown what to enter.
    Needed,
    /// No: the client's type decides.
    ByType,
}

/// The host of a loopback redirect URI. No single one is right for every provider (U6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoopbackHost {
    /// `127.0.0.1`, and nothing listens on `::1`.
    V4,
    /// `localhost`: both address families listen, since a browser may try either first.
    Name,
}

impl LoopbackHost {
    /// Its form in the redirect URI.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V4 => "127.0.0.1",
            Self::Name => "localhost",
        }
    }
}
