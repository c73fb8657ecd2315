//! path.md.

use crate::case::{Case, Outcome, list, settle, text};
use yadgar_protocol::path::Collisions;
use yadgar_protocol::{Path, Reject};

/// PATH-1 to PATH-5.
pub fn path(case: &Case) -> Outcome {
    assert_eq!(case.kind, "path");
    settle(Path::new(text(case.input, "path")).map(|_| Outcome::good()))
}

/// PATH-6 and PATH-7, in the order given and backwards.
pub fn set(case: &Case) -> Outcome {
    assert_eq!(case.kind, "path-set");
    let paths: Vec<&str> = list(case.input, "paths").iter().map(|p| p.as_str().unwrap()).collect();
    let backwards: Vec<&str> = paths.iter().rev().copied().collect();
    let (there, back) = (collisions(&paths), collisions(&backwards));
    assert_eq!(there.as_ref().err().map(|r| r.clause), back.err().map(|r| r.clause));
    settle(there.map(|()| Outcome::good()))
}

fn collisions(paths: &[&str]) -> Result<(), Reject> {
    let mut seen = Collisions::new();
    paths.iter().try_for_each(|p| seen.add(&Path::new(p)?).map_err(|(_, reject)| reject))
}

/// PATH-8.
pub fn media(case: &Case) -> Outcome {
    assert_eq!(case.kind, "media");
    settle(
        Path::new(text(case.input, "path")).map(|p| Outcome::good().with("media", p.media_type())),
    )
}
