//! By what records are chosen and counted. A few bytes for each record, so that a hundred thousand are chosen
//! from in milliseconds.

use crate::memorial::selection::{
    AGE_ACROSS, AGE_CHILD, AGES, FACETS, Facet, GENDERS, LEVELS, MANNERS, MARK_CORRECTED,
    MARK_DISPUTED, MARK_GONE, MARK_UNNAMED, Selection, UNKNOWN, Value, city_value, incident_value,
    value_in,
};
use std::collections::BTreeMap;
use yadgar_protocol::record::dates::{self, System};
use yadgar_protocol::record::places::PROVINCES;
use yadgar_protocol::record::{Gender, Minor, Status, Texts, Victim, level};

/// The cities of a release, once each.
#[derive(Debug, Default)]
pub struct Cities {
    list: Vec<(Value, Texts, Value)>,
    places: BTreeMap<Value, u32>,
}

impl Cities {
    fn put(&mut self, province: Option<&str>, name: &Texts) -> u32 {
        let Some(text) = name.fa.as_deref().or(name.en.as_deref()) else { return 0 };
        let value = city_value(province, text);
        let next = self.list.len() as u32 + 1;
        let at = *self.places.entry(value).or_insert(next);
        if at == next {
            let province = province_value(province);
            self.list.push((value, name.clone(), province));
        } else if let Some((_, known, _)) = self.list.get_mut(at as usize - 1) {
            // A record can lack what another one of the same city has.
            known.fa = known.fa.take().or_else(|| name.fa.clone());
            known.en = known.en.take().or_else(|| name.en.clone());
        }
        at
    }

    fn at(&self, place: u32) -> Option<&(Value, Texts, Value)> {
        self.list.get((place as usize).checked_sub(1)?)
    }

    /// Name of the city with this value, and the value of its province.
    pub fn named(&self, value: Value) -> Option<(&Texts, Value)> {
        self.at(*self.places.get(&value)?).map(|(_, name, province)| (name, *province))
    }
}

/// The value of a province: its place in the list of record.md, from 1.
pub fn province_value(code: Option<&str>) -> Value {
    let at = code.and_then(|code| PROVINCES.iter().position(|(c, ..)| *c == code));
    at.map_or(UNKNOWN, |at| at as Value + 1)
}

/// Code, Persian and English name of the province with this value.
pub fn province_of(value: Value) -> Option<&'static (&'static str, &'static str, &'static str)> {
    PROVINCES.get(usize::try_from(value).ok()?.checked_sub(1)?)
}

/// What a record is chosen by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Values {
    /// Value of the incident.
    incident: Value,
    /// Number of the day, as in `dates::day_number`; 0 where it is not known to the day.
    day: u32,
    /// Place in [`Cities`], from 1.
    city: u32,
    /// One bit for each value.
    manner: u16,
    province: u8,
    age: u8,
    level: u8,
    gender: u8,
    /// One bit for each value.
    mark: u8,
}

impl Values {
    /// The values of a record. A record of which only the status is left has none but its mark.
    pub fn of(victim: &Victim, cities: &mut Cities) -> Self {
        let bit = |on: bool, value: Value| u8::from(on) << value;
        let mark = bit(victim.version > 1, MARK_CORRECTED)
            | bit(victim.status == Status::Disputed, MARK_DISPUTED)
            | bit(victim.is_tombstone(), MARK_GONE)
            | bit(victim.names.is_empty() && !victim.is_tombstone(), MARK_UNNAMED);
        let mut out = Self { mark, ..Self::default() };
        if victim.is_tombstone() {
            out.mark &= !bit(true, MARK_CORRECTED);
            return out;
        }
        if let Some(place) = &victim.place {
            let province = place.province.as_deref();
            out.province = province_value(province) as u8;
            out.city = place.city.as_ref().map_or(0, |city| cities.put(province, city));
        }
        out.day = victim.died_at.as_ref().and_then(|date| exact_day(&date.edtf)).unwrap_or(0);
        out.incident = victim.incident.as_ref().map_or(UNKNOWN, incident_value);
        out.age = age(victim) as u8;
        out.manner = victim.manner.iter().fold(0, |bits, m| bits | 1 << value_in(&MANNERS, m));
        let stated = victim.verification.as_ref().map(|v| v.level);
        out.level = stated.map_or(0, |s| value_in(&LEVELS, &level(victim).max(s)) as u8);
        out.gender = value_in(&GENDERS, &victim.gender.unwrap_or(Gender::Unknown)) as u8;
        out
    }

    /// True when nothing is left of the record to be chosen by.
    fn is_gone(&self) -> bool {
        self.mark & (1 << MARK_GONE) != 0
    }

    /// The number of the day of death, where it is known.
    pub fn day(&self) -> Option<u32> {
        (self.day > 0).then_some(self.day)
    }

    /// Calls `f` with each value of a facet.
    pub fn each(&self, facet: Facet, cities: &Cities, mut f: impl FnMut(Value)) {
        let bits = |bits: u16, f: &mut dyn FnMut(Value)| {
            (0..16).filter(|value| bits & (1 << value) != 0).for_each(f);
        };
        match facet {
            Facet::Mark => bits(u16::from(self.mark), &mut f),
            _ if self.is_gone() => {}
            Facet::Province => f(self.province.into()),
            Facet::City => f(cities.at(self.city).map_or(UNKNOWN, |(value, ..)| *value)),
            Facet::Day => f(self.day.into()),
            Facet::Age => f(self.age.into()),
            Facet::Manner => bits(self.manner, &mut f),
            Facet::Level => f(self.level.into()),
            Facet::Gender => f(self.gender.into()),
            Facet::Incident => f(self.incident),
        }
    }

    /// True when it has this value.
    fn has(&self, facet: Facet, cities: &Cities, wanted: Value) -> bool {
        let mut found = false;
        self.each(facet, cities, |value| found |= value == wanted);
        found
    }

    /// The only facet by which a selection does not take it; `Ok` when it takes it.
    fn misses(&self, selection: &Selection, cities: &Cities) -> Result<(), Option<Facet>> {
        let mut missed = None;
        for (facet, wanted) in selection.chosen() {
            if !self.has(facet, cities, wanted) {
                if missed.is_some() {
                    return Err(None);
                }
                missed = Some(facet);
            }
        }
        missed.map_or(Ok(()), |facet| Err(Some(facet)))
    }
}

fn exact_day(edtf: &str) -> Option<u32> {
    let (_, span) = dates::parse(edtf, System::Gregorian)?;
    (span.from == span.to && !edtf.ends_with(['~', '?', '%']))
        .then(|| u32::try_from(span.from).ok())
        .flatten()
}

fn age(victim: &Victim) -> Value {
    let minor = matches!(victim.minor, Some(Minor::Yes));
    let Some(age) = &victim.age else { return if minor { AGE_CHILD } else { UNKNOWN } };
    let fits = |(_, from, to): &&(Value, u64, u64)| *from <= age.min && age.max <= *to;
    match AGES.iter().find(fits) {
        Some((value, ..)) => *value,
        None if minor || age.max < 18 => AGE_CHILD,
        None => AGE_ACROSS,
    }
}

/// How many records have each value of each facet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts([BTreeMap<Value, u64>; FACETS]);

impl Counts {
    /// The values of a facet that occur, with how often, ascending by value.
    pub fn of(&self, facet: Facet) -> &BTreeMap<Value, u64> {
        &self.0[facet.at()]
    }

    /// How many have a value.
    pub fn get(&self, facet: Facet, value: Value) -> u64 {
        self.of(facet).get(&value).copied().unwrap_or(0)
    }

    fn add(&mut self, facet: Facet, values: &Values, cities: &Cities) {
        values.each(facet, cities, |value| *self.0[facet.at()].entry(value).or_insert(0) += 1);
    }

    /// Counts one record for a selection: by every facet when the selection takes it, and by one facet when only
    /// that one leaves it out, so that each option says what choosing it instead would show. True when it is taken.
    pub fn note(&mut self, values: &Values, cities: &Cities, selection: &Selection) -> bool {
        match values.misses(selection, cities) {
            Ok(()) => {
                Facet::ALL.into_iter().for_each(|facet| self.add(facet, values, cities));
                true
            }
            Err(missed) => {
                missed.into_iter().for_each(|facet| self.add(facet, values, cities));
                false
            }
        }
    }
}

impl Values {
    /// The value of the city.
    pub fn city(&self, cities: &Cities) -> Option<Value> {
        cities.at(self.city).map(|(value, ..)| *value)
    }

    /// The value of the incident.
    pub fn incident(&self) -> Option<Value> {
        Some(self.incident).filter(|value| *value != UNKNOWN)
    }
}

/// The highest value of a facet whose values are a closed list.
pub fn highest(facet: Facet) -> Value {
    match facet {
        Facet::Province => PROVINCES.len() as Value,
        Facet::Age => AGE_ACROSS,
        Facet::Manner => MANNERS.len() as Value,
        Facet::Level => LEVELS.len() as Value,
        Facet::Gender => GENDERS.len() as Value,
        Facet::Mark => MARK_UNNAMED,
        Facet::City | Facet::Day | Facet::Incident => Value::MAX,
    }
}
