//! proof.md.

use crate::case::{Case, Outcome, settle};
use crate::formula::given;
use yadgar_protocol::{Hash, Reject, proof};

/// A proof file.
pub fn run(case: &Case) -> Outcome {
    assert_eq!(case.kind, "proof-file");
    settle(check(case))
}

fn check(case: &Case) -> Result<Outcome, Reject> {
    let proved = proof::check(&given(case.input))?;
    let file = proved.file.as_ref();
    Ok(Outcome::good()
        .with("archive", proved.archive().0.to_hex())
        .with("sequence", proved.head.release.sequence)
        .with("path", proved.path.as_str())
        .with("part", file.map(|f| f.part.clone()))
        .with("hash", file.map(|f| Hash::of(&f.content).to_hex()))
        .with("signers", proved.signers()))
}
