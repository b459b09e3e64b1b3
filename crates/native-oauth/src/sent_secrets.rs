//! The secrets of a request, and how they are removed from the text of its response.

use url::form_urlencoded;

use crate::text;

/// Members of an error body that are never shown, whatever they hold.
pub(crate) const SECRET_MEMBERS: &[&str] = &[
    "access_token",
    "refresh_token",
    "id_token",
    "code",
    "code_verifier",
    "client_secret",
    "device_code",
    "registration_access_token",
];
/// As many characters of a secret give it away, where a body quotes its beginning alone.
const TELLING: usize = 12;

/// The secrets of a request, which no error text may contain.
#[derive(Clone, Default)]
pub(crate) struct SentSecrets(Vec<String>);

redacted!(SentSecrets);

impl SentSecrets {
    /// Those of a form (RFC 6749, section 4.1.3; RFC 7009, section 2.1).
    pub(crate) fn of_form<T: AsRef<str>>(form: impl Iterator<Item = (T, T)>) -> Self {
        let names = SECRET_MEMBERS.iter().chain(&["token"]);
        let secret = form.filter(|(name, _)| names.clone().any(|known| *known == name.as_ref()));
        secret.fold(Self::default(), |secrets, (_, value)| secrets.and(value.as_ref()))
    }

    /// One more, also as a form or a URL spells it.
    pub(crate) fn and(mut self, secret: &str) -> Self {
        let spelled: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for spelling in [secret.to_owned(), spelled] {
            if !spelling.is_empty() && !self.0.contains(&spelling) {
                self.0.push(spelling);
            }
        }
        self
    }

    /// A text without them. Hidden characters go first: one of them may stand within a secret.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let text = text::sanitized(text);
        self.0
            .iter()
            .fold(text, |text, secret| without_beginning(&text.replace(secret, "…"), secret))
    }
}

/// A text without a beginning of the secret that is long enough to tell it, where a server cuts
/// what it quotes.
fn without_beginning(text: &str, secret: &str) -> String {
    let Some(telling) = secret.get(..TELLING) else { return text.to_owned() };
    let (mut left, mut shown) = (text, String::new());
    while let Some(at) = left.find(telling) {
        shown.push_str(&left[..at]);
        shown.push('…');
        let same = left[at..].chars().zip(secret.chars()).take_while(|(one, other)| one == other);
        left = &left[at + same.map(|(c, _)| c.len_utf8()).sum::<usize>()..];
    }
    shown + left
}
