//! How long a provider asks for no requests (`Retry-After`; RFC 9110, section 10.2.3), endpoint
//! by endpoint. Nothing is sent there before; it is forgotten with the process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::error::{Error, ErrorKind, Result};

/// Longest delay that is obeyed, in seconds.
const MAX_DELAY: i64 = 60 * 60;

/// What was asked, by endpoint.
#[derive(Debug, Default)]
pub(super) struct RetryAfter(Mutex<HashMap<String, Wait>>);

#[derive(Debug, Clone, Copy)]
struct Wait {
    from: i64,
    until: i64,
}

impl RetryAfter {
    /// Whether something may be sent there now.
    ///
    /// # Errors
    /// [`ErrorKind::WaitAsked`] with the seconds that are left.
    pub(super) fn check(&self, place: &str, now: i64) -> Result<()> {
        let wait = self.asked().get(place).copied();
        // A clock that was set back must not make the wait longer than it was.
        match wait.filter(|wait| (wait.from..wait.until).contains(&now)) {
            Some(wait) => Err(Error::new(ErrorKind::WaitAsked).with_detail(wait.until - now)),
            None => Ok(()),
        }
    }

    /// Records the requested delay and returns it as an error; `None` without one.
    pub(super) fn note(&self, place: &str, headers: &HeaderMap, now: i64) -> Option<Error> {
        let seconds = seconds(headers, now).filter(|&seconds| seconds > 0)?.min(MAX_DELAY);
        let wait = Wait { from: now, until: now + seconds };
        let mut asked = self.asked();
        asked.retain(|_, wait| now < wait.until);
        asked.insert(place.to_owned(), wait);
        Some(Error::new(ErrorKind::WaitAsked).with_detail(seconds))
    }

    fn asked(&self) -> MutexGuard<'_, HashMap<String, Wait>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Seconds, or a date by the clock of the server.
fn seconds(headers: &HeaderMap, now: i64) -> Option<i64> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let asked = text(RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse::<u32>() {
        return Some(i64::from(seconds));
    }
    let date = |text: &str| {
        let since: Duration =
            httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    };
    Some(date(asked)? - text(DATE).and_then(date).unwrap_or(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(named: &[(&'static str, &str)]) -> HeaderMap {
        named.iter().map(|&(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    /// S43: seconds and dates are both understood; a date is compared with the server's own clock.
    #[test]
    fn both_forms_are_read() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (named, seconds_asked) in [
            (&[("retry-after", "120")][..], Some(120)),
            (&[("retry-after", " 0 ")], Some(0)),
            (&[("retry-after", date)], Some(7)),
            (&[("retry-after", date), ("date", "Sun, 06 Nov 1994 08:49:07 GMT")], Some(30)),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "-1")], None),
            (&[], None),
        ] {
            assert_eq!(seconds(&headers(named), 784_111_770), seconds_asked, "{named:?}");
        }
    }

    /// S43: what is asked is waited for, there and nowhere else, and never without end.
    #[test]
    fn a_wait_is_for_one_endpoint_and_ends() {
        let retry_after = RetryAfter::default();
        assert_eq!(retry_after.note("a", &headers(&[("retry-after", "0")]), 100), None);
        let asked = retry_after.note("a", &headers(&[("retry-after", "60")]), 100).unwrap();
        assert_eq!((asked.kind(), asked.detail()), (ErrorKind::WaitAsked, Some("60")));
        let refused = retry_after.check("a", 130).unwrap_err();
        assert_eq!((refused.kind(), refused.detail()), (ErrorKind::WaitAsked, Some("30")));
        retry_after.check("b", 130).unwrap();
        retry_after.check("a", 160).unwrap();
        retry_after.check("a", 99).expect("a clock that was set back makes it no longer");
        retry_after.note("a", &headers(&[("retry-after", "4000000000")]), 100);
        retry_after.check("a", 100 + MAX_DELAY).unwrap();
    }
}
