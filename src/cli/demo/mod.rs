//! `yadgar demo`: the whole path once, with real parts.
//!
//! Every node is a process of its own with a home of its own, started with the same commands that a user
//! would type; they talk over libp2p on loopback. Nothing is left behind.

mod child;
mod steps;

use super::{CliError, Ui};
use clap::Args;
use include_dir::{Dir, include_dir};
use std::path::PathBuf;

/// The sample archive, inside the program, so that the demo needs no other file.
static SAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/sample-archive");

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// End after the checks instead of serving the pages
    #[arg(long)]
    exit: bool,
    /// Publish this folder instead of the sample archive
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Do not open the browser
    #[arg(long)]
    no_browser: bool,
}

pub fn run(ui: &Ui, args: &DemoArgs) -> Result<(), CliError> {
    let folder = tempfile::Builder::new()
        .prefix("yadgar-demo-")
        .tempdir()
        .map_err(|e| CliError::failed("a folder for the demo", e))?;
    let source = match &args.dir {
        Some(dir) => std::path::absolute(dir).map_err(|e| CliError::failed(dir.display(), e))?,
        None => {
            let dir = folder.path().join("sample-archive");
            std::fs::create_dir(&dir)
                .and_then(|()| SAMPLE.extract(&dir))
                .map_err(|e| CliError::failed("the sample archive", e))?;
            dir
        }
    };
    let show = steps::Demo::new(ui, folder.path(), source)?;
    show.run(args.exit, args.no_browser)
}
