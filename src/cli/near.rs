//! `fetch --lan`: looking for neighbours.

use super::Ui;
use crate::lan::Mode;
use crate::node::near::Neighbour;
use clap::ValueEnum;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// How neighbours are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Near {
    /// Ask them: who has the archive's invite can see that this device looks for it
    Ask,
    /// Send nothing until somebody announces the archive
    Listen,
}

impl Near {
    pub fn mode(self) -> Mode {
        match self {
            Self::Ask => Mode::Talk,
            Self::Listen => Mode::Listen,
        }
    }
}

/// What the neighbours learn by a look around.
pub fn say_what_shows(ui: &Ui, near: Option<Near>) {
    match near {
        Some(Near::Ask) => ui.note(
            "Asking this LAN. Everybody on it can see that yadgar is used here; those who have the invite, that this archive is looked for.",
            "از این شبکه پرسیده می‌شود. همه‌ی دستگاه‌های این شبکه می‌توانند ببینند که یادگار به کار می‌رود؛ کسانی که دعوت‌نامه را دارند، این را هم که این بایگانی جسته می‌شود.",
        ),
        Some(Near::Listen) => ui.note(
            "Listening on this LAN. Nothing is sent before somebody announces the archive.",
            "به این شبکه گوش داده می‌شود. تا کسی این بایگانی را اعلام نکند چیزی فرستاده نمی‌شود.",
        ),
        None => {}
    }
}

/// Who was found, and when; also for scripts.
pub fn say_found(ui: &Ui, near: &[Neighbour]) -> Vec<Value> {
    let say = |one: &Neighbour| {
        let (address, seconds) = (&one.address, one.after.as_secs_f64());
        ui.note(
            format!("found near: {address} after {seconds:.1} s"),
            format!("در همین نزدیکی پیدا شد: {address} پس از {seconds:.1} ثانیه"),
        );
        let page = one.page.map(page);
        if let Some(page) = &page {
            ui.note(
                format!("  it also has a page for any browser of this network: {page}"),
                format!("  برای هر مرورگری در این شبکه صفحه‌ای هم دارد: {page}"),
            );
        }
        json!({ "address": address.to_string(), "seconds": seconds, "page": page })
    };
    near.iter().map(say).collect()
}

/// The address of a page, as people type it. Those of IPv6 link-local have the interface's number, for programs that
/// take it.
pub fn page(at: SocketAddr) -> String {
    format!("http://{at}/")
}
