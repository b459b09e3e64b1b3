//! Values of any length in a store with small items.
//!
//! A value over [`LIMIT`] is written as parts, and last a head with their number and digest. After
//! a crash the former value is read, or none if there was none. The next write or deletion removes
//! the parts that are not used.

use sha2::{Digest, Sha256};

use super::VaultError;
use native_oauth::hex::hex;

/// Largest item of the Windows credential store, in bytes (U16). The same on every platform, so
/// that the tested code is the code that runs.
const LIMIT: usize = 2560;

/// First word of a head; no session or key begins with it.
const MARK: &str = "nameplate-parts";

/// The two sets of item names for the parts of a value. A new value is written to the slot that the
/// present value does not use.
const SLOTS: [&str; 2] = ["a", "b"];

/// A store of short texts, by name.
pub(super) trait Items {
    fn read(&self, name: &str) -> Result<String, VaultError>;
    fn write(&self, name: &str, value: &str) -> Result<(), VaultError>;
    /// Deletes an item; succeeds where there is none.
    fn remove(&self, name: &str) -> Result<(), VaultError>;
}

/// The item that describes the parts of a split value.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    slot: String,
    count: usize,
    /// SHA-256 of the value, in hex.
    digest: String,
}

impl Head {
    /// The head of a value in a slot, and its parts.
    fn of<'a>(value: &'a str, slot: &str) -> (Self, Vec<&'a str>) {
        let parts = cut(value);
        (Self { slot: slot.to_owned(), count: parts.len(), digest: digest(value) }, parts)
    }

    /// Reads a head; `None` where the item is an unsplit value.
    fn parse(item: &str) -> Option<Self> {
        let mut words = item.split(' ');
        if words.next() != Some(MARK) {
            return None;
        }
        Some(Self {
            slot: words.next()?.to_owned(),
            count: words.next()?.parse().ok()?,
            digest: words.next()?.to_owned(),
        })
    }

    fn text(&self) -> String {
        format!("{MARK} {} {} {}", self.slot, self.count, self.digest)
    }

    /// The value, if the parts are those of the head.
    fn join(&self, parts: &[String]) -> Option<String> {
        let value = parts.concat();
        (parts.len() == self.count && digest(&value) == self.digest).then_some(value)
    }
}

/// Writes a value. A crash at any point leaves the former value or the new one readable.
pub(super) fn put(items: &impl Items, name: &str, value: &str) -> Result<(), VaultError> {
    let [first, second] = SLOTS;
    if value.len() <= LIMIT {
        items.write(name, value)?;
        trim(items, name, first, 0)?;
        return trim(items, name, second, 0);
    }
    let former = match items.read(name) {
        Ok(item) => Head::parse(&item),
        Err(VaultError::NotFound) => None,
        Err(error) => return Err(error),
    };
    let (slot, other) = match former {
        Some(former) if former.slot == first => (second, first),
        Some(_) | None => (first, second),
    };
    let (head, parts) = Head::of(value, slot);
    for (number, part) in parts.into_iter().enumerate() {
        items.write(&part_name(name, slot, number), part)?;
    }
    // Parts that a crash left of a longer value.
    trim(items, name, slot, head.count)?;
    items.write(name, &head.text())?;
    trim(items, name, other, 0)
}

/// Reads a value.
///
/// # Errors
/// [`VaultError::NotFound`] where a part is missing or belongs to another value.
pub(super) fn get(items: &impl Items, name: &str) -> Result<String, VaultError> {
    let item = items.read(name)?;
    let Some(head) = Head::parse(&item) else { return Ok(item) };
    let parts = (0..head.count).map(|part| items.read(&part_name(name, &head.slot, part)));
    let parts: Vec<String> = parts.collect::<Result<_, _>>()?;
    head.join(&parts).ok_or(VaultError::NotFound)
}

/// Deletes a value, and parts that a crash left.
pub(super) fn delete(items: &impl Items, name: &str) -> Result<(), VaultError> {
    items.remove(name)?;
    SLOTS.into_iter().try_for_each(|slot| trim(items, name, slot, 0))
}

/// Deletes the parts of a slot, beginning with number `from`. Parts are written in ascending and
/// deleted in descending order, so that the present ones have consecutive numbers.
fn trim(items: &impl Items, name: &str, slot: &str, from: usize) -> Result<(), VaultError> {
    let mut end = from;
    loop {
        match items.read(&part_name(name, slot, end)) {
            Ok(_) => end += 1,
            Err(VaultError::NotFound) => break,
            Err(error) => return Err(error),
        }
    }
    (from..end).rev().try_for_each(|part| items.remove(&part_name(name, slot, part)))
}

fn part_name(name: &str, slot: &str, part: usize) -> String {
    format!("{name}.{slot}.{part}")
}

/// Cuts at character boundaries, each part within [`LIMIT`].
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
mod tests;
