//! JSON for programs: times beside seconds, and no control characters.

use std::borrow::Cow;

use nameplate::text::is_hidden;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Adds `x_at_rfc3339` beside each `x_at`, which is in seconds since 1970.
pub(super) fn add_times(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(add_times),
        Value::Object(fields) => {
            let times: Vec<_> = fields
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), rfc3339(name, value.as_i64()?)?)))
                .collect();
            for (name, time) in times {
                fields.insert(format!("{name}_rfc3339"), time.into());
            }
            fields.values_mut().for_each(add_times);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// In UTC, such as `2026-11-29T08:00:00Z`; `None` for other fields.
pub(super) fn rfc3339(name: &str, seconds: i64) -> Option<String> {
    let time = name.ends_with("_at").then(|| OffsetDateTime::from_unix_timestamp(seconds))?;
    time.ok()?.format(&Rfc3339).ok()
}

/// JSON with escaped control characters, so that it is exact and safe on a terminal.
pub(super) fn escaped(json: &str) -> Cow<'_, str> {
    let hidden = |c: char| !matches!(c, ' '..='~') && is_hidden(c);
    if !json.contains(hidden) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 64);
    let mut units = [0; 2];
    for c in json.chars() {
        match hidden(c) {
            true => {
                let units = c.encode_utf16(&mut units).iter();
                escaped.extend(units.map(|unit| format!("\\u{unit:04x}")));
            }
            false => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_stand_beside_seconds() {
        let mut value = json!({ "a": [{ "expires_at": 1_795_420_377, "read_at": null }], "at": 5 });
        add_times(&mut value);
        let expected = json!({
            "a": [{ "expires_at": 1_795_420_377, "expires_at_rfc3339": "2026-11-23T07:52:57Z", "read_at": null }],
            "at": 5,
        });
        assert_eq!(value, expected);
    }
}
