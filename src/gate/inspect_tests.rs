//! Files in a folder, and what is said of them.

use super::*;
use crate::publish::known::Known;
use crate::publish::walk::walk;
use std::collections::BTreeSet;

/// What stops the build when only this file lies there.
fn stops(name: &str, bytes: &[u8]) -> BTreeSet<Code> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
    let found = walk(dir.path(), true).unwrap();
    let seen =
        inspect(&found.files, &Known::default(), true, &|_| (), &AtomicBool::new(false)).unwrap();
    let stops: BTreeSet<Code> =
        seen.findings.iter().filter(|f| f.level < Level::Note).map(|f| f.code).collect();
    // What is explained agrees with what is found.
    assert!(seen.decisions.iter().all(|d| d.published == stops.is_empty()), "{name}");
    stops
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn texts_in_another_charset_stop_and_are_read_all_the_same() {
    for name in ["a.html", "a.htm", "a.css", "a.svg", "a.txt", "a.md", "a.csv", "a.json", "a.jsonl"]
    {
        for text in ["<p>x", "a{}", "سلام"] {
            for bytes in
                [utf_16(text), utf_16(&format!("\u{feff}{text}")), b"\xca\xe1\xdd\xe4".into()]
            {
                assert!(stops(name, &bytes).contains(&Code::FileUnclean), "{name} {text}");
            }
        }
    }
    let page = utf_16("\u{feff}<!DOCTYPE html><script>alert(1)</script>");
    assert_eq!(stops("a.html", &page), BTreeSet::from([Code::FileUnclean, Code::ActiveContent]));
    let list = utf_16("\u{feff}name,city\nnobody,0912 000 0000\n");
    assert_eq!(stops("a.csv", &list), BTreeSet::from([Code::FileUnclean, Code::Phone]));
    let page = b"<!DOCTYPE html><meta charset=utf-16><p>x";
    assert_eq!(stops("a.html", page), BTreeSet::from([Code::FileUnclean]));
    assert!(stops("records/a.json", &utf_16("{}")).contains(&Code::FileUnclean));
    for (name, text) in [
        ("a.html", "\u{feff}<!DOCTYPE html><meta charset=utf-8><p>سلام"),
        ("a.csv", "\u{feff}نام,شهر\r\nهیچ‌کس,نمونه\r\n"),
        ("a.css", "@charset \"utf-8\";\na{color:red}"),
    ] {
        assert_eq!(stops(name, text.as_bytes()), BTreeSet::new(), "{name}");
    }
}

#[test]
fn what_a_browser_or_a_desktop_runs_stops() {
    let active = BTreeSet::from([Code::ActiveContent]);
    for ending in [
        "xml", "xht", "xhtm", "xhtml", "shtml", "mht", "mhtml", "hta", "url", "desktop", "lnk",
        "webloc", "bat", "cmd", "ps1", "vbs", "js", "cjs", "mjs", "jar", "exe", "scr", "sh",
        "wasm", "swf", "htc", "xsl", "xslt", "PHP", "rss", "kml", "com", "py", "app",
    ] {
        for bytes in [&b"<x/>"[..], b"\xff\xd8\xff", b"PK\x03\x04", b"text", b""] {
            assert_eq!(stops(&format!("a.{ending}"), bytes), active, "{ending}");
            assert_eq!(stops(&format!("records/a.{ending}"), bytes), active, "{ending}");
        }
    }
}

#[test]
fn what_begins_like_a_page_is_read_as_one_whatever_it_is_called() {
    let handler = "<p onclick=alert(1)>x";
    for name in [
        "a",
        "a.txt",
        "a.md",
        "a.csv",
        "a.json",
        "a.css",
        "a.log",
        "a.vtt",
        "LICENSE",
        "a.foo",
        "records/a.json",
    ] {
        for start in [
            "",
            "\u{feff}",
            " \n\t",
            "<!-- x -->",
            "<!doctype html>",
            "<?xml version='1.0'?>",
            "</p>",
        ] {
            let found = stops(name, format!("{start}{handler}").as_bytes());
            assert!(found.contains(&Code::ActiveContent), "{name} {start} {found:?}");
        }
    }
    // As a page it is in order.
    assert_eq!(stops("a.md", "<div dir=\"rtl\">\n\nسلام\n</div>".as_bytes()), BTreeSet::new());
    // It fetches something.
    let sheet = "<link rel='stylesheet x' href=https://e.example/x.css><link rel='mask-icon' href=//e.example>";
    assert_eq!(stops("a.html", sheet.as_bytes()), BTreeSet::from([Code::ExternalReference]));
}

#[test]
fn xml_that_a_browser_reads_otherwise_stops() {
    let space = "xmlns='http://www.w3.org/2000/svg'";
    let page = "xmlns:h='http://www.w3.org/1999/xhtml'";
    let drawing = format!("<svg {space}><path d='M0 0'/></svg>");
    for start in [
        "",
        "<?xml version='1.0' encoding='UTF-8'?>\n",
        "<!-- x -->",
        "<!DOCTYPE svg PUBLIC 'a' 'b'>",
    ] {
        assert_eq!(
            stops("a.svg", format!("{start}{drawing}").as_bytes()),
            BTreeSet::new(),
            "{start}"
        );
    }
    for text in [
        "<html xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></html>".to_owned(),
        format!("<?xml-stylesheet type='text/xsl' href='#x'?>{drawing}"),
        format!("<?xml version='1.0'?><?xml-stylesheet href='a.xsl'?>{drawing}"),
        format!("<!DOCTYPE svg [<!ENTITY x '<script>alert(1)</script>'>]>{drawing}"),
        format!("<!DOCTYPE svg [<!ATTLIST path onload CDATA 'alert(1)'>]>{drawing}"),
        format!("<svg {space}><h:img {page} src='x' onerror='alert(1)'/></svg>"),
        format!("<svg {space}><h:iframe {page} src='x'/></svg>"),
        "text".to_owned(),
    ] {
        assert!(stops("a.svg", text.as_bytes()).contains(&Code::ActiveContent), "{text}");
    }
    // Elements that nobody knows may have handlers.
    for text in
        ["<foo onclick=x()>", "<math onclick=x()>", "<template shadowrootmode=open><p onclick=x()>"]
    {
        assert_eq!(
            stops("a.html", text.as_bytes()),
            BTreeSet::from([Code::ActiveContent]),
            "{text}"
        );
    }
    let links: String = (0..300).map(|n| format!("<a href=https://e.example/{n}>x</a>")).collect();
    let found = stops("a.html", format!("{links}<script>x</script>").as_bytes());
    assert!(found.contains(&Code::ActiveContent), "{found:?}");
}

#[test]
fn what_is_not_known_stops() {
    let unknown = BTreeSet::from([Code::UnknownKind]);
    for (name, bytes) in [
        ("a.bin", &b"\x07\x07\x07"[..]),
        ("a", b"\x01\x02"),
        ("a.foo", b"a text"),
        ("people.csv.old", b"a,b\n"),
        ("records/a.foo", b"a text"),
    ] {
        assert_eq!(stops(name, bytes), unknown, "{name}");
    }
    assert_eq!(
        stops("a.foo", b"name,phone\n"),
        BTreeSet::from([Code::UnknownKind, Code::RestrictedField])
    );
    assert_eq!(stops("a.woff2", b"\x01\x02"), BTreeSet::from([Code::FileUnclean]));
    for (name, bytes) in
        [("a.bin", &b""[..]), ("people", b"nobody"), ("a.woff2", b"wOF2\0"), ("LICENSE-MIT", b"x")]
    {
        assert_eq!(stops(name, bytes), BTreeSet::new(), "{name}");
    }
}

/// A font and a film of more than one block, a text, and a text of which something is found.
fn large() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let film = [&b"\0\0\0\x10ftypisom\0\0\0\0\0\x02\0\x08mdat"[..], &[7; 0x20000]].concat();
    for (name, bytes) in [
        ("a.woff2", [&b"wOF2"[..], &[1; 100_000]].concat()),
        ("b.mp4", film),
        ("c.txt", b"nothing".to_vec()),
        ("d.txt", vec![b'x'; 100_000]),
        ("IMG_20191116_123456.mp4", vec![0; 100_000]),
    ] {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    dir
}

fn later() -> SystemTime {
    SystemTime::now() + std::time::Duration::from_secs(60)
}

fn look_at(files: &[Found], known: &Known, now: SystemTime) -> Inspected {
    let now = || now;
    inspect_at(files, known, (false, &now), &|_| (), &AtomicBool::new(false)).unwrap()
}

#[test]
fn every_file_is_known_by_its_hash_and_small_ones_are_kept() {
    let dir = large();
    let files = walk(dir.path(), false).unwrap().files;
    let hash = |name: &str| Hash::of(&std::fs::read(dir.path().join(name)).unwrap());
    let stamp = |name: &str| files.iter().find(|f| f.path.as_str() == name).unwrap().stamp;
    let seen = look_at(&files, &Known::default(), later());
    for name in ["a.woff2", "b.mp4", "c.txt", "d.txt", "IMG_20191116_123456.mp4"] {
        assert!(seen.saw(name, &hash(name)) && !seen.saw(name, &Hash([0; 32])), "{name}");
    }
    assert_eq!(seen.reading("c.txt").unwrap().bytes, b"nothing");
    assert_eq!(seen.reading("c.txt").unwrap().stamp, stamp("c.txt"));
    assert!(seen.reading("d.txt").is_none());
}
