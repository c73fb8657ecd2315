//! Kinds of files, films, drawings and PDFs.

use super::*;
use std::io::Cursor;

#[test]
fn what_a_file_begins_with_counts_more_than_its_name() {
    let jpeg = b"\xff\xd8\xff\xe0";
    assert_eq!(sniff("a/page.jfif", jpeg), Kind::Picture(Format::Jpeg));
    let misnamed = Kind::OtherPicture("JPEG, though its name is that of a text");
    assert_eq!(sniff("a/page.html", jpeg), misnamed);
    assert_eq!(sniff("records/x.json", jpeg), Kind::Picture(Format::Jpeg));
    assert_eq!(sniff("a.jpg", b"hello"), Kind::OtherPicture("what it begins with is no picture"));
    assert_eq!(sniff("a.heic", b"\0\0\0\x18ftypheic"), Kind::OtherPicture("HEIC"));
    assert_eq!(sniff("a.avif", b"\0\0\0\x18ftypavif"), Kind::OtherPicture("AVIF"));
    assert_eq!(sniff("a.mp4", b"\0\0\0\x18ftypisom"), Kind::Boxes);
    assert_eq!(sniff("x", b"RIFF\0\0\0\0WEBP"), Kind::Picture(Format::Webp));
    assert_eq!(sniff("x", b"<?xml version='1.0'?>\n<svg"), Kind::Svg);
    assert_eq!(sniff("a.docx", b"PK\x03\x04"), Kind::Opaque("ZIP or an office document"));
    assert_eq!(sniff("a.zip", b""), Kind::Opaque("of a kind that is not looked into"));
    assert_eq!(sniff("records/x.cbor", b""), Kind::Record);
    assert_eq!(sniff("incidents/x.json", b"{}"), Kind::BesideRecords);
    assert_eq!(sniff("BMP.txt", b"BM is two letters"), Kind::Text);
    assert_eq!(sniff("large.bin", &[7; 512]), Kind::Unknown);
    for table in
        ["a.csv", "a.geojson", "series/a.tsv", "contacts.vcf", "people", "people.csv.old", ".env"]
    {
        assert_eq!(sniff(table, "نام,name\n".as_bytes()), Kind::Table, "{table}");
    }
    assert_eq!(sniff("font/LICENSE", b"Copyright"), Kind::Text);
    for list in ["READMEpeople", "LICENSE-list", "creditscards"] {
        assert_eq!(sniff(list, b"name,phone"), Kind::Table, "{list}");
    }
    assert_eq!(sniff("LICENSE-MIT", b"Copyright"), Kind::Text);
    assert_eq!(sniff("OFL.txt", b"Copyright"), Kind::Text);
    // A letter that is cut off at the end of what is looked at.
    assert_eq!(sniff("people", &"ن".as_bytes()[..1]), Kind::Unknown);
    assert_eq!(sniff("people", &"نن".as_bytes()[..3]), Kind::Table);
    assert_eq!(sniff("drafts/x.cbor", b"\xa1"), Kind::Opaque("of a kind that is not looked into"));
    assert_eq!(sniff("font/a.woff2", b"wOF2"), Kind::Font);
    assert_eq!(sniff("font/a.woff2", b"<html>"), Kind::Opaque("what it begins with is no font"));
    let film = Kind::Opaque("a film, though its name is that of a text");
    assert_eq!(sniff("a.html", b"\0\0\0\x18ftypisom<script>"), film);
}

#[test]
fn what_would_be_run_is_known_by_its_name_and_where_it_has_none_by_its_beginning() {
    for name in ["a.xml", "a.XHT", "a.hta", "a.url", "a.desktop", "a.jar", "records/a.js", "a.exe."]
    {
        for head in [&b"x"[..], b"\xff\xd8\xff", b"", b"PK\x03\x04"] {
            assert!(matches!(sniff(name, head), Kind::Runs(_)), "{name}");
        }
    }
    for head in [&b"#!/bin/sh\n"[..], b"\xef\xbb\xbf\n[Desktop Entry]\n", b"[InternetShortcut]"] {
        assert!(matches!(sniff("a", head), Kind::Runs(_)), "{head:?}");
        assert_eq!(sniff("a.txt", head), Kind::Text);
    }
    for (name, known) in [
        ("LICENSE-APACHE", Name::Plain),
        ("COPYING-2.0", Name::Plain),
        ("license.foo", Name::Unknown),
        ("people", Name::Bare),
        ("a.b/people", Name::Bare),
        ("people.csv.old", Name::Unknown),
        ("index.html~", Name::Unknown),
        ("A.HTML", Name::Text),
        ("a.svg", Name::Svg),
    ] {
        assert_eq!(name_of(name), known, "{name}");
    }
}

fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
}

fn film(moov: &[Vec<u8>]) -> Vec<u8> {
    let parts = [
        boxed(b"ftyp", b"isom\0\0\0\0"),
        boxed(b"mdat", b"pictures"),
        boxed(b"moov", &moov.concat()),
    ];
    parts.concat()
}

fn seen(film: &[u8]) -> Result<Vec<&'static str>, &'static str> {
    boxes(&mut Cursor::new(film), film.len() as u64)
}

#[test]
fn films() {
    let clean = [
        boxed(b"mvhd", &[0; 100]),
        boxed(b"trak", &boxed(b"mdia", &boxed(b"hdlr", b"\0\0\0\0\0\0\0\0vide\0\0\0\0"))),
    ];
    assert_eq!(seen(&film(&clean)), Ok(vec![]));
    let place = boxed(b"udta", &boxed(b"\xa9xyz", b"+35.1234+051.1234/"));
    let mut timed = vec![0; 100];
    timed[7] = 9;
    let sensor = boxed(b"trak", &boxed(b"mdia", &boxed(b"hdlr", b"\0\0\0\0\0\0\0\0meta\0\0\0\0")));
    let room = boxed(b"free", b"left over");
    let dirty = film(&[place, boxed(b"mvhd", &timed), sensor, room]);
    assert_eq!(
        seen(&dirty),
        Ok(vec![
            "a track with other data",
            "data in unused room",
            "metadata (device, place, name)",
            "time of the making"
        ])
    );
    assert!(seen(&film(&[boxed(b"what", b"")])).is_err());
    assert!(seen(&dirty[..dirty.len() - 3]).is_err());
    // A box that ends before its own head, and boxes without end in each other.
    assert!(seen(&[boxed(b"ftyp", b""), b"\0\0\0\x04moov".to_vec()].concat()).is_err());
    let nested = (0..20).fold(Vec::new(), |inner, _| boxed(b"trak", &inner));
    assert!(seen(&nested).is_err());
}

#[test]
fn drawings_and_pdfs() {
    assert_eq!(svg("<svg><path d='M0 0'/></svg>"), [""; 0]);
    let drawn = "<svg sodipodi:docname='x'><metadata/><image href='data:image/png;base64,'/></svg>";
    assert_eq!(svg(drawn), ["a picture inside", "metadata", "the original name"]);
    assert_eq!(pdf(b"%PDF-1.4 /Author (x) /ModDate (y)"), ["author", "time"]);
    assert_eq!(pdf(b"%PDF-1.4"), [""; 0]);
}
