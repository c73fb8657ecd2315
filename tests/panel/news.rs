//! News as text: pasted on the first screen of one, copied from that of another.

use crate::common::{Home, write};
use crate::person::{Answer, Person, encoded};
use crate::{Archive, NAME, archive};

const GONE: &str = "people/somebody-03.html";

/// One release more, and an urgent withdrawal; the text that tells of them.
fn news(archive: &Archive) -> String {
    let site = crate::site();
    write(site.path(), "more.html", b"<html lang=en><p>Somebody else.</html>");
    let home = &archive.publisher;
    home.publish(site.path());
    let pass = home.pass();
    let what = ["withdraw", GONE, "--reason", "withheld", "--urgent", "--passphrase-file", &pass];
    home.ok(&what);
    let told = home.ok(&["courier", "write"]);
    told["messages"][0].as_str().unwrap().to_owned()
}

/// The text in the box of the page, as a person copies it.
fn copied(page: &str) -> String {
    let boxes = page.split("<textarea").skip(1).filter(|area| area.contains("readonly"));
    let text = |area: &str| {
        let start = area.find('>').unwrap() + 1;
        area[start..area.find("</textarea>").unwrap()].to_owned()
    };
    boxes.map(text).collect::<Vec<_>>().join("\n")
}

/// The page that is withdrawn later, as the archive has it.
fn archived(person: &Person) -> Answer {
    let reader = person.reader();
    let cover = person.request_at(&reader, "GET", "/en/", &reader, "", b"").text();
    let site = cover.split("href=\"http://").nth(1).expect("a link to the site").to_owned();
    let site = site.split('/').next().unwrap();
    person.request_at(site, "GET", &format!("/{GONE}"), site, "", b"")
}

#[test]
fn news_is_pasted_and_passed_on() {
    let archive = archive();
    let (person, text) = (Person::start(), news(&archive));
    let before = person.everything();
    person.upload(&[&archive.carrier]);
    person.take_strangers();
    let read = archived(&person);
    assert_eq!(read.status, 200, "{}", read.text());

    // Cut first: it says what is missing, and nothing changed.
    let lines: Vec<&str> = text.lines().collect();
    let cut = [&lines[..2], &lines[3..]].concat().join("\n");
    let paste = |person: &Person, text: &str| {
        let answer = person.post("fa/do/pasted", &format!("text={}", encoded(text)));
        assert_eq!(answer.header("location"), Some("../8"));
    };
    paste(&person, &cut);
    let said = person.wait(|page| page.contains("do/dismiss"));
    assert!(said.contains("این‌ها نیست: ۳."), "{said}");
    person.post("fa/do/dismiss", "");

    // As it comes out of a messenger.
    paste(
        &person,
        &format!("سلام، این را ببین:\n> {}\n", text.to_lowercase().replace('\n', "\n> ")),
    );
    let said = person.wait(|page| page.contains("do/dismiss"));
    for part in [NAME, "نسخهٔ تازه‌تری هست", "نسخهٔ ۱ است", "نگه‌دارندگان ۱ فایل"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let english = person.get("en/8").text();
    for part in ["There is a newer release", "What you read here is release 1", "withdrew files: 1"]
    {
        assert!(english.contains(part), "{part}: {english}");
    }
    person.post("fa/do/dismiss", "");
    assert!(person.get("en/").text().contains("A newer release is known (number 2)"));
    let read = archived(&person);
    assert_eq!(read.status, 410, "withdrawn before any block came: {}", read.text());

    // The message saved as a file, and given as one.
    person.upload(&[text.as_bytes()]);
    person.wait(|page| page.contains("خبر تازه‌ای در آن نبود"));
    person.post("fa/do/dismiss", "");

    // The same again is no news. What the page gives is what was pasted, and another takes it from there.
    paste(&person, &text);
    person.wait(|page| page.contains("خبر تازه‌ای در آن نبود"));
    person.post("fa/do/dismiss", "");
    let given = person.get("fa/9").text();
    assert!(given.contains("کنارش هیچ واژه‌ای ننویسید") && given.contains("<svg class=\"qr\""));
    let passed = copied(&given);
    assert!(!passed.is_empty() && !passed.contains("Nowhere"), "{passed}");
    let other = Home::new();
    other.ok(&["import", &archive.publisher.beside("stick.car")]);
    let file = other.beside("message");
    std::fs::write(&file, &passed).unwrap();
    let learnt = other.ok(&["courier", "read", &file])["couriers"][0].clone();
    assert_eq!((&learnt["known"], &learnt["withdrawn"]["withheld"]), (&2.into(), &1.into()));
    assert_eq!(person.everything(), before, "nothing on the disk");
}

/// Nobody takes an archive by a text without having seen its words.
#[test]
fn news_of_a_stranger() {
    let archive = archive();
    let (person, text) = (Person::start(), news(&archive));
    assert!(person.get("fa/9").text().contains("هنوز چیزی این‌جا نیست"));
    let paste = || person.post("fa/do/pasted", &format!("text={}", encoded(&text)));
    paste();
    let asks = person.wait(|page| page.contains("do/yes"));
    assert!(asks.contains(NAME) && asks.contains("شش واژه"), "{asks}");
    person.post("fa/do/cancel", "");
    person.wait(|page| page.contains("متوقف شد"));
    person.post("fa/do/dismiss", "");
    assert!(!person.get("fa/").text().contains(NAME));
    paste();
    person.wait(|page| page.contains("do/yes"));
    person.post("fa/do/yes", "");
    let said = person.wait(|page| page.contains("do/dismiss"));
    assert!(said.contains("هنوز چیزی از آن این‌جا نیست"), "{said}");
    person.post("fa/do/dismiss", "");
    // Known, and not here; the news can be passed on all the same.
    let start = person.get("fa/").text();
    assert!(start.contains(NAME) && start.contains("هیچ نسخهٔ کاملی این‌جا نیست"), "{start}");
    assert!(start.contains("href=\"9\"") && !start.contains("href=\"4\""), "{start}");
    assert!(copied(&person.get("fa/9").text()).starts_with("90"));
}
