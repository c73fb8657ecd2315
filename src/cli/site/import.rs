//! `yadgar site import`: sources in, a clean folder out, and a report of all that changed.

use super::say;
use crate::cli::{CliError, Exit, Ui};
use crate::durable::{self, Mode};
use crate::site::{Gathered, Into, Options, SiteError, Staged, convert, gather};
use clap::Args;
use globset::{Glob, GlobSet, GlobSetBuilder};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Folders and crawls (.warc, .warc.gz, .arc, .arc.gz, .wacz), then the folder that is written
    #[arg(required = true, num_args = 2.., value_name = "SOURCE... OUT")]
    paths: Vec<PathBuf>,
    /// OUT is a folder with other files: add to it, and replace nothing
    #[arg(long)]
    into: bool,
    /// With --into: replace what has the same path
    #[arg(long, requires = "into")]
    replace: bool,
    /// Address of the site: links to it become links inside (may be given several times)
    #[arg(long, value_name = "URL")]
    origin: Vec<String>,
    /// Take these files as they are, although nothing can be seen in them: PDF, film, sound ('docs/*.pdf')
    #[arg(long, value_name = "GLOB")]
    keep: Vec<String>,
    /// Of a crawl: what was captured at this time or before (default: the newest)
    #[arg(long, value_name = "YYYY-MM-DD[THH:MM:SS]")]
    at: Option<String>,
    /// Write the full list of changes there, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

pub fn run(ui: &Ui, args: &ImportArgs) -> Result<(), CliError> {
    let Some((out, sources)) = args.paths.split_last() else {
        return Err(CliError::new(Exit::Usage, "no source and no folder to write"));
    };
    let stop = Arc::new(AtomicBool::new(false));
    crate::cli::stop_on_ctrl_c(&stop);
    let options = Options { hosts: hosts(&args.origin)?, keep: globs(&args.keep)? };
    let into = match (args.into, args.replace) {
        (false, _) => Into::New,
        (true, false) => Into::Add,
        (true, true) => Into::Replace,
    };
    let staged = Staged::new(out, into).map_err(error)?;
    let mut found = Gathered { at: say::time(args.at.as_deref())?, ..Gathered::default() };
    for source in sources {
        gather(source, &mut found).map_err(error)?;
    }
    let report = convert(found, &options, &staged, &stop).map_err(error)?;
    if let Some(path) = &args.report {
        let text =
            serde_json::to_vec_pretty(&report).map_err(|e| CliError::failed(path.display(), e))?;
        durable::write_atomic(path, &text, Mode::Shared)
            .map_err(|e| CliError::failed(path.display(), e))?;
    }
    staged.finish().map_err(error)?;
    say::imported(ui, &report, out, args.report.is_some());
    Ok(())
}

fn hosts(origins: &[String]) -> Result<Vec<String>, CliError> {
    let host = |origin: &String| {
        let full =
            if origin.contains("://") { origin.clone() } else { format!("https://{origin}") };
        let parsed = url::Url::parse(&full).ok().and_then(|u| u.host_str().map(str::to_owned));
        parsed
            .ok_or_else(|| CliError::new(Exit::Usage, format!("{origin} is no address of a site")))
    };
    origins.iter().map(host).collect()
}

fn globs(patterns: &[String]) -> Result<GlobSet, CliError> {
    let wrong = |e: globset::Error| CliError::new(Exit::Usage, e.to_string());
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(wrong)?);
    }
    set.build().map_err(wrong)
}

/// What a failure means for the user.
pub fn error(e: SiteError) -> CliError {
    let what = e.to_string();
    match e {
        SiteError::NotEmpty(_) => CliError::new(Exit::Usage, what)
            .advice("name a new folder, or add to this one with --into"),
        SiteError::There(_) => CliError::new(Exit::Failed, what)
            .advice("nothing was written; replace them with --replace, or name another folder"),
        SiteError::Kind(_) => CliError::new(Exit::Usage, what)
            .advice("crawl the site with a common tool (wget --warc-file, browsertrix) and give what it wrote"),
        SiteError::Nothing(..) => CliError::new(Exit::Damaged, what).advice("fetch the file again, or crawl again"),
        SiteError::Stopped => CliError::new(Exit::Stopped, what),
        _ => CliError::new(Exit::Failed, what),
    }
}
