//! What `yadgar withdraw` finds, keeps for the next release, and signs at once.

use crate::common::{Home, small_site, write};
use serde_json::{Value, json};

fn site() -> tempfile::TempDir {
    let site = tempfile::tempdir().unwrap();
    small_site(site.path());
    write(site.path(), "records/2f4ja5iockvh.json", b"{\"first\":1}");
    write(site.path(), "people/2f4ja5iockvh.html", b"<html lang=en>about</html>");
    write(site.path(), "all.html", b"<html lang=en><a href=records/2f4ja5iockvh.json>x</a></html>");
    site
}

fn paths(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|w| w["path"].as_str().unwrap()).collect()
}

#[test]
fn the_next_release_carries_what_waits_and_refuses_the_file() {
    let (site, home) = (site(), Home::publisher("Withdraw (fictional)"));
    home.publish(site.path());
    write(site.path(), "records/2f4ja5iockvh.json", b"{\"second\":2}");
    home.publish(site.path());
    let done = home.ok(&["withdraw", "2f4ja5iockvh", "--reason", "withheld"]);
    let both = paths(&done["withdrawn"]);
    assert_eq!(both, ["records/2f4ja5iockvh.json"; 2], "the version before is withdrawn too");
    assert_eq!(done["mentions"], json!(["all.html", "people/2f4ja5iockvh.html"]));
    let waits = home.ok(&["status"])["archives"][0]["to_withdraw"].clone();
    assert_eq!(waits[0], json!({ "path": "records/2f4ja5iockvh.json", "reason": "withheld" }));
    let args = ["publish", site.path().to_str().unwrap(), "--passphrase-file", &home.pass()];
    let said = home.fails(&args, 4);
    assert!(said.contains("records/2f4ja5iockvh.json") && said.contains("--leave-out"), "{said}");
    let third = home.ok(&[&args[..], &["--leave-out-withdrawn"]].concat());
    assert_eq!((&third["sequence"], &third["removed"]), (&3.into(), &1.into()));
    assert_eq!(home.ok(&["status"])["archives"][0]["to_withdraw"], json!([]));
    // Bytes that were withdrawn in an earlier version are refused as well, also under another name.
    std::fs::remove_file(site.path().join("records/2f4ja5iockvh.json")).unwrap();
    write(site.path(), "elsewhere.json", b"{\"first\":1}");
    assert!(home.fails(&args, 4).contains("elsewhere.json"));
    write(site.path(), "elsewhere.json", b"{\"other\":1}");
    assert_eq!(home.publish(site.path())["sequence"], 4);
}

#[test]
fn content_that_others_use_is_left_and_told() {
    let (site, home) = (site(), Home::publisher("Shared (fictional)"));
    write(site.path(), "copy.json", b"{\"first\":1}");
    home.publish(site.path());
    let said = home.fails(&["withdraw", "records/2f4ja5iockvh.json", "--reason", "error"], 2);
    assert!(said.contains("copy.json"), "{said}");
    let args = ["withdraw", "records/2f4ja5iockvh.json", "copy.json", "--reason", "error"];
    assert_eq!(home.ok(&args)["withdrawn"].as_array().unwrap().len(), 1);
    home.fails(&["withdraw", "records/none.json", "--reason", "error"], 2);
    home.fails(&["withdraw", "index.html", "--reason", "because-of-the-family"], 2);
}

#[test]
fn one_signer_makes_an_urgent_notice_at_once() {
    let (site, home) = (site(), Home::publisher("Urgent (fictional)"));
    home.publish(site.path());
    let pass = home.pass();
    let args = ["withdraw", "2f4ja5iockvh", "--reason", "found-alive", "--urgent"];
    let done = home.ok(&[&args[..], &["--passphrase-file", &pass]].concat());
    assert_eq!((&done["draft"]["act"], &done["draft"]["ready"]), (&"notice".into(), &true.into()));
    assert_eq!(home.ok(&["status"])["archives"][0]["withdrawn"], 1);
    let release = home.ok(&["releases"])["releases"][0].clone();
    assert_eq!(release["whole"], true, "whole without what was withdrawn");
    std::fs::remove_file(site.path().join("records/2f4ja5iockvh.json")).unwrap();
    assert_eq!(home.publish(site.path())["sequence"], 2);
    write(site.path(), "records/2f4ja5iockvh.json", b"{\"first\":1}");
    let args = ["publish", site.path().to_str().unwrap(), "--passphrase-file", &pass];
    home.fails(&args, 4);
}

/// DRAFT-13: who signs on a machine that has nothing but the draft sees what would be erased.
#[test]
fn a_signer_elsewhere_sees_what_a_notice_withdraws() {
    use yadgar::publish::draft::Draft;
    let (site, home) = (site(), Home::publisher("Elsewhere (fictional)"));
    home.publish(site.path());
    write(site.path(), "records/2f4ja5iockvh.json", b"{\"second\":2}");
    home.publish(site.path());
    let draft = home.beside("notice.draft");
    let what = ["withdraw", "2f4ja5iockvh", "index.html", "--reason", "error", "--urgent"];
    home.ok(&[&what[..], &["--out", &draft]].concat());

    let away = Home::new();
    std::fs::create_dir_all(away.path().join("keys")).unwrap();
    let key = "keys/maintainer.key";
    std::fs::copy(home.path().join(key), away.path().join(key)).unwrap();
    let shown = away.ok(&["release", "show", &draft]);
    let mut named: Vec<_> =
        shown["withdrawn"].as_array().unwrap().iter().map(|w| w["paths"].clone()).collect();
    named.sort_by_key(Value::to_string);
    let record = json!(["records/2f4ja5iockvh.json"]);
    assert_eq!(named, [json!(["index.html"]), record.clone(), record], "of both releases");
    assert_eq!(shown["warnings"], json!([]));

    let mut bare = Draft::decode(&std::fs::read(&draft).unwrap()).unwrap();
    bare.blocks.clear();
    let file = home.beside("bare.draft");
    std::fs::write(&file, bare.encode()).unwrap();
    assert_eq!(away.ok(&["release", "show", &file])["warnings"], json!(["withdraws-unknown"]));
    let pass = away.pass();
    let sign = ["release", "sign", &file, "--yes", "--passphrase-file", &pass];
    assert!(away.fails(&sign, 4).contains("DRAFT-13"));
    assert_eq!(away.ok(&[&sign[..], &["--unknown"]].concat())["missing"], 0);
    // With the blocks nothing has to be said.
    assert_eq!(
        away.ok(&["release", "sign", &draft, "--yes", "--passphrase-file", &pass])["missing"],
        0
    );
}
