//! Signing drafts: nobody signs two of one number by mistake.

use crate::common::{Home, small_site};

#[test]
fn a_second_draft_of_one_number_is_not_signed_by_mistake() {
    let site = tempfile::tempdir().unwrap();
    small_site(site.path());
    let home = Home::publisher("Twice (fictional)");
    let (pass, dir) = (home.pass(), site.path().to_str().unwrap().to_owned());
    let [one, two] = ["one.draft", "two.draft"].map(|name| home.beside(name));
    for (draft, date) in [(&one, "2026-01-01"), (&two, "2026-01-02")] {
        home.ok(&["release", "build", &dir, "--date", date, "--out", draft]);
    }
    let sign = |draft: &str, more: &[&str]| -> Vec<String> {
        let args = ["release", "sign", draft, "--yes", "--passphrase-file", &pass];
        args.iter().chain(more).map(|s| (*s).to_owned()).collect()
    };
    let run = |args: Vec<String>| home.run(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let before = std::fs::read(&two).unwrap();
    assert!(run(sign(&one, &[])).status.success());
    // The same bytes again are no second release.
    assert!(run(sign(&one, &[])).status.success());
    let refused = run(sign(&two, &[]));
    assert_eq!(refused.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--instead"));
    assert_eq!(std::fs::read(&two).unwrap(), before, "nothing was signed");
    assert!(run(sign(&two, &["--instead"])).status.success());
    home.ok(&["release", "adopt", &two]);
    assert_eq!(home.ok(&["status"])["archives"][0]["complete"], 1);
}
