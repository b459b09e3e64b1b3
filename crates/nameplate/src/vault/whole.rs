//! Values of any length in a store whose entries hold little: kept, read and removed whole, and
//! nothing left over that the next write or removal would not find.

use super::VaultError;
use super::split::{Head, LIMIT, SLOTS, part_name};

/// A store of short texts, by name.
pub(super) trait Entries {
    fn read(&self, name: &str) -> Result<String, VaultError>;
    fn write(&self, name: &str, value: &str) -> Result<(), VaultError>;
    /// One that is not there is removed already.
    fn remove(&self, name: &str) -> Result<(), VaultError>;
}

/// Keeps a value. The parts go to the slot that the value before does not use, so that a crash
/// anywhere leaves either of them whole.
pub(super) fn put(entries: &impl Entries, name: &str, value: &str) -> Result<(), VaultError> {
    let former = head(entries, name)?;
    if value.len() <= LIMIT {
        entries.write(name, value)?;
        return SLOTS
            .into_iter()
            .try_for_each(|slot| trim(entries, name, slot, 0))
            .and_then(|()| remove_former(entries, name, former.as_ref()));
    }
    let [first, second] = SLOTS;
    let (slot, other) = match &former {
        Some(former) if former.is_in(first) => (second, first),
        Some(_) | None => (first, second),
    };
    let (head, parts) = Head::of(value, slot);
    for (part, part_name) in parts.into_iter().zip(head.names(name)) {
        entries.write(&part_name, part)?;
    }
    // What a crash left of a longer value.
    trim(entries, name, slot, head.count())?;
    entries.write(name, &head.text())?;
    trim(entries, name, other, 0)?;
    remove_former(entries, name, former.as_ref())
}

/// The value, if all of it is there.
pub(super) fn get(entries: &impl Entries, name: &str) -> Result<String, VaultError> {
    let entry = entries.read(name)?;
    let Some(head) = Head::parse(&entry) else { return Ok(entry) };
    let names = head.names(name);
    let parts: Vec<String> =
        names.iter().map(|part| entries.read(part)).collect::<Result<_, _>>()?;
    head.join(&parts).ok_or(VaultError::NotFound)
}

/// Removes a value, and what a crash left of any before it.
pub(super) fn delete(entries: &impl Entries, name: &str) -> Result<(), VaultError> {
    let former = head(entries, name)?;
    // The parts of a slot are found without the head, others are not: those go before it.
    remove_former(entries, name, former.as_ref())?;
    entries.remove(name)?;
    SLOTS.into_iter().try_for_each(|slot| trim(entries, name, slot, 0))
}

fn head(entries: &impl Entries, name: &str) -> Result<Option<Head>, VaultError> {
    match entries.read(name) {
        Ok(entry) => Ok(Head::parse(&entry)),
        Err(VaultError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Parts were written under names that only their head knew, before there were slots.
fn remove_former(
    entries: &impl Entries,
    name: &str,
    former: Option<&Head>,
) -> Result<(), VaultError> {
    let former = former.filter(|former| !SLOTS.iter().any(|slot| former.is_in(slot)));
    let names = former.map(|former| former.names(name)).unwrap_or_default();
    names.iter().try_for_each(|part| entries.remove(part))
}

/// Removes the parts of a slot from that one on. They are written first to last and removed last
/// to first, so that no gap hides any.
fn trim(entries: &impl Entries, name: &str, slot: &str, from: usize) -> Result<(), VaultError> {
    let mut end = from;
    loop {
        match entries.read(&part_name(name, slot, end)) {
            Ok(_) => end += 1,
            Err(VaultError::NotFound) => break,
            Err(error) => return Err(error),
        }
    }
    (from..end).rev().try_for_each(|part| entries.remove(&part_name(name, slot, part)))
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;

    use super::*;

    /// A store that takes so many changes more; then whoever changes it has crashed.
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

    impl Entries for Memory {
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

    /// How many entries a value of so many parts takes.
    fn entries_of(parts: usize) -> usize {
        if parts == 1 { 1 } else { parts + 1 }
    }

    fn value(letter: &str, parts: usize) -> String {
        letter.repeat(LIMIT * parts)
    }

    /// Does `step` with a crash after every number of changes, and then `after` on what is left.
    fn crash_everywhere(
        before: usize,
        step: impl Fn(&Memory) -> Result<(), VaultError>,
        after: impl Fn(&Memory),
    ) {
        for changes in 0.. {
            let memory = Memory::new();
            put(&memory, "x", &value("a", before)).unwrap();
            memory.left.set(changes);
            let done = step(&memory).is_ok();
            memory.left.set(usize::MAX);
            after(&memory);
            if done {
                assert!(changes > 0);
                return;
            }
        }
    }

    /// S51: a crash between any two steps of a write leaves the value before or the new one, and
    /// of the other nothing that the next write or the removal does not take away.
    #[test]
    fn a_crash_between_parts_leaves_nothing_for_long() {
        for (before, during, next) in
            [(1, 3, 1), (3, 2, 2), (2, 5, 3), (4, 1, 1), (3, 4, 2), (5, 2, 6)]
        {
            let write = |memory: &Memory| put(memory, "x", &value("b", during));
            crash_everywhere(before, write, |memory| {
                let read = get(memory, "x").unwrap();
                assert!(read == value("b", during) || read == value("a", before));
                put(memory, "x", &value("c", next)).unwrap();
                assert_eq!(get(memory, "x"), Ok(value("c", next)));
                assert_eq!(memory.len(), entries_of(next), "{before} {during} {next}");
            });
            crash_everywhere(before, write, |memory| {
                delete(memory, "x").unwrap();
                assert_eq!(memory.len(), 0, "{before} {during}");
            });
        }
    }

    /// S51: nor does a crash between any two steps of a removal.
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

    /// S51: what was written before there were slots is read, and goes with the next write.
    #[test]
    fn what_an_earlier_version_wrote_is_read_and_replaced() {
        for next in [Some(1), Some(3), None] {
            let memory = Memory::new();
            let old = value("a", 3);
            let (head, parts) = Head::of(&old, "0f1e2d3c4b5a69788796a5b4c3d2e1f0");
            for (name, part) in head.names("x").iter().zip(parts) {
                memory.write(name, part).unwrap();
            }
            memory.write("x", &head.text()).unwrap();
            assert_eq!(get(&memory, "x"), Ok(value("a", 3)));
            match next {
                Some(parts) => put(&memory, "x", &value("b", parts)).unwrap(),
                None => delete(&memory, "x").unwrap(),
            }
            assert_eq!(memory.len(), next.map_or(0, entries_of));
        }
    }
}
