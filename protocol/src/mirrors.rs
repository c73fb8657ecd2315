//! The list of mirrors inside a release: where the archive itself says that it lives (spec: mirrors.md, MIR-1 to
//! MIR-6).

use crate::limits::{MAX_MIRRORS, MAX_MIRRORS_BYTES, MAX_PLACE_BYTES};
use crate::place::{Place, WebUrl, begins};
use std::collections::BTreeSet;

/// Where the list stands in the part `core`.
pub const MIRRORS_PATH: &str = "mirrors.txt";
/// Its first line.
const FIRST: &str = "yadgar mirrors 1";
/// First line of every version.
const ANY: &str = "yadgar mirrors ";

/// What is wrong with a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Line, from 1; 0 for the list as a whole.
    pub line: usize,
    /// Clause of the spec.
    pub clause: &'static str,
    /// What was wrong, without content of it.
    pub why: &'static str,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{} ({})", self.why, self.clause),
            line => write!(f, "line {line}: {} ({})", self.why, self.clause),
        }
    }
}

/// A list as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mirrors {
    /// The addresses, in the order of the list.
    pub places: Vec<Place>,
    /// Lines of kinds that this program does not know; readers pass over them, builders refuse them (MIR-5).
    pub unknown: Vec<usize>,
}

impl Mirrors {
    /// Reads a list.
    ///
    /// # Errors
    /// The first fault: such a list is as good as none.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let fault = |line, clause, why| Fault { line, clause, why };
        if bytes.len() > MAX_MIRRORS_BYTES {
            return Err(fault(0, "MIR-1", "a list of more than 16384 bytes"));
        }
        let text = std::str::from_utf8(bytes).ok().filter(|text| {
            text.bytes().all(|b| b == b'\n' || (0x20..0x7f).contains(&b)) && text.ends_with('\n')
        });
        let text = text.ok_or(fault(0, "MIR-1", "not lines of ASCII, each ended by LF"))?;
        let mut lines = (1..).zip(text.lines());
        match lines.next() {
            Some((_, FIRST)) => {}
            Some((_, other)) if other.starts_with(ANY) => {
                return Err(fault(1, "ENC-9", "a list of mirrors of a newer version"));
            }
            _ => return Err(fault(1, "MIR-1", "the first line is not 'yadgar mirrors 1'")),
        }
        let (mut out, mut seen) = (Self::default(), BTreeSet::new());
        for (line, text) in lines {
            if line > MAX_MIRRORS + 1 {
                return Err(fault(line, "MIR-2", "more than 64 addresses"));
            }
            if text.len() > MAX_PLACE_BYTES || text.contains(' ') || text.is_empty() {
                return Err(fault(line, "MIR-2", "not an address: empty, with a space, too long"));
            }
            if !seen.insert(text) {
                return Err(fault(line, "MIR-2", "the same address twice"));
            }
            match text.as_bytes()[0] {
                b'/' => out.places.push(peer(text).map_err(|why| fault(line, "MIR-3", why))?),
                b'h' => out.places.push(web(text).map_err(|why| fault(line, "MIR-4", why))?),
                _ => out.unknown.push(line),
            }
        }
        Ok(out)
    }

    /// The list of these addresses.
    ///
    /// # Errors
    /// The first fault that [`Mirrors::parse`] would find.
    pub fn encode(places: &[Place]) -> Result<Vec<u8>, Fault> {
        let lines: String = places.iter().map(|place| format!("{place}\n")).collect();
        let bytes = format!("{FIRST}\n{lines}").into_bytes();
        Self::parse(&bytes).map(|_| bytes)
    }
}

fn peer(text: &str) -> Result<Place, &'static str> {
    let start =
        begins(text).ok_or("not a multiaddr of an IP address or a name, with TCP or QUIC")?;
    if !start.is_global() {
        return Err(
            "an address that does not mean the same everywhere, or the port of another service",
        );
    }
    Ok(Place::Peer(text.to_owned()))
}

fn web(text: &str) -> Result<Place, &'static str> {
    let url = WebUrl::parse(text).map_err(|reject| reject.why)?;
    let host = url.host();
    let everywhere = url.is_tls() && host.is_global() || host.is_onion();
    if everywhere { Ok(Place::Web(url)) } else { Err("a web address of one network only") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "/dns4/mirror.example.org/tcp/4774";
    const WEB: &str = "https://mirror.example.org/yadgar/";

    fn list(lines: &[&str]) -> Result<Mirrors, Fault> {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        Mirrors::parse(format!("yadgar mirrors 1\n{text}").as_bytes())
    }

    fn fault(lines: &[&str]) -> (usize, &'static str) {
        let fault = list(lines).unwrap_err();
        (fault.line, fault.clause)
    }

    #[test]
    fn mir_1_form() {
        assert_eq!(list(&[]), Ok(Mirrors::default()));
        for bad in [
            "",
            "yadgar mirrors 1",
            "yadgar mirrors\n",
            "Yadgar mirrors 1\n",
            "\u{feff}yadgar mirrors 1\n",
            "yadgar mirrors 1\r\n",
            "yadgar mirrors 1\n/ip4/8.8.8.8/tcp/4774",
            "yadgar mirrors 1\n/dns4/ن.example/tcp/4774\n",
        ] {
            let fault = Mirrors::parse(bad.as_bytes()).unwrap_err();
            assert_eq!(fault.clause, "MIR-1", "{bad:?}");
        }
        assert_eq!(Mirrors::parse(b"yadgar mirrors 2\nx\n").unwrap_err().clause, "ENC-9");
        assert_eq!(Mirrors::parse(&[b' '; 16_385]).unwrap_err().clause, "MIR-1");
        assert_eq!(Mirrors::parse(b"\xff\n").unwrap_err().clause, "MIR-1");
    }

    #[test]
    fn mir_2_lines() {
        let read = list(&[PEER, WEB]).unwrap();
        assert_eq!(read.places, [Place::Peer(PEER.into()), Place::parse(WEB).unwrap()]);
        let bytes = Mirrors::encode(&read.places).unwrap();
        assert_eq!(Mirrors::parse(&bytes), Ok(read));
        assert_eq!(fault(&[PEER, ""]), (3, "MIR-2"));
        assert_eq!(fault(&["# a comment", PEER]), (2, "MIR-2"));
        assert_eq!(fault(&[PEER, WEB, PEER]), (4, "MIR-2"));
        assert_eq!(fault(&[&format!("/dns4/{}", "x".repeat(600))]), (2, "MIR-2"));
        let many: Vec<String> = (0..65).map(|n| format!("/dns4/m{n}.example/tcp/4774")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(list(&many[..64]).unwrap().places.len(), 64);
        assert_eq!(fault(&many), (66, "MIR-2"));
    }

    #[test]
    fn mir_3_peers() {
        for good in [
            "/ip4/8.8.8.8/tcp/4774",
            "/ip6/2600::1/udp/4774/quic-v1",
            "/dns/a.example/tcp/443/tls/ws",
            "/ip4/8.8.8.8/tcp/4774/p2p/12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X",
        ] {
            assert!(list(&[good]).is_ok(), "{good}");
        }
        for bad in [
            "/ip4/192.168.1.5/tcp/4774",
            "/ip4/127.0.0.1/tcp/4774",
            "/ip4/169.254.169.254/tcp/80",
            "/ip6/fd00::1/tcp/4774",
            "/ip4/8.8.8.8/tcp/25",
            "/dns4/localhost/tcp/4774",
            "/dns4/box.local/tcp/4774",
            "/dns4/abc.onion/tcp/4774",
            "/memory/1",
            "/x",
            "/",
        ] {
            assert_eq!(fault(&[bad]), (2, "MIR-3"), "{bad}");
        }
    }

    #[test]
    fn mir_4_web_addresses() {
        assert!(list(&["http://abc.onion/", "https://8.8.8.8/x/"]).is_ok());
        for bad in [
            "http://a.example/",
            "http://192.168.1.5/",
            "https://192.168.1.5/",
            "https://localhost/",
            "https://u@a.example/",
            "https://a.example",
            "hello",
        ] {
            assert_eq!(fault(&[bad]), (2, "MIR-4"), "{bad}");
        }
    }

    #[test]
    fn mir_5_kinds_that_are_not_known() {
        let read = list(&[PEER, "onion3=abc", WEB]).unwrap();
        assert_eq!((read.places.len(), read.unknown), (2, vec![3]));
    }
}
