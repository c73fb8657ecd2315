//! A fork that stands, and what root keys set aside, in plain words: the same after every command that can
//! meet them.

use super::{CliError, Ui};
use crate::access::Access;
use serde_json::{Value, json};
use yadgar_protocol::ArchiveId;

/// Warns when a fork stands (TRUST-24), or when root keys have set something aside (TRUST-20).
///
/// # Errors
/// When the state cannot be read.
pub fn say(ui: &Ui, access: &Access, archive: &ArchiveId) -> Result<(), CliError> {
    say_value(ui, &describe(access, archive)?);
    Ok(())
}

/// The facts, for scripts and for [`say_value`]; null when all is well.
///
/// # Errors
/// When the state cannot be read.
pub fn describe(access: &Access, archive: &ArchiveId) -> Result<Value, CliError> {
    let Some(fork) = access.dispute(archive)? else {
        let aside = access.archives.settings(archive)?.set_aside;
        return Ok(aside.map_or(Value::Null, |aside| json!({ "set_aside": aside })));
    };
    let shown = access.complete(archive)?.map(|head| head.release.sequence);
    let hash = |at: usize| fork.fork.branches[at].release.payload_hash().to_hex();
    // In memory, and in an encrypted home, the proof is no file.
    let proof = access.home.join("archives").join(archive.to_string()).join("fork-proof");
    let proof = proof.exists().then_some(proof);
    Ok(json!({
        "agreed": fork.agreed.sequence,
        "agreed_hash": fork.agreed.hash.map(|hash| hash.to_hex()),
        "releases": [
            { "sequence": fork.releases[0].sequence, "hash": hash(0) },
            { "sequence": fork.releases[1].sequence, "hash": hash(1) },
        ],
        "shown": shown,
        "shown_is_agreed": shown.is_none_or(|shown| shown <= fork.agreed.sequence),
        "proof": proof,
    }))
}

/// The facts in words.
pub fn say_value(ui: &Ui, facts: &Value) {
    let aside = &facts["set_aside"];
    if let (Some(sequence), Some(root)) =
        (aside["sequence"].as_u64(), aside["root_version"].as_u64())
    {
        return ui.note(
            format!("Release {sequence}, which was known here, was set aside by the root keys (trust root {root})."),
            format!("نسخه‌ی {sequence} که این‌جا شناخته شده بود، با کلیدهای ریشه (ریشه‌ی اعتماد {root}) کنار گذاشته شد."),
        );
    }
    let Some(agreed) = facts["agreed"].as_u64() else { return };
    let of = |at: usize| {
        let release = &facts["releases"][at];
        let hash = release["hash"].as_str().and_then(|h| h.get(..16)).unwrap_or("-").to_owned();
        (release["sequence"].as_u64().unwrap_or(0), hash)
    };
    let ((a, hash_a), (b, hash_b)) = (of(0), of(1));
    ui.warn(
        format!("DISPUTE: the maintainers' keys signed two releases that contradict each other: {a} ({hash_a}) and {b} ({hash_b}). Both agree up to release {agreed}. Keys may have been stolen or somebody forced. yadgar follows neither; ask the maintainers on a way that you trust. Proof: {}", facts["proof"].as_str().unwrap_or("-")),
        format!("اختلاف: با کلیدهای نگه‌دارندگان دو نسخه امضا شده که با هم نمی‌خوانند: {a} ({hash_a}) و {b} ({hash_b}). هر دو تا نسخه‌ی {agreed} یکی‌اند. شاید کلیدها دزدیده شده یا کسی زیر فشار بوده است. یادگار دنبال هیچ‌کدام نمی‌رود؛ از راهی که به آن اعتماد دارید از نگه‌دارندگان بپرسید. گواه: {}", facts["proof"].as_str().unwrap_or("-")),
    );
    if facts["shown_is_agreed"] == false {
        ui.warn(
            "The last undisputed release is not wholly here: what is shown is one side of the dispute.",
            "آخرین نسخه‌ی بی‌اختلاف کامل این‌جا نیست: آن‌چه نشان داده می‌شود یکی از دو سوی اختلاف است.",
        );
    }
}
