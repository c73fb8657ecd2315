//! `yadgar release sign`: shows a draft, finds out whether it follows what this home knows, asks, signs.

use super::facts::Facts;
use super::{file, json, text};
use crate::access::{Access, Adopted};
use crate::cli::key::KeyArgs;
use crate::cli::{CliError, Exit, Ui};
use crate::publish::draft::{Body, Checked, Draft};
use crate::publish::roots;
use crate::publish::sign::{Signer, add_signatures};
use crate::publish::signed::{self, Signed};
use clap::Args;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::trust::{Accepted, State, Verdict, judge};
use yadgar_protocol::{BlockId, Codec};

#[derive(Debug, Args)]
pub struct SignArgs {
    /// The draft
    file: PathBuf,
    #[command(flatten)]
    keys: KeyArgs,
    /// Where the signed draft goes (default: in place of the draft)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The newest head, or an earlier draft of it, for a home that has not heard of it yet
    #[arg(long, value_name = "FILE")]
    head: Option<PathBuf>,
    /// List every file, however many
    #[arg(long)]
    all: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Sign although another draft of this number was signed here: it was destroyed, nobody can use it
    #[arg(long)]
    instead: bool,
    /// Sign a notice although nothing here tells what it withdraws
    #[arg(long)]
    unknown: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &SignArgs) -> Result<(), CliError> {
    let checked = file::draft(&args.file)?;
    let access = Access::open(home, "release sign")?;
    if let Some(head) = &args.head {
        let (head, blocks) = file::head_of(head)?;
        learn(&access, &checked, &head, &blocks)?;
    }
    if let Some(prev) = &checked.draft.prev {
        learn(&access, &checked, prev, &checked.blocks)?;
    }
    check_follows(&access, &checked)?;
    let facts = Facts::new(checked, Some(&*access.store));
    text::say(ui, &facts, args.all);
    first_contact(ui, &access, &facts.checked)?;
    if let Some(Err(why)) = &facts.review {
        let what = format!("what this release changes cannot be told: {why}");
        return Err(CliError::new(Exit::Refused, what).advice(
            "nothing was signed; ask for the draft with its blocks, or import a carrier of the release before",
        ));
    }
    if facts.unnamed() > 0 && matches!(facts.checked.body, Body::Notice(_)) && !args.unknown {
        let what = "part of what this notice withdraws is not known here (DRAFT-13)";
        return Err(CliError::new(Exit::Refused, what).advice(
            "nothing was signed; import or fetch the release that has it. Only if you know by other means what it is: give --unknown",
        ));
    }
    let twin = once(home, &facts.checked, args.instead)?;
    confirm(ui, args.yes)?;
    if let Some(twin) = twin {
        // Before the signature: one that was given and not noted could be given twice.
        signed::note(home, &facts.checked.archive, twin)
            .map_err(|e| CliError::failed("what was signed here", e))?;
    }
    let mut draft = facts.checked.draft.clone();
    sign(ui, home, &facts.checked, &mut draft, &args.keys)?;
    let signed = Checked::of(draft).map_err(|e| CliError::failed("the signed draft", e))?;
    let out = args.out.as_deref().unwrap_or(&args.file);
    file::save_draft(out, &signed.draft)?;
    keep_roots(&access, &signed)?;
    let name = out.display();
    ui.note(format!("Signed: {name}"), format!("امضا شد: {name}"));
    for quorum in signed.quorums() {
        text::say_quorum(ui, &quorum);
    }
    let mut value = json::describe(&Facts::new(signed, Some(&*access.store)));
    value["file"] = name.to_string().into();
    ui.json(&value);
    Ok(())
}

/// Two releases, or trust roots, of one number are a fork (TRUST-12): no home signs both by mistake. Gives
/// what to note of this draft; notices have no number of their own.
fn once(home: &Path, checked: &Checked, instead: bool) -> Result<Option<Signed>, CliError> {
    let (act, number) = match &checked.body {
        Body::Release(release) => ("release", release.sequence),
        Body::TrustRoot(root) => ("trust-root", root.version),
        Body::Notice(_) => return Ok(None),
    };
    let root_version = checked.draft.roots.len() as u64;
    let payload = checked.draft.signed.payload_hash();
    let new = Signed { act: act.into(), payload, number, root_version };
    let other = signed::other(home, &checked.archive, &new)
        .map_err(|e| CliError::failed("what was signed here", e))?;
    let Some(other) = other.filter(|_| !instead) else { return Ok(Some(new)) };
    let short = other.to_hex().chars().take(16).collect::<String>();
    let what = format!("another {act} with number {number} was signed in this home ({short})");
    Err(CliError::new(Exit::Refused, what).advice(
        "nothing was signed; two of one number split the archive. Only if every copy of that draft was destroyed: give --instead",
    ))
}

/// The one place where drafts are signed, by the process that has the keys.
pub fn sign(
    ui: &Ui,
    home: &Path,
    checked: &Checked,
    draft: &mut Draft,
    keys: &KeyArgs,
) -> Result<(), CliError> {
    let signer = keys.signer(ui, home)?;
    let allowed = checked.allowed();
    if let Some(key) = signer.public().iter().find(|k| !allowed.contains(k)) {
        let what = format!("key {} has no role in this act", key.key_id());
        return Err(CliError::new(Exit::Refused, what)
            .advice("use --key with one of the keys that 'yadgar release show --json' lists"));
    }
    signer.open()?;
    Ok(add_signatures(&mut draft.signed, checked.context(), &checked.archive, &signer)?)
}

/// Takes in a head that came with a draft, by the same rules as from anywhere.
fn learn(
    access: &Access,
    checked: &Checked,
    head: &[u8],
    blocks: &BTreeMap<BlockId, Vec<u8>>,
) -> Result<(), CliError> {
    let archive = &checked.archive;
    if let Some(trusted) = access.trusted(archive)? {
        let (state, mut found) = (State::of(trusted), BTreeMap::new());
        while let Verdict::NeedsAncestor(id) = judge(archive, Some(&state), head, &found).verdict {
            let Some(payload) = blocks.get(&id) else { break };
            found.insert(id, payload.clone());
        }
        let packed = found.into_values().map(|p| Packed::plain(Codec::DagCbor, p));
        access.store.put(packed.collect())?;
    } else if known_roots(access, checked, None)?.is_none() {
        return Ok(()); // Nothing is taken in before the six words were compared.
    }
    let why = match access.archives.adopt(archive, head)? {
        Adopted::Accepted | Adopted::Known | Adopted::Older => return Ok(()),
        Adopted::Fork => {
            "it shows another release where the one stands that this home trusts: somebody signed two"
        }
        Adopted::RootFork => "it shows other keys than those that this home trusts",
        Adopted::SupersededRoot => "it is signed under keys that were replaced",
        Adopted::NeedsAncestor => {
            "releases between it and the one that this home trusts are missing"
        }
        Adopted::Refused(why) => {
            return Err(CliError::new(
                Exit::Refused,
                format!("the head that the draft follows: {why}"),
            )
            .advice("nothing was signed; ask whoever built the draft"));
        }
    };
    Err(CliError::new(Exit::Refused, format!("the head that the draft follows: {why}")).advice(
        "nothing was signed; talk to the other maintainers, or import a carrier of the newest release first",
    ))
}

type Roots = Option<Vec<yadgar_protocol::envelope::Envelope>>;

fn known_roots(
    access: &Access,
    checked: &Checked,
    trusted: Option<&Accepted>,
) -> Result<Roots, CliError> {
    roots::in_force(&access.home, &checked.archive, trusted).map_err(|e| {
        CliError::failed("the archive", e).advice("talk to the other maintainers before you sign")
    })
}

/// DRAFT-10: the act follows the newest release and the newest trust root that this home knows.
pub fn check_follows(access: &Access, checked: &Checked) -> Result<(), CliError> {
    let refuse = |what: &str, advice: &str| Err(CliError::new(Exit::Refused, what).advice(advice));
    let trusted = access.trusted(&checked.archive)?;
    let known = known_roots(access, checked, trusted.as_ref())?.unwrap_or_default();
    let roots = &checked.draft.roots;
    if !known.iter().zip(roots).all(|(a, b)| a.payload == b.payload) {
        return refuse(
            "the draft has another trust root than this home where both have one",
            "do not sign; talk to the other maintainers",
        );
    }
    // A notice is judged under the trust root of the head that nodes trust (WD-5).
    let urgent = matches!(checked.body, Body::Notice(_))
        && trusted.as_ref().is_some_and(|t| t.head.roots.len() == roots.len());
    let stale = roots.len() < known.len() && !urgent;
    let again = matches!(checked.body, Body::TrustRoot(_))
        && known.get(roots.len()).is_some_and(|k| k.payload == checked.draft.signed.payload);
    if stale && !again {
        return refuse(
            "the draft was made under keys that were replaced",
            "build it again with the newest trust root ('yadgar release adopt' the rotation first)",
        );
    }
    let Some(trusted) = trusted else { return Ok(()) };
    let hash = trusted.release_hash();
    let base = checked.roots.last().and_then(|r| r.base);
    let fits = match &checked.body {
        Body::Release(r) => {
            let settles =
                roots.len() > trusted.head.roots.len() && base.is_some_and(|b| r.prev == Some(b.1));
            r.prev == Some(hash) || settles
        }
        // Root keys may name another base: the text says from which release the archive goes on.
        Body::TrustRoot(r) => r.version == 1 || r.base.is_some(),
        Body::Notice(n) => n.sequence == trusted.release.sequence,
    };
    if fits {
        return Ok(());
    }
    let sequence = trusted.release.sequence;
    refuse(
        &format!("the draft does not follow release {sequence}, the newest that this home knows"),
        "nothing was signed; two releases with one number are a fork. Build again on the newest release, or give it with --head",
    )
}

/// A home that never heard of the archive: only its six words tell that it is the right one.
fn first_contact(ui: &Ui, access: &Access, checked: &Checked) -> Result<(), CliError> {
    let trusted = access.trusted(&checked.archive)?;
    if known_roots(access, checked, trusted.as_ref())?.is_some() {
        return Ok(());
    }
    crate::cli::invite::say_words(ui, &checked.archive);
    if !checked.draft.roots.is_empty() {
        ui.warn(
            "this home does not know the archive yet: compare the six words by voice before you sign",
            "این خانه بایگانی را هنوز نمی‌شناسد: پیش از امضا شش واژه را تلفنی یا رودررو بسنجید",
        );
    }
    Ok(())
}

/// A signer's home remembers the trust roots under which it signed.
fn keep_roots(access: &Access, checked: &Checked) -> Result<(), CliError> {
    if checked.draft.roots.is_empty() {
        return Ok(());
    }
    let trusted = access.trusted(&checked.archive)?;
    let known = known_roots(access, checked, trusted.as_ref())?.map_or(0, |k| k.len());
    if checked.draft.roots.len() > known {
        super::adopt::keep(access, checked, &checked.draft.roots)?;
    }
    Ok(())
}

fn confirm(ui: &Ui, yes: bool) -> Result<(), CliError> {
    if yes {
        return Ok(());
    }
    let no = |what: &str| Err(CliError::new(Exit::Stopped, what).advice("nothing was signed"));
    if !std::io::stdin().is_terminal() {
        let what = "nobody is there to say yes";
        return Err(
            CliError::new(Exit::Usage, what).advice("nothing was signed; in a script use --yes")
        );
    }
    let question = ui.pick(
        "Sign this? What is signed cannot be recalled. Type yes: ",
        "امضا شود؟ امضا پس‌گرفتنی نیست. بنویسید بله یا yes: ",
    );
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(question.as_bytes()).and_then(|()| err.flush());
    drop(err);
    let mut line = String::new();
    if std::io::stdin().read_line(&mut line).is_err() {
        return no("no answer");
    }
    if matches!(line.trim().to_lowercase().as_str(), "yes" | "بله") {
        Ok(())
    } else {
        no("you did not say yes")
    }
}
