//! What a user types to name an account: its handle, its DID, or its server.

use super::did::Did;
use super::handle::Handle;

/// What a user names to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountName {
    /// A handle.
    Handle(Handle),
    /// A DID.
    Did(Did),
    /// The address of a server, where the user chooses the account there.
    Server(String),
}

impl AccountName {
    /// Reads what a user typed: a handle with or without `@`, a DID, or the address of a server
    /// with its scheme.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches("at://");
        if text.contains("://") {
            return Some(Self::Server(text.trim_end_matches('/').to_owned()));
        }
        let text = text.trim_start_matches('@');
        Did::parse(text).map(Self::Did).or_else(|| Handle::parse(text).map(Self::Handle))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kinds of input are distinguished by their form.
    #[test]
    fn what_is_typed_is_told_apart() {
        let named = |text: &str| AccountName::parse(text);
        let handle = Handle::parse("haneul.example.com").unwrap();
        for text in ["haneul.example.com", " @Haneul.Example.com ", "at://haneul.example.com"] {
            assert_eq!(named(text), Some(AccountName::Handle(handle.clone())), "{text}");
        }
        let did = "did:plc:z72i7hdynmk6r22z27h6tvur";
        assert_eq!(named(did), Did::parse(did).map(AccountName::Did));
        let server = AccountName::Server("https://pds.example.com".into());
        assert_eq!(named("https://pds.example.com/"), Some(server));
        for text in ["", "haneul", "did:plc:x", "a@b.example.com c"] {
            assert_eq!(named(text), None, "{text}");
        }
    }
}
