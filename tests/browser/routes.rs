//! Every address that the pages name, asked for without a browser: headers, methods, hosts, and
//! addresses that nobody wrote.

use crate::crawl::{Answer, Found, ask, get};
use crate::people::{Shared, shared};
use std::net::SocketAddr;

/// Addresses of each kind that are tried.
const OF_A_KIND: usize = 2;

fn addresses(found: &Found) -> Vec<String> {
    let mut all = found.some(OF_A_KIND);
    all.extend(found.files.iter().take(60).cloned());
    all.extend(["/", "/fa", "/fa/nothing", "/assets/nothing", "/favicon.ico"].map(str::to_owned));
    all
}

/// What every answer of our own origin says (field of `reader::headers`).
fn is_guarded(path: &str, answer: &Answer) {
    let csp = answer.header("content-security-policy").unwrap_or_default();
    for part in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "sandbox "] {
        assert!(csp.contains(part), "{path}: {csp}");
    }
    for part in ["allow-scripts", "allow-popups", "allow-top", "unsafe", "http", "data:", "*"] {
        assert!(!csp.contains(part), "{path}: {csp}");
    }
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-dns-prefetch-control", "off"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{path}: {name}");
    }
    assert!(answer.header("permissions-policy").unwrap().contains("camera=()"), "{path}");
    assert_eq!(answer.header("set-cookie"), None, "{path}");
    assert_eq!(answer.header("refresh"), None, "{path}");
}

#[test]
fn every_address_is_guarded() {
    let at = shared().show.pages;
    for path in addresses(&shared().found) {
        let answer = get(at, &path);
        assert!(answer.status < 500, "{path}: {}", answer.status);
        is_guarded(&path, &answer);
        let head = ask(at, "HEAD", &path, &at.to_string());
        assert_eq!((head.status, head.body.len()), (answer.status, 0), "{path}");
        if !answer.body.is_empty() {
            assert_eq!(head.header("content-length"), answer.header("content-length"), "{path}");
        }
        is_guarded(&path, &head);
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"] {
            let refused = ask(at, method, &path, &at.to_string());
            assert_eq!(refused.status, 405, "{method} {path}");
            is_guarded(&path, &refused);
        }
        for host in ["evil.example", &format!("evil.example:{}", at.port()), "127.0.0.1:1"] {
            let refused = ask(at, "GET", &path, host);
            assert_eq!(refused.status, 421, "{path} for {host}");
            assert!(!refused.text().contains("ساختگی"), "{path} tells {host} what is here");
            is_guarded(&path, &refused);
        }
    }
}

/// The history of a browser keeps titles and addresses.
#[test]
fn titles_and_addresses_give_nothing_away() {
    let Shared { show, found, somebody } = shared();
    for path in found.some(OF_A_KIND) {
        let page = get(show.pages, &path).text();
        let title = page.split("<title>").nth(1).unwrap().split('<').next().unwrap();
        assert!(["صفحهٔ محلی", "Local page"].contains(&title), "{path}: {title}");
        assert!(path.is_ascii(), "{path}");
    }
    let first = somebody.persian.split(' ').next().unwrap();
    let coded: String = form_urlencoded::byte_serialize(first.as_bytes()).collect();
    let named = |link: &&String| link.contains(first) || link.contains(&coded);
    let all: Vec<_> = found.kinds.values().flatten().chain(&found.files).filter(named).collect();
    assert!(all.is_empty(), "{all:?}");
}

/// What is put behind, before and into an address.
fn bent(path: &str) -> Vec<String> {
    let bare = path.split('?').next().unwrap().trim_end_matches('/');
    let mut all: Vec<String> = [
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/",
        "%00",
        "/%00",
        "%0d%0aX:y",
        "//",
        "/.",
        "/%5c",
    ]
    .map(|tail| format!("{bare}{tail}"))
    .into();
    all.extend(["/%ff", "/%", "/%zz"].map(|tail| format!("{bare}{tail}")));
    all.push(format!("{bare}/{}", "a".repeat(1500)));
    all.retain(|path| path.starts_with('/'));
    let digits = "9".repeat(40);
    for value in
        ["-1", "0", digits.as_str(), "%00", "%ff", "..%2f", "%F0%9F", "%3Cscript%3E", "'", ""]
    {
        let names = path.split_once('?').map_or("", |(_, query)| query);
        for name in names.split('&').filter_map(|p| p.split('=').next()).filter(|n| !n.is_empty()) {
            all.push(format!("{bare}/?{name}={value}"));
            all.push(format!("{bare}/?{name}={value}&{name}={value}"));
        }
        all.push(format!("{bare}/?page={value}&q={value}&nothing={value}"));
    }
    all
}

fn is_refused_or_empty(at: SocketAddr, path: &str) {
    let answer = ask(at, "GET", path, &at.to_string());
    assert!(answer.status < 500, "{path}: {}", answer.status);
    assert!(!answer.text().contains("<script"), "{path}");
    is_guarded(path, &answer);
}

#[test]
fn bent_addresses_are_refused() {
    let (at, found) = (shared().show.pages, &shared().found);
    let mut tried = 0;
    for path in addresses(found) {
        for bent in bent(&path) {
            is_refused_or_empty(at, &bent);
            tried += 1;
        }
        let long = format!("{path}{}", "a".repeat(2100));
        assert_eq!(get(at, &long).status, 414, "{path}");
    }
    assert!(tried > 200, "{tried}");
}
