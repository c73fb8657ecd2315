//! Where a mirror listens, what it dials through, and by which addresses others reach it.

use super::MirrorArgs;
use super::front::Front;
use crate::cli::route::Chosen;
use crate::cli::{CliError, Exit, Ui};
use crate::net::addr::peer_of;
use crate::net::{Keypair, Multiaddr, NetError};
use serde_json::json;
use yadgar_protocol::limits::{MAX_INVITE_ADDRESSES, MAX_PLACE_BYTES};
use yadgar_protocol::place::Place;
use yadgar_protocol::way::Way;

/// Where a mirror listens when it is not told, and there is no proxy.
const LISTEN: [&str; 4] = [
    "/ip4/0.0.0.0/tcp/4774",
    "/ip6/::/tcp/4774",
    "/ip4/0.0.0.0/udp/4774/quic-v1",
    "/ip6/::/udp/4774/quic-v1",
];

/// The proxy of a mirror. One that only the environment names is not enough: it would turn a mirror that others reach
/// into one that nobody does, or hide that the machine is not meant to be seen.
pub fn chosen(args: &MirrorArgs) -> Result<Chosen, CliError> {
    let chosen = args.proxy.chosen()?;
    match &chosen.proxy {
        Some(proxy) if chosen.by_environment => {
            Err(CliError::both(
                Exit::Usage,
                format!("the environment names the proxy {proxy}; a mirror must know whether it is meant, too"),
                format!("متغیرهای محیط پراکسی {proxy} را نام می‌برند؛ آینه باید بداند که آن هم خواسته شده است یا نه"),
            )
            .advise((
                format!("--proxy {proxy} to dial through it only, and listen nowhere; --proxy none to listen and dial without it"),
                format!("--proxy {proxy} تا فقط از آن وصل شود و جایی گوش ندهد؛ --proxy none تا بی آن گوش بدهد و وصل شود"),
            )))
        }
        _ => Ok(chosen),
    }
}

/// The addresses to listen on: those that are given, else all of this machine; but with a proxy, or behind a website,
/// no other.
pub fn listen(
    texts: &[String],
    chosen: &Chosen,
    front: Option<&Front>,
) -> Result<Vec<Multiaddr>, CliError> {
    let default = LISTEN.map(str::to_owned);
    let texts = match (texts.is_empty(), &chosen.proxy, front) {
        (true, None, None) => &default[..],
        _ => texts,
    };
    let parsed = texts.iter().map(|text| {
        text.parse().map_err(|e| {
            CliError::new(Exit::Usage, format!("'{text}' is not a multiaddr: {e}"))
                .advice("for example /ip4/0.0.0.0/tcp/4774 or /ip4/0.0.0.0/udp/4774/quic-v1")
        })
    });
    front.map(|front| Ok(front.listen.clone())).into_iter().chain(parsed).collect()
}

/// The option by which nobody is to dial this mirror itself, if there is one.
pub fn hidden(chosen: &Chosen, front: Option<&Front>) -> Option<&'static str> {
    match (front, &chosen.proxy) {
        (Some(_), _) => Some("--front"),
        (None, proxy) => proxy.is_some().then_some("--proxy"),
    }
}

/// The addresses that others are told.
pub fn announced(texts: &[String], front: Option<&Front>) -> Result<Vec<Multiaddr>, CliError> {
    let wrong = |text: &str, why: String| {
        CliError::new(Exit::Usage, format!("'{text}' cannot be announced: {why}"))
            .advice("for example /onion3/ADDRESS:4774 (without .onion) or /dns4/mirror.example.org/tcp/4774")
    };
    if texts.len() > MAX_INVITE_ADDRESSES {
        return Err(wrong(
            &texts[MAX_INVITE_ADDRESSES],
            format!("an invite has {MAX_INVITE_ADDRESSES} addresses"),
        ));
    }
    let read = |text: &String| {
        let address: Multiaddr =
            text.parse().map_err(|e| wrong(text, format!("no multiaddr: {e}")))?;
        if text.len() > MAX_PLACE_BYTES || Way::of(&Place::Peer(text.clone())).is_none() {
            return Err(wrong(text, "nobody would know how to dial it".into()));
        }
        Ok(address)
    };
    let read = texts.iter().map(read);
    front.map(|front| Ok(front.address.clone())).into_iter().chain(read).collect()
}

/// The same with the name of the node behind, by which others know that it is this one.
pub fn named(addresses: Vec<Multiaddr>, key: &Keypair) -> Vec<String> {
    let peer = key.public().to_peer_id();
    let named = |address: Multiaddr| match peer_of(&address) {
        Some(_) => address,
        None => address.clone().with_p2p(peer).unwrap_or(address),
    };
    addresses.into_iter().map(|address| named(address).to_string()).collect()
}

/// Says how this mirror is connected where that is not the usual way.
pub fn say(ui: &Ui, chosen: &Chosen, listen: &[Multiaddr], announced: &[String]) {
    for address in announced {
        ui.say(format!("announced {address}"), format!("announced {address}"));
        ui.json(&json!({ "event": "announced", "address": address }));
    }
    let Some(proxy) = &chosen.proxy else { return };
    ui.json(
        &json!({ "event": "proxied", "proxy": proxy.to_string(), "listens": !listen.is_empty() }),
    );
    match listen.is_empty() {
        true => ui.note(
            format!("Everything goes through the proxy {proxy}. Nobody can connect to this mirror; it serves on the connections that it opens itself."),
            format!("همه چیز از پراکسی {proxy} می‌گذرد. کسی نمی‌تواند به این آینه وصل شود؛ روی اتصال‌هایی که خودش باز می‌کند خدمت می‌دهد."),
        ),
        false => ui.note(
            format!("All that this mirror dials goes through the proxy {proxy}; it listens on this machine only."),
            format!("هر اتصالی که این آینه باز می‌کند از پراکسی {proxy} می‌گذرد؛ فقط روی همین دستگاه گوش می‌دهد."),
        ),
    }
}

impl From<NetError> for CliError {
    fn from(e: NetError) -> Self {
        let advice = match &e {
            NetError::OpenWs(_) => {
                "stand behind a web server with --front, or listen on a private address; --open-ws if all on the way may see it"
            }
            _ => {
                "choose other addresses with --listen, behind a website --front-port; port 0 takes any free one"
            }
        };
        Self::new(Exit::Failed, e.to_string()).advice(advice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONION: &str = "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:4774";

    #[test]
    fn announced_addresses_are_of_a_known_kind_and_name_the_node() {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let key = Keypair::generate_ed25519();
        let good = announced(&texts(&[ONION, "/dns4/a.example/tcp/4774"]), None).unwrap();
        let named = named(good, &key);
        let id = key.public().to_peer_id();
        assert_eq!(named[0], format!("{ONION}/p2p/{id}"));
        for bad in ["a.example:4774", "/memory/1", "/onion3/short:1"] {
            assert!(announced(&texts(&[bad]), None).is_err(), "{bad}");
        }
        assert!(announced(&texts(&["/ip4/8.8.8.8/tcp/4774"; 9]), None).is_err());
    }

    #[test]
    fn with_a_proxy_it_listens_nowhere_by_itself() {
        let proxy = crate::dial::Proxy::parse("socks5h://127.0.0.1:9050").ok();
        let chosen = |proxy| Chosen { proxy, by_environment: false };
        assert_eq!(listen(&[], &chosen(None), None).unwrap().len(), 4);
        assert!(listen(&[], &chosen(proxy.clone()), None).unwrap().is_empty());
        let given = ["/ip4/127.0.0.1/tcp/4774".to_owned()];
        assert_eq!(listen(&given, &chosen(proxy), None).unwrap().len(), 1);
    }
}
