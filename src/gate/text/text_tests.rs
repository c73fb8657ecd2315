//! What the rules find and what they leave alone. Numbers here are made up of rows and zeros.

use super::*;
use proptest::prelude::*;

fn codes(text: &str) -> Vec<Code> {
    lint(text).into_iter().filter(|hit| hit.sure).map(|hit| hit.code).collect()
}

fn finds(code: Code, texts: &[&str]) {
    for text in texts {
        assert!(codes(text).contains(&code), "{code} not found in «{text}»: {:?}", lint(text));
    }
}

fn passes(texts: &[&str]) {
    for text in texts {
        assert_eq!(codes(text), [], "«{text}»");
    }
}

/// Most words and texts are told apart by a look at a letter or two.
#[test]
fn nothing_is_overlooked_for_speed() {
    let kin = [
        "son",
        "DAD",
        "Mum",
        "wife",
        "Aunt",
        "grandmother",
        "STEPFATHER",
        "fiancé",
        "Fiancée",
        "cousins",
    ];
    for word in kin {
        assert!(lint(word).iter().any(|hit| hit.code == Code::Relative), "{word}");
    }
    for script in [
        "javascript:",
        "JavaScript \n\u{a0}:",
        "v b script:",
        "x: data:text/html",
        "DATA\u{7f}: text / html",
    ] {
        assert!(lint(script).iter().any(|hit| hit.code == Code::ActiveContent), "{script}");
    }
    finds(Code::Email, &["x (AT) example (Dot) org", "sara at example DOT org (x)"]);
    finds(Code::Phone, &["Tel 0000000", "تلفن 0000000"]);
    finds(Code::Address, &["x Alley 7", "پلاک ۷", "12 Example Street"]);
    finds(
        Code::Coordinates,
        &["35 DEG 41.5 min", "N 35 12.345 E 51 23.456", "OSM.org/go/x", "۳۵ درجه 41.5"],
    );
}

#[test]
fn telephone_numbers() {
    finds(
        Code::Phone,
        &[
            "call 09120000000",
            "۰۹۱۲۰۰۰۰۰۰۰",
            "٠٩١٢٠٠٠٠٠٠٠",
            "０９１２０００００００",
            "0912 000 0000",
            "0912-000-00-00",
            "0912.000.0000",
            "(0912) 000 0000",
            "۰۹۱۲ ۰۰۰ ۰۰۰۰",
            "0912\u{200c}000\u{200c}0000",
            "0912\u{a0}000\u{2013}0000",
            "0912\u{200e}0000000",
            "+989120000000",
            "+98 912 000 0000",
            "+98 (0) 912 000 0000",
            "(+98) 912 000 0000",
            "00989120000000",
            "989120000000",
            "شماره۰۹۱۲۰۰۰۰۰۰۰",
            "021 2000 0000",
            "02120000000",
            "۰۲۱-۲۰۰۰۰۰۰۰",
            "+98 21 2000 0000",
            "+49 30 000000",
            "0049 30 0000001",
            "+1 555 010 0000",
            "تلفن: ۲۰۰۰۰۰۰۰",
            "tel. 2000 0000",
            "WhatsApp 912 000 0000",
        ],
    );
}

#[test]
fn numbers_that_are_no_telephones() {
    passes(&[
        "2019-11-16",
        "۱۳۹۸-۰۸-۲۵ ساعت ۰۹:۱۲",
        "from 1398 to 1399",
        "1398-1399-1400",
        "16 November 2019, 17 November 2019",
        "in 163 hours 1 500 people",
        "304, 323 and 417 names",
        "a0912000000012f3c",
        "09120000000abcdef",
        "550e8400-e29b-41d4-a716-446655440000",
        "https://example.org/status/1196123456789012345",
        "pages 09 to 12, 2000",
        "the telephone was cut on 2019-11-16",
        "تلفن‌ها از ۱۳۹۸/۰۸/۲۵ قطع بود",
        "12:30:45.123",
        "0 1 2 3 4 5",
        "1.5 and 2.75",
    ]);
}

#[test]
fn national_ids() {
    finds(
        Code::NationalId,
        &[
            "0012345679",
            "۰۰۱۲۳۴۵۶۷۹",
            "٠٠١٢٣٤٥٦٧٩",
            "001-234567-9",
            "کد ملی ۰۰۱۲۳۴۵۶۷۰",
            "کدملی: 12345678",
            "National ID 0012345670",
        ],
    );
    passes(&[
        "0012345670",
        "0000000000",
        "1111111111",
        "00123456790",
        "x0012345679",
        "0.0012345679",
        "example.org/0012345679",
        "?id=0012345679",
        "978-001-234567-9",
        "13980825",
    ]);
    // About one number of ten digits in eleven has the right last digit, not more.
    let wrong = (0..10).filter(|n| codes(&format!("001234567{n}")).is_empty()).count();
    assert_eq!(wrong, 9);
}

#[test]
fn mail_addresses() {
    finds(
        Code::Email,
        &[
            "write to a.b+c@example.org.",
            "info@sub.example.co.uk",
            "info＠example.org",
            "info [at] example.org",
            "info(at)example.org",
            "نامه به info@example.org",
        ],
    );
    passes(&[
        "@name",
        "https://example.org/@name/post.html",
        "logo@2x.png",
        "a @ b",
        "5@10.5",
        "meet me [at] noon",
    ]);
    assert_eq!(lint_url("https://example.org/?m=info%40example.org")[0].code, Code::Email);
}

#[test]
fn positions() {
    finds(
        Code::Coordinates,
        &[
            "35.123, 51.123",
            "35.12345,51.12345",
            "۳۵٫۱۲۳۴۵ ، ۵۱٫۱۲۳۴۵",
            "lat 35.12345 lon 51.12345",
            "35.12345° N, 51.12345° E",
            "-33.12345, -70.12345",
            "https://maps.example/@35.12345,51.12345,15z",
            "x!3d35.12345!4d51.12345",
            "?mlat=35.12345&mlon=51.12345",
            "35°12'21\" N",
            "۳۵°۱۲′۲۱″",
            "35° 12.345'",
            "8FPHM9QX+XX",
            "M9QX+7RC Tehran",
            "https://goo.gl/maps/abc",
            "https://www.google.com/maps/place/x",
            "https://balad.ir/p/x",
        ],
    );
    assert_eq!(lint_url("https://example.org/?ll=35.12345%2C51.12345")[0].code, Code::Coordinates);
    passes(&[
        "35.12, 51.12",
        "35.7 and 51.4",
        "version 1.234.567",
        "between 0.125 of the first and then of the second 0.375",
        "200.123, 300.123",
        "35°12'",
        "at 20 °C",
        "C++ and ABCD+EF",
        "12.345",
        "1.234,567",
    ]);
}

#[test]
fn relatives() {
    finds(
        Code::Relative,
        &[
            "his mother, Sara, said",
            "Her brother Reza was there",
            "his wife (Sara)",
            "her father, Mr. Example",
            "his son named Ali",
            "Sara Example, his mother, said",
            "مادرش زهرا گفت",
            "برادرش، آقای نمونه",
            "همسرش به نام نمونه",
            "خواهرش، نمونه نمونه‌ای، گفت",
            "پدر\u{200c}اش علی",
            // Names that stand in no list.
            "مادرش مهین گفت",
            "مادرشان مهین",
            "به مادر\u{200c}اش مهین زنگ زد",
            "برادرم بهزاد آنجا بود",
            "مادر او مهین گفت",
            "عمویش «بهزاد» بود",
            "خواهرش (مهین)",
            "دخترش: مهین",
            "مادرش، مهین گفت",
            "پسرشان Behzad",
            "زنش مهین",
        ],
    );
    passes(&[
        "a mother of two",
        "his mother said that",
        "her father on Monday heard",
        "His parents. Tehran was dark.",
        "the brothers met",
        "مادرش گفت که",
        "پدرش، که آن روز خانه نبود، گفت",
        "مادر او",
        "مادرش هنوز منتظر است",
        "مادرش را ندید",
        "مادرش هر روز چای دم می\u{200c}کرد",
        "مادرش می\u{200c}گفت که",
        "پدرش معلم بود",
        "برادرش شب\u{200c}ها کار می\u{200c}کرد",
        "به گفته\u{200c}ی پدرش، مأموران آمدند",
        "مادرش: «نرو»",
        "فرزندش کجاست، و زخمی",
        "پدرش و مادرش",
        "پدرش مادرش را دید",
        "می زنم کنارش",
        "می زنیم نان",
        "خاله\u{200c}ی مهربان",
        "در خانه\u{200c}ی مادرش.",
        "پسر جوان",
        "دختر بود",
        "Sunday, his mother said",
    ]);
    // The word alone is told, and stops nothing.
    assert!(lint("his mother said").iter().any(|hit| hit.code == Code::Relative && !hit.sure));
    let count = ["two sisters", "برادرش", "مادرش", "خواهر و برادر"].map(siblings);
    assert_eq!(count, [1, 1, 0, 2]);
    let count = ["in his School.", "دبیرستان", "scholar", "schools, مدرسه"].map(schools);
    assert_eq!(count, [1, 1, 0, 2]);
}

#[test]
fn addresses() {
    finds(
        Code::Address,
        &[
            "خیابان نمونه، پلاک ۱۲",
            "کد پستی ۱۲۳",
            "کوچه‌ی نمونه ۱۲",
            "12 Sample Street",
            "7 Old Sample Rd.",
            "postal code 123",
        ],
    );
    passes(&[
        "خیابان نمونه",
        "in 15 Khordad Street",
        "16 November 2019, in a street",
        "کوچه\u{200c}ها خالی بود",
        "2 people in that old street",
    ]);
}

#[test]
fn hidden_and_active() {
    finds(Code::HiddenText, &["a\u{202e}b", "a\u{200b}b", "a\u{2066}b", "a\u{feff}b", "\u{e0041}"]);
    finds(
        Code::ActiveContent,
        &["<script>", "a</b>", "<img src=x>", "<!-- x", "java\nscript:x", "data:text/html,x"],
    );
    passes(&["می\u{200c}رود", "a < b and c > d", "<3", "\u{200f}متن", "x <- y", "Java script"]);
}

/// Overrides count: what is added to a text makes one more.
#[test]
fn each_is_told_once_for_each_time_it_stands_there() {
    for text in [
        "09120000000",
        "0012345679",
        "a@example.org",
        "مادرش مهین گفت",
        "پلاک ۱۲",
        "12 Sample Street",
        "35.12345, 51.12345",
        "35°12'21\" N",
        "8FPHM9QX+XX",
        "https://balad.ir/p/x",
        "a\u{202e}b",
        "<b>",
    ] {
        let (one, two) = (codes(text), codes(&format!("{text}. و ---- {text}")));
        assert!(!one.is_empty() && two.len() >= 2 * one.len(), "{text}: {one:?} {two:?}");
    }
    assert_eq!(codes(&"\u{202e}".repeat(5000)).len(), MAX_ALIKE);
}

#[test]
fn what_is_shown_is_not_what_was_found() {
    for (text, whole) in [("09120000123", "09120000123"), ("sara@example.org", "sara@example")] {
        let hit = &lint(text)[0];
        assert!(!hit.shown.contains(whole) && hit.shown.chars().count() <= 5, "{hit:?}");
    }
}

proptest! {
    /// Wherever separators and digits of another script stand, a mobile number is found.
    #[test]
    fn a_mobile_number_is_found_however_it_is_written(
        tail in "[0-9]{9}", script in 0usize..3, cut in 1usize..4, gap in "[ .\\-\u{200c}\u{a0}]",
    ) {
        let number = format!("09{tail}");
        let zero = ['0', '۰', '٠'][script] as u32;
        let mut text = String::new();
        for (n, c) in number.chars().enumerate() {
            if n > 0 && n % (cut + 3) == 0 {
                text.push_str(&gap);
            }
            text.push(char::from_u32(zero + c.to_digit(10).unwrap()).unwrap());
        }
        prop_assert!(codes(&text).contains(&Code::Phone), "{text}");
    }

    /// Hashes are no numbers of anybody.
    #[test]
    fn a_hash_is_left_alone(bytes in prop::array::uniform32(any::<u8>())) {
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        prop_assert_eq!(codes(&hex), []);
    }

    /// Days in every order and both calendars.
    #[test]
    fn a_day_is_left_alone(year in 1300u32..2030, month in 1u32..13, day in 1u32..32, sep in "[-/. ]") {
        let ahead = format!("{year}{sep}{month:02}{sep}{day:02}");
        let back = format!("{day:02}{sep}{month:02}{sep}{year}");
        prop_assert_eq!(codes(&ahead), []);
        prop_assert_eq!(codes(&back), []);
    }

    /// Whatever it is given.
    #[test]
    fn nothing_panics(text in "\\PC{0,60}", url in "[%0-9a-f@.+<°/ -]{0,40}") {
        lint(&text);
        lint_url(&url);
    }
}
