//! Texts that are another text to a browser or a table program.

use super::*;

const ACTIVE: &str = "<p>x<script>alert(1)</script>";

fn utf_16(text: &str, little: bool) -> Vec<u8> {
    let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn only_utf_8_passes() {
    for text in ["", "سلام", "\u{feff}سلام", "a\tb\r\n\x0c", "+/vector"] {
        assert_eq!(read(text.as_bytes()).fault, None, "{text}");
    }
    for little in [true, false] {
        let marked = [utf_16("\u{feff}", little), utf_16(ACTIVE, little)].concat();
        assert_eq!(
            (read(&marked).fault, &*read(&marked).text),
            (Some("UTF-16, not UTF-8"), ACTIVE)
        );
        let bare = utf_16(ACTIVE, little);
        let bare = read(&bare);
        assert_eq!((bare.fault, &*bare.text), (Some("zero bytes in a text"), ACTIVE));
        assert!(read(&utf_16("تلفن", little)).fault.is_some());
    }
    // UTF-32, cp1256, ISO-2022-JP, UTF-7.
    for bytes in [
        &b"\xff\xfe\0\0<\0\0\0"[..],
        b"\0\0\xfe\xff\0\0\0<",
        b"\xca\xe1\xdd\xe4 0912",
        b"\x1b(J<p>",
        b"+/v8+ADw-script",
    ] {
        assert!(read(bytes).fault.is_some(), "{bytes:?}");
    }
}

#[test]
fn a_page_that_names_another_charset() {
    for page in [
        "<meta charset=utf-16>",
        "<META\nCHARSET = 'windows-1256'>",
        "<meta/charset=\"iso-2022-jp\"/>",
        "<title><meta charset=gbk></title>",
        "<!-- <meta content=\" --> <meta charset=koi8-r>",
        "<meta http-equiv=Content-Type content='text/html; charset=windows-1256'>",
        "<meta content=\"a>b;charset = 'shift_jis'\" http-equiv=\" content-type\">",
        "<meta a=b\" content=\">\" charset=big5>",
        "<meta http-equiv=content-type content='charset; charset=gbk'>",
        "<meta charset=utf&#45;16>",
        "<meta http-equiv='c&#111;ntent-type' content='text/html;charset=gbk'>",
        "<meta http-equiv=content-type content='text/html;ch&#97;rset=gbk'>",
        "<meta charset=''>",
        "<meta charset=utf-8 <meta charset=gbk>",
        "<meta charset=utf-8",
        "<?xml version='1.0' encoding='utf-16'?><svg/>",
        "\u{feff}<?xml version=\"1.0\" encoding = \"iso-8859-1\"?>",
        "@charset \"windows-1256\"; a{}",
    ] {
        assert!(named(page).is_some(), "{page}");
    }
    assert_eq!(named("<p><meta charset=utf-16le>").as_deref(), Some("utf-16le"));
    assert!(named(&"<meta charset=utf-8>".repeat(300)).is_some());
    for page in [
        "",
        "<meta charset=utf-8><meta charset=\"UTF-8\"/>",
        "<meta http-equiv=content-type content='text/html; charset=UTF8'>",
        "<meta http-equiv=content-type content='text/html'>",
        "<meta name=description content='charset=gbk &amp; more'>",
        "<meta http-equiv=x-ua-compatible content='ie=edge'>",
        "<metal charset=gbk>",
        "a charset=gbk",
        "<?xml version='1.0' encoding='UTF-8'?><svg/>",
        "<?xml version='1.0'?><svg/>",
        "@charset \"utf-8\"; a{}",
    ] {
        assert_eq!(named(page), None, "{page}");
    }
}
