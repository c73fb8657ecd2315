//! Draft and head files, and public keys named on the command line.

use crate::access::Access;
use crate::cli::{CliError, Exit, Ui, pick};
use crate::durable::{Mode, write_atomic};
use crate::publish::draft::{Checked, Draft, MAX_DRAFT_BYTES};
use clap::Args;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use yadgar_protocol::ids::{PublicKey, from_base32};
use yadgar_protocol::limits::MAX_HEAD_BYTES;
use yadgar_protocol::{BlockId, Hash};

/// Longest file that is looked through for a public key.
const MAX_KEY_TEXT: u64 = 64 << 10;

#[derive(Debug, Args)]
pub struct HeadArgs {
    /// Where the head goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The archive: id, start of the id, or name (default: the only one of the home)
    #[arg(long)]
    archive: Option<String>,
}

/// Writes the trusted head into a file.
pub fn head(ui: &Ui, home: &Path, args: &HeadArgs) -> Result<(), CliError> {
    let access = Access::open(home, "release head")?;
    let archive = pick::archive(&access, args.archive.as_deref())?;
    let head = access.trusted(&archive)?.ok_or_else(|| {
        CliError::new(Exit::Usage, "this home has no release of the archive yet")
            .advice("fetch or import it first")
    })?;
    save(&args.out, &head.bytes)?;
    let (file, sequence) = (args.out.display(), head.release.sequence);
    ui.say(
        format!("head of release {sequence} in {file}"),
        format!("سر نسخه‌ی {sequence} در {file}"),
    );
    ui.json(&serde_json::json!({ "file": file.to_string(), "sequence": sequence }));
    Ok(())
}

/// Reads at most so many bytes of a file.
pub fn bytes(path: &Path, max: usize) -> Result<Vec<u8>, CliError> {
    let file = std::fs::File::open(path).map_err(|e| CliError::file(path, e))?;
    let mut out = Vec::new();
    file.take(max as u64 + 1).read_to_end(&mut out).map_err(|e| CliError::file(path, e))?;
    if out.len() > max {
        let what = format!("{}: larger than a file of this kind can be", path.display());
        return Err(CliError::new(Exit::Damaged, what).advice("check the name of the file"));
    }
    Ok(out)
}

/// Reads and checks a draft.
pub fn draft(path: &Path) -> Result<Checked, CliError> {
    let bytes = bytes(path, MAX_DRAFT_BYTES)?;
    Checked::read(&bytes).map_err(|reject| {
        let what = format!("{}: this is no right draft: {reject}", path.display());
        CliError::new(Exit::Damaged, what)
            .advice("do not sign it; ask whoever gave it to you for the file again")
    })
}

/// Bytes of a head, and blocks.
type HeadFile = (Vec<u8>, BTreeMap<BlockId, Vec<u8>>);

/// A head, from a head file or from within a draft, and blocks that come with it.
pub fn head_of(path: &Path) -> Result<HeadFile, CliError> {
    let raw = bytes(path, MAX_DRAFT_BYTES)?;
    if let Ok(checked) = Checked::read(&raw) {
        // A draft that is signed is a head itself; any other has the one that it follows.
        let ready =
            checked.is_signed() && checked.context() == yadgar_protocol::envelope::Context::Release;
        let head = if ready { Some(checked.head().encode()) } else { checked.draft.prev.clone() };
        return match head {
            Some(head) => Ok((head, checked.blocks)),
            None => Err(CliError::new(Exit::Usage, format!("{}: has no head", path.display()))
                .advice("make one with 'yadgar release head --out FILE'")),
        };
    }
    if raw.len() > MAX_HEAD_BYTES {
        return Err(CliError::new(Exit::Damaged, format!("{}: not a head", path.display()))
            .advice("a carrier is taken in with 'yadgar import FILE'"));
    }
    Ok((raw, BTreeMap::new()))
}

/// Writes a draft.
pub fn save_draft(path: &Path, draft: &Draft) -> Result<(), CliError> {
    let bytes = draft.encode();
    if bytes.len() > MAX_DRAFT_BYTES {
        let what = format!("the draft would be larger than {MAX_DRAFT_BYTES} bytes");
        return Err(
            CliError::new(Exit::Failed, what).advice("publish the changes in several releases")
        );
    }
    save(path, &bytes)
}

fn save(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let path = std::path::absolute(path).map_err(|e| CliError::file(path, e))?;
    write_atomic(&path, bytes, Mode::Private).map_err(|e| CliError::file(&path, e))
}

/// Public keys named as text, by a key file, or by a file that holds the text.
pub fn public_keys(texts: &[String]) -> Result<Vec<PublicKey>, CliError> {
    let mut out: Vec<PublicKey> = Vec::new();
    for text in texts {
        let key = public_key(text)?;
        if out.contains(&key) {
            let what = format!("key {} is named twice", key.key_id());
            return Err(CliError::new(Exit::Usage, what).advice("name each key once in a role"));
        }
        out.push(key);
    }
    Ok(out)
}

/// One public key.
pub fn public_key(text: &str) -> Result<PublicKey, CliError> {
    if let Some(key) = from_text(text) {
        return Ok(key);
    }
    let path = Path::new(text);
    let no = || {
        let what = format!("'{text}' is neither a public key nor a file that has one");
        CliError::new(Exit::Usage, what).advice(
            "'yadgar key show' prints the public key; write that into a file, or give it as it is",
        )
    };
    if !path.is_file() {
        return Err(no());
    }
    if let Ok(key) = crate::cli::key::public_of(path) {
        return Ok(key);
    }
    let mut words = String::new();
    let file = std::fs::File::open(path).map_err(|e| CliError::file(path, e))?;
    file.take(MAX_KEY_TEXT).read_to_string(&mut words).map_err(|_| no())?;
    let found: std::collections::BTreeSet<_> =
        words.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(from_text).collect();
    match found.into_iter().collect::<Vec<_>>().as_slice() {
        [only] => Ok(*only),
        _ => Err(no()),
    }
}

fn from_text(text: &str) -> Option<PublicKey> {
    let bytes = <[u8; 32]>::try_from(from_base32(text.trim())?.as_slice()).ok()?;
    PublicKey::from_bytes(bytes).ok()
}

/// A hash in base16.
pub fn hash(text: &str) -> Option<Hash> {
    let text = text.trim();
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let byte = |at: usize| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).ok();
    let bytes: Option<Vec<u8>> = (0..32).map(byte).collect();
    Some(Hash(bytes?.try_into().ok()?))
}
