//! `yadgar records merge`: two records of one person become one.

use super::{folder, import};
use crate::cli::{CliError, Ui};
use crate::clock;
use crate::records::import::merge;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
use std::time::SystemTime;

#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The folder that is published
    dir: PathBuf,
    /// Id of the record that stays
    keep: String,
    /// Id of the record that goes, and will point to the other
    drop: String,
    /// The file of keys, if it is not FOLDER.keys.json beside the folder
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Day of the version (default: today, UTC)
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
}

pub fn run(ui: &Ui, args: &MergeArgs) -> Result<(), CliError> {
    folder(&args.dir)?;
    let today = args.date.clone().unwrap_or_else(|| clock::utc_day(SystemTime::now()));
    let merged = merge(&args.dir, args.keys.as_deref(), [&args.keep, &args.drop], &today)
        .map_err(|e| import::failed(&e))?;
    ui.say(
        format!(
            "{} points to {} from now on; what it said is no longer in the folder.",
            merged.drop, merged.keep
        ),
        format!(
            "{} از این پس به {} اشاره می‌کند؛ آنچه در آن بود دیگر در پوشه نیست.",
            merged.drop, merged.keep
        ),
    );
    for key in &merged.keys {
        ui.say(
            format!("Take the row '{key}' out of your table, or import will stop at it."),
            format!("ردیف «{key}» را از جدول خود بردارید، وگرنه واردکردن در آن می‌ماند."),
        );
    }
    ui.json(&json!({
        "keep": merged.keep.to_string(), "drop": merged.drop.to_string(),
        "version": merged.version, "keys": merged.keys,
    }));
    Ok(())
}
