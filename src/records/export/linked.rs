//! Records as JSON-LD in the words of schema.org. The context is named and never fetched.

use super::{Written, shown};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use yadgar_protocol::record::class::Class;
use yadgar_protocol::record::dates::{System, When, parse};
use yadgar_protocol::record::places::province;
use yadgar_protocol::record::{
    FuzzyDate, Gender, INCIDENTS_PREFIX, Incident, MediaRole, NameKind, Place, Record, RecordId,
    Source, Status, Texts, Victim,
};
use yadgar_protocol::release::RECORDS_PREFIX;

/// The context, as text.
const CONTEXT: &str = "https://schema.org";

/// Writes one graph: for each person a `Person` and the `Event` of the death, for each incident an `Event`, for each
/// record that is gone its status.
pub fn graph(records: &[Record], most: Class, out: &mut dyn Write) -> io::Result<Written> {
    let mut written = Written::default();
    write!(out, "{{\"@context\":\"{CONTEXT}\",\"@graph\":[")?;
    let mut first = true;
    for record in records {
        written.count(record);
        for node in nodes(&shown(record, most)) {
            out.write_all(if first { b"\n" } else { b",\n" })?;
            first = false;
            serde_json::to_writer(&mut *out, &node)?;
        }
    }
    out.write_all(b"\n]}\n")?;
    Ok(written)
}

fn nodes(record: &Record) -> Vec<Value> {
    match record {
        Record::Victim(victim) if victim.is_tombstone() => {
            vec![gone(&record.path(), victim.status, victim.merged_into, RECORDS_PREFIX)]
        }
        Record::Victim(victim) => vec![person(victim), death(victim)],
        Record::Incident(incident) if incident.status_reason.is_some() => {
            vec![gone(&record.path(), incident.status, incident.merged_into, INCIDENTS_PREFIX)]
        }
        Record::Incident(incident) => vec![event(incident)],
    }
}

/// The name of a record in the graph: its path in the release.
fn path(prefix: &str, id: RecordId) -> String {
    format!("{prefix}{id}.cbor")
}

/// Of what is gone only that it is.
fn gone(path_of: &str, status: Status, into: Option<RecordId>, prefix: &str) -> Value {
    let mut node = json!({
        "@type": "CreativeWork", "@id": path_of, "creativeWorkStatus": status.word(),
    });
    if let Some(id) = into {
        node["sameAs"] = json!({ "@id": path(prefix, id) });
    }
    node
}

/// Fields of a node, without those that say nothing.
fn node(fields: Vec<(&str, Value)>) -> Value {
    let says = |value: &Value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        _ => true,
    };
    let fields = fields.into_iter().filter(|(_, value)| says(value));
    Value::Object(fields.map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
}

fn person(victim: &Victim) -> Value {
    let primary = |name: &&yadgar_protocol::record::Name| name.kind == NameKind::Primary;
    let tagged = |name: &yadgar_protocol::record::Name| in_language(&name.lang, &name.text);
    let mut names: Vec<Value> = victim.names.iter().filter(primary).map(tagged).collect();
    names.extend(victim.name_label.iter().flat_map(texts));
    let others = victim.names.iter().filter(|name| !primary(name)).map(tagged).collect();
    let place = victim.place_of_death.as_ref().or(victim.place.as_ref());
    let fictional = victim.fictional.map(|_| "Fictional: this person was made up");
    node(vec![
        ("@type", "Person".into()),
        ("@id", path(RECORDS_PREFIX, victim.id).into()),
        ("name", Value::Array(names)),
        ("alternateName", Value::Array(others)),
        ("disambiguatingDescription", fictional.into()),
        ("gender", gender(victim.gender)),
        ("birthDate", victim.birth.as_ref().and_then(plain_date).into()),
        ("deathDate", victim.died_at.as_ref().and_then(plain_date).into()),
        ("deathPlace", place.map(place_of).into()),
        ("hasOccupation", occupation(victim.occupation.as_ref())),
        ("nationality", victim.nationality.iter().map(|c| country(c)).collect()),
        ("description", Value::Array(victim.story.iter().flat_map(texts).collect())),
        ("image", Value::Array(pictures(victim))),
        ("identifier", Value::Array(identifiers(victim))),
        ("sameAs", victim.external_ids.iter().filter_map(|other| other.url.clone()).collect()),
        ("subjectOf", victim.sources.iter().map(source).collect()),
    ])
}

fn gender(gender: Option<Gender>) -> Value {
    match gender {
        Some(Gender::Female) => "https://schema.org/Female".into(),
        Some(Gender::Male) => "https://schema.org/Male".into(),
        Some(Gender::Other) => "other".into(),
        Some(Gender::Unknown | Gender::Withheld) | None => Value::Null,
    }
}

fn occupation(texts_of: Option<&Texts>) -> Value {
    texts_of.map_or(
        Value::Null,
        |text| json!({ "@type": "Occupation", "name": texts(text).collect::<Vec<_>>() }),
    )
}

fn country(code: &str) -> Value {
    json!({ "@type": "Country", "identifier": code })
}

fn pictures(victim: &Victim) -> Vec<Value> {
    let portraits = victim.media.iter().filter(|media| media.role == MediaRole::Portrait);
    portraits
        .map(|media| {
            node(vec![
                ("@type", "ImageObject".into()),
                ("contentUrl", media.path.clone().into()),
                ("encodingFormat", media.mime.clone().into()),
                ("contentSize", media.bytes.to_string().into()),
                ("description", texts(&media.alt).collect()),
                ("license", licence(media.licence.as_deref())),
            ])
        })
        .collect()
}

fn licence(name: Option<&str>) -> Value {
    name.map_or(Value::Null, |name| json!({ "@type": "CreativeWork", "name": name }))
}

fn identifiers(victim: &Victim) -> Vec<Value> {
    let value =
        |org: &str, id: &str| json!({ "@type": "PropertyValue", "propertyID": org, "value": id });
    let own = value("yadgar record", &victim.id.to_string());
    let others = victim.external_ids.iter().map(|other| value(&other.org, &other.id));
    std::iter::once(own).chain(others).collect()
}

fn source(source: &Source) -> Value {
    node(vec![
        ("@type", "CreativeWork".into()),
        ("genre", source.kind.word().into()),
        ("name", source.title.iter().flat_map(texts).collect()),
        (
            "publisher",
            json!({
                "@type": "Organization", "name": texts(&source.publisher).collect::<Vec<_>>(),
            }),
        ),
        ("url", source.url.clone().into()),
        ("datePublished", source.published.clone().into()),
        ("inLanguage", source.lang.clone().into()),
    ])
}

/// The death as an event: what is known of day, place, manner and verification.
fn death(victim: &Victim) -> Value {
    let id = path(RECORDS_PREFIX, victim.id);
    let shown = victim.primary_name("en").or_else(|| victim.primary_name("fa"));
    let label =
        victim.name_label.as_ref().and_then(|label| label.en.as_ref().or(label.fa.as_ref()));
    let name = shown.or(label.map(String::as_str)).unwrap_or("a person whose name is not known");
    let manner: Vec<_> = victim.manner.iter().map(|manner| manner.word()).collect();
    let mut said = vec![format!("manner: {}", manner.join(", "))];
    for (what, date) in [("injured", &victim.injured_at), ("died", &victim.died_at)] {
        // EDTF says what a plain date cannot: about, one of several, from and to.
        said.extend(date.as_ref().map(|date| format!("{what}: {}", date.edtf)));
    }
    let level = victim.verification.as_ref().map(|v| format!("verification: {}", v.level.word()));
    said.extend(level);
    said.push(format!("status: {}", victim.status.word()));
    node(vec![
        ("@type", "Event".into()),
        ("@id", format!("{id}#death").into()),
        ("name", format!("Death of {name}").into()),
        ("about", json!({ "@id": id })),
        ("startDate", victim.died_at.as_ref().and_then(plain_date).into()),
        ("location", victim.place.as_ref().map(place_of).into()),
        ("superEvent", reference(victim.incident.map(|id| path(INCIDENTS_PREFIX, id)))),
        ("description", said.join("; ").into()),
    ])
}

fn reference(id: Option<String>) -> Value {
    id.map_or(Value::Null, |id| json!({ "@id": id }))
}

fn event(incident: &Incident) -> Value {
    let fictional = incident.fictional.map(|_| "Fictional: this incident was made up");
    node(vec![
        ("@type", "Event".into()),
        ("@id", path(INCIDENTS_PREFIX, incident.id).into()),
        ("name", incident.title.iter().flat_map(texts).collect()),
        ("disambiguatingDescription", fictional.into()),
        ("startDate", incident.dates.as_ref().and_then(plain_date).into()),
        ("location", incident.place.as_ref().map(place_of).into()),
        ("description", incident.summary.iter().flat_map(texts).collect()),
        ("subjectOf", incident.sources.iter().map(source).collect()),
    ])
}

/// A date of ISO 8601, where it is one moment that is certain.
fn plain_date(date: &FuzzyDate) -> Option<String> {
    match parse(&date.edtf, System::Gregorian)? {
        (When::One(moment), _) if !moment.about => Some(date.edtf.clone()),
        _ => None,
    }
}

fn place_of(place: &Place) -> Value {
    let region = place.province.as_deref();
    let name = region
        .and_then(province)
        .map(|(fa, en)| vec![in_language("fa", fa), in_language("en", en)]);
    let address = node(vec![
        ("@type", "PostalAddress".into()),
        ("addressCountry", place.country.clone().into()),
        ("addressRegion", name.into()),
        ("addressLocality", place.city.iter().flat_map(texts).collect()),
    ]);
    let geo =
        place.lat.as_ref().zip(place.lon.as_ref()).map(
            |(lat, lon)| json!({ "@type": "GeoCoordinates", "latitude": lat, "longitude": lon }),
        );
    node(vec![
        ("@type", "Place".into()),
        ("identifier", region.into()),
        ("name", place.locality.iter().flat_map(texts).collect()),
        ("address", address),
        ("geo", geo.into()),
    ])
}

/// A text in each of its languages.
fn texts(texts: &Texts) -> impl Iterator<Item = Value> {
    let both = [("fa", texts.fa.as_ref()), ("en", texts.en.as_ref())];
    both.into_iter().filter_map(|(lang, text)| text.map(|text| in_language(lang, text)))
}

fn in_language(lang: &str, text: &str) -> Value {
    json!({ "@value": text, "@language": lang })
}
