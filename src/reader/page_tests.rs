//! What the pages say, and that records cannot make them say anything else.
use super::*;
use yadgar_protocol::record::*;

#[tokio::test]
async fn the_start_page_says_what_was_checked() {
    let shown = view(Sample::of_repository(), 4);
    let (served, _stop) = start(vec![shown.clone()]).await;
    let page = get(served.pages, "/en/").await.text();
    assert!(page.contains("lang=\"en\" dir=\"ltr\"") && page.contains("2 of 3 keys; 2 are needed"));
    assert!(page.contains("1 June 2026 (11 Khordad 1405)") && page.contains("44 names"));
    assert!(page.contains("A newer release is known (number 4)"));
    assert!(page.contains(&shown.archive().to_string()));
    assert!(page.contains(&format!("http://{}/", served.sites[0].1)));
    for word in yadgar_protocol::words::six_words(&shown.archive()) {
        assert!(page.contains(word.fa) && page.contains(word.en));
    }
    let page = get(served.pages, "/fa/").await.text();
    assert!(page.contains("lang=\"fa\" dir=\"rtl\"") && page.contains("۱۱ خرداد ۱۴۰۵"));
    assert_eq!(get(served.pages, "/").await.header("location"), Some("/fa/"));
    for path in ["/fa/", "/en/p/", "/fa/p/2f4ja5iockvhwmeqgaaylwdxry"] {
        let page = get(served.pages, path).await.text();
        let title = page.split("<title>").nth(1).unwrap().split('<').next().unwrap();
        assert!(title == "صفحهٔ محلی" || title == "Local page", "{title}");
        assert!(!page.contains("<script") && !page.contains("https:"));
    }
}

#[tokio::test]
async fn records_are_listed_in_order_and_shown() {
    let (served, _stop) = start(vec![view(Sample::of_repository(), 1)]).await;
    let list = get(served.pages, "/en/p/").await.text();
    assert_eq!(list.matches("class=\"who\"").count(), 44);
    let names: Vec<_> = list
        .split("class=\"who\"><bdi>")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().to_lowercase())
        .collect();
    let named = &names[..42];
    assert!(named.is_sorted(), "{named:?}");
    assert!(names[42].contains("not known") && names[43].contains("not known"));
    let page = get(served.pages, "/en/p/2f4ja5iockvhwmeqgaaylwdxry").await.text();
    for part in [
        "Rozhan Gandomkhorshid",
        "روژان گندم‌خورشید",
        "17 years",
        "16 November 2019 (25 Aban 1398)",
        "Neydashtan",
        "refer to no real person",
        "Verified",
        "records/2f4ja5iockvhwmeqgaaylwdxry.cbor",
    ] {
        assert!(page.contains(part), "{part}");
    }
    for path in ["/en/p/0", "/en/p/zzz", "/en/p/?page=2", "/en/p/?page=x", "/en/2/p/", "/en/01/p/"]
    {
        assert_eq!(get(served.pages, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_proof_of_a_record_can_be_saved_and_checked() {
    let shown = view(Sample::of_repository(), 1);
    let (served, _stop) = start(vec![shown.clone()]).await;
    let at = "/fa/p/2f4ja5iockvhwmeqgaaylwdxry";
    assert!(get(served.pages, at).await.text().contains(&format!("href=\"{at}/proof\"")));
    let reply = get(served.pages, &format!("{at}/proof")).await;
    assert_eq!(reply.status, 200);
    let named = reply.header("content-disposition");
    assert_eq!(named, Some("attachment; filename=\"record.proof\""));
    let proven = yadgar_protocol::proof::check(&reply.body).unwrap();
    assert_eq!(proven.head.release.archive, shown.archive());
    assert_eq!(proven.path.as_str(), "records/2f4ja5iockvhwmeqgaaylwdxry.cbor");
    assert_eq!(get(served.pages, "/fa/p/zzz/proof").await.status, 404);
    assert_eq!(get(served.pages, &format!("{at}/other")).await.status, 404);
}

#[tokio::test]
async fn a_name_is_found_however_it_is_written() {
    let (served, _stop) = start(vec![view(Sample::of_repository(), 1)]).await;
    let ask = async |words: &str| {
        let query: String = form_urlencoded::byte_serialize(words.as_bytes()).collect();
        get(served.pages, &format!("/fa/p/?q={query}")).await
    };
    let wanted = "/fa/p/2f4ja5iockvhwmeqgaaylwdxry\"";
    for words in [
        "روژان گندم\u{200c}خورشید",
        "روژان گندم خورشيد",
        "روژانگندمخورشید",
        "روزان گندم",
        "Rojan Gandom Khorshid",
        "نی دشتان روژان",
    ] {
        let page = ask(words).await.text();
        let first = page.split("<ul class=\"people\">").nth(1).unwrap_or_else(|| panic!("{words}"));
        let link = first.split("href=\"").nth(1).unwrap();
        assert!(link.starts_with(wanted), "{words}: {link}");
    }
    let none = ask("<script>canary()</script>").await.text();
    assert!(!none.contains("<script") && none.contains("value=\"&lt;script&gt;canary()"));
    assert!(ask("zzzzzz").await.text().contains("پیدا نشد"));
    assert!(ask("  ").await.text().contains("۱ تا ۴۴"));
    assert!(ask(&"ا".repeat(3_000)).await.status < 500);
    for odd in ["q=a&q=b", "x=1", "q=%ff%fe", "q=+&page=1"] {
        assert!(get(served.pages, &format!("/fa/p/?{odd}")).await.status < 500, "{odd}");
    }
}

#[tokio::test]
async fn pages_of_many_records() {
    let record = |n: u16| person_file(n, |v| v.names[0].text = format!("N{n:04}"));
    let files = (0..401).map(record).collect();
    let (served, _stop) = start(vec![view(Sample::new("t", 1, &[("core", files)]), 1)]).await;
    let third = get(served.pages, "/en/p/?page=3").await.text();
    assert!(third.contains("N0400") && !third.contains("N0399") && third.contains("?page=2"));
    assert_eq!(get(served.pages, "/en/p/?page=4").await.status, 404);
    let page = get(served.pages, &format!("/en/p/{}", id(400))).await;
    assert!(page.text().contains("N0400"));
}

/// An id, ascending with its number.
pub(super) fn id(n: u16) -> RecordId {
    let mut bytes = [7; 16];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    RecordId(bytes)
}

pub(super) fn both(text: &str) -> Texts {
    Texts { en: Some(text.to_owned()), fa: Some(text.to_owned()) }
}

/// The file of a made-up person.
pub(super) fn person_file(n: u16, change: impl FnOnce(&mut Victim)) -> (String, Vec<u8>) {
    let mut v = Victim::new(id(n), "2026-06-01");
    v.fictional = Some(Yes::Yes);
    let name = |lang: &str| Name {
        src: Vec::new(),
        kind: NameKind::Primary,
        lang: lang.to_owned(),
        text: "Sample".to_owned(),
        script: "Latn".to_owned(),
        translit: Translit::AdHoc,
    };
    v.names = vec![name("en"), name("fa")];
    (v.gender, v.role) = (Some(Gender::Unknown), Some(Role::Unknown));
    (v.minor, v.manner) = (Some(Minor::No), vec![Manner::Unknown]);
    v.sources = vec![Source {
        sid: "s1".to_owned(),
        url: None,
        kind: SourceKind::Media,
        lang: None,
        group: 1,
        title: None,
        accessed: None,
        published: None,
        publisher: both("Sample"),
        archived_hash: None,
    }];
    v.verification = Some(Verification {
        level: Level::SingleSource,
        groups: 1,
        methods: Vec::new(),
        reviewers: 2,
        methodology: None,
        reviewed_on: None,
    });
    let scope = vec![Scope::Name, Scope::Photo, Scope::Story];
    v.consent = Some(Consent { basis: ConsentBasis::Family, scope, review_by: None });
    change(&mut v);
    let record = Record::Victim(Box::new(v));
    (record.path(), record.encode())
}

/// A record with `payload` in every text field that may hold it.
fn hostile(n: u16, payload: &str) -> (String, Vec<u8>) {
    person_file(n, |v| {
        let text = || Some(both(payload));
        // REC-5: a name with `<` is no name, and its record is not shown at all.
        if !payload.contains('<') && payload.len() <= 200 {
            v.names.iter_mut().for_each(|name| name.text = payload.to_owned());
        }
        v.place = Some(Place {
            lat: None,
            lon: None,
            city: text(),
            kind: PlaceKind::Unknown,
            county: text(),
            country: "ZZ".to_owned(),
            locality: text(),
            province: None,
            precision: Precision::City,
        });
        (v.origin_city, v.place_of_death) = (v.place.clone(), v.place.clone());
        (v.story, v.education, v.occupation) = (text(), text(), text());
        (v.father_name, v.burial_city) = (text(), text());
        (v.sources[0].publisher, v.sources[0].title) = (both(payload), text());
        let src = vec!["s1".to_owned()];
        v.official_cause = Some(OfficialCause { src: src.clone(), text: both(payload) });
        let (path, confidence) = ("age".to_owned(), Confidence::Reported);
        v.claims = vec![Claim { src, path, value: both(payload), confidence }];
        v.media = vec![Media {
            alt: both(payload),
            hash: Digest(yadgar_protocol::Hash([1; 32])),
            mime: "image/jpeg".to_owned(),
            path: "portraits/a.jpg".to_owned(),
            role: MediaRole::Portrait,
            bytes: 1,
            edits: Vec::new(),
            commit: None,
            caption: text(),
            graphic: Graphic::None,
            licence: Some(payload.to_owned()),
        }];
    })
}

/// Payloads that others collected, when they are there.
fn collected() -> Vec<String> {
    let Some(path) = crate::vectors::path("xss/dompurify/expect.mjs") else { return Vec::new() };
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter_map(|l| l.trim().strip_prefix("\"payload\": "));
    let found: Vec<_> =
        lines.filter_map(|l| serde_json::from_str(l.trim_end_matches(',')).ok()).collect();
    assert!(found.len() > 100, "the file has changed its form");
    found
}

/// What a page is made of, with every text between and inside tags taken out.
fn skeleton(page: &str) -> Vec<String> {
    let tags = page.split('<').skip(1).filter_map(|rest| rest.split_once('>'));
    let name = |(tag, _): (&str, &str)| tag.split([' ', '\n']).next().unwrap_or("").to_owned();
    tags.map(name).collect()
}

#[tokio::test]
async fn script_in_records_is_text() {
    let mut payloads: Vec<String> = [
        "<script>canary()</script>",
        "\"><img src=x onerror=canary()>",
        "'-canary()-'",
        "</title><svg onload=canary()>",
        "</bdi></style><script>canary()</script>",
        "javascript:canary()",
        "<!--<img src=\"--><img src=x onerror=canary()//\">",
        "&lt;script&gt;canary()&lt;/script&gt;",
    ]
    .map(str::to_owned)
    .to_vec();
    payloads.extend(collected());
    // What record.md allows as text at all (REC-5).
    let fits = |p: &String| {
        p.trim() == p
            && (1..=1000).contains(&p.len())
            && !p.chars().any(char::is_control)
            && unicode_normalization::is_nfc(p)
            && Record::decode(&hostile(0, p).1).is_ok()
    };
    payloads.retain(fits);
    assert!(payloads.len() >= 7 && (payloads.len() > 100 || collected().is_empty()));
    let mut files: Vec<_> = (0..).zip(&payloads).map(|(n, p)| hostile(n, p)).collect();
    // The same record with nothing odd in it says what the page must look like.
    let count = files.len() as u16;
    files.push(hostile(count, "plain"));
    let name = "n<script>canary()</script>";
    let (served, _stop) = start(vec![view(Sample::new(name, 1, &[("core", files)]), 1)]).await;
    let plain = skeleton(&get(served.pages, &format!("/en/p/{}", id(count))).await.text());
    for n in 0..count {
        let reply = get(served.pages, &format!("/en/p/{}", id(n))).await;
        assert_eq!(reply.status, 200);
        assert_eq!(skeleton(&reply.text()), plain, "{}", payloads[usize::from(n)]);
    }
    for path in ["/en/", "/en/p/", "/fa/p/?page=2"] {
        let page = get(served.pages, path).await.text();
        let tags = skeleton(&page);
        for bad in ["script", "img", "svg", "iframe", "style", "object", "math"] {
            assert!(!tags.iter().any(|t| t.eq_ignore_ascii_case(bad)), "{path}: {bad}");
        }
    }
    assert!(get(served.pages, "/en/").await.text().contains("n&lt;script&gt;canary()"));
}

#[tokio::test]
async fn files_that_are_no_records_are_listed() {
    let files = vec![
        file("records/broken.cbor", b"{"),
        file("records/large.cbor", &vec![b' '; 70_000]),
        // A good record, but not where its id says (REC-3).
        file("records/moved.cbor", &person_file(1, |_| ()).1),
        person_file(2, |v| (v.names, v.name_label) = (Vec::new(), Some(both("A child")))),
        person_file(3, |v| v.schema = "victim/2".to_owned()),
    ];
    let (served, _stop) = start(vec![view(Sample::new("t", 1, &[("core", files)]), 1)]).await;
    let list = get(served.pages, "/en/p/").await.text();
    assert!(list.contains("records/broken.cbor") && list.contains("records/large.cbor"));
    assert_eq!(list.matches("not a record that can be read").count(), 3);
    assert!(list.contains("A child") && list.contains("newer version of the program"));
    for key in ["3", &id(2).to_string(), &id(3).to_string()] {
        assert_eq!(get(served.pages, &format!("/en/p/{key}")).await.status, 200, "{key}");
    }
}

#[tokio::test]
async fn rec_4_what_is_gone_leaves_a_trace_and_no_name() {
    let gone = |n: u16, status, reason, into| {
        let mut v = Victim::new(id(n), "2026-06-01");
        (v.version, v.status, v.status_reason) = (2, status, Some(reason));
        v.merged_into = into;
        let record = Record::Victim(Box::new(v));
        (record.path(), record.encode())
    };
    let files = vec![
        person_file(1, |_| ()),
        gone(2, Status::Withdrawn, StatusReason::Withheld, None),
        gone(3, Status::Merged, StatusReason::Duplicate, Some(id(1))),
    ];
    let (served, _stop) = start(vec![view(Sample::new("t", 1, &[("core", files)]), 1)]).await;
    let list = get(served.pages, "/en/p/").await.text();
    assert_eq!(list.matches("class=\"who\"").count(), 2, "the merged one is not listed");
    assert!(list.contains("No longer in the archive"));
    let page = get(served.pages, &format!("/en/p/{}", id(2))).await.text();
    assert!(page.contains("General reason: withheld") && page.contains("1 June 2026"));
    let page = get(served.pages, &format!("/en/p/{}", id(3))).await.text();
    assert!(page.contains(&format!("href=\"/en/p/{}\"", id(1))));
}

#[tokio::test]
async fn a_person_is_shown_with_claims_sources_and_history() {
    let (served, _stop) = start(vec![view(Sample::of_repository(), 1)]).await;
    let list = get(served.pages, "/en/p/").await.text();
    let key = list.split("href=\"/en/p/").skip(1).map(|rest| rest.split('"').next().unwrap());
    let mut pages = Vec::new();
    for key in key {
        pages.push(get(served.pages, &format!("/en/p/{key}")).await.text());
    }
    let with = |part: &str| pages.iter().filter(|page| page.contains(part)).count();
    // The list itself is among the links.
    assert_eq!(with("refer to no real person"), 45);
    assert_eq!(with("How do I know this is genuine?"), 44);
    assert_eq!(with("This is the first version, of 1 June 2026"), 44);
    assert_eq!(with("What sources say"), 2, "those with claims that contradict each other");
    assert_eq!(with("disputed as a whole"), 2);
    assert_eq!(with("Some of this record is not published"), 4, "those under 18");
    assert!(with("See the picture") > 30 && with("live fire") > 10);
}

/// The same view with other facts about it.
pub(super) fn with_info(
    sample: Sample,
    change: impl FnOnce(&mut ViewInfo, &Sample),
) -> Arc<ArchiveView> {
    let mut info = ViewInfo { trusted_sequence: 1, source: "peer".into(), ..ViewInfo::default() };
    change(&mut info, &sample);
    let store = MemoryStore::default();
    let packed = |(id, data): (yadgar_protocol::BlockId, Vec<u8>)| Packed::plain(id.codec, data);
    store.put(sample.blocks.into_iter().map(packed).collect()).unwrap();
    Arc::new(ArchiveView::new(Arc::new(store), sample.accepted, info))
}

/// The view of a node that took an urgent notice, and erased what that withdrew, after it had got the release.
pub(super) fn withdrawing(
    mut sample: Sample,
    gone: &[yadgar_protocol::BlockId],
) -> Arc<ArchiveView> {
    use yadgar_protocol::withdraw::{Denied, Reason, Withdrawal, item};
    let archive = sample.accepted.release.archive;
    let mut denied = Denied::none(archive);
    for id in gone {
        sample.blocks.remove(id).unwrap();
        let (item, date) = (item(&archive, id), "2026-11-20".to_owned());
        denied.add([&Withdrawal { item, date, reason: Reason::Withheld, sequence: 1 }]);
    }
    with_info(sample, |info, _| info.denied = Some(denied))
}

#[tokio::test]
async fn trust_24_a_dispute_is_told_on_every_page() {
    let mut files = small();
    files.push(file("old.html", b"<html><BODY class=\"x\">text"));
    let long = [b"<html><body>".as_slice(), &vec![b'x'; 9 << 20], b"the end"].concat();
    files.push(file("long.html", &long));
    files.push(file("hidden.html", b"<!-- <body> --><!DOCTYPE html><title>t</title><body>text"));
    let dispute = crate::reader::Dispute { agreed: Some(6), sequences: [7, 7], shown_agreed: true };
    let shown = with_info(Sample::new("t", 1, &[("core", files)]), |info, _| {
        info.dispute = Some(dispute);
    });
    let (served, _stop) = start(vec![shown]).await;
    for path in ["/en/", "/en/p/", "/en/p/1"] {
        let page = get(served.pages, path).await.text();
        assert!(page.contains("Two signed releases contradict each other"), "{path}");
        assert!(page.contains("the last release that both agree on"), "{path}");
    }
    assert!(get(served.pages, "/fa/p/").await.text().contains("دو نسخهٔ امضاشده با هم نمی‌خوانند"));
    let site = served.sites[0].1;
    for (path, begins) in [
        ("/", "<!doctype html><div role=\"alert\""),
        ("/old.html", "<div role=\"alert\""),
        ("/long.html", "<div role=\"alert\""),
        ("/hidden.html", "<!-- <body> --><!DOCTYPE html><div role=\"alert\""),
    ] {
        // Neither a range nor a cached copy goes around it.
        for extra in ["", "Range: bytes=0-3\r\n", "If-None-Match: *\r\n"] {
            let reply = ask(site, "GET", path, extra).await;
            assert_eq!(reply.status, 200);
            assert!(reply.text().starts_with(begins), "{path}: {}", reply.text());
            assert!(reply.text().contains("Dispute: two signed releases"));
            assert!(path != "/long.html" || reply.text().ends_with("the end"));
        }
    }
    assert!(!get(site, "/style.css").await.text().contains("Dispute"));
}

#[tokio::test]
async fn wd_7_what_was_withdrawn_is_not_shown_and_leaves_a_trace() {
    use yadgar_protocol::withdraw::{Denied, Reason, Withdrawal, item};
    let shown = with_info(Sample::new("t", 3, &[("core", small())]), |info, sample| {
        let archive = sample.accepted.release.archive;
        let mut denied = Denied::none(archive);
        for content in [&small()[7].1, &small()[2].1] {
            let id = yadgar_protocol::BlockId::of(yadgar_protocol::Codec::Raw, content);
            let (item, date) = (item(&archive, &id), "2026-11-20".to_owned());
            denied.add([&Withdrawal { item, date, reason: Reason::Withheld, sequence: 2 }]);
        }
        info.denied = Some(denied);
    });
    let (served, _stop) = start(vec![shown]).await;
    assert!(get(served.pages, "/en/p/").await.text().contains("There are no records"));
    let site = served.sites[0].1;
    for path in ["/records/one.json", "/style.css"] {
        for method in ["GET", "HEAD"] {
            let reply = ask(site, method, path, "Range: bytes=0-1\r\n").await;
            assert_eq!(reply.status, 410, "{method} {path}");
        }
        let page = get(site, path).await.text();
        // Our stylesheet is in the page, as the site's origin has no file of ours.
        let page = page.split("</style>").nth(1).unwrap();
        assert!(page.contains("This was withdrawn") && page.contains("20 November 2026"));
        assert!(page.contains("release number 2") && page.contains("withheld"));
        assert!(!page.contains("names") && !page.contains("color:red"));
    }
    assert_eq!(get(site, "/").await.status, 200);
}

#[tokio::test]
async fn wd_7_a_list_of_files_does_not_name_what_was_withdrawn() {
    let files = vec![file("a.txt", b"a"), file("a-name.txt", b"b")];
    let sample = Sample::new("t", 1, &[("core", files)]);
    let gone = [sample.link("a-name.txt")];
    let (served, _stop) = start(vec![withdrawing(sample, &gone)]).await;
    let page = get(served.sites[0].1, "/").await.text();
    assert!(page.contains("a.txt") && !page.contains("a-name.txt"), "{page}");
    assert!(page.contains("پس گرفته شده‌اند"), "{page}");
}

#[tokio::test]
async fn the_start_page_says_how_new_the_release_is() {
    let shown = with_info(Sample::new("t", 1, &[("core", small())]), |info, _| {
        info.held = 1;
        info.agreement = Some(crate::freshness::Agreement {
            same: 3,
            older: 1,
            silent: 0,
            day: "2026-11-23".into(),
        });
    });
    let (served, _stop) = start(vec![shown]).await;
    let page = get(served.pages, "/en/").await.text();
    assert!(page.contains("same one: 3, an older one: 1"), "{page}");
    assert!(page.contains("yadgar node held"));
    let page = get(served.pages, "/fa/").await.text();
    assert!(page.contains("۲۰۲۶-۱۱-۲۳") && page.contains("تازه‌ترین"));
}
