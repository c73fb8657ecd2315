//! Trying ways out: only those that are named, only addresses that the invite or the home names, one after the other.

use super::Known;
use crate::cli::route::{instead, why_not};
use crate::cli::{CliError, Ui, persian, web};
use crate::dial::{ConnectError, Dialler};
use crate::net::addr::is_relayed;
use crate::net::{self, DialError, Multiaddr, NetConfig, NetHandle};
use crate::store::WebForm;
use crate::sync::{STALL, Shown, ask_shown};
use crate::web::{BaseUrl, ClientConfig, HostSource};
use serde_json::{Value, json};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::place::Place;
use yadgar_protocol::trust::check_head;
use yadgar_protocol::way::{Candidate, Named, Rule, Through, Way};

/// What is probed, and through what.
pub struct Probe<'a> {
    pub ways: &'a [Way],
    pub through: Through,
    /// The machine seems to be where raw ways endanger their users (WAY-4).
    pub watched: bool,
    pub dialler: Dialler,
}

/// A text in English and in Persian.
type Both = (String, String);

/// What came of one address.
enum Came {
    /// It has the archive, this release of it.
    Release(u64),
    /// It answers, and does not have the archive.
    Without,
    /// Why it was not reached, and what to do about it, both in both languages.
    Not(Both, Both),
}

impl Probe<'_> {
    pub async fn run(self, ui: &Ui, known: &[Known]) -> Result<Vec<Value>, CliError> {
        let reader = NetConfig::reader();
        let quic = self.ways.contains(&Way::Quic);
        // As a fetch does: through a relay only where an address names one.
        let circuits = known.iter().flat_map(|known| &known.places).any(|at| is_circuit(&at.place));
        let config = NetConfig { quic, circuits, dialler: self.dialler.clone(), ..reader };
        let (net, mut events) = net::start(config).await?;
        // A reader needs no events; the queue must not fill up, though.
        let drain = tokio::spawn(async move { while events.recv().await.is_some() {} });
        let rule = Rule {
            ways: Some(self.ways.to_vec()),
            pinned: false,
            through: self.through,
            watched: self.watched,
            covered: false,
        };
        let mut all = Vec::new();
        for way in self.ways {
            let mut tried = 0;
            for known in known {
                for candidate in known.places.iter().filter(|at| at.way == Some(*way)) {
                    tried += 1;
                    let place = &candidate.place;
                    let named = Candidate { named: Named::ByUser, ..candidate.clone() };
                    let came = match rule.judge(&named) {
                        Ok(_) => self.place(&net, known.archive, place).await,
                        Err(why) => Came::Not(why_not(why), owned(instead([why].into_iter()))),
                    };
                    all.push(told(ui, *way, place, &came));
                }
            }
            if tried == 0 {
                ui.say(
                    format!("{way}: no address is known, nothing was tried"),
                    format!("{way}: نشانی‌ای شناخته نیست، چیزی آزموده نشد"),
                );
            }
        }
        net.shutdown().await;
        drain.abort();
        Ok(all)
    }

    async fn place(&self, net: &NetHandle, archive: ArchiveId, place: &Place) -> Came {
        match place {
            Place::Peer(text) => match text.parse() {
                Ok(address) => peer(net, archive, address).await,
                Err(e) => not(
                    (format!("not a multiaddr: {e}"), format!("این نشانی خوانده نمی‌شود ({e})")),
                    ANOTHER,
                ),
            },
            Place::Web(url) => self.host(archive, url.as_str()).await,
        }
    }

    async fn host(&self, archive: ArchiveId, text: &str) -> Came {
        let url = match BaseUrl::parse(text, false) {
            Ok(url) => url,
            Err(e) => return not((e.to_string(), persian::url(&e).to_owned()), ANOTHER),
        };
        let config = ClientConfig::new(self.dialler.clone());
        match HostSource::new(0, url, WebForm::Static, config).shown(archive).await {
            Ok(shown) => has(archive, &shown),
            Err(error) => not((error.to_string(), persian::web(&error)), web::advice(&error)),
        }
    }
}

fn is_circuit(place: &Place) -> bool {
    let address = match place {
        Place::Peer(text) => text.parse().ok(),
        Place::Web(_) => None,
    };
    address.as_ref().is_some_and(is_relayed)
}

async fn peer(net: &NetHandle, archive: ArchiveId, address: Multiaddr) -> Came {
    let peer = match net.dial(address).await {
        Ok(peer) => peer,
        Err(error) => return not((error.to_string(), persian::dial(&error)), advice(&error)),
    };
    match ask_shown(net, peer, archive, STALL).await {
        Ok(shown) => has(archive, &shown),
        Err(end) => not(
            (end.to_string(), format!("گفت‌وگو به پایان نرسید ({end})")),
            (
                "somebody answers, and the conversation breaks: it may be cut on the way; try another way",
                "کسی پاسخ می‌دهد و گفت‌وگو می‌بُرد: شاید در راه بریده می‌شود؛ راه دیگری را بیازمایید",
            ),
        ),
    }
}

/// Whether what is shown is the archive. Nothing of it is kept.
fn has(archive: ArchiveId, shown: &Shown) -> Came {
    let head = shown.head.as_ref().and_then(|head| check_head(&archive, head).ok());
    head.map_or(Came::Without, |head| Came::Release(head.release.sequence))
}

const ANOTHER: (&str, &str) = ("ask for another address", "نشانی دیگری بپرسید");

fn not(why: Both, advice: (&str, &str)) -> Came {
    Came::Not(why, owned(advice))
}

fn owned((en, fa): (&str, &str)) -> Both {
    (en.to_owned(), fa.to_owned())
}

fn advice(error: &DialError) -> (&'static str, &'static str) {
    match error {
        DialError::Way(ConnectError::NoProxy(_)) => (
            "start the proxy, or correct its address",
            "پراکسی را به راه بیندازید یا نشانی‌اش را درست کنید",
        ),
        DialError::Way(ConnectError::Proxy(_)) => (
            "the proxy is there and does not get through: try later or another one",
            "پراکسی هست و راه نمی‌یابد: دیرتر یا با پراکسی دیگری بیازمایید",
        ),
        DialError::Way(ConnectError::Name(_)) => (
            "names may be withheld here: try an address of numbers, or a proxy, which looks names up elsewhere",
            "شاید نام‌ها را این‌جا پنهان می‌کنند: نشانی عددی یا پراکسی را بیازمایید که نام را جای دیگری می‌پرسد",
        ),
        DialError::Way(ConnectError::Onion) => (
            "start Tor and add --proxy socks5h://127.0.0.1:9050",
            "Tor را به راه بیندازید و --proxy socks5h://127.0.0.1:9050 را بیفزایید",
        ),
        DialError::Refused => (
            "the machine is there and the mirror is not: ask for another address",
            "دستگاه هست و آینه نیست: نشانی دیگری بپرسید",
        ),
        DialError::Timeout | DialError::Unreachable => (
            "it may be off, or blocked here: try wss, https, a proxy, a neighbour or a stick",
            "شاید خاموش است یا این‌جا بسته است: wss یا https، پراکسی، همسایه یا فلش را بیازمایید",
        ),
        DialError::WrongPeer(_) => (
            "another node is there now, or somebody stands in between: ask for a new invite",
            "گره دیگری آن‌جاست یا کسی در میان نشسته است: دعوت‌نامه‌ی تازه‌ای بخواهید",
        ),
        _ => ("try another way", "راه دیگری را بیازمایید"),
    }
}

fn told(ui: &Ui, way: Way, place: &Place, came: &Came) -> Value {
    let mut value = json!({ "way": way.name(), "address": place.as_str() });
    match came {
        Came::Release(sequence) => {
            ui.say(
                format!("{way}: works: {place} has release {sequence}"),
                format!("{way}: کار می‌کند: {place} نسخه‌ی {sequence} را دارد"),
            );
            (value["works"], value["sequence"]) = (true.into(), (*sequence).into());
        }
        Came::Without => {
            ui.say(
                format!("{way}: answers, but does not have this archive: {place}"),
                format!("{way}: پاسخ می‌دهد، اما این بایگانی را ندارد: {place}"),
            );
            (value["works"], value["why"]) = (false.into(), "does not have this archive".into());
        }
        Came::Not((why, why_fa), (en, fa)) => {
            ui.say(
                format!("{way}: does not work: {place}: {why}. {en}"),
                format!("{way}: کار نمی‌کند: {place}: {why_fa}. {fa}"),
            );
            (value["works"], value["why"]) = (false.into(), why.clone().into());
            value["advice"] = json!({ "en": en, "fa": fa });
        }
    }
    value
}
