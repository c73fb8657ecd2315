//! `yadgar verify FOLDER`: volumes together, and with `--rebuild-to` those that are lost or damaged written anew. Needs no home.

use super::conclude;
use crate::carrier::{ImportSummary, mend};
use crate::cli::import::files;
use crate::cli::ui::size;
use crate::cli::{CliError, Exit, Ui};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Beginning of the names of what is written; an export calls its volumes so, too.
const BASE: &str = "data";

pub fn run(ui: &Ui, folder: &Path, to: Option<&PathBuf>) -> Result<(), CliError> {
    let paths = files::gather(&[folder.to_path_buf()])?;
    let (inputs, bytes) = files::open(&paths)?;
    if let Some(to) = to {
        std::fs::create_dir_all(to).map_err(|e| CliError::file(to, e))?;
    }
    let bar = ui.bytes_bar(bytes, "checking", "سنجش");
    let done = mend(&inputs, to.map(|to| (to.as_path(), BASE)), &mut |at| bar.set_position(at));
    bar.finish_and_clear();
    let done = done.map_err(|e| {
        let mut error = CliError::from(e);
        error.advice =
            Some("name an empty folder on a disk with room: no file is ever replaced".into());
        error
    })?;
    let (whole, rebuilt) = (done.is_whole(), !done.written.is_empty());
    let ok = whole || (rebuilt && done.has_all_blocks());
    let found = ImportSummary { files: done.files, sets: done.sets, ..ImportSummary::default() };
    files::report(ui, &paths, &found);
    for set in &found.sets {
        let (good, total) = (set.good.len(), set.count + set.parity);
        ui.say(
            format!("{good} of {total} volumes are here and undamaged"),
            format!("{good} تکه از {total} تکه این‌جا و سالم است"),
        );
        files::say_set(ui, set);
    }
    for volume in &done.written {
        let (name, bytes) = (&volume.name, size(volume.bytes));
        match volume.kept {
            true => ui.say(
                format!("{name}: {bytes}, was there whole"),
                format!("{name}: {bytes}، کامل آن‌جا بود"),
            ),
            false => ui.say(
                format!("{name}: {bytes}, rebuilt, read back and checked"),
                format!("{name}: {bytes}، از نو ساخته، دوباره خوانده و سنجیده شد"),
            ),
        }
    }
    ui.json(&json!({
        "ok": ok, "whole": whole, "files": found.files.len(), "sets": files::sets(&found),
        "written": done.written,
    }));
    let advice = match (to, found.sets.iter().any(|set| set.parity > 0)) {
        (None, true) => {
            "'yadgar import' makes what is lost while it reads; --rebuild-to FOLDER writes it as files"
        }
        _ => "more volumes of the set are needed; what is good can be imported all the same",
    };
    conclude(ui, ok, advice)
}

/// `--rebuild-to` has no meaning for anything but a folder.
pub fn refuse_file(file: &Path) -> CliError {
    CliError::new(Exit::Usage, format!("{} is no folder of volumes", file.display()))
        .advice("put the volumes that there are into one folder, and name that")
}
