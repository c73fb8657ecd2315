//! The first screen, with the real program: who may order anything, and what is left behind.

mod common;

#[path = "panel/browser.rs"]
mod browser;
#[allow(dead_code)] // Other tests use more of it.
#[path = "browser/chrome.rs"]
mod chrome;
#[path = "panel/far.rs"]
mod far;
#[path = "panel/held.rs"]
mod held;
#[path = "panel/near.rs"]
mod near;
#[path = "program/at_rest/needles.rs"]
mod needles;
#[path = "panel/news.rs"]
mod news;
#[path = "panel/person.rs"]
mod person;
#[allow(dead_code)]
#[path = "network/share/room.rs"]
mod room;
#[path = "common/socks.rs"]
mod socks;

use common::{Home, write};
use needles::{Needles, files};
use person::{Person, post_from};
use std::io::Write as _;
use std::path::{Path, PathBuf};

const NAME: &str = "The lamps of Nowhere (fictional)";
const PASSPHRASE: &str = "چراغ کوه نان دریا پنجره";

/// Says what was not tested; an error when `required` is set in the environment.
fn skipped(required: &str, what: &str) {
    assert!(std::env::var_os(required).is_none_or(|v| v != "1"), "{what}, and {required}=1");
    std::io::stderr().write_all(format!("SKIPPED: {what}\n").as_bytes()).unwrap();
}

/// A folder for what the tests leave behind.
fn target(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join(name)
}

struct Archive {
    publisher: Home,
    carrier: Vec<u8>,
    needles: Needles,
}

fn site() -> tempfile::TempDir {
    let site = tempfile::tempdir().unwrap();
    for n in 0..30 {
        let text = format!("<html lang=en><p>Fictional person number {n}, remembered here.</html>");
        write(site.path(), &format!("people/somebody-{n:02}.html"), text.as_bytes());
    }
    write(site.path(), "index.html", b"<html lang=en><p>Nobody of these ever lived.</html>");
    write(site.path(), "media/voices.bin", &common::film(700_000, 3));
    site
}

fn archive() -> Archive {
    let site = site();
    let publisher = Home::publisher(NAME);
    publisher.publish(site.path());
    let file = publisher.beside("stick.car");
    publisher.ok(&["export", &file]);
    let needles = Needles::of(&publisher.path(), site.path(), &[NAME, "voices.bin"]);
    assert!(needles.len() > 400, "{}", needles.len());
    let carrier = std::fs::read(file).unwrap();
    Archive { publisher, carrier, needles }
}

#[test]
fn who_has_no_token_gets_nothing() {
    let person = Person::start();
    let nothing = person.raw("GET /none/ HTTP/1.1", "");
    assert_eq!(nothing.status, 404);
    assert!(nothing.body.is_empty(), "no hint");
    for line in [
        "GET / HTTP/1.1",
        "GET /fa/ HTTP/1.1",
        "GET /assets/panel.css HTTP/1.1",
        "POST /fa/do/close HTTP/1.1",
    ] {
        let other = person.raw(line, "");
        assert_eq!((other.status, &other.body), (404, &nothing.body), "{line}");
    }
    // The address that the browser got worked once.
    assert_eq!(person.raw(&format!("GET {} HTTP/1.1", person.start_path), "").status, 404);
    // By another name it is not there, whoever knows the token.
    let path = person.path("fa/");
    let renamed = person.request("GET", &path, "localhost:1", "", b"");
    assert_eq!(renamed.status, 404);
    let page = person.get("fa/");
    assert_eq!(page.status, 200);
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
    ] {
        assert_eq!(page.header(name), Some(value));
    }
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(page.text().contains("<title>صفحهٔ محلی</title>") && !page.text().contains("<script"));
}

#[test]
fn other_origins_order_nothing() {
    let archive = archive();
    let person = Person::start();
    person.upload(&[&archive.carrier]);
    person.take_strangers();
    let reader = person.reader();
    let own = format!("http://{}", person.host);
    for (origin, site) in [
        (format!("http://{reader}"), "same-site"),
        ("http://evil.example".to_owned(), "cross-site"),
        ("null".to_owned(), "same-origin"),
        (String::new(), "same-origin"),
        (own.clone(), "same-site"),
    ] {
        let refused = post_from(&person, "fa/do/share", &origin, site);
        assert_eq!((refused.status, refused.body.len()), (404, 0), "{origin} {site}");
    }
    // A GET of a form's address orders nothing, and a form to a page neither.
    assert_eq!(person.get("fa/do/close").status, 404);
    assert_eq!(post_from(&person, "fa/4", &own, "same-origin").status, 404);
    let framed =
        "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n";
    assert_eq!(person.request("GET", &person.path("fa/"), &person.host, framed, b"").status, 404);
    // The reader's own server still takes nothing but GET and HEAD.
    let post = person.request_at(&reader, "POST", "/fa/", &reader, "Content-Length: 0\r\n", b"");
    assert_eq!(post.status, 405);
    for page in [
        "fa/", "fa/1", "fa/2", "fa/3", "fa/4", "fa/5", "fa/6", "fa/7", "fa/8", "fa/9", "fa/10",
        "en/", "en/5",
    ] {
        let page = person.get(page);
        assert_eq!(page.status, 200);
        assert!(!page.text().contains("10:00"), "nothing is shared because a page was looked at");
    }
}

/// Everything in memory: get, read, give, close. What was on the machine before is there byte by byte, and no more.
#[test]
fn in_memory_nothing_is_left() {
    let archive = archive();
    let person = Person::start();
    let before = person.everything();
    assert!(person.get("fa/").text().contains("هنوز چیزی این‌جا نیست"));
    person.upload(&[&archive.carrier]);
    // Nobody takes an archive without having seen its words.
    let asks = person.wait(|page| page.contains("do/yes"));
    assert!(asks.contains(NAME) && asks.contains("شش واژه"), "{asks}");
    assert!(
        !person.get("fa/").text().contains("data-x")
            && person.get("fa/5").text().contains("هنوز چیزی")
    );
    person.take_strangers();
    assert!(person.get("en/").text().contains(NAME));
    let page = person.request_at(&person.reader(), "GET", "/en/", &person.reader(), "", b"");
    assert!(page.text().contains("lamps of Nowhere"), "{}", page.text());
    assert_eq!(person.everything(), before, "while it is read");

    let stick = tempfile::tempdir().unwrap();
    std::fs::write(stick.path().join("data.car"), "somebody's own").unwrap();
    person.save(stick.path());
    assert_eq!(std::fs::read(stick.path().join("data.car")).unwrap(), b"somebody's own");
    let saved = stick.path().join("data-2.car").display().to_string();
    let other = Home::new();
    other.ok(&["import", &saved]);
    let taken = person.get("fa/get/1/all");
    assert_eq!(taken.header("content-disposition"), Some("attachment; filename=\"data.car\""));
    assert_eq!(taken.body, std::fs::read(&saved).unwrap(), "the browser saves the same");

    let last = person.post("fa/do/close", "");
    assert!(
        last.status == 200 && last.text().contains("بسته شد") && !last.text().contains("Nowhere")
    );
    let machine = person.ended();
    assert_eq!(files(machine.path()), before, "after it was closed");
}

/// Get from a stick; several archives; nothing in it; a cancelled question.
#[test]
fn from_a_path_and_not() {
    let archive = archive();
    let person = Person::start();
    let stick = tempfile::tempdir().unwrap();
    let path = |path: &std::path::Path| format!("path={}", path.display());
    let refused = |body: &str, what: &str| {
        let answer = person.post("fa/do/path", body);
        assert_eq!(answer.status, 303);
        person.wait(|page| page.contains(what));
        person.post("fa/do/dismiss", "");
    };
    refused(&path(&stick.path().join("nothing")), "خوانده نمی‌شود");
    refused(&path(stick.path()), "پیدا نشد");
    std::fs::write(stick.path().join("odd.car"), [7; 5000]).unwrap();
    refused(&path(stick.path()), "پیدا نشد");
    std::fs::write(stick.path().join("a.car"), &archive.carrier).unwrap();
    person.post("fa/do/path", &path(stick.path()));
    person.wait(|page| page.contains("do/yes"));
    assert!(
        person
            .post("fa/do/path", &path(stick.path()))
            .header("location")
            .unwrap()
            .contains("n=busy")
    );
    person.post("fa/do/cancel", "");
    person.wait(|page| page.contains("متوقف شد"));
    assert!(!person.get("fa/").text().contains(NAME));
    person.post("fa/do/path", &path(stick.path()));
    person.take_strangers();
    assert!(person.get("fa/").text().contains(NAME));
}

#[test]
fn pasted_texts() {
    let archive = archive();
    let mirror = archive.publisher.mirror(&[], &[]);
    let person = Person::start();
    let note = |text: &str| {
        let answer = person.post("fa/do/pasted", &format!("text={}", person::encoded(text)));
        answer.header("location").unwrap().to_owned()
    };
    assert_eq!(note("hello"), "../3?n=text");
    assert_eq!(note("http://203.0.113.7:80/"), "../3?n=public");
    assert!(person.get("en/3?n=public").text().contains("your internet provider would see it"));
    // One press is not enough for what the provider sees.
    let far = archive.publisher.invite(&["/ip4/203.0.113.7/tcp/4774"]);
    assert_eq!(note(&far), "../3?n=internet");
    assert!(person.get("en/3?n=internet").text().contains("Nothing was sent"));
    assert_eq!(note(&archive.publisher.invite(&[&mirror.address])), "../8");
    person.wait(|page| page.contains("رسید و سنجیده شد"));
    assert!(person.get("fa/").text().contains(NAME));
    // Lines of news, all of them damaged: said like any text that is not understood.
    let damaged = format!("90{}09", "A".repeat(180));
    assert_eq!(note(&damaged), "../3?n=text");
}

/// Who asks for names and texts only gets no more, also with an invite.
#[test]
fn names_only_of_an_invite() {
    let site = tempfile::tempdir().unwrap();
    write(site.path(), "index.html", b"<html lang=en><p>Nobody of these ever lived.</html>");
    write(site.path(), "media/voices.bin", &common::film(700_000, 3));
    let publisher = Home::publisher(NAME);
    let folder = site.path().to_str().unwrap();
    let pass = publisher.pass();
    publisher.ok(&["publish", folder, "--part", "media=media/**", "--passphrase-file", &pass]);
    let mirror = publisher.mirror(&[], &[]);
    let person = Person::start();
    let text = person::encoded(&publisher.invite(&[&mirror.address]));
    person.post("fa/do/pasted", &format!("which=core&text={text}"));
    person.wait(|page| page.contains("رسید و سنجیده شد"));
    assert!(person.get("fa/").text().contains(NAME));
    let here = person.get("fa/get/1/all").body.len();
    assert!((1..100_000).contains(&here), "{here} bytes");
}

/// In an encrypted home: made of what is in memory, opened again, a wrong passphrase, wiped.
#[test]
fn encrypted_and_wiped() {
    let archive = archive();
    let mut person = Person::start();
    person.upload(&[&archive.carrier]);
    person.take_strangers();
    let (good, weak) = (person::encoded(PASSPHRASE), "passphrase=1234&again=1234");
    let encrypt =
        |body: &str| person.post("fa/do/encrypt", body).header("location").unwrap().to_owned();
    assert_eq!(encrypt(weak), "../6?n=weak");
    assert_eq!(encrypt(&format!("passphrase={good}&again=other")), "../6?n=differ");
    assert!(!person.home().exists(), "nothing was begun");
    assert_eq!(encrypt(&format!("passphrase={good}&again={good}")), "../8");
    person.wait(|page| page.contains("رمزشده نگه داشته شد"));
    // More comes while it is encrypted: the upload is never in clear on the disk.
    person.post("fa/do/dismiss", "");
    person.upload(&[&archive.carrier]);
    person.wait(|page| page.contains("رسید و سنجیده شد"));
    assert_eq!(archive.needles.found(&[person.machine.path()]), Vec::<String>::new());
    person.post("fa/do/close", "");

    person.again();
    let locked = person.get("fa/").text();
    assert!(locked.contains("do/unlock") && !locked.contains("Nowhere"));
    let unlock =
        |body: &str| person.post("fa/do/unlock", body).header("location").unwrap().to_owned();
    assert_eq!(unlock("passphrase=wrong+one+altogether"), "../?n=wrong");
    let said = person.get("en/?n=wrong").text();
    assert!(said.contains("Wrong passphrase."), "{said}");
    assert_eq!(unlock(&format!("passphrase={good}")), "../");
    assert!(person.get("fa/").text().contains(NAME));
    assert_eq!(person.post("fa/do/wipe", "").header("location"), Some("../7?n=sure"));
    assert!(person.home().join("key").exists(), "nothing without a yes");
    let last = person.post("fa/do/wipe", "sure=yes");
    assert!(last.status == 200 && last.text().contains("پاک شد"), "{}", last.text());
    let home = person.home();
    let machine = person.ended();
    assert!(!home.exists());
    assert_eq!(archive.needles.found(&[machine.path()]), Vec::<String>::new());
}

/// Who changes their mind while a home is being made: none is left, whatever was reached.
#[test]
fn wiped_while_a_home_is_being_made() {
    let twice = person::encoded(PASSPHRASE);
    for wait in [0, 300] {
        let person = Person::start();
        let making = format!("passphrase={twice}&again={twice}");
        assert_eq!(person.post("fa/do/encrypt", &making).header("location"), Some("../8"));
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let wiped = person.post("fa/do/wipe", "sure=yes");
        assert!(wiped.text().contains("پاک شد و بسته شد"), "{:?}", wiped.header("location"));
        let home = person.home();
        let _machine = person.ended();
        assert!(!home.exists(), "{:?}", files(&home));
    }
}

#[test]
fn a_plain_home_opens_and_is_wiped() {
    let archive = archive();
    let mut person = Person::start();
    person.post("fa/do/close", "");
    let file = archive.publisher.beside("stick.car");
    let imported = person.yadgar(&["import", &file]).output().unwrap();
    assert!(imported.status.success());
    person.again();
    assert!(person.get("fa/").text().contains(NAME));
    // Another one leads to the same page.
    let second = person.yadgar(&["--json"]).output().unwrap();
    let second = String::from_utf8(second.stdout).unwrap();
    assert!(second.contains(&format!("http://{}/s/", person.host)), "{second}");
    // Commands work meanwhile.
    assert!(person.yadgar(&["status"]).output().unwrap().status.success());
    assert_eq!(person.post("fa/do/wipe", "sure=yes").status, 200);
    let home = person.home();
    person.ended();
    assert!(!home.exists());
}

/// The Wi-Fi's code is on the host's page, and on that of the guests only where one network was chosen; its password
/// is nowhere.
fn shared_as_chosen(host: &Person) {
    let form = host.get("fa/4").text();
    assert!(form.contains("value=\"guest0\"") && !form.contains("value=\"far0\""), "{form}");
    for (bad, note) in [
        ("network=far0", "../4?n=lan"),
        ("minutes=600", "../4?n=form"),
        ("ssid=room&password=short", "../4?n=wifi"),
        ("password=long+enough+1", "../4?n=wifi"),
    ] {
        assert_eq!(host.post("fa/do/share", bad).header("location"), Some(note), "{bad}");
    }
    let before = host.everything();
    for (network, guests_see_it) in [("", false), ("guest0", true)] {
        let wish = format!("minutes=30&network={network}&ssid=a+room&password=long+enough+1");
        assert_eq!(host.post("fa/do/share", &wish).header("location"), Some("../4"));
        let page = host.get("fa/4").text();
        assert!(page.contains("۲۹:") && page.contains("a room"), "{page}");
        assert_eq!(page.matches("<svg class=\"qr\"").count(), 2);
        assert!(!page.contains("long enough"));
        let at = page.split("http://10.42.0.").nth(1).unwrap().split('/').next().unwrap();
        let at = format!("10.42.0.{at}");
        let shared = host.request_at(&at, "GET", "/", &at, "", b"").text();
        assert_eq!(shared.contains("a room"), guests_see_it, "{shared}");
        assert!(!shared.contains("long enough"));
        host.post("fa/do/end-share", "");
    }
    assert_eq!(host.everything(), before);
}

/// One shares with a button; another, in the same room, pastes the address of the page.
#[test]
fn shared_and_taken_in_a_room() {
    if !room::enter(module_path!(), "shared_and_taken_in_a_room") {
        return;
    }
    let archive = archive();
    let host = Person::start();
    assert_eq!(host.post("fa/do/share", "").header("location"), Some("../4?n=nothing"));
    host.upload(&[&archive.carrier]);
    host.take_strangers();
    assert_eq!(host.post("fa/do/share", "").header("location"), Some("../4"));
    let page = host.get("fa/4").text();
    assert!(
        page.contains("<svg class=\"qr\"") && page.contains("۹:") && page.contains("refresh"),
        "{page}"
    );
    let address = page.split("http://10.42.0.").nth(1).unwrap().split('/').next().unwrap();
    let address = format!("http://10.42.0.{address}/");

    let guest = Person::start();
    let before = guest.everything();
    let text = format!("which=core&text={}", person::encoded(&address));
    assert_eq!(guest.post("fa/do/pasted", &text).header("location"), Some("../8"));
    assert!(guest.wait(|page| page.contains("do/yes")).contains(NAME));
    guest.take_strangers();
    assert!(guest.get("fa/").text().contains(NAME));
    assert_eq!(guest.everything(), before);

    assert_eq!(host.post("fa/do/end-share", "").header("location"), Some("../4"));
    assert!(host.get("fa/4").text().contains("do/share"));
    shared_as_chosen(&host);
    guest.post("fa/do/pasted", &text);
    guest.wait(|page| page.contains("کسی چیزی به اشتراک نگذاشته"));
    // The share goes with the program.
    host.post("fa/do/share", "");
    host.post("fa/do/close", "");
    host.ended();
    guest.post("fa/do/dismiss", "");
    guest.post("fa/do/pasted", &text);
    guest.wait(|page| page.contains("کسی چیزی به اشتراک نگذاشته"));
}
