//! The list of mirrors that a release brings (spec: mirrors.md). It is not kept apart: what is read is what is signed.

use yadgar_protocol::blocks::{ReadBlocks, ReadFault};
use yadgar_protocol::limits::MAX_MIRRORS_BYTES;
use yadgar_protocol::mirrors::{MIRRORS_PATH, Mirrors};
use yadgar_protocol::place::Place;
use yadgar_protocol::release::{CORE, Release};
use yadgar_protocol::tree::{self, Content};
use yadgar_protocol::{Path, Reject};

/// The addresses in the list of a release; none when it has no list, its block is not here (any more), or it breaks
/// the format (MIR-6).
///
/// # Errors
/// When a tree node that is needed is missing or damaged.
pub fn listed(blocks: &dyn ReadBlocks, release: &Release) -> Result<Vec<Place>, ReadFault> {
    let path = Path::new(MIRRORS_PATH).ok();
    let (Some(path), Some(core)) = (path, release.part(CORE)) else { return Ok(Vec::new()) };
    let Some(entry) = tree::get(blocks, core, &path)? else { return Ok(Vec::new()) };
    let Content::Block(id) = entry.content else { return Ok(Vec::new()) };
    if entry.size > MAX_MIRRORS_BYTES as u64 {
        return Ok(Vec::new());
    }
    let bytes = blocks.block(&id).ok().flatten();
    let read = bytes.map(|bytes| Mirrors::parse(&bytes)).transpose();
    Ok(read.unwrap_or_default().map(|list| list.places).unwrap_or_default())
}

/// A list as somebody wrote it, for a release: one address a line; empty lines, space at the ends and lines that begin
/// with `#` are passed over, as is the first line of a list that is one already.
///
/// # Errors
/// The fault in the list that would be signed.
pub fn from_notes(text: &str) -> Result<Vec<u8>, yadgar_protocol::mirrors::Fault> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    let lines = lines.filter(|(at, line)| {
        let head = *at == 1 && line.starts_with("yadgar mirrors ");
        !head && !line.is_empty() && !line.starts_with('#')
    });
    let fault = |line, reject: Reject| yadgar_protocol::mirrors::Fault {
        line,
        clause: reject.clause,
        why: reject.why,
    };
    let mut places = Vec::new();
    for (line, text) in lines {
        let place = Place::parse(text).map_err(|reject| fault(line, reject))?;
        // Alone, so that the line is that of the notes.
        Mirrors::encode(std::slice::from_ref(&place))
            .map_err(|at| yadgar_protocol::mirrors::Fault { line, ..at })?;
        if !places.contains(&place) {
            places.push(place);
        }
    }
    Mirrors::encode(&places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{BlockStore, MemoryStore};
    use yadgar_protocol::blocks::{Encoding, Packed};
    use yadgar_protocol::release::Part;
    use yadgar_protocol::tree::Entry;
    use yadgar_protocol::{ArchiveId, Codec, Hash};

    fn release(store: &dyn BlockStore, path: &str, list: &[u8]) -> Release {
        let block = Packed::plain(Codec::Raw, list.to_vec());
        let content = Content::Block(block.id);
        let entry = Entry::new(Path::new(path).unwrap(), list.len() as u64, content);
        let tree = tree::build(&[entry]).unwrap();
        let nodes = tree.nodes.into_iter();
        let nodes = nodes.map(|(id, data)| Packed { id, encoding: Encoding::Plain, data });
        store.put(nodes.chain([block]).collect()).unwrap();
        let (bytes, files) = (tree.bytes, tree.files);
        Release {
            date: "2031-01-01".into(),
            kind: "release".into(),
            prev: None,
            format: 1,
            archive: ArchiveId(Hash([7; 32])),
            sequence: 1,
            root_version: 1,
            parts: vec![Part { name: CORE.into(), root: tree.root, bytes, files }],
            records: 0,
            withdrawn: Vec::new(),
        }
    }

    #[test]
    fn what_a_release_lists() {
        let store = MemoryStore::new();
        let of =
            |path, list: &str| listed(&store, &release(&store, path, list.as_bytes())).unwrap();
        let list = "yadgar mirrors 1\nhttps://a.example/\n/dns4/a.example/tcp/4774\n";
        let texts: Vec<_> = of(MIRRORS_PATH, list).iter().map(Place::to_string).collect();
        assert_eq!(texts, ["https://a.example/", "/dns4/a.example/tcp/4774"]);
        assert_eq!(of("other.txt", list), []);
        assert_eq!(of(MIRRORS_PATH, "yadgar mirrors 1\n/ip4/10.0.0.1/tcp/4774\n"), []);
        assert_eq!(of(MIRRORS_PATH, &format!("{list}{}", "x=y\n".repeat(9_000))), []);
        // Withdrawn: its block is gone.
        let gone = release(&store, MIRRORS_PATH, b"yadgar mirrors 1\nhttps://b.example/\n");
        assert_eq!(listed(&store, &gone).unwrap().len(), 1);
        let block = Packed::plain(Codec::Raw, b"yadgar mirrors 1\nhttps://b.example/\n".to_vec());
        store.erase(&[block.id]).unwrap();
        assert_eq!(listed(&store, &gone).unwrap(), []);
    }

    #[test]
    fn notes_become_a_list() {
        let notes =
            "# ours\r\n\n  https://a.example/ \n/dns4/a.example/tcp/4774\nhttps://a.example/\n";
        let list = from_notes(notes).unwrap();
        let text = "yadgar mirrors 1\nhttps://a.example/\n/dns4/a.example/tcp/4774\n";
        assert_eq!(String::from_utf8(list).unwrap(), text);
        assert_eq!(from_notes(text).unwrap(), text.as_bytes());
        let fault = from_notes("# x\n\nhttps://a.example/\n/ip4/10.0.0.1/tcp/4774\n").unwrap_err();
        assert_eq!((fault.line, fault.clause), (4, "MIR-3"));
        assert_eq!(from_notes("a.example").unwrap_err().clause, "INV-2");
    }
}
