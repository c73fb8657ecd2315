//! The one gate through which CBOR from outside is decoded (spec: encoding.md, ENC-1 to ENC-9).
//!
//! ciborium by itself accepts non-shortest integers, indefinite lengths, tags in front of integers,
//! duplicate keys and trailing bytes. All of these disappear in one comparison: what was decoded is
//! encoded again and must give the same bytes.

use crate::limits::MAX_DEPTH;
use crate::reject::Reject;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The `format` that this crate reads and writes.
pub const FORMAT: u64 = 1;

/// Decodes `bytes` as `T`, of at most `max` bytes.
///
/// # Errors
/// `ENC-1` too long, `ENC-9` newer format, `ENC-8` anything that is not the one deterministic
/// encoding of a `T`.
pub fn decode<T: Serialize + DeserializeOwned>(bytes: &[u8], max: usize) -> Result<T, Reject> {
    if bytes.len() > max {
        return Err(Reject::new("ENC-1", "longer than allowed"));
    }
    let value: T = match ciborium::de::from_reader_with_recursion_limit(bytes, MAX_DEPTH) {
        Ok(value) => value,
        Err(_) => return Err(why_undecodable(bytes)),
    };
    if encode(&value) != bytes {
        return Err(Reject::new("ENC-8", "not the deterministic encoding"));
    }
    Ok(value)
}

/// The deterministic encoding of `value`.
///
/// The types of this crate list map keys in length-first order and use no floats, so that serde's
/// order is the right one; a test checks each type.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing to a Vec cannot fail, and none of our types has a value that serde cannot represent.
    #[allow(clippy::expect_used)]
    ciborium::into_writer(value, &mut out).expect("encoding into memory");
    out
}

/// Checks the `format` that a decoded map states.
///
/// # Errors
/// `ENC-9` for a newer one, also when nothing else of it is new; `older` for one that never was.
pub fn check_format(format: u64, older: &'static str) -> Result<(), Reject> {
    match format {
        FORMAT => Ok(()),
        newer if newer > FORMAT => Err(NEWER),
        _ => Err(Reject::new(older, "a format that never was")),
    }
}

const NEWER: Reject = Reject::new("ENC-9", "needs a newer version of yadgar");

/// Tells a newer format from a malformed one; only looks, never trusts.
fn why_undecodable(bytes: &[u8]) -> Reject {
    #[derive(Deserialize)]
    struct Peek {
        format: u64,
    }
    match ciborium::de::from_reader_with_recursion_limit::<Peek, _>(bytes, MAX_DEPTH) {
        Ok(peek) if peek.format > FORMAT => NEWER,
        _ => Reject::new("ENC-8", "malformed"),
    }
}

/// Serde helper for `[u8; N]` as a byte string; serde's default is an array of integers.
pub mod bytes_array {
    use serde::{Deserializer, Serializer, de::Error};

    /// Writes a CBOR byte string.
    pub fn serialize<S: Serializer, const N: usize>(v: &[u8; N], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_bytes(v)
    }

    /// Reads a CBOR byte string of exactly `N` bytes.
    pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        d: D,
    ) -> Result<[u8; N], D::Error> {
        let buf: serde_bytes::ByteBuf = serde::Deserialize::deserialize(d)?;
        <[u8; N]>::try_from(buf.as_slice()).map_err(|_| D::Error::custom("length"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[serde(with = "serde_bytes")]
        id: Vec<u8>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opt: Option<u64>,
        format: u64,
    }

    fn sample() -> Vec<u8> {
        encode(&Sample { id: vec![1, 2], opt: None, format: 1 })
    }

    #[test]
    fn enc_8_round_trip() {
        let s: Sample = decode(&sample(), 100).unwrap();
        assert_eq!(s.id, [1, 2]);
    }

    #[test]
    fn enc_1_too_long() {
        assert_eq!(decode::<Sample>(&sample(), 3).unwrap_err().clause, "ENC-1");
    }

    #[test]
    fn enc_8_malleable_forms() {
        let good = sample();
        // a2 62 "id" 42 01 02 66 "format" 01
        let mut trailing = good.clone();
        trailing.push(0);
        let mut long_int = good.clone();
        long_int.pop();
        long_int.extend([0x18, 0x01]);
        let mut tagged = vec![0xc1];
        tagged.extend(&good);
        let mut indefinite = good.clone();
        indefinite[0] = 0xbf;
        indefinite.push(0xff);
        let mut null = vec![0xa3];
        null.extend(&good[1..7]);
        null.extend(b"\x63opt\xf6");
        null.extend(&good[7..]);
        for bad in [trailing, long_int, tagged, indefinite, null] {
            assert_eq!(decode::<Sample>(&bad, 100).unwrap_err().clause, "ENC-8");
        }
    }

    #[test]
    fn enc_9_newer() {
        #[derive(Serialize)]
        struct Newer {
            id: u8,
            wow: u8,
            format: u64,
        }
        let bytes = encode(&Newer { id: 1, wow: 1, format: 2 });
        assert!(decode::<Sample>(&bytes, 100).unwrap_err().needs_newer_version());
    }

    #[test]
    fn enc_7_deep_nesting_on_a_small_stack() {
        let deep = vec![0x81; 200_000];
        std::thread::Builder::new()
            .stack_size(256 * 1024)
            .spawn(move || assert!(decode::<Sample>(&deep, 1 << 20).is_err()))
            .unwrap()
            .join()
            .unwrap();
    }
}
