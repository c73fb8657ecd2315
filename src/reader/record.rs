//! Records as they are shown: read leniently from the JSON files under `records/`.
//!
//! A record is content that was signed, so a strange one is no attack on anything; it may still be
//! written by mistake, by another version of the format, or to mislead. What cannot be read is
//! listed by its file name, what is not known is left out, and nothing of it is taken as markup.

use super::order;
use super::view::ArchiveView;
use serde_json::Value;
use yadgar_protocol::Path;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::release::RECORDS_PREFIX;
use yadgar_protocol::tree::Entry;

/// Largest record file that is read, in bytes.
pub const MAX_RECORD_BYTES: u64 = 65_536;
/// Names, sources and the like that are shown of one record.
const MAX_ITEMS: usize = 64;

/// A text in two languages, either of which may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pair {
    /// Persian.
    pub fa: Option<String>,
    /// English.
    pub en: Option<String>,
}

impl Pair {
    /// The text in a language, or else in the other one.
    pub fn get(&self, lang: super::Lang) -> Option<&str> {
        let (first, second) = match lang {
            super::Lang::Fa => (&self.fa, &self.en),
            super::Lang::En => (&self.en, &self.fa),
        };
        first.as_deref().or(second.as_deref())
    }
}

/// The fields of a record that pages show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// `id` as written.
    pub id: Option<String>,
    /// The name people know, in each language, or the label of an unnamed person.
    pub name: Pair,
    /// Every other spelling, as found.
    pub other_names: Vec<String>,
    /// True when the name is not known and `name` is a label.
    pub unnamed: bool,
    /// Youngest and oldest age that sources give.
    pub age: Option<(u64, u64)>,
    /// Day of death (EDTF).
    pub died: Option<String>,
    /// The same in the Persian calendar, as in the source.
    pub died_jalali: Option<String>,
    /// City.
    pub city: Pair,
    /// Level of verification, as written.
    pub level: Option<String>,
    /// `status`, unless it is `active`.
    pub status: Option<String>,
    /// True when the record says that it is made up.
    pub fictional: bool,
    /// What was written about the person.
    pub story: Pair,
    /// Publisher and title of each public source.
    pub sources: Vec<(Pair, Pair)>,
}

/// Text that cannot change what stands around it: no controls and no marks of direction, which
/// would also work inside `<bdi>` when left open. Joiners stay: Persian needs them.
fn clean(text: &str) -> String {
    let bad = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(|c| !bad(*c)).collect()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(|s| clean(s.trim())).filter(|s| !s.is_empty())
}

fn pair(value: &Value) -> Pair {
    Pair { fa: text(&value["fa"]), en: text(&value["en"]) }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter().take(MAX_ITEMS)
}

impl Record {
    /// Reads a record; `None` when it is not a JSON object.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        value.as_object()?;
        let (name, other_names) = names(&value);
        let age = &value["age"];
        let min = age["min"].as_u64().or(age["max"].as_u64());
        Some(Self {
            id: text(&value["id"]),
            unnamed: name == Pair::default(),
            name: if name == Pair::default() { pair(&value["name_label"]) } else { name },
            other_names,
            age: min.map(|min| (min, age["max"].as_u64().unwrap_or(min))),
            died: text(&value["died_at"]["edtf"]),
            died_jalali: text(&value["died_at"]["jalali"]),
            city: pair(&value["place"]["city"]),
            level: text(&value["verification"]["level"]),
            status: text(&value["status"]).filter(|s| s != "active"),
            fictional: value["fictional"].as_bool().unwrap_or(false),
            story: pair(&value["story"]),
            sources: items(&value["sources"])
                .map(|s| (pair(&s["publisher"]), pair(&s["title"])))
                .collect(),
        })
    }
}

/// The name in each language and all other spellings.
fn names(value: &Value) -> (Pair, Vec<String>) {
    let (mut name, mut others) = (Pair::default(), Vec::new());
    let primary = |v: &&Value| v["kind"] == "primary";
    let (first, rest): (Vec<_>, Vec<_>) = items(&value["names"]).partition(primary);
    for item in first.into_iter().chain(rest) {
        let Some(text) = text(&item["text"]) else { continue };
        let place = match item["lang"].as_str() {
            Some("fa") => &mut name.fa,
            Some("en") => &mut name.en,
            _ => {
                others.push(text);
                continue;
            }
        };
        if place.is_none() {
            *place = Some(text);
        } else {
            others.push(text);
        }
    }
    // A name in a third language only is still the name.
    if name == Pair::default() && !others.is_empty() {
        name.en = Some(others.remove(0));
    }
    (name, others)
}

/// Why a record is only listed by its file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// A block is missing or damaged.
    NotHere,
    /// Not JSON, or too large.
    NotUnderstood,
}

/// One line of the list.
#[derive(Debug, Clone)]
pub struct RecordItem {
    /// The file.
    pub path: Path,
    /// What names it in the address of its page: the file's stem when that is a random id, or
    /// else its number, so that no address gives away a name.
    pub key: String,
    /// The record, without what only its own page shows.
    pub record: Result<Record, Unread>,
}

/// All records of a release, sorted for both languages.
#[derive(Debug, Default)]
pub struct RecordList {
    /// In order of path.
    pub items: Vec<RecordItem>,
    /// Places in `items`, in the order of the Persian alphabet.
    pub fa: Vec<u32>,
    /// Places in `items`, in the order of the Latin alphabet.
    pub en: Vec<u32>,
}

impl RecordList {
    /// Reads every record of a release. Costs one read a record; the caller keeps the result.
    ///
    /// # Errors
    /// [`ReadFault`] when the tree cannot be read. Single records that cannot be read are listed.
    pub fn load(view: &ArchiveView) -> Result<Self, ReadFault> {
        let entries = view.records()?;
        let items: Vec<_> = entries.iter().enumerate().map(|(n, e)| item(view, n, e)).collect();
        let by = |key: &dyn Fn(&RecordItem) -> Option<String>| {
            let mut order: Vec<u32> = (0..items.len() as u32).collect();
            // Named people first, then the unnamed, then files that could not be read.
            order.sort_by_cached_key(|at| {
                let item = &items[*at as usize];
                let class = match &item.record {
                    Ok(record) if !record.unnamed => 0,
                    Ok(_) => 1,
                    Err(_) => 2,
                };
                (class, key(item).unwrap_or_default(), *at)
            });
            order
        };
        let shown = |item: &RecordItem, lang| {
            item.record.as_ref().ok().and_then(|r| r.name.get(lang)).map(str::to_owned)
        };
        let fa = by(&|i| shown(i, super::Lang::Fa).map(|n| order::persian_key(&n)));
        let en = by(&|i| shown(i, super::Lang::En).map(|n| order::latin_key(&n)));
        Ok(Self { items, fa, en })
    }

    /// True when every record could be read, so that the list will not get better.
    pub fn is_complete(&self) -> bool {
        !self.items.iter().any(|i| matches!(i.record, Err(Unread::NotHere)))
    }

    /// The record that a page address names.
    pub fn by_key(&self, key: &str) -> Option<&RecordItem> {
        self.items.iter().find(|item| item.key == key)
    }
}

fn item(view: &ArchiveView, number: usize, entry: &Entry) -> RecordItem {
    let record = read(view, entry).map(|mut record| {
        record.story = Pair::default();
        record.sources = Vec::new();
        record
    });
    RecordItem { key: key(&entry.path, number), path: entry.path.clone(), record }
}

/// Reads the record of a file.
///
/// # Errors
/// See [`Unread`].
pub fn read(view: &ArchiveView, entry: &Entry) -> Result<Record, Unread> {
    if entry.size > MAX_RECORD_BYTES {
        return Err(Unread::NotUnderstood);
    }
    let bytes = view.read(entry, 0, entry.size).map_err(|_| Unread::NotHere)?;
    Record::parse(&bytes).ok_or(Unread::NotUnderstood)
}

/// 128 random bits in base32 are 26 characters; anything else may be a name.
fn key(path: &Path, number: usize) -> String {
    let name = path.as_str().strip_prefix(RECORDS_PREFIX).unwrap_or_default();
    let stem = name.strip_suffix(".json").unwrap_or_default();
    let random = stem.len() == 26
        && stem.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
        && stem.bytes().any(|b| b.is_ascii_digit());
    if random { stem.to_owned() } else { (number + 1).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_json_is_read_without_harm() {
        for bad in [&b"[]"[..], b"1", b"", b"{", b"\xff", &b"[".repeat(60_000)] {
            assert_eq!(Record::parse(bad), None);
        }
        let odd = br#"{"names":{"a":1},"age":"x","died_at":[],"place":3,"sources":[1,null]}"#;
        let record = Record::parse(odd).unwrap();
        assert!(record.unnamed && record.age.is_none() && record.sources.len() == 2);
    }

    #[test]
    fn primary_names_come_first() {
        let json = r#"{"names":[{"text":"b","lang":"fa","kind":"alias"},
            {"text":"a","lang":"fa","kind":"primary"},{"text":"c","lang":"ku"}]}"#;
        let record = Record::parse(json.as_bytes()).unwrap();
        assert_eq!(record.name.fa.as_deref(), Some("a"));
        assert_eq!(record.other_names, ["b", "c"]);
    }

    #[test]
    fn marks_of_direction_are_dropped() {
        let json = "{\"names\":[{\"text\":\"\u{202e}می\u{200c}روم\\u0000\",\"lang\":\"fa\"}]}";
        let record = Record::parse(json.as_bytes()).unwrap();
        assert_eq!(record.name.fa.as_deref(), Some("می\u{200c}روم"));
    }

    #[test]
    fn addresses_give_away_no_name() {
        let key = |path: &str| key(&Path::new(path).unwrap(), 6);
        assert_eq!(key("records/2f4ja5iockvhwmeqgaaylwdxry.json"), "2f4ja5iockvhwmeqgaaylwdxry");
        assert_eq!(key("records/some-name.json"), "7");
        assert_eq!(key("records/x/2f4ja5iockvhwmeqgaaylwdxry.json"), "7");
        assert_eq!(key("records/abcdefghijklmnopqrstuvwxyz.json"), "7");
    }
}
