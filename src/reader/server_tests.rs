//! Real requests over loopback.
use super::*;
use crate::memorial::standing::ViewInfo;
use crate::store::BlockStore;
use crate::store::memory::MemoryStore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use yadgar_protocol::blocks::Packed;

#[path = "memorial_tests.rs"]
mod memorial_pages;
#[path = "page_tests.rs"]
mod pages_say;
#[path = "reading_tests.rs"]
mod reading;
#[path = "../../tests/common/sample.rs"]
mod sample;
use crate::reply::Reply;
use sample::Sample;

fn view(sample: Sample, trusted_sequence: u64) -> Arc<ArchiveView> {
    let store = MemoryStore::default();
    let packed = |(id, data): (yadgar_protocol::BlockId, Vec<u8>)| Packed::plain(id.codec, data);
    store.put(sample.blocks.into_iter().map(packed).collect()).unwrap();
    let info = ViewInfo { trusted_sequence, source: "carrier".into(), ..ViewInfo::default() };
    Arc::new(ArchiveView::new(Arc::new(store), sample.accepted, info))
}

async fn start(views: Vec<Arc<ArchiveView>>) -> (Served, CancellationToken) {
    let stop = CancellationToken::new();
    let config = ReaderConfig { bind: [127, 0, 0, 1].into(), port: None, lang: Lang::Fa };
    let served = serve(config, Arc::new(move || views.clone()), stop.clone()).await.unwrap();
    (served, stop)
}

async fn raw(at: SocketAddr, request: &str) -> Reply {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.unwrap();
    Reply::parse(&all)
}

async fn ask(at: SocketAddr, method: &str, path: &str, extra: &str) -> Reply {
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n{extra}\r\n");
    raw(at, &request).await
}

async fn get(at: SocketAddr, path: &str) -> Reply {
    ask(at, "GET", path, "").await
}

fn file(path: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    (path.to_owned(), bytes.to_vec())
}

/// Bytes that the cutter cuts, the same each time.
fn long_file() -> Vec<u8> {
    let mut state = 1u32;
    let step = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..700_000).map(step).collect()
}

fn small() -> Vec<(String, Vec<u8>)> {
    vec![
        file("index.html", b"<!doctype html><p>site"),
        file("en/index.html", b"<!doctype html><p>english"),
        file("style.css", b"p{color:red}"),
        file("film.webm", &long_file()),
        file("paper.pdf", b"%PDF-"),
        file("tool.js", b"alert(1)"),
        file("empty.txt", b""),
        file("records/one.json", br#"{"names":[{"text":"A","lang":"en","kind":"primary"}]}"#),
    ]
}

#[tokio::test]
async fn every_answer_has_the_headers() {
    let (served, _stop) = start(vec![view(Sample::new("t", 1, &[("core", small())]), 1)]).await;
    let (pages, site) = (served.pages, served.sites[0].1);
    let ours = [
        "/",
        "/fa/",
        "/en/p/",
        "/en/p/1",
        "/nothing",
        "/assets/style.css",
        "/fa/9/p/",
        "/x",
        "/fa/t",
        "/fa/m",
        "/en/n",
        "/en/f",
        "/fa/a",
        "/fa/c",
        "/fa/p/?p=x",
        "/fa/p/1/1",
        "/fa/p/1/1/a",
        "/fa/p/1/1/b",
        "/fa/i/2f4ja5iockvhwmeqgaaylwdxry",
        "/fa/p/..%2f",
        "/fa/p/%00",
        "/fa/p/%ff",
    ];
    let theirs = ["/", "/en", "/en/", "/film.webm", "/nothing", "/%ff", "/..%2fx"];
    let all = ours.iter().map(|p| (pages, *p)).chain(theirs.iter().map(|p| (site, *p)));
    for (at, path) in all {
        for method in ["GET", "HEAD", "POST"] {
            let reply = ask(at, method, path, "").await;
            let csp = reply.header("content-security-policy").unwrap();
            let expected = if at == pages { headers::PAGES_CSP } else { headers::SITE_CSP };
            assert_eq!(csp, expected, "{path}");
            assert!(
                csp.starts_with("default-src 'none'") && csp.contains("frame-ancestors 'none'")
            );
            assert!(!csp.contains("allow-scripts") && !csp.contains("http"));
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-resource-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("x-dns-prefetch-control", "off"),
                ("cache-control", "no-store"),
            ] {
                assert_eq!(reply.header(name), Some(value), "{method} {path} {name}");
            }
            assert!(reply.header("permissions-policy").unwrap().contains("geolocation=()"));
            let list = (at == site).then_some("(response-origin)");
            assert_eq!(reply.header("connection-allowlist"), list);
            assert_eq!(reply.status == 405, method == "POST", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn only_our_own_names_are_answered() {
    let (served, _stop) = start(vec![]).await;
    let port = served.pages.port();
    for host in ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"] {
        let request =
            format!("GET /fa/ HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n");
        assert_eq!(raw(served.pages, &request).await.status, 200, "{host}");
    }
    let other = port ^ 1;
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        "127.0.0.1".to_owned(),
        format!("127.0.0.1:{other}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("localhost.:{port}"),
    ] {
        let request = format!("GET /fa/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(raw(served.pages, &request).await.status, 421, "{host}");
    }
    let own = format!("Host: 127.0.0.1:{port}\r\n");
    for request in [
        "GET /fa/ HTTP/1.0\r\n\r\n".to_owned(),
        format!("GET /fa/ HTTP/1.1\r\n{own}Host: evil.example\r\nConnection: close\r\n\r\n"),
        format!("GET http://evil.example/fa/ HTTP/1.1\r\n{own}Connection: close\r\n\r\n"),
    ] {
        assert_eq!(raw(served.pages, &request).await.status, 421, "{request}");
    }
}

#[tokio::test]
async fn strange_requests_are_refused() {
    let (served, _stop) = start(vec![view(Sample::new("t", 1, &[("core", small())]), 1)]).await;
    let site = served.sites[0].1;
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"] {
        let reply = ask(site, method, "/", "").await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
    let with = |extra: &'static str| ask(site, "GET", "/", extra);
    assert_eq!(with("Service-Worker: script\r\n").await.status, 403);
    assert_eq!(with("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n").await.status, 403);
    let click =
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
    assert_eq!(with(click).await.status, 200);
    assert_eq!(with("Content-Length: 3\r\n").await.status, 400);
    assert_eq!(get(site, &format!("/{}", "a".repeat(2048))).await.status, 414);
    let many = "X-A: b\r\n".repeat(MAX_HEADERS + 1);
    assert_eq!(ask(site, "GET", "/", &many).await.status, 431);
    for path in ["/..%2fx", "/%2e%2e/x", "/a%00", "//evil.example/", "/%5c%5cevil", "/nothing"] {
        assert_eq!(get(site, path).await.status, 404, "{path}");
    }
    for path in ["/%ff", "/%", "/%zz"] {
        assert_eq!(get(site, path).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn a_file_that_is_all_there() {
    let (served, _stop) = start(vec![view(Sample::new("t", 1, &[("core", small())]), 1)]).await;
    let site = served.sites[0].1;
    assert_eq!(get(site, "/").await.text(), "<!doctype html><p>site");
    assert_eq!(get(site, "/en/").await.text(), "<!doctype html><p>english");
    let redirect = get(site, "/en").await;
    assert_eq!((redirect.status, redirect.header("location")), (302, Some("/en/")));
    assert_eq!(get(site, "/film.webm/").await.status, 404);
    let whole = get(site, "/film.webm").await;
    assert!(whole.body == long_file(), "all bytes in order");
    assert_eq!(whole.header("content-type"), Some("video/webm"));
    assert_eq!(whole.header("content-disposition"), None);
    for path in ["/paper.pdf", "/tool.js"] {
        assert_eq!(get(site, path).await.header("content-disposition"), Some("attachment"));
    }
    let head = ask(site, "HEAD", "/film.webm", "").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), Some("700000"));
    let empty = get(site, "/empty.txt").await;
    assert_eq!((empty.status, empty.body.len()), (200, 0));
}

#[tokio::test]
async fn ranges_and_tags() {
    let (served, _stop) = start(vec![view(Sample::new("t", 1, &[("core", small())]), 1)]).await;
    let site = served.sites[0].1;
    let film = long_file();
    let part = |range: String| async move {
        ask(site, "GET", "/film.webm", &format!("Range: bytes={range}\r\n")).await
    };
    for (from, to) in [(0, 0), (70_000, 333_333), (262_143, 524_289), (699_999, 699_999)] {
        let reply = part(format!("{from}-{to}")).await;
        assert_eq!(reply.status, 206);
        assert!(reply.body == film[from..=to], "{from}-{to}");
        let range = format!("bytes {from}-{to}/700000");
        assert_eq!(reply.header("content-range"), Some(range.as_str()));
    }
    assert!(part("-100000".into()).await.body == film[600_000..]);
    let outside = part("700000-".into()).await;
    assert_eq!((outside.status, outside.header("content-range")), (416, Some("bytes */700000")));
    assert_eq!(part("0-1,5-6".into()).await.status, 200);

    let tag = format!("\"{}\"", Hash::of(&film).to_hex());
    assert_eq!(get(site, "/film.webm").await.header("etag"), Some(tag.as_str()));
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".into()] {
        let reply = ask(site, "GET", "/film.webm", &format!("If-None-Match: {known}\r\n")).await;
        assert_eq!((reply.status, reply.body.len()), (304, 0), "{known}");
    }
    let if_range = |tag: &str| format!("Range: bytes=0-9\r\nIf-Range: {tag}\r\n");
    assert_eq!(ask(site, "GET", "/film.webm", &if_range(&tag)).await.status, 206);
    assert_eq!(ask(site, "GET", "/film.webm", &if_range("\"old\"")).await.status, 200);
}

#[tokio::test]
async fn a_missing_block_is_said_and_nothing_wrong_is_sent() {
    let mut files = small();
    let gone = b"<!doctype html><p>not here".to_vec();
    files.push(file("gone.html", &gone));
    let mut sample = Sample::new("t", 1, &[("core", files)]);
    sample.blocks.remove(&yadgar_protocol::BlockId::raw(&gone)).unwrap();
    // One chunk from the end of the film too.
    let film = long_file();
    let last = sample.blocks.iter().find(|(_, b)| b.len() > 9000 && film.ends_with(b));
    let last = *last.unwrap().0;
    sample.blocks.remove(&last).unwrap();
    let (served, _stop) = start(vec![view(sample, 1)]).await;
    let site = served.sites[0].1;
    let reply = get(site, "/gone.html").await;
    assert_eq!(reply.status, 503);
    assert!(reply.text().contains("A piece of this page is not here yet"));
    assert!(reply.text().contains("هنوز اینجا نیست"));
    let cut = get(site, "/film.webm").await;
    assert!(cut.body.len() < film.len(), "the connection breaks off");
    assert!(film.starts_with(&cut.body), "what was sent is right");
    assert_eq!(get(site, "/").await.status, 200);
}

#[tokio::test]
async fn an_archive_without_start_page_lists_its_files() {
    let files = vec![file("a/<b>&.txt".replace(['<', '>'], "'").as_str(), b"x")];
    let (served, _stop) = start(vec![view(Sample::new("t", 1, &[("core", files)]), 1)]).await;
    let page = get(served.sites[0].1, "/").await.text();
    assert!(
        page.contains("a/'b'&amp;.txt") && page.contains("href=\"/a/%27b%27%26.txt\""),
        "{page}"
    );
}

#[tokio::test]
async fn a_new_release_and_a_new_archive_are_picked_up() {
    let made = |name, seq, text: &[u8]| {
        view(Sample::new(name, seq, &[("core", vec![file("index.html", text)])]), seq)
    };
    let views = Arc::new(std::sync::Mutex::new(vec![made("a", 1, b"old")]));
    let stop = CancellationToken::new();
    let config = ReaderConfig { bind: [127, 0, 0, 1].into(), port: None, lang: Lang::En };
    let shared = views.clone();
    let all: Views = Arc::new(move || shared.lock().unwrap().clone());
    let served = serve(config, all, stop.clone()).await.unwrap();
    let site = served.sites[0].1;
    assert_eq!(get(site, "/").await.text(), "old");
    *views.lock().unwrap() = vec![made("a", 2, b"new"), made("b", 1, b"other")];
    assert_eq!(get(site, "/").await.text(), "new");
    let page = get(served.pages, "/en/").await.text();
    let links: Vec<SocketAddr> = page
        .split("href=\"http://")
        .skip(1)
        .map(|rest| rest.split('/').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(links.len(), 2);
    let mut texts = vec![get(links[0], "/").await.text(), get(links[1], "/").await.text()];
    texts.sort();
    assert_eq!(texts, ["new", "other"]);
    stop.cancel();
    served.task.await.unwrap();
    assert!(TcpStream::connect(site).await.is_err() && TcpStream::connect(links[1]).await.is_err());
}

#[tokio::test]
async fn only_loopback_and_a_free_port() {
    let none: Views = Arc::new(Vec::new);
    let config = |bind: IpAddr, port| ReaderConfig { bind, port, lang: Lang::Fa };
    for bind in ["0.0.0.0", "192.168.1.1", "::"] {
        let bind: IpAddr = bind.parse().unwrap();
        let refused = serve(config(bind, None), none.clone(), CancellationToken::new()).await;
        assert!(matches!(refused, Err(ReaderError::NotLoopback(at)) if at == bind));
    }
    let (served, _stop) = start(vec![]).await;
    let port = served.pages.port();
    let taken = serve(config([127, 0, 0, 1].into(), Some(port)), none, CancellationToken::new());
    assert!(matches!(taken.await, Err(ReaderError::PortInUse(p)) if p == port));
}

#[tokio::test]
async fn stopping_cuts_connections_off() {
    let (served, stop) = start(vec![]).await;
    let mut idle = TcpStream::connect(served.pages).await.unwrap();
    idle.write_all(b"GET /fa/ HT").await.unwrap();
    stop.cancel();
    served.task.await.unwrap();
    let mut rest = Vec::new();
    // The end or a reset: either way it is over.
    let _ = idle.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
}
