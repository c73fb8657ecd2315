//! `fetch` on a home that a running node holds.

use super::{FetchArgs, say_here};
use crate::access::Access;
use crate::cli::route::{self, Chosen};
use crate::cli::{CliError, Exit, Ui, mirror, web, whereabouts};
use crate::dial::Proxy;
use crate::node::fetcher::GIVE_UP;
use serde_json::{Value, json};
use std::time::Duration;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::way::{Rule, Through};

/// How often a running node is asked how far it is.
const POLL: Duration = Duration::from_millis(200);

/// A node runs on this home: tell it the invite and wait until it has the newest release.
pub(super) fn through_node(
    ui: &Ui,
    access: &Access,
    invite: &Invite,
    args: &FetchArgs,
) -> Result<(), CliError> {
    let status = access.archives.node_status()?.unwrap_or_default();
    let node = NodeProxy::of(&status);
    refuse(args, &node)?;
    let id = invite.archive.to_string();
    let follows = status["archives"].as_array().into_iter().flatten().any(|a| a["archive"] == id);
    let given = may(ui, invite, args, (&node, follows))?;
    begin(ui, access, invite, args)?;
    let hosts = ask_hosts(access, invite, given, args)?;
    let bar = ui.bytes_bar(0, "fetching", "دریافت");
    let mut waited = Duration::ZERO;
    loop {
        // Asked first: the node answers after it has taken the new settings, so that a fetch of parts
        // that were not wanted before shows as one under way.
        let status = access.archives.node_status()?.unwrap_or_default();
        let follows = status["archives"].as_array().cloned().unwrap_or_default();
        let ours = follows.iter().find(|a| a["archive"] == id);
        let fetching = ours.map(|a| (a["fetching"][0].as_u64(), a["fetching"][1].as_u64()));
        let busy = matches!(fetching, Some((Some(_), _)));
        let asked = asked(&status, &id, &hosts);
        if asked.iter().any(|host| host["looking"] == true) {
            waited = Duration::ZERO;
            std::thread::sleep(POLL);
            continue;
        }
        let trusted = access.trusted(&invite.archive)?;
        let complete = access.complete(&invite.archive)?;
        let same =
            |t: &Accepted| complete.as_ref().is_some_and(|c| c.release_hash() == t.release_hash());
        if !busy && is_held(ui, access, trusted.as_ref())? {
            return Ok(());
        }
        if let Some(head) = trusted.filter(|t| same(t) && !busy) {
            bar.finish_and_clear();
            say_hosts(ui, &asked);
            return done_through_node(ui, access, &head, ours, &asked);
        }
        if !busy {
            all_failed(ui, &asked)?;
        }
        match fetching {
            Some((Some(done), Some(total))) => {
                bar.set_length(total);
                bar.set_position(done);
                waited = Duration::ZERO;
            }
            _ => waited += POLL,
        }
        if waited > GIVE_UP {
            return Err(no_source());
        }
        std::thread::sleep(POLL);
    }
}

fn no_source() -> CliError {
    CliError::both(
        Exit::NoSource,
        "the node finds no source of this archive",
        "گره منبعی برای این بایگانی پیدا نمی‌کند",
    )
    .advise((
        "'yadgar status' shows its peers; check the addresses of the invite",
        "«yadgar status» همتاهایش را نشان می‌دهد؛ نشانی‌های دعوت‌نامه را بررسی کنید",
    ))
}

/// The proxy of the running node, as it tells it.
struct NodeProxy(Option<String>);

impl NodeProxy {
    fn of(status: &Value) -> Self {
        Self(status["proxy"].as_str().map(str::to_owned))
    }

    fn through(&self) -> Result<Through, CliError> {
        let proxy = self.0.as_deref().map(Proxy::parse).transpose();
        let proxy = proxy.map_err(|e| CliError::new(Exit::Failed, e.to_string()))?;
        Ok(Chosen { proxy, by_environment: false }.through())
    }
}

/// What the user chose of ways is not the node's: it asks by its own, also past a proxy that only the environment names.
fn refuse(args: &FetchArgs, node: &NodeProxy) -> Result<(), CliError> {
    let way = &args.web.way;
    let chosen = way.proxy.chosen()?.proxy.map(|proxy| proxy.to_string());
    if !way.names_ways() && chosen.is_none_or(|chosen| node.0.as_ref() == Some(&chosen)) {
        return Ok(());
    }
    Err(CliError::both(
        Exit::Busy,
        "a node runs on this home, and it asks in its own way, not by the proxy or the ways that you chose",
        "گرهی روی این خانه در کار است و به راه خودش می‌پرسد، نه از پراکسی یا راه‌هایی که برگزیدید",
    )
    .advise((
        "end it, fetch with these options, then start it again with the same --proxy; or --proxy none to let it ask as it does",
        "آن را پایان دهید، با همین گزینه‌ها دریافت کنید و سپس با همان --proxy دوباره آغازش کنید؛ یا با --proxy none بگذارید به راه خودش بپرسد",
    )))
}

/// Those of the addresses that may be asked at all (WAY-3 to WAY-5): what is handed over is dialled at once. Which ones depends
/// on what the node goes through.
fn may(
    ui: &Ui,
    invite: &Invite,
    args: &FetchArgs,
    (node, follows): (&NodeProxy, bool),
) -> Result<Vec<String>, CliError> {
    let watched = whereabouts::seems_in_iran(ui.lang);
    let through = node.through()?;
    let rule = Rule { ways: None, pinned: false, through, watched, covered: false };
    let given = if args.web.is_wanted() { &args.addresses } else { &invite.addresses };
    match route::peers_that_may(ui, given, &args.addresses, &rule) {
        // It goes on by what it has already.
        Err(error) if error.exit == Exit::NoSource && follows => Ok(Vec::new()),
        given => given,
    }
}

/// Says what is going to happen, and notes which parts are wanted.
fn begin(ui: &Ui, access: &Access, invite: &Invite, args: &FetchArgs) -> Result<(), CliError> {
    ui.note(
        "A node runs on this home: it fetches. Ctrl-C ends the waiting, not the node.",
        "گرهی روی این خانه در کار است و دریافت می‌کند. Ctrl-C تنها به انتظار پایان می‌دهد.",
    );
    if args.lan.is_some() {
        ui.note(
            "It looks for neighbours itself, unless it was started with --no-lan.",
            "خود گره همسایه‌ها را می‌جوید، مگر با --no-lan آغاز شده باشد.",
        );
    }
    if args.parts.is_empty() {
        // Everything is wanted now, also where fewer parts were before.
        let mut settings = access.archives.settings(&invite.archive)?;
        settings.parts = None;
        access.archives.set_settings(&invite.archive, &settings)?;
    }
    Ok(())
}

/// An error when web hosts were named and none of them is of use.
fn all_failed(ui: &Ui, asked: &[Value]) -> Result<(), CliError> {
    if asked.is_empty() || asked.iter().any(|host| !host["error"].is_string()) {
        return Ok(());
    }
    say_hosts(ui, asked);
    Err(CliError::both(
        Exit::NoSource,
        "no web host that was named could be asked",
        "از هیچ‌یک از میزبان‌های وب که نام برده شد نمی‌توان پرسید",
    )
    .advise((
        "check the addresses; 'yadgar status' shows what else the node has",
        "نشانی‌ها را بررسی کنید؛ «yadgar status» نشان می‌دهد گره دیگر چه دارد",
    )))
}

/// Hands the node what it is to ask. With web hosts, peers only where the user named them, as everywhere.
fn ask_hosts(
    access: &Access,
    invite: &Invite,
    given: Vec<String>,
    args: &FetchArgs,
) -> Result<Vec<String>, CliError> {
    let hosts = args.web.named()?;
    let only = Invite { addresses: given, ..invite.clone() };
    mirror::remember(access, &only, &args.parts)?;
    if hosts.is_empty() {
        return Ok(Vec::new());
    }
    if !access.archives.ask_hosts(&invite.archive, &hosts)? {
        return Err(CliError::both(
            Exit::Busy,
            "the node has too many web hosts to ask",
            "گره هم‌اکنون از بیش از اندازه میزبان وب می‌پرسد",
        )
        .advise(("try again in some minutes", "چند دقیقه‌ی دیگر دوباره بیازمایید")));
    }
    Ok(hosts.into_iter().map(|host| host.url).collect())
}

/// How these hosts stand with the node.
fn asked(status: &Value, archive: &str, urls: &[String]) -> Vec<Value> {
    let all = status["hosts"].as_array().cloned().unwrap_or_default();
    let ours = |host: &Value| {
        host["archive"] == archive && urls.iter().any(|url| host["url"] == url.as_str())
    };
    all.into_iter().filter(ours).collect()
}

fn say_hosts(ui: &Ui, hosts: &[Value]) {
    for host in hosts {
        let url = host["url"].as_str().unwrap_or("-");
        for fault in host["faults"].as_array().into_iter().flatten() {
            let text = |key: &str| fault[key].as_str().unwrap_or("-").to_owned();
            web::say_fault(ui, url, &text("file"), &text("why"));
        }
        if let Some(error) = host["error"].as_str() {
            ui.warn(
                format!("{url}: {error}. Try later, another address, or a node with a proxy"),
                format!("{url}: از آن چیزی نیامد ({error}). دیرتر، با نشانی دیگر یا با گرهی که پراکسی دارد بیازمایید"),
            );
        }
    }
}

/// True when the newest release is here and waits for the operator (HOLD-3); says so then.
fn is_held(ui: &Ui, access: &Access, trusted: Option<&Accepted>) -> Result<bool, CliError> {
    let Some(head) = trusted else { return Ok(false) };
    let (archive, id) = (head.release.archive, head.release_hash().to_hex());
    let waiting = access.archives.held(&archive)?;
    if !waiting.iter().any(|act| act.drops && act.id == id) {
        return Ok(false);
    }
    crate::cli::node::say_held(ui, &id);
    ui.json(&json!({ "archive": archive.to_string(), "through_node": true, "held": id }));
    Ok(true)
}

fn done_through_node(
    ui: &Ui,
    access: &Access,
    head: &Accepted,
    follow: Option<&Value>,
    hosts: &[Value],
) -> Result<(), CliError> {
    let archive = head.release.archive;
    let kept = access.archives.settings(&archive)?.parts;
    say_here(ui, head, kept.as_deref());
    let holders = follow.and_then(|f| f["holders"].as_u64()).unwrap_or(0);
    if holders == 0 && hosts.iter().all(|host| host["release"].is_null()) {
        ui.warn(
            "no other node with this archive is connected: there may be a newer release",
            "هیچ گره دیگری با این بایگانی وصل نیست: شاید نسخه‌ی تازه‌تری باشد",
        );
    }
    ui.json(&json!({
        "archive": archive.to_string(), "sequence": head.release.sequence, "through_node": true,
        "holders": holders, "hosts": hosts,
    }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use yadgar_protocol::way::Line;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        fetch: FetchArgs,
    }

    #[test]
    fn a_node_is_told_only_where_it_goes_through_the_same_proxy() {
        const TOR: &str = "socks5h://127.0.0.1:9050";
        let node = |proxy: Option<&str>| NodeProxy::of(&json!({ "proxy": proxy }));
        let may = |options: &[&str], proxy| {
            let line = [&["yadgar", "yadgar:x"], options].concat();
            refuse(&Command::try_parse_from(line).unwrap().fetch, &node(proxy)).is_ok()
        };
        assert!(may(&["--proxy", "none"], None) && may(&["--proxy", "none"], Some(TOR)));
        assert!(
            may(&["--proxy", TOR], Some(TOR))
                && may(&["--proxy", "socks5://127.0.0.1:9050"], Some(TOR))
        );
        assert!(!may(&["--proxy", TOR], None));
        assert!(!may(&["--proxy", "http://127.0.0.1:8080"], Some(TOR)));
        assert!(!may(&["--proxy", "none", "--via", "wss"], None));
        assert_eq!(node(Some(TOR)).through().unwrap(), Through::Socks(Line::Near));
        assert_eq!(node(None).through().unwrap(), Through::Nothing);
    }
}
