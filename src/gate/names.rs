//! What the names of files tell.

use super::code::Code;
use super::finding::{Finding, Level};
use super::text;

/// Programs that put day and hour of the making into a name.
const MAKERS: [&str; 7] = [
    "whatsapp image",
    "whatsapp video",
    "whatsapp audio",
    "screenshot",
    "screen shot",
    "signal-20",
    "photo_20",
];
/// Counters of cameras: they tell less, but that two pictures are of one camera.
const CAMERAS: [&str; 6] = ["img_", "img-", "dsc_", "dscn", "dscf", "mvi_"];

/// Looks at every name of a path. Names of records are random ids.
pub fn lint(path: &str) -> Vec<Finding> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let lower = stem.to_lowercase();
    let found = |level, what: &str| Finding::of_file(level, Code::FileName, path, what);
    let mut out = Vec::new();
    let folders = path.split('/').rev().skip(1);
    for name in folders.chain([name, stem]) {
        for hit in text::lint_signs(name) {
            if matches!(hit.code, Code::Phone | Code::NationalId | Code::Email | Code::Coordinates)
            {
                out.push(found(Level::Stop, &format!("{}: {}", hit.code, hit.shown)));
            }
        }
    }
    out.dedup();
    if MAKERS.iter().any(|maker| lower.starts_with(maker)) || has_day_and_hour(&lower) {
        out.push(found(Level::Stop, "the original name, with day or hour of its making"));
    } else if CAMERAS.iter().any(|c| lower.starts_with(c) && has_digit(&lower[c.len()..])) {
        out.push(found(Level::Note, "looks like the name that a camera gave"));
    }
    out
}

fn has_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// Eight digits of a day, and six of an hour or WhatsApp's counter behind a dash or underscore.
fn has_day_and_hour(lower: &str) -> bool {
    let groups: Vec<&str> = lower.split(['-', '_', ' ']).collect();
    groups.windows(2).any(|two| {
        let digits = |t: &str, n: usize| t.len() == n && t.bytes().all(|b| b.is_ascii_digit());
        let century = ["19", "20", "13", "14"].iter().any(|c| two[0].starts_with(c));
        let hour = digits(two[1], 6) || digits(two[1], 9);
        let counter = two[1].starts_with("wa") && digits(&two[1][2..], 4);
        digits(two[0], 8) && century && (hour || counter)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn original_names_are_found() {
        for name in [
            "a/IMG_20191116_123456.jpg",
            "IMG-20191116-WA0001.jpg",
            "WhatsApp Image 2019-11-16 at 12.34.56.jpeg",
            "Screenshot_2019-11-16.png",
            "VID_20191116_123456789.mp4",
            "photo_2019-11-16_12-34-56.jpg",
            "نامه ۰۹۱۲۳۴۵۶۷۸۹.txt",
            "sara@example.org.txt",
            "09120000000/a.jpg",
            "people/sara@example.org/a.jpg",
            "a.09120000000",
        ] {
            let found = lint(name);
            assert!(found.iter().any(|f| f.level == Level::Stop), "{name}: {found:?}");
        }
        assert_eq!(lint("IMG_1234.jpg")[0].level, Level::Note);
    }

    #[test]
    fn other_names_pass() {
        for name in [
            "portraits/p01.jpg",
            "records/2f4ja5iockvhwmeqgaaylwdxry.cbor",
            "report-2019-11-16.pdf",
            "logo@2x.png",
            "img_of_the_square.jpg",
            "vazirmatn-regular.woff2",
            "1398-08-25.html",
            "3b7c0d91aa20191116123456.css",
        ] {
            assert_eq!(lint(name), [], "{name}");
        }
    }
}
