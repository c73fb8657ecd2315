//! The headers of every answer, with the reason for each.

use crate::memorial::arriving::RELOAD_SECONDS;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Our own pages: one stylesheet, two fonts, pictures of ours. What `default-src` forbids is said again where it matters
/// most, so that no later edit of the default opens it. Forms may only come back to us. The
/// sandbox takes away scripts, popups and plugins; `allow-same-origin` is needed, because with an
/// opaque origin the font would not load; `allow-downloads` lets a click on a file save it.
pub const PAGES_CSP: &str = "default-src 'none'; script-src 'none'; connect-src 'none'; \
     object-src 'none'; frame-src 'none'; worker-src 'none'; manifest-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
     sandbox allow-same-origin allow-forms allow-downloads";

/// The archived site, of which nothing is assumed. `script-src` and `connect-src` are `'none'`
/// explicitly, although `default-src` says so, so that no later edit of the default opens them.
/// Inline styles are allowed, because sites in the wild have them, and without anything to load
/// from elsewhere they can carry nothing out; `data:` holds its bytes in itself. No forms at all:
/// there is nobody to receive them. `allow-same-origin` for the fonts, as above; without scripts it
/// gives the page no power, and the origin is the site's own.
pub const SITE_CSP: &str = "default-src 'none'; script-src 'none'; connect-src 'none'; \
     object-src 'none'; frame-src 'none'; worker-src 'none'; manifest-src 'none'; \
     style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' data:; \
     font-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; \
     sandbox allow-same-origin allow-downloads";

/// Our own page in place of one that is still arriving. It is not sandboxed, since a sandbox keeps a page from
/// loading itself again; it has nothing in it but our own text.
pub const WAITING_CSP: &str = "default-src 'none'; script-src 'none'; connect-src 'none'; \
     style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Marks the answer that holds such a page.
#[derive(Debug, Clone, Copy)]
pub struct Waiting;

/// Every feature that a page could ask a browser for, switched off.
const PERMISSIONS: &str = "accelerometer=(), ambient-light-sensor=(), autoplay=(), battery=(), \
     bluetooth=(), browsing-topics=(), camera=(), clipboard-read=(), clipboard-write=(), \
     display-capture=(), encrypted-media=(), fullscreen=(self), gamepad=(), geolocation=(), \
     gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), local-fonts=(), \
     magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), \
     publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), usb=(), \
     web-share=(), window-management=(), xr-spatial-tracking=()";

/// Which origin an answer belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Our own pages.
    Pages,
    /// The archived site.
    Site,
}

/// Sets the headers that every answer of an origin has, replacing any of the same name.
pub fn apply(headers: &mut HeaderMap, origin: Origin) {
    let mut set = |name: &'static str, value: &'static str| {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    };
    // The media type is what the archive says, never what the bytes look like.
    set("x-content-type-options", "nosniff");
    // No address of a page is told to anyone.
    set("referrer-policy", "no-referrer");
    // Other origins, also our other ports, cannot load our answers into their pages.
    set("cross-origin-resource-policy", "same-origin");
    // A page that opened this one keeps no handle on it.
    set("cross-origin-opener-policy", "same-origin");
    // Resolving the names of links ahead of a click would tell a resolver what is read.
    set("x-dns-prefetch-control", "off");
    // As little as possible stays on the reader's disk.
    set("cache-control", "no-store");
    set("x-robots-tag", "noindex, nofollow, noarchive");
    set("permissions-policy", PERMISSIONS);
    match origin {
        Origin::Pages => set("content-security-policy", PAGES_CSP),
        Origin::Site => {
            set("content-security-policy", SITE_CSP);
            // What CSP leaves open (`<link rel=preconnect>`, and a click on an external link)
            // browsers that know this header close: Chromium since version 152.
            set("connection-allowlist", "(response-origin)");
        }
    }
}

/// Sets the headers of our own page in place of one that is still arriving.
pub fn apply_waiting(headers: &mut HeaderMap) {
    let mut set = |name: &'static str, value: HeaderValue| {
        headers.insert(HeaderName::from_static(name), value);
    };
    set("content-security-policy", HeaderValue::from_static(WAITING_CSP));
    set("retry-after", HeaderValue::from(RELOAD_SECONDS));
}
