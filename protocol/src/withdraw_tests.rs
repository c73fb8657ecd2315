use super::*;
use crate::ids::Codec;

fn w(item: u8) -> Withdrawal {
    Withdrawal {
        item: Hash([item; 32]),
        date: "2026-11-23".into(),
        reason: Reason::Withheld,
        sequence: 3,
    }
}

#[test]
fn wd_1_an_item_depends_on_archive_and_block() {
    let (a, b) = (ArchiveId(Hash([1; 32])), ArchiveId(Hash([2; 32])));
    let block = BlockId::of(Codec::Raw, b"x");
    assert_ne!(item(&a, &block), item(&b, &block));
    assert_ne!(item(&a, &block), item(&a, &BlockId::dag_cbor(b"x")));
    assert_ne!(item(&a, &block), block.hash);
}

#[test]
fn wd_2_lists_are_ascending_and_bounded() {
    check_list(&[w(1), w(2)], 2).unwrap();
    for bad in [vec![w(2), w(1)], vec![w(1), w(1)], vec![w(1), w(2), w(3)]] {
        assert_eq!(check_list(&bad, 2).unwrap_err().clause, "WD-2");
    }
    let no_date = Withdrawal { date: "today".into(), ..w(1) };
    assert_eq!(check_list(&[no_date], 2).unwrap_err().clause, "WD-2");
}

#[test]
fn wd_3_reasons_have_words_and_numbers() {
    for (number, reason) in Reason::ALL.into_iter().enumerate() {
        assert_eq!(reason as usize, number);
        assert_eq!(Reason::from_word(reason.word()), Some(reason));
    }
    let bytes = crate::cbor::encode(&w(1));
    assert_eq!(bytes[0], 0x84);
    assert_eq!(crate::cbor::decode::<Withdrawal>(&bytes, 100).unwrap(), w(1));
    let mut unknown = bytes.clone();
    let at = unknown.len() - 2;
    assert_eq!(unknown[at], 6);
    unknown[at] = 7;
    assert!(crate::cbor::decode::<Withdrawal>(&unknown, 100).is_err());
}

#[test]
fn wd_7_denied_covers_what_was_added() {
    let archive = ArchiveId(Hash([9; 32]));
    let block = BlockId::of(Codec::Raw, b"x");
    let mut denied = Denied::none(archive);
    assert!(denied.covers(&block).is_none());
    let first = Withdrawal { item: item(&archive, &block), ..w(0) };
    denied.add([&first]);
    denied.add([&Withdrawal { reason: Reason::Error, ..first.clone() }]);
    assert_eq!(denied.covers(&block), Some(&first));
    assert!(denied.covers(&BlockId::of(Codec::Raw, b"y")).is_none());
}
