//! Bytes of a fixed length, written in lower-case hexadecimal.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

/// A value of `N` bytes with one spelling: lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Hex<const N: usize>(pub(crate) [u8; N]);

impl<const N: usize> Hex<N> {
    /// Reads exactly `2 * N` lower-case digits.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        if text.len() != 2 * N {
            return None;
        }
        let bytes = HEXLOWER.decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

impl<const N: usize> std::fmt::Display for Hex<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl<const N: usize> TryFrom<String> for Hex<N> {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(text.as_bytes()).ok_or("not the lower-case hexadecimal of this length")
    }
}

impl<const N: usize> From<Hex<N>> for String {
    fn from(hex: Hex<N>) -> Self {
        hex.to_string()
    }
}
