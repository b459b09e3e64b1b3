//! Values that are longer than an entry may be, in parts, written so that a torn write reads as
//! absent: the parts first, under names of their own, and last the head that makes them count.

use native_oauth::hex::hex;
use sha2::{Digest, Sha256};

/// What an entry of the Windows credential store may hold, in bytes (U16). Kept on every
/// platform, so that the code that splits is the code that is tested.
pub const LIMIT: usize = 2560;

/// Marks a head; no session or key begins so.
const MARK: &str = "nameplate-parts";

/// The two places for the parts of a name: a new value goes to the one that is not in use, and what
/// a crash left in either is found without a head.
pub(super) const SLOTS: [&str; 2] = ["a", "b"];

/// Where the parts of a split value are, and what they add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// A slot; before there were slots, a random word.
    slot: String,
    count: usize,
    digest: String,
}

impl Head {
    /// The head of a value in a slot, and its parts.
    pub(super) fn of<'a>(value: &'a str, slot: &str) -> (Self, Vec<&'a str>) {
        let parts = cut(value);
        (Self { slot: slot.to_owned(), count: parts.len(), digest: digest(value) }, parts)
    }

    /// Whether the parts are in that slot.
    pub(super) fn is_in(&self, slot: &str) -> bool {
        self.slot == slot
    }

    /// How many parts there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Reads a head; `None` where the entry holds a whole value.
    pub(super) fn parse(entry: &str) -> Option<Self> {
        let mut words = entry.split(' ');
        if words.next() != Some(MARK) {
            return None;
        }
        Some(Self {
            slot: words.next()?.to_owned(),
            count: words.next()?.parse().ok()?,
            digest: words.next()?.to_owned(),
        })
    }

    /// As it stands in the entry.
    pub(super) fn text(&self) -> String {
        format!("{MARK} {} {} {}", self.slot, self.count, self.digest)
    }

    /// The names of the parts' entries.
    pub(super) fn names(&self, name: &str) -> Vec<String> {
        (0..self.count).map(|part| part_name(name, &self.slot, part)).collect()
    }

    /// The value, if the parts are the ones that were meant.
    pub(super) fn join(&self, parts: &[String]) -> Option<String> {
        let value = parts.concat();
        (parts.len() == self.count && digest(&value) == self.digest).then_some(value)
    }
}

/// The name of a part's entry.
pub(super) fn part_name(name: &str, slot: &str, part: usize) -> String {
    format!("{name}.{slot}.{part}")
}

/// Cuts between characters, each part within the limit.
fn cut(value: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let (part, after) = rest.split_at(rest.floor_char_boundary(LIMIT));
        parts.push(part);
        rest = after;
    }
    parts
}

fn digest(value: &str) -> String {
    hex(&Sha256::digest(value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// S51, N6, U16: every part fits the limit, and together they are the value again.
        #[test]
        fn parts_fit_and_add_up(value in "\\PC{0,4000}") {
            let (head, parts) = Head::of(&value, "a");
            prop_assert!(parts.iter().all(|part| part.len() <= LIMIT));
            let read = Head::parse(&head.text()).unwrap();
            let parts: Vec<_> = parts.into_iter().map(str::to_owned).collect();
            prop_assert_eq!(read.join(&parts), Some(value));
        }
    }

    /// S51: parts of another value, or too few of them, are no value.
    #[test]
    fn a_torn_write_is_no_value() {
        let value = "나".repeat(2000);
        let (head, parts) = Head::of(&value, "a");
        let parts: Vec<String> = parts.into_iter().map(str::to_owned).collect();
        assert_eq!(head.join(&parts[1..]), None);
        let mut other = parts.clone();
        other[0] = other[0].replacen('나', "다", 1);
        assert_eq!(head.join(&other), None);
        assert_eq!(head.join(&parts), Some(value));
    }

    #[test]
    fn a_whole_value_is_no_head() {
        assert_eq!(Head::parse(r#"{"access_token":"x"}"#), None);
        assert_eq!(Head::parse(""), None);
        assert_eq!(Head::parse("nameplate-parts"), None);
    }
}
