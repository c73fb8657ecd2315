//! The pages beside names and records: filters, pictures, incidents, days, provinces, numbers, notices, the way out.
use super::pages_say::{both, id, person_file, with_info, withdrawing};
use super::*;
use crate::memorial::links::{Checked, File, Links, Page};
use crate::memorial::pages::{cover, map, person, statistics, timeline, wall};
use crate::memorial::selection::{Facet, Selection, city_value};
use crate::memorial::{Context, Lang};
use yadgar_protocol::record::*;

/// The smallest thing that begins like a JPEG.
const JPEG: &[u8] = b"\xff\xd8\xff\xe0 not much of a picture";

fn media(path: &str, bytes: &[u8], mime: &str, graphic: Graphic) -> Media {
    Media {
        alt: both("what it shows"),
        hash: Digest(Hash::of(bytes)),
        mime: mime.to_owned(),
        path: path.to_owned(),
        role: MediaRole::Portrait,
        bytes: bytes.len() as u64,
        edits: Vec::new(),
        commit: None,
        caption: None,
        graphic,
        licence: None,
    }
}

fn place(province: &str, city: &str) -> Place {
    Place {
        lat: None,
        lon: None,
        city: Some(both(city)),
        kind: PlaceKind::Street,
        county: None,
        country: "IR".to_owned(),
        locality: None,
        province: Some(province.to_owned()),
        precision: Precision::City,
    }
}

fn day(edtf: &str) -> FuzzyDate {
    FuzzyDate {
        tz: None,
        edtf: edtf.to_owned(),
        jalali: None,
        source_cal: Calendar::Gregorian,
        time_local: None,
    }
}

fn named(v: &mut Victim, name: &str) {
    v.names.iter_mut().for_each(|n| n.text = name.to_owned());
}

/// Four people: two of one city and day, one elsewhere, one of whom little is known; and a correction.
fn people() -> Vec<(String, Vec<u8>)> {
    let incident = incident();
    vec![
        person_file(1, |v| {
            named(v, "Anemone");
            (v.place, v.died_at) = (Some(place("IR-23", "Sample City")), Some(day("2019-11-16")));
            (v.manner, v.gender) = (vec![Manner::LiveFire], Some(Gender::Female));
            v.incident = Some(id(900));
        }),
        person_file(2, |v| {
            named(v, "Bluebell");
            (v.place, v.died_at) = (Some(place("IR-23", "Sample City")), Some(day("2019-11-16")));
            v.manner = vec![Manner::Beating, Manner::LiveFire];
        }),
        person_file(3, |v| {
            named(v, "Crocus");
            (v.place, v.died_at) = (Some(place("IR-07", "Other City")), Some(day("2019-11-17")));
            (v.version, v.prev) = (2, Some(Digest(Hash([1; 32]))));
            v.changes = vec![Change {
                on: "2026-05-04".to_owned(),
                code: ChangeCode::Corrected,
                fields: vec!["died_at".to_owned()],
                version: 2,
            }];
        }),
        person_file(4, |v| {
            named(v, "Daffodil");
            v.died_at = Some(day("2019-11"));
        }),
        (incident.path(), incident.encode()),
    ]
}

fn incident() -> Record {
    let source = Source {
        sid: "s1".to_owned(),
        url: None,
        kind: SourceKind::NgoReport,
        lang: None,
        group: 1,
        title: None,
        accessed: None,
        published: None,
        publisher: both("A sample organisation"),
        archived_hash: None,
    };
    Record::Incident(Box::new(Incident {
        id: id(900),
        prev: None,
        dates: Some(day("2019-11-16")),
        place: Some(place("IR-23", "Sample City")),
        title: Some(both("Sample street <b>")),
        tolls: vec![Toll { max: 9, min: 4, src: vec!["s1".to_owned()] }],
        schema: INCIDENT.to_owned(),
        status: Status::Active,
        changes: Vec::new(),
        sources: vec![source],
        summary: Some(both("What the sources say.")),
        version: 1,
        fictional: Some(Yes::Yes),
        issued_on: "2026-06-01".to_owned(),
        merged_into: None,
        status_reason: None,
    }))
}

async fn served(files: Vec<(String, Vec<u8>)>) -> (Served, CancellationToken) {
    start(vec![view(Sample::new("t", 1, &[("core", files)]), 1)]).await
}

fn names_on(page: &str) -> Vec<&str> {
    let all = ["Anemone", "Bluebell", "Crocus", "Daffodil"];
    let list = page.split("<ul class=\"people\">").nth(1).unwrap_or_default();
    all.into_iter().filter(|name| list.contains(name)).collect()
}

#[tokio::test]
async fn names_are_chosen_by_what_is_known() {
    let (served, _stop) = served(people()).await;
    let city = city_value(Some("IR-23"), "Sample City");
    for (query, wanted) in [
        ("p=24".to_owned(), vec!["Anemone", "Bluebell"]),
        (format!("c={city}"), vec!["Anemone", "Bluebell"]),
        ("p=24&g=1".to_owned(), vec!["Anemone"]),
        ("m=1&m=".to_owned(), vec![]),
        ("m=3".to_owned(), vec!["Bluebell"]),
        ("d=737379".to_owned(), vec!["Anemone", "Bluebell"]),
        ("d=0".to_owned(), vec!["Daffodil"]),
        ("s=1".to_owned(), vec!["Crocus"]),
        ("q=crocus&p=8".to_owned(), vec!["Crocus"]),
        ("q=crocus&p=24".to_owned(), vec![]),
        (
            "q=&p=&c=&d=&a=&m=&l=&g=&s=".to_owned(),
            vec!["Anemone", "Bluebell", "Crocus", "Daffodil"],
        ),
    ] {
        let reply = get(served.pages, &format!("/en/p/?{query}")).await;
        assert_eq!(names_on(&reply.text()), wanted, "{query}");
        assert_eq!(reply.status, if query == "m=1&m=" { 404 } else { 200 }, "{query}");
    }
    let page = get(served.pages, "/en/p/?p=24").await.text();
    assert!(page.contains("role=\"status\"") && page.contains("1 to 2 of 2"));
    assert!(page.contains("Tehran (2)") && page.contains("Fars (1)"), "counts of other choices");
    assert!(page.contains("selected") && page.contains("take back"));
    assert!(page.contains("hreflang=\"fa\"") && page.contains("href=\"/fa/p/?p=24\""));
    for odd in
        ["p=32", "p=x", "c=1", "d=1", "a=9", "l=6", "g=5", "s=5", "m=12", "z=1", "p=24&page=2"]
    {
        let reply = get(served.pages, &format!("/fa/p/?{odd}")).await;
        assert_eq!(reply.status, 404, "{odd}");
    }
}

#[tokio::test]
async fn days_provinces_and_numbers_lead_to_names() {
    let (served, _stop) = served(people()).await;
    let days = get(served.pages, "/en/t").await.text();
    assert!(days.contains("16 November 2019 (25 Aban 1398)") && days.contains("Anemone"));
    assert!(days.contains("href=\"/en/p/?d=737379\"") && days.contains("href=\"/en/p/?d=0\""));
    let provinces = get(served.pages, "/en/m").await.text();
    assert!(
        provinces.contains("href=\"/en/p/?p=24\"") && provinces.contains("href=\"/en/p/?p=0\"")
    );
    let numbers = get(served.pages, "/en/n").await.text();
    assert!(numbers.contains("remembers 4 people") && numbers.contains("href=\"/en/p/?m=1\""));
    let fa = get(served.pages, "/fa/n").await.text();
    assert!(fa.contains("۴ نفر"));
    // Every address on these pages leads somewhere.
    for page in [days, provinces, numbers] {
        for address in page.split("href=\"/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let address = format!("/{}", address.replace("&amp;", "&"));
            assert_eq!(get(served.pages, &address).await.status, 200, "{address}");
        }
    }
}

#[tokio::test]
async fn an_incident_leads_to_its_people_and_is_proven_alone() {
    let (served, _stop) = served(people()).await;
    let at = format!("/en/i/{}", id(900));
    let page = get(served.pages, &at).await.text();
    for part in ["Sample street &lt;b&gt;", "4 to 9", "Anemone", "What the sources say.", "[1]"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("Bluebell"));
    let person = get(served.pages, &format!("/en/p/{}", id(1))).await.text();
    assert!(person.contains(&format!("href=\"{at}\"")));
    let proof = get(served.pages, &format!("{at}/proof")).await;
    let proven = yadgar_protocol::proof::check(&proof.body).unwrap();
    assert_eq!(proven.path.as_str(), format!("incidents/{}.cbor", id(900)));
    for odd in [format!("/en/i/{}", id(901)), "/en/i/".into(), "/en/i/x".into(), format!("{at}/x")]
    {
        assert_eq!(get(served.pages, &odd).await.status, 404, "{odd}");
    }
}

#[tokio::test]
async fn corrections_and_what_is_gone_are_told_newest_first() {
    let mut files = people();
    let mut gone = Victim::new(id(5), "2026-05-20");
    (gone.version, gone.status) = (2, Status::Withdrawn);
    gone.status_reason = Some(StatusReason::Withheld);
    let gone = Record::Victim(Box::new(gone));
    files.push((gone.path(), gone.encode()));
    files.sort();
    let (served, _stop) = served(files).await;
    let page = get(served.pages, "/en/f").await.text();
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(at("20 May 2026") < at("4 May 2026"));
    assert!(page.contains("day of death") && page.contains("version 2"));
    assert!(page.contains(&id(5).to_string()) && page.contains("This record was withdrawn"));
    for odd in ["page=2", "page=0", "q=a", "p=24"] {
        assert_eq!(get(served.pages, &format!("/en/f?{odd}")).await.status, 404, "{odd}");
    }
}

#[tokio::test]
async fn wd_7_who_holds_the_address_of_a_withdrawn_record_is_told() {
    let sample = Sample::new("t", 1, &[("core", people())]);
    let [one, incident] =
        [format!("records/{}.cbor", id(1)), format!("incidents/{}.cbor", id(900))];
    let gone = [sample.link(&one), sample.link(&incident)];
    let (served, _stop) = start(vec![withdrawing(sample, &gone)]).await;
    for (lang, words, day) in [
        ("en", ["This record was withdrawn", "withheld", "this is the answer"], "20 November 2026"),
        ("fa", ["این پرونده پس گرفته شده است", "بازداشته", "این پاسخ آن است"], "۲۹ آبان ۱۴۰۵"),
    ] {
        let (person, incident) = (format!("/{lang}/p/{}", id(1)), format!("/{lang}/i/{}", id(900)));
        for page in [&person, &incident] {
            for method in ["GET", "HEAD"] {
                assert_eq!(ask(served.pages, method, page, "").await.status, 410, "{page}");
            }
            let text = get(served.pages, page).await.text();
            assert!(words.iter().all(|w| text.contains(w)) && text.contains(day), "{text}");
            for personal in ["Anemone", "Sample", "records/", "incidents/", "/proof"] {
                assert!(!text.contains(personal), "{page}: {personal}");
            }
        }
        for below in ["proof", "1", "1/a", "1/b"] {
            assert_eq!(get(served.pages, &format!("{person}/{below}")).await.status, 410);
        }
        assert_eq!(get(served.pages, &format!("{incident}/proof")).await.status, 410);
        let list = get(served.pages, &format!("/{lang}/f")).await.text();
        for page in [&person, &incident] {
            assert!(list.contains(&format!("href=\"{page}\"")), "{page}: {list}");
        }
        assert!(list.contains(words[0]) && list.contains(day) && !list.contains("Anemone"));
        // Whoever was never there is still nobody.
        assert_eq!(get(served.pages, &format!("/{lang}/p/{}", id(77))).await.status, 404);
    }
    let names = get(served.pages, "/en/p/").await.text();
    assert_eq!(names_on(&names), ["Bluebell", "Crocus", "Daffodil"]);
    assert!(get(served.pages, "/en/n").await.text().contains("remembers 3 people"));
}

/// A withdrawn file that is not surely named by an id may have a name for one.
#[tokio::test]
async fn wd_7_the_list_of_notices_gives_away_no_name() {
    let mut files = people();
    let letters = "records/abcdefghijklmnopqrstuvwxya.cbor";
    files.extend([file("records/a-name.cbor", b"x"), file(letters, b"y")]);
    let sample = Sample::new("t", 1, &[("core", files)]);
    let gone = [sample.link("records/a-name.cbor"), sample.link(letters)];
    let (served, _stop) = start(vec![withdrawing(sample, &gone)]).await;
    let list = get(served.pages, "/en/f").await.text();
    assert!(!list.contains("a-name") && !list.contains("abcdefghij"));
    assert_eq!(list.matches("This record was withdrawn").count(), 2);
    let page = get(served.pages, "/en/p/abcdefghijklmnopqrstuvwxya").await;
    assert_eq!(page.status, 410, "who has the address knows what it says");
}

#[tokio::test]
async fn pictures_come_from_our_origin_and_hard_ones_after_a_step() {
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='canary()'/>";
    let listed = vec![
        media("portraits/a.jpg", JPEG, "image/jpeg", Graphic::None),
        media("portraits/b.jpg", b"\xff\xd8\xff hard", "image/jpeg", Graphic::Strong),
        media("portraits/c.jpg", svg, "image/jpeg", Graphic::None),
        media("portraits/d.jpg", b"\xff\xd8\xff another", "image/jpeg", Graphic::None),
        media("portraits/e.jpg", b"\xff\xd8\xff far away", "image/jpeg", Graphic::None),
        media("portraits/f.jpg", JPEG, "image/png", Graphic::None),
    ];
    let mut core = vec![person_file(1, |v| {
        v.media = listed;
        v.withheld = vec!["birth".to_owned()];
    })];
    core.sort();
    let far = b"\xff\xd8\xff far away".to_vec();
    let pictures = vec![
        file("portraits/a.jpg", JPEG),
        file("portraits/b.jpg", b"\xff\xd8\xff hard"),
        file("portraits/c.jpg", svg),
        file("portraits/d.jpg", b"\xff\xd8\xff not the one that is named"),
        file("portraits/e.jpg", &far),
        file("portraits/f.jpg", JPEG),
    ];
    let mut sample = Sample::new("t", 1, &[("core", core), ("portraits", pictures)]);
    sample.blocks.remove(&yadgar_protocol::BlockId::raw(&far)).unwrap();
    let (served, _stop) = start(vec![view(sample, 1)]).await;
    let at = format!("/en/p/{}", id(1));
    let page = get(served.pages, &at).await.text();
    assert_eq!(page.matches("<img").count(), 1, "only the one that may be shown");
    assert!(page.contains(&format!("<img src=\"/fa/p/{}/1\" alt=\"what it shows\"", id(1))));
    assert!(page.contains(&format!("href=\"{at}/2/a\"")), "a warning before the hard one");
    assert!(!page.contains(&format!("href=\"{at}/2/b\"")));
    assert!(page.contains("not on this device yet") && page.contains("birth"));
    let good = get(served.pages, &format!("/fa/p/{}/1", id(1))).await;
    assert_eq!((good.status, good.header("content-type")), (200, Some("image/jpeg")));
    assert_eq!(good.body, JPEG);
    let step = get(served.pages, &format!("{at}/2/a")).await.text();
    assert!(
        !step.contains("<img")
            && step.contains("what it shows")
            && step.contains("very distressing")
    );
    assert!(step.contains(&format!("href=\"{at}/2/b\"")));
    assert_eq!(get(served.pages, &format!("{at}/2/b")).await.text().matches("<img").count(), 1);
    for n in [3, 4, 5, 6] {
        assert_eq!(get(served.pages, &format!("{at}/{n}")).await.status, 404, "{n}");
        assert!(!get(served.pages, &format!("{at}/{n}/b")).await.text().contains("<img"), "{n}");
    }
    for odd in ["0", "7", "01", "x", "7/a", "7/b", "1/c", "99999999999999999999"] {
        assert_eq!(get(served.pages, &format!("{at}/{odd}")).await.status, 404, "{odd}");
    }
}

#[tokio::test]
async fn the_way_out_is_first_on_every_page_and_leads_nowhere() {
    let (served, _stop) = served(people()).await;
    let all = ["", "p/", "t", "m", "n", "a", "b", "c", "d", "e", "f", "nothing"];
    for path in all.map(|p| format!("/en/{p}")).into_iter().chain([format!("/en/p/{}", id(1))]) {
        let page = get(served.pages, &path).await.text();
        let links: Vec<_> = page.split("<a ").skip(1).take(2).collect();
        assert!(links[0].starts_with("class=\"skip\" href=\"#main\""), "{path}");
        assert!(links[1].starts_with("class=\"leave\" href=\"/x\" accesskey=\"x\""), "{path}");
    }
    let left = get(served.pages, "/x").await;
    assert_eq!(left.header("clear-site-data"), Some("\"cache\", \"storage\""));
    let page = left.text();
    assert!(!page.contains("<a ") && !page.contains("Yadgar") && !page.contains("یادگار"));
    assert!(page.contains("Ctrl+H"));
    assert_eq!(get(served.pages, "/x/").await.status, 404);
}

#[tokio::test]
async fn every_page_says_what_was_checked_and_what_is_made_up() {
    let mut files = people();
    let (made_up, _stop) = served(files.clone()).await;
    files.push(person_file(6, |v| v.fictional = None));
    let (real, _stop2) = served(files).await;
    for path in ["/en/", "/en/p/", "/en/t", "/en/m", "/en/n", "/en/f", "/en/a"] {
        let page = get(made_up.pages, path).await.text();
        assert!(page.contains("Checked and unaltered.") && page.contains("Release 1"), "{path}");
        assert!(page.contains("All records of this archive are made-up"), "{path}");
        let page = get(real.pages, path).await.text();
        assert!(!page.contains("All records of this archive are made-up"), "{path}");
    }
    let list = get(real.pages, "/en/p/").await.text();
    assert_eq!(list.matches("class=\"mark\">Fictional").count(), 4, "each by itself then");
}

#[tokio::test]
async fn the_entrance_is_shown_while_records_cannot_be_read() {
    let mut sample = Sample::new("t", 1, &[("core", people())]);
    let root = sample.accepted.release.parts[0].root;
    sample.blocks.remove(&root).unwrap();
    let (served, _stop) = start(vec![view(sample, 1)]).await;
    let page = get(served.pages, "/en/").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("cannot be read yet") && page.text().contains("Six words"));
    assert_eq!(get(served.pages, "/en/p/").await.status, 503);
}

#[tokio::test]
async fn an_archive_brings_its_own_texts_and_a_series() {
    let mut files = people();
    files.push(file("pages/about.en.md", b"# Our own words\n\nText."));
    let csv = "# title-en: Sample series\n# source-en: made up\ntime,percent\n2019-11-16T00:00+03:30,99\n2019-11-16T01:00+03:30,5\n";
    files.push(file("series/connectivity.csv", csv.as_bytes()));
    let (ours, _stop) = served(files.clone()).await;
    assert!(get(ours.pages, "/en/a").await.text().contains("Our own words"));
    let page = get(ours.pages, "/en/c").await.text();
    assert!(
        page.contains("hour by hour") && page.contains("<svg") && page.contains("Sample series")
    );
    files.pop();
    files.push(file("series/connectivity.csv", b"time,percent\nnonsense\n"));
    let (broken, _stop2) = served(files).await;
    let page = get(broken.pages, "/en/c").await.text();
    assert!(page.contains("cannot be read and is not shown") && !page.contains("<svg"));
}

#[tokio::test]
async fn who_has_only_the_core_reads_every_text() {
    let pictures = vec![file("portraits/a.jpg", JPEG)];
    let mut sample = Sample::new("t", 1, &[("core", people()), ("portraits", pictures)]);
    let root = sample.accepted.release.parts[1].root;
    sample.blocks.remove(&root).unwrap();
    let (served, _stop) = start(vec![view(sample, 1)]).await;
    for text in ["a", "c"] {
        let page = get(served.pages, &format!("/en/{text}")).await;
        assert_eq!(page.status, 200, "{text}");
    }
}

#[tokio::test]
async fn several_archives_have_a_card_and_a_cover_each() {
    let made = |name: &str| view(Sample::new(name, 1, &[("core", people())]), 1);
    let (served, _stop) = start(vec![made("one"), made("two")]).await;
    let page = get(served.pages, "/en/").await.text();
    assert!(page.contains("href=\"/en/p/\"") && page.contains("href=\"/en/2/p/\""));
    for n in ["1", "2"] {
        let cover = get(served.pages, &format!("/en/{n}/")).await;
        assert_eq!(cover.status, 200);
    }
    let second = get(served.pages, "/en/2/t").await.text();
    assert!(second.contains("href=\"/en/2/p/?d=737379\""));
    assert_eq!(get(served.pages, "/en/3/").await.status, 404);
}

/// A folder of files: no form, lists of one value only, relative addresses.
struct Folder;

impl Links for Folder {
    fn page(&self, lang: Lang, page: &Page<'_>) -> Option<String> {
        match page {
            Page::Wall(selection, n) => {
                let simple = selection.words.is_empty() && selection.chosen().count() <= 1;
                let name = selection.chosen().map(|(f, v)| format!("{}{v}", f.code())).last();
                simple.then(|| format!("{}/p-{}-{n}.html", lang.code(), name.unwrap_or_default()))
            }
            Page::Person(key) => Some(format!("{}/{key}.html", lang.code())),
            Page::Timeline => Some("t.html".to_owned()),
            _ => None,
        }
    }

    fn file(&self, file: &File<'_>) -> Option<String> {
        matches!(file, File::Style).then(|| "style.css".to_owned())
    }

    fn start(&self, lang: Lang) -> String {
        format!("{}/index.html", lang.code())
    }

    fn site(&self) -> Option<String> {
        None
    }

    fn form(&self, _: Lang) -> Option<String> {
        None
    }

    fn checked(&self) -> Checked {
        Checked::WhenMade
    }
}

/// The same pages serve a folder: nothing in them goes back to the root of a server, asks a question, or claims what a
/// folder cannot.
#[test]
fn pages_for_a_folder_need_no_server() {
    let view = with_info(Sample::new("t", 1, &[("core", people())]), |_, _| ());
    let catalogue = Catalogue::load(&*view).unwrap();
    let cx = Context {
        lang: Lang::En,
        links: &Folder,
        accepted: view.accepted(),
        words: view.words(),
        info: view.info(),
        catalogue: &catalogue,
        today: "2026-06-02",
    };
    let entry = view.find(&catalogue.items()[0].path).unwrap().unwrap();
    let victim = crate::memorial::catalogue::read_person(&*view, &entry);
    let key = catalogue.key(0);
    let choice = Selection::of(Facet::Province, 24);
    let pages = [
        cover::page(&cx, true),
        wall::page(&cx, &Selection::default(), 1).unwrap(),
        wall::page(&cx, &choice, 1).unwrap(),
        person::page(&cx, &key, &entry, &victim, &[]),
        timeline::page(&cx),
        map::page(&cx),
        statistics::page(&cx),
    ];
    for page in pages.map(maud::Markup::into_string) {
        for address in page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(!address.starts_with('/') && !address.contains('?'), "{address}");
        }
        assert!(!page.contains("<form") && !page.contains("src=\"/") && !page.contains("/x"));
        assert!(
            page.contains("a browser cannot check it") && !page.contains("Checked and unaltered")
        );
    }
}
