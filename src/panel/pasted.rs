//! What somebody pasted: the one place where its kind is decided.

use crate::courier::look;
use crate::interfaces::is_lan;
use std::net::SocketAddr;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::words::looks_like_words;

/// A text that leads to an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pasted {
    /// An invite: which archive, and where to ask.
    Invite(Invite),
    /// An invite in words, one of which is not right.
    WrongWords,
    /// The page of a share on this LAN.
    Share(SocketAddr),
    /// News: what is newest, and what was withdrawn (courier.md). The text itself.
    News(String),
    /// An address that is not of a LAN: it is not asked over plain http.
    Public,
    /// Anything else.
    Unknown,
}

/// Reads a pasted text. Space around it, and lines that a messenger broke, do not matter.
pub fn pasted(text: &str) -> Pasted {
    // Whatever stands around it: each of its lines has a check.
    if look(text) {
        return Pasted::News(text.to_owned());
    }
    if looks_like_words(text) {
        return Invite::from_words(text).map_or(Pasted::WrongWords, Pasted::Invite);
    }
    let joined: String = text.split_whitespace().collect();
    let lower = joined.to_ascii_lowercase();
    if lower.starts_with("yadgar:") {
        return Invite::parse(&joined).map_or(Pasted::Unknown, Pasted::Invite);
    }
    let Some(rest) = lower.strip_prefix("http://") else { return Pasted::Unknown };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let at = host.parse().ok().or_else(|| {
        let ip = host.trim_start_matches('[').trim_end_matches(']').parse().ok()?;
        Some(SocketAddr::new(ip, 80))
    });
    match at {
        // A name would have to be asked from a server, which then knows.
        None => Pasted::Unknown,
        Some(at) if is_lan(at.ip()) => Pasted::Share(at),
        Some(_) => Pasted::Public,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let at = |text: &str| Pasted::Share(text.parse().unwrap());
        assert_eq!(pasted(" http://10.42.0.1:8080/\n"), at("10.42.0.1:8080"));
        assert_eq!(pasted("HTTP://192.168.1.5:80/fa/?q=x"), at("192.168.1.5:80"));
        assert_eq!(pasted("http://192.168.1.5"), at("192.168.1.5:80"));
        assert_eq!(pasted("http://[fd00::1]:99/"), at("[fd00::1]:99"));
        for public in ["http://203.0.113.1:80/", "http://127.0.0.1:80/", "http://[::1]:1/"] {
            assert_eq!(pasted(public), Pasted::Public, "{public}");
        }
        for no in
            ["", "hello", "https://10.0.0.1/", "http://a.example/", "http://10.0.0.1@x.example/"]
        {
            assert_eq!(pasted(no), Pasted::Unknown, "{no}");
        }
        let id = yadgar_protocol::ArchiveId(yadgar_protocol::Hash([7; 32]));
        let invite = Invite::of(id);
        let words = invite.to_words().words;
        let said: String = (1..).zip(&words).map(|(n, w)| format!("{n}. {}\n", w.fa)).collect();
        assert_eq!(pasted(&said), Pasted::Invite(invite.clone()));
        assert_eq!(pasted(&said.replace(words[5].fa, words[6].fa)), Pasted::WrongWords);
        let text = invite.to_string();
        let (a, b) = text.split_at(20);
        assert_eq!(pasted(&format!("{a}\n {b}")), Pasted::Invite(invite));
        assert_eq!(pasted("yadgar:nonsense"), Pasted::Unknown);
        // News, quoted below an address, and cut.
        let lines = yadgar_protocol::courier::armour(&[7; 250]).unwrap();
        for lines in [&lines[..], &lines[1..2]] {
            let news = format!("http://10.42.0.1:8080/\n> {}", lines.join("\n> ").to_lowercase());
            assert_eq!(pasted(&news), Pasted::News(news.clone()));
        }
        assert_eq!(pasted(&lines[0][..150]), Pasted::Unknown);
    }
}
