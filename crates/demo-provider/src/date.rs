//! Dates as the providers write them.

use time::OffsetDateTime;

/// Unix seconds by the clock of the machine.
pub fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// `2026-11-23T05:59:59.000000+00:00`.
pub fn rfc3339(unix: i64) -> String {
    format!("{}.000000+00:00", stamp(unix).trim_end_matches('Z').replace(' ', "T"))
}

/// `2026-11-23 05:59:59Z`.
pub fn stamp(unix: i64) -> String {
    let date = OffsetDateTime::from_unix_timestamp(unix).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (hour, minute, second) = date.to_hms();
    format!("{} {hour:02}:{minute:02}:{second:02}Z", date.date())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_the_documented_forms() {
        assert_eq!(rfc3339(1_795_413_599), "2026-11-23T05:59:59.000000+00:00");
        assert_eq!(stamp(1_709_164_800), "2024-02-29 00:00:00Z");
    }
}
