use super::*;
use crate::publish::keys::passphrase;

fn key() -> Key {
    Key::from_seed(&[5; 32]).unwrap()
}

fn sheet() -> Sheet {
    Sheet::seal(&key(), &passphrase("correct horse"), [9; 16], 10).unwrap()
}

#[test]
fn paper_round_trip_by_words_and_by_qr() {
    let text: String = to_words(&sheet().0).iter().map(|w| format!("{} ", w.fa)).collect();
    let read = Sheet(from_words(&text).unwrap());
    assert_eq!(read, sheet());
    let opened = read.open(&passphrase("correct horse")).unwrap();
    assert_eq!((opened.public(), *opened.seed()), (key().public(), [5; 32]));
    let qr = sheet().qr_text(&key().public());
    let typed = format!(" {}\n{}", qr[..40].to_lowercase(), &qr[40..]);
    assert_eq!(Sheet::from_qr_text(&typed).unwrap(), (sheet(), key().public()));
    assert!(key().public().key_id().starts_with(&sheet().key_mark()));
}

#[test]
fn paper_3_wrong_passphrase() {
    let refused = sheet().open(&passphrase("wrong horse"));
    assert!(matches!(refused, Err(PaperError::Passphrase)));
}

#[test]
fn paper_1_and_3_newer_and_too_dear() {
    let with = |at: usize, byte: u8| {
        let mut sheet = sheet();
        sheet.0[at] = byte;
        sheet
    };
    assert!(matches!(with(0, 2).check(), Err(PaperError::Newer)));
    for log_n in [0, 9, 21, 255] {
        assert!(matches!(with(1, log_n).check(), Err(PaperError::Cost)));
        assert!(matches!(with(1, log_n).open(&passphrase("x")), Err(PaperError::Cost)));
    }
}

#[test]
fn paper_4_every_byte_is_bound() {
    for at in [2, 7, 8, 23, 24, 55, 56, 71] {
        let mut changed = sheet();
        changed.0[at] ^= 1;
        assert!(changed.open(&passphrase("correct horse")).is_err(), "byte {at}");
    }
}

#[test]
fn paper_2_a_sheet_that_names_another_key() {
    // Sealed rightly, but under a header that names another key.
    let mut sealed = sheet().0;
    sealed[2] ^= 1;
    let mut seed = key().seed();
    let cipher = cipher(&sealed, &passphrase("correct horse")).unwrap();
    let tag = cipher
        .encrypt_in_place_detached(&Nonce::default(), &associated(&sealed), &mut *seed)
        .unwrap();
    sealed[HEADER_BYTES..56].copy_from_slice(&*seed);
    sealed[56..].copy_from_slice(&tag);
    let refused = Sheet(sealed).open(&passphrase("correct horse"));
    assert!(matches!(refused, Err(PaperError::OtherKey(_))));
}

#[test]
fn paper_8_damaged_qr_text() {
    let good = sheet().qr_text(&key().public());
    for at in [0, 20, 100, good.len() - 1] {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let text = String::from_utf8(bytes).unwrap();
        assert!(matches!(Sheet::from_qr_text(&text), Err(PaperError::Qr)), "{at}");
    }
    let other = Key::from_seed(&[6; 32]).unwrap().public();
    let mixed = sheet().qr_text(&other);
    assert!(matches!(Sheet::from_qr_text(&mixed), Err(PaperError::OtherKey(_))));
    for odd in ["", ":", "YADGAR-KEY-1:::", &"A:".repeat(4000)] {
        assert!(matches!(Sheet::from_qr_text(odd), Err(PaperError::Qr)));
    }
}

#[test]
fn the_pages_hold_all_that_is_needed_and_no_seed() {
    let (sheet, public) = (sheet(), key().public());
    let pages = [html(&sheet, &public).unwrap(), plain(&sheet, &public)];
    for page in &pages {
        assert!(page.contains(&base32(public.as_bytes())) && page.contains(&public.key_id()));
        assert!(to_words(&sheet.0).iter().all(|w| page.contains(w.fa) && page.contains(w.en)));
        assert!(!page.contains(&base32(&[5; 32])) && !page.contains("0505050505"));
    }
    let outside = ["http", "src=", "url(", "@import", "<script", "<link"];
    let html = pages[0].replace("http://www.w3.org/2000/svg", "");
    assert!(outside.iter().all(|word| !html.contains(word)));
    assert!(html.contains("<svg"));
}
