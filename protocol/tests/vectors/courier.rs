//! courier.md.

use crate::case::{Case, Outcome, bytes, number, text};
use serde_json::json;
use yadgar_protocol::courier::{CourierError, armour, read};

/// A courier to be written, or a text to be read.
pub fn run(case: &Case) -> Outcome {
    let done = match case.kind {
        "courier-write" => armour(&bytes(case.input, "hex")).map(|lines| lined(&lines)),
        "courier-length" => armour(&noise(case)).map(|lines| {
            let (first, last) = (lines[0].as_str(), lines[lines.len() - 1].as_str());
            Outcome::good().with("lines", lines.len()).with("first", first).with("last", last)
        }),
        "courier-read" => found(text(case.input, "text")),
        "courier-long" => found(&"x".repeat(length(case))),
        other => panic!("unknown kind {other}"),
    };
    done.unwrap_or_else(|error| {
        Outcome::refused(match error {
            CourierError::Size => "COU-3",
            CourierError::Piece(_) => "COU-5",
            CourierError::TextTooLong => "COU-6",
            other => panic!("{other}"),
        })
    })
}

fn length(case: &Case) -> usize {
    usize::try_from(number(case.input, "length")).unwrap()
}

/// As many bytes as wanted, from a seed.
fn noise(case: &Case) -> Vec<u8> {
    let mut out = vec![0; length(case)];
    let mut hasher = blake3::Hasher::new();
    hasher.update(text(case.input, "seed").as_bytes());
    hasher.finalize_xof().fill(&mut out);
    out
}

fn lined(lines: &[String]) -> Outcome {
    Outcome::good().with("lines", lines.to_vec())
}

fn found(text: &str) -> Result<Outcome, CourierError> {
    let found = read(text)?;
    let whole: Vec<_> = found.whole.iter().map(hex::encode).collect();
    let cut = found.cut.iter().map(|cut| json!({ "lines": cut.lines, "missing": cut.missing }));
    Ok(Outcome::good().with("whole", whole).with("cut", cut.collect::<Vec<_>>()))
}
