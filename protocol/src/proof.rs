//! One file of a signed release, or the absence of one, as a small file that anyone can check
//! without holding the archive (spec: proof.md, PROOF-1 to PROOF-8).

use crate::blocks::{ReadBlocks, ReadFault, require};
use crate::cbor;
use crate::chunk::{Chunk, ListExpect, ListNode, decode_list};
use crate::head::Head;
use crate::ids::{ArchiveId, BlockId, Hash};
use crate::limits::{MAX_BLOCK_BYTES, MAX_PROOF_BYTES};
use crate::path::Path;
use crate::reject::Reject;
use crate::release::Part;
use crate::tree::{self, Content, Entry, Expect, Node, decode_node, verify_proof};
use crate::trust::{Accepted, check_head};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

const KIND: &str = "proof";

/// The file. Field order is the encoding's (ENC-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    /// The encoded head, as received.
    head: ByteBuf,
    kind: String,
    /// Name of the part, or empty where absence from all parts is proven.
    part: String,
    path: String,
    nodes: Vec<ByteBuf>,
    blocks: Vec<ByteBuf>,
    format: u64,
}

/// What a proof proves. Whether the archive is the one that is meant only the caller can say: it
/// compares [`Proved::archive`] with an id that it trusts (PROOF-8).
#[derive(Debug, Clone)]
pub struct Proved {
    /// The signed release, checked.
    pub head: Accepted,
    /// The path that the proof is about.
    pub path: Path,
    /// The file, or `None` when it is proven that the release has none of this path.
    pub file: Option<File>,
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Name of the part that it is in.
    pub part: String,
    /// Its entry, with size and hash.
    pub entry: Entry,
    /// All of its bytes.
    pub content: Vec<u8>,
}

impl Proved {
    /// The archive that the proof belongs to.
    pub fn archive(&self) -> ArchiveId {
        self.head.release.archive
    }

    /// Number of keys that signed the release.
    pub fn signers(&self) -> usize {
        self.head.signers.len()
    }

    /// Number of keys that must sign a release.
    pub fn threshold(&self) -> u64 {
        self.head.trust_root().release.threshold
    }
}

/// Why no proof came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildFault {
    /// Something on the way could not be read.
    Read(ReadFault),
    /// The file is too large: a proof has at most `MAX_PROOF_BYTES`.
    TooLarge,
}

impl std::fmt::Display for BuildFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Read(fault) => fault.fmt(f),
            Self::TooLarge => f.write_str("too large for a proof file"),
        }
    }
}

impl std::error::Error for BuildFault {}

impl From<ReadFault> for BuildFault {
    fn from(fault: ReadFault) -> Self {
        Self::Read(fault)
    }
}

impl From<Reject> for BuildFault {
    fn from(reject: Reject) -> Self {
        Self::Read(reject.into())
    }
}

/// Makes the proof that `path` is in the release of `head` or, when no part has it, that it is not.
///
/// # Errors
/// [`BuildFault`] of the first block on the way that is not here, or when the file is too large.
pub fn build(blocks: &dyn ReadBlocks, head: &Accepted, path: &Path) -> Result<Vec<u8>, BuildFault> {
    let mut proof = Proof {
        head: ByteBuf::from(head.bytes.clone()),
        kind: KIND.into(),
        part: String::new(),
        path: path.as_str().into(),
        nodes: Vec::new(),
        blocks: Vec::new(),
        format: cbor::FORMAT,
    };
    if let Some((part, entry)) = find(blocks, head, path)? {
        proof.part.clone_from(&part.name);
        proof.nodes = wrap(tree::prove(blocks, part, path)?);
        proof.blocks = wrap(content_blocks(blocks, &entry)?);
    } else {
        for part in &head.release.parts {
            proof.nodes.extend(wrap(tree::prove(blocks, part, path)?));
        }
    }
    let bytes = cbor::encode(&proof);
    if bytes.len() > MAX_PROOF_BYTES {
        return Err(BuildFault::TooLarge);
    }
    Ok(bytes)
}

fn wrap(items: Vec<Vec<u8>>) -> Vec<ByteBuf> {
    items.into_iter().map(ByteBuf::from).collect()
}

/// The part that has the path. A part whose nodes are not here stops the search only when no other
/// part has it: a mirror may keep only some parts.
fn find<'a>(
    blocks: &dyn ReadBlocks,
    head: &'a Accepted,
    path: &Path,
) -> Result<Option<(&'a Part, Entry)>, ReadFault> {
    let mut fault = None;
    for part in &head.release.parts {
        match tree::get(blocks, part, path) {
            Ok(Some(entry)) => return Ok(Some((part, entry))),
            Ok(None) => {}
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    fault.map_or(Ok(None), Err)
}

/// The blocks of a file in the order of PROOF-6 and PROOF-7.
fn content_blocks(blocks: &dyn ReadBlocks, entry: &Entry) -> Result<Vec<Vec<u8>>, BuildFault> {
    if entry.size > MAX_PROOF_BYTES as u64 {
        return Err(BuildFault::TooLarge);
    }
    let root = match entry.content {
        Content::Block(id) => return Ok(vec![require(blocks, &id)?]),
        Content::List { root, .. } => root,
    };
    let (mut out, mut chunks) = (Vec::new(), Vec::new());
    let mut next = |id: &BlockId| -> Result<Vec<u8>, BuildFault> {
        let bytes = require(blocks, id)?;
        out.push(bytes.clone());
        Ok(bytes)
    };
    list(&root, &ListExpect::root(entry.size), &mut next, &mut chunks)?;
    for chunk in chunks {
        out.push(require(blocks, &chunk.id)?);
    }
    Ok(out)
}

/// Walks a block list depth first, each node as often as it occurs; `next` gives the node of an id.
/// Recursion is bounded, because levels go down one by one from `MAX_TREE_LEVEL` at most; what
/// is collected is bounded by the size of the file, as every chunk has a byte.
fn list<E: From<Reject>>(
    id: &BlockId,
    expect: &ListExpect,
    next: &mut dyn FnMut(&BlockId) -> Result<Vec<u8>, E>,
    chunks: &mut Vec<Chunk>,
) -> Result<(), E> {
    let node = decode_list(&next(id)?, expect)?;
    for (child, expect) in expect.children(&node) {
        list(&child, &expect, next, chunks)?;
    }
    if let ListNode::Leaf(items) = node {
        chunks.extend(items);
    }
    Ok(())
}

/// Checks a proof file. Nothing but its bytes is needed.
///
/// # Errors
/// The clause that is broken: `PROOF-1` to `PROOF-7`, or one of the documents that they name.
pub fn check(bytes: &[u8]) -> Result<Proved, Reject> {
    let proof: Proof = cbor::decode(bytes, MAX_PROOF_BYTES)?;
    cbor::check_format(proof.format, "PROOF-1")?;
    if proof.kind != KIND {
        return Err(Reject::new("PROOF-1", "not a proof"));
    }
    let first = Head::decode(&proof.head)?.roots.first().map(|root| root.payload_hash());
    let archive = first.ok_or(Reject::new("PROOF-2", "a head without a trust root"))?;
    let head = check_head(&ArchiveId(archive), &proof.head)?;
    let path = Path::new(&proof.path)?;
    let nodes: Vec<Vec<u8>> = proof.nodes.into_iter().map(ByteBuf::into_vec).collect();
    if proof.part.is_empty() {
        check_absent(&head, &path, &nodes)?;
        if !proof.blocks.is_empty() {
            return Err(Reject::new("PROOF-5", "blocks of a file that is absent"));
        }
        return Ok(Proved { head, path, file: None });
    }
    let part = head.release.part(&proof.part);
    let part = part.ok_or(Reject::new("PROOF-3", "the release has no such part"))?;
    let entry = verify_proof(part, &path, &nodes)?;
    let entry = entry.ok_or(Reject::new("PROOF-4", "the part has no such file"))?;
    let content = check_content(&entry, &proof.blocks)?;
    Ok(Proved { path, file: Some(File { part: proof.part, entry, content }), head })
}

/// PROOF-5: one proof of absence for each part, one behind the other.
fn check_absent(head: &Accepted, path: &Path, nodes: &[Vec<u8>]) -> Result<(), Reject> {
    let short = Reject::new("PROOF-5", "absence is not proven for every part");
    let mut rest = nodes;
    for part in &head.release.parts {
        let root = rest.first().ok_or(short.clone())?;
        let level = match decode_node(root, &Expect::of_part(part))? {
            Node::Leaf(_) => 0,
            Node::Branch { level, .. } => level as usize,
        };
        let own = rest.get(..=level).ok_or(short.clone())?;
        rest = &rest[own.len()..];
        if verify_proof(part, path, own)?.is_some() {
            return Err(Reject::new("PROOF-5", "the path is in the release"));
        }
    }
    match rest {
        [] => Ok(()),
        _ => Err(Reject::new("PROOF-5", "nodes that belong to no part")),
    }
}

/// PROOF-6 and PROOF-7: the bytes of the file.
fn check_content(entry: &Entry, blocks: &[ByteBuf]) -> Result<Vec<u8>, Reject> {
    let clause = match entry.content {
        Content::Block(_) => "PROOF-6",
        Content::List { .. } => "PROOF-7",
    };
    let mut rest = blocks.iter();
    let mut next = |id: &BlockId| -> Result<Vec<u8>, Reject> {
        let block = rest.next().ok_or(Reject::new(clause, "a block is missing"))?;
        if block.len() > MAX_BLOCK_BYTES || !id.matches(block) {
            return Err(Reject::new(clause, "a block that is not the one named"));
        }
        Ok(block.to_vec())
    };
    let content = match entry.content {
        Content::Block(id) => next(&id)?,
        Content::List { root, .. } => {
            let (mut chunks, mut content) = (Vec::new(), Vec::new());
            list(&root, &ListExpect::root(entry.size), &mut next, &mut chunks)?;
            for chunk in chunks {
                let block = next(&chunk.id)?;
                if block.len() as u64 != chunk.bytes {
                    return Err(Reject::new("CHUNK-6", "a chunk of another length"));
                }
                content.extend(block);
            }
            content
        }
    };
    if rest.next().is_some() {
        return Err(Reject::new(clause, "blocks that do not belong to the file"));
    }
    if content.len() as u64 != entry.size || Hash::of(&content) != entry.file_hash() {
        return Err(Reject::new("TREE-6", "another size or hash than the release says"));
    }
    Ok(content)
}

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
