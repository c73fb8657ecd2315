//! `yadgar export --split`: several files of a bounded size.

use super::ExportArgs;
use crate::carrier::{ExportOptions, SplitOptions, is_base, split};
use crate::cli::ui::size as bytes_of;
use crate::cli::{CliError, Exit, Ui};
use crate::store::BlockStore;
use std::path::Path;
use yadgar_protocol::trust::Accepted;

pub fn run(
    ui: &Ui,
    store: &dyn BlockStore,
    head: &Accepted,
    export: ExportOptions<'_>,
    args: &ExportArgs,
    (dir, size): (&Path, u64),
) -> Result<(), CliError> {
    if !is_base(&args.base) {
        return Err(CliError::new(Exit::Usage, format!("'{}' is no name for volumes", args.base))
            .advice("use up to 32 of a-z, 0-9, - and _: every stick takes these"));
    }
    std::fs::create_dir_all(dir).map_err(|e| CliError::file(dir, e))?;
    let bar = ui.bytes_bar(0, "exporting", "برون‌بری");
    let options =
        SplitOptions { export, size, base: &args.base, parity: args.parity, force: args.force };
    let done = split(dir, store, head, options, &mut |at, total| {
        bar.set_length(total.max(at));
        bar.set_position(at);
    });
    bar.finish_and_clear();
    let done = done.map_err(|e| {
        let mut error = CliError::from(e);
        if error.exit == Exit::Failed {
            error.advice = Some("run the same command again: what is whole in the folder is kept. A file of somebody else is in the way? Choose another --base or folder".into());
        }
        error
    })?;
    for volume in &done.volumes {
        let (name, bytes) = (&volume.name, bytes_of(volume.bytes));
        match volume.kept {
            true => ui.say(
                format!("{name}: {bytes}, was there whole"),
                format!("{name}: {bytes}، کامل آن‌جا بود"),
            ),
            false => ui.say(
                format!("{name}: {bytes}, read back and checked"),
                format!("{name}: {bytes}، دوباره خوانده و سنجیده شد"),
            ),
        }
    }
    let (count, sequence) = (done.volumes.len(), head.release.sequence);
    ui.say(
        format!(
            "release {sequence} in {count} files; any of them can be imported alone, in any order"
        ),
        format!("نسخه‌ی {sequence} در {count} فایل؛ هر کدام به‌تنهایی و با هر ترتیبی درون‌بردنی است"),
    );
    ui.json(&serde_json::json!({
        "folder": dir.display().to_string(), "sequence": sequence, "volumes": done.volumes,
        "missing": done.missing, "left_out": done.left_out,
    }));
    if done.missing > 0 {
        let what = format!("{} blocks were not here and are not in the files", done.missing);
        return Err(CliError::new(Exit::Damaged, what)
            .advice("'yadgar verify' names them; the files are good for what is in them"));
    }
    Ok(())
}
