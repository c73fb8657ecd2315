//! What an archive has besides people with names: people without, incidents, and records that are gone.

use super::evidence;
use super::person::ISSUED;
use super::places::City;
use super::rng::Rng;
use super::text::{both, iso};
use super::when::{certain, first_day};
use yadgar_protocol::record::dates::System;
use yadgar_protocol::record::*;

/// For so many named people there is one without a name.
const UNNAMED_EACH: u64 = 80;
/// For so many there is one record that is gone.
const GONE_EACH: u64 = 50;

/// How many people without a name go with so many who have one.
pub fn unnamed_count(people: u64) -> u64 {
    people.div_ceil(UNNAMED_EACH)
}

/// How many records that are gone go with so many people.
pub fn gone_count(people: u64) -> u64 {
    people.div_ceil(GONE_EACH)
}

/// Somebody whose name is not known.
pub fn unnamed(seed: u64, number: u64) -> Victim {
    let mut rng = Rng::new(seed, "unnamed", number);
    let mut victim = Victim::new(RecordId(Rng::id(seed, "unnamed id", number)), ISSUED);
    victim.fictional = Some(Yes::Yes);
    let woman = number % 3 == 1;
    victim.gender = Some(if woman { Gender::Female } else { Gender::Male });
    victim.name_label = Some(match woman {
        true => both("زنی که نامش دانسته نیست", "A woman whose name is not known"),
        false => both("مردی که نامش دانسته نیست", "A man whose name is not known"),
    });
    evidence::sources(&mut rng, &mut victim);
    let from = rng.within(18, 40);
    victim.age = Some(Age { max: from + 10, min: from, basis: AgeBasis::Estimated });
    (victim.minor, victim.role) = (Some(Minor::No), Some(Role::Unknown));
    victim.manner = vec![rng.weighted(&[(Manner::LiveFire, 3), (Manner::Unknown, 1)])];
    victim.place = Some(super::places::city(&mut rng).place(PlaceKind::Unknown));
    let day = first_day() + rng.within(0, 6) as i64;
    victim.died_at = Some(certain(&mut rng, day));
    let basis = ConsentBasis::NgoPublished;
    victim.consent = Some(Consent { basis, scope: vec![Scope::Name], review_by: None });
    victim
}

/// A record that is gone, in turn for each reason; a merged one names `survivor`.
pub fn gone(seed: u64, number: u64, survivor: RecordId) -> Victim {
    const REASONS: [(Status, StatusReason); 7] = [
        (Status::Withdrawn, StatusReason::Withheld),
        (Status::Merged, StatusReason::Duplicate),
        (Status::Retracted, StatusReason::FoundAlive),
        (Status::Withdrawn, StatusReason::SourceWithdrawn),
        (Status::Merged, StatusReason::Duplicate),
        (Status::Retracted, StatusReason::Error),
        (Status::Retracted, StatusReason::OutOfScope),
    ];
    let (status, reason) = REASONS[number as usize % REASONS.len()];
    let mut victim = Victim::new(RecordId(Rng::id(seed, "gone id", number)), "2026-08-15");
    victim.fictional = Some(Yes::Yes);
    victim.version = 2 + number % 2;
    victim.status = status;
    victim.status_reason = Some(reason);
    victim.merged_into = (status == Status::Merged).then_some(survivor);
    victim
}

/// Where and when an incident was: people who were hurt there on that day belong to it.
pub const INCIDENTS: [(City, i64); 3] = [(City(6, 0), 1), (City(30, 1), 1), (City(5, 2), 2)];

/// The incident's id.
pub fn incident_id(seed: u64, number: usize) -> RecordId {
    RecordId(Rng::id(seed, "incident id", number as u64))
}

/// The record of an incident.
pub fn incident(seed: u64, number: usize) -> Incident {
    let mut rng = Rng::new(seed, "incident", number as u64);
    let (city, day) = INCIDENTS[number];
    let name = city.name();
    let (fa, en) = (name.fa.unwrap_or_default(), name.en.unwrap_or_default());
    let day = first_day() + day;
    let toll = |min, sid: &str| Toll { max: min + 4, min, src: vec![sid.to_owned()] };
    Incident {
        id: incident_id(seed, number),
        prev: None,
        dates: Some(certain(&mut rng, day)),
        place: Some(city.place(PlaceKind::Street)),
        title: Some(both(
            &format!("تیراندازی در {fa} (ساختگی)"),
            &format!("Shooting in {en} (fictional)"),
        )),
        tolls: vec![toll(rng.within(2, 9), "s1"), toll(rng.within(6, 14), "s2")],
        schema: INCIDENT.to_owned(),
        status: Status::Active,
        changes: Vec::new(),
        sources: vec![
            evidence::source(&mut rng, 1, SourceKind::NgoReport, 1),
            evidence::source(&mut rng, 2, SourceKind::Media, 2),
        ],
        summary: Some(both(
            &format!(
                "در این شهر ساختگی، در {}، به سوی گروهی از معترضان تیراندازی شد.\n\nاین روایت ساختگی است.",
                super::text::day(day).fa.unwrap_or_default()
            ),
            &format!(
                "In this invented city a group of protesters was fired at on {}.\n\nThis account is fictional.",
                iso(System::Gregorian, day)
            ),
        )),
        version: 1,
        fictional: Some(Yes::Yes),
        issued_on: ISSUED.to_owned(),
        merged_into: None,
        status_reason: None,
    }
}

/// Corrects a record: the second version of some, with the hash of the first.
pub fn corrected(rng: &mut Rng, victim: Victim) -> Victim {
    if !rng.percent(8) {
        return victim;
    }
    let first = Record::Victim(Box::new(victim.clone())).encode();
    let mut next = victim;
    let (code, field) = match next.occupation.take() {
        Some(_) => (ChangeCode::Removed, "occupation"),
        None => (ChangeCode::Verification, "verification"),
    };
    if let (ChangeCode::Verification, Some(verification)) = (code, &mut next.verification) {
        verification.reviewers += 1;
        verification.reviewed_on = Some("2026-09-10".to_owned());
    }
    let level = level(&next);
    if let Some(verification) = &mut next.verification {
        verification.level = level;
    }
    next.version = 2;
    next.prev = Some(Digest(yadgar_protocol::Hash::of(&first)));
    next.issued_on = "2026-09-12".to_owned();
    let on = next.issued_on.clone();
    next.changes = vec![Change { on, code, fields: vec![field.to_owned()], version: 2 }];
    next
}
