//! Further sources that an archive itself lists (spec: mirrors.md, MIR-7).

use crate::access::Access;
use crate::cli::Ui;
use crate::net::Multiaddr;
use crate::store::mirrors::listed;
use clap::Args;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::place::{Place, begins};

/// Whether the mirrors that an archive lists are asked.
#[derive(Debug, Default, Clone, Args)]
pub struct ListedArgs {
    /// Also ask the mirrors that the archive itself lists, as far as they are reached in a way that the given addresses
    /// are, too: each of them sees your address and what you ask for, and your provider sees that you ask it
    #[arg(long = "listed")]
    wanted: bool,
}

impl ListedArgs {
    /// The addresses that are asked, and where that is wanted behind them those of the list of the newest release that
    /// is here. What cannot be read lists nothing.
    pub fn join(
        &self,
        ui: &Ui,
        access: &Access,
        archive: &ArchiveId,
        asked: Vec<Multiaddr>,
    ) -> Vec<Multiaddr> {
        if !self.wanted {
            return asked;
        }
        let head = access.complete(archive).ok().flatten();
        let list = head.and_then(|head| listed(&*access.store, &head.release).ok());
        let before = asked.len();
        let all = join(asked, list.unwrap_or_default());
        let more: String =
            all.iter().skip(before).map(|address| format!("\n  {address}")).collect();
        if more.is_empty() {
            ui.note(
                "The archive lists no further mirror that is reached in the same way.",
                "بایگانی آینه‌ی دیگری را که از همین راه در دسترس باشد نام نمی‌برد.",
            );
        } else {
            ui.note(
                format!("Mirrors that the archive lists are asked too:{more}"),
                format!("از آینه‌هایی که بایگانی نام می‌برد هم پرسیده می‌شود:{more}"),
            );
        }
        all
    }
}

/// A way over the open network, as those on it can tell it from others.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Way {
    Tcp,
    Quic,
    Ws,
    TlsWs,
}

/// `None` for what stays in the own network, and for what is not known.
fn way(address: &str) -> Option<Way> {
    let start = begins(address).filter(|start| start.host.is_global())?;
    let has = |name: &str| start.rest.split('/').any(|part| part == name);
    let (ws, tls) = (has("ws") || has("x-parity-ws"), has("tls"));
    let wss = has("wss") || has("x-parity-wss");
    Some(match (start.quic, ws || wss, tls || wss) {
        (true, ..) => Way::Quic,
        (_, true, true) => Way::TlsWs,
        (_, true, false) => Way::Ws,
        (_, false, _) => Way::Tcp,
    })
}

fn join(mut asked: Vec<Multiaddr>, list: Vec<Place>) -> Vec<Multiaddr> {
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
