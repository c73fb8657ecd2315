//! One person.

use super::rng::Rng;
use super::text::both;
use super::when::{birth, death};
use super::words::{MEN, THINGS, WOMEN, latin, together};
use super::{Options, Pictures, evidence, places, prose};
use yadgar_protocol::record::*;

/// The day on which first versions were published.
pub const ISSUED: &str = "2026-06-01";

/// What makes two names different: gender, given name, the two words of the family name.
pub type NameKey = (bool, u16, u8, u8);

/// A name by chance.
pub fn name(rng: &mut Rng) -> NameKey {
    let woman = rng.percent(16);
    let given = if woman { index_early(rng, WOMEN.len()) } else { index_early(rng, MEN.len()) };
    let first = rng.below(THINGS.len() as u64) as u8;
    let second = rng.below(THINGS.len() as u64 - 1) as u8;
    (woman, given, first, if second >= first { second + 1 } else { second })
}

fn index_early(rng: &mut Rng, length: usize) -> u16 {
    let all: Vec<u16> = (0..length as u16).collect();
    *rng.early(&all)
}

/// A person with a name; everything else is by chance.
pub fn person(rng: &mut Rng, id: RecordId, key: NameKey, options: &Options) -> Victim {
    let mut victim = Victim::new(id, ISSUED);
    victim.fictional = Some(Yes::Yes);
    victim.gender = Some(if key.0 { Gender::Female } else { Gender::Male });
    evidence::sources(rng, &mut victim);
    names(rng, &mut victim, key);
    let age = age(rng, &mut victim);
    let minor = matches!(victim.minor, Some(Minor::Yes | Minor::Likely));
    let city = happened(rng, &mut victim);
    let death = death(rng);
    (victim.injured_at, victim.died_at) = (death.injured_at, death.died_at);
    if death.later.is_some() {
        victim.place_of_death = Some(city.place(PlaceKind::Hospital));
    }
    if let (true, Some(age)) = (rng.percent(18), age) {
        victim.birth = Some(birth(rng, age));
    }
    consent(rng, &mut victim, minor, options);
    let work = rng.below(prose::WORK.len() as u64) as usize;
    let may_tell = victim.consent.as_ref().is_some_and(|c| c.scope.contains(&Scope::Story));
    if may_tell && victim.place.as_ref().is_some_and(|place| place.city.is_some()) {
        let told = prose::Told {
            gender: victim.gender,
            role: victim.role.unwrap_or(Role::Unknown),
            manner: victim.manner[0],
            city: &city.name(),
            day: death.certain.then_some(death.day),
            later: death.later,
            work: (!minor).then_some(work),
        };
        victim.story = Some(prose::story(rng, &told));
    }
    if !minor {
        grown(rng, &mut victim, work);
    }
    evidence::claims(rng, &mut victim);
    evidence::official(rng, &mut victim);
    beside(rng, &mut victim);
    withhold(rng, &mut victim, minor);
    victim
}

fn spelled(victim: &Victim, lang: &str, kind: NameKind, text: String) -> Name {
    let arabic = lang == "fa";
    let sources = victim.sources.iter().map(|source| source.sid.clone());
    let primary = kind == NameKind::Primary;
    Name {
        src: sources.take(if primary { 1 } else { 64 }).collect(),
        kind,
        lang: lang.to_owned(),
        text,
        script: if arabic { "Arab" } else { "Latn" }.to_owned(),
        translit: match (arabic, primary) {
            (true, _) => Translit::None,
            (false, true) => Translit::AdHoc,
            (false, false) => Translit::SourceSpelling,
        },
    }
}

fn names(rng: &mut Rng, victim: &mut Victim, (woman, given, first, second): NameKey) {
    let (given_fa, given_en) = if woman { WOMEN[given as usize] } else { MEN[given as usize] };
    let (a, b) = (THINGS[first as usize], THINGS[second as usize]);
    let fa = format!("{given_fa} {}", together(a.0, b.0));
    let en = format!("{given_en} {}", latin(a.1, b.1));
    let mut names = vec![
        spelled(victim, "fa", NameKind::Primary, fa.clone()),
        spelled(victim, "en", NameKind::Primary, en),
    ];
    let mut alias = |lang: &str, text: String| {
        if !names.iter().any(|name| name.text == text) {
            names.push(spelled(victim, lang, NameKind::Alias, text));
        }
    };
    if rng.percent(12) {
        alias("fa", fa.replace('ی', "ي").replace('ک', "ك"));
    }
    if rng.percent(10) {
        alias("fa", fa.replace('\u{200c}', " "));
    }
    if rng.percent(20) {
        let given = given_en.replace("gh", "q").replace("Gh", "Q").replace("ou", "oo");
        alias("en", format!("{given} {}-{}", latin(a.1, ""), latin(b.1, "")));
    }
    if rng.percent(4) {
        let nick = both(a.0, &latin(a.1, ""));
        names.extend(nick.fa.map(|text| spelled(victim, "fa", NameKind::Nickname, text)));
    }
    victim.names = names;
}

/// Age and whether the person was a minor; the age where it is one number.
fn age(rng: &mut Rng, victim: &mut Victim) -> Option<u64> {
    let (range, minor) = match rng.below(100) {
        0..6 => {
            let age = rng.within(12, 17);
            (Some((age, age)), Minor::Yes)
        }
        6..8 => {
            let from = rng.within(8, 13);
            (Some((from, from + 4)), Minor::Yes)
        }
        8..10 => (Some((15, 19)), Minor::Likely),
        10..21 => (None, Minor::Unknown),
        21..33 => {
            let from = 18 + rng.below(30);
            (Some((from, from + rng.within(2, 6))), Minor::No)
        }
        _ => {
            let age = 18 + rng.below(26) + rng.below(26);
            (Some((age, age)), Minor::No)
        }
    };
    let one = range.and_then(|(min, max)| (min == max).then_some(min));
    let basis = if one.is_some() { AgeBasis::Stated } else { AgeBasis::Estimated };
    victim.age = range.map(|(min, max)| Age { max, min, basis });
    victim.minor = Some(minor);
    one
}

/// Where and how.
fn happened(rng: &mut Rng, victim: &mut Victim) -> places::City {
    let (role, kind) = rng.weighted(&[
        ((Role::Protester, PlaceKind::Street), 58),
        ((Role::Bystander, PlaceKind::Street), 22),
        ((Role::AtHome, PlaceKind::Home), 6),
        ((Role::Detainee, PlaceKind::Prison), 4),
        ((Role::SecurityForce, PlaceKind::Street), 1),
        ((Role::Other, PlaceKind::Unknown), 2),
        ((Role::Unknown, PlaceKind::Unknown), 7),
    ]);
    let manners = [
        (Manner::LiveFire, 76),
        (Manner::Pellets, 6),
        (Manner::Beating, 6),
        (Manner::Vehicle, 2),
        (Manner::TearGas, 2),
        (Manner::Stabbing, 1),
        (Manner::Fall, 1),
        (Manner::Fire, 1),
        (Manner::Drowning, 1),
        (Manner::Other, 1),
        (Manner::Unknown, 5),
    ];
    let held = role == Role::Detainee;
    victim.manner = vec![if held { Manner::InCustody } else { rng.weighted(&manners) }];
    if held && rng.percent(40) {
        victim.manner.push(Manner::Beating);
    }
    victim.custody = match (held, rng.percent(30)) {
        (true, _) => Some(Custody::Yes),
        (false, true) => Some(if rng.percent(80) { Custody::No } else { Custody::Unknown }),
        (false, false) => None,
    };
    let forces = [(Force::Unknown, 40), (Force::Police, 15), (Force::Irgc, 20), (Force::Basij, 15)];
    if held {
        victim.forces = vec![Force::Prison];
    } else if rng.percent(60) {
        victim.forces = vec![rng.weighted(&forces)];
        if victim.forces == [Force::Basij] && rng.percent(50) {
            victim.forces.push(Force::PlainClothes);
        }
    }
    victim.role = Some(role);
    let city = places::city(rng);
    victim.place = match rng.below(100) {
        0..2 => None,
        2..4 => {
            let mut place = city.place(kind);
            (place.city, place.precision) = (None, Precision::Province);
            Some(place)
        }
        _ => Some(city.place(kind)),
    };
    city
}

fn consent(rng: &mut Rng, victim: &mut Victim, minor: bool, options: &Options) {
    let basis = rng.weighted(&[
        (ConsentBasis::NgoPublished, 50),
        (ConsentBasis::Family, 20),
        (ConsentBasis::PublishedByFamily, 20),
        (ConsentBasis::PublicRecord, 10),
    ]);
    let family = matches!(basis, ConsentBasis::Family | ConsentBasis::PublishedByFamily);
    let free = !minor || family;
    let mut scope = vec![Scope::Name];
    scope.extend((free && options.pictures != Pictures::None).then_some(Scope::Photo));
    scope.extend((free && rng.percent(80)).then_some(Scope::Story));
    let review_by = family.then(|| rng.within(2028, 2032));
    victim.consent = Some(Consent { basis, scope, review_by });
}

/// What is said of adults only.
fn grown(rng: &mut Rng, victim: &mut Victim, work: usize) {
    if rng.percent(55) {
        let [fa, en, _, _] = prose::WORK[work];
        victim.occupation = Some(both(fa, en));
    }
    if rng.percent(8) {
        victim.education = Some(both("دیپلم", "secondary education"));
    }
    if rng.percent(10)
        && let Some(place) = victim.place.as_mut().filter(|place| place.city.is_some())
    {
        place.locality = Some(places::quarter(rng));
        place.precision = Precision::Locality;
    }
}

/// What tells a record from others.
fn beside(rng: &mut Rng, victim: &mut Victim) {
    if rng.percent(35) {
        let (fa, en) = rng.pick(&MEN);
        victim.father_name = Some(both(fa, en));
    }
    if rng.percent(25) {
        victim.origin_city = Some(places::city(rng).place(PlaceKind::Unknown));
    }
    if rng.percent(12) {
        victim.burial_city = Some(places::city(rng).name());
    }
    if rng.percent(15) {
        let sites = [InjurySite::Head, InjurySite::Neck, InjurySite::Torso, InjurySite::Limb];
        victim.injury_site = vec![*rng.pick(&sites)];
    }
    if rng.percent(20) {
        let country = rng.weighted(&[("IR", 9), ("AF", 1)]);
        victim.nationality = vec![country.to_owned()];
    }
    if rng.percent(20) {
        victim.private_sources = Some(PrivateSources::Some);
    }
    if rng.percent(30) {
        let number = rng.below(1_000_000);
        victim.external_ids = vec![ExternalId {
            id: format!("SO-{number:06}"),
            org: "Sample Observatory (fictional)".to_owned(),
            url: rng.percent(50).then(|| format!("https://example.org/people/{number}")),
        }];
    }
}

fn withhold(rng: &mut Rng, victim: &mut Victim, minor: bool) {
    let family = victim
        .consent
        .as_ref()
        .is_some_and(|c| matches!(c.basis, ConsentBasis::Family | ConsentBasis::PublishedByFamily));
    if minor && !family {
        victim.withheld = vec!["media".to_owned(), "story".to_owned()];
    } else if rng.percent(6) && victim.father_name.is_none() {
        victim.withheld = vec!["father_name".to_owned()];
    }
}
