//! `yadgar status`: how the running mirror is reached, and how much of its bounds it uses.

use crate::cli::Ui;
use crate::cli::ui::size;
use serde_json::Value;

fn number(of: &Value, key: &str) -> u64 {
    of[key].as_u64().unwrap_or(0)
}

/// Whether others reach it, through which relays, and what it does as a relay.
pub fn say_reach(ui: &Ui, reach: &Value) {
    match reach["reachable"].as_bool() {
        // There is nothing to open: behind a website an open port would tell of the mirror.
        _ if reach["sought"] == false => ui.say(
            "  is not to be reached directly: behind a website or a proxy, or on this machine only",
            "  قرار نیست مستقیم در دسترس باشد: پشت وبگاه یا پراکسی است، یا فقط روی همین دستگاه",
        ),
        Some(true) => ui.say("  others reach it from outside", "  از بیرون در دسترس است"),
        Some(false) => ui.say(
            "  others do not reach it from outside: open its port in the firewall or router (guide mirror.md)",
            "  از بیرون در دسترس نیست: درگاهش را در دیوار آتش یا مسیریاب باز کنید (راهنمای mirror.md)",
        ),
        None => ui.say(
            "  whether others reach it from outside is not known yet",
            "  هنوز معلوم نیست که از بیرون در دسترس است یا نه",
        ),
    }
    for address in reach["external"].as_array().into_iter().flatten() {
        let address = address.as_str().unwrap_or("-");
        ui.say(format!("  reached at {address}"), format!("  دسترسی از بیرون {address}"));
    }
    for address in reach["circuits"].as_array().into_iter().flatten() {
        let address = address.as_str().unwrap_or("-");
        ui.say(format!("  through a relay {address}"), format!("  از راه رله {address}"));
    }
    let punched = number(reach, "punched");
    if punched > 0 {
        ui.say(
            format!("  {punched} connections began at a relay and go without one"),
            format!("  {punched} اتصال از رله آغاز شد و بی‌رله ادامه یافت"),
        );
    }
    let relaying = &reach["relaying"];
    let (places, circuits) = (number(relaying, "places"), number(relaying, "circuits"));
    let (most, circuits_most) =
        (number(relaying, "places_most"), number(relaying, "circuits_most"));
    match relaying["offered"].as_bool() {
        Some(true) => ui.say(
            format!(
                "  is a relay: {places} of at most {most} places, {circuits} of at most {circuits_most} circuits"
            ),
            format!("  رله است: {places} جا (حداکثر {most})، {circuits} مدار (حداکثر {circuits_most})"),
        ),
        Some(false) => ui.say(
            "  is to be a relay, and is none before others reach it",
            "  قرار است رله باشد و تا از بیرون در دسترس نباشد رله نیست",
        ),
        None => {}
    }
}

/// Connections and memory, and the most of them.
pub fn say_connections(ui: &Ui, load: &Value) {
    let most = &load["most"];
    let (inbound, outbound) = (number(load, "inbound"), number(load, "outbound"));
    let (in_most, out_most) = (number(most, "inbound"), number(most, "outbound"));
    let (total, relayed) = (number(most, "total"), number(load, "relayed"));
    let pending = number(load, "pending_inbound") + number(load, "pending_outbound");
    let streams = number(load, "streams_most");
    let memory = size(number(load, "memory_most"));
    ui.say(
        format!(
            "  connections: {inbound} of at most {in_most} from outside, {outbound} of at most {out_most} to others, at most \
             {total} in all; {relayed} through relays, {pending} being made"
        ),
        format!(
            "  اتصال‌ها: {inbound} از بیرون (حداکثر {in_most})، {outbound} به دیگران (حداکثر {out_most})، روی هم حداکثر {total}؛ \
             {relayed} از راه رله، {pending} در حال برقراری"
        ),
    );
    ui.say(
        format!("  at most {streams} streams on one; strangers can make it hold at most {memory} unread"),
        format!("  روی هر اتصال حداکثر {streams} جریان؛ غریبه‌ها حداکثر {memory} از حافظه را می‌توانند بگیرند"),
    );
}

/// Bytes of today and a second, and the most of them.
pub fn say_line(ui: &Ui, line: &Value) {
    let of = |key: &str| size(number(line, key));
    let bound = |key: &str| line[key].as_u64().map(size);
    let (sent, received) = (of("sent"), of("received"));
    let en = |most: Option<String>| most.map(|m| format!(" of at most {m}")).unwrap_or_default();
    let fa = |most: Option<String>| most.map(|m| format!(" (حداکثر {m})")).unwrap_or_default();
    let (up, down) = (bound("sent_most"), bound("received_most"));
    ui.say(
        format!("  today: {sent}{} sent, {received}{} received", en(up.clone()), en(down.clone())),
        format!("  امروز: {sent}{} فرستاده، {received}{} دریافت", fa(up), fa(down)),
    );
    if line["sent_up"] == true {
        ui.say(
            "  what may be sent today is used up: until midnight it sends no content, up to a tenth more of structure, then only news of releases, up to a fifth more, and then nothing",
            "  سهم فرستادن امروز تمام شد: تا نیمه‌شب محتوایی نمی‌فرستد، از ساختار تا یک‌دهم بیشتر، سپس فقط خبر نسخه‌ها را تا یک‌پنجم بیشتر، و پس از آن هیچ",
        );
    }
    if line["received_up"] == true {
        ui.say(
            "  what may be received today is used up: it fetches again after midnight",
            "  سهم دریافت امروز تمام شد: پس از نیمه‌شب دوباره دریافت می‌کند",
        );
    }
    for (key, in_en, in_fa) in [
        ("up", "a second are sent to all", "در ثانیه به همه فرستاده می‌شود"),
        ("up_per_peer", "a second are sent to one peer", "در ثانیه به هر همتا فرستاده می‌شود"),
        ("down", "a second are received from all", "در ثانیه از همه دریافت می‌شود"),
        (
            "down_per_peer",
            "a second are received from one peer",
            "در ثانیه از هر همتا دریافت می‌شود",
        ),
    ] {
        if let Some(rate) = bound(key) {
            ui.say(format!("  at most {rate} {in_en}"), format!("  حداکثر {rate} {in_fa}"));
        }
    }
}
