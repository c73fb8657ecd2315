//! record.md: records as files of the tree, their dates, the level that readers compute.

use crate::case::{Case, Outcome, bytes, settle, text};
use crate::formula::given;
use serde_json::Value;
use yadgar_protocol::path::Path;
use yadgar_protocol::record::dates::{self, System};
use yadgar_protocol::record::{Record, Status, groups, level};
use yadgar_protocol::{Reject, record};

/// A record, where it stands.
pub fn record(case: &Case) -> Outcome {
    assert_eq!(case.kind, "record");
    settle(read(case.input))
}

fn read(input: &Value) -> Result<Outcome, Reject> {
    let bytes = given(input);
    let record = Record::decode(&bytes)?;
    assert_eq!(record.encode(), bytes);
    let path = input["path"].as_str().map_or_else(|| record.path(), str::to_owned);
    record.check_path(&Path::new(&path).map_err(|_| Reject::new("REC-3", "no path"))?)?;
    let status = match &record {
        Record::Victim(victim) => victim.status,
        Record::Incident(incident) => incident.status,
    };
    let gone = !matches!(status, Status::Active | Status::Disputed);
    let out = Outcome::good().with("path", record.path()).with("gone", gone);
    Ok(match &record {
        Record::Victim(victim) if !gone => {
            let level = level(victim).word();
            out.with("level", level).with("groups", groups(&victim.sources))
        }
        _ => out,
    })
}

/// Two versions: what a release takes back of the one before.
pub fn succession(case: &Case) -> Outcome {
    assert_eq!(case.kind, "succession");
    let read = |key: &str| Record::decode(&bytes(case.input, key)).unwrap();
    let new = (!case.input["new"].is_null()).then(|| read("new"));
    let faults = record::succession(&read("old"), new.as_ref());
    assert!(faults.iter().all(|fault| fault.clause == "REC-18"));
    Outcome::good().with("faults", faults.into_iter().map(|f| f.field).collect::<Vec<_>>())
}

/// Dates of one calendar, and of both.
pub fn date(case: &Case) -> Outcome {
    if case.kind == "dates-agree" {
        let (west, east) = (text(case.input, "edtf"), text(case.input, "jalali"));
        return match dates::agree(west, east) {
            true => Outcome::good(),
            false => Outcome::refused("REC-7"),
        };
    }
    assert_eq!(case.kind, "date");
    let given = text(case.input, "text");
    let system = match text(case.input, "calendar") {
        "edtf" => System::Gregorian,
        "jalali" => System::Persian,
        other => panic!("unknown calendar {other}"),
    };
    let Some((_, span)) = dates::parse(given, system) else { return Outcome::refused("REC-6") };
    let of_edtf = record::FuzzyDate {
        tz: None,
        edtf: given.to_owned(),
        jalali: None,
        source_cal: record::Calendar::Gregorian,
        time_local: None,
    };
    // Which dates are certain is asked of Gregorian texts only.
    let certain = match system {
        System::Gregorian => of_edtf.certain().is_some(),
        System::Persian => !given.contains(['~', '?', '%']),
    };
    Outcome::good().with("first", span.from).with("last", span.to).with("certain", certain)
}
