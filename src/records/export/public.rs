//! What of a record is class P0.

use yadgar_protocol::record::class::{Class, class_of};
use yadgar_protocol::record::{Claim, Incident, Name, NameKind, Place, Precision, Victim};

/// A person's record with class P0 only: what stands in it because consent and safety allowed it is taken out, also
/// where a claim says it. What is left need not be a well-formed record: the consent is P1 too.
pub fn public(victim: &Victim) -> Victim {
    let mut bare = Victim::new(victim.id, &victim.issued_on);
    bare.age = victim.age.clone();
    bare.prev = victim.prev;
    bare.role = victim.role;
    bare.minor = victim.minor;
    bare.names = victim.names.iter().filter(|name| !is_nickname(name)).cloned().collect();
    bare.place = victim.place.clone().map(to_the_city);
    bare.claims =
        victim.claims.iter().filter_map(|claim| self::claim(&victim.names, claim)).collect();
    bare.forces = victim.forces.clone();
    bare.gender = victim.gender;
    bare.manner = victim.manner.clone();
    bare.status = victim.status;
    bare.changes = victim.changes.clone();
    for change in &mut bare.changes {
        change.fields = fields(&victim.names, &change.fields);
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

/// The one kind of name that is P1.
fn is_nickname(name: &Name) -> bool {
    name.kind == NameKind::Nickname
}

/// What a claim or a change is about.
enum About<'a> {
    /// No name.
    Other,
    /// Names, and no certain one.
    Names,
    /// The name at that place, and what of it.
    Name(usize, &'a str),
}

fn about(path: &str) -> About<'_> {
    let Some(rest) = path.strip_prefix("names") else { return About::Other };
    let item = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match item.and_then(|(n, part)| Some((n.parse().ok()?, part))) {
        Some((n, part)) => About::Name(n, part),
        None => About::Names,
    }
}

/// A claim, if it is of class P0. One about a nickname is no more public than that (REC-10), nor is one about all names
/// where a nickname is among them, or about a name that is not there: it may say it.
fn claim(names: &[Name], claim: &Claim) -> Option<Claim> {
    let path = match about(&claim.path) {
        About::Other => (class_of(&claim.path) == Class::P0).then(|| claim.path.clone())?,
        About::Names => (!names.iter().any(is_nickname)).then(|| claim.path.clone())?,
        About::Name(n, part) => {
            names.get(n).filter(|name| !is_nickname(name))?;
            let left = names[..n].iter().filter(|name| !is_nickname(name)).count();
            format!("names[{left}]{part}")
        }
    };
    Some(Claim { path, ..claim.clone() })
}

/// The fields of a change that are of class P0. Names are told together: their places were those of another version.
fn fields(names: &[Name], changed: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for field in changed {
        let kept = match about(field) {
            About::Other => Some(field.as_str()).filter(|field| class_of(field) == Class::P0),
            About::Name(n, _) if names.get(n).is_some_and(is_nickname) => None,
            About::Name(..) | About::Names => Some("names"),
        };
        let new = kept.filter(|field| !out.iter().any(|known| known == field));
        out.extend(new.map(str::to_owned));
    }
    out
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
