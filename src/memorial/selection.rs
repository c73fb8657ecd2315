//! Which records a list shows: words that are searched, and values of facets.

use crate::search::MAX_QUERY_CHARS;
use yadgar_protocol::Hash;
use yadgar_protocol::record::{Gender, Level, Manner, RecordId};

/// A property by which records are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Facet {
    /// Province of the incident.
    Province,
    /// City of the incident.
    City,
    /// Day of death, where it is known to the day.
    Day,
    /// Age group.
    Age,
    /// Manner of death; a record can have several.
    Manner,
    /// Level of verification.
    Level,
    /// Gender.
    Gender,
    /// Corrected, disputed or taken back.
    Mark,
    /// The incident.
    Incident,
}

/// How many facets there are.
pub const FACETS: usize = 9;

impl Facet {
    /// All, in the order of forms.
    pub const ALL: [Self; FACETS] = [
        Self::Province,
        Self::City,
        Self::Day,
        Self::Age,
        Self::Manner,
        Self::Level,
        Self::Gender,
        Self::Mark,
        Self::Incident,
    ];

    /// Those that a form offers. Incidents have pages of their own that lead to their lists.
    pub const OFFERED: [Self; FACETS - 1] = [
        Self::Province,
        Self::City,
        Self::Day,
        Self::Age,
        Self::Manner,
        Self::Gender,
        Self::Level,
        Self::Mark,
    ];

    /// Its name in addresses: one letter, that says little in a browser's history.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Province => "p",
            Self::City => "c",
            Self::Day => "d",
            Self::Age => "a",
            Self::Manner => "m",
            Self::Level => "l",
            Self::Gender => "g",
            Self::Mark => "s",
            Self::Incident => "i",
        }
    }

    /// Its place in [`Facet::ALL`].
    pub const fn at(self) -> usize {
        self as usize
    }
}

/// Value of a facet, as a number that means the same in every release.
pub type Value = u64;

/// The value for what is not known.
pub const UNKNOWN: Value = 0;

/// Age groups: value, youngest, oldest.
pub const AGES: [(Value, u64, u64); 6] =
    [(1, 0, 11), (2, 12, 17), (3, 18, 24), (4, 25, 34), (5, 35, 49), (6, 50, u64::MAX)];
/// Under 18, where the age is not known closely enough for a group.
pub const AGE_CHILD: Value = 7;
/// 18 or older, or an age that lies across groups.
pub const AGE_ACROSS: Value = 8;

/// The levels, strongest first; a value is a place here, from 1.
pub const LEVELS: [Level; 5] = [
    Level::Verified,
    Level::Corroborated,
    Level::SingleSource,
    Level::UnderReview,
    Level::Disputed,
];
/// Manners of death; a value is a place here, from 1.
pub const MANNERS: [Manner; 11] = [
    Manner::LiveFire,
    Manner::Pellets,
    Manner::Beating,
    Manner::Vehicle,
    Manner::TearGas,
    Manner::Stabbing,
    Manner::Fall,
    Manner::Fire,
    Manner::Drowning,
    Manner::InCustody,
    Manner::Other,
];
/// Genders; a value is a place here, from 1.
pub const GENDERS: [Gender; 4] = [Gender::Female, Gender::Male, Gender::Other, Gender::Withheld];

/// Values of [`Facet::Mark`].
pub const MARK_CORRECTED: Value = 1;
/// Contested as a whole.
pub const MARK_DISPUTED: Value = 2;
/// Withdrawn or retracted.
pub const MARK_GONE: Value = 3;
/// The name is not known.
pub const MARK_UNNAMED: Value = 4;

/// A value of a closed list: its place there, from 1; [`UNKNOWN`] for what is not in it.
pub fn value_in<T: PartialEq>(list: &[T], item: &T) -> Value {
    list.iter().position(|other| other == item).map_or(UNKNOWN, |at| at as Value + 1)
}

/// The stable value of a city: it says nothing in an address, and stays the same as long as the city is spelled
/// the same.
pub fn city_value(province: Option<&str>, name: &str) -> Value {
    let key =
        format!("{}/{}", province.unwrap_or_default(), yadgar_protocol::persian::nospace(name));
    short(&Hash::of(key.as_bytes()).0)
}

/// The value of an incident.
pub fn incident_value(id: &RecordId) -> Value {
    short(&id.0)
}

/// 40 bits: short in an address, and enough to keep a few thousand cities or incidents apart.
fn short(bytes: &[u8]) -> Value {
    bytes.iter().take(5).fold(0, |value, byte| value << 8 | Value::from(*byte)).max(1)
}

/// What a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Words of a search; empty for none.
    pub words: String,
    /// A value for each facet of [`Facet::ALL`], where one was chosen.
    values: [Option<Value>; FACETS],
}

impl Selection {
    /// All records of one value.
    pub fn of(facet: Facet, value: Value) -> Self {
        Self::default().with(facet, Some(value))
    }

    /// All records that a search finds.
    pub fn search(words: &str) -> Self {
        Self { words: words.to_owned(), ..Self::default() }
    }

    /// The same with another value of one facet.
    #[must_use]
    pub fn with(mut self, facet: Facet, value: Option<Value>) -> Self {
        self.values[facet.at()] = value;
        self
    }

    /// The value chosen.
    pub fn get(&self, facet: Facet) -> Option<Value> {
        self.values[facet.at()]
    }

    /// The facets that were chosen, with their values.
    pub fn chosen(&self) -> impl Iterator<Item = (Facet, Value)> + '_ {
        Facet::ALL.into_iter().filter_map(|facet| Some((facet, self.get(facet)?)))
    }

    /// True when it shows everything.
    pub fn is_all(&self) -> bool {
        self.words.trim().is_empty() && self.values.iter().all(Option::is_none)
    }

    /// Reads the query of an address: the selection and the number of the page, from 1. `None` for what no link
    /// or form of ours makes.
    pub fn parse(query: Option<&str>) -> Option<(Self, usize)> {
        let (mut found, mut page) = (Self::default(), None);
        let mut seen = Vec::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if seen.contains(&name) {
                return None;
            }
            match &*name {
                "q" => found.words = value.trim().chars().take(MAX_QUERY_CHARS).collect(),
                "page" => page = Some(value.parse().ok().filter(|n| *n > 0)?),
                code => {
                    let facet = Facet::ALL.into_iter().find(|facet| facet.code() == code)?;
                    // A form sends what was not chosen as an empty text.
                    let value = match &*value {
                        "" => None,
                        text => Some(parse_value(text)?),
                    };
                    found = found.with(facet, value);
                }
            }
            seen.push(name);
        }
        Some((found, page.unwrap_or(1)))
    }

    /// The query that [`Selection::parse`] reads, without `?`; empty for the first page of everything.
    pub fn query(&self, page: usize) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        if !self.words.is_empty() {
            out.append_pair("q", &self.words);
        }
        for (facet, value) in self.chosen() {
            out.append_pair(facet.code(), &value.to_string());
        }
        if page > 1 {
            out.append_pair("page", &page.to_string());
        }
        out.finish()
    }
}

/// Digits as we write them: no sign, no leading zero.
fn parse_value(text: &str) -> Option<Value> {
    text.parse().ok().filter(|value: &Value| value.to_string() == text)
}

#[cfg(test)]
#[path = "selection_tests.rs"]
mod tests;
