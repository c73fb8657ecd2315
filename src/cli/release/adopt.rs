//! `yadgar release adopt`: a draft with enough signatures takes effect in this home.

use super::facts::Facts;
use super::{file, json};
use crate::access::{Access, Adopted, Writing};
use crate::cli::{CliError, Exit, Ui, invite};
use crate::publish::draft::{Act, Body, Checked};
use crate::publish::sign::head_blocks;
use crate::publish::{pending, roots};
use crate::store::acts::NoticeVerdict;
use clap::Args;
use std::path::{Path, PathBuf};
use yadgar_protocol::blocks::{Packed, ReadBlocks};
use yadgar_protocol::envelope::Envelope;
use yadgar_protocol::release::Release;
use yadgar_protocol::words::six_words;

#[derive(Debug, Args)]
pub struct AdoptArgs {
    /// The draft
    file: PathBuf,
    /// Take a release's head without its files: for a machine that only signs
    #[arg(long)]
    head_only: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &AdoptArgs) -> Result<(), CliError> {
    let checked = file::draft(&args.file)?;
    check_signed(&checked)?;
    let access = Access::open(home, "release adopt")?;
    match checked.body.clone() {
        Body::Release(release) => adopt_release(ui, &access, &checked, &release, args.head_only)?,
        Body::TrustRoot(_) => adopt_root(ui, &access, &checked)?,
        Body::Notice(_) => adopt_notice(ui, &access, &checked)?,
    }
    let mut value = json::describe(&Facts::new(checked, Some(&*access.store)));
    value["adopted"] = true.into();
    if value["act"] == Act::TrustRoot.word() {
        let archive = value["archive"].as_str().and_then(|a| a.parse().ok());
        let words = archive.map(|a| six_words(&a));
        value["words"] = serde_json::json!({
            "fa": words.as_ref().map(|w| w.iter().map(|w| w.fa).collect::<Vec<_>>()),
            "en": words.as_ref().map(|w| w.iter().map(|w| w.en).collect::<Vec<_>>()),
        });
    }
    ui.json(&value);
    Ok(())
}

/// The threshold (TRUST-7, TRUST-5, WD-5).
pub fn check_signed(checked: &Checked) -> Result<(), CliError> {
    let missing: u64 = checked.quorums().iter().map(|q| q.missing()).max().unwrap_or(0);
    if missing == 0 {
        return Ok(());
    }
    let what = format!("{missing} more signature(s) are needed");
    Err(CliError::new(Exit::Refused, what).advice(
        "let another key holder sign it with 'yadgar release sign', or join two copies with 'yadgar release merge'",
    ))
}

fn adopt_release(
    ui: &Ui,
    access: &Access,
    checked: &Checked,
    release: &Release,
    head_only: bool,
) -> Result<(), CliError> {
    // A newer rotation that was adopted here stands against a release under the old keys.
    super::sign::check_follows(access, checked).or_else(|e| {
        match access.trusted(&checked.archive) {
            Ok(Some(t)) if t.head.release.payload == checked.draft.signed.payload => Ok(()),
            _ => Err(e),
        }
    })?;
    let head = checked.head();
    let bytes = head.encode();
    let payloads = checked.blocks.iter().filter(|(_, b)| Release::decode(b).is_ok());
    let payloads = payloads.map(|(_, b)| Packed::plain(yadgar_protocol::Codec::DagCbor, b.clone()));
    access.store.put(payloads.collect())?;
    if head_only {
        access.store.put(head_blocks(&head))?;
        access.store.flush()?;
        taken(access.archives.adopt(&checked.archive, &bytes)?)?;
    } else {
        // Something may have been withdrawn since it was built.
        let writing = Writing::begin(&access.archives, checked.archive)?;
        check_content(access, release)?;
        crate::cli::publish::adopt(ui, access, &checked.archive, &head, false)?;
        writing.finish()?;
    }
    settle(access, checked, release)?;
    let (sequence, name) = (release.sequence, checked.name());
    ui.say(
        format!("release {sequence} of {name}\ncid     {}", head.link),
        format!("نسخه‌ی {sequence} از {name}\ncid     {}", head.link),
    );
    if head_only {
        ui.note(
            "Only its head was taken: the files are not here.",
            "تنها سر آن گرفته شد: فایل‌ها این‌جا نیست.",
        );
    }
    Ok(())
}

fn settle(access: &Access, checked: &Checked, release: &Release) -> Result<(), CliError> {
    pending::settle(&access.home, &checked.archive, release)
        .map_err(|e| CliError::failed("the withdrawals that waited", e))
}

/// Content before head: all files are here, or the way to get them is told.
fn check_content(access: &Access, release: &Release) -> Result<(), CliError> {
    let wanted = access.archives.settings(&release.archive)?.parts;
    let blocks: &dyn ReadBlocks = &*access.store;
    let denied = access.archives.denied(&release.archive)?;
    let found = crate::survey::survey(blocks, release, wanted.as_deref(), &denied, &mut |_| ())
        .map_err(|e| CliError::failed("the files of the release", e))?;
    if found.is_whole() {
        return Ok(());
    }
    let missing =
        found.faults.first().map_or(String::new(), |f| format!(", for example {}", f.path));
    Err(CliError::new(Exit::Damaged, format!("not all files of the release are here{missing}")).advice(
        "adopt it where it was built, build it here from the same folder ('yadgar release build'), or import a carrier of it; a machine that only signs takes --head-only",
    ))
}

fn taken(adopted: Adopted) -> Result<(), CliError> {
    match adopted {
        Adopted::Accepted | Adopted::Known => Ok(()),
        other => Err(CliError::new(Exit::Refused, format!("the release was not taken: {other:?}"))
            .advice("another release was made meanwhile; build again on top of it")),
    }
}

fn adopt_root(ui: &Ui, access: &Access, checked: &Checked) -> Result<(), CliError> {
    let Body::TrustRoot(root) = &checked.body else { return Ok(()) };
    let trusted = access.trusted(&checked.archive)?;
    let known = roots::in_force(&access.home, &checked.archive, trusted.as_ref())
        .map_err(|e| CliError::failed("the archive", e))?
        .unwrap_or_default();
    let new = checked.new_roots();
    if !known.iter().zip(&new).all(|(a, b)| a.payload == b.payload) {
        return Err(CliError::new(
            Exit::Refused,
            "this home has another trust root of that version",
        )
        .advice("two rotations were signed: talk to the other holders of root keys"));
    }
    if known.len() <= new.len() {
        keep(access, checked, &new)?;
    }
    let (version, name) = (root.version, &root.name);
    ui.say(
        format!(
            "archive {}\nname    {name}\ntrust root {version} is in force here",
            checked.archive
        ),
        format!("بایگانی {}\nنام {name}\nریشه‌ی اعتماد {version} این‌جا برقرار است", checked.archive),
    );
    if version == 1 {
        invite::say_words(ui, &checked.archive);
    } else {
        ui.note(
            "Mirrors and readers learn of it with the next release: build one now.",
            "آینه‌ها و خوانندگان با نسخه‌ی بعدی از آن باخبر می‌شوند: همین حالا یکی بسازید.",
        );
    }
    Ok(())
}

/// Keeps trust roots in the home; the archive is known here from then on.
pub fn keep(access: &Access, checked: &Checked, list: &[Envelope]) -> Result<(), CliError> {
    let archive = &checked.archive;
    yadgar_protocol::trust::check_chain(archive, list)
        .map_err(|e| CliError::failed("the trust roots", e))?;
    let known = access.archives.list()?.contains(archive);
    roots::save(&access.home, archive, list).map_err(|e| CliError::failed("the archive", e))?;
    if !known {
        let settings = crate::store::heads::ArchiveSettings {
            source: "published".into(),
            ..Default::default()
        };
        access.archives.set_settings(archive, &settings)?;
    }
    Ok(())
}

/// Puts a signed notice into the home.
pub fn adopt_notice(ui: &Ui, access: &Access, checked: &Checked) -> Result<(), CliError> {
    super::sign::check_follows(access, checked)?;
    take_notice(ui, access, checked)?;
    let Body::Notice(notice) = &checked.body else { return Ok(()) };
    let count = notice.withdrawn.len();
    ui.say(
        format!(
            "{count} withdrawal(s) of {} are in force here; the next release carries them",
            notice.date
        ),
        format!("{count} پس‌گرفتن ({}) این‌جا برقرار است؛ نسخه‌ی بعدی آن را می‌برد", notice.date),
    );
    Ok(())
}

/// Hands a signed notice to the home. The next release is built with it.
fn take_notice(ui: &Ui, access: &Access, checked: &Checked) -> Result<(), CliError> {
    let envelope = yadgar_protocol::cbor::encode(&checked.draft.signed);
    match access.archives.take_notice(&checked.archive, &envelope)? {
        NoticeVerdict::Taken | NoticeVerdict::Known => {}
        // Adopting is not yet the yes to so much (HOLD-2): it is given by its name.
        NoticeVerdict::Held(act) => crate::cli::node::say_held(ui, &act),
        NoticeVerdict::Later => {
            return Err(CliError::new(
                Exit::Refused,
                "the notice belongs to a newer release or another trust root than this home knows",
            )
            .advice("import or fetch the newest release first, then adopt it again"));
        }
        NoticeVerdict::Refused(why) => {
            return Err(CliError::new(Exit::Refused, format!("the notice was not taken: {why}"))
                .advice("nothing was changed; import the newest release, then adopt it again"));
        }
    }
    pending::add_notice(&access.home, &checked.archive, &checked.draft.signed)
        .map_err(|e| CliError::failed("the notice", e))
}
