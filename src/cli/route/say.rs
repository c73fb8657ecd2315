//! What is said of ways: what goes through a proxy, what is not asked, and what to do instead.

use super::{Chosen, Source};
use crate::cli::Ui;
use serde_json::{Value, json};
use yadgar_protocol::way::{Refusal, Way};

/// Says that all goes through a proxy, and who set it.
pub fn proxy(ui: &Ui, chosen: &Chosen) {
    let Some(proxy) = &chosen.proxy else { return };
    let (en, fa) = match chosen.by_environment {
        true => (
            ", as the environment says (--proxy none to do without)",
            "، چنان که در متغیرهای محیط آمده است (برای نادیده گرفتنش --proxy none)",
        ),
        false => ("", ""),
    };
    ui.note(
        format!("Everything goes through the proxy {proxy}{en}; nothing goes past it."),
        format!("همه چیز از پراکسی {proxy} می‌گذرد{fa}؛ هیچ چیز از کنار آن نمی‌رود."),
    );
}

/// Says what is not asked, except for what [`super::super::fetch::say_web`] says already.
pub fn left_out(ui: &Ui, list: &[(Source, Refusal)], by_name: bool) {
    for (source, why) in list {
        if matches!(why, Refusal::NotChosen(_)) && !by_name {
            continue;
        }
        let (en, fa) = why_not(*why);
        match why {
            Refusal::Recognised(_) => {
                ui.warn(format!("not asked: {source}: {en}"), format!("پرسیده نشد: {source}: {fa}"))
            }
            _ => {
                ui.note(format!("not asked: {source}: {en}"), format!("پرسیده نشد: {source}: {fa}"))
            }
        }
    }
}

/// Why a source is not asked.
pub fn why_not(why: Refusal) -> (String, String) {
    let (en, fa) = match why {
        Refusal::Unknown => {
            ("not a kind of address that is known here", "این گونه نشانی شناخته نیست")
        }
        Refusal::NotChosen(way) => {
            return (
                format!("{way} is not among the ways that you named"),
                format!("{way} در میان راه‌هایی که نام بردید نیست"),
            );
        }
        Refusal::Recognised(way) => {
            return (
                format!(
                    "your provider would recognise it ({way} of libp2p), and this machine seems to be in Iran"
                ),
                format!(
                    "ارائه‌دهنده‌ی اینترنت آن را می‌شناسد ({way} در libp2p) و این دستگاه گویا در ایران است"
                ),
            );
        }
        Refusal::MoreRevealing(way) => {
            return (
                format!(
                    "your provider would recognise it ({way} of libp2p), and something else that looks like the web is asked, so this is not; where it does no harm: --via wss,{way}"
                ),
                format!(
                    "ارائه‌دهنده‌ی اینترنت آن را می‌شناسد ({way} در libp2p) و منبع دیگری که مانند وب است پرسیده می‌شود، پس این یکی نه؛ جایی که زیانی ندارد: --via wss,{way}"
                ),
            );
        }
        Refusal::NotThroughProxy(Way::Lan) => (
            "what is near is not asked for through a proxy",
            "آنچه نزدیک است از راه پراکسی خواسته نمی‌شود",
        ),
        Refusal::NotThroughProxy(_) => {
            ("QUIC does not go through a proxy", "QUIC از پراکسی نمی‌گذرد")
        }
        Refusal::NeedsTor => (
            "an onion service is reached only through a SOCKS5 proxy of Tor",
            "به سرویس onion فقط از راه پراکسی SOCKS5 که از آنِ Tor باشد می‌توان رسید",
        ),
    };
    (en.to_owned(), fa.to_owned())
}

/// What to do where none of those that were asked came: in a proxy, or where others were left out that show more.
pub fn unreached(proxied: bool, covered: bool) -> Option<(&'static str, &'static str)> {
    match (proxied, covered) {
        (true, _) => Some((
            "start the proxy, or correct --proxy; nothing was tried past it. Where the proxy works, the sources may be off: try later, or ask for another invite",
            "پراکسی را به راه بیندازید یا --proxy را درست کنید؛ چیزی از کنار آن آزموده نشد. اگر پراکسی کار می‌کند شاید منبع‌ها خاموش باشند: دیرتر بیازمایید یا دعوت‌نامه‌ی دیگری بخواهید",
        )),
        (false, true) => Some((
            "try later, or another way: a static mirror (--url or --via https), Tor (--proxy socks5h://127.0.0.1:9050), a neighbour (--lan). The other addresses of the invite show your provider what you do; where that does no harm: --via wss,tcp. 'yadgar doctor' tells what each shows to whom",
            "دیرتر بیازمایید یا راهی دیگر: آینه‌ی ایستا (--url یا --via https)، Tor (--proxy socks5h://127.0.0.1:9050)، همسایه (--lan). نشانی‌های دیگر دعوت‌نامه به ارائه‌دهنده‌ی اینترنت نشان می‌دهند چه می‌کنید؛ اگر زیانی ندارد: --via wss,tcp. «yadgar doctor» می‌گوید هر یک چه چیزی را به که نشان می‌دهد",
        )),
        (false, false) => None,
    }
}

/// What to do where nothing may be asked: for the reason that is most dangerous to ignore.
pub fn instead(mut reasons: impl Iterator<Item = Refusal> + Clone) -> (&'static str, &'static str) {
    if reasons.clone().any(|why| matches!(why, Refusal::Recognised(_))) {
        (
            "use a way that does not stand out: --proxy socks5h://127.0.0.1:9050 (Tor, or another proxy on this machine: the line to one elsewhere is in clear), an address of the web (--url or --via https), a neighbour (--lan), a carrier file. Where it does no harm that the provider recognises it: --via tcp",
            "راهی را به کار ببرید که به چشم نیاید: --proxy socks5h://127.0.0.1:9050 (Tor یا پراکسی دیگری روی همین دستگاه؛ راه تا پراکسی جای دیگر رمز ندارد)، نشانی‌ای از وب (--url یا --via https)، همسایه (--lan) یا فایل حامل. اگر زیانی ندارد که ارائه‌دهنده آن را بشناسد: --via tcp",
        )
    } else if reasons.clone().any(|why| why == Refusal::NeedsTor) {
        (
            "start Tor and add --proxy socks5h://127.0.0.1:9050",
            "Tor را به راه بیندازید و --proxy socks5h://127.0.0.1:9050 را بیفزایید",
        )
    } else if reasons.any(|why| matches!(why, Refusal::NotThroughProxy(_))) {
        (
            "ask for an address that goes through a proxy (tcp, wss, https, onion); or --proxy none, if nobody may notice",
            "نشانی‌ای بخواهید که از پراکسی بگذرد (tcp، wss، https، onion)؛ یا اگر دیده شدنش زیانی ندارد --proxy none",
        )
    } else {
        (
            "allow more ways with --via, name a source with --url or --address, or look on this LAN with --lan; 'yadgar doctor' tells what each shows to whom",
            "با --via راه‌های بیشتری را روا بدارید، با --url یا --address منبعی نام ببرید، یا با --lan در این شبکه‌ی محلی بجویید؛ «yadgar doctor» می‌گوید هر یک چه چیزی را به که نشان می‌دهد",
        )
    }
}

/// What was not asked, for scripts.
pub fn describe_left_out(list: &[(String, Refusal)]) -> Value {
    let one =
        |(address, why): &(String, Refusal)| json!({ "address": address, "why": why_not(*why).0 });
    list.iter().map(one).collect()
}
