//! What goes over a node's control socket: a JSON message and bytes, each with a length in front.
//!
//! Both ends are the same program of the same user; the socket lies in a folder that only this user
//! may enter. The bounds keep a confused peer from exhausting memory all the same.

use serde::{Serialize, de::DeserializeOwned};
use std::io::{Error, ErrorKind, Read, Result, Write};

/// Largest JSON message, in bytes.
pub const MAX_JSON_BYTES: usize = 4 << 20;
/// Largest payload, in bytes: a batch of blocks.
pub const MAX_DATA_BYTES: usize = 32 << 20;

/// Block ids in one message: far below [`MAX_JSON_BYTES`].
pub const MAX_IDS: usize = 8192;

/// What a client asks. Block ids and archive ids are in their text forms.
#[derive(Debug, Serialize, serde::Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum Request {
    /// Is the block held?
    Has { id: String },
    /// Are all of these blocks held?
    HasAll { ids: Vec<String> },
    /// The block, plain.
    Get { id: String },
    /// The block as kept.
    GetPacked { id: String },
    /// Blocks to keep: id, encoding, length; their bytes follow one another in the data.
    Put { blocks: Vec<(String, u8, u32)> },
    /// Make everything put durable.
    Flush,
    /// What the store holds.
    Stats,
    /// Remove these blocks for good.
    Erase { ids: Vec<String> },
    /// Blocks that are held, by hash, those after this one, at most so many.
    Ids { after: Option<String>, most: usize },
    /// Ids of all archives.
    List,
    /// Trusted head.
    Trusted { archive: String },
    /// Complete head.
    Complete { archive: String },
    /// Settings of an archive.
    Settings { archive: String },
    /// Replace the settings.
    SetSettings { archive: String, settings: crate::store::heads::ArchiveSettings },
    /// Judge the head in the data.
    Adopt { archive: String },
    /// The head in the data is complete.
    MarkComplete { archive: String },
    /// What must not be kept of an archive, encoded.
    Denied { archive: String },
    /// Blocks of an archive are going to be put; until this ends, or the connection does.
    BeginWriting { archive: String },
    /// It ends: erase what of them is denied.
    EndWriting { archive: String },
    /// Acts that wait for the operator.
    Held { archive: String },
    /// The operator's yes to an act, whose id is in hex.
    Approve { archive: String, act: String },
    /// Judge the notice in the data.
    TakeNotice { archive: String },
    /// Judge the bulletin in the data.
    TakeBulletin { archive: String },
    /// The bulletin of an archive.
    Bulletin { archive: String },
    /// What the node says of itself.
    Status,
    /// Erase what no kept release reaches.
    Gc { options: crate::store::gc::GcOptions },
    /// Forget the addresses of other nodes.
    ForgetPeers,
    /// Ask web hosts for the newest release of an archive now.
    AskHosts { archive: String, hosts: Vec<crate::store::WebHost> },
    /// End in order, as after Ctrl-C.
    Stop,
}

/// What the node answers. Bytes, where there are any, are in the data.
#[derive(Debug, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Response {
    /// Done; the value depends on the request.
    Ok(serde_json::Value),
    /// It failed; text for people.
    Error(String),
}

/// Writes one message.
///
/// # Errors
/// When the socket fails or the message is over a bound.
pub fn send(out: &mut impl Write, message: &impl Serialize, data: &[u8]) -> Result<()> {
    let json = serde_json::to_vec(message)?;
    if json.len() > MAX_JSON_BYTES || data.len() > MAX_DATA_BYTES {
        return Err(Error::new(ErrorKind::InvalidInput, "message too large"));
    }
    // Both fit: see the bounds above.
    out.write_all(&(json.len() as u32).to_be_bytes())?;
    out.write_all(&json)?;
    out.write_all(&(data.len() as u32).to_be_bytes())?;
    out.write_all(data)?;
    out.flush()
}

/// Reads one message; `None` at a clean end.
///
/// # Errors
/// When the socket fails or what comes is over a bound or malformed.
pub fn receive<T: DeserializeOwned>(input: &mut impl Read) -> Result<Option<(T, Vec<u8>)>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(e) if e.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let json = read_bounded(input, length, MAX_JSON_BYTES)?;
    input.read_exact(&mut length)?;
    let data = read_bounded(input, length, MAX_DATA_BYTES)?;
    Ok(Some((serde_json::from_slice(&json)?, data)))
}

fn read_bounded(input: &mut impl Read, length: [u8; 4], max: usize) -> Result<Vec<u8>> {
    let length = u32::from_be_bytes(length) as usize;
    if length > max {
        return Err(Error::new(ErrorKind::InvalidData, "message too large"));
    }
    let mut out = vec![0; length];
    input.read_exact(&mut out)?;
    Ok(out)
}
