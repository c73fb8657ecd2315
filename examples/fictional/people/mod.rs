//! People who never lived: names, dates, places, sources and stories by chance from a seed.
//!
//! The same seed gives the same people, one after the other, so that a hundred thousand need no more memory than
//! their names. Every record says that it is fictional.

mod evidence;
pub mod extras;
mod person;
mod places;
pub mod portrait;
mod prose;
mod rng;
mod text;
mod when;
mod words;

use rng::Rng;
use std::collections::HashSet;
use yadgar_protocol::Hash;
use yadgar_protocol::record::{
    Digest, Edit, Graphic, Media, MediaRole, Record, RecordId, Scope, Victim,
};

/// What is made.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The same seed gives the same people.
    pub seed: u64,
    /// Whether there are pictures.
    pub pictures: Pictures,
}

/// Whether there are pictures of those of whom some may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    /// None.
    None,
    /// Only named, with no right hash: enough for a table.
    Named,
    /// Drawn.
    Drawn,
}

/// Somebody, and the picture that the record names: its path and bytes.
pub struct Person {
    pub victim: Victim,
    pub portrait: Option<(String, Vec<u8>)>,
}

/// People with names, endless but for the names: about 700,000 differ.
pub struct People {
    options: Options,
    number: u64,
    names: HashSet<person::NameKey>,
}

impl People {
    pub fn new(options: Options) -> Self {
        Self { options, number: 0, names: HashSet::new() }
    }
}

impl Iterator for People {
    type Item = Person;

    fn next(&mut self) -> Option<Person> {
        let number = self.number;
        self.number += 1;
        let seed = self.options.seed;
        let mut rng = Rng::new(seed, "person", number);
        let mut name = person::name(&mut rng);
        while !self.names.insert(name) {
            name = person::name(&mut rng);
        }
        let id = RecordId(Rng::id(seed, "person id", number));
        let mut victim = person::person(&mut rng, id, name, &self.options);
        for (number, (city, day)) in extras::INCIDENTS.iter().enumerate() {
            let there = victim.place.as_ref().is_some_and(|p| p.city == Some(city.name()));
            let hurt = victim.injured_at.as_ref().or(victim.died_at.as_ref());
            let then = hurt.and_then(|date| date.day()) == Some(when::first_day() + day);
            if there && then {
                victim.incident = Some(extras::incident_id(seed, number));
            }
        }
        let portrait = picture(&mut victim, &self.options, number);
        Some(Person { victim: extras::corrected(&mut rng, victim), portrait })
    }
}

/// A picture for somebody of whom pictures may be shown.
fn picture(victim: &mut Victim, options: &Options, number: u64) -> Option<(String, Vec<u8>)> {
    let consent = victim.consent.as_ref()?;
    if !consent.scope.contains(&Scope::Photo) {
        return None;
    }
    let bytes = match options.pictures {
        Pictures::Drawn => portrait::draw(&mut Rng::new(options.seed, "portrait", number))?,
        Pictures::Named | Pictures::None => Vec::new(),
    };
    let path = format!("portraits/p{number:06}.jpg");
    victim.media = vec![Media {
        alt: text::both("نقش ساختگی، نه چهرهٔ کسی", "An invented pattern, nobody's face"),
        hash: Digest(Hash::of(&bytes)),
        mime: "image/jpeg".to_owned(),
        path: path.clone(),
        role: MediaRole::Portrait,
        bytes: bytes.len() as u64,
        edits: vec![Edit::Reencoded],
        commit: None,
        caption: None,
        graphic: Graphic::None,
        licence: Some("CC0-1.0".to_owned()),
    }];
    (options.pictures == Pictures::Drawn).then_some((path, bytes))
}

/// Everything else that goes with so many people: those without names, incidents, records that are gone.
pub fn extras(seed: u64, people: u64) -> impl Iterator<Item = Record> {
    let unnamed = (0..extras::unnamed_count(people)).map(move |n| extras::unnamed(seed, n));
    let gone = (0..extras::gone_count(people)).map(move |n| {
        let survivor = RecordId(Rng::id(seed, "person id", (n * 13) % people.max(1)));
        extras::gone(seed, n, survivor)
    });
    let incidents = (0..extras::INCIDENTS.len()).map(move |n| extras::incident(seed, n));
    let victims = unnamed.chain(gone).map(|victim| Record::Victim(Box::new(victim)));
    victims.chain(incidents.map(|incident| Record::Incident(Box::new(incident))))
}
