//! Reading a vector file, running its cases and comparing all that they expect.

use crate::clause::same;
use serde_json::{Map, Value};
use yadgar_protocol::Reject;

/// One case: what to do with what.
pub struct Case<'a> {
    pub kind: &'a str,
    pub input: &'a Value,
    /// The whole case, for kinds in which a crate may do better than what is expected.
    pub all: &'a Map<String, Value>,
}

/// What the crate made of a case: the clause that it refused under, and values.
#[derive(Default)]
pub struct Outcome {
    pub error: Option<String>,
    pub values: Map<String, Value>,
}

impl Outcome {
    /// Accepted, nothing to compare.
    pub fn good() -> Self {
        Self::default()
    }

    /// One more value to compare.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.values.insert(key.to_owned(), value.into());
        self
    }

    /// Refused under a clause, or by a name of our own.
    pub fn refused(clause: impl Into<String>) -> Self {
        Self { error: Some(clause.into()), values: Map::new() }
    }
}

impl From<Reject> for Outcome {
    fn from(reject: Reject) -> Self {
        Self::refused(reject.clause)
    }
}

/// A refusal is an outcome like any other.
pub fn settle(result: Result<Outcome, Reject>) -> Outcome {
    result.unwrap_or_else(Outcome::from)
}

/// Gives the text of a field.
pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no text {key} in {value}"))
}

/// Gives the bytes of a field of hex.
pub fn bytes(value: &Value, key: &str) -> Vec<u8> {
    hex::decode(text(value, key)).unwrap()
}

/// Gives the number of a field.
pub fn number(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap_or_else(|| panic!("no number {key} in {value}"))
}

/// Gives the items of a field.
pub fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("no list {key} in {value}"))
}

/// Keys of a case that are no expected values.
const FRAME: [&str; 6] = ["name", "clause", "kind", "input", "expect", "error"];

/// Runs all cases of a file, and fails with all differences at once.
pub fn check_file(file: &str, json: &str, run: fn(&Case) -> Outcome, counts: (usize, usize)) {
    let whole: Value = serde_json::from_str(json).unwrap();
    let mut seen = (0, 0);
    let mut wrong = Vec::new();
    for case in list(&whole, "cases") {
        match text(case, "expect") {
            "accept" => seen.0 += 1,
            "reject" => seen.1 += 1,
            other => panic!("neither accept nor reject: {other}"),
        }
        if let Err(why) = check(case, run) {
            wrong.push(format!("{}: {why}", text(case, "name")));
        }
    }
    println!("{file}: {} accept, {} reject, {} wrong", seen.0, seen.1, wrong.len());
    assert!(wrong.is_empty(), "{file}: {} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(seen, counts, "{file}: number of cases (accept, reject)");
}

fn check(case: &Value, run: fn(&Case) -> Outcome) -> Result<(), String> {
    let all = case.as_object().unwrap();
    let kind = text(case, "kind");
    let outcome = run(&Case { kind, input: &case["input"], all });
    let judged = all.contains_key("verdict");
    match (all.get("error").and_then(Value::as_str), &outcome.error) {
        (None, None) => {}
        (None, Some(got)) => return Err(format!("refused by {got}")),
        (Some(wanted), None) => return Err(format!("not refused, but {wanted} is broken")),
        (Some(wanted), Some(got)) if !same(kind, wanted, got) => {
            return Err(format!("refused by {got}, not {wanted}"));
        }
        (Some(_), Some(_)) => {}
    }
    if text(case, "expect") == "reject" && outcome.error.is_none() && !judged {
        return Err("a case that must be refused has no clause".into());
    }
    for (key, wanted) in all.iter().filter(|(key, _)| !FRAME.contains(&key.as_str())) {
        match outcome.values.get(key) {
            Some(got) if got == wanted => {}
            Some(got) => return Err(format!("{key} is {got}, not {wanted}")),
            None => return Err(format!("{key} is not given, expected {wanted}")),
        }
    }
    Ok(())
}
