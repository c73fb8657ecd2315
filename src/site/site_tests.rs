//! Names, charsets, and crawls that are anything.

use super::bounds::MAX_HEAD_BYTES;
use super::charset::decode;
use super::http::answer;
use super::warc::{Reader, WarcError};
use proptest::prelude::*;

#[test]
fn charsets_become_utf_8() {
    assert_eq!(decode("سلام".as_bytes(), Some("windows-1256")), ("سلام".to_owned(), None));
    let (arabic, _, _) = encoding_rs::WINDOWS_1256.encode("سلام");
    assert_eq!(decode(&arabic, Some("windows-1256")), ("سلام".to_owned(), Some("windows-1256")));
    let page = [b"<meta charset='windows-1256'>".as_slice(), &arabic].concat();
    assert!(decode(&page, None).0.ends_with("سلام"));
    assert_eq!(decode(b"\xff\xfea\0", None), ("a".to_owned(), Some("UTF-16LE")));
}

#[test]
fn heads_of_records_are_bounded() {
    let endless = vec![b'x'; MAX_HEAD_BYTES * 2];
    assert!(matches!(Reader::new(endless.as_slice()).next(), Err(WarcError::Form(_))));
    let many = format!("WARC/1.0\r\n{}", "A: b\r\n".repeat(MAX_HEAD_BYTES));
    assert!(matches!(Reader::new(many.as_bytes()).next(), Err(WarcError::Bound(_))));
    let lie = b"WARC/1.0\r\nContent-Length: 18446744073709551615\r\n\r\nx";
    assert!(matches!(Reader::new(lie.as_slice()).next(), Err(WarcError::Bound(_))));
}

#[test]
fn packings_come_off() {
    let packed = zstd::encode_all(b"words".as_slice(), 1).unwrap();
    let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = [format!("{:x}\r\n", packed.len()).as_bytes(), &packed, b"\r\n0\r\n\r\n"].concat();
    let block = [head.as_slice(), &chunk].concat();
    assert_eq!(answer(&block).unwrap().body().unwrap(), b"words");
}

proptest! {
    #[test]
    fn anything_is_read_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        for begin in [&b""[..], b"WARC/1.0\r\n", b"HTTP/1.1 200 OK\r\n"] {
            let all = [begin, &bytes].concat();
            let mut reader = Reader::new(all.as_slice());
            while let Ok(Some(_)) = reader.next() {}
            if let Ok(answer) = answer(&all) {
                let _ = answer.body();
            }
        }
    }
}
