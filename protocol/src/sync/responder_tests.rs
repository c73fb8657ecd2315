use super::*;
use crate::{Codec, Hash};

fn block(n: u32) -> Packed {
    Packed::plain(Codec::Raw, n.to_be_bytes().to_vec())
}

fn ids(from: u32, to: u32) -> Vec<BlockId> {
    (from..to).map(|n| block(n).id).collect()
}

fn refused(r: &mut Responder, frame: Frame) -> &'static str {
    r.on_frame(frame).unwrap_err().clause
}

fn asks(r: &mut Responder) -> Vec<Ask> {
    std::iter::from_fn(|| r.next()).collect()
}

#[test]
fn heads_first_and_bye_last() {
    let mut r = Responder::new();
    let archive = ArchiveId(Hash::of(b"a"));
    r.on_frame(Frame::Want(ids(0, 2))).unwrap();
    r.on_frame(Frame::GetHead(archive)).unwrap();
    r.on_frame(Frame::Bye).unwrap();
    assert_eq!(
        asks(&mut r),
        [Ask::Head(archive), Ask::Block(block(0).id), Ask::Block(block(1).id)]
    );
    assert_eq!(r.answer_head(archive, Some(vec![1])), Frame::Head(archive, Some(vec![1])));
    assert_eq!(r.answer_block(block(1).id, Some(block(1))), Some(Frame::Block(block(1))));
    assert_eq!(r.answer_block(block(0).id, None), None);
    assert_eq!(r.next(), None, "a gathered missing id is still owed");
    assert_eq!(r.flush(), Some(Frame::Missing(ids(0, 1))));
    assert_eq!(asks(&mut r), [Ask::Bye]);
    assert_eq!(refused(&mut r, Frame::Want(ids(0, 1))), "SYNC-5");
}

#[test]
fn sync_3_bounds() {
    let mut r = Responder::new();
    for n in 0..4 {
        r.on_frame(Frame::Want(ids(n * 512, n * 512 + 512))).unwrap();
    }
    assert_eq!(refused(&mut r, Frame::Want(ids(2048, 2049))), "SYNC-3");
    // Handing a question to the driver frees nothing, an answer does.
    assert_eq!(asks(&mut r).len(), 2048);
    assert_eq!(refused(&mut r, Frame::Want(ids(2048, 2049))), "SYNC-3");
    r.answer_block(block(7).id, Some(block(7))).unwrap();
    r.on_frame(Frame::Want(ids(2048, 2049))).unwrap();
    for n in 0..MAX_OUTSTANDING_HEADS {
        r.on_frame(Frame::GetHead(ArchiveId(Hash::of(&n.to_be_bytes())))).unwrap();
    }
    let one_more = Frame::GetHead(ArchiveId(Hash::of(b"more")));
    assert_eq!(refused(&mut r, one_more), "SYNC-3");
}

#[test]
fn sync_2_every_id_is_answered_once() {
    let mut r = Responder::new();
    r.on_frame(Frame::Want(ids(0, 2))).unwrap();
    assert_eq!(refused(&mut r, Frame::Want(ids(1, 2))), "SYNC-2");
    let twice = Frame::Want(vec![block(5).id, block(5).id]);
    assert_eq!(refused(&mut r, twice), "SYNC-2");
    asks(&mut r);
    assert!(r.answer_block(block(0).id, Some(block(0))).is_some());
    assert_eq!(r.answer_block(block(0).id, Some(block(0))), None);
    assert_eq!(r.answer_block(block(1).id, None), None);
    assert_eq!(r.answer_block(block(1).id, None), None);
    assert_eq!(r.flush(), Some(Frame::Missing(ids(1, 2))));
    assert_eq!(r.answer_block(block(9).id, Some(block(9))), None, "never asked");
    // Once answered it may be wanted again.
    r.on_frame(Frame::Want(ids(0, 1))).unwrap();
}

#[test]
fn missing_is_gathered_to_full_frames() {
    let mut r = Responder::new();
    r.on_frame(Frame::Want(ids(0, 512))).unwrap();
    r.on_frame(Frame::Want(ids(512, 600))).unwrap();
    asks(&mut r);
    let frames: Vec<_> = ids(0, 600).iter().filter_map(|id| r.answer_block(*id, None)).collect();
    assert_eq!(frames, [Frame::Missing(ids(0, 512))]);
    assert_eq!(r.flush(), Some(Frame::Missing(ids(512, 600))));
    assert!(r.flush().is_none() && !r.owes());
}

#[test]
fn a_block_of_another_name_is_missing() {
    let mut r = Responder::new();
    r.on_frame(Frame::Want(ids(0, 1))).unwrap();
    asks(&mut r);
    assert_eq!(r.answer_block(block(0).id, Some(block(1))), None);
    assert_eq!(r.flush(), Some(Frame::Missing(ids(0, 1))));
}

#[test]
fn sync_6_answers_are_no_questions() {
    let mut r = Responder::new();
    for frame in [
        Frame::Head(ArchiveId(Hash::of(b"a")), None),
        Frame::Block(block(0)),
        Frame::Missing(ids(0, 1)),
        Frame::Want(vec![]),
    ] {
        assert_eq!(refused(&mut r, frame), "SYNC-6");
    }
}

#[test]
fn sync_11_bulletins_come_before_heads_and_share_their_room() {
    let mut r = Responder::new();
    let archive = |n: u8| ArchiveId(Hash([n; 32]));
    for n in 0..32 {
        r.on_frame(Frame::GetHead(archive(n))).unwrap();
        r.on_frame(Frame::GetBulletin(archive(n))).unwrap();
    }
    assert_eq!(refused(&mut r, Frame::GetBulletin(archive(90))), "SYNC-3");
    assert_eq!(refused(&mut r, Frame::GetHead(archive(90))), "SYNC-3");
    assert_eq!(r.next(), Some(Ask::Bulletin(archive(0))));
    let given = r.answer_bulletin(archive(0), Some(vec![4]));
    assert_eq!(given, Frame::Bulletin(archive(0), Some(vec![4])));
    assert_eq!(refused(&mut r, Frame::GetBulletin(archive(1))), "SYNC-2");
    r.on_frame(Frame::Bye).unwrap();
    let rest = asks(&mut r);
    assert_eq!((rest[30], rest[31]), (Ask::Bulletin(archive(31)), Ask::Head(archive(0))));
    for n in 0..32 {
        r.answer_head(archive(n), None);
    }
    for n in 1..32 {
        assert!(r.owes());
        // Too long for a frame, or nothing at all: none.
        let bulletin = vec![1; if n % 2 == 0 { 0 } else { MAX_BULLETIN_BYTES + 1 }];
        let given = r.answer_bulletin(archive(n), Some(bulletin));
        assert_eq!(given, Frame::Bulletin(archive(n), None));
    }
    assert_eq!(r.next(), Some(Ask::Bye));
    assert_eq!(refused(&mut Responder::new(), Frame::Bulletin(archive(0), None)), "SYNC-6");
}

#[test]
fn what_an_owed_id_takes_is_not_told_too_small() {
    use std::mem::size_of;
    // The least that a node of the standard library's map holds of its 11 places, but for a root, is 5.
    let entry = (size_of::<BlockId>() + size_of::<Owed>()) * 11 / 5;
    let (queued, missing) = (2 * size_of::<BlockId>(), 2 * size_of::<BlockId>() / 4);
    const { assert!(MAX_WANTS_PER_FRAME * 4 <= MAX_OUTSTANDING_WANTS) };
    assert!(entry + queued + missing <= OWED_ID_BYTES, "{entry} {queued} {missing}");
}
