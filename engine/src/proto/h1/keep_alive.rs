//! How long an idle connection may be kept: the client's default, the server's hint, and their bounds.

use std::time::Duration;

use super::framing::elements;

/// The bounds of a connection's idle time.
#[derive(Clone, Debug)]
pub struct KeepAlive {
    /// How long an idle connection is kept when its server gave no hint.
    pub timeout: Duration,
    /// The most that a hint can make of it.
    pub max_timeout: Duration,
    /// What is taken off a hint, in milliseconds, so that we close before the server does; may be negative.
    pub threshold: i64,
}

impl Default for KeepAlive {
    /// undici's.
    fn default() -> Self {
        Self { timeout: Duration::from_secs(4), max_timeout: Duration::from_secs(600), threshold: 2000 }
    }
}

impl KeepAlive {
    /// How long to keep a connection whose server gave `hint`; `None`: not at all.
    pub(super) fn idle_time(&self, hint: Option<Duration>) -> Option<Duration> {
        let Some(hint) = hint else {
            return Some(self.timeout);
        };
        let margin = Duration::from_millis(self.threshold.unsigned_abs());
        let time = if self.threshold >= 0 { hint.saturating_sub(margin) } else { hint.saturating_add(margin) };
        let time = time.min(self.max_timeout);
        (!time.is_zero()).then_some(time)
    }
}

/// The `timeout` parameter of a `keep-alive` field, which is in seconds (RFC 2068 section 19.7.1.1).
pub(super) fn time(value: &[u8]) -> Option<Duration> {
    const NAME: &[u8] = b"timeout=";
    elements(value)
        .filter(|element| element.len() > NAME.len() && element[..NAME.len()].eq_ignore_ascii_case(NAME))
        .find_map(|element| {
            let digits = element[NAME.len()..].iter().take_while(|octet| octet.is_ascii_digit());
            digits.fold(None, |seconds: Option<u64>, digit| {
                let seconds = seconds.unwrap_or(0).saturating_mul(10);
                Some(seconds.saturating_add(u64::from(digit - b'0')))
            })
        })
        .map(Duration::from_secs)
}
