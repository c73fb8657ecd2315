//! `yadgar status`: what is here, and what the running node does.

mod reach;

use super::ui::size;
use super::{CliError, Ui};
use crate::access::Access;
use crate::freshness;
use clap::Args;
use serde_json::{Value, json};
use std::path::Path;
use yadgar_protocol::ArchiveId;

#[derive(Debug, Args)]
pub struct StatusArgs {}

pub fn run(ui: &Ui, home: &Path, _args: &StatusArgs) -> Result<(), CliError> {
    let access = Access::open(home, "status")?;
    let archives = access.archives.list()?;
    let node = access.archives.node_status()?;
    let stats = access.store.stats()?;
    let list = archives.iter().map(|id| describe(&access, id)).collect::<Result<Vec<_>, _>>()?;
    ui.json(&json!({ "home": home.display().to_string(), "archives": list, "store": stats, "node": node }));
    if list.is_empty() {
        ui.say("no archive in this home yet", "هنوز هیچ بایگانی در این خانه نیست");
    }
    for archive in &list {
        say_archive(ui, archive);
    }
    ui.say(
        format!("store   {} blocks, {} on disk", stats.blocks, size(stats.stored_bytes)),
        format!("انبار   {} بلوک، {} روی دیسک", stats.blocks, size(stats.stored_bytes)),
    );
    say_node(ui, node.as_ref());
    Ok(())
}

fn describe(access: &Access, id: &ArchiveId) -> Result<Value, CliError> {
    let trusted = access.trusted(id)?;
    let complete = access.complete(id)?;
    let settings = access.archives.settings(id)?;
    let known = trusted.as_ref().map(|h| h.name().to_owned());
    let name = known.or_else(|| crate::publish::roots::name_of(&access.home, id));
    let pending = crate::publish::pending::load(&access.home, id)
        .map_err(|e| CliError::failed("the withdrawals that wait in this home", e))?;
    let pending: Vec<Value> =
        pending.iter().map(|p| json!({ "path": p.path, "reason": p.reason.word() })).collect();
    let wanted = |name: &String| settings.parts.as_ref().is_none_or(|p| p.contains(name));
    let parts: Vec<Value> = complete.iter().flat_map(|h| &h.release.parts).map(|p| {
        json!({ "name": p.name, "files": p.files, "bytes": p.bytes, "held": wanted(&p.name) })
    }).collect();
    Ok(json!({
        "archive": id.to_string(),
        "name": name,
        "trusted": trusted.as_ref().map(|h| h.release.sequence),
        "complete": complete.as_ref().map(|h| h.release.sequence),
        "date": complete.as_ref().map(|h| h.release.date.clone()),
        "held": access.archives.held(id)?,
        "withdrawn": access.archives.denied(id)?.list().count(),
        "parts": parts, "to_withdraw": pending,
        "source": settings.source, "addresses": settings.addresses, "urls": settings.urls,
        "hosts": settings.hosts.iter().map(|host| &host.url).collect::<Vec<_>>(),
        "dispute": super::dispute::describe(access, id)?,
        "learned": settings.learned, "agreement": settings.agreement,
    }))
}

fn say_archive(ui: &Ui, a: &Value) {
    let text = |key: &str| a[key].as_str().unwrap_or("-").to_owned();
    let number = |key: &str| a[key].as_u64().map_or("-".to_owned(), |n| n.to_string());
    let (id, name, date) = (text("archive"), text("name"), text("date"));
    let (trusted, complete) = (number("trusted"), number("complete"));
    ui.say(format!("archive {id}\nname    {name}"), format!("بایگانی {id}\nنام {name}"));
    match (a["complete"].is_null(), a["trusted"].is_null()) {
        (true, true) => ui.say("no release yet", "هنوز نسخه‌ای نیست"),
        (true, false) => ui.say(
            format!("release {trusted} is known, but not all of it is here: fetch or import it"),
            format!("نسخه‌ی {trusted} شناخته شده، اما همه‌ی آن این‌جا نیست: دریافت یا درون‌بری کنید"),
        ),
        _ => ui.say(
            format!("release {complete} of {date} is here; newest known: {trusted}"),
            format!("نسخه‌ی {complete} ({date}) این‌جاست؛ تازه‌ترین شناخته‌شده: {trusted}"),
        ),
    }
    if let Some(count) = a["held"].as_array().map(Vec::len).filter(|count| *count > 0) {
        ui.say(
            format!(
                "{count} act(s) would take away unusually much and wait for you: yadgar node held"
            ),
            format!("{count} کار بیش از اندازه کم می‌کند و منتظر شماست: yadgar node held"),
        );
    }
    super::dispute::say_value(ui, &a["dispute"]);
    say_freshness(ui, a);
    if let Some(count) = a["withdrawn"].as_u64().filter(|count| *count > 0) {
        ui.say(
            format!("  {count} withdrawal(s) by the maintainers are in force here"),
            format!("  {count} پس‌گرفتن نگه‌دارندگان این‌جا برقرار است"),
        );
    }
    for item in a["to_withdraw"].as_array().into_iter().flatten() {
        let (path, reason) = (item["path"].as_str().unwrap_or("-"), item["reason"].as_str());
        let reason = reason.unwrap_or("-");
        ui.say(
            format!("  to be withdrawn with the next release: {path} ({reason})"),
            format!("  با نسخه‌ی بعدی پس گرفته می‌شود: {path} ({reason})"),
        );
    }
    for part in a["parts"].as_array().into_iter().flatten() {
        let held = part["held"].as_bool().unwrap_or(false);
        let (name, files) = (part["name"].as_str().unwrap_or("-"), &part["files"]);
        let bytes = size(part["bytes"].as_u64().unwrap_or(0));
        let (en, fa) =
            if held { ("", "") } else { (" (not kept here)", " (این‌جا نیست)") };
        ui.say(
            format!("  {name:10} {files} files, {bytes}{en}"),
            format!("  {name:10} {files} فایل، {bytes}{fa}"),
        );
    }
}

/// How new it is, how it was learned, whether others agree: in words, by this device's clock.
fn say_freshness(ui: &Ui, a: &Value) {
    let Some(date) = a["date"].as_str() else { return };
    let age = freshness::age(date, &super::pick::today());
    let source = freshness::source(a["source"].as_str().unwrap_or_default());
    let (learned, learned_fa) = match a["learned"].as_str() {
        Some(day) => (format!(", {day}"), format!("، {day}")),
        None => Default::default(),
    };
    let agreement = serde_json::from_value(a["agreement"].clone()).unwrap_or(None);
    let agreement = freshness::agreement(agreement.as_ref());
    ui.say(format!("  {}", age.en), format!("  {}", age.fa));
    ui.say(
        format!("  learned {}{learned}; {}", source.en, agreement.en),
        format!("  {}{learned_fa}؛ {}", source.fa, agreement.fa),
    );
}

fn say_node(ui: &Ui, node: Option<&Value>) {
    let Some(node) = node else {
        return ui.say("no node is running on this home", "هیچ گرهی روی این خانه در کار نیست");
    };
    let peers = node["peers"].as_array().map_or(0, Vec::len);
    ui.say(format!("node    running, {peers} peers"), format!("گره     در کار، {peers} همتا"));
    for peer in node["peers"].as_array().into_iter().flatten() {
        let address = peer["address"].as_str().unwrap_or("-");
        let (en, fa) = match peer["punched"].as_bool() {
            Some(true) => (" (without the relay where it began)", " (بی رله‌ای که از آن آغاز شد)"),
            _ => ("", ""),
        };
        ui.say(format!("  peer {address}{en}"), format!("  همتا {address}{fa}"));
    }
    reach::say_reach(ui, &node["reach"]);
    reach::say_connections(ui, &node["connections"]);
    reach::say_line(ui, &node["line"]);
    super::mirror::say_hosts(ui, &node["hosts"]);
    say_serving(ui, &node["serving"]);
    super::mirror::say_gateway(ui, &node["gateway"]);
    say_scrub(ui, &node["scrub"]);
    say_dht(ui, &node["dht"]);
    let remembered = node["remembered"].as_array().map_or(0, Vec::len);
    if remembered > 0 {
        ui.say(
            format!("  remembers {remembered} other nodes"),
            format!("  {remembered} گره‌ی دیگر را به یاد دارد"),
        );
    }
    for address in node["listening"].as_array().into_iter().flatten() {
        let address = address.as_str().unwrap_or("-");
        ui.say(format!("  listening {address}"), format!("  گوش‌به‌زنگ {address}"));
    }
}

/// What it knows of the DHT, when it takes part.
fn say_dht(ui: &Ui, dht: &Value) {
    let others = dht["others"].as_u64().unwrap_or(0);
    if others == 0 {
        return;
    }
    let (answers, answers_fa) = match dht["reachable"].as_bool() {
        Some(true) => ("answers there", "آنجا پاسخ می‌دهد"),
        _ => ("only asks there: others cannot reach it", "آنجا تنها می‌پرسد: دیگران به آن نمی‌رسند"),
    };
    ui.say(
        format!("  DHT: knows {others} other mirrors; {answers}"),
        format!("  DHT: {others} آینه‌ی دیگر را می‌شناسد؛ {answers_fa}"),
    );
}

/// How much is asked of it at present, and what that may take.
fn say_serving(ui: &Ui, serving: &Value) {
    let number = |key: &str| serving[key].as_u64().unwrap_or(0);
    let (streams, most) = (number("streams"), number("streams_most"));
    let memory = size(number("memory_most"));
    ui.say(
        format!(
            "  serves {streams} of at most {most} streams; answers take at most {memory} of memory"
        ),
        format!(
            "  هم‌اکنون به {streams} جریان پاسخ می‌دهد (حداکثر {most})؛ پاسخ‌ها حداکثر {memory} از حافظه را می‌گیرند"
        ),
    );
}

/// How far the store was read again, and what that found.
fn say_scrub(ui: &Ui, scrub: &Value) {
    let number = |key: &str| scrub[key].as_u64().unwrap_or(0);
    let (read, total, damaged, repaired) =
        (number("read"), number("total"), number("damaged"), number("repaired"));
    if total == 0 {
        return;
    }
    let percent = read.saturating_mul(100) / total;
    ui.say(
        format!(
            "  store read again: {percent} %; {damaged} damaged blocks found, {repaired} came again"
        ),
        format!(
            "  بازخوانی انبار: {percent}٪؛ {damaged} بلوک آسیب‌دیده پیدا شد و {repaired} دوباره رسید"
        ),
    );
}
