//! Who is refused before anything is looked at: pages of other sites that a browser has open (GW-8).

use hyper::StatusCode;
use hyper::header::HOST;
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use std::net::IpAddr;

/// Refuses a request, with the status that says why.
///
/// A browser says by itself when a page of another site asks. It does not say so of a name that a stranger's DNS server
/// points at this machine (DNS rebinding): so where only this machine comes in, it must have come by an address or as
/// `localhost`. A web server in front sends the address that it passes requests to as `Host`.
pub(super) fn refuse(request: &Parts, on_loopback: bool) -> Option<StatusCode> {
    let site = request.headers.get("sec-fetch-site").map(|site| site.as_bytes());
    if matches!(site, Some(b"cross-site" | b"same-site")) {
        return Some(StatusCode::FORBIDDEN);
    }
    let mut hosts = request.headers.get_all(HOST).iter();
    let named = hosts.next().map(|host| host.to_str().ok()?.parse::<Authority>().ok());
    let is_ours = |host: &Authority| !on_loopback || is_no_name(host);
    let ours = named.is_none_or(|host| host.is_some_and(|host| is_ours(&host)));
    let in_line = request.uri.authority().is_none_or(is_ours);
    (!ours || !in_line || hosts.next().is_some()).then_some(StatusCode::MISDIRECTED_REQUEST)
}

fn is_no_name(host: &Authority) -> bool {
    let host = host.host();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.parse::<IpAddr>().is_ok() || host.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    fn refused(headers: &[(&str, &str)], on_loopback: bool) -> Option<u16> {
        let mut request = Request::builder().uri("/ipfs/bafkqaaa?format=raw");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        refuse(&parts, on_loopback).map(|status| status.as_u16())
    }

    #[test]
    fn gw_8_pages_of_other_sites_learn_nothing() {
        let ours = ("host", "127.0.0.1:8080");
        for site in ["cross-site", "same-site"] {
            for on_loopback in [true, false] {
                assert_eq!(refused(&[ours, ("sec-fetch-site", site)], on_loopback), Some(403));
            }
        }
        for site in ["none", "same-origin"] {
            assert_eq!(refused(&[ours, ("sec-fetch-site", site)], true), None);
        }
    }

    #[test]
    fn gw_8_a_name_that_leads_to_this_machine_is_none_of_ours() {
        for name in
            ["evil.example", "evil.example:8080", "localhost.evil.example", "a b", "u@x", ""]
        {
            assert_eq!(refused(&[("host", name)], true), Some(421), "{name}");
        }
        // As clients name it, and as nginx does that stands in front.
        for name in ["127.0.0.1:8080", "127.0.0.1", "[::1]:8080", "localhost:8080", "LOCALHOST"] {
            assert_eq!(refused(&[("host", name)], true), None, "{name}");
        }
        // A mirror on the open network has a name, and whoever finds it there learns nothing of this machine's user.
        assert_eq!(refused(&[("host", "mirror.example")], false), None);
        assert_eq!(refused(&[("host", "127.0.0.1"), ("host", "evil.example")], true), Some(421));
        // Old programs name nothing; a browser always does.
        assert_eq!(refused(&[], true), None);
    }
}
