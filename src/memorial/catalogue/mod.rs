//! All records of a release in memory: lists in both orders, a search index, facets, incidents, corrections.

pub mod facets;
mod item;
mod letters;
mod notice;
mod withdrawn;

pub use facets::{Cities, Counts, Values};
pub use item::{Item, Summary, Unread, is_id, name, read, read_person, said_in, text_of};
pub use letters::Letter;
pub use notice::{About, Kind, Notice};
pub use withdrawn::Withdrawn;

use super::selection::{Facet, Selection, Value, incident_value};
use super::source::Source;
use super::text::{Lang, sort_key};
use crate::search::{Document, Index};
use std::collections::BTreeMap;
use yadgar_protocol::Path;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::record::{INCIDENTS_PREFIX, Incident, Record, RecordId, Texts};
use yadgar_protocol::release::RECORDS_PREFIX;
use yadgar_protocol::tree::Entry;

/// An incident as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentItem {
    /// The file.
    pub path: Path,
    /// Its title.
    pub title: Texts,
}

/// What a selection shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Places of records, in the order of the list.
    pub places: Vec<u32>,
    /// What each value of each facet would show.
    pub counts: Counts,
}

/// All records of a release.
#[derive(Debug, Default)]
pub struct Catalogue {
    items: Vec<Item>,
    /// Places in `items`, in the order of the Persian alphabet.
    fa: Vec<u32>,
    /// Places in `items`, in the order of the Latin alphabet.
    en: Vec<u32>,
    /// First letters of names in these orders.
    letters: [Vec<Letter>; 2],
    index: Index,
    cities: Cities,
    totals: Counts,
    incidents: BTreeMap<RecordId, IncidentItem>,
    /// Places of the people of each incident, in the orders of `fa` and `en`.
    of_incident: BTreeMap<Value, [Vec<u32>; 2]>,
    withdrawn: Withdrawn,
    notices: Vec<Notice>,
    people: u64,
    fictional: bool,
    incomplete: bool,
}

impl Catalogue {
    /// Reads every record of a release. Costs one read a record; the caller keeps the result.
    ///
    /// # Errors
    /// [`ReadFault`] when the tree cannot be read. Single records that cannot be read are listed.
    pub fn load(source: &dyn Source) -> Result<Self, ReadFault> {
        let mut out = Self::default();
        let entries = out.without_withdrawn(source, source.listed(RECORDS_PREFIX)?);
        let mut documents = Vec::with_capacity(entries.len());
        for entry in entries {
            documents.push(out.add(source, entry));
        }
        out.index = Index::new(documents);
        for entry in out.without_withdrawn(source, source.listed(INCIDENTS_PREFIX)?) {
            out.add_incident(source, entry);
        }
        out.notices.extend(notice::of_withdrawn(&out.withdrawn));
        notice::sort(&mut out.notices);
        out.finish();
        Ok(out)
    }

    fn without_withdrawn(&mut self, source: &dyn Source, mut entries: Vec<Entry>) -> Vec<Entry> {
        entries.retain(|entry| match source.withdrawn(entry) {
            Some(withdrawal) => {
                self.withdrawn.put(entry.path.clone(), withdrawal);
                false
            }
            None => true,
        });
        entries
    }

    fn add(&mut self, source: &dyn Source, entry: Entry) -> Document {
        let place = self.items.len() as u32;
        let victim = read_person(source, &entry);
        let document = victim.as_ref().map(item::document).unwrap_or_default();
        if let Ok(victim) = &victim {
            self.notices.extend(notice::of(place, victim));
        }
        let record = victim.map(|victim| Summary::of(&victim, &mut self.cities));
        self.items.push(Item { path: entry.path, record });
        document
    }

    fn add_incident(&mut self, source: &dyn Source, entry: Entry) {
        if let Ok(Record::Incident(incident)) = read(source, &entry) {
            let Incident { id, title, .. } = *incident;
            let title = title.unwrap_or_default();
            self.incidents.insert(id, IncidentItem { path: entry.path, title });
        }
    }

    fn finish(&mut self) {
        let mut fictional = 0_u64;
        let all = Selection::default();
        for record in self.items.iter().filter_map(|item| item.record.as_ref().ok()) {
            if !record.merged {
                self.totals.note(&record.values, &self.cities, &all);
            }
            if !record.gone {
                self.people += 1;
                fictional += u64::from(record.fictional);
            }
        }
        self.fictional = self.people > 0 && self.people == fictional;
        let not_here = |item: &Item| matches!(item.record, Err(Unread::NotHere));
        self.incomplete = self.items.iter().any(not_here);
        self.fa = self.sorted(Lang::Fa);
        self.en = self.sorted(Lang::En);
        self.gather_incidents();
        self.letters = [Lang::Fa, Lang::En].map(|lang| letters::of(self, lang));
        self.items.shrink_to_fit();
    }

    /// One pass over all, so that the page of an incident needs none.
    fn gather_incidents(&mut self) {
        for (at, order) in [&self.fa, &self.en].into_iter().enumerate() {
            for place in order {
                let record = self.items[*place as usize].record.as_ref().ok();
                if let Some(incident) = record.and_then(|record| record.values.incident()) {
                    self.of_incident.entry(incident).or_default()[at].push(*place);
                }
            }
        }
    }

    /// Named people first, then the unnamed, what is gone, and files that could not be read.
    fn sorted(&self, lang: Lang) -> Vec<u32> {
        let of = |at: u32| &self.items[at as usize].record;
        let listed = |at: &u32| !matches!(of(*at), Ok(record) if record.merged);
        let mut order: Vec<u32> = (0..self.items.len() as u32).filter(listed).collect();
        order.sort_by_cached_key(|at| {
            let class = match of(*at) {
                Ok(record) if record.gone => 2,
                Ok(record) if record.unnamed => 1,
                Ok(_) => 0,
                Err(_) => 3,
            };
            let name = of(*at).as_ref().ok().and_then(|record| text_of(&record.name, lang));
            (class, name.map(|name| sort_key(lang, name)).unwrap_or_default(), *at)
        });
        order
    }

    /// True when every record could be read, so that the list will not get better.
    pub fn is_complete(&self) -> bool {
        !self.incomplete
    }

    /// True when there are people here and all of them are made up.
    pub fn fictional(&self) -> bool {
        self.fictional
    }

    /// How many people there are, without records that are gone.
    pub fn people(&self) -> u64 {
        self.people
    }

    /// Every record, in order of path.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The record at a place.
    pub fn item(&self, place: u32) -> Option<&Item> {
        self.items.get(place as usize)
    }

    /// Places of all records that lists show, in the order of a language's alphabet.
    pub fn order(&self, lang: Lang) -> &[u32] {
        match lang {
            Lang::Fa => &self.fa,
            Lang::En => &self.en,
        }
    }

    /// The first letters of names, in the order of a language's list.
    pub fn letters(&self, lang: Lang) -> &[Letter] {
        match lang {
            Lang::Fa => &self.letters[0],
            Lang::En => &self.letters[1],
        }
    }

    /// How many records have each value, over the whole release.
    pub fn totals(&self) -> &Counts {
        &self.totals
    }

    /// Names of cities.
    pub fn cities(&self) -> &Cities {
        &self.cities
    }

    /// The incidents, by id.
    pub fn incidents(&self) -> &BTreeMap<RecordId, IncidentItem> {
        &self.incidents
    }

    /// Places of the people of an incident, in the order of a language's alphabet: what
    /// [`Catalogue::choose`] gives for it.
    pub fn of_incident(&self, lang: Lang, id: &RecordId) -> &[u32] {
        let found = self.of_incident.get(&incident_value(id));
        match (found, lang) {
            (Some([fa, _]), Lang::Fa) => fa,
            (Some([_, en]), Lang::En) => en,
            (None, _) => &[],
        }
    }

    /// Records that were withdrawn without a record that says so; they are in no list.
    pub fn withdrawn(&self) -> &Withdrawn {
        &self.withdrawn
    }

    /// Corrections and withdrawals, newest first.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// What names the record at a place in addresses.
    pub fn key(&self, place: u32) -> String {
        self.item(place).map_or_else(String::new, |item| item.key(place as usize))
    }

    /// Place of the record that an address names.
    pub fn by_key(&self, wanted: &str) -> Option<u32> {
        let place = if is_id(wanted) {
            let path = format!("{RECORDS_PREFIX}{wanted}.cbor");
            self.items.binary_search_by(|item| item.path.as_str().cmp(&path)).ok()?
        } else {
            wanted.parse::<usize>().ok()?.checked_sub(1)?
        };
        let place = u32::try_from(place).ok()?;
        (self.key(place) == wanted).then_some(place)
    }

    /// True when a selection names only what there can be: another one is a mistake, not an empty list.
    pub fn knows(&self, selection: &Selection) -> bool {
        selection.chosen().all(|(facet, value)| match facet {
            Facet::City | Facet::Day | Facet::Incident => {
                self.totals.of(facet).contains_key(&value)
            }
            facet => value <= facets::highest(facet),
        })
    }

    /// What a selection shows: by rank where words are searched, by the alphabet otherwise.
    pub fn choose(&self, lang: Lang, selection: &Selection) -> Chosen {
        if selection.is_all() {
            return Chosen { places: self.order(lang).to_vec(), counts: self.totals.clone() };
        }
        let found;
        let base = if selection.words.trim().is_empty() {
            self.order(lang)
        } else {
            found = self.index.search(&selection.words, usize::MAX);
            &found.places
        };
        let mut out = Chosen::default();
        for place in base {
            let taken = match self.item(*place).map(|item| &item.record) {
                Some(Ok(record)) if record.merged => false,
                Some(Ok(record)) => out.counts.note(&record.values, &self.cities, selection),
                _ => selection.chosen().next().is_none(),
            };
            if taken {
                out.places.push(*place);
            }
        }
        out
    }
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;
