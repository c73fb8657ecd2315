use super::*;
use yadgar_protocol::{ArchiveId, Hash};

fn waits(kind: ActKind, items: u64, drops: bool) -> Waiting {
    let act = HeldAct {
        id: "3f9c0a5be17d24680123456789abcdef".repeat(2),
        kind,
        sequence: 7,
        date: "2026-05-04".to_owned(),
        records: 40,
        files: 3,
        rewritten: 0,
        items,
        reasons: if items > 0 { vec!["withheld".into(), "error".into()] } else { Vec::new() },
        drops,
    };
    let archive = ArchiveId(Hash([7; 32]));
    Waiting { archive, name: "The lamps of <Nowhere> (fictional)".to_owned(), act }
}

fn shows(page: &Markup, parts: &[&str]) {
    for part in parts {
        assert!(page.0.contains(part), "{part}: {}", page.0);
    }
}

#[test]
fn a_notice_says_what_it_erases_and_asks_for_the_tick() {
    let page = page(&[waits(ActKind::Notice, 43, false)], Lang::Fa);
    shows(
        &page,
        &[
            "پس‌گرفتن فوری، پس از نسخهٔ ۷",
            "۴۳ فایل",
            "بازداشته، نادرست",
            "۴۰ پرونده و ۳ فایل دیگر",
            "از این دستگاه پاک می‌شود",
            "کاری نکردن بی‌خطر است",
            "name=\"heard\" value=\"yes\" required",
            "3f9c0a5be17d2468<",
            "&lt;Nowhere&gt;",
        ],
    );
    assert!(!page.0.contains("نشان داده می‌شود. آنچه تنها"), "it shows no other release");
    assert!(!page.0.contains(" checked"), "nobody's box is ticked for them");
}

#[test]
fn a_release_that_only_drops_erases_nothing() {
    let waits = waits(ActKind::Release, 0, true);
    let page = page(std::slice::from_ref(&waits), Lang::En);
    shows(&page, &["Release 7 is shown in place", "is not erased", "Records: 40; other files: 3"]);
    assert!(!page.0.contains("is erased from this device") && !page.0.contains("Reason<"));
    let done = done(&waits, Lang::En);
    shows(&done, &["Release 7 is shown from now on"]);
    assert!(!done.0.contains("erased"), "{}", done.0);
}

#[test]
fn nothing_waits() {
    let page = page(&[], Lang::En);
    shows(&page, &["Nothing waits for you"]);
    assert!(!page.0.contains("<form"));
}
