//! Which files an import reads, and what it tells of each.

use super::MAX_SHOWN;
use crate::carrier::{FileInput, ImportSummary, Input, SetFound, ranges};
use crate::cli::{CliError, Exit, Ui};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Carriers of one folder that are looked at: those whose names come first. A stranger's stick may have any number.
pub const MAX_FOLDER_FILES: usize = 10_000;
/// Endings of the files of a folder that are looked at. What is cut off has good blocks too.
const ENDINGS: [&str; 2] = [".car", ".car.part"];

/// The carriers that are meant: files as named, of folders those whose names end as carriers' do, in the order
/// of their names. Links in a folder are not followed, folders in it not entered.
pub fn gather(named: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let mut files = Vec::new();
    for path in named {
        let failed = |e| CliError::file(path, e);
        if !std::fs::metadata(path).map_err(failed)?.is_dir() {
            // The name was given by the user, so a link is meant to be followed, once and here.
            files.push(path.canonicalize().map_err(failed)?);
            continue;
        }
        let (found, more) = in_folder(path).map_err(failed)?;
        if more {
            let what = format!("{}: more than {MAX_FOLDER_FILES} carrier files", path.display());
            return Err(CliError::new(Exit::Usage, what)
                .advice("name the files, or put fewer of them into a folder"));
        }
        if found.is_empty() {
            return Err(CliError::new(
                Exit::Damaged,
                format!("{}: there is no carrier file in it", path.display()),
            )
            .advice("carriers end in .car; name a file that is called otherwise"));
        }
        files.extend(found);
    }
    Ok(files)
}

/// The carriers of a folder, at most [`MAX_FOLDER_FILES`], and whether there are more. What can be read of a folder that
/// is damaged counts.
///
/// # Errors
/// When nothing of it can be read.
pub fn in_folder(dir: &Path) -> std::io::Result<(Vec<PathBuf>, bool)> {
    first_of(dir, MAX_FOLDER_FILES)
}

fn first_of(dir: &Path, most: usize) -> std::io::Result<(Vec<PathBuf>, bool)> {
    let (mut found, mut more) = (BTreeSet::new(), false);
    for entry in std::fs::read_dir(dir)? {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if found.is_empty() => return Err(error),
            Err(_) => break,
        };
        let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
        let plain = entry.file_type().is_ok_and(|kind| kind.is_file());
        if plain && ENDINGS.iter().any(|end| name.ends_with(end)) {
            found.insert(entry.path());
            if found.len() > most {
                found.pop_last();
                more = true;
            }
        }
    }
    Ok((found.into_iter().collect(), more))
}

/// What is read, and how many bytes that is.
pub fn open<'a>(files: &[PathBuf]) -> Result<(Vec<Input<'a>>, u64), CliError> {
    let inputs = FileInput::all(files);
    let mut bytes = 0u64;
    for (input, path) in inputs.iter().zip(files) {
        match input.borrow_mut().length() {
            Ok(length) => bytes = bytes.saturating_add(length),
            // One of several that cannot be read is told later, with what could be had.
            Err(_) if files.len() > 1 => {}
            Err(e) => return Err(CliError::file(path, e)),
        }
    }
    Ok((inputs, bytes))
}

/// Tells of damage, of files that are no carriers, and of volumes that are not there.
pub fn report(ui: &Ui, files: &[PathBuf], done: &ImportSummary) {
    let one = files.len() == 1;
    let mut shown = 0;
    for (path, found) in files.iter().zip(&done.files) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (en, fa) = match one {
            true => (String::new(), String::new()),
            false => (format!("{name}: "), format!("{name}: ")),
        };
        if let Some(why) = &found.unreadable {
            ui.warn(
                format!("{en}it could not be read to its end: {why}"),
                format!("{fa}تا پایان خواندنی نبود: {why}"),
            );
        } else if found.blocks == 0 && !one {
            ui.warn(format!("{en}not a carrier"), format!("{fa}فایل حامل نیست"));
            continue;
        }
        for damage in &found.damages.ranges {
            shown += 1;
            if shown > MAX_SHOWN {
                break;
            }
            let (from, to, why) = (damage.from, damage.to, &damage.why);
            ui.warn(
                format!("{en}bytes {from} to {to} are damaged and were left out: {why}"),
                format!("{fa}بایت‌های {from} تا {to} آسیب دیده‌اند و کنار گذاشته شدند: {why}"),
            );
        }
    }
    let whole = done.releases.iter().all(|release| release.is_whole());
    for set in done.sets.iter().filter(|_| !whole) {
        say_set(ui, set);
    }
}

/// Tells which volumes of a set are not there, which are damaged, and how many more are enough.
pub fn say_set(ui: &Ui, set: &SetFound) {
    let (total, missing) = (set.count + set.parity, ranges(&set.missing()));
    if !missing.is_empty() {
        ui.say(
            format!("volumes that are not among these files: {missing} of {total}"),
            format!("تکه‌هایی که میان این فایل‌ها نیست: {missing} از {total}"),
        );
    }
    if !set.damaged.is_empty() {
        let damaged = ranges(&set.damaged);
        ui.say(
            format!("damaged volumes: {damaged} of {total}"),
            format!("تکه‌های آسیب‌دیده: {damaged} از {total}"),
        );
    }
    let needed = set.needed();
    if set.parity > 0 && needed > 0 {
        ui.say(
            format!("any {needed} more of them are enough"),
            format!("هر {needed} تکهٔ دیگر از آن‌ها بس است"),
        );
    }
}

/// The sets for scripts.
pub fn sets(done: &ImportSummary) -> serde_json::Value {
    let set = |set: &SetFound| {
        serde_json::json!({
            "volumes": set.count + set.parity, "parity": set.parity, "good": set.good,
            "damaged": set.damaged, "missing": set.missing(), "rebuilt": set.rebuilt,
        })
    };
    done.sets.iter().map(set).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_any_number_of_files() {
        let dir = tempfile::tempdir().unwrap();
        for n in (0..50).rev() {
            std::fs::write(dir.path().join(format!("{n:02}.CAR")), b"").unwrap();
            std::fs::write(dir.path().join(format!("{n:02}.jpg")), b"").unwrap();
        }
        std::fs::create_dir(dir.path().join("00.car")).unwrap();
        std::os::unix::fs::symlink("01.CAR", dir.path().join("0.car")).unwrap();
        let all: Vec<_> = (0..50).map(|n| dir.path().join(format!("{n:02}.CAR"))).collect();
        assert_eq!(first_of(dir.path(), 50).unwrap(), (all.clone(), false));
        assert_eq!(first_of(dir.path(), 20).unwrap(), (all[..20].to_vec(), true));
        assert!(first_of(&dir.path().join("none"), 20).is_err());
    }
}
