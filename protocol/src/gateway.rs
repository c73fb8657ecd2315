//! What is asked of a gateway over HTTP, and which blocks a block links to (spec: gateway.md).

use crate::ids::{ArchiveId, BlockId, Codec};
use crate::limits::{MAX_BLOCK_LINKS, MAX_GATEWAY_NAME_BYTES};
use crate::reject::Reject;

/// The name of the empty block, by which clients find out whether something is a gateway (GW-6).
pub const PROBE: &str = "bafkqaaa";
/// Media type of a block.
pub const RAW_TYPE: &str = "application/vnd.ipld.raw";
/// Media type of a CAR, with what is said of ours (GW-4).
pub const CAR_TYPE: &str = "application/vnd.ipld.car; version=1; order=dfs; dups=n";
/// The same without parameters.
const CAR: &str = "application/vnd.ipld.car";

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// One block, as it is.
    Block(BlockId),
    /// A block and what it leads to, as a CAR.
    Car(BlockId, Scope),
    /// Whether this is a gateway, in one of the two forms.
    Probe(Form),
    /// The head that is shown of an archive.
    Head(ArchiveId),
    /// The bulletin of an archive.
    Bulletin(ArchiveId),
}

/// How blocks come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The bytes of one block.
    Raw,
    /// A CAR.
    Car,
}

/// How much of what hangs on a block is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The block alone.
    Block,
    /// All that can be reached from it.
    All,
}

/// Why a question gets no blocks; what of it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is no question at all (400).
    Malformed,
    /// There is no such thing (404).
    NotFound,
    /// It asks for a form that is not to be had (406).
    NotAcceptable,
}

/// Reads a question: the path of the URL, what is behind its `?`, and the values of all `Accept` headers (GW-2 to GW-7).
///
/// # Errors
/// See [`Refusal`].
pub fn parse(path: &str, query: Option<&str>, accept: &[&str]) -> Result<Ask, Refusal> {
    if let Some(rest) = path.strip_prefix("/yadgar/1/") {
        return of_archive(rest);
    }
    let name = path.strip_prefix("/ipfs/").ok_or(Refusal::NotFound)?;
    if name.contains('/') || name.is_empty() {
        // Paths below a block are for gateways that look into blocks.
        return Err(Refusal::Malformed);
    }
    let query = Query::read(query.unwrap_or_default())?;
    let form = form(&query, accept)?;
    if name == PROBE {
        return Ok(Ask::Probe(form));
    }
    let id = block_id(name).map_err(|_| Refusal::Malformed)?.ok_or(Refusal::NotFound)?;
    match form {
        Form::Raw => Ok(Ask::Block(id)),
        Form::Car => Ok(Ask::Car(id, query.scope()?)),
    }
}

fn of_archive(rest: &str) -> Result<Ask, Refusal> {
    let (archive, what) = rest.split_once('/').ok_or(Refusal::NotFound)?;
    if archive.len() > MAX_GATEWAY_NAME_BYTES {
        return Err(Refusal::Malformed);
    }
    let archive = archive.parse().map_err(|_| Refusal::NotFound)?;
    match what {
        "head" => Ok(Ask::Head(archive)),
        "bulletin" => Ok(Ask::Bulletin(archive)),
        _ => Err(Refusal::NotFound),
    }
}

/// A CID in any base (GW-2); `None` when it is one that no block of ours has.
///
/// # Errors
/// `GW-2` when it is no CID.
pub fn block_id(text: &str) -> Result<Option<BlockId>, Reject> {
    let bad = Reject::new("GW-2", "not a CID");
    if text.len() > MAX_GATEWAY_NAME_BYTES || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(bad);
    }
    let cid = ::cid::Cid::try_from(text).map_err(|_| bad)?;
    Ok(BlockId::from_bytes(&cid.to_bytes()).ok())
}

/// What stands behind `?`. Of names that we do not know nothing is made.
#[derive(Default)]
struct Query<'a> {
    format: Option<&'a str>,
    scope: Option<&'a str>,
    bytes: Option<&'a str>,
    version: Option<&'a str>,
    order: Option<&'a str>,
    dups: Option<&'a str>,
}

impl<'a> Query<'a> {
    fn read(text: &'a str) -> Result<Self, Refusal> {
        let mut query = Self::default();
        for pair in text.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let slot = match name {
                "format" => &mut query.format,
                "dag-scope" => &mut query.scope,
                "entity-bytes" => &mut query.bytes,
                "car-version" => &mut query.version,
                "car-order" => &mut query.order,
                "car-dups" => &mut query.dups,
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err(Refusal::Malformed);
            }
        }
        Ok(query)
    }

    fn scope(&self) -> Result<Scope, Refusal> {
        match self.scope {
            // Entities are of UnixFS; of all else an entity is its block, and `entity-bytes` means nothing.
            Some("block" | "entity") => Ok(Scope::Block),
            None if self.bytes.is_some() => Ok(Scope::Block),
            None | Some("all") => Ok(Scope::All),
            Some(_) => Err(Refusal::Malformed),
        }
    }
}

/// The form that is asked for; that of the query counts before that of the header.
fn form(query: &Query<'_>, accept: &[&str]) -> Result<Form, Refusal> {
    let headers = accept.iter().flat_map(|line| line.split(','));
    let mut ranges: Vec<_> = headers.filter_map(Range::read).filter(|range| range.q > 0).collect();
    // The first one of those that are liked best.
    ranges.sort_by_key(|range| std::cmp::Reverse(range.q));
    let form = match query.format {
        Some("raw") => Form::Raw,
        Some("car") => Form::Car,
        Some(_) => return Err(Refusal::NotAcceptable),
        None if accept.is_empty() => return Err(Refusal::Malformed),
        None => {
            let liked = ranges.iter().find_map(|range| match range.name {
                RAW_TYPE => Some(Form::Raw),
                CAR if range.is_ours(query) => Some(Form::Car),
                _ => None,
            });
            return liked.ok_or(Refusal::NotAcceptable);
        }
    };
    let said = ranges.iter().filter(|range| range.name == CAR);
    let mut said = said.peekable();
    let ours = match said.peek() {
        Some(_) => said.any(|range| range.is_ours(query)),
        None => Range::default().is_ours(query),
    };
    if form == Form::Car && !ours { Err(Refusal::NotAcceptable) } else { Ok(form) }
}

/// One of the media types that are accepted.
#[derive(Default)]
struct Range<'a> {
    name: &'a str,
    /// In thousandths.
    q: u32,
    version: Option<&'a str>,
    order: Option<&'a str>,
    dups: Option<&'a str>,
}

impl<'a> Range<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut pieces = text.split(';').map(str::trim);
        let mut range = Self { name: pieces.next()?, q: 1000, ..Self::default() };
        for piece in pieces {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            let value = value.trim().trim_matches('"');
            match name.trim() {
                "q" => range.q = quality(value)?,
                "version" => range.version = Some(value),
                "order" => range.order = Some(value),
                "dups" => range.dups = Some(value),
                _ => {}
            }
        }
        Some(range)
    }

    /// True when a CAR as we make it is one of these; what the query says of it counts before what the header says.
    fn is_ours(&self, query: &Query<'_>) -> bool {
        let version = query.version.or(self.version);
        let order = query.order.or(self.order);
        let dups = query.dups.or(self.dups);
        matches!(version, None | Some("1"))
            && matches!(order, None | Some("" | "dfs" | "unk"))
            && matches!(dups, None | Some("" | "n"))
    }
}

/// `0`, `1`, `0.5` and the like, in thousandths.
fn quality(text: &str) -> Option<u32> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let whole: u32 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    if rest.len() > 3 || !rest.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let rest: u32 = format!("{rest:0<3}").parse().ok()?;
    Some((whole * 1000 + rest).min(1000))
}

/// The blocks that a block links to, in the order of its bytes (GW-5); none of content.
///
/// # Errors
/// `GW-5` when it is no DAG-CBOR as far as its links go, or has more than [`MAX_BLOCK_LINKS`].
pub fn links(id: &BlockId, bytes: &[u8]) -> Result<Vec<BlockId>, Reject> {
    let (mut links, mut rest) = (Vec::new(), bytes);
    if id.codec == Codec::Raw {
        return Ok(links);
    }
    let mut tagged = false;
    while !rest.is_empty() {
        let (major, value) = head(&mut rest)?;
        let link = std::mem::take(&mut tagged);
        match major {
            2 | 3 => {
                let length = usize::try_from(value).map_err(|_| bad())?;
                let (data, after) = rest.split_at_checked(length).ok_or_else(bad)?;
                rest = after;
                match (link, major, data) {
                    (false, ..) => {}
                    // A link to what is no block of ours leads nowhere.
                    (true, 2, [0, cid @ ..]) => links.extend(BlockId::from_bytes(cid).ok()),
                    _ => return Err(bad()),
                }
            }
            6 if value == 42 && !link => tagged = true,
            // Numbers, and what stands for itself; what is in an array or a map comes behind it.
            0 | 1 | 4 | 5 | 7 if !link => {}
            _ => return Err(bad()),
        }
        if links.len() > MAX_BLOCK_LINKS {
            return Err(Reject::new("GW-5", "too many links"));
        }
    }
    if tagged { Err(bad()) } else { Ok(links) }
}

/// The head of an item: its major type, and its number or the bytes of a float.
fn head(rest: &mut &[u8]) -> Result<(u8, u64), Reject> {
    let (first, after) = rest.split_first().ok_or_else(bad)?;
    let (major, info) = (first >> 5, first & 0x1f);
    let bytes = match info {
        0..=23 => {
            *rest = after;
            return Ok((major, info.into()));
        }
        24..=27 => 1usize << (info - 24),
        _ => return Err(bad()),
    };
    let (number, after) = after.split_at_checked(bytes).ok_or_else(bad)?;
    *rest = after;
    Ok((major, number.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))))
}

fn bad() -> Reject {
    Reject::new("GW-5", "not DAG-CBOR")
}

#[cfg(test)]
#[path = "gateway_tests.rs"]
mod tests;
