use super::*;
use crate::{Codec, Hash};

fn no_zstd(_: &[u8], _: usize) -> Option<Vec<u8>> {
    None
}

/// Stands in for zstd: every byte doubled. Longer than plain, so only for refusals and sizes.
fn twice(data: &[u8], max: usize) -> Option<Vec<u8>> {
    let plain: Vec<u8> = data.iter().flat_map(|b| [*b, *b]).collect();
    (plain.len() <= max).then_some(plain)
}

fn block(n: u32) -> Packed {
    Packed::plain(Codec::Raw, n.to_be_bytes().to_vec())
}

fn ids(n: u32) -> Vec<BlockId> {
    (0..n).map(|n| block(n).id).collect()
}

fn refused(r: &mut Requester, frame: Frame) -> &'static str {
    r.on_frame(frame, &no_zstd).unwrap_err().clause
}

#[test]
fn sync_3_wants_are_split_and_bounded() {
    let mut r = Requester::new();
    let frames = r.want(&ids(3000));
    let lengths: Vec<_> = frames
        .iter()
        .map(|f| match f {
            Frame::Want(ids) => ids.len(),
            _ => panic!("only wants"),
        })
        .collect();
    assert_eq!(lengths, [512, 512, 512, 512]);
    assert_eq!((r.room(), r.outstanding().count()), (0, 2048));
    r.on_frame(Frame::Block(block(5)), &no_zstd).unwrap();
    assert_eq!(r.room(), 1);
    assert_eq!(r.want(&ids(3000)), [Frame::Want(vec![block(5).id])]);
}

#[test]
fn sync_2_each_answer_once() {
    let mut r = Requester::new();
    r.want(&ids(3));
    let Answer::Block(got) = r.on_frame(Frame::Block(block(1)), &no_zstd).unwrap() else {
        panic!("a block")
    };
    assert_eq!(got.plain(), 1u32.to_be_bytes());
    assert_eq!(refused(&mut r, Frame::Block(block(1))), "SYNC-2");
    assert_eq!(refused(&mut r, Frame::Missing(vec![block(1).id])), "SYNC-2");
    assert_eq!(refused(&mut r, Frame::Missing(vec![block(0).id, block(0).id])), "SYNC-2");
    assert_eq!(r.outstanding().count(), 2, "a violation forgets nothing");
    assert_eq!(refused(&mut r, Frame::Block(block(9))), "SYNC-2");
    // The same bytes under the other codec are another block.
    let other = Packed::plain(Codec::DagCbor, 2u32.to_be_bytes().to_vec());
    assert_eq!(refused(&mut r, Frame::Block(other)), "SYNC-2");
    let archive = ArchiveId(Hash::of(b"a"));
    assert_eq!(refused(&mut r, Frame::Head(archive, None)), "SYNC-2");
    r.get_head(archive);
    assert_eq!(
        r.on_frame(Frame::Head(archive, Some(vec![1])), &no_zstd).unwrap(),
        Answer::Head(archive, Some(vec![1]))
    );
    assert_eq!(refused(&mut r, Frame::Head(archive, None)), "SYNC-2");
}

#[test]
fn sync_6_wrong_bytes_stay_outstanding() {
    let mut r = Requester::new();
    r.want(&ids(1));
    for data in [vec![], vec![0, 0, 0], vec![0, 0, 0, 1], vec![0, 0, 0, 0, 0]] {
        let lie = Packed { data, ..block(0) };
        assert_eq!(refused(&mut r, Frame::Block(lie)), "SYNC-6");
    }
    assert_eq!(r.outstanding().collect::<Vec<_>>(), ids(1));
}

#[test]
fn sync_1_compressed_blocks() {
    let mut r = Requester::new();
    let id = BlockId::raw(b"aabb");
    let packed = Packed { id, encoding: Encoding::Zstd, data: b"ab".to_vec() };
    r.want(&[id]);
    assert_eq!(refused(&mut r, Frame::Block(packed.clone())), "SYNC-1");
    let Answer::Block(got) = r.on_frame(Frame::Block(packed.clone()), &twice).unwrap() else {
        panic!("a block")
    };
    assert_eq!((got.plain(), &got.packed), (&b"aabb"[..], &packed));
}

#[test]
fn sync_5_ends() {
    let mut r = Requester::new();
    assert!(!r.is_owed());
    r.want(&ids(1));
    assert_eq!(refused(&mut r, Frame::Bye), "SYNC-5");
    assert_eq!(r.bye(), Frame::Bye);
    assert_eq!((r.room(), r.head_room()), (0, 0));
    assert!(r.want(&ids(2)).is_empty());
    assert_eq!(refused(&mut r, Frame::Bye), "SYNC-5");
    r.on_frame(Frame::Missing(ids(1)), &no_zstd).unwrap();
    assert!(r.is_owed());
    assert_eq!(r.on_frame(Frame::Bye, &no_zstd).unwrap(), Answer::Bye);
    assert!(!r.is_owed());
    assert_eq!(refused(&mut r, Frame::Bye), "SYNC-5");
}

#[test]
fn sync_6_questions_are_no_answers() {
    let mut r = Requester::new();
    assert_eq!(refused(&mut r, Frame::GetHead(ArchiveId(Hash::of(b"a")))), "SYNC-6");
    assert_eq!(refused(&mut r, Frame::Want(ids(1))), "SYNC-6");
}

#[test]
fn sync_11_bulletins_share_the_room_of_heads() {
    let mut r = Requester::new();
    let archive = |n: u8| ArchiveId(Hash([n; 32]));
    assert_eq!(refused(&mut r, Frame::Bulletin(archive(1), None)), "SYNC-2");
    assert_eq!(r.get_bulletin(archive(1)), Frame::GetBulletin(archive(1)));
    r.get_head(archive(1));
    assert!(r.is_asking_bulletin(&archive(1)) && r.is_owed());
    assert_eq!(r.head_room(), MAX_OUTSTANDING_HEADS - 2);
    // One question does not answer the other.
    r.on_frame(Frame::Head(archive(1), None), &no_zstd).unwrap();
    assert_eq!(refused(&mut r, Frame::Head(archive(1), None)), "SYNC-2");
    r.bye();
    assert_eq!(refused(&mut r, Frame::Bye), "SYNC-5");
    assert_eq!(
        r.on_frame(Frame::Bulletin(archive(1), Some(vec![5])), &no_zstd).unwrap(),
        Answer::Bulletin(archive(1), Some(vec![5]))
    );
    assert_eq!(r.on_frame(Frame::Bye, &no_zstd).unwrap(), Answer::Bye);
    assert_eq!(refused(&mut Requester::new(), Frame::GetBulletin(archive(1))), "SYNC-6");
}
