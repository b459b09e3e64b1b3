//! JSON with a list of thousands of items, written as it is read: no item is copied into a tree first.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};
use serde_json::{Serializer, json};

use super::SCHEMA;
use super::json::{escaped, rfc3339};

/// Writes an object with one array.
pub(super) fn write<T: Serialize>(
    out: &mut impl Write,
    name: &str,
    field: &str,
    items: &[T],
) -> io::Result<()> {
    write!(out, "{{\"event\":{},\"schema\":{SCHEMA},{}:[", json!(name), json!(field))?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        write_item(out, item)?;
    }
    writeln!(out, "]}}")
}

/// Writes an item as [`super::Output::event`] writes its fields: control characters are escaped, and a time stands
/// beside each `x_at`.
fn write_item(out: &mut impl Write, item: &impl Serialize) -> io::Result<()> {
    item.serialize(&mut Serializer::with_formatter(out, Item::default()))?;
    Ok(())
}

/// Adds to what serde_json writes.
#[derive(Default)]
struct Item {
    /// The name of the field that is written, also while it is written itself.
    name: String,
    is_in_name: bool,
    /// The field's value, if that is an integer.
    integer: Option<i64>,
}

impl Formatter for Item {
    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.name.clear();
        self.is_in_name = true;
        CompactFormatter.begin_object_key(out, first)
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.is_in_name = false;
        Ok(())
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        let Some(integer) = self.integer.take() else { return Ok(()) };
        match rfc3339(&self.name, integer) {
            Some(time) => write!(out, ",\"{}_rfc3339\":\"{time}\"", self.name),
            None => Ok(()),
        }
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.integer = None;
        CompactFormatter.end_array(out)
    }

    fn write_i64<W: ?Sized + Write>(&mut self, out: &mut W, value: i64) -> io::Result<()> {
        self.integer = Some(value);
        CompactFormatter.write_i64(out, value)
    }

    fn write_u64<W: ?Sized + Write>(&mut self, out: &mut W, value: u64) -> io::Result<()> {
        self.integer = i64::try_from(value).ok();
        CompactFormatter.write_u64(out, value)
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        if self.is_in_name {
            self.name.push_str(text);
        }
        // Most is ASCII without control characters.
        match text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            true => out.write_all(text.as_bytes()),
            false => out.write_all(escaped(text).as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::json::add_times;
    use super::*;

    /// What a script reads is the same for a list and for one event.
    #[test]
    #[allow(clippy::unwrap_used, reason = "a failed test panics")]
    fn an_item_is_written_as_an_event_is() {
        let mut item = json!({
            "expires_at": 1_795_420_377, "read_at": null, "at": 5, "all_at": [1, 2], "name_at": "x",
            "name": "하늘 \u{202e}\u{7f}\n\"", "accounts": [{ "read_at": -1, "of": { "used_at": 0 } }], "too_late_at": i64::MAX,
        });
        let mut written = Vec::new();
        write_item(&mut written, &item).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert!(written.contains(r"하늘 \u202e\u007f\n"), "{written}");
        add_times(&mut item);
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), item);
    }
}
