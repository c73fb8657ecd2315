//! Tables and data outside the records: a maintainer's own list that lies in the folder by mistake gives everybody
//! in it away.

use super::code::Code;
use super::finding::{Finding, Level};
use super::record::json_keys;
use super::text::{self, Hit};
use serde_json::Value;
use std::collections::BTreeSet;
use yadgar_protocol::record::class::{Class, class_of};

/// What people call columns of class P2 and P3, beside the words of the format.
const COLUMNS: [(&str, &str); 28] = [
    ("کد ملی", "national_id"),
    ("کدملی", "national_id"),
    ("شماره ملی", "national_id"),
    ("شماره شناسنامه", "national_id"),
    ("nationalid", "national_id"),
    ("national code", "national_id"),
    ("passport", "national_id"),
    ("شماره حساب", "bank"),
    ("شماره کارت", "bank"),
    ("iban", "bank"),
    ("تلفن", "phone"),
    ("شماره تلفن", "phone"),
    ("موبایل", "phone"),
    ("شماره تماس", "phone"),
    ("mobile", "phone"),
    ("telephone", "phone"),
    ("tel", "phone"),
    ("phone number", "phone"),
    ("نشانی", "address"),
    ("آدرس", "address"),
    ("home address", "address"),
    ("نام مادر", "mother_name"),
    ("mother name", "mother_name"),
    ("بستگان", "relatives"),
    ("خانواده", "relatives"),
    ("family contact", "family_contact"),
    ("مزار", "grave"),
    ("ملاحظات امنیتی", "risk"),
];

/// Looks at a table, JSON, or a text of no known kind.
pub fn lint(path: &str, content: &str) -> Vec<Finding> {
    let mut keys = BTreeSet::new();
    let mut add = |key: &str| {
        keys.insert(key.to_owned());
    };
    let read = json(content);
    let whole = is_whole(&read, content);
    if !whole {
        header(content).iter().for_each(|cell| add(cell));
    }
    // One object on each line, where it is not all one.
    for (_, value) in read.iter().filter(|(text, _)| whole || text.starts_with('{')) {
        json_keys(value, &mut add);
    }
    let mut found: Vec<_> = keys.iter().filter_map(|key| restricted(path, key)).collect();
    for hit in hits(content, &read) {
        // Lists of ten digits and pairs of numbers are what data is made of.
        let level = match hit.code {
            Code::Phone | Code::Email if hit.sure => Level::Stop,
            Code::ActiveContent | Code::HiddenText => continue,
            _ if hit.sure => Level::Note,
            _ => continue,
        };
        found.push(Finding::of_file(level, hit.code, path, hit.shown));
    }
    found
}

/// What of a text is JSON: all of it, or else each line that is, with where it stands.
pub(super) fn json(content: &str) -> Vec<(&str, Value)> {
    let read = |text| serde_json::from_str::<Value>(text).ok().map(|value| (text, value));
    match read(content) {
        Some(whole) => vec![whole],
        None => content.lines().filter_map(read).collect(),
    }
}

/// True when all of a text is one value.
pub(super) fn is_whole(read: &[(&str, Value)], content: &str) -> bool {
    read.first().is_some_and(|(text, _)| text.len() == content.len())
}

/// What stands in a text, and what its JSON says besides: there digits and signs may be written as numbers of them.
pub(super) fn hits(content: &str, read: &[(&str, Value)]) -> Vec<Hit> {
    let mut decoded = String::new();
    read.iter().for_each(|(_, value)| texts(value, &mut decoded));
    let (mut all, more) = text::lint_json(content, &decoded);
    let here = |hit: &Hit| all.iter().any(|a| a.code == hit.code && a.shown == hit.shown);
    let more: Vec<_> = more.into_iter().filter(|hit| !here(hit)).collect();
    all.extend(more);
    all
}

fn texts(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => {
            out.push_str(text);
            out.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            out.push_str(key);
            out.push('\n');
            texts(value, out);
        }),
        _ => {}
    }
}

/// The columns of a table: what its first line that is no comment has between commas, semicolons, tabs or bars.
fn header(content: &str) -> Vec<String> {
    let lines = content.trim_start_matches('\u{feff}').lines();
    let first = lines.map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let cells = first.unwrap_or_default().split([',', ';', '\t', '|', '،', '؛']);
    cells.map(str::to_owned).collect()
}

fn restricted(path: &str, key: &str) -> Option<Finding> {
    let folded: String = text::folded(key).trim_matches([' ', '"', '\'', '*']).to_lowercase();
    let plain = folded.replace(['_', '-', '\u{200c}'], " ");
    let known = COLUMNS.iter().find(|(name, _)| *name == plain).map(|(_, field)| *field);
    let class = class_of(known.unwrap_or(&folded.replace([' ', '-'], "_")));
    let what = format!("a column or key of class {}", class.word());
    matches!(class, Class::P2 | Class::P3)
        .then(|| Finding::of_field(Level::Stop, Code::RestrictedField, path, &folded, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stops(content: &str) -> Vec<(Code, Option<String>)> {
        let found = lint("a.csv", content).into_iter().filter(|f| f.level < Level::Note);
        found.map(|f| (f.code, f.field)).collect()
    }

    #[test]
    fn a_list_of_ones_own_is_seen_by_its_columns() {
        let of = |field: &str| vec![(Code::RestrictedField, Some(field.to_owned()))];
        assert_eq!(stops("name,phone,city\nx,,y"), of("phone"));
        assert_eq!(stops("\u{feff}\"Name\";\"National ID\"\n"), of("national id"));
        assert_eq!(stops("# a comment\n\nنام،کد\u{200c}ملی\n"), of("کد\u{200c}ملی"));
        assert_eq!(stops("نام\tكد ملي\n"), of("کد ملی"));
        assert_eq!(stops(r#"[{"name":"x","mobile":""}]"#), of("mobile"));
        assert_eq!(stops("{\"a\":1}\n{\"relatives\":[]}\n"), of("relatives"));
        assert_eq!(stops("name,city\nx,0912 000 0000\n"), [(Code::Phone, None)]);
        assert_eq!(stops("x\nwrite to a@example.org"), [(Code::Email, None)]);
        assert_eq!(
            stops(
                r#"{"note":"\u06f0\u06f9\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9"}"#
            ),
            [(Code::Phone, None)]
        );
        assert_eq!(
            stops("{\"note\":\"a\\u0040example.org\"}\n{\"note\":\"\"}\n"),
            [(Code::Email, None)]
        );
        assert_eq!(stops("name,contact\nx,9121234567.0\n"), [(Code::Phone, None)]);
    }

    /// A text of JSON, with escapes or without, is read as if its strings were looked at by themselves.
    #[test]
    fn nothing_in_json_is_overlooked_for_speed() {
        for content in [
            r#"{"son":"Sara","x":["35 deg 41.5","a [at] b.org"]}"#,
            r#"{"a":"his mother","b":"x \u0040 y.org","c":"\u006dother Sara","d":"\u0664 po box 7"}"#,
            r#"{"mobile":["0912","000","0000"],"y":"12 Example Street","z":"plain"}"#,
            r#"{"id":12345,"age":67,"note":"a letter of the winter"}"#,
            "{\"a\":\"\u{0645}\u{0627}\u{062f}\u{0631}\u{0634} \u{0632}\u{0647}\u{0631}\u{0627}\"}",
        ] {
            let mut strings = String::new();
            json(content).iter().for_each(|(_, value)| texts(value, &mut strings));
            let apart = (text::lint(content), text::lint(&strings));
            assert_eq!(text::lint_json(content, &strings), apart, "{content}");
        }
    }

    #[test]
    fn what_stands_in_json_is_counted_once() {
        assert_eq!(stops(r#"{"note":"0912 000 0000"}"#), [(Code::Phone, None)]);
        assert_eq!(stops("{\"note\":\"a@example.org\"}\n{}\n"), [(Code::Email, None)]);
    }

    #[test]
    fn series_and_maps_pass() {
        assert_eq!(stops("hour,percent\n2019-11-16T09:00,5.123\n2019-11-16T10:00,4.987\n"), []);
        assert_eq!(stops("id,count\n0012345679,3\n1573900000,4\n"), []);
        assert_eq!(stops(r#"{"type":"Point","coordinates":[51.12345,35.12345]}"#), []);
        assert_eq!(stops("date,deaths,province\n1398-08-25,17,IR-07\n"), []);
    }
}
