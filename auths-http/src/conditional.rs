//! Conditional requests: a parsed answer is kept, and reused while the server says that nothing changed.

use std::io::Read;
use std::time::Duration;

use auths_core::ports::StoreKey;
use auths_core::{Unavailable, UnavailableReason};
use data_encoding::HEXLOWER;
use http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderMap, HeaderValue, Method};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::attempt::{OpenAnswer, ReadExtent};
use crate::request::Request;
use crate::response::{Response, ResponseHead, http_date};
use crate::transport::Transport;

/// The format version of the records. Records of another version are not read.
const FORMAT: &str = "auths-http/1";

/// The shortest time between `Last-Modified` and the answer that is needed to tell two states apart. `Last-Modified` counts whole
/// seconds.
const SETTLED: Duration = Duration::from_secs(60);

/// A value parsed from an answer: from the latest one, or from an earlier one that still holds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Cached<T> {
    /// The value that the parsing function made of the body.
    pub value: T,
    /// True when the server said that nothing changed (304), so that no body was read.
    pub not_modified: bool,
    /// The head of the latest answer.
    pub head: ResponseHead,
}

impl<T> Cached<T> {
    /// Returns the status of the latest answer: 304 when nothing changed.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.head.status()
    }
}

impl Transport {
    /// Asks for an answer that may have been parsed before, and parses it only when it changed.
    ///
    /// `parse` reads every answer except "not modified", so that it can also say what a 404 means. Its result is kept in the
    /// store when the answer is a 200 without redirect and with a validator (`ETag`, or a `Last-Modified` at least a minute old).
    /// The next request is then conditional.
    ///
    /// The record is found only by the same method, origin, address, headers (`Accept` among them), token, [`Request::cache_as`]
    /// and Rust type. It holds the result of `parse`, and neither the address nor anything from which a token could be read.
    /// `parse` must never return a secret.
    ///
    /// A record is ignored when it cannot be read, is damaged, has another version, or is not this verifier's own as far as the
    /// store can tell. The request is then unconditional. A record that cannot be written only costs a full request next time.
    ///
    /// # Errors
    /// The errors of [`Transport::send`], and those that `parse` returns. A 304 to an unconditional request is
    /// [`UnavailableReason::Unreadable`].
    pub async fn fetch_cached<T, D>(
        &self,
        request: Request,
        parse: D,
    ) -> Result<Cached<T>, Unavailable>
    where
        T: Serialize + DeserializeOwned,
        D: FnOnce(&Response) -> Result<T, Unavailable>,
    {
        let slot = CacheSlot::of::<T>(&request);
        let open = match self.ask(&request, &slot, ReadExtent::Whole).await? {
            CacheAnswer::Same(cached) => return Ok(cached),
            CacheAnswer::New(open) => open,
        };
        let response = open.read_whole().await?;
        let value = self.record_throttle(&request, parse(&response))?;
        let head = response.head().clone();
        let record = slot.record(&request, &head, &value);
        self.keep(&slot, record).await;
        Ok(Cached {
            value,
            not_modified: false,
            head,
        })
    }

    /// Does what [`Transport::fetch_cached`] does for an answer too large to hold: `parse` reads the body as it comes. See
    /// [`Transport::stream`].
    ///
    /// # Errors
    /// The errors of [`Transport::fetch_cached`] and [`Transport::stream`].
    pub async fn fetch_cached_stream<T, D>(
        &self,
        request: Request,
        parse: D,
    ) -> Result<Cached<T>, Unavailable>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        D: FnOnce(&ResponseHead, &mut dyn Read) -> Result<T, Unavailable> + Send + 'static,
    {
        let slot = CacheSlot::of::<T>(&request);
        let open = match self.ask(&request, &slot, ReadExtent::Head).await? {
            CacheAnswer::Same(cached) => return Ok(cached),
            CacheAnswer::New(open) => open,
        };
        let head = open.head.clone();
        let value = self.record_throttle(&request, open.feed_reader(parse).await?)?;
        let record = slot.record(&request, &head, &value);
        self.keep(&slot, record).await;
        Ok(Cached {
            value,
            not_modified: false,
            head,
        })
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        request: &Request,
        slot: &CacheSlot,
        reading: ReadExtent,
    ) -> Result<CacheAnswer<T>, Unavailable> {
        if let Some(known) = self.read_kept::<T>(slot, request).await {
            let open = self.open(request, Some(&known.validators), reading).await?;
            if open.head.status() != 304 {
                return Ok(CacheAnswer::New(open));
            }
            if open.head.url() == request.url() && known.validators.agree_with(&open.head) {
                return Ok(CacheAnswer::Same(Cached {
                    value: known.value,
                    not_modified: true,
                    head: open.head,
                }));
            }
            // This 304 is about another state than the one kept here: ask for the whole answer.
        }
        let open = self.open(request, None, reading).await?;
        if open.head.status() == 304 {
            return Err(Unavailable::new(
                UnavailableReason::Unreadable,
                format!(
                    "{}: \"not modified\" to a request without condition",
                    request.what()
                ),
            ));
        }
        Ok(CacheAnswer::New(open))
    }

    async fn read_kept<T: DeserializeOwned>(
        &self,
        slot: &CacheSlot,
        request: &Request,
    ) -> Option<CacheRecord<T>> {
        if request.method != Method::GET || !request.is_kept {
            return None;
        }
        match self.inner().store.get(&slot.key).await {
            Ok(bytes) => read_record(&slot.name, &bytes?),
            Err(error) => {
                tracing::warn!(%error, "asking without condition");
                None
            }
        }
    }

    async fn keep(&self, slot: &CacheSlot, record: Option<Vec<u8>>) {
        if let Some(record) = record
            && let Err(error) = self.inner().store.put(&slot.key, &record).await
        {
            // The old record is still whole, and its validators still belong to its value.
            tracing::warn!(%error, "the next request will read everything again");
        }
    }
}

enum CacheAnswer<T> {
    Same(Cached<T>),
    New(OpenAnswer),
}

/// The place in the store where the parsed answer of a request is kept.
struct CacheSlot {
    name: String,
    key: StoreKey,
}

impl CacheSlot {
    fn of<T>(request: &Request) -> Self {
        let mut hash = Sha256::new();
        hash.update(FORMAT);
        hash.update(request.fingerprint());
        hash.update(std::any::type_name::<T>());
        let name = HEXLOWER.encode(&hash.finalize());
        Self {
            key: StoreKey::new("http-digests", name.clone()).as_cached(),
            name,
        }
    }

    /// Returns the record to keep of an answer; `None` when nothing is to be kept.
    fn record<T: Serialize>(
        &self,
        request: &Request,
        head: &ResponseHead,
        value: &T,
    ) -> Option<Vec<u8>> {
        let is_plain =
            request.method == Method::GET && head.status() == 200 && head.url() == request.url();
        let validators = CacheValidators::of(head).filter(|_| is_plain && request.is_kept)?;
        write_record(&self.name, &CacheRecord { validators, value })
    }
}

/// The validators that a server gave for later conditional requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CacheValidators {
    etag: Option<String>,
    last_modified: Option<String>,
}

impl CacheValidators {
    fn of(head: &ResponseHead) -> Option<Self> {
        if has_word(head, "cache-control", "no-store") || has_word(head, "vary", "*") {
            return None;
        }
        let etag = head.plain(ETAG).map(str::to_owned);
        let last_modified = head
            .plain(LAST_MODIFIED)
            .filter(|text| {
                let changed = http_date(text);
                changed
                    .zip(head.server_date())
                    .is_some_and(|(changed, date)| changed + SETTLED <= date)
            })
            .map(str::to_owned);
        (etag.is_some() || last_modified.is_some()).then_some(Self {
            etag,
            last_modified,
        })
    }

    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        // Only the tag is sent when there is one: the date is coarser, and some servers look at it first.
        let condition = match (&self.etag, &self.last_modified) {
            (Some(etag), _) => Some((IF_NONE_MATCH, etag)),
            (None, Some(date)) => Some((IF_MODIFIED_SINCE, date)),
            (None, None) => None,
        };
        if let Some((name, text)) = condition
            && let Ok(value) = HeaderValue::from_str(text)
        {
            headers.insert(name, value);
        }
    }

    /// Returns whether a "not modified" answer is about the state that these validators belong to.
    fn agree_with(&self, head: &ResponseHead) -> bool {
        match (&self.etag, head.header(ETAG.as_str())) {
            (Some(kept), Some(came)) => opaque_tag(kept) == opaque_tag(came),
            _ => true,
        }
    }
}

/// Returns whether a header holds a word, in any letters.
fn has_word(head: &ResponseHead, name: &str, word: &str) -> bool {
    let text = head.header(name);
    text.is_some_and(|text| text.to_ascii_lowercase().contains(word))
}

/// Returns the opaque part of a tag. A weak tag names the state as a strong one does.
fn opaque_tag(tag: &str) -> &str {
    tag.trim().trim_start_matches("W/")
}

/// The content of a kept answer.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CacheRecord<T> {
    validators: CacheValidators,
    value: T,
}

/// Writes a record: `auths-http/1 <slot> <SHA-256 of the rest>`, a line break, and the record as JSON.
fn write_record<T: Serialize>(slot: &str, record: &CacheRecord<T>) -> Option<Vec<u8>> {
    let json = serde_json::to_vec(record).ok()?;
    let mut bytes = first_line(slot, &json).into_bytes();
    bytes.extend_from_slice(&json);
    Some(bytes)
}

/// Reads a record; `None` unless it is whole, of this version, and of this slot.
fn read_record<T: DeserializeOwned>(slot: &str, bytes: &[u8]) -> Option<CacheRecord<T>> {
    let end = bytes.iter().position(|b| *b == b'\n')? + 1;
    let (first, json) = bytes.split_at(end);
    if first != first_line(slot, json).as_bytes() {
        return None;
    }
    serde_json::from_slice(json).ok()
}

fn first_line(slot: &str, json: &[u8]) -> String {
    format!(
        "{FORMAT} {slot} {}\n",
        HEXLOWER.encode(&Sha256::digest(json))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, headers: &[(&str, &str)]) -> ResponseHead {
        let now = "2026-11-21T08:46:00Z".parse().unwrap();
        let url = "https://h.example/x".parse().unwrap();
        Response::from_parts(url, status, headers, "", now)
            .head()
            .clone()
    }

    #[test]
    fn a_record_is_read_whole_or_not_at_all() {
        let validators = CacheValidators::of(&head(200, &[("etag", "\"a\"")])).unwrap();
        let record = CacheRecord {
            validators,
            value: vec![1u8, 2],
        };
        let bytes = write_record("slot", &record).unwrap();
        assert_eq!(
            read_record::<Vec<u8>>("slot", &bytes).unwrap().value,
            [1, 2]
        );
        assert!(read_record::<Vec<u8>>("other", &bytes).is_none());
        assert!(read_record::<String>("slot", &bytes).is_none());
        for cut in 0..bytes.len() {
            assert!(
                read_record::<Vec<u8>>("slot", &bytes[..cut]).is_none(),
                "{cut}"
            );
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(read_record::<Vec<u8>>("slot", &damaged).is_none(), "{at}");
        }
    }

    #[test]
    fn which_validators_count() {
        let date = ("date", "Sat, 21 Nov 2026 08:46:00 GMT");
        let old = ("last-modified", "Sat, 21 Nov 2026 08:45:00 GMT");
        let fresh = ("last-modified", "Sat, 21 Nov 2026 08:45:01 GMT");
        let tag = ("etag", "W/\"a\"");
        let of = |headers: &[(&str, &str)]| CacheValidators::of(&head(200, headers));
        assert!(of(&[date]).is_none());
        assert!(of(&[old]).is_none());
        assert!(of(&[date, fresh]).is_none());
        assert!(of(&[date, old]).unwrap().last_modified.is_some());
        assert!(of(&[tag]).unwrap().etag.is_some());
        assert!(of(&[tag, ("cache-control", "private, No-Store")]).is_none());
        assert!(
            of(&[
                tag,
                ("cache-control", "private"),
                ("cache-control", "no-store")
            ])
            .is_none()
        );
        assert!(of(&[tag, tag]).is_none());
        assert!(of(&[tag, ("vary", "*")]).is_none());
        assert!(of(&[tag, ("vary", "Accept")]).is_some());
    }

    #[test]
    fn a_304_with_another_tag_is_about_something_else() {
        let kept = CacheValidators::of(&head(200, &[("etag", "W/\"a\"")])).unwrap();
        assert!(kept.agree_with(&head(304, &[])));
        assert!(kept.agree_with(&head(304, &[("etag", "\"a\"")])));
        assert!(!kept.agree_with(&head(304, &[("etag", "\"b\"")])));
    }
}
