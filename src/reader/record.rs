//! Records as lists show them: what one line needs of a `victim/1` (protocol: record.md).
//!
//! A record is content that was signed, so a strange one is no attack on anything. What cannot be
//! read is listed by its file name, and nothing of it is taken as markup.

use super::view::ArchiveView;
use crate::search::{Document, Index};
use yadgar_protocol::Path;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::limits::MAX_RECORD_BYTES;
use yadgar_protocol::persian::order;
use yadgar_protocol::record::{Record, Status, Texts, Victim};
use yadgar_protocol::release::RECORDS_PREFIX;
use yadgar_protocol::tree::Entry;

/// A text in the language of a page, or else in the other one.
pub fn text_of(texts: &Texts, lang: super::Lang) -> Option<&str> {
    let (first, second) = match lang {
        super::Lang::Fa => (&texts.fa, &texts.en),
        super::Lang::En => (&texts.en, &texts.fa),
    };
    first.as_deref().or(second.as_deref())
}

/// What a line of the list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The name people know, in each language, or the label of an unnamed person.
    pub name: Texts,
    /// True when the name is not known and `name` is a label.
    pub unnamed: bool,
    /// Youngest and oldest age that sources give.
    pub age: Option<(u64, u64)>,
    /// City.
    pub city: Texts,
    /// True when nothing but the status is left of the record.
    pub gone: bool,
    /// True when another record has taken this one in: lists show that one.
    pub merged: bool,
    /// True when the record says that it is made up.
    pub fictional: bool,
}

impl Summary {
    /// What a line shows of a record.
    pub fn of(victim: &Victim) -> Self {
        let city = victim.place.as_ref().and_then(|place| place.city.clone());
        Self {
            name: name(victim),
            unnamed: victim.names.is_empty(),
            age: victim.age.as_ref().map(|age| (age.min, age.max)),
            city: city.unwrap_or_default(),
            gone: victim.is_tombstone(),
            merged: victim.status == Status::Merged,
            fictional: victim.fictional.is_some(),
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
    /// Not a record of a person, or it breaks a clause of record.md.
    NotUnderstood,
    /// Written for a newer version of this program.
    Newer,
}

/// One line of the list.
#[derive(Debug, Clone)]
pub struct RecordItem {
    /// The file.
    pub path: Path,
    /// What names it in the address of its page: the file's stem when that is a random id, or
    /// else its number, so that no address gives away a name.
    pub key: String,
    /// What its line shows.
    pub record: Result<Summary, Unread>,
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
    /// Finds places in `items`.
    pub index: Index,
}

impl RecordList {
    /// Reads every record of a release. Costs one read a record; the caller keeps the result.
    ///
    /// # Errors
    /// [`ReadFault`] when the tree cannot be read. Single records that cannot be read are listed.
    pub fn load(view: &ArchiveView) -> Result<Self, ReadFault> {
        let entries = view.records()?;
        let (items, documents): (Vec<_>, Vec<_>) =
            entries.iter().enumerate().map(|(n, e)| item(view, n, e)).unzip();
        let index = Index::new(documents);
        let by = |key: &dyn Fn(&RecordItem) -> Option<String>| {
            let listed = |at: &u32| !matches!(&items[*at as usize].record, Ok(r) if r.merged);
            let mut order: Vec<u32> = (0..items.len() as u32).filter(listed).collect();
            // Named people first, then the unnamed, what is gone, and files that could not be read.
            order.sort_by_cached_key(|at| {
                let item = &items[*at as usize];
                let class = match &item.record {
                    Ok(record) if record.gone => 2,
                    Ok(record) if record.unnamed => 1,
                    Ok(_) => 0,
                    Err(_) => 3,
                };
                (class, key(item).unwrap_or_default(), *at)
            });
            order
        };
        let shown = |item: &RecordItem, lang| {
            item.record.as_ref().ok().and_then(|r| text_of(&r.name, lang)).map(str::to_owned)
        };
        let fa = by(&|i| shown(i, super::Lang::Fa).map(|n| order::persian_key(&n)));
        let en = by(&|i| shown(i, super::Lang::En).map(|n| order::latin_key(&n)));
        Ok(Self { items, fa, en, index })
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

/// One line of the list, and what of it is searched.
fn item(view: &ArchiveView, number: usize, entry: &Entry) -> (RecordItem, Document) {
    let (record, document) = match read(view, entry) {
        Ok(victim) => (Ok(Summary::of(&victim)), document(&victim)),
        Err(why) => (Err(why), Document::default()),
    };
    let item = RecordItem { key: key(&entry.path, number), path: entry.path.clone(), record };
    (item, document)
}

/// Every spelling of the name; the father's name and the city beside them.
fn document(victim: &Victim) -> Document {
    let city = victim.place.as_ref().and_then(|place| place.city.as_ref());
    let beside = victim.father_name.iter().chain(&victim.name_label).chain(city);
    Document {
        names: victim.names.iter().map(|name| name.text.clone()).collect(),
        words: beside.flat_map(|t| t.fa.iter().chain(&t.en)).cloned().collect(),
    }
}

/// Reads the record of a file.
///
/// # Errors
/// See [`Unread`].
pub fn read(view: &ArchiveView, entry: &Entry) -> Result<Victim, Unread> {
    if entry.size > MAX_RECORD_BYTES as u64 {
        return Err(Unread::NotUnderstood);
    }
    let bytes = view.read(entry, 0, entry.size).map_err(|_| Unread::NotHere)?;
    match Record::decode(&bytes) {
        Ok(record) if record.check_path(&entry.path).is_err() => Err(Unread::NotUnderstood),
        Ok(Record::Victim(victim)) => Ok(*victim),
        Ok(Record::Incident(_)) => Err(Unread::NotUnderstood),
        Err(reject) if reject.needs_newer_version() => Err(Unread::Newer),
        Err(_) => Err(Unread::NotUnderstood),
    }
}

/// 128 random bits in base32 are 26 characters; anything else may be a name.
fn key(path: &Path, number: usize) -> String {
    let name = path.as_str().strip_prefix(RECORDS_PREFIX).unwrap_or_default();
    let stem = name.strip_suffix(".cbor").unwrap_or_default();
    let random = stem.len() == 26
        && stem.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
        && stem.bytes().any(|b| b.is_ascii_digit());
    if random { stem.to_owned() } else { (number + 1).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_give_away_no_name() {
        let key = |path: &str| key(&Path::new(path).unwrap(), 6);
        assert_eq!(key("records/2f4ja5iockvhwmeqgaaylwdxry.cbor"), "2f4ja5iockvhwmeqgaaylwdxry");
        assert_eq!(key("records/some-name.cbor"), "7");
        assert_eq!(key("records/x/2f4ja5iockvhwmeqgaaylwdxry.cbor"), "7");
        assert_eq!(key("records/abcdefghijklmnopqrstuvwxyz.cbor"), "7");
    }
}
