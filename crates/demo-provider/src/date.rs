//! Dates as the providers write them.

use std::time::{SystemTime, UNIX_EPOCH};

/// Unix seconds by the clock of the machine.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// `2026-11-23T05:59:59.000000+00:00`.
pub fn rfc3339(unix: i64) -> String {
    format!("{}T{}.000000+00:00", day(unix), time(unix))
}

/// `2026-11-23 05:59:59Z`.
pub fn stamp(unix: i64) -> String {
    format!("{} {}Z", day(unix), time(unix))
}

/// Days to civil date, after Howard Hinnant's algorithm.
fn day(unix: i64) -> String {
    let shifted = unix.div_euclid(86_400) + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (date, month_number) =
        (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = year + era * 400 + i64::from(month_number <= 2);
    format!("{year:04}-{month_number:02}-{date:02}")
}

fn time(unix: i64) -> String {
    let second = unix.rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000000+00:00");
        assert_eq!(rfc3339(1_709_164_800), "2024-02-29T00:00:00.000000+00:00");
        assert_eq!(rfc3339(1_795_413_599), "2026-11-23T05:59:59.000000+00:00");
        assert_eq!(stamp(1_795_413_599), "2026-11-23 05:59:59Z");
    }
}
