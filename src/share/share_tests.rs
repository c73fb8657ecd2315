//! A share in this process, on the loopback, which stands for the LAN by another rule.
use super::limits::*;
use super::*;
use crate::carrier::lab::{Lab, noise};
use crate::carrier::{ExportOptions, SplitOptions, export_with, split};
use crate::memorial::standing::ViewInfo;
use crate::net::lan::{Device, LanAddress};
use crate::reader::ArchiveView;
use crate::store::BlockStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use yadgar_protocol::ArchiveId;

use crate::reply::Reply;

const LONG: Duration = Duration::from_secs(600);

/// One archive.
struct One {
    store: Arc<dyn BlockStore>,
    view: Arc<ArchiveView>,
    parts: Option<Vec<String>>,
}

impl Source for One {
    fn views(&self) -> Vec<Arc<ArchiveView>> {
        vec![self.view.clone()]
    }
    fn store(&self) -> Arc<dyn BlockStore> {
        self.store.clone()
    }
    fn bulletin(&self, _: &ArchiveId) -> Result<Option<Vec<u8>>, SourceError> {
        Ok(None)
    }
    fn parts(&self, _: &ArchiveId) -> Result<Option<Vec<String>>, SourceError> {
        Ok(self.parts.clone())
    }
    fn news(&self, _: &ArchiveId) -> Result<Option<Vec<String>>, SourceError> {
        let head = &self.view.accepted().bytes;
        Ok(Some(yadgar_protocol::courier::armour(head).unwrap()))
    }
}

fn one() -> Arc<One> {
    one_of(2_000_000)
}

fn one_of(large: usize) -> Arc<One> {
    let mut lab = Lab::new(7);
    let names: Vec<_> = (0..40).map(|n| format!("texts/{n}.txt")).collect();
    let core: Vec<_> =
        names.iter().map(|name| (name.as_str(), noise(900, name.len() as u64))).collect();
    let media = [("film/large.webm", noise(large, 100))];
    let head = lab.publish(&[("core", &core), ("media", &media)]).clone();
    let store: Arc<dyn BlockStore> = Arc::new(lab.store);
    let info = ViewInfo { trusted_sequence: 1, source: "carrier".into(), ..ViewInfo::default() };
    let view = Arc::new(ArchiveView::new(store.clone(), head, info));
    Arc::new(One { store, view, parts: None })
}

fn loopback() -> LanAddress {
    LanAddress { ip: [127, 0, 0, 1].into(), scope: 0, prefix: 8, device: Device::default() }
}

fn config(time: Duration) -> ShareConfig {
    let find: Find = Arc::new(|| Ok(vec![loopback()]));
    ShareConfig { find, rule: |ip| ip.is_loopback(), ..ShareConfig::new(time) }
}

async fn start(config: ShareConfig, source: Arc<One>) -> (Shared, SocketAddr, CancellationToken) {
    let stop = CancellationToken::new();
    let shared = serve(config, source, stop.clone()).await.unwrap();
    let at = SocketAddr::from(([127, 0, 0, 1], shared.port));
    (shared, at, stop)
}

async fn read(mut stream: TcpStream) -> Reply {
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.unwrap();
    Reply::parse(&all)
}

async fn send(at: SocketAddr, method: &str, path: &str, host: &str, extra: &str) -> TcpStream {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let close = "Connection: close\r\n";
    let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{close}{extra}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn get(at: SocketAddr, path: &str) -> Reply {
    read(send(at, "GET", path, &at.to_string(), "").await).await
}

async fn get_with(at: SocketAddr, path: &str, extra: &str) -> Reply {
    read(send(at, "GET", path, &at.to_string(), extra).await).await
}

fn exported(one: &One, parts: Option<&[String]>) -> Vec<u8> {
    let options = ExportOptions { parts, ..ExportOptions::default() };
    let mut out = Vec::new();
    export_with(&*one.store, one.view.accepted(), options, &mut out, &mut |_| ()).unwrap();
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_sees_the_door_and_the_pages_behind_it() {
    let wifi = Wifi::new("room", Some(String::from("pass;word1").into())).unwrap();
    let program = Some(Arc::new(Program::running().unwrap()));
    let config = ShareConfig { wifi: Some(wifi), program, ..config(LONG) };
    let one = one();
    let (_shared, at, _stop) = start(config, one.clone()).await;
    let door = get(at, "/").await;
    let page = String::from_utf8(door.body.clone()).unwrap();
    assert_eq!(door.status, 200);
    for part in ["<html lang=\"fa\" dir=\"rtl\">", "Lab", "/get/1/all", "/get/1/core", "room"] {
        assert!(page.contains(part), "{part}");
    }
    // The password stands in the drawing only, and nothing is from elsewhere.
    assert!(!page.contains("pass;word1") && !page.contains("<script"), "{page}");
    let links = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    for link in links.filter(|l| !l.starts_with('#')) {
        let reply = get(at, link).await;
        assert_eq!(reply.status, 200, "{link}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{link}");
        assert!(reply.header("content-security-policy").unwrap().contains("sandbox"), "{link}");
    }
    // The news, as text for a person to copy and as a code: what is read back is the head.
    let news = String::from_utf8(get(at, "/get/1/news").await.body).unwrap();
    let told = yadgar_protocol::courier::read(&news).unwrap();
    assert_eq!(told.whole, [one.view.accepted().bytes.clone()]);
    assert!(page.contains("/get/1/news") && news.contains("<svg class=\"qr\""), "{news}");
    // The memorial stays on this port, and says who checked it.
    let cover = String::from_utf8(get(at, "/fa/").await.body).unwrap();
    assert!(cover.contains("میزبان") && !cover.contains("http://"), "{cover}");
    for (path, status) in [
        ("/nothing", 404),
        ("/get/2/all", 404),
        ("/get/0/all", 404),
        ("/get/2/news", 404),
        ("/get/1/x", 404),
    ] {
        let reply = get(at, path).await;
        let text = String::from_utf8(reply.body).unwrap();
        assert!(reply.status == status && text.contains("href=\"/\""), "{path}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_plain_requests_for_our_own_address() {
    let (_shared, at, _stop) = start(config(LONG), one()).await;
    for host in ["evil.example", "localhost", "10.42.0.1", &format!("evil.example:{}", at.port())] {
        let reply = read(send(at, "GET", "/", host, "").await).await;
        let body = String::from_utf8(reply.body).unwrap();
        assert_eq!(reply.status, 421, "{host}");
        assert!(!body.contains("Lab"), "{host} is told what is here");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let reply = read(send(at, method, "/", &at.to_string(), "").await).await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
    let head = read(send(at, "HEAD", "/get/1/all", &at.to_string(), "").await).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), get(at, "/get/1/all").await.header("content-length"));
}

#[tokio::test(flavor = "multi_thread")]
async fn carriers_are_what_an_export_writes_from_any_byte_on() {
    let source = one();
    let (_shared, at, _stop) = start(config(LONG), source.clone()).await;
    let core = ["core".to_owned()];
    for (path, parts) in [("/get/1/all", None), ("/get/1/core", Some(&core[..]))] {
        let expected = exported(&source, parts);
        let whole = get(at, path).await;
        assert_eq!(whole.header("content-length"), Some(&*expected.len().to_string()));
        assert!(whole.body == expected && get(at, path).await.body == expected, "{path}");
        assert!(whole.header("content-disposition").unwrap().starts_with("attachment"));
        let tag = whole.header("etag").unwrap().to_owned();
        for from in [0, 1, 39, 500, expected.len() / 2, expected.len() - 1] {
            let extra = format!("Range: bytes={from}-\r\nIf-Range: {tag}\r\n");
            let rest = get_with(at, path, &extra).await;
            assert_eq!(rest.status, 206);
            assert!(rest.body == expected[from..], "{path} from {from}");
            let range = format!("bytes {from}-{}/{}", expected.len() - 1, expected.len());
            assert_eq!(rest.header("content-range"), Some(&*range));
        }
        let some = get_with(at, path, "Range: bytes=10-99\r\n").await;
        assert!(some.status == 206 && some.body == expected[10..100]);
        // The file changed: all of it, not a piece of another one.
        let other = get_with(at, path, "Range: bytes=10-\r\nIf-Range: \"old\"\r\n").await;
        assert!(other.status == 200 && other.body == expected);
        let past = get_with(at, path, &format!("Range: bytes={}-\r\n", expected.len())).await;
        assert_eq!((past.status, past.body.len()), (416, 0));
        let known = get_with(at, path, &format!("If-None-Match: {tag}\r\n")).await;
        assert_eq!((known.status, known.body.len()), (304, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_archive_is_offered_in_files_of_a_size_too() {
    let source = one_of(45_000_000);
    let (_shared, at, _stop) = start(config(LONG), source.clone()).await;
    let door = String::from_utf8(get(at, "/").await.body).unwrap();
    assert!(door.contains("href=\"/get/1/20\"") && !door.contains("href=\"/get/1/100\""));
    let page = String::from_utf8(get(at, "/get/1/20").await.body).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let export = ExportOptions::default();
    let options =
        SplitOptions { export, size: 20_000_000, base: "archive", parity: None, force: false };
    let head = source.view.accepted();
    let written = split(dir.path(), &*source.store, head, options, &mut |_, _| ()).unwrap();
    assert_eq!(written.volumes.len(), 3);
    for (n, volume) in written.volumes.iter().enumerate() {
        let path = format!("/get/1/20/{}", n + 1);
        assert!(page.contains(&format!("href=\"{path}\"")), "{page}");
        let taken = get(at, &path).await;
        let expected = std::fs::read(dir.path().join(&volume.name)).unwrap();
        assert!(taken.status == 200 && taken.body == expected, "{path}");
        assert!(taken.header("content-disposition").unwrap().contains(&volume.name));
        let rest = get_with(at, &path, "Range: bytes=1000-\r\n").await;
        assert!(rest.status == 206 && rest.body == expected[1000..], "{path}");
    }
    for no in ["/get/1/20/0", "/get/1/20/4", "/get/1/21", "/get/1/all/1", "/get/2/20"] {
        assert_eq!(get(at, no).await.status, 404, "{no}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_goes_breaks_the_file_off_and_the_next_one_is_planned_anew() {
    let source = one();
    let (_shared, at, _stop) = start(config(LONG), source.clone()).await;
    let whole = get(at, "/get/1/all").await;
    let gone = source.store.ids_after(None, 1000).unwrap();
    let gone: Vec<_> =
        gone.into_iter().filter(|id| id.codec == yadgar_protocol::Codec::Raw).collect();
    source.store.erase(&gone[..3]).unwrap();
    let torn = get(at, "/get/1/all").await;
    assert!(torn.status != 200 || torn.body.len() < whole.body.len());
    assert!(whole.body.starts_with(&torn.body) || torn.status == 503);
    let next = get(at, "/get/1/all").await;
    assert_eq!(next.status, 200);
    assert!(next.body == exported(&source, None), "what is left");
    assert_ne!(next.header("etag"), whole.header("etag"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_is_the_one_that_runs() {
    let program = Arc::new(Program::running().unwrap());
    let config = ShareConfig { program: Some(program.clone()), ..config(LONG) };
    let (_shared, at, _stop) = start(config, one()).await;
    let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    assert_eq!(program.blake3, yadgar_protocol::Hash::of(&own));
    let taken = get(at, "/get/program").await;
    assert!(taken.body == own);
    let rest = get_with(at, "/get/program", "Range: bytes=1000000-\r\n").await;
    assert!(rest.status == 206 && rest.body == own[1_000_000..]);
    let page = String::from_utf8(get(at, "/").await.body).unwrap();
    assert!(page.contains(&program.sha256) && page.contains(&program.blake3.to_hex()));
    assert!(page.contains(std::env::consts::ARCH));
}

#[tokio::test(flavor = "multi_thread")]
async fn sw_2_programs_of_the_archive_are_offered_for_saving() {
    let mut lab = Lab::new(9);
    let (exe, page) = (noise(400_000, 5), noise(100, 6));
    let core = [("a.txt", page.clone())];
    let software = [("software/yadgar-windows-x86_64.exe", exe.clone())];
    let head = lab.publish(&[("core", &core), ("software", &software)]).clone();
    let store: Arc<dyn BlockStore> = Arc::new(lab.store);
    let info = ViewInfo { trusted_sequence: 1, source: "carrier".into(), ..ViewInfo::default() };
    let view = Arc::new(ArchiveView::new(store.clone(), head, info));
    let (_shared, at, _stop) =
        start(config(LONG), Arc::new(One { store, view, parts: None })).await;
    let hash = yadgar_protocol::Hash::of(&exe).to_hex();
    let path = format!("/get/1/software/{hash}");
    let door = get(at, "/").await.text();
    assert!(door.contains(&path) && door.contains("yadgar-windows-x86_64.exe"), "{door}");
    let taken = get(at, &path).await;
    assert!(taken.status == 200 && taken.body == exe);
    assert!(taken.header("content-disposition").unwrap().starts_with("attachment"));
    assert_eq!(taken.header("content-type"), Some("application/octet-stream"));
    let rest = get_with(at, &path, "Range: bytes=300001-\r\n").await;
    assert!(rest.status == 206 && rest.body == exe[300_001..]);
    // No other file of the archive comes out by this way.
    let other = yadgar_protocol::Hash::of(&page).to_hex();
    assert_eq!(get(at, &format!("/get/1/software/{other}")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_by_itself_and_cuts_everything_off() {
    // More than the system keeps for a guest that takes nothing.
    const LARGE: usize = 24_000_000;
    let (shared, at, _stop) = start(config(Duration::from_secs(2)), one_of(LARGE)).await;
    // A guest that takes nothing of a file, and one that only holds a connection.
    let mut slow = send(at, "GET", "/get/1/all", &at.to_string(), "").await;
    let mut idle = TcpStream::connect(at).await.unwrap();
    slow.read_exact(&mut [0; 100]).await.unwrap();
    assert_eq!(shared.task.await.unwrap(), End::TimeOver);
    assert!(TcpStream::connect(at).await.is_err(), "still listening");
    let mut rest = Vec::new();
    // Reset or ended: in both cases nothing more comes.
    let _ = slow.read_to_end(&mut rest).await;
    assert!(rest.len() < LARGE, "all of it came");
    let _ = idle.read_to_end(&mut rest).await;
    assert!(shared.status.borrow().left <= Duration::from_secs(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_at_once() {
    let (shared, at, stop) = start(config(LONG), one()).await;
    stop.cancel();
    assert_eq!(shared.task.await.unwrap(), End::Stopped);
    assert!(TcpStream::connect(at).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_of_a_lan_is_never_served() {
    // By the real rule the loopback is none: it is not even bound.
    let find: Find = Arc::new(|| Ok(vec![loopback()]));
    let real = ShareConfig { find: find.clone(), ..ShareConfig::new(LONG) };
    let refused = serve(real, one(), CancellationToken::new()).await.err().unwrap();
    assert!(matches!(refused, ShareError::NoLan), "{refused}");
    // And where a socket is open, each connection is asked again.
    let odd: Rule = |ip| {
        static FIRST: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(true);
        ip.is_loopback() && FIRST.swap(false, std::sync::atomic::Ordering::SeqCst)
    };
    let (shared, at, _stop) = start(ShareConfig { find, rule: odd, ..config(LONG) }, one()).await;
    let mut stream = send(at, "GET", "/", &at.to_string(), "").await;
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all).await;
    assert!(all.is_empty() && shared.status.borrow().guests == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_come_and_go() {
    let now = Arc::new(std::sync::Mutex::new(vec![loopback()]));
    let seen = now.clone();
    let find: Find = Arc::new(move || Ok(seen.lock().unwrap().clone()));
    let (mut shared, at, _stop) = start(ShareConfig { find, ..config(LONG) }, one()).await;
    let second = LanAddress { ip: [127, 0, 0, 2].into(), ..loopback() };
    *now.lock().unwrap() = vec![second];
    shared.status.wait_for(|s| s.addresses == [second]).await.unwrap();
    assert!(TcpStream::connect(at).await.is_err(), "the address is gone");
    let at = second.with_port(shared.port);
    assert_eq!(get(at, "/").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_connections_are_told_to_come_again() {
    let (shared, at, _stop) = start(config(LONG), one()).await;
    let mut held = Vec::new();
    for _ in 0..MAX_PER_ADDRESS {
        held.push(TcpStream::connect(at).await.unwrap());
    }
    let mut status = shared.status;
    status.wait_for(|s| s.guests == 1).await.unwrap();
    // All places of this address are taken once the last has been let in.
    let reply = loop {
        let reply = get(at, "/").await;
        if reply.status == 503 {
            break reply;
        }
    };
    assert_eq!(reply.header("retry-after"), Some("15"));
    assert!(String::from_utf8(reply.body).unwrap().contains("Come again"));
    drop(held);
    while get(at, "/").await.status != 200 {}
}

/// A node that hangs while the share asks it.
struct Hung(
    Arc<One>,
    std::sync::atomic::AtomicBool,
    std::sync::Mutex<std::sync::mpsc::Receiver<()>>,
);

impl Hung {
    fn wait(&self) {
        if self.1.load(std::sync::atomic::Ordering::SeqCst) {
            let _ = self.2.lock().unwrap().recv();
        }
    }
}

impl Source for Hung {
    fn views(&self) -> Vec<Arc<ArchiveView>> {
        self.wait();
        self.0.views()
    }
    fn store(&self) -> Arc<dyn BlockStore> {
        self.0.store()
    }
    fn bulletin(&self, id: &ArchiveId) -> Result<Option<Vec<u8>>, SourceError> {
        self.wait();
        self.0.bulletin(id)
    }
    fn parts(&self, id: &ArchiveId) -> Result<Option<Vec<String>>, SourceError> {
        self.0.parts(id)
    }
    fn news(&self, id: &ArchiveId) -> Result<Option<Vec<String>>, SourceError> {
        self.0.news(id)
    }
}

/// Neither the node that holds the home nor the system's list of addresses can put off the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_hangs_does_not_put_off_the_end() {
    let (release, held) = std::sync::mpsc::sync_channel(1);
    let source = Arc::new(Hung(one(), false.into(), std::sync::Mutex::new(held)));
    // Both are let go when the senders go, also when this fails.
    let (release_look, looking) = std::sync::mpsc::sync_channel::<()>(1);
    let (looked, looking) =
        (std::sync::atomic::AtomicBool::new(false), std::sync::Mutex::new(looking));
    let find: Find = Arc::new(move || {
        if looked.swap(true, std::sync::atomic::Ordering::SeqCst) {
            let _ = looking.lock().unwrap().recv();
        }
        Ok(vec![loopback()])
    });
    let config = ShareConfig { find, ..config(LOOK_EVERY + TICK * 3) };
    let shared = serve(config, source.clone(), CancellationToken::new()).await.unwrap();
    let at = SocketAddr::from(([127, 0, 0, 1], shared.port));
    source.1.store(true, std::sync::atomic::Ordering::SeqCst);
    // What was read before is still shown, and what has to be asked for waits.
    let waits = send(at, "GET", "/", &at.to_string(), "").await;
    for path in ["/fa/", "/en/", "/fa/p/"] {
        assert_eq!(get(at, path).await.status / 100, 2, "{path}");
    }
    assert_eq!(shared.task.await.unwrap(), End::TimeOver);
    assert!(TcpStream::connect(at).await.is_err());
    drop((waits, release, release_look));
}
