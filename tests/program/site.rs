//! `yadgar site`: folders and crawls become clean folders, with the real program.

use crate::common::{Home, tree_of, write};
use crate::vectors;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A crawl of the samples, or `None` where they are not at hand.
fn sample(name: &str) -> Option<PathBuf> {
    vectors::path(&format!("warc/warcio/test/data/{name}"))
}

fn import(source: &Path, more: &[&str]) -> (Home, Value, String) {
    let home = Home::new();
    let out = home.beside("out");
    let mut args = vec!["site", "import", source.to_str().unwrap(), &out];
    args.extend(more);
    let done = home.ok(&args);
    (home, done, out)
}

fn reasons(done: &Value) -> Vec<&str> {
    done["left_out"].as_array().unwrap().iter().map(|l| l["why"].as_str().unwrap()).collect()
}

#[test]
fn good_crawls_give_their_page() {
    let good = [
        "example.warc",
        "example.warc.gz",
        "example.arc",
        "example.arc.gz",
        "example-resource.warc.gz",
        "example-bad.warc.gz.bad",
        "example-bad-non-chunked.warc.gz", // All records packed as one: not by the standard, and readable.
        "example-iana.org-chunked.warc",
        "example-wrong-chunks.warc.gz",
        "example-space-in-url.arc",
        "example-wget-bad-target-uri.warc.gz",
    ];
    for name in good {
        let Some(path) = sample(name) else { continue };
        let (_home, done, out) = import(&path, &[]);
        assert!(done["files"].as_u64().unwrap() >= 1, "{name}: {done}");
        let files = tree_of(Path::new(&out));
        let page = files
            .keys()
            .find(|p| p.ends_with(".html"))
            .unwrap_or_else(|| panic!("{name}: {files:?}"));
        let text = std::fs::read_to_string(Path::new(&out).join(page)).unwrap();
        assert!(text.contains("<h1>") || text.contains("<h2>"), "{name}: {text}");
        assert!(!text.contains("<a href=\"http"), "{name}");
    }
}

#[test]
fn bad_crawls_give_what_is_whole() {
    // Each with what must stand in the list of what was left out, or an exit code.
    for (name, why) in [("example-trunc.warc", "damaged"), ("example-space-in-url.arc", "damaged")]
    {
        let Some(path) = sample(name) else { continue };
        let home = Home::new();
        let out = home.beside("out");
        let output = home
            .command(&["site", "import", path.to_str().unwrap(), &out, "--json"])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let done: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(output.status.code(), Some(0), "{name}: {done}");
        assert!(reasons(&done).contains(&why), "{name}: {done}");
    }
    if let Some(path) = sample("bad.arc") {
        let home = Home::new();
        let output = home.run(&["site", "import", path.to_str().unwrap(), &home.beside("out")]);
        assert_eq!(output.status.code(), Some(3), "{output:?}"); // Lengths that are no numbers.
    }
    // A crawl of requests alone, of posts, of a file: nothing, or no page, and no failure.
    for name in ["example-digest.warc", "post-test.warc.gz", "example-space-in-target-uri.warc.gz"]
    {
        let Some(path) = sample(name) else { continue };
        let (_home, _, out) = import(&path, &[]);
        assert!(tree_of(Path::new(&out)).keys().all(|p| !p.ends_with(".html")), "{name}");
    }
}

fn record(kind: &str, url: &str, date: &str, more: &str, block: &[u8]) -> Vec<u8> {
    let mut out = format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {date}\r\n{more}Content-Length: {}\r\n\r\n",
        block.len()
    )
    .into_bytes();
    out.extend_from_slice(block);
    out.extend_from_slice(b"\r\n\r\n");
    out
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body].concat()
}

/// A made-up site: two captures, a redirect, a page from another host, a bomb, a wrong digest, an error.
fn crawl() -> Vec<u8> {
    let page = |text: &str| answer("200 OK\r\nContent-Type: text/html", text.as_bytes());
    let first = page("<!DOCTYPE html><p>old words of a page that was replaced");
    let second = page(
        "<!DOCTYPE html><p>new words of the page<a href='/old'>moved</a><a href='https://www.site.example/q?x=1'>query</a>\
         <a href='http://gone.example/'>gone</a><img src='https://cdn.example/p.svg'><script>x()</script>",
    );
    let bomb = {
        use std::io::Write;
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..300 {
            packed.write_all(&vec![b'x'; 1 << 20]).unwrap();
        }
        packed.finish().unwrap()
    };
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'><path d='M0 0h9'/></svg>";
    let day = "2021-01-02T00:00:00Z";
    [
        record("response", "https://site.example/", "2021-01-01T00:00:00Z", "", &first),
        record("response", "http://www.site.example/", day, "", &second),
        record(
            "response",
            "https://site.example/old",
            day,
            "",
            &answer("301 Moved\r\nLocation: /new/", b""),
        ),
        record(
            "response",
            "https://site.example/new/",
            day,
            "",
            &page("<p>the page behind the redirect"),
        ),
        record("response", "https://site.example/q?x=1", day, "", &page("<p>the page of a query")),
        record(
            "response",
            "https://cdn.example/p.svg",
            day,
            "",
            &answer("200 OK\r\nContent-Type: image/svg+xml", svg),
        ),
        record(
            "response",
            "https://site.example/bomb",
            day,
            "",
            &answer("200 OK\r\nContent-Encoding: gzip", &bomb),
        ),
        record(
            "response",
            "https://site.example/lie",
            day,
            "WARC-Payload-Digest: sha1:AAAA\r\n",
            &page("<p>lie"),
        ),
        record(
            "response",
            "https://site.example/../../etc/%2e%2e%2fcon",
            day,
            "",
            &page("<p>path"),
        ),
        record("response", "https://site.example/none", day, "", &answer("404 Not Found", b"")),
        record("response", "https://site.example/cut", day, "", &page("<p>cut"))
            .split_last_chunk::<30>()
            .unwrap()
            .0
            .to_vec(),
    ]
    .concat()
}

#[test]
fn a_crawl_becomes_a_site() {
    let home = Home::new();
    let file = home.beside("crawl.warc");
    std::fs::write(&file, crawl()).unwrap();
    let (_keep, done, out) = import(Path::new(&file), &[]);
    let text = std::fs::read_to_string(Path::new(&out).join("index.html")).unwrap();
    assert!(text.contains("new words") && !text.contains("script"), "{text}");
    assert!(text.contains("<a href=\"new/index.html\">moved</a>"), "{text}");
    assert!(text.contains("(<bdi dir=\"ltr\">http://gone.example/</bdi>)"), "{text}");
    assert!(text.contains("src=\"_other/cdn.example/p.svg\""), "{text}");
    let files = tree_of(Path::new(&out));
    assert!(files.keys().any(|p| p.starts_with("q-") && p.ends_with(".html")), "{files:?}");
    assert_eq!(reasons(&done).iter().filter(|w| **w == "damaged").count(), 3, "{done}");
    assert!(reasons(&done).contains(&"no-page"));
    // The same again is the same bytes, and it can be published.
    let (_again, _, out2) = import(Path::new(&file), &[]);
    assert_eq!(tree_of(Path::new(&out2)), files);
    home.ok(&["gate", "check", &out]);
    home.ok(&["site", "check", &out]);
    // An earlier time gives the earlier page.
    let (_early, _, early) = import(Path::new(&file), &["--at", "2021-01-01"]);
    let text = std::fs::read_to_string(Path::new(&early).join("index.html")).unwrap();
    assert!(text.contains("old words"), "{text}");
}

#[test]
fn a_wacz_is_checked_before_it_is_read() {
    use std::io::Write;
    let home = Home::new();
    let warc = crawl();
    let digest = {
        use sha2::Digest;
        hex::encode(sha2::Sha256::digest(&warc))
    };
    for (digest, files) in [(digest, true), ("00".repeat(32), false)] {
        let path = home.beside("crawl.wacz");
        let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        let stored = zip::write::SimpleFileOptions::default();
        zip.start_file("archive/../../data.warc", stored).unwrap();
        zip.write_all(b"never read").unwrap();
        zip.start_file("archive/data.warc", stored).unwrap();
        zip.write_all(&warc).unwrap();
        zip.start_file("datapackage.json", stored).unwrap();
        write!(
            zip,
            "{{\"resources\":[{{\"path\":\"archive/data.warc\",\"hash\":\"sha256:{digest}\"}}]}}"
        )
        .unwrap();
        zip.finish().unwrap();
        let out = home.beside(if files { "out" } else { "out2" });
        match files {
            true => {
                assert!(home.ok(&["site", "import", &path, &out])["files"].as_u64().unwrap() >= 4)
            }
            false => assert!(home.fails(&["site", "import", &path, &out], 3).contains("digest")),
        }
    }
}

#[test]
fn a_folder_is_cleaned_checked_and_publishable() {
    let site = tempfile::tempdir().unwrap();
    write(site.path(), "index.html", "<p>سلام <a href=\"صفحه.html\">یک</a><a href=https://own.example/b.html>b</a><script>x</script>".as_bytes());
    write(site.path(), "صفحه.html", b"<meta charset=windows-1252><p>caf\xe9");
    write(site.path(), "b.html?v=1", b"<html><p>query");
    write(site.path(), "b.html", b"<p>b <img src=x.png>");
    write(site.path(), "app.js", b"alert(1)");
    write(site.path(), "doc.pdf", b"%PDF-1.4");
    std::os::unix::fs::symlink("/etc/passwd", site.path().join("link.html")).unwrap();
    let home = Home::new();
    let folder = site.path().to_str().unwrap();
    home.fails(&["site", "check", folder], 7);
    home.fails(&["gate", "check", folder], 2);
    let (_keep, done, out) = import(site.path(), &["--origin", "https://own.example/"]);
    let text = std::fs::read_to_string(Path::new(&out).join("index.html")).unwrap();
    assert!(text.contains("<a href=\"b.html\">b</a>") && !text.contains("script"), "{text}");
    assert!(std::fs::read_to_string(Path::new(&out).join("صفحه.html")).unwrap().contains("café"));
    for why in ["active", "opaque", "special"] {
        assert!(reasons(&done).contains(&why), "{done}");
    }
    home.ok(&["site", "check", &out]);
    home.ok(&["gate", "check", &out]);
    // Clean again: nothing changes. A folder with other content is not written to.
    let again = home.beside("again");
    home.ok(&["site", "import", &out, &again]);
    assert_eq!(tree_of(Path::new(&again)), tree_of(Path::new(&out)));
    home.fails(&["site", "import", &out, &again], 2);
    home.ok(&["site", "import", &out, &again, "--into"]);
    write(Path::new(&again), "index.html", b"mine");
    home.fails(&["site", "import", &out, &again, "--into"], 1);
    home.ok(&["site", "import", &out, &again, "--into", "--replace"]);
    assert_eq!(tree_of(Path::new(&again)), tree_of(Path::new(&out)));
}

#[test]
fn the_gate_refuses_what_is_active() {
    let site = tempfile::tempdir().unwrap();
    write(site.path(), "index.html", b"<p onclick=x()>a<img src=https://e.example/x.png>");
    let home = Home::new();
    let told = home.fails(&["gate", "check", site.path().to_str().unwrap()], 7);
    let output = home.run(&["gate", "check", site.path().to_str().unwrap()]);
    let all = told + &String::from_utf8_lossy(&output.stdout);
    assert!(
        all.contains("active-content")
            && all.contains("external-reference")
            && all.contains("site import"),
        "{all}"
    );
}
