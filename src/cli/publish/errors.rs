//! Advice for what can go wrong between a folder and a release.

use crate::cli::{CliError, Exit};
use crate::publish::ingest::IngestError;
use crate::publish::parts::RuleError;
use crate::publish::sign::BuildError;
use crate::publish::walk::WalkError;

pub fn walk_error(e: WalkError) -> CliError {
    let what = e.to_string();
    match e {
        WalkError::Names(names) => {
            let lines = names.iter().map(|(name, why)| format!("\n  {name}: {why}"));
            CliError::new(Exit::Usage, what + &lines.collect::<String>())
                .advice("rename them so that they are safe names on every system")
        }
        WalkError::Secrets(names) => {
            let lines = names.iter().map(|name| format!("\n  {name}"));
            CliError::new(Exit::Usage, what + &lines.collect::<String>()).advice(
                "nothing was published; move them out of the folder, or give --allow-hidden if everybody may see them",
            )
        }
        WalkError::Io(..) => {
            CliError::new(Exit::Failed, what).advice("nothing was published; mend it and try again")
        }
    }
}

impl From<RuleError> for CliError {
    fn from(e: RuleError) -> Self {
        Self::new(Exit::Usage, e.to_string())
            .advice("write it like --part 'portraits=portraits/**'")
    }
}

impl From<IngestError> for CliError {
    fn from(e: IngestError) -> Self {
        let what = e.to_string();
        match e {
            IngestError::Store(e) => e.into(),
            IngestError::Changed(_) => Self::new(Exit::Failed, what)
                .advice("nothing was published; let the other program finish, then publish again"),
            IngestError::Stopped => Self::new(Exit::Failed, what)
                .advice("nothing was published; what was read need not be stored again"),
            _ => Self::new(Exit::Failed, what)
                .advice("nothing was published; mend it and publish again"),
        }
    }
}

impl From<BuildError> for CliError {
    fn from(e: BuildError) -> Self {
        let what = e.to_string();
        match e {
            BuildError::Store(e) => e.into(),
            BuildError::NoPart(_) => Self::new(Exit::Usage, what)
                .advice("add a rule for it, or give core no rule so that it takes the rest"),
            BuildError::Invalid(_) => Self::new(Exit::Usage, what)
                .advice("nothing was published; mend it and publish again"),
        }
    }
}
