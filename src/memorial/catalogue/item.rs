//! One record as lists show it: what a line needs of a `victim/1` (protocol: record.md).
//!
//! A record is content that was signed, so a strange one is no attack on anything. What cannot be
//! read is listed by its file name, and nothing of it is taken as markup.

use super::facets::{Cities, Values};
use crate::memorial::source::Source;
use crate::memorial::text::Lang;
use crate::search::Document;
use yadgar_protocol::Path;
use yadgar_protocol::limits::MAX_RECORD_BYTES;
use yadgar_protocol::record::{Record, RecordId, Status, Texts, Victim};
use yadgar_protocol::release::RECORDS_PREFIX;
use yadgar_protocol::tree::Entry;

/// A text in the language of a page, or else in the other one.
pub fn text_of(texts: &Texts, lang: Lang) -> Option<&str> {
    said_in(texts, lang).map(|(text, _)| text)
}

/// The same, and the language it is in.
pub fn said_in(texts: &Texts, lang: Lang) -> Option<(&str, Lang)> {
    let of = |lang| match lang {
        Lang::Fa => texts.fa.as_deref(),
        Lang::En => texts.en.as_deref(),
    };
    let other = lang.other();
    of(lang).map(|text| (text, lang)).or_else(|| of(other).map(|text| (text, other)))
}

/// What a line of a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The name people know, in each language, or the label of an unnamed person.
    pub name: Texts,
    /// True when the name is not known and `name` is a label.
    pub unnamed: bool,
    /// Youngest and oldest age that sources give.
    pub age: Option<(u8, u8)>,
    /// True when nothing but the status is left of the record.
    pub gone: bool,
    /// True when another record has taken this one in: lists show that one.
    pub merged: bool,
    /// True when the record says that it is made up.
    pub fictional: bool,
    /// By what it is chosen, and its city.
    pub values: Values,
}

impl Summary {
    /// What a line shows of a record. The city goes into `cities`.
    pub fn of(victim: &Victim, cities: &mut Cities) -> Self {
        Self {
            name: name(victim),
            unnamed: victim.names.is_empty(),
            age: victim.age.as_ref().and_then(|age| {
                // No age is beyond MAX_RECORD_AGE (REC-5), which fits.
                Some((u8::try_from(age.min).ok()?, u8::try_from(age.max).ok()?))
            }),
            gone: victim.is_tombstone(),
            merged: victim.status == Status::Merged,
            fictional: victim.fictional.is_some(),
            values: Values::of(victim, cities),
        }
    }
}

/// The name that a page shows: the primary one of each language, or the label.
pub fn name(victim: &Victim) -> Texts {
    let primary = |lang| victim.primary_name(lang).map(str::to_owned);
    match victim.names.is_empty() {
        false => Texts { en: primary("en"), fa: primary("fa") },
        true => victim.name_label.clone().unwrap_or_default(),
    }
}

/// Why a record is only listed by its file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// A block is missing or damaged.
    NotHere,
    /// Not a record of its kind, or it breaks a clause of record.md.
    NotUnderstood,
    /// Written for a newer version of this program.
    Newer,
}

/// One line of a list.
#[derive(Debug, Clone)]
pub struct Item {
    /// The file.
    pub path: Path,
    /// What its line shows.
    pub record: Result<Summary, Unread>,
}

/// Every spelling of the name; the father's name and the city beside them.
pub fn document(victim: &Victim) -> Document {
    let city = victim.place.as_ref().and_then(|place| place.city.as_ref());
    let beside = victim.father_name.iter().chain(&victim.name_label).chain(city);
    Document {
        names: victim.names.iter().map(|name| name.text.clone()).collect(),
        words: beside.flat_map(|t| t.fa.iter().chain(&t.en)).cloned().collect(),
    }
}

/// Reads a record of either kind.
///
/// # Errors
/// See [`Unread`].
pub fn read(source: &dyn Source, entry: &Entry) -> Result<Record, Unread> {
    if entry.size > MAX_RECORD_BYTES as u64 {
        return Err(Unread::NotUnderstood);
    }
    let bytes = source.read(entry).map_err(|_| Unread::NotHere)?;
    match Record::decode(&bytes) {
        Ok(record) if record.check_path(&entry.path).is_err() => Err(Unread::NotUnderstood),
        Ok(record) => Ok(record),
        Err(reject) if reject.needs_newer_version() => Err(Unread::Newer),
        Err(_) => Err(Unread::NotUnderstood),
    }
}

/// Reads the record of a person.
///
/// # Errors
/// See [`Unread`].
pub fn read_person(source: &dyn Source, entry: &Entry) -> Result<Victim, Unread> {
    match read(source, entry)? {
        Record::Victim(victim) => Ok(*victim),
        Record::Incident(_) => Err(Unread::NotUnderstood),
    }
}

impl Item {
    /// What names the record in the address of its page: its id, or else its number in the order of paths, so that no
    /// address gives away a name. A record that was read has its id as its path (REC-3); of a file that was not, what
    /// is written like an id and has a digit is taken for one, anything else may be a name.
    pub fn key(&self, number: usize) -> String {
        let id = match self.record {
            Ok(_) => Some(stem(&self.path, RECORDS_PREFIX)).filter(|stem| is_id(stem)),
            Err(_) => sure_id(&self.path, RECORDS_PREFIX),
        };
        id.map_or_else(|| (number + 1).to_string(), str::to_owned)
    }
}

fn stem<'a>(path: &'a Path, prefix: &str) -> &'a str {
    let name = path.as_str().strip_prefix(prefix).unwrap_or_default();
    name.strip_suffix(".cbor").unwrap_or_default()
}

/// The id in the path of a record that was not read, where it can be nothing else: with a digit it is no name.
pub fn sure_id<'a>(path: &'a Path, prefix: &str) -> Option<&'a str> {
    Some(stem(path, prefix)).filter(|stem| is_id(stem) && stem.bytes().any(|b| b.is_ascii_digit()))
}

/// True for what is written like an id (REC-2).
pub fn is_id(text: &str) -> bool {
    RecordId::from_text(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_give_away_no_name() {
        let key = |path: &str| {
            let path = Path::new(path).unwrap();
            Item { path, record: Err(Unread::NotUnderstood) }.key(6)
        };
        assert_eq!(key("records/2f4ja5iockvhwmeqgaaylwdxry.cbor"), "2f4ja5iockvhwmeqgaaylwdxry");
        assert_eq!(key("records/some-name.cbor"), "7");
        assert_eq!(key("records/x/2f4ja5iockvhwmeqgaaylwdxry.cbor"), "7");
        assert_eq!(key("records/abcdefghijklmnopqrstuvwxyz.cbor"), "7");
        assert_eq!(key("records/abcdefghijklmnopqrstuvwxya.cbor"), "7");
    }
}
