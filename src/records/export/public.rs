//! What of a record is class P0.

use yadgar_protocol::record::class::{Class, class_of};
use yadgar_protocol::record::{Incident, NameKind, Place, Precision, Victim};

/// A person's record with class P0 only: what stands in it because consent and safety allowed it is taken out, also
/// where a claim says it. What is left need not be a well-formed record: the consent is P1 too.
pub fn public(victim: &Victim) -> Victim {
    let mut bare = Victim::new(victim.id, &victim.issued_on);
    bare.age = victim.age.clone();
    bare.prev = victim.prev;
    bare.role = victim.role;
    bare.minor = victim.minor;
    bare.names =
        victim.names.iter().filter(|name| name.kind != NameKind::Nickname).cloned().collect();
    bare.place = victim.place.clone().map(to_the_city);
    let is_public = |path: &str| class_of(path) == Class::P0;
    bare.claims = victim.claims.iter().filter(|claim| is_public(&claim.path)).cloned().collect();
    bare.forces = victim.forces.clone();
    bare.gender = victim.gender;
    bare.manner = victim.manner.clone();
    bare.status = victim.status;
    bare.changes = victim.changes.clone();
    for change in &mut bare.changes {
        change.fields.retain(|field| is_public(field));
    }
    bare.custody = victim.custody;
    bare.died_at = victim.died_at.clone();
    bare.sources = victim.sources.clone();
    bare.version = victim.version;
    bare.incident = victim.incident;
    bare.fictional = victim.fictional;
    bare.injured_at = victim.injured_at.clone();
    bare.name_label = victim.name_label.clone();
    bare.merged_into = victim.merged_into;
    bare.external_ids = victim.external_ids.clone();
    bare.verification = victim.verification.clone();
    bare.status_reason = victim.status_reason;
    bare.place_of_death = victim.place_of_death.clone().map(to_the_city);
    bare
}

/// An incident with class P0 only.
pub fn incident(incident: &Incident) -> Incident {
    Incident { place: incident.place.clone().map(to_the_city), ..incident.clone() }
}

/// A place is P0 to the city.
fn to_the_city(mut place: Place) -> Place {
    (place.lat, place.lon, place.locality) = (None, None, None);
    if place.precision == Precision::Locality {
        place.precision = Precision::City;
    }
    place
}
