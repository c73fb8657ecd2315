use super::*;
use crate::Codec;
use proptest::prelude::*;

fn bytes_of(frame: &Frame) -> Vec<u8> {
    let mut out = Vec::new();
    frame.encode(&mut out);
    out
}

fn read_all(stream: &[u8], piece: usize) -> Result<Vec<Frame>, Reject> {
    let (mut reader, mut frames) = (FrameReader::new(), Vec::new());
    for mut bytes in stream.chunks(piece) {
        while !bytes.is_empty() {
            let taken = reader.feed(bytes);
            bytes = &bytes[taken..];
            if let Some(frame) = reader.next()? {
                frames.push(frame);
            }
        }
    }
    assert!(reader.is_between_frames());
    Ok(frames)
}

fn archive_id() -> ArchiveId {
    ArchiveId(Hash::of(b"archive"))
}

#[test]
fn layout_of_every_kind() {
    let id = BlockId::raw(b"x");
    let archive = archive_id().0.0;
    let cases = [
        (Frame::GetHead(archive_id()), [&[0, 0, 0, 33, 1][..], &archive].concat()),
        (Frame::Head(archive_id(), None), [&[0, 0, 0, 33, 2][..], &archive].concat()),
        (
            Frame::Head(archive_id(), Some(vec![7, 8])),
            [&[0, 0, 0, 35, 2][..], &archive, &[7, 8]].concat(),
        ),
        (Frame::Want(vec![id]), [&[0, 0, 0, 37, 3][..], &id.to_bytes()].concat()),
        (
            Frame::Block(Packed { id, encoding: Encoding::Zstd, data: b"yz".to_vec() }),
            [&[0, 0, 0, 40, 4, 1][..], &id.to_bytes(), b"yz"].concat(),
        ),
        (Frame::Missing(vec![id]), [&[0, 0, 0, 37, 5][..], &id.to_bytes()].concat()),
        (Frame::WantBundled(vec![id]), [&[0, 0, 0, 37, 9][..], &id.to_bytes()].concat()),
        (Frame::Bundle(b"yz".to_vec()), vec![0, 0, 0, 3, 10, b'y', b'z']),
        (Frame::Bye, vec![0, 0, 0, 1, 6]),
        (Frame::GetBulletin(archive_id()), [&[0, 0, 0, 33, 7][..], &archive].concat()),
        (Frame::Bulletin(archive_id(), None), [&[0, 0, 0, 33, 8][..], &archive].concat()),
        (
            Frame::Bulletin(archive_id(), Some(vec![7, 8])),
            [&[0, 0, 0, 35, 8][..], &archive, &[7, 8]].concat(),
        ),
    ];
    for (frame, bytes) in cases {
        assert_eq!(bytes_of(&frame), bytes);
        assert_eq!(Frame::decode(&bytes[4..]).unwrap(), frame);
    }
}

#[test]
fn the_longest_of_each_kind_fits() {
    let ids: Vec<_> = (0..512u32).map(|n| BlockId::raw(&n.to_be_bytes())).collect();
    let frames = [
        Frame::Want(ids.clone()),
        Frame::WantBundled(ids.clone()),
        Frame::Missing(ids),
        Frame::Bundle(vec![1; MAX_BUNDLE_BYTES - 1]),
        Frame::Head(archive_id(), Some(vec![1; MAX_HEAD_BYTES])),
        Frame::Block(Packed::plain(Codec::Raw, vec![1; MAX_BLOCK_BYTES])),
        Frame::Bulletin(archive_id(), Some(vec![1; MAX_BULLETIN_BYTES])),
    ];
    let stream: Vec<u8> = frames.iter().flat_map(bytes_of).collect();
    assert_eq!(read_all(&stream, 5000).unwrap(), frames);
}

#[test]
fn sync_6_wrong_lengths_and_kinds() {
    let id = BlockId::raw(b"x").to_bytes();
    let many = id.repeat(513);
    let bad: Vec<Vec<u8>> = vec![
        vec![],
        vec![0],
        vec![9],
        vec![10],
        vec![10; MAX_BUNDLE_BYTES + 1],
        vec![11],
        vec![7],
        [&[7][..], &[0; 33]].concat(),
        [&[8][..], &[0; 31]].concat(),
        [&[8][..], &vec![0; 32 + MAX_BULLETIN_BYTES + 1]].concat(),
        vec![6, 0],
        vec![1; 32],
        [&[1][..], &[0; 33]].concat(),
        [&[2][..], &[0; 31]].concat(),
        [&[2][..], &vec![0; 32 + MAX_HEAD_BYTES + 1]].concat(),
        vec![3],
        [&[3][..], &id[..35]].concat(),
        [&[3][..], &many].concat(),
        [&[5][..], &many].concat(),
        vec![5],
        [&[4, 0][..], &id[..35]].concat(),
        vec![4; MAX_FRAME_BYTES + 1],
    ];
    for bytes in bad {
        assert_eq!(Frame::decode(&bytes).unwrap_err().clause, "SYNC-6", "{}", bytes.len());
    }
}

#[test]
fn sync_1_impossible_blocks() {
    let id = BlockId::raw(b"x").to_bytes();
    let long = vec![0; MAX_BLOCK_BYTES + 1];
    for bytes in [[&[4, 2][..], &id].concat(), [&[4, 0][..], &id, &long].concat()] {
        assert_eq!(Frame::decode(&bytes).unwrap_err().clause, "SYNC-1");
    }
}

#[test]
fn id_1_other_ids() {
    let mut id = BlockId::raw(b"x").to_bytes();
    id[2] = 0x12;
    assert_eq!(Frame::decode(&[&[3][..], &id].concat()).unwrap_err().clause, "ID-1");
}

#[test]
fn sync_6_length_field_is_refused_before_anything_is_kept() {
    for field in [0u32, MAX_FRAME_BYTES as u32 + 1, u32::MAX] {
        let mut reader = FrameReader::new();
        let stream = [&field.to_be_bytes()[..], &[1; 100]].concat();
        assert_eq!(reader.feed(&stream), 4);
        assert_eq!(reader.next().unwrap_err().clause, "SYNC-6");
        assert!(reader.front.is_empty() && reader.rest.is_empty());
    }
}

#[test]
fn sync_9_topic() {
    // Computed with the blake3 package of Python.
    assert_eq!(gossip_topic(&ArchiveId(Hash([0; 32]))), "yadgar/1/6fxc2rgoovbrhnq53dih5ab5jq");
    let counting = std::array::from_fn(|i| i as u8);
    let topic = gossip_topic(&ArchiveId(Hash(counting)));
    assert_eq!(topic, "yadgar/1/qyexcvblxf4ryzp7wcixxd7m4u");
}

fn frames() -> impl Strategy<Value = Frame> {
    let id = any::<[u8; 32]>().prop_map(|h| BlockId { codec: Codec::DagCbor, hash: Hash(h) });
    let ids = proptest::collection::vec(id.clone(), 1..20);
    let data = proptest::collection::vec(any::<u8>(), 0..300);
    let archive = any::<[u8; 32]>().prop_map(|h| ArchiveId(Hash(h)));
    prop_oneof![
        archive.clone().prop_map(Frame::GetHead),
        (archive.clone(), data.clone())
            .prop_map(|(a, d)| Frame::Head(a, (!d.is_empty()).then_some(d))),
        archive.clone().prop_map(Frame::GetBulletin),
        (archive, data.clone()).prop_map(|(a, d)| Frame::Bulletin(a, (!d.is_empty()).then_some(d))),
        ids.clone().prop_map(Frame::Want),
        ids.clone().prop_map(Frame::WantBundled),
        proptest::collection::vec(any::<u8>(), 1..300).prop_map(Frame::Bundle),
        (id, data, any::<bool>()).prop_map(|(id, data, zstd)| Frame::Block(Packed {
            id,
            encoding: if zstd { Encoding::Zstd } else { Encoding::Plain },
            data
        })),
        ids.prop_map(Frame::Missing),
        Just(Frame::Bye),
    ]
}

proptest! {
    #[test]
    fn any_frames_cut_anywhere(
        frames in proptest::collection::vec(frames(), 0..12),
        piece in 1usize..500,
    ) {
        let stream: Vec<u8> = frames.iter().flat_map(bytes_of).collect();
        prop_assert_eq!(read_all(&stream, piece).unwrap(), frames);
    }

    /// There is one encoding: what is decoded is encoded to the same bytes.
    #[test]
    fn decoding_loses_nothing(kind in 0u8..12, body in proptest::collection::vec(any::<u8>(), 0..80)) {
        let bytes = [&[kind][..], &body].concat();
        if let Ok(frame) = Frame::decode(&bytes) {
            prop_assert_eq!(&bytes_of(&frame)[4..], &bytes[..]);
        }
    }
}
