//! Hostile texts, names, addresses and pages: no script runs, nothing is asked for, no packet
//! leaves the machine.

use crate::chrome::{Chrome, Seen};
use crate::common::{Home, Node};
use crate::crawl::{Found, below, crawl, get};
use crate::namespace::{self, Place, Watch};
use crate::payloads::{self, Records};
use crate::sample::{File, Sample};
use crate::show::Show;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// For what a browser does a moment after a page is there. That it is long enough shows where the
/// same is waited for what must be seen.
pub const AFTERWARDS: Duration = Duration::from_millis(1500);
/// Elements and attributes that no page of ours has.
pub const ACTIVE: &str = "[...document.querySelectorAll('*')].filter(e => \
    /^(script|iframe|frame|object|embed|base|foreignobject|audio|video|math)$/i.test(e.localName) \
    || e.matches('meta[http-equiv]') || [...e.attributes].some(a => a.name.startsWith('on') \
    || (/^(href|src|action|formaction|xlink:href|ping|srcset)$/.test(a.name) && /^\\s*(javascript|data|vbscript):/i.test(a.value)))\
    ).map(e => e.outerHTML.slice(0, 200)).join('\\n')";

/// A listener on loopback that counts who connects.
pub struct Canary {
    pub at: SocketAddr,
    hits: Arc<AtomicUsize>,
}

impl Canary {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (at, hits) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let counted = hits.clone();
        std::thread::spawn(move || {
            for _ in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { at, hits }
    }

    pub fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
}

/// Our own page did nothing, asked for nothing but its own files, and holds nothing active.
fn is_inert(chrome: &mut Chrome, at: SocketAddr, path: &str) {
    let seen = chrome.open(&format!("http://{at}{path}"));
    quiet(&seen, path);
    assert!(seen.refused.is_empty() && seen.log.is_empty(), "{path}: {seen:?}");
    let own = format!("http://{at}/");
    assert!(seen.requests.iter().all(|r| r.starts_with(&own)), "{path}: {seen:?}");
    assert_eq!(chrome.text(ACTIVE), "", "{path}");
}

pub fn quiet(seen: &Seen, path: &str) {
    assert_eq!(seen.failed, "", "{path}");
    assert!(seen.scripts.is_empty() && seen.dialogs.is_empty(), "{path}: {seen:?}");
}

/// In the query of a form, every field with another payload. Both languages have the same forms: every other payload is tried
/// in one of them, the rest in the other.
fn queries(found: &Found, payloads: &[String]) -> Vec<String> {
    let (mut all, mut tried) = (Vec::new(), BTreeMap::<String, BTreeSet<usize>>::new());
    for form in &found.forms {
        let action = form.action.split('?').next().unwrap();
        let begin = usize::from(action.starts_with("/fa/"));
        for n in (begin..payloads.len()).step_by(2) {
            let mut query = form_urlencoded::Serializer::new(String::new());
            for (k, field) in form.fields.iter().enumerate() {
                let payload = (n + k) % payloads.len();
                query.append_pair(field, &payloads[payload]);
                tried.entry(field.clone()).or_default().insert(payload);
            }
            all.push(format!("{action}?{}", query.finish()));
        }
    }
    let all_of_them = tried.values().all(|tried| tried.len() == payloads.len());
    assert!(all_of_them, "every payload is tried in every field");
    all
}

/// An archive with payloads in its name, its records, its file names and its files.
pub fn archive(payloads: &[String], records: Records) -> Sample {
    let mut files: Vec<File> = records.files;
    files.push(("index.html".into(), b"<!doctype html><title>x</title><p>site".to_vec()));
    for (n, payload) in payloads.iter().enumerate() {
        let page = format!("<!doctype html><meta charset=utf-8><title>x</title><body>{payload}");
        files.push((format!("h/{n}.html"), page.into_bytes()));
        for path in [format!("{payload}.html"), format!("records/{payload}.cbor")] {
            let usual = |(p, _): &File| p.eq_ignore_ascii_case(&path);
            if yadgar_protocol::Path::new(&path).is_ok() && !files.iter().any(usual) {
                files.push((path, b"<p>named".to_vec()));
            }
        }
    }
    Sample::new("n\"><script>document.title='ran'</script>", 1, &[("core", files)])
}

/// Records with each text in all their fields.
pub fn records(texts: &[String]) -> Records {
    let (mut records, mut incidents) = (Records::default(), Records::default());
    for (n, text) in texts.iter().enumerate() {
        records.add(false, n * 2, text);
        incidents.add(true, 10_000 + n * 2, text);
    }
    assert!(records.held.len() > 30 && incidents.held.len() > 10, "{:?}", records.held);
    records.files.extend(incidents.files);
    records
}

/// In so many tests the payloads are tried, since they take longer than all else here.
const PARTS: usize = 3;

/// Every payload of a part, wherever one can be put.
fn try_all(chrome: &mut Chrome, canary: &Canary, part: usize) {
    let mut payloads = payloads::own(canary.at);
    payloads.extend(payloads::collected());
    let mut texts: Vec<String> = payloads.iter().map(|p| payloads::as_text(p)).collect();
    texts.retain(|text| !text.is_empty());
    let texts: Vec<_> = texts.into_iter().skip(part).step_by(PARTS).collect();
    let records = records(&texts);
    let show = Show::new(archive(&texts, records));
    let found = crawl(show.pages);
    for path in found.some(3) {
        is_inert(chrome, show.pages, &path);
    }
    for n in 0..texts.len() {
        let lang = if n % 2 == 0 { "fa" } else { "en" };
        is_inert(chrome, show.pages, &format!("/{lang}/p/{}", payloads::id(n * 2)));
        // What a record that is not understood says of itself, its picture, and the bytes of that.
        if n % 16 < 2 {
            let person = format!("/{lang}/p/{}", payloads::id(n * 2));
            for path in below(show.pages, &person) {
                is_inert(chrome, show.pages, &path);
            }
            is_inert(chrome, show.pages, &format!("/{lang}/p/{}", payloads::id(n * 2 + 1)));
        }
    }
    for query in queries(&found, &texts) {
        is_inert(chrome, show.pages, &query);
    }
    in_addresses(&show, &texts);
    let site = format!("http://{}/", show.site);
    for (n, text) in texts.iter().enumerate() {
        let seen = chrome.open(&format!("{site}h/{n}.html"));
        quiet(&seen, text);
        let stays = |r: &String| r.starts_with(&site) || r.starts_with("data:");
        assert!(seen.requests.iter().all(stays), "{text}: {seen:?}");
    }
}

/// A payload in the address itself comes back in no answer.
fn in_addresses(show: &Show, payloads: &[String]) {
    for (at, before) in
        [(show.pages, "/"), (show.pages, "/fa/"), (show.pages, "/en/p/"), (show.site, "/no/")]
    {
        for payload in payloads {
            let coded: String = form_urlencoded::byte_serialize(payload.as_bytes()).collect();
            let answer = get(at, &format!("{before}{}", coded.replace('+', "%20")));
            assert!((400..500).contains(&answer.status), "{before}{payload}: {}", answer.status);
            let text = answer.text();
            let long = payload.len() > 8;
            assert!(!long || !text.contains(payload.as_str()), "{payload} comes back");
            assert!(!text.contains("<script") && !text.contains("onerror="), "{payload}");
        }
    }
}

#[test]
fn no_payload_runs_or_loads() {
    try_part(0, "hostile::no_payload_runs_or_loads");
}

#[test]
fn no_payload_runs_or_loads_of_the_second_third() {
    try_part(1, "hostile::no_payload_runs_or_loads_of_the_second_third");
}

#[test]
fn no_payload_runs_or_loads_of_the_last_third() {
    try_part(2, "hostile::no_payload_runs_or_loads_of_the_last_third");
}

fn try_part(part: usize, name: &str) {
    let place = namespace::enter(name);
    if matches!(place, Place::Done) {
        return;
    }
    let Some(mut chrome) = Chrome::start() else { return };
    let canary = Canary::new();
    // The browser by itself first: what it says unasked would hide what a page says.
    chrome.open("about:blank");
    std::thread::sleep(AFTERWARDS);
    let nothing_left = |when: &str| {
        std::thread::sleep(AFTERWARDS);
        if let Place::Inside(watch) = &place {
            assert_eq!(watch.packets(), 0, "packets left: {when}");
        }
        assert_eq!(canary.hits(), 0, "connections: {when}");
    };
    nothing_left("a blank page");
    try_all(&mut chrome, &canary, part);
    nothing_left("the payloads");
    let show = Show::new(Sample::new("hostile", 1, &[("core", callers(canary.at))]));
    let site = format!("http://{}/", show.site);
    for page in ["", "svg.svg"] {
        quiet(&chrome.open(&format!("{site}{page}")), page);
    }
    chrome.open(&site);
    assert_eq!(chrome.text("document.title"), "x");
    assert!(chrome.text("document.body.innerText").contains("END-OF-PAGE"));
    chrome.click("#out");
    nothing_left("pages that call out");
    caught(&mut chrome, &canary, &place);
}

/// The same pages from a server that forbids nothing: what was to be seen is seen.
fn caught(chrome: &mut Chrome, canary: &Canary, place: &Place) {
    let at = plain_server(callers(canary.at));
    let seen = chrome.open(&format!("http://{at}/runs.html"));
    assert!(!seen.scripts.is_empty() && seen.dialogs == ["1"], "{seen:?}");
    assert_eq!(chrome.text("document.title"), "ran");
    chrome.go(&format!("http://{at}/index.html"));
    let end = Instant::now() + Duration::from_secs(60);
    let counted = || match place {
        Place::Inside(watch) => watch.packets() > 0,
        _ => true,
    };
    while canary.hits() == 0 || !counted() {
        assert!(Instant::now() < end, "nothing counts: {} {}", canary.hits(), counted());
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Files, and nothing said about what they may do.
fn plain_server(files: Vec<File>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            let path = line.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
            let body = files.iter().find(|(p, _)| p == path).map_or(&b""[..], |(_, b)| b);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n";
            // The browser may have gone away; what it lacks then fails the test.
            let _ = stream.write_all(&[head.as_bytes(), body].concat());
        }
    });
    at
}

/// Anything an archived page could try.
fn callers(canary: SocketAddr) -> Vec<File> {
    let c = format!("http://{canary}");
    let page = format!(
        r#"<!doctype html><html><head><meta charset="utf-8"><title>x</title>
<link rel="preconnect" href="{c}"><link rel="dns-prefetch" href="//away.example"><link rel="preconnect" href="http://192.0.2.7">
<link rel="prefetch" href="{c}/1"><link rel="preload" as="image" href="{c}/2"><link rel="modulepreload" href="{c}/3">
<link rel="prerender" href="{c}/4"><link rel="stylesheet" href="{c}/5.css"><link rel="icon" href="{c}/6">
<link rel="manifest" href="{c}/7"><script src="{c}/8.js"></script>
<script type="speculationrules">{{"prefetch":[{{"urls":["{c}/9"]}}],"prerender":[{{"urls":["{c}/9b"]}}]}}</script>
<script>document.title='ran'; new Image().src='{c}/10'; fetch('{c}/11'); navigator.sendBeacon('{c}/12');
new WebSocket('ws://{canary}/13'); new RTCPeerConnection({{iceServers:[{{urls:'stun:192.0.2.7'}}]}}).createDataChannel('x');
location='{c}/14'</script>
<style>@import url("{c}/15.css"); @font-face{{font-family:f;src:url({c}/16.woff2)}}
body{{font-family:f;background:url({c}/17)}} p::after{{content:url({c}/18)}}</style>
<meta http-equiv="refresh" content="0;url={c}/19"></head>
<body onload="location='{c}/20'" background="{c}/21"><p style="background:url({c}/22)">INLINE-STYLED
<img src="{c}/23" srcset="{c}/24 2x"><img src=x onerror="location='{c}/25'"><video src="{c}/26" poster="{c}/27" autoplay></video>
<audio src="{c}/28" autoplay></audio><iframe src="{c}/29"></iframe><iframe srcdoc="<img src={c}/30>"></iframe>
<object data="{c}/31"></object><embed src="{c}/32"><svg><image href="{c}/33"/><use href="{c}/34#a"/></svg>
<form action="{c}/35"><input autofocus onfocus="this.form.submit()"></form><picture><source srcset="{c}/36"><img></picture>
<input type="image" src="{c}/37"><table background="{c}/38"><tr><td>x</table>
<a id="out" href="{c}/39" ping="{c}/40">a</a> <img src="http://away.example/41"><img src="//192.0.2.7/42">
<p>END-OF-PAGE</body></html>"#
    );
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script>
<image href="{c}/50"/><foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="{c}/51"/></foreignObject></svg>"#
    );
    let runs = "<!doctype html><title>x</title><script>document.title='ran'</script>\
                <img src='data:,' onerror='alert(1)'>";
    [("index.html", page), ("svg.svg", svg), ("runs.html", runs.into())]
        .map(|(path, text)| (path.to_owned(), text.into_bytes()))
        .into()
}

/// The program itself, on the sample archive: every page, and every page of the archived site.
#[test]
fn nothing_leaves_while_reading() {
    let Place::Inside(watch) = namespace::enter("hostile::nothing_leaves_while_reading") else {
        return;
    };
    let Some(mut chrome) = Chrome::start() else { return };
    let home = Home::publisher("Sample (fictional)");
    home.publish(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sample-archive"));
    let node = Node::start(home.command(&["open", "--no-browser", "--json"]));
    let event = node.wait(|e| e["event"] == "serving");
    let url = event["url"].as_str().unwrap().trim_start_matches("http://");
    let pages: SocketAddr = url.split('/').next().unwrap().parse().unwrap();
    let found = crawl(pages);
    let site = found.outside.iter().find_map(|l| l.strip_prefix("http://127.0.0.1:"));
    let port: u16 = site.unwrap().trim_end_matches('/').parse().unwrap();
    let site = SocketAddr::from(([127, 0, 0, 1], port));
    for path in found.some(8) {
        is_inert(&mut chrome, pages, &path);
    }
    let start = format!("http://{site}/");
    for path in ["", "en/", "people.html", "by-city.html", "rights.html", "nothing"] {
        let seen = chrome.open(&format!("{start}{path}"));
        quiet(&seen, path);
        assert!(seen.requests.iter().all(|r| r.starts_with(&start)), "{path}: {seen:?}");
    }
    std::thread::sleep(AFTERWARDS);
    assert_eq!(watch.packets(), 0, "packets left while reading");
    asks_are_counted(&mut chrome, &watch);
}

/// The counter counts: an address and a name, asked for by the same browser on purpose.
fn asks_are_counted(chrome: &mut Chrome, watch: &Watch) {
    for url in ["http://192.0.2.7/", "http://away.example/"] {
        let before = watch.packets();
        chrome.go(url);
        let end = Instant::now() + Duration::from_secs(60);
        while watch.packets() == before {
            assert!(Instant::now() < end, "{url} is not counted");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}
