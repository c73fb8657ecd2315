//! What somebody writes who does not want a program to see it, or does not think of one; and numbers that mean nothing.

use super::*;

fn finds(code: Code, texts: &[&str]) {
    for text in texts {
        let found = lint(text).into_iter().any(|hit| hit.sure && hit.code == code);
        assert!(found, "{code} not found in «{text}»: {:?}", lint(text));
    }
}

#[test]
fn telephone_numbers_in_disguise() {
    finds(
        Code::Phone,
        &[
            "۰۹١٢0۰۰٠٠۰۰",
            "0\u{200c}9\u{200c}1\u{200c}2\u{200c}0\u{200c}0\u{200c}0\u{200c}0\u{200c}0\u{200c}0\u{200c}0",
            "0 9 1 2 0 0 0 0 0 0 0",
            "0912/000/0000",
            "0912,000,0000",
            "0912*000*0000",
            "0912\n000\n0000",
            "۰۹۱۲، ۰۰۰، ۰۰۰۰",
            "0912٬000٬0000",
            "[0912] [000] [0000]",
            "0912\u{3000}000\u{3000}0000",
            "०९१२०००००००",
            "𝟶𝟿𝟷𝟸𝟶𝟶𝟶𝟶𝟶𝟶𝟶",
            "０９１２０００００００",
            "0912\u{301}0000000",
            "0912\u{fe0f}0000000",
            "a09120000000",
            "09120000000x",
            "9120000000",
            "۹۱۲ ۰۰۰ ۰۰۰۰",
        ],
    );
    // Encoded once, and once more.
    for url in
        ["https://example.org/?t=%DB%B0912%30000000", "https://example.org/?t=%2530912000%2530000"]
    {
        assert!(lint_url(url).iter().any(|hit| hit.code == Code::Phone), "{url}");
    }
}

#[test]
fn national_ids_in_disguise() {
    finds(
        Code::NationalId,
        &[
            "001 234567 9",
            "001-2345679",
            "0 0 1 2 3 4 5 6 7 9",
            "001\u{200c}234567\u{200c}9",
            "کد\u{200c}ملی ۰۰۱۲۳۴۵۶۷۰",
            "کد ملّی ۰۰۱۲۳۴۵۶۷۰",
            "شماره\u{200c}ی ملی ۰۰۱۲۳۴۵۶۷۰",
            "شناسه ملی ۰۰۱۲۳۴۵۶۷۰",
            "kode melli 0012345670",
            "شماره شناسنامه ۱۲۳۴",
        ],
    );
}

#[test]
fn positions_in_disguise() {
    finds(
        Code::Coordinates,
        &[
            "POINT (51.12345 35.12345)",
            "geo:35.1234,51.1234;u=10",
            "LINESTRING(51.1234 35.1234, 51.2345 35.2345)",
            "{\"lat\":35.12345,\"lng\":51.12345}",
            "۳۵ درجه و ۱۲ دقیقه و ۲۱ ثانیه شمالی",
            "35 deg 12 min 21 sec N",
            "N 35 12.345 E 51 23.456",
            "35 12 21 N 51 23 45 E",
            "35,12345; 51,12345",
            "۳۵/۱۲۳۴۵ و ۵۱/۱۲۳۴۵",
            "３５.１２３４５, ５１.１２３４５",
        ],
    );
}

#[test]
fn mail_in_disguise() {
    finds(
        Code::Email,
        &[
            "info @ example.org",
            "info\u{200c}@example.org",
            "info[at]example[dot]org",
            "INFO[AT]EXAMPLE.ORG",
            "info (at) example (dot) org",
            "info at example dot org",
            "info﹫example.org",
            "info@example․org",
            "info@example。org",
            "نام@نمونه.ایران",
        ],
    );
}

#[test]
fn relatives_by_other_words() {
    finds(
        Code::Relative,
        &[
            "مادر وی، زهرا نمونه",
            "پدر او علی نمونه",
            "مادرِ او زهرا",
            "همسر ایشان خانم نمونه",
            "مادر\u{200c}بزرگش زهرا",
            "خواهرزاده\u{200c}اش سارا",
            "پسرعمویش علی",
            "فرزند علی",
            "دختر علی نمونه",
            "son of Ali",
            "his mum Zahra",
            "her dad, Ali",
            "Zahra (mother)",
            "Zahra Example is his mother",
        ],
    );
}

#[test]
fn houses_by_other_words() {
    finds(
        Code::Address,
        &["خیابان نمونه، شماره ۱۲", "صندوق پستی ۱۲۳", "P.O. Box 123", "apartment 4"],
    );
}

#[test]
fn numbers_that_name_nobody() {
    for text in [
        "16.11.2019 and 25/08/1398",
        "09:12, 10:30, 9:45",
        "09/11/2019, 12/11/2019",
        "978-3-16-148410-0",
        "ISBN 9640000000",
        "شابک: ۹۶۴۰۰۰۰۰۰۰",
        "ISSN 1234-5678",
        "doi:10.1000/182.2019.0912",
        "2019-11-16T09:12:34.567Z",
        "20191116123456",
        "1,500,000 and ۱٬۵۰۰٬۰۰۰ ریال",
        "304, 323, 417, 1500",
        "https://example.org/persian/iran-50444429",
        "https://example.org/status/1196123456789012345",
        "https://example.org/2019/11/16/0912/",
        "2f4ja5iockvhwmeqgaaylwdxry",
        "a3f5c2d1e0b94857a3f5c2d1e0b94857",
        "UTC+03:30, +3.5 million",
        "11/2019, 12/2019",
        "up 0.125 and 0.375",
        "192.168.100.200, 10.0.0.1:8080",
        "A/HRC/43/61, MDE 13/2308/2020",
        "۲۴ تا ۲۸ آبان ۱۳۹۸",
        "در خیابان کشته شد. شماره ۱۲ این فهرست",
        "دختر جوان، زن ۳۰ ساله",
        "the son of a baker",
        "looked at the dot on the map",
        "West of S. 12 and 13",
    ] {
        let sure: Vec<_> = lint(text).into_iter().filter(|hit| hit.sure).collect();
        assert_eq!(sure, [], "«{text}»");
    }
}

#[test]
fn a_long_word_of_digits_is_read_once() {
    // Were each group compared with the whole word, this would take minutes.
    let word = "1a".repeat(1 << 17);
    assert_eq!(lint(&word), []);
}
