//! What the host sees of a share: where it is, the codes, the time, how many guests. Never who they are.

use super::super::{Ui, invite};
use super::{End, Home, Status};
use crate::share::{qr, url};
use indicatif::ProgressBar;
use serde_json::json;
use std::time::Duration;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::limits::MAX_INVITE_ADDRESSES;
use zeroize::Zeroizing;

pub struct Say<'a> {
    ui: &'a Ui,
    codes: bool,
    wifi: Option<Zeroizing<String>>,
    line: ProgressBar,
    /// Guests and minutes that were told last.
    told: (usize, u64),
    nobody: bool,
}

impl<'a> Say<'a> {
    pub fn new(ui: &'a Ui, codes: bool, wifi: Option<Zeroizing<String>>) -> Self {
        Self { ui, codes, wifi, line: ui.line(), told: (0, 0), nobody: false }
    }

    pub fn ui(&self) -> &'a Ui {
        self.ui
    }

    pub fn begin(
        &mut self,
        port: u16,
        now: &Status,
        time: Duration,
        home: &Home,
        peers: &[String],
    ) {
        let ui = self.ui;
        let minutes = time.as_secs() / 60;
        ui.say(
            format!(
                "Shared for {minutes} minutes with everybody on this network. Ctrl-C ends it at once."
            ),
            format!("برای {minutes} دقیقه با همهٔ کسانی که در این شبکه‌اند. Ctrl-C همین حالا پایانش می‌دهد."),
        );
        ui.note(
            "Others on the network can see what guests read and take: nothing is encrypted on the way. Use a hotspot \
             with a fresh password, and tell it only to those who should come.",
            "دیگران در این شبکه می‌توانند ببینند مهمان‌ها چه می‌خوانند و برمی‌دارند: چیزی در راه رمزگذاری نمی‌شود. هات‌اسپاتی با رمز تازه \
             بسازید و رمز را تنها به کسانی بگویید که باید بیایند.",
        );
        if let Some(wifi) = &self.wifi {
            ui.say("1. Join the Wi-Fi:", "۱. پیوستن به وای‌فای:");
            self.code(wifi);
        }
        self.places(port, now, home, peers, "sharing", Some(time));
        for view in crate::share::Source::views(home) {
            invite::say_words(ui, &view.archive());
        }
    }

    /// The addresses of this machine changed.
    pub fn moved(&mut self, port: u16, now: &Status, home: &Home, peers: &[String]) {
        self.line.set_message("");
        let line = self.line.clone();
        line.suspend(|| self.places(port, now, home, peers, "addresses", None));
    }

    /// Only addresses came or went that nobody types.
    pub fn link_local(&self, port: u16, now: &Status) {
        self.ui.json(&json!({ "event": "link_local", "link_local": link_local(port, now) }));
    }

    fn places(
        &self,
        port: u16,
        now: &Status,
        home: &Home,
        peers: &[String],
        event: &str,
        time: Option<Duration>,
    ) {
        let ui = self.ui;
        let all = now.addresses.iter().filter(|at| at.is_for_browsers());
        let urls: Vec<_> = all.map(|at| url(at.with_port(port))).collect();
        let local = link_local(port, now);
        let invites: Vec<_> = home.archives.iter().map(|id| invite_of(*id, peers)).collect();
        ui.json(&json!({
            "event": event, "urls": urls, "link_local": local, "port": port,
            "seconds": time.map(|t| t.as_secs()), "invites": invites,
        }));
        ui.say("Open this in any browser:", "این را در هر مرورگری باز کنید:");
        urls.iter().for_each(|url| ui.say(format!("  {url}"), format!("  {url}")));
        if let Some(first) = urls.first() {
            self.code(first);
        }
        if urls.is_empty() {
            local.iter().for_each(|url| ui.say(format!("  {url}"), format!("  {url}")));
            ui.note(
                "This network has link-local addresses only: few browsers open them; curl does, with the interface's name.",
                "این شبکه تنها نشانی‌های link-local دارد: مرورگرهای کمی آن‌ها را باز می‌کنند؛ curl با نام رابط باز می‌کند.",
            );
        }
        if !peers.is_empty() {
            ui.say("Other yadgars fetch with:", "یادگارهای دیگر با این دریافت می‌کنند:");
            invites.iter().for_each(|text| ui.say(format!("  {text}"), format!("  {text}")));
        }
    }

    fn code(&self, text: &str) {
        if let Some(code) = qr::terminal(text).filter(|_| self.codes) {
            self.ui.say(&code, &code);
        }
    }

    /// The time that is left and the guests; said again when one of them changed.
    pub fn tick(&mut self, now: &Status) {
        let (ui, left, guests) = (self.ui, now.left.as_secs(), now.guests);
        let clock = format!("{}:{:02}", left / 60, left % 60);
        let (en, fa) = (
            format!("{clock} left, guests now: {guests}"),
            format!("{clock} مانده، مهمان‌های اکنون: {guests}"),
        );
        self.line.set_message(ui.pick(&en, &fa).to_owned());
        self.line.tick();
        let told = (guests, left.div_ceil(60));
        if told == self.told {
            return;
        }
        self.told = told;
        ui.json(&json!({ "event": "guests", "now": guests, "left_seconds": left }));
        if self.line.is_hidden() {
            ui.note(en, fa);
        }
    }

    /// Nobody came in a while: what may be the matter, once.
    pub fn nobody(&mut self) {
        if std::mem::replace(&mut self.nobody, true) {
            return;
        }
        let ui = self.ui;
        ui.json(&json!({ "event": "nobody" }));
        self.line.clone().suspend(|| {
            ui.note(
                "Nobody has come yet. Are the others on this very network, and did they write the address with http:// and \
                 the number at the end? Many public and some home Wi-Fis keep their guests apart from each other (client \
                 isolation): no program can change that. Make a hotspot of your own, on this device or on a phone, and let \
                 everybody join that one; a phone's hotspot may also need its mobile data switched off. If this device has a \
                 firewall, allow the port.",
                "هنوز کسی نیامده است. آیا دیگران در همین شبکه‌اند و نشانی را با http:// و عدد پایانش نوشته‌اند؟ بسیاری از وای‌فای‌های \
                 عمومی و برخی وای‌فای‌های خانگی مهمان‌ها را از هم جدا می‌کنند (client isolation) و هیچ برنامه‌ای این را عوض نمی‌کند. روی همین \
                 دستگاه یا یک گوشی هات‌اسپات خودتان را بسازید تا همه به آن بپیوندند؛ گاهی باید دادهٔ همراه آن گوشی خاموش باشد. اگر این \
                 دستگاه دیوار آتش دارد، درگاه را باز کنید.",
            );
        });
    }

    pub fn end(&self, end: End) {
        self.line.finish_and_clear();
        let why = match end {
            End::TimeOver => "time",
            End::Stopped => "stopped",
        };
        self.ui.json(&json!({ "event": "over", "why": why }));
        match end {
            End::TimeOver => self.ui.say(
                "The time is over. Nothing is shared any more.",
                "زمان به پایان رسید. دیگر چیزی در دسترس دیگران نیست.",
            ),
            End::Stopped => self.ui.say(
                "Stopped. Nothing is shared any more.",
                "ایستاد. دیگر چیزی در دسترس دیگران نیست.",
            ),
        }
    }
}

/// Those that only programs take which know interfaces.
fn link_local(port: u16, now: &Status) -> Vec<String> {
    let local = now.addresses.iter().filter(|at| !at.is_for_browsers());
    local.map(|at| format!("http://[{}%{}]:{port}/", at.ip, at.scope)).collect()
}

fn invite_of(archive: yadgar_protocol::ArchiveId, peers: &[String]) -> String {
    let addresses = peers.iter().take(MAX_INVITE_ADDRESSES).cloned().collect();
    Invite { addresses, ..Invite::of(archive) }.to_string()
}
