//! Root keys settle a dispute, with the commands of the guide (TRUST-27).

use crate::common::{Home, small_site, write};
use serde_json::{Value, json};
use std::path::Path;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for item in std::fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let (path, other) = (item.path(), to.join(item.file_name()));
        if path.is_dir() {
            copy(&path, &other);
        } else {
            std::fs::copy(&path, &other).unwrap();
        }
    }
}

fn archive(home: &Home) -> Value {
    home.ok(&["status"])["archives"][0].clone()
}

/// A dispute stands: there is a proof of it. What root keys set aside is told, too, but over.
fn stands(archive: &Value) -> bool {
    archive["dispute"]["proof"].is_string()
}

fn export(home: &Home, name: &str) -> String {
    let file = home.beside(name);
    home.ok(&["export", &file]);
    file
}

#[test]
fn trust_27_from_two_releases_of_one_number_to_one_archive_again() {
    let site = tempfile::tempdir().unwrap();
    small_site(site.path());
    let home = Home::publisher("Settled (fictional)");
    home.publish(site.path());
    let first = export(&home, "1.car");

    // The same keys in two places sign two different releases 2.
    let forced = Home::new();
    copy(&home.path(), &forced.path());
    write(site.path(), "added.html", b"<html lang=en>by force</html>");
    forced.publish(site.path());
    let by_force = export(&forced, "forced.car");
    write(site.path(), "added.html", b"<html lang=en>as meant</html>");
    home.publish(site.path());
    let meant = export(&home, "meant.car");

    let reader = Home::new();
    for file in [&first, &meant] {
        reader.ok(&["import", file]);
    }
    for who in [&home, &reader] {
        who.fails(&["import", &by_force], 4);
        let now = archive(who);
        assert_eq!((&now["complete"], stands(&now)), (&json!(1), true), "{now}");
    }
    // What is read says so, whatever reads it.
    let output = reader.run(&["checkout", &reader.beside("disputed")]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("DISPUTE"));
    let page = reader.beside("disputed/added.html");
    assert!(!Path::new(&page).exists(), "the agreed release had no such page");

    // Nothing can be published before root keys have spoken.
    let args = ["publish", site.path().to_str().unwrap(), "--passphrase-file", &home.pass()];
    assert!(home.fails(&args, 4).contains("rotate build --base agreed"));
    let draft = home.beside("settle.draft");
    home.ok(&["rotate", "build", "--base", "agreed", "--out", &draft]);
    home.ok(&["rotate", "sign", &draft, "--yes", "--passphrase-file", &home.pass()]);
    home.ok(&["rotate", "adopt", &draft]);
    write(site.path(), "added.html", b"<html lang=en>settled</html>");
    assert_eq!(home.publish(site.path())["sequence"], 2);
    let settled = export(&home, "settled.car");

    // Who was in dispute, who had been deceived, who slept, who is new: all read the same.
    let (deceived, slept, new) = (Home::new(), Home::new(), Home::new());
    deceived.ok(&["import", &by_force]);
    slept.ok(&["import", &first]);
    for (name, who) in [("a", &reader), ("b", &deceived), ("c", &slept), ("d", &new)] {
        who.ok(&["import", &settled]);
        let now = archive(who);
        assert_eq!((&now["complete"], stands(&now)), (&json!(2), false), "{name}: {now}");
        who.ok(&["checkout", &who.beside("read")]);
        let page = std::fs::read_to_string(who.beside("read/added.html")).unwrap();
        assert!(page.contains("settled"), "{name}: {page}");
        // Neither side comes back.
        who.fails(&["import", &by_force], 4);
        assert!(!stands(&archive(who)), "{name}");
    }
}
