//! What takes away unusually much waits on the first screen for a yes, and gets it there.

use crate::needles::files;
use crate::person::{Answer, Person, encoded};
use crate::{Archive, NAME, PASSPHRASE, archive};

/// More than a node lets go of without asking (HOLD-2): of 32 files 16.
const MANY: usize = 20;

fn path(n: usize) -> String {
    format!("people/somebody-{n:02}.html")
}

/// The text that tells of an urgent withdrawal of many files.
pub fn much_withdrawn(archive: &Archive) -> String {
    let home = &archive.publisher;
    let (paths, pass) = ((0..MANY).map(path).collect::<Vec<_>>(), home.pass());
    let mut what = vec!["withdraw"];
    what.extend(paths.iter().map(String::as_str));
    what.extend(["--reason", "withheld", "--urgent", "--passphrase-file", &pass]);
    home.ok(&what);
    let told = home.ok(&["courier", "write"]);
    let messages = told["messages"].as_array().unwrap().iter();
    messages.map(|message| message.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Pastes it, and reads what is said of it.
pub fn paste(person: &Person, text: &str) -> String {
    let answer = person.post("fa/do/pasted", &format!("text={}", encoded(text)));
    assert_eq!(answer.header("location"), Some("../8"));
    let said = person.wait(|page| page.contains("do/dismiss"));
    person.post("fa/do/dismiss", "");
    said
}

/// A page of the archived site.
fn archived(person: &Person, n: usize) -> u16 {
    let reader = person.reader();
    let cover = person.request_at(&reader, "GET", "/en/", &reader, "", b"").text();
    let site = cover.split("href=\"http://").nth(1).expect("a link to the site").to_owned();
    let site = site.split('/').next().unwrap();
    person.request_at(site, "GET", &format!("/{}", path(n)), site, "", b"").status
}

/// What the form of the page sends, without the tick.
fn form(page: &str) -> String {
    let form = page.split("action=\"do/approve\"").nth(1).expect(page);
    let value = |name: &str| {
        let input = form.split(&format!("name=\"{name}\" value=\"")).nth(1).expect(name);
        input.split('"').next().unwrap().to_owned()
    };
    format!("archive={}&act={}", value("archive"), value("act"))
}

fn waits(person: &Person) -> bool {
    person.get("fa/10").text().contains("do/approve")
}

/// A yes that comes from elsewhere.
fn approve_from(person: &Person, path: &str, origin: &str, site: &str, body: &str) -> Answer {
    let headers = format!(
        "Origin: {origin}\r\nSec-Fetch-Site: {site}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
        body.len()
    );
    person.request("POST", path, &person.host, &headers, body.as_bytes())
}

#[test]
fn a_yes_needs_the_tick_and_comes_from_the_page() {
    let archive = archive();
    let (person, text) = (Person::start(), much_withdrawn(&archive));
    let before = person.everything();
    person.upload(&[&archive.carrier]);
    person.take_strangers();
    assert!(person.get("fa/10").text().contains("چیزی منتظر شما نیست"));
    let said = paste(&person, &text);
    assert!(said.contains("بیش از اندازه کم می‌کند") && said.contains("href=\"10\""), "{said}");
    let start = person.get("fa/").text();
    assert!(start.contains("href=\"10\"") && start.contains("ببینید چیست"), "{start}");
    let page = person.get("fa/10").text();
    for part in [NAME, "۲۰ فایل", "بازداشته", "۰ پرونده و ۲۰ فایل دیگر", "بی‌خطر است"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let english = person.get("en/10").text();
    assert!(english.contains("Files: 20") && english.contains("withheld"), "{english}");

    // Nothing without the tick, from elsewhere, without the token, by a link, or for something else.
    let form = form(&page);
    let yes = format!("{form}&heard=yes");
    for body in [form.clone(), format!("{form}&heard="), format!("{form}&heard=no")] {
        let refused = person.post("fa/do/approve", &body);
        assert_eq!(refused.header("location"), Some("../10?n=heard"), "{body}");
    }
    assert!(person.get("en/10?n=heard").text().contains("nothing was erased"));
    let own = format!("http://{}", person.host);
    let (inside, outside) = (person.path("fa/do/approve"), "/fa/do/approve".to_owned());
    let reader = format!("http://{}", person.reader());
    for (path, origin, site) in [
        (&inside, reader.as_str(), "same-site"),
        (&inside, "http://evil.example", "cross-site"),
        (&inside, "null", "same-origin"),
        (&inside, own.as_str(), "same-site"),
        (&outside, own.as_str(), "same-origin"),
    ] {
        let refused = approve_from(&person, path, origin, site, &yes);
        assert_eq!((refused.status, refused.body.len()), (404, 0), "{path} {origin} {site}");
    }
    assert_eq!(person.get(&format!("fa/do/approve?{yes}")).status, 404);
    let (of, _) = form.split_once("&act=").unwrap();
    let strange = format!("{of}&act={}&heard=yes", "0".repeat(64));
    let refused = person.post("fa/do/approve", &strange);
    assert_eq!(refused.header("location"), Some("../10?n=waiting"));
    let refused = person.post("fa/do/approve", "act=5&heard=yes");
    assert_eq!(refused.header("location"), Some("../10?n=form"));
    assert!(waits(&person));
    assert_eq!((archived(&person, 0), archived(&person, MANY)), (200, 200));

    let done = approve_from(&person, &inside, &own, "same-origin", &yes);
    assert_eq!((done.status, done.header("location")), (303, Some("../8")));
    let said = person.wait(|page| page.contains("do/dismiss"));
    assert!(said.contains("نگه‌دارندگان ۲۰ فایل را پس گرفتند") && said.contains(NAME), "{said}");
    person.post("fa/do/dismiss", "");
    assert_eq!((archived(&person, 0), archived(&person, MANY)), (410, 200));
    let start = person.get("fa/").text();
    assert!(!start.contains("href=\"10\"") && start.contains("۲۰ فایل"), "{start}");
    assert!(!waits(&person));
    // A second press is no second act.
    let again = person.post("fa/do/approve", &yes);
    assert_eq!(again.header("location"), Some("../10?n=waiting"));
    assert_eq!(person.everything(), before, "nothing on the disk");
}

/// What waits in memory still waits in the encrypted home that is made of it, and is decided there.
#[test]
fn it_waits_in_an_encrypted_home() {
    let archive = archive();
    let (mut person, text) = (Person::start(), much_withdrawn(&archive));
    person.upload(&[&archive.carrier]);
    person.take_strangers();
    paste(&person, &text);
    assert!(waits(&person));
    let good = encoded(PASSPHRASE);
    person.post("fa/do/encrypt", &format!("passphrase={good}&again={good}"));
    person.wait(|page| page.contains("رمزشده نگه داشته شد"));
    person.post("fa/do/dismiss", "");
    assert!(waits(&person), "nothing is erased because it is kept in another way");
    assert_eq!(archived(&person, 0), 200);
    person.post("fa/do/close", "");

    person.again();
    // Before it is unlocked, the page says nothing of what there is.
    assert!(!waits(&person) && !person.get("fa/10").text().contains("Nowhere"));
    person.post("fa/do/unlock", &format!("passphrase={good}"));
    let yes = format!("{}&heard=yes", form(&person.get("fa/10").text()));
    // What holds the films and pages: by far the largest file.
    let largest = |person: &Person| {
        files(&person.home()).into_iter().map(|(_, bytes)| bytes).max_by_key(Vec::len).unwrap()
    };
    let before = largest(&person);
    person.post("fa/do/approve", &yes);
    person.wait(|page| page.contains("نگه‌دارندگان ۲۰ فایل را پس گرفتند"));
    assert_eq!((archived(&person, 0), archived(&person, MANY)), (410, 200));
    assert!(largest(&person) != before, "it is not only hidden");
    person.post("fa/do/close", "");

    person.again();
    person.post("fa/do/unlock", &format!("passphrase={good}"));
    assert!(!waits(&person));
    assert_eq!(archived(&person, 0), 410);
}
