//! Further sources that an archive itself lists (spec: mirrors.md, MIR-7).

use crate::access::Access;
use crate::cli::Ui;
use crate::net::Multiaddr;
use crate::store::mirrors::listed;
use clap::Args;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::place::Place;
use yadgar_protocol::way::Way;

/// Whether the mirrors that an archive lists are asked.
#[derive(Debug, Default, Clone, Args)]
pub struct ListedArgs {
    /// Also ask the mirrors that the archive itself lists, as far as they are reached in a way that the given addresses
    /// are, too: each of them sees your address and what you ask for, and your provider sees that you ask it
    #[arg(long = "listed", help_heading = "Ways")]
    pub wanted: bool,
}

/// Says which mirrors of the list are asked.
pub fn say(ui: &Ui, more: &[String]) {
    if more.is_empty() {
        return ui.note(
            "The archive lists no further mirror that is reached in the same way.",
            "بایگانی آینه‌ی دیگری را که از همین راه در دسترس باشد نام نمی‌برد.",
        );
    }
    let more: String = more.iter().map(|address| format!("\n  {address}")).collect();
    ui.note(
        format!("Mirrors that the archive lists are asked too:{more}"),
        format!("از آینه‌هایی که بایگانی نام می‌برد هم پرسیده می‌شود:{more}"),
    );
}

/// The addresses in the list of the newest release that is here. What cannot be read lists nothing.
pub fn list(access: &Access, archive: &ArchiveId) -> Vec<Place> {
    let head = access.complete(archive).ok().flatten();
    let list = head.and_then(|head| listed(&*access.store, &head.release).ok());
    list.unwrap_or_default()
}

/// The way over the open network to an address; `None` for what stays in the own network, and for what is not known.
fn way(address: &str) -> Option<Way> {
    Way::of(&Place::Peer(address.to_owned())).filter(|way| *way != Way::Lan)
}

/// The addresses that are asked, and behind them those of the list that are reached in the same ways.
pub fn join(mut asked: Vec<Multiaddr>, list: Vec<Place>) -> Vec<Multiaddr> {
    let ways: Vec<_> = asked.iter().filter_map(|address| way(&address.to_string())).collect();
    for place in list {
        let Place::Peer(text) = place else { continue };
        let Ok(address) = text.parse::<Multiaddr>() else { continue };
        if way(&text).is_some_and(|way| ways.contains(&way)) && !asked.contains(&address) {
            asked.push(address);
        }
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &str = "/ip4/8.8.8.8/tcp/4774";
    const QUIC: &str = "/dns4/a.example/udp/4774/quic-v1";
    const WS: &str = "/dns4/a.example/tcp/443/tls/ws";
    const WEB: &str = "https://a.example/";
    const LAN: &str = "/ip4/192.168.1.7/tcp/4774";

    fn joined(asked: &[&str], list: &[&str]) -> Vec<String> {
        let asked = asked.iter().map(|text| text.parse().unwrap()).collect();
        let list = list.iter().map(|text| Place::parse(text).unwrap()).collect();
        join(asked, list).iter().map(Multiaddr::to_string).collect()
    }

    #[test]
    fn mir_7_never_a_more_revealing_way() {
        let list = [RAW, QUIC, WS, WEB];
        assert!(joined(&[], &list).is_empty(), "nothing is asked because the list has it");
        assert_eq!(joined(&[LAN], &list), [LAN], "who asks a neighbour does not ask the internet");
        assert_eq!(joined(&["/ip4/127.0.0.1/tcp/1"], &list).len(), 1);
        assert_eq!(
            joined(&["/dns4/b.example/tcp/443/tls/ws"], &list).len(),
            2,
            "only what looks like the web"
        );
        assert_eq!(
            joined(&["/ip4/9.9.9.9/tcp/4774"], &list),
            ["/ip4/9.9.9.9/tcp/4774", RAW],
            "TCP does not lead to QUIC"
        );
        for near in ["/dns4/box.local/tcp/4774", "/dns4/localhost/tcp/4774"] {
            assert_eq!(joined(&[near], &list), [near], "no way to the open network");
        }
        assert_eq!(joined(&[RAW], &[RAW]), [RAW]);
    }
}
