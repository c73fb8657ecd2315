//! The address of a static mirror, as a person gives it.

use super::limits::MAX_URL_BYTES;
use std::net::IpAddr;
use url::{Host, Url};
use yadgar_protocol::place;
use yadgar_protocol::way::Way;

/// Why a text is not the address of a static mirror.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// No URL.
    #[error("not a URL of the web")]
    NotAUrl,
    /// Something other than http and https.
    #[error("only https:// (and http:// near by) can be asked")]
    Scheme,
    /// A user name, a query or a fragment.
    #[error("a URL with a user name, '?' or '#' is no folder of files")]
    Extras,
    /// Without TLS over the open network: everyone on the way reads and changes what comes.
    #[error("http:// without TLS is only for this machine, a private network or an onion service")]
    Plain,
}

/// A folder on a web host, or of this machine; its path ends in a slash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Reads an address. With `plain`, http is also taken from hosts on the open network.
    ///
    /// # Errors
    /// See [`UrlError`].
    pub fn parse(text: &str, plain: bool) -> Result<Self, UrlError> {
        if text.len() > MAX_URL_BYTES {
            return Err(UrlError::NotAUrl);
        }
        let mut url = Url::parse(text.trim()).map_err(|_| UrlError::NotAUrl)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(UrlError::Extras);
        }
        check(&url, plain)?;
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(Self(url))
    }

    /// What a person names: as [`BaseUrl::parse`], or a folder of this machine, as a path or as file:///.
    ///
    /// # Errors
    /// See [`UrlError`].
    pub fn named(text: &str, plain: bool) -> Result<Self, UrlError> {
        let url = match Url::parse(text.trim()) {
            Ok(url) if url.scheme() == "file" => url,
            // A path: no URL at all, or one that only looks like it (C:\\).
            _ if std::path::Path::new(text).is_dir() => {
                let path = std::path::absolute(text).map_err(|_| UrlError::NotAUrl)?;
                Url::from_directory_path(path).map_err(|()| UrlError::NotAUrl)?
            }
            _ => return Self::parse(text, plain),
        };
        let folder = url.to_file_path().map_err(|()| UrlError::NotAUrl)?;
        Ok(Self(Url::from_directory_path(folder).map_err(|()| UrlError::NotAUrl)?))
    }

    /// True for a folder of this machine: nothing is asked of anybody.
    pub fn is_here(&self) -> bool {
        self.0.scheme() == "file"
    }

    /// The way to it.
    pub fn way(&self) -> Way {
        way_of(&self.0)
    }

    /// A file below it; `name` is one of the names of the format, of letters, digits and slashes.
    pub(super) fn file(&self, name: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{name}", self.0.path()));
        url
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a URL may be asked at all.
pub(super) fn check(url: &Url, plain: bool) -> Result<(), UrlError> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::Extras);
    }
    let host = url.host().ok_or(UrlError::NotAUrl)?;
    match url.scheme() {
        "https" => Ok(()),
        "http" if plain || as_place(&host).is_near() => Ok(()),
        "http" => Err(UrlError::Plain),
        _ => Err(UrlError::Scheme),
    }
}

/// The way to the host of a URL.
pub(super) fn way_of(url: &Url) -> Way {
    Way::of_host(&url.host().map_or(place::Host::Name(""), |host| as_place(&host)))
}

/// The same host as the rules about places know it.
fn as_place<'a>(host: &Host<&'a str>) -> place::Host<'a> {
    match host {
        Host::Domain(name) => place::Host::Name(name.trim_end_matches('.')),
        Host::Ipv4(ip) => place::Host::Ip((*ip).into()),
        Host::Ipv6(ip) => place::Host::Ip(ip.to_ipv4_mapped().map_or((*ip).into(), IpAddr::V4)),
    }
}

/// The host of a URL as a resolver or a certificate has it: without the brackets of IPv6.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    host.trim_start_matches('[').trim_end_matches(']').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_over_tls_or_near_by() {
        let base = |text| BaseUrl::parse(text, false);
        assert_eq!(base("https://a.example/x").unwrap().to_string(), "https://a.example/x/");
        for near in [
            "http://127.0.0.1:8080/",
            "http://[::1]/",
            "http://192.168.1.2/a/",
            "http://[::ffff:10.0.0.1]/",
            "http://localhost/",
            "http://abc.onion/",
        ] {
            assert!(base(near).is_ok(), "{near}");
        }
        for far in ["http://a.example/", "http://8.8.8.8/", "http://localhost.example/"] {
            assert_eq!(base(far), Err(UrlError::Plain), "{far}");
            assert!(BaseUrl::parse(far, true).is_ok());
        }
        assert_eq!(base("ftp://a.example/"), Err(UrlError::Scheme));
        for extra in ["https://u@a.example/", "https://a.example/?q", "https://a.example/#f"] {
            assert_eq!(base(extra), Err(UrlError::Extras), "{extra}");
        }
        assert_eq!(base("/srv/mirror"), Err(UrlError::NotAUrl));
        assert_eq!(
            base(&format!("https://a.example/{}", "x".repeat(3000))),
            Err(UrlError::NotAUrl)
        );
    }

    #[test]
    fn files_stay_in_the_folder() {
        let base = BaseUrl::parse("https://a.example/some/where", false).unwrap();
        assert_eq!(base.file("i/abc").as_str(), "https://a.example/some/where/i/abc");
    }
}
