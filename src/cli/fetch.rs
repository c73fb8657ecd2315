//! `yadgar fetch`: the newest release, then the end.

mod beside;
mod error;
mod listed;
mod writing;

use super::dispute;
use super::near::{self, Near};
use super::rates::{DownArgs, rates};
use super::route::{Route, Wish, describe_left_out};
use super::ui::size;
use super::web::{self, WebArgs};
use super::{CliError, Exit, Ui, checkout, pick};
use crate::access::Access;
use crate::access::local::Local;
use crate::freshness::Agreement;
use crate::node::fetcher::{
    Began, FetchOnceError, FetchOptions, FetchReport, GIVE_UP, NEXT_WAY, fetch_once,
};
use crate::store::heads::ArchiveSettings;
use crate::sync::{FetchProgress, Timing};
use clap::Args;
pub(super) use listed::{ListedArgs, join as joined, list, say as say_listed};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use writing::Writing;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::place::Place;
use yadgar_protocol::release::Part;
use yadgar_protocol::trust::Accepted;

#[derive(Debug, Args)]
pub struct FetchArgs {
    /// The invite
    invite: String,
    /// A further address to ask; may be given several times
    #[arg(long = "address", value_name = "MULTIADDR")]
    addresses: Vec<String>,
    /// Fetch only this part; may be given several times
    #[arg(long = "part", value_name = "NAME")]
    parts: Vec<String>,
    /// Also write the files into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    down: DownArgs,
    /// Do not use QUIC
    #[arg(long)]
    no_quic: bool,
    /// Look for neighbours on this LAN or hotspot: 'ask' them, or only 'listen'
    #[arg(long, value_enum, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "ask")]
    lan: Option<Near>,
    #[command(flatten)]
    web: WebArgs,
    #[command(flatten)]
    listed: ListedArgs,
}

impl FetchArgs {
    /// Of an invite, all or only these parts.
    pub fn of(invite: String, addresses: Vec<String>, parts: Vec<String>, no_quic: bool) -> Self {
        Self {
            invite,
            addresses,
            parts,
            out: None,
            down: DownArgs::default(),
            no_quic,
            lan: None,
            web: WebArgs::default(),
            listed: ListedArgs::default(),
        }
    }

    /// The same, from static mirrors.
    pub fn with_web(mut self, web: &WebArgs) -> Self {
        self.web = web.clone();
        self
    }

    /// The parts that are wanted; all without.
    fn parts(&self) -> Option<&[String]> {
        (!self.parts.is_empty()).then_some(self.parts.as_slice())
    }
}

/// Fetches into a home that this process holds.
pub fn take_in(ui: &Ui, access: &Access, local: Local, args: &FetchArgs) -> Result<(), CliError> {
    own(ui, access, local, &invite_of(args)?, args)
}

fn invite_of(args: &FetchArgs) -> Result<Invite, CliError> {
    let mut invite = pick::invite(&args.invite)?;
    invite.addresses.extend(args.addresses.iter().cloned());
    Ok(invite)
}

pub fn run(ui: &Ui, home: &Path, args: &FetchArgs) -> Result<(), CliError> {
    let invite = invite_of(args)?;
    let access = Access::open(home, "fetch")?;
    match access.local.clone() {
        Some(local) => return own(ui, &access, local, &invite, args),
        None if access.archives.node_status()?.is_none() => {
            return Err(CliError::new(Exit::Busy, "the reader's pages are open on this home")
                .advice("end 'yadgar open' (Ctrl-C), fetch, then open again"));
        }
        None => beside::through_node(ui, &access, &invite, args)?,
    }
    write_out(ui, &access, &invite, args)
}

/// Writes what is complete and may be shown into the folder of `--out`.
fn write_out(ui: &Ui, access: &Access, invite: &Invite, args: &FetchArgs) -> Result<(), CliError> {
    let Some(dir) = &args.out else { return Ok(()) };
    let head = pick::readable(access, &invite.archive)?;
    checkout::write(ui, access, &head.release, args.parts(), dir)?;
    Ok(())
}

/// What writes the files while they come, where that is to be.
fn writing(
    access: &Access,
    local: &Local,
    archive: &ArchiveId,
    args: &FetchArgs,
) -> Result<Option<Arc<Writing>>, CliError> {
    let Some(dir) = args.out.clone() else { return Ok(None) };
    if access.complete(archive)?.is_some() {
        return Ok(None);
    }
    let denied = access.archives.denied(archive)?;
    let parts = args.parts().map(<[String]>::to_vec);
    Ok(Some(Arc::new(Writing::new(local.clone(), dir, parts, denied))))
}

/// Fetches in this process.
fn own(
    ui: &Ui,
    access: &Access,
    local: Local,
    invite: &Invite,
    args: &FetchArgs,
) -> Result<(), CliError> {
    let before = access.archives.settings(&invite.archive)?;
    let rates = rates(None, &args.down);
    let wish = Wish {
        invite,
        given: &args.addresses,
        web: &args.web,
        lan: args.lan,
        listed: &args.listed,
        rates: &rates,
    };
    near::say_what_shows(ui, args.lan);
    say_web(ui, invite, &args.web);
    let route = Route::new(ui, access, &wish)?;
    let hosts = route.hosts();
    let (done, writing) = by_steps(ui, access, &local, invite, args, &route)?;
    web::say_faults(ui, &hosts);
    if done.is_err() {
        // It may be why nothing came.
        dispute::say(ui, access, &invite.archive)?;
    }
    let done = done.map_err(|error| route.explain(error))?;
    let first = before.source.is_empty();
    keep(access, invite, args, &done)?;
    if let Some(act) = &done.held {
        super::node::say_held(ui, act);
    }
    dispute::say(ui, access, &invite.archive)?;
    report_done(ui, &done, args.parts(), &route);
    if first {
        first_contact(ui, &invite.archive);
    }
    if let (Some(writing), Some(dir), None) = (&writing, &args.out, &done.held)
        && let Some(summary) = writing.finish(done.head.release_hash())?
    {
        checkout::say_done(ui, dir, &summary);
        return Ok(());
    }
    write_out(ui, access, invite, args)
}

/// How one fetch ended.
type Outcome = Result<FetchReport, FetchOnceError>;

/// Fetches by one way after the other, until one brings the archive.
fn by_steps(
    ui: &Ui,
    access: &Access,
    local: &Local,
    invite: &Invite,
    args: &FetchArgs,
    route: &Route,
) -> Result<(Outcome, Option<Arc<Writing>>), CliError> {
    let mut before = FetchOnceError::NoAddress;
    for (at, step) in route.steps.iter().enumerate() {
        let writing = writing(access, local, &invite.archive, args)?;
        let options = FetchOptions {
            archive: invite.archive,
            addresses: step.addresses.clone(),
            hosts: step.hosts.clone(),
            lan: step.lan.map(Near::mode),
            parts: args.parts().map(<[String]>::to_vec),
            quic: !args.no_quic,
            rates: route.rates,
            dialler: route.dialler.clone(),
            timing: Timing::default(),
            give_up: if at + 1 < route.steps.len() { NEXT_WAY } else { GIVE_UP },
            began: writing
                .clone()
                .map(|writing| -> Began { Arc::new(move |head| writing.begin(head)) }),
            demand: None,
        };
        let done = fetch(ui, local.clone(), options, writing.clone())?;
        match done {
            Err(error) if error.is_no_source() && at + 1 < route.steps.len() => {
                let (en, fa) = error::what(&error);
                ui.note(
                    format!("{en}; the next way is tried"),
                    format!("{fa}؛ راه بعدی آزموده می‌شود"),
                );
                before = before.then(error);
            }
            Err(error) => return Ok((Err(before.then(error)), writing)),
            done => return Ok((done, writing)),
        }
    }
    Ok((Err(before), None))
}

/// Fetches, with a bar, until all is here or the user stops it.
fn fetch(
    ui: &Ui,
    local: Local,
    options: FetchOptions,
    writing: Option<Arc<Writing>>,
) -> Result<Outcome, CliError> {
    let (report, progress) = watch::channel(FetchProgress::default());
    let cancel = CancellationToken::new();
    Ok(super::transfer_runtime()?.block_on(async {
        let stopped = super::stopped();
        let bar = tokio::spawn(show(ui.clone(), progress, writing.clone()));
        let fetch = fetch_once(local.store, local.states, options, report, cancel.clone());
        tokio::pin!(fetch);
        let done = tokio::select! {
            done = &mut fetch => done,
            () = stopped => {
                writing.iter().for_each(|writing| writing.end(true));
                cancel.cancel();
                fetch.await
            }
        };
        let _ = bar.await;
        done
    }))
}

/// Web addresses are kept with the archive, and not asked here: each shows a web host who reads.
pub(super) fn say_web(ui: &Ui, invite: &Invite, web: &WebArgs) {
    say_unknown(ui, invite);
    let others = invite.urls.iter().filter(|url| !web.names(url.as_str()));
    let places: Vec<_> = others.cloned().map(Place::Web).collect();
    if places.is_empty() || web.way.names_ways() {
        return;
    }
    let (en, fa) = super::invite::reveals::lines(&places);
    ui.note(
        format!("The invite also names mirrors on the web; none is asked unless you say so (--url, or --via https):{en}"),
        format!(
            "دعوت‌نامه آینه‌هایی روی وب را هم نام می‌برد؛ تا نخواهید (--url یا --via https) از هیچ‌یک پرسیده نمی‌شود:{fa}"
        ),
    );
}

/// Addresses of a kind that this program does not know are told, not guessed (INV-7).
pub(super) fn say_unknown(ui: &Ui, invite: &Invite) {
    let count = invite.unknown;
    if count > 0 {
        ui.note(
            format!("{count} address(es) in the invite are of a kind that this version does not know; they are not asked"),
            format!("{count} نشانی در دعوت‌نامه از گونه‌ای است که این نسخه نمی‌شناسد؛ از آن‌ها پرسیده نمی‌شود"),
        );
    }
}

/// Settings are written only after success: an invite that led nowhere leaves no trace.
pub(super) fn keep(
    access: &Access,
    invite: &Invite,
    args: &FetchArgs,
    done: &FetchReport,
) -> Result<(), CliError> {
    // Read anew: judging a head may have written into them.
    let before = access.archives.settings(&invite.archive)?;
    let agreement = Some(Agreement { day: pick::today(), ..done.agreement.clone() });
    let parts = args.parts().map(<[String]>::to_vec);
    let published = before.source == "published";
    let mut settings = ArchiveSettings { parts, agreement, ..before };
    if !published {
        settings.source = "peer".into();
        settings.learned = Some(pick::today());
    }
    settings.learn_places(invite);
    Ok(access.archives.set_settings(&invite.archive, &settings)?)
}

async fn show(ui: Ui, mut progress: watch::Receiver<FetchProgress>, writing: Option<Arc<Writing>>) {
    let bar = ui.bytes_bar(0, "fetching", "دریافت");
    while progress.changed().await.is_ok() {
        let now = progress.borrow_and_update().clone();
        bar.set_length(now.bytes_total);
        bar.set_position(now.bytes_done);
        writing.iter().for_each(|writing| writing.came());
    }
    writing.iter().for_each(|writing| writing.end(false));
    bar.finish_and_clear();
}

/// The first copy of an archive: now is the moment to compare the words.
pub fn first_contact(ui: &Ui, archive: &yadgar_protocol::ArchiveId) {
    ui.say(
        "Compare these six words by voice with somebody you trust who has the archive:",
        "این شش واژه را با صدا با کسی که به او اعتماد دارید و این بایگانی را دارد مقایسه کنید:",
    );
    super::invite::say_words(ui, archive);
}

/// Which parts of a release are here now, in words.
fn say_here(ui: &Ui, head: &Accepted, parts: Option<&[String]>) {
    let wanted = |p: &&Part| parts.is_none_or(|names| names.contains(&p.name));
    let names = |list: Vec<&Part>| {
        let each = list.iter().map(|p| format!("{} ({})", p.name, size(p.bytes)));
        each.collect::<Vec<_>>().join(", ")
    };
    let (here, not): (Vec<_>, Vec<_>) = head.release.parts.iter().partition(wanted);
    let (name, sequence, date) = (head.name(), head.release.sequence, &head.release.date);
    let here = names(here);
    ui.say(
        format!("{name}: release {sequence} of {date} is here, checked: {here}"),
        format!("{name}: نسخه‌ی {sequence} ({date}) سنجیده این‌جاست: {here}"),
    );
    if !not.is_empty() {
        let not = names(not);
        ui.say(format!("not fetched: {not}"), format!("دریافت نشد: {not}"));
    }
}

fn report_done(ui: &Ui, done: &FetchReport, parts: Option<&[String]>, route: &Route) {
    let (head, sum) = (&done.head, &done.summary);
    for (address, why) in &done.unreached {
        ui.note(
            format!("not reached: {address}: {why}"),
            format!("در دسترس نبود: {address}: {why}"),
        );
    }
    let near = near::say_found(ui, &done.near);
    let (name, sequence) = (head.name(), head.release.sequence);
    say_here(ui, head, parts);
    let seconds = sum.time.as_secs_f64();
    let given = sum.sources.iter().filter(|(_, count)| count.blocks > 0).count();
    let bytes = size(sum.bytes_wire);
    ui.say(
        format!("{bytes} in {seconds:.1} s from {given} source(s)"),
        format!("{bytes} در {seconds:.1} ثانیه از {given} منبع"),
    );
    ui.json(&json!({
        "near": near, "archive": head.release.archive.to_string(), "name": name, "sequence": sequence,
        "wire_bytes": sum.bytes_wire, "blocks": sum.blocks, "seconds": seconds,
        "present_bytes": sum.bytes_present_before, "bytes_twice": sum.bytes_twice,
        "held": done.held, "sources": given, "reached": done.reached, "unreached": done.unreached.len(),
        "hosts": web::hosts_json(&route.hosts(), sum), "not_asked": describe_left_out(&route.left_out),
    }));
}
