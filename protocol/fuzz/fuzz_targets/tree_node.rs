//! Tree nodes: the first 4 bytes say what is expected, the rest is the node.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yadgar_protocol::tree::{Expect, Node, decode_node};

fuzz_target!(|data: &[u8]| {
    let Some((&[files, bytes, level, place], node)) = data.split_first_chunk::<4>() else { return };
    let mut expect = Expect::root(u64::from(files), u64::from(bytes));
    expect.level = (level < 14).then_some(u64::from(level));
    (expect.is_root, expect.is_last) = (place & 1 == 0, place & 2 == 0);
    let Ok(decoded) = decode_node(node, &expect) else { return };
    let children = expect.children(&decoded);
    match decoded {
        Node::Leaf(entries) => {
            assert_eq!(entries.len() as u64, expect.files);
            assert!(children.is_empty());
        }
        Node::Branch { level, .. } => {
            let files: u64 = children.iter().map(|(_, child)| child.files).sum();
            let bytes: u64 = children.iter().map(|(_, child)| child.bytes).sum();
            assert_eq!((files, bytes), (expect.files, expect.bytes));
            assert!(children.iter().all(|(_, child)| child.level == Some(level - 1)));
        }
    }
});
