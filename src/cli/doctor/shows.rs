//! What each way shows to whom, in one line each.

use crate::cli::Ui;
use serde_json::{Value, json};
use yadgar_protocol::way::Way;

/// A line in both languages.
type Line = (&'static str, &'static str);

/// What three others see.
pub struct Shows {
    provider: Line,
    neighbour: Line,
    source: Line,
}

const NOBODY: Line = ("nothing", "هیچ چیز");
const TALKS: Line = (
    "whoever runs this network sees the same as the provider",
    "گرداننده‌ی این شبکه همان چیزی را می‌بیند که ارائه‌دهنده می‌بیند",
);
const ADDRESS: Line = (
    "your IP address, when, how much, and which archive",
    "نشانی IP شما، زمان، حجم، و این که کدام بایگانی",
);
const PROXIED: Line = (
    "that you use this proxy, when and how much; what for, only as far as the proxy hides it: the line to one elsewhere is in clear (SOCKS and CONNECT encrypt nothing)",
    "این که این پراکسی را به کار می‌برید، زمان و حجم؛ و برای چه، تا جایی که خود پراکسی پنهانش کند: راه تا پراکسی جای دیگر رمز ندارد (SOCKS و CONNECT چیزی را رمز نمی‌کنند)",
);
const PROXIED_SOURCE: Line = (
    "the address where the proxy comes out (the proxy's owner sees yours and the name of the source), when, how much, which archive",
    "نشانی‌ای که پراکسی از آن بیرون می‌آید (صاحب پراکسی نشانی شما و نام منبع را می‌بیند)، زمان، حجم، و کدام بایگانی",
);

/// What a way shows; `proxied` where everything goes through a proxy.
pub fn of(way: Way, proxied: bool) -> Shows {
    match way {
        Way::Lan => Shows {
            provider: NOBODY,
            neighbour: (
                "that yadgar's way of talking is used, by whoever runs this network; with --lan, by everybody on it",
                "این که زبان یادگار به کار می‌رود: گرداننده‌ی این شبکه، و با --lan همه‌ی کسانی که در آن‌اند",
            ),
            source: ADDRESS,
        },
        Way::Onion => Shows {
            provider: (
                "that Tor is used (where Tor hides itself by bridges, less), when and how much",
                "این که Tor به کار می‌رود (با پل‌های Tor کمتر)، زمان و حجم",
            ),
            neighbour: TALKS,
            source: (
                "no address at all: when, how much, which archive",
                "هیچ نشانی‌ای: زمان، حجم، و کدام بایگانی",
            ),
        },
        _ if proxied => Shows { provider: PROXIED, neighbour: TALKS, source: PROXIED_SOURCE },
        Way::Https => Shows {
            provider: (
                "the name of the host (DNS and TLS), when and how much; not which files",
                "نام میزبان (در DNS و TLS)، زمان و حجم؛ نه این که کدام فایل‌ها",
            ),
            neighbour: TALKS,
            source: ADDRESS,
        },
        Way::Wss => Shows {
            provider: (
                "a visit of a website of this name, when and how much; the handshake of TLS is not that of a browser",
                "بازدید از وبگاهی با این نام، زمان و حجم؛ آغاز TLS مانند مرورگر نیست",
            ),
            neighbour: TALKS,
            source: ADDRESS,
        },
        Way::Ws | Way::Tcp => Shows {
            provider: (
                "the address of the mirror, and that it is libp2p, by its first bytes: it can be blocked or noted",
                "نشانی آینه و از نخستین بایت‌ها این که libp2p است: می‌تواند بسته یا یادداشت شود",
            ),
            neighbour: TALKS,
            source: ADDRESS,
        },
        Way::Quic => Shows {
            provider: (
                "the address of the mirror, and UDP of a rare kind (QUIC of libp2p), which is often blocked",
                "نشانی آینه و UDP از گونه‌ای کمیاب (QUIC در libp2p) که اغلب بسته است",
            ),
            neighbour: TALKS,
            source: ADDRESS,
        },
    }
}

impl Shows {
    pub fn describe(&self) -> Value {
        let line = |(en, fa): Line| json!({ "en": en, "fa": fa });
        json!({ "provider": line(self.provider), "neighbour": line(self.neighbour), "source": line(self.source) })
    }
}

/// A stick: no way of the network, and for some the only one.
pub fn usb() -> Value {
    let shows = Shows {
        provider: NOBODY,
        neighbour: NOBODY,
        source: (
            "who gave it to you knows that you have it; who finds the stick sees what is on it",
            "کسی که آن را به شما داده می‌داند که دارید؛ هر که فلش را بیابد می‌بیند چه در آن است",
        ),
    };
    json!({ "way": "usb", "possible": true, "shows": shows.describe(), "command": "yadgar import FILE" })
}

/// Prints the lines of one way.
pub fn say(ui: &Ui, shows: &Value) {
    for (who, en, fa) in [
        ("provider", "your provider", "ارائه‌دهنده"),
        ("neighbour", "this network", "این شبکه"),
        ("source", "the source", "منبع"),
    ] {
        let text = |lang: &str| shows[who][lang].as_str().unwrap_or_default().to_owned();
        ui.say(format!("  {en}: {}", text("en")), format!("  {fa}: {}", text("fa")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_says_something_of_everybody_in_both_languages() {
        for shown in Way::ALL.iter().flat_map(|way| [of(*way, false), of(*way, true)]) {
            let all = shown.describe();
            for who in ["provider", "neighbour", "source"] {
                assert!(all[who]["en"].as_str().is_some_and(|text| text.is_ascii()), "{all}");
                let fa = all[who]["fa"].as_str().unwrap_or_default();
                assert!(fa.chars().any(|c| c > '\u{600}'), "{all}");
            }
        }
    }
}
