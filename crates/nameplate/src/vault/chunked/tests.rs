use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

proptest! {
    /// S51, N6, U16: every part is within the limit, and the parts concatenate to the value.
    #[test]
    fn parts_fit_and_add_up(value in "\\PC{0,4000}") {
        let (head, parts) = Head::of(&value, "a");
        prop_assert!(parts.iter().all(|part| part.len() <= LIMIT));
        let read = Head::parse(&head.text()).unwrap();
        let parts: Vec<_> = parts.into_iter().map(str::to_owned).collect();
        prop_assert_eq!(read.join(&parts), Some(value));
    }
}

/// S51: parts of another value and missing parts are refused.
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
fn an_unsplit_value_is_no_head() {
    assert_eq!(Head::parse(r#"{"access_token":"x"}"#), None);
    assert_eq!(Head::parse(""), None);
    assert_eq!(Head::parse("nameplate-parts"), None);
}

/// A store that fails after `left` more changes, as if the process had crashed.
struct Memory {
    held: RefCell<BTreeMap<String, String>>,
    left: Cell<usize>,
}

impl Memory {
    fn new() -> Self {
        Self { held: RefCell::default(), left: Cell::new(usize::MAX) }
    }

    fn change(&self) -> Result<(), VaultError> {
        let left = self.left.get().checked_sub(1);
        self.left.set(left.ok_or(VaultError::Failed("crashed".into()))?);
        Ok(())
    }

    fn len(&self) -> usize {
        self.held.borrow().len()
    }
}

impl Items for Memory {
    fn read(&self, name: &str) -> Result<String, VaultError> {
        self.held.borrow().get(name).cloned().ok_or(VaultError::NotFound)
    }

    fn write(&self, name: &str, value: &str) -> Result<(), VaultError> {
        self.change()?;
        self.held.borrow_mut().insert(name.into(), value.into());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), VaultError> {
        self.change()?;
        self.held.borrow_mut().remove(name);
        Ok(())
    }
}

/// The number of items of a value with that many parts.
fn items_of(parts: usize) -> usize {
    if parts == 1 { 1 } else { parts + 1 }
}

fn value(letter: &str, parts: usize) -> String {
    letter.repeat(LIMIT * parts)
}

/// Runs `step` with a crash after each number of changes, then `after` on the remaining items; with the
/// former value in either slot.
fn crash_everywhere(
    before: usize,
    step: impl Fn(&Memory) -> Result<(), VaultError>,
    after: impl Fn(&Memory),
) {
    for writes in [1, 2] {
        for changes in 0.. {
            let memory = Memory::new();
            for _ in 0..writes {
                put(&memory, "x", &value("a", before)).unwrap();
            }
            memory.left.set(changes);
            let done = step(&memory).is_ok();
            memory.left.set(usize::MAX);
            after(&memory);
            if done {
                assert!(changes > 0);
                break;
            }
        }
    }
}

/// S51: after a crash between any two steps of a write, the old or the new value is read, and the
/// next write or deletion removes every other item.
#[test]
fn a_crash_between_parts_leaves_nothing_for_long() {
    for (before, during, next) in [(1, 3, 1), (3, 2, 2), (2, 5, 3), (4, 1, 1), (3, 4, 2), (5, 2, 6)]
    {
        let write = |memory: &Memory| put(memory, "x", &value("b", during));
        crash_everywhere(before, write, |memory| {
            let read = get(memory, "x").unwrap();
            assert!(read == value("b", during) || read == value("a", before));
            put(memory, "x", &value("c", next)).unwrap();
            assert_eq!(get(memory, "x"), Ok(value("c", next)));
            assert_eq!(memory.len(), items_of(next), "{before} {during} {next}");
        });
        crash_everywhere(before, write, |memory| {
            delete(memory, "x").unwrap();
            assert_eq!(memory.len(), 0, "{before} {during}");
        });
    }
}

/// S51: the same for a crash between any two steps of a deletion.
#[test]
fn a_crash_while_removing_leaves_nothing_for_long() {
    let remove = |memory: &Memory| delete(memory, "x");
    crash_everywhere(4, remove, |memory| {
        delete(memory, "x").unwrap();
        assert_eq!(memory.len(), 0);
    });
    crash_everywhere(4, remove, |memory| {
        put(memory, "x", "short").unwrap();
        assert_eq!(memory.len(), 1);
    });
}
