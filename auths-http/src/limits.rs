//! The limits of one lookup.

use std::time::Duration;

/// The limits of one lookup at a service: its requests, its time, and the size of each answer.
///
/// ```
/// use auths_http::Limits;
/// use std::time::Duration;
///
/// const LIMITS: Limits = Limits::new(22, Duration::from_secs(30), 2 << 20);
///
/// let limits = LIMITS.with_max_requests(0);
/// assert_eq!(limits.max_requests(), 1, "a lookup takes at least one request");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    max_requests: u32,
    max_time: Duration,
    max_bytes: u64,
}

impl Limits {
    /// Creates the limits: the most requests of one lookup, at least one; the most time of all of them, retries and waits
    /// included; and the size of the largest answer, in bytes after decompression.
    #[must_use]
    pub const fn new(max_requests: u32, max_time: Duration, max_bytes: u64) -> Self {
        let limits = Self {
            max_requests: 1,
            max_time,
            max_bytes,
        };
        limits.with_max_requests(max_requests)
    }

    /// Sets the most requests of one lookup; at least one. Retries and followed redirects are not counted.
    #[must_use]
    pub const fn with_max_requests(mut self, requests: u32) -> Self {
        self.max_requests = if requests == 0 { 1 } else { requests };
        self
    }

    /// Sets the most time of one lookup, all its requests, retries and waits together.
    #[must_use]
    pub const fn with_max_time(mut self, time: Duration) -> Self {
        self.max_time = time;
        self
    }

    /// Sets the size of the largest answer, in bytes after decompression.
    #[must_use]
    pub const fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Returns the most requests of one lookup.
    #[must_use]
    pub const fn max_requests(&self) -> u32 {
        self.max_requests
    }

    /// Returns the most time of one lookup.
    #[must_use]
    pub const fn max_time(&self) -> Duration {
        self.max_time
    }

    /// Returns the size of the largest answer, in bytes.
    #[must_use]
    pub const fn max_bytes(&self) -> u64 {
        self.max_bytes
    }
}
