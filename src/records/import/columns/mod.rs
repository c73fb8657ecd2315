//! The columns that a maintainer's table may have: one list for import, template and documents (docs/records.md).

mod happened;
mod names;
mod person;
mod places;
mod published;
mod sources;

use super::lists::List;
use super::near;
use std::collections::HashMap;
use std::sync::OnceLock;
use yadgar_protocol::limits::MAX_RECORD_ITEMS;
use yadgar_protocol::persian::nospace;
use yadgar_protocol::record::class::{Class, P2_FIELDS, P3_FIELDS, class_of};

/// What a cell of a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// 26 characters of base32.
    Id,
    /// The maintainer's own word for the row.
    Key,
    /// Several keys or ids.
    Keys,
    /// A name of a person.
    Name,
    /// A short text.
    Text,
    /// A text with paragraphs.
    Long,
    /// One word of a list.
    Word(List),
    /// Several words of a list.
    Words(List),
    /// A whole number.
    Number,
    /// A date as far as it is known, in either calendar.
    Date,
    /// The same in the Persian calendar.
    Jalali,
    /// A day, in either calendar.
    Day,
    /// Hour and minute.
    Time,
    /// A time zone.
    Zone,
    /// A province, by code or name.
    Province,
    /// A country, two letters.
    Country,
    /// Several countries.
    Countries,
    /// Degrees.
    Degrees,
    /// A web address.
    Url,
    /// A file of the folder.
    File,
    /// 64 hex digits.
    Hash,
    /// Names of sources (`s1`), several.
    Sources,
    /// The name of a field.
    Field,
    /// Several names of fields.
    Fields,
    /// A language tag.
    Lang,
    /// A script of four letters.
    Script,
}

/// One column. In names, `#` stands for a number from 1: `source#_kind` is `source1_kind`, `source2_kind` and so on.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// English name.
    pub name: &'static str,
    /// Persian name.
    pub fa: &'static str,
    /// Field of the record that it fills, `[]` for items of a list; empty for what is never published.
    pub field: &'static str,
    /// What a cell may hold.
    pub shape: Shape,
    /// What it means, in English.
    pub en: &'static str,
    /// What it means, in Persian.
    pub means: &'static str,
    /// A fictional example.
    pub example: &'static str,
}

impl Column {
    /// The class of what it fills; `None` for what is never published.
    pub fn class(&self) -> Option<Class> {
        (!self.field.is_empty()).then(|| {
            // Items and languages have the class of the field that they stand in.
            class_of(&self.field.replace("[]", ""))
        })
    }

    /// Its name with a number, in English or Persian.
    pub fn titled(&self, number: Option<u32>, persian: bool) -> String {
        let (name, number) = match persian {
            true => (self.fa, number.map(|n| n.to_string().chars().map(persian_digit).collect())),
            false => (self.name, number.map(|n| n.to_string())),
        };
        name.replace('#', &number.unwrap_or_else(|| "N".to_owned()))
    }

    /// Whether it may stand several times, with numbers.
    pub fn is_numbered(&self) -> bool {
        self.name.contains('#')
    }
}

fn persian_digit(c: char) -> char {
    c.to_digit(10).and_then(|d| char::from_u32('۰' as u32 + d)).unwrap_or(c)
}

/// A column, short enough for a table of them.
const fn col(
    name: [&'static str; 2],
    field: &'static str,
    shape: Shape,
    means: [&'static str; 2],
    example: &'static str,
) -> Column {
    Column { name: name[0], fa: name[1], field, shape, en: means[0], means: means[1], example }
}

/// All columns in the order of templates.
pub fn all() -> impl Iterator<Item = &'static Column> {
    let lists = [
        names::ROW,
        names::NAMES,
        person::PERSON,
        happened::WHEN,
        places::PLACE,
        places::DEATH,
        places::ORIGIN,
        places::BURIAL,
        happened::WHAT,
        sources::SOURCES,
        sources::CLAIMS,
        published::ELSEWHERE,
        published::PUBLISHED,
    ];
    lists.into_iter().flatten()
}

/// What a heading means.
#[derive(Debug, Clone, Copy)]
pub enum Heading {
    /// A column, with its number where it is a numbered one.
    Known(&'static Column, Option<u32>),
    /// A field that is never published, with its class.
    Restricted(Class),
    /// Nothing that is known; the nearest known column.
    Unknown(Option<&'static Column>),
    /// A number that is 0 or beyond the items that a record may have.
    Number,
}

/// Reads a heading in either language, in any spelling.
pub fn heading(text: &str) -> Heading {
    let (key, number) = keyed(text);
    if let Some(column) = index().get(&key) {
        let fits = |n: &u32| (1..=MAX_RECORD_ITEMS as u32).contains(n);
        return match (column.is_numbered(), number) {
            (true, Some(n)) if fits(&n) => Heading::Known(column, Some(n)),
            (true, _) => Heading::Number,
            (false, _) => Heading::Known(column, None),
        };
    }
    match restricted(&key) {
        Some(class) => Heading::Restricted(class),
        None => Heading::Unknown(guess(&key)),
    }
}

/// The folded text with `#` for its number. Only a lone number counts; two make no column of ours.
fn keyed(text: &str) -> (String, Option<u32>) {
    let folded = nospace(text);
    let is_digit = |c: char| c.is_ascii_digit();
    let Some(from) = folded.find(is_digit) else { return (folded, None) };
    let digits: String = folded[from..].chars().take_while(|c| is_digit(*c)).collect();
    let to = from + digits.len();
    // A number too long to be one is as wrong as 0.
    let number = digits.parse().unwrap_or(0);
    (format!("{}#{}", &folded[..from], &folded[to..]), Some(number))
}

fn index() -> &'static HashMap<String, &'static Column> {
    static INDEX: OnceLock<HashMap<String, &'static Column>> = OnceLock::new();
    INDEX.get_or_init(|| {
        let names = all().flat_map(|column| [(column.name, column), (column.fa, column)]);
        names.map(|(name, column)| (keyed(&name.replace('#', "1")).0, column)).collect()
    })
}

fn guess(key: &str) -> Option<&'static Column> {
    let names = index().keys().map(String::as_str);
    let near = near::nearest(&key.replace('#', "1"), names.filter(|name| !name.contains('#')));
    let near = near.or_else(|| {
        let plain = key.replace('#', "");
        let numbered = index().keys().filter(|name| name.contains('#'));
        numbered
            .map(|name| (strsim::osa_distance(&name.replace('#', ""), &plain), name))
            .min()
            .filter(|(distance, _)| *distance <= (plain.chars().count() / 3).max(1))
            .map(|(_, name)| name.as_str())
    });
    near.and_then(|name| index().get(name).copied())
}

/// What maintainers' tables call the fields of classes P2 and P3, besides the names in the protocol crate.
const RESTRICTED: [(&str, Class); 40] = [
    ("relatives", Class::P2),
    ("siblings", Class::P2),
    ("mother", Class::P2),
    ("mother_name_fa", Class::P2),
    ("mother_name_en", Class::P2),
    ("brother", Class::P2),
    ("sister", Class::P2),
    ("spouse", Class::P2),
    ("children", Class::P2),
    ("telephone", Class::P2),
    ("mobile", Class::P2),
    ("phone_number", Class::P2),
    ("email", Class::P2),
    ("home_address", Class::P2),
    ("contact", Class::P2),
    ("suspect", Class::P2),
    ("perpetrator_name", Class::P2),
    ("consented_by", Class::P2),
    ("بستگان", Class::P2),
    ("خویشاوندان", Class::P2),
    ("نام مادر", Class::P2),
    ("همسر", Class::P2),
    ("تلفن", Class::P2),
    ("شماره تلفن", Class::P2),
    ("موبایل", Class::P2),
    ("تلفن همراه", Class::P2),
    ("ایمیل", Class::P2),
    ("نشانی", Class::P2),
    ("آدرس", Class::P2),
    ("تماس خانواده", Class::P2),
    ("مزار", Class::P2),
    ("نام متهم", Class::P2),
    ("رضایت‌دهنده", Class::P2),
    ("passport", Class::P3),
    ("national_code", Class::P3),
    ("کد ملی", Class::P3),
    ("شماره ملی", Class::P3),
    ("شماره شناسنامه", Class::P3),
    ("شماره حساب", Class::P3),
    ("شماره کارت", Class::P3),
];

fn restricted(key: &str) -> Option<Class> {
    let of = |class| move |name: &'static str| (name, class);
    let listed =
        P2_FIELDS.into_iter().map(of(Class::P2)).chain(P3_FIELDS.into_iter().map(of(Class::P3)));
    let bare = key.replace('#', "");
    let found = listed.chain(RESTRICTED).find(|(name, _)| {
        let name = nospace(name);
        bare == name || bare.strip_prefix(&name).is_some_and(|rest| rest == "fa" || rest == "en")
    });
    found.map(|(_, class)| class)
}

#[cfg(test)]
#[path = "columns_tests.rs"]
mod tests;
