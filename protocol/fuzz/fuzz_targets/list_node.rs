//! Block list nodes: the first 6 bytes say what is expected, the rest is the node.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yadgar_protocol::chunk::{ListExpect, ListNode, decode_list};

fuzz_target!(|data: &[u8]| {
    let Some((&[a, b, c, d, level, place], node)) = data.split_first_chunk::<6>() else { return };
    let mut expect = ListExpect::root(u64::from(u32::from_be_bytes([a, b, c, d])));
    expect.level = (level < 14).then_some(u64::from(level));
    (expect.is_root, expect.is_last) = (place & 1 == 0, place & 2 == 0);
    let Ok(decoded) = decode_list(node, &expect) else { return };
    let children = expect.children(&decoded);
    let bytes: u64 = match &decoded {
        ListNode::Leaf(chunks) => chunks.iter().map(|chunk| chunk.bytes).sum(),
        ListNode::Branch { .. } => children.iter().map(|(_, child)| child.bytes).sum(),
    };
    assert_eq!(bytes, expect.bytes);
});
