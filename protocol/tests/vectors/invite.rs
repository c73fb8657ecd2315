//! invite.md, mirrors.md.

use crate::case::{Case, Outcome, bytes, list, settle, text};
use serde_json::Value;
use yadgar_protocol::invite::{Invite, SpokenError};
use yadgar_protocol::mirrors::Mirrors;
use yadgar_protocol::place::{Place, WebUrl};
use yadgar_protocol::words::{WordsError, six_words};
use yadgar_protocol::{ArchiveId, Hash, Reject};

fn archive(input: &Value) -> ArchiveId {
    ArchiveId(Hash(bytes(input, "archive").try_into().unwrap()))
}

/// An invite to be read or made.
pub fn run(case: &Case) -> Outcome {
    settle(match case.kind {
        "invite" => read(text(case.input, "text")),
        "make-invite" => make(case.input),
        other => panic!("unknown kind {other}"),
    })
}

fn read(text: &str) -> Result<Outcome, Reject> {
    let invite = Invite::parse(text)?;
    let again = Invite { unknown: 0, ..invite.clone() };
    assert_eq!(Invite::parse(&invite.to_string())?, again);
    let out = Outcome::good().with("archive", invite.archive.0.to_hex());
    let urls: Vec<&str> = invite.urls.iter().map(WebUrl::as_str).collect();
    let out = out.with("urls", urls).with("unknown", invite.unknown);
    Ok(out.with("addresses", invite.addresses))
}

fn make(input: &Value) -> Result<Outcome, Reject> {
    let urls = input.get("urls").and_then(Value::as_array).into_iter().flatten();
    let all = list(input, "addresses").iter().chain(urls);
    let invite = Invite::with(archive(input), places(all)?)?;
    Ok(Outcome::good().with("text", invite.to_string()))
}

fn places<'a>(texts: impl Iterator<Item = &'a Value>) -> Result<Vec<Place>, Reject> {
    texts.map(|text| Place::parse(text.as_str().unwrap())).collect()
}

fn texts(places: impl Iterator<Item = Place>) -> Vec<String> {
    places.map(|place| place.to_string()).collect()
}

/// INV-9 to INV-11.
pub fn spoken(case: &Case) -> Outcome {
    match case.kind {
        "make-spoken" => settle(make_spoken(case.input)),
        "spoken" => match Invite::read(text(case.input, "text")) {
            Ok(invite) => Outcome::good()
                .with("archive", invite.archive.0.to_hex())
                .with("places", texts(invite.places()))
                .with("unknown", invite.unknown),
            Err(SpokenError::Form(reject)) => reject.into(),
            Err(SpokenError::Words(WordsError::Unknown { .. })) => Outcome::refused("INV-11"),
            Err(_) => Outcome::refused("INV-10"),
        },
        other => panic!("unknown kind {other}"),
    }
}

fn make_spoken(input: &Value) -> Result<Outcome, Reject> {
    let invite = Invite::with(archive(input), places(list(input, "places").iter())?)?;
    let spoken = invite.to_words();
    assert_eq!(spoken.left_out, []);
    let join = |pick: fn(&yadgar_protocol::words::Word) -> &str| {
        spoken.words.iter().map(pick).collect::<Vec<_>>().join(" ")
    };
    let numbers: Vec<usize> = spoken.words.iter().map(|w| w.index).collect();
    let out = Outcome::good().with("numbers", numbers);
    Ok(out.with("fa", join(|w| w.fa)).with("en", join(|w| w.en)))
}

/// MIR-1 to MIR-5.
pub fn mirrors(case: &Case) -> Outcome {
    assert_eq!(case.kind, "mirrors");
    let data = bytes(case.input, "hex");
    match Mirrors::parse(&data) {
        Ok(read) => {
            if read.unknown.is_empty() {
                assert_eq!(Mirrors::encode(&read.places), Ok(data));
            }
            let out = Outcome::good().with("unknown", read.unknown);
            out.with("places", texts(read.places.into_iter()))
        }
        Err(fault) => Outcome::refused(fault.clause),
    }
}

/// INV-5.
pub fn words(case: &Case) -> Outcome {
    assert_eq!(case.kind, "words");
    let words = six_words(&archive(case.input));
    let lines: Vec<String> = words.iter().map(|w| format!("{}\t{}", w.fa, w.en)).collect();
    let numbers: Vec<usize> = words.iter().map(|w| w.index).collect();
    Outcome::good().with("numbers", numbers).with("lines", lines)
}
