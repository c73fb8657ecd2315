//! Proof files: one file of a release, checked without a home, a lock or a network.

use super::super::invite::say_words;
use super::super::ui::size;
use super::super::{CliError, Exit, Ui, dispute, pick};
use crate::access::Access;
use crate::durable::{Mode, write_new};
use serde_json::{Value, json};
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path as FsPath;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::limits::MAX_PROOF_BYTES;
use yadgar_protocol::proof::{self, BuildFault, File, Proved};
use yadgar_protocol::release::RECORDS_PREFIX;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::words::six_words;
use yadgar_protocol::{ArchiveId, Path, Reject, tree};

/// What a proof is to be made of: `--record` or `--path`.
pub enum Of<'a> {
    /// The id of a record.
    Record(&'a str),
    /// A path, which the release may also not have.
    Path(&'a str),
}

/// Writes a proof of the release that is shown.
pub fn make(
    ui: &Ui,
    home: &FsPath,
    archive: Option<&str>,
    of: &Of<'_>,
    out: &FsPath,
) -> Result<(), CliError> {
    let access = Access::open(home, "verify")?;
    let archive = pick::archive(&access, archive)?;
    let head = shown(ui, &access, &archive)?;
    let denied = access.archives.denied(&archive)?;
    let bytes = build(&access, &head, &denied, of)?;
    // What we write must be what others accept.
    let proved = proof::check(&bytes).map_err(refused)?;
    write_new(out, &bytes, Mode::Shared).map_err(|e| not_written(out, &e))?;
    say(ui, &proved);
    let (file, length) = (out.display(), size(bytes.len() as u64));
    ui.say(
        format!("proof written: {file} ({length})"),
        format!("گواهی نوشته شد: {file} ({length})"),
    );
    let mut value = describe(&proved);
    value["proof"] = file.to_string().into();
    value["proof_bytes"] = bytes.len().into();
    ui.json(&value);
    Ok(())
}

/// The release that is shown. The newest may wait for the operator's yes or be one side of a dispute: what
/// is not shown is not vouched for either. Where nothing is shown yet it is the trusted one.
fn shown(ui: &Ui, access: &Access, archive: &ArchiveId) -> Result<Accepted, CliError> {
    let none = || {
        CliError::new(Exit::Damaged, "this archive has no release here yet")
            .advice("get it with 'yadgar fetch INVITE' or 'yadgar import FILE'")
    };
    let trusted = access.trusted(archive)?.ok_or_else(none)?;
    dispute::say(ui, access, archive)?;
    let Some(shown) = access.complete(archive)? else {
        if access.dispute(archive)?.is_some() {
            let what = "the releases of this archive are disputed, and none is shown here";
            return Err(CliError::new(Exit::Refused, what)
                .advice("no proof is made before the maintainers have settled it"));
        }
        return Ok(trusted);
    };
    if shown.release.sequence < trusted.release.sequence {
        ui.warn(
            "the newest release is not shown here, or not yet: the proof is of the one before",
            "تازه‌ترین نسخه این‌جا نشان داده نمی‌شود، یا هنوز نه: گواهی از نسخه‌ی پیش از آن است",
        );
    }
    Ok(shown)
}

fn unbuilt(fault: impl Into<BuildFault>) -> CliError {
    match fault.into() {
        BuildFault::TooLarge => {
            CliError::new(Exit::Usage, "this file is too large for a proof (16 MiB)")
                .advice("give the whole archive as a carrier: 'yadgar export FILE'")
        }
        BuildFault::Read(fault @ ReadFault::Missing(_)) => {
            CliError::new(Exit::Damaged, format!("no proof: {fault}"))
                .advice("get the missing part with 'yadgar fetch INVITE'")
        }
        BuildFault::Read(fault) => CliError::new(Exit::Damaged, format!("no proof: {fault}")),
    }
}

fn build(
    access: &Access,
    head: &Accepted,
    denied: &Denied,
    of: &Of<'_>,
) -> Result<Vec<u8>, CliError> {
    let path = match of {
        Of::Record(id) => record(access, head, id)?,
        Of::Path(text) => Path::new(text).map_err(|reject| {
            CliError::new(Exit::Usage, format!("'{text}' is no path: {reject}"))
        })?,
    };
    // Also when its blocks are still here, because another archive uses them (WD-7, WD-8).
    for part in &head.release.parts {
        let found = tree::get(&*access.store, part, &path).map_err(unbuilt)?;
        let Some(entry) = found else { continue };
        if let Some(gone) = denied.covers(&entry.link()) {
            let (date, why) = (&gone.date, gone.reason.word());
            let what = format!("{path} was withdrawn by the maintainers on {date} ({why})");
            return Err(CliError::new(Exit::Refused, what).advice("no proof is made of it"));
        }
        break;
    }
    proof::build(&*access.store, head, &path).map_err(unbuilt)
}

/// The path of a record: `records/ID.cbor`, or the only one below `records/` called so.
fn record(access: &Access, head: &Accepted, id: &str) -> Result<Path, CliError> {
    let exact = format!("{RECORDS_PREFIX}{id}.cbor");
    let mut hits = Vec::new();
    for part in &head.release.parts {
        tree::for_each(&*access.store, part, Some(RECORDS_PREFIX), &mut |entry| {
            if entry.path.as_str() == exact {
                hits = vec![entry.path];
                return ControlFlow::Break(());
            }
            let name = entry.path.as_str().rsplit('/').next().unwrap_or_default();
            if name == id || name.rsplit_once('.').is_some_and(|(stem, _)| stem == id) {
                hits.push(entry.path);
            }
            ControlFlow::Continue(())
        })
        .map_err(unbuilt)?;
        if hits.iter().any(|hit| hit.as_str() == exact) {
            break;
        }
    }
    let usage = |what: String, advice: String| CliError::new(Exit::Usage, what).advice(advice);
    match hits.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(usage(
            format!("the release has no record '{id}'"),
            format!("to prove that it is absent: --path {exact} --proof-out FILE"),
        )),
        many => {
            let names: Vec<_> = many.iter().map(|p| p.as_str()).collect();
            Err(usage(
                format!("'{id}' means several records: {}", names.join(", ")),
                "name one with --path".into(),
            ))
        }
    }
}

fn not_written(file: &FsPath, error: &std::io::Error) -> CliError {
    let failed = CliError::failed(file.display(), error);
    match error.kind() {
        std::io::ErrorKind::AlreadyExists => failed.advice("name a file that is not there yet"),
        _ => failed,
    }
}

fn refused(reject: Reject) -> CliError {
    if reject.needs_newer_version() {
        return CliError::new(Exit::Failed, reject.to_string()).advice("install a newer yadgar");
    }
    CliError::new(Exit::Damaged, format!("this is no valid proof: {reject}"))
        .advice("believe nothing of it; ask for the file again")
}

/// Checks a proof file. `expected` is an invite or an archive id that the user trusts.
pub fn check(
    ui: &Ui,
    file: &FsPath,
    expected: Option<&str>,
    record_out: Option<&FsPath>,
) -> Result<(), CliError> {
    let expected = expected.map(trusted_id).transpose()?;
    let mut bytes = Vec::new();
    let input = std::fs::File::open(file).map_err(|e| CliError::file(file, e))?;
    let cap = MAX_PROOF_BYTES as u64 + 1;
    input.take(cap).read_to_end(&mut bytes).map_err(|e| CliError::file(file, e))?;
    let proved = proof::check(&bytes).map_err(refused)?;
    let archive = proved.archive();
    if let Some(wanted) = expected.filter(|wanted| *wanted != archive) {
        let what = format!("this is a proof of another archive: {archive}, not {wanted}");
        return Err(CliError::new(Exit::Refused, what)
            .advice("anybody can make an archive with the same name: believe nothing of it"));
    }
    if let Some(out) = record_out {
        let Some(File { content, .. }) = &proved.file else {
            return Err(CliError::new(Exit::Usage, "it proves that the file is absent")
                .advice("there is nothing to write: leave --write-record away"));
        };
        write_new(out, content, Mode::Shared).map_err(|e| not_written(out, &e))?;
    }
    say(ui, &proved);
    say_words(ui, &archive);
    say_limits(ui, expected.is_some());
    let mut value = describe(&proved);
    value["ok"] = true.into();
    value["archive_compared"] = expected.is_some().into();
    ui.json(&value);
    Ok(())
}

/// Without a home only whole ids and invites say which archive is meant.
fn trusted_id(text: &str) -> Result<ArchiveId, CliError> {
    if text.trim_start().to_lowercase().starts_with("yadgar:") {
        return Ok(pick::invite(text)?.archive);
    }
    text.parse().map_err(|_| {
        CliError::new(Exit::Usage, format!("'{text}' is neither an invite nor an archive id"))
            .advice("give the whole id, 52 characters: a proof is checked without a home")
    })
}

fn say(ui: &Ui, proved: &Proved) {
    let (head, archive, path) = (&proved.head, proved.archive(), &proved.path);
    let (name, sequence, date) = (head.name(), head.release.sequence, &head.release.date);
    let (signers, needed) = (proved.signers(), proved.threshold());
    ui.say(
        format!("archive {archive}\nname    {name}\nrelease {sequence} of {date}, signed by {signers} key(s), {needed} needed"),
        format!("بایگانی {archive}\nنام {name}\nنسخه‌ی {sequence} در {date}، با امضای {signers} کلید؛ {needed} تا لازم است"),
    );
    let Some(file) = &proved.file else {
        return ui.say(
            format!("absent  {path}\nThis release has no file of this name, in none of its parts."),
            format!("نیست    {path}\nاین نسخه در هیچ بخشی فایلی با این نام ندارد."),
        );
    };
    let (part, bytes, hash) = (&file.part, file.entry.size, file.entry.file_hash().to_hex());
    ui.say(
        format!("file    {path}\npart    {part}, {bytes} bytes\nblake3  {hash}\nThis file is in this release, byte for byte."),
        format!("فایل  {path}\nبخش     {part}، {bytes} بایت\nblake3  {hash}\nاین فایل بایت به بایت در این نسخه است."),
    );
}

/// What people must know before they rely on it (PROOF-8).
fn say_limits(ui: &Ui, compared: bool) {
    if !compared {
        ui.say(
            "Anybody can make an archive of any name: compare these words with words you trust.",
            "هر کسی می‌تواند بایگانی‌ای با هر نامی بسازد: این واژه‌ها را با واژه‌هایی که به آن‌ها اعتماد دارید بسنجید.",
        );
    }
    ui.say(
        "It does not prove that this is still the newest release, nor that the file was not withdrawn or corrected later.",
        "این ثابت نمی‌کند که این هنوز تازه‌ترین نسخه است، و نه این‌که فایل بعدها پس گرفته یا درست نشده است.",
    );
}

fn describe(proved: &Proved) -> Value {
    let (head, words) = (&proved.head, six_words(&proved.archive()));
    let file = proved.file.as_ref();
    json!({
        "archive": proved.archive().to_string(), "name": head.name(),
        "words": { "fa": words.iter().map(|w| w.fa).collect::<Vec<_>>(),
                   "en": words.iter().map(|w| w.en).collect::<Vec<_>>() },
        "sequence": head.release.sequence, "date": head.release.date,
        "signers": proved.signers(), "threshold": proved.threshold(),
        "path": proved.path.as_str(), "present": file.is_some(),
        "part": file.map(|f| &f.part), "size": file.map(|f| f.entry.size),
        "hash": file.map(|f| f.entry.file_hash().to_hex()),
        "not_proven": ["newest", "not-withdrawn-later"],
    })
}
