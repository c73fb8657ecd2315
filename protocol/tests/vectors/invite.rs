//! invite.md.

use crate::case::{Case, Outcome, bytes, list, settle, text};
use serde_json::Value;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::words::six_words;
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
    assert_eq!(Invite::parse(&invite.to_string())?, invite);
    let out = Outcome::good().with("archive", invite.archive.0.to_hex());
    Ok(out.with("addresses", invite.addresses))
}

fn make(input: &Value) -> Result<Outcome, Reject> {
    let addresses = list(input, "addresses").iter().map(|a| a.as_str().unwrap().to_owned());
    let invite = Invite::new(archive(input), addresses.collect())?;
    Ok(Outcome::good().with("text", invite.to_string()))
}

/// INV-5.
pub fn words(case: &Case) -> Outcome {
    assert_eq!(case.kind, "words");
    let words = six_words(&archive(case.input));
    let lines: Vec<String> = words.iter().map(|w| format!("{}\t{}", w.fa, w.en)).collect();
    let numbers: Vec<usize> = words.iter().map(|w| w.index).collect();
    Outcome::good().with("numbers", numbers).with("lines", lines)
}
