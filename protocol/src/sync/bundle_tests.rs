use super::*;
use crate::limits::MAX_BLOCK_BYTES;
use crate::sync::frame::Frame;
use crate::sync::{Answer, Ask, Requester, Responder};
use proptest::prelude::*;

/// Runs as (byte, count): enough of a compressor for blocks of one letter.
fn squeeze(plain: &[u8]) -> Option<Vec<u8>> {
    let runs = plain.chunk_by(|a, b| a == b).flat_map(|run| run.chunks(255));
    let packed: Vec<u8> = runs.flat_map(|run| [run[0], run.len() as u8]).collect();
    (packed.len() < plain.len()).then_some(packed)
}

fn stretch(packed: &[u8], most: usize) -> Option<Vec<u8>> {
    let pairs = packed.chunks_exact(2);
    let plain: Vec<u8> = pairs.flat_map(|pair| vec![pair[0]; pair[1].into()]).collect();
    (packed.len().is_multiple_of(2) && plain.len() <= most).then_some(plain)
}

fn letters(n: u8) -> Packed {
    let codec = if n.is_multiple_of(2) { Codec::Raw } else { Codec::DagCbor };
    Packed::plain(codec, vec![n; 300 + usize::from(n)])
}

fn bundle_of(blocks: &[Packed]) -> Bundle {
    let mut bundle = Bundle::default();
    assert!(blocks.iter().all(|block| bundle.push(block.id, &block.data)));
    bundle
}

fn frame_of(blocks: &[Packed]) -> Vec<u8> {
    match bundle_of(blocks).pack(&mut squeeze) {
        Bundled::Together { frame, .. } => frame,
        Bundled::Alone(_) => panic!("it shrinks"),
    }
}

fn refused(plain: &[u8]) -> &'static str {
    open(&squeeze(plain).unwrap(), &stretch).unwrap_err().clause
}

#[test]
fn layout() {
    let blocks = [letters(1), letters(2)];
    let plain = [&[0x71, 0, 0, 1, 45][..], &[1; 301], &[0x55, 0, 0, 1, 46], &[2; 302]].concat();
    assert_eq!(stretch(&frame_of(&blocks), MAX_BUNDLE_BYTES).unwrap(), plain);
    assert_eq!(open(&frame_of(&blocks), &stretch).unwrap(), blocks);
}

#[test]
fn what_does_not_shrink_together_goes_alone() {
    let blocks = [letters(1), letters(2), letters(4)];
    assert_eq!(bundle_of(&blocks).pack(&mut |_| None), Bundled::Alone(blocks.to_vec()));
    let longer = |plain: &[u8]| Some(plain.to_vec());
    assert_eq!(bundle_of(&blocks[..1]).pack(&mut { longer }), Bundled::Alone(blocks[..1].to_vec()));
}

#[test]
fn a_bundle_is_bounded() {
    let mut bundle = Bundle::default();
    assert!(!bundle.push(BlockId::raw(b""), &vec![0; MAX_BUNDLED_BLOCK + 1]));
    let mut pushed = 0usize;
    while bundle.push(BlockId::raw(b""), &vec![0; MAX_BUNDLED_BLOCK]) {
        pushed += 1;
    }
    assert_eq!(pushed, MAX_BUNDLE_BYTES / (MAX_BUNDLED_BLOCK + FRONT));
    let mut bundle = Bundle::default();
    let count = (0..2000).filter(|_| bundle.push(BlockId::raw(b""), b"")).count();
    assert_eq!(count, MAX_WANTS_PER_FRAME);
}

#[test]
fn sync_12_no_bundles() {
    let one = [&[0x55, 0, 0, 1, 0][..], &[7; 256]].concat();
    assert_eq!(open(&squeeze(&one).unwrap(), &stretch).unwrap().len(), 1);
    assert_eq!(refused(&[&one[..], &[0x55, 0, 0, 1][..]].concat()), "SYNC-12");
    assert_eq!(refused(&[&one[..], &[0x56, 0, 0, 0, 0][..]].concat()), "SYNC-12");
    assert_eq!(refused(&one[..200]), "SYNC-12");
    let long = [&[0x55, 0, 0, 0x40, 1][..], &[7; MAX_BUNDLED_BLOCK + 1]].concat();
    assert_eq!(refused(&long), "SYNC-12");
    let many = [0x55, 0, 0, 0, 0].repeat(MAX_WANTS_PER_FRAME + 1);
    assert_eq!(open(&[0], &|_, _| Some(many.clone())).unwrap_err().clause, "SYNC-12");
    // Longer than what it holds, empty, damaged, and one that would not end.
    assert_eq!(open(&[0; 300], &|_, _| Some(one.clone())).unwrap_err().clause, "SYNC-12");
    assert_eq!(open(&[0], &|_, _| Some(Vec::new())).unwrap_err().clause, "SYNC-12");
    assert_eq!(open(&[0], &|_, _| None).unwrap_err().clause, "SYNC-12");
    let bomb = [7, 255].repeat(2 * MAX_BLOCK_BYTES / 255);
    assert_eq!(open(&bomb, &stretch).unwrap_err().clause, "SYNC-12");
}

#[test]
fn a_bundle_answers_what_was_wanted_and_nothing_else() {
    let blocks = [letters(1), letters(2)];
    let ids: Vec<_> = blocks.iter().map(|block| block.id).collect();
    let refused = |asker: &mut Requester, blocks: &[Packed]| {
        asker.on_frame(Frame::Bundle(frame_of(blocks)), &stretch).unwrap_err().clause
    };
    let mut asker = Requester::new();
    asker.want(&ids[..1]);
    assert_eq!(refused(&mut asker, &blocks[..1]), "SYNC-12", "not asked for");
    asker.want_bundled(&ids[1..]);
    assert_eq!(refused(&mut asker, &[letters(1), letters(3)]), "SYNC-2");
    assert_eq!(refused(&mut asker, &[letters(1), letters(1)]), "SYNC-2");
    assert_eq!(asker.outstanding().count(), 2, "nothing is lost by a violation");
    let answer = asker.on_frame(Frame::Bundle(frame_of(&blocks)), &stretch).unwrap();
    let Answer::Bundle(came) = answer else { panic!("a bundle") };
    assert!(came.iter().all(|one| one.bundled && one.wire < one.packed.data.len() / 2));
    let came: Vec<_> = came.into_iter().map(|one| one.packed).collect();
    assert_eq!((came.as_slice(), asker.is_owed()), (&blocks[..], false));
    assert_eq!(refused(&mut asker, &blocks), "SYNC-2", "a second time");
}

#[test]
fn an_answerer_owes_until_the_bundle_is_out() {
    let blocks = [letters(1), letters(2)];
    let ids: Vec<_> = blocks.iter().map(|block| block.id).collect();
    let mut answerer = Responder::new();
    answerer.on_frame(Frame::Want(vec![letters(3).id])).unwrap();
    answerer.on_frame(Frame::WantBundled(ids.clone())).unwrap();
    assert!(!answerer.may_bundle(&letters(3).id));
    assert_eq!(answerer.next(), Some(Ask::Block(letters(3).id)));
    answerer.answer_block(letters(3).id, None);
    while let Some(Ask::Block(id)) = answerer.next() {
        assert!(answerer.may_bundle(&id));
    }
    let frames = answerer.answer_bundle(bundle_of(&blocks[..1]).pack(&mut squeeze));
    assert!(matches!(frames.as_slice(), [Frame::Bundle(_)]));
    let alone = answerer.answer_bundle(Bundled::Alone(blocks[1..].to_vec()));
    assert_eq!(alone, [Frame::Block(blocks[1].clone())]);
    assert!(!ids.iter().any(|id| answerer.may_bundle(id)));
    answerer.flush();
    assert!(!answerer.owes());
    // And the same may be wanted again.
    answerer.on_frame(Frame::WantBundled(ids)).unwrap();
}

proptest! {
    #[test]
    fn garbage_is_refused_or_read(plain in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(blocks) = open(&[], &|_, _| Some(plain.clone())) {
            prop_assert!(blocks.iter().all(|block| block.id.matches(&block.data)));
            let read: usize = blocks.iter().map(|block| FRONT + block.data.len()).sum();
            prop_assert_eq!(read, plain.len());
        }
    }

    #[test]
    fn what_is_packed_is_opened(lengths in proptest::collection::vec(0usize..2000, 1..60)) {
        let blocks: Vec<_> =
            lengths.iter().zip(0u8..).map(|(len, n)| Packed::plain(Codec::Raw, vec![n; *len])).collect();
        let bundle = bundle_of(&blocks);
        let plain = bundle.plain.clone();
        prop_assert_eq!(bundle.pack(&mut |_| None), Bundled::Alone(blocks.clone()));
        prop_assert_eq!(open(&[], &|_, _| Some(plain.clone())).unwrap(), blocks);
    }
}
