//! A static mirror made in a test: small blocks together, packs of a megabyte and some.
#![allow(dead_code, clippy::unwrap_used)]

use std::collections::BTreeMap;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::pack::{
    Catalog, FileRef, Gather, HEAD_NAME, Holds, Member, PackBuilder, PackRef, StaticHead,
    index_name, pack_name,
};
use yadgar_protocol::sync::bundle::Deflate;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::{BlockId, Codec};

/// Names and bytes.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Blocks of one member.
const TOGETHER: usize = 16;
/// Bytes after which a pack is full.
const PACK: usize = 1_000_000;

fn members(blocks: Vec<(BlockId, Vec<u8>)>, deflate: Deflate<'_>) -> Vec<(Member, Vec<u8>)> {
    let (small, large): (Vec<_>, Vec<_>) =
        blocks.into_iter().partition(|(_, bytes)| bytes.len() < 2000);
    let mut all = Vec::new();
    for some in small.chunks(TOGETHER) {
        let mut gather = Gather::default();
        some.iter().for_each(|(id, bytes)| assert!(gather.push(*id, bytes)));
        all.push(gather.pack(&mut *deflate));
    }
    let alone = |(id, bytes): (BlockId, Vec<u8>)| {
        let plain = bytes.len() as u64;
        PackBuilder::alone(Packed::plain(id.codec, bytes), plain)
    };
    all.extend(large.into_iter().map(alone));
    all
}

/// The files of a mirror that has these blocks.
pub fn mirror(head: &Accepted, mut blocks: Vec<(BlockId, Vec<u8>)>, deflate: Deflate<'_>) -> Files {
    blocks.sort_by_key(|(id, _)| id.codec == Codec::Raw);
    let mut packs = vec![PackBuilder::default()];
    let mut bytes = 0;
    for member in members(blocks, deflate) {
        if bytes > PACK {
            packs.push(PackBuilder::default());
            bytes = 0;
        }
        bytes += member.1.len();
        packs.last_mut().unwrap().push(member).unwrap();
    }
    let mut files = Files::new();
    let mut entries = Vec::new();
    for (index, bytes) in packs.into_iter().map(PackBuilder::finish) {
        let encoded = index.encode();
        let file = FileRef::of(&encoded);
        entries.push(PackRef {
            pack: index.pack,
            holds: Holds::Content,
            index: file,
            parts: vec![],
            blocks: index.ids().count() as u64,
        });
        files.insert(pack_name(&index.pack.hash), bytes);
        files.insert(index_name(&file.hash), encoded);
    }
    let catalog = Catalog::split(entries).remove(0).encode();
    let file = FileRef::of(&catalog);
    let shown = StaticHead::new(head.release.archive, head.bytes.clone(), None, None, vec![file]);
    files.insert(index_name(&file.hash), catalog);
    files.insert(HEAD_NAME.into(), shown.encode());
    files
}
