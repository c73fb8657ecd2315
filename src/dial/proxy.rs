//! The user's proxy. Where there is one, nothing goes past it: not a name, not a connection.

use hyper::http::HeaderValue;
use hyper::http::Uri;
use percent_encoding::percent_decode_str;
use url::{Host, Url};
use yadgar_protocol::place;
use yadgar_protocol::way::Line;

/// Why a proxy cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyError {
    /// Not `scheme://host:port`.
    #[error("'{0}' is not the address of a proxy")]
    NotAUrl(String),
    /// Another kind of proxy.
    #[error("proxies of the kind '{0}' are not supported")]
    Kind(String),
}

/// A proxy, through which all is dialled. Host names go to it unresolved, also those of `socks5://`.
#[derive(Clone)]
pub struct Proxy {
    pub(super) at: Uri,
    host: Host,
    port: u16,
    pub(super) kind: Kind,
}

#[derive(Clone)]
pub(super) enum Kind {
    /// SOCKS5, with name and password.
    Socks(Option<(String, String)>),
    /// HTTP CONNECT, with the header that names who asks.
    Connect(Option<HeaderValue>),
}

/// Without the password.
impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// Without the password.
impl std::fmt::Display for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.kind {
            Kind::Socks(_) => "socks5h",
            Kind::Connect(_) => "http",
        };
        let at = self.at.authority().map_or("", |at| at.as_str());
        write!(f, "{kind}://{at}")
    }
}

/// Variables that name a proxy for https, the first one that is set counts; as curl has them.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

impl Proxy {
    /// Reads `socks5h://`, `socks5://` or `http://`, with an optional `name:password@`.
    ///
    /// # Errors
    /// See [`ProxyError`]. The text is shown without name and password.
    pub fn parse(text: &str) -> Result<Self, ProxyError> {
        let text = text.trim();
        let full = if text.contains("://") { text.into() } else { format!("http://{text}") };
        let shown = || ProxyError::NotAUrl(full.rsplit('@').next().unwrap_or_default().into());
        let url = Url::parse(&full).map_err(|_| shown())?;
        let (host, default) = match (url.host_str(), url.scheme()) {
            (Some(host), "socks5" | "socks5h") if !host.is_empty() => (host, 1080),
            (Some(host), "http") => (host, 80),
            (_, "socks5" | "socks5h" | "http") => return Err(shown()),
            (_, other) => return Err(ProxyError::Kind(other.into())),
        };
        let port = url.port().unwrap_or(default);
        let at: Uri = format!("http://{host}:{port}").parse().map_err(|_| shown())?;
        let host = Host::parse(host).map_err(|_| shown())?;
        let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let (name, word) = (plain(url.username()), plain(url.password().unwrap_or_default()));
        let auth = (!name.is_empty() || !word.is_empty()).then_some((name, word));
        let kind = match (url.scheme(), auth) {
            ("http", None) => Kind::Connect(None),
            ("http", Some((name, word))) => {
                let words = data_encoding::BASE64.encode(format!("{name}:{word}").as_bytes());
                let header = HeaderValue::from_str(&format!("Basic {words}"));
                Kind::Connect(Some(header.map_err(|_| shown())?))
            }
            (_, auth) => Kind::Socks(auth),
        };
        Ok(Self { at, host, port, kind })
    }

    /// Where the proxy itself is.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Where the line to it leads: nothing on it is encrypted by SOCKS or CONNECT.
    pub fn line(&self) -> Line {
        match &self.host {
            Host::Domain(name) => Line::to(&place::Host::Name(name)),
            Host::Ipv4(ip) => Line::to(&place::Host::Ip((*ip).into())),
            Host::Ipv6(ip) => Line::to(&place::Host::Ip((*ip).into())),
        }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// True for SOCKS5, false for CONNECT.
    pub fn is_socks(&self) -> bool {
        matches!(self.kind, Kind::Socks(_))
    }

    /// The proxy that the environment names, if any; `get` reads a variable. `NO_PROXY` is not looked at: going
    /// past a proxy must never happen by mistake.
    ///
    /// # Errors
    /// As [`Proxy::parse`]: a proxy that cannot be used must not be taken for none.
    pub fn from_env(get: &dyn Fn(&str) -> Option<String>) -> Result<Option<Self>, ProxyError> {
        let set = |name: &&str| get(name).filter(|value| !value.trim().is_empty());
        VARIABLES.iter().find_map(set).map(|text| Self::parse(&text)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_ports_and_passwords() {
        let proxy = Proxy::parse("socks5://u%40x:p:w@127.0.0.1").unwrap();
        assert_eq!(proxy.to_string(), "socks5h://127.0.0.1:1080");
        assert!(matches!(&proxy.kind, Kind::Socks(Some((u, p))) if u == "u@x" && p == "p:w"));
        assert!(!format!("{proxy:?}").contains("p:w"));
        let proxy = Proxy::parse("user:word@[::1]:3128").unwrap();
        assert_eq!(proxy.to_string(), "http://[::1]:3128");
        assert!(matches!(&proxy.kind, Kind::Connect(Some(v)) if v == "Basic dXNlcjp3b3Jk"));
        assert_eq!(
            Proxy::parse("https://p.example").unwrap_err(),
            ProxyError::Kind("https".into())
        );
        for bad in ["socks5h://", "http://", "u:secret@:1", "http://u:secret@a b"] {
            let error = Proxy::parse(bad).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn the_environment_names_one_and_a_broken_one_is_not_none() {
        let env = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
        };
        let from = |pairs| Proxy::from_env(&env(pairs)).map(|p| p.map(|p| p.to_string()));
        assert_eq!(from(&[]), Ok(None));
        assert_eq!(from(&[("ALL_PROXY", "")]), Ok(None));
        let both = &[("ALL_PROXY", "socks5://a:1"), ("HTTPS_PROXY", "b:2")];
        assert_eq!(from(both), Ok(Some("http://b:2".into())));
        assert_eq!(from(&[("all_proxy", "socks5h://a:1")]), Ok(Some("socks5h://a:1".into())));
        assert!(from(&[("ALL_PROXY", "ssh://a:1")]).is_err());
    }
}
