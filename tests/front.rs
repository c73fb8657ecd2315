//! A mirror behind a real website: nginx or Caddy with the configuration that the mirror prints. What a reader gets through
//! it, and what a prober does not.

#[path = "common/caddy.rs"]
mod caddy;
mod common;
#[path = "common/front.rs"]
mod lab;
#[path = "common/nginx.rs"]
mod nginx;
#[path = "front/probe.rs"]
mod probe;

use caddy::Caddy;
use common::{Home, tree_of};
use lab::{Front, publisher};
use nginx::Nginx;
use probe::Server;
use std::path::Path;

/// A path of the site that nothing is at, as long as a secret one.
const NOTHING: &str = "/aaaaaaaaaaaaaaaaaaaaaaaaaa";

#[test]
fn a_reader_fetches_through_a_website() {
    if !nginx::is_here() {
        return;
    }
    let (home, site) = publisher("Fronted (fictional)");
    let front = Front::of(&home);
    let nginx = Nginx::start(&front.nginx);
    let node = front.start(&[]);
    // What the mirror tells others is the website, and not where it listens.
    let shared = home.ok(&["invite"]);
    assert_eq!(shared["addresses"], serde_json::json!([front.announced(&node)]));
    let reader = Home::new();
    let invite = home.invite(&[&front.public(nginx.port)]);
    let (ca, out) = (nginx.ca(), reader.beside("out"));
    let done = reader.ok(&["fetch", &invite, "--ca", &ca, "--out", &out]);
    assert_eq!(done["reached"], 1, "{done}");
    let written = tree_of(Path::new(&out));
    let film = blake3::hash(&std::fs::read(site.join("media/large.bin")).unwrap());
    assert!(written.values().any(|hash| *hash == film));
    // The same read aloud: the path is among the words.
    let said = home.ok(&["invite", "--words", "--address", &front.public(nginx.port)]);
    assert_eq!(said["spoken"]["left_out"], serde_json::json!([]));
    let by_words = Home::new();
    by_words.ok(&["fetch", said["spoken"]["en"].as_str().unwrap(), "--ca", &ca]);
    // From here without TLS, as nginx does.
    let near = Home::new();
    near.ok(&["fetch", &home.invite(&[&front.listen])]);
    // The path is in no log, whoever came.
    let logs = nginx.logs();
    assert!(!logs.contains(&front.secret), "{logs}");
    // Without the right authority, and on another path, there is nothing.
    let told = Home::new().fails(&["fetch", &invite], 5);
    assert!(told.contains("TLS"), "{told}");
    let other = front.public(nginx.port).replace(&front.secret, &"a".repeat(26));
    let other = home.invite(&[&other]);
    let told = Home::new().fails(&["fetch", &other, "--ca", &ca], 5);
    assert!(told.contains("404"), "{told}");
}

/// An nginx as probers see it.
fn server(nginx: &Nginx) -> Server {
    Server { port: nginx.port, ca: nginx.ca() }
}

/// The same website with the node and without it, asked the same.
#[test]
fn a_prober_sees_the_same_website() {
    if !nginx::is_here() {
        return;
    }
    let (home, _site) = publisher("Probed (fictional)");
    let front = Front::of(&home);
    for missing in [None, Some("/404.html")] {
        let own = missing.map_or(String::new(), |page| format!("error_page 404 {page};"));
        let mut nginx = Nginx::start(&own);
        lab::fill(&nginx.root());
        let without = probe::all(&server(&nginx), NOTHING);
        assert!(without.len() > 50, "{}", without.len());
        let with_node = format!("{own}{}", front.config("nginx", missing));
        nginx.again(&with_node);
        let node = front.start(&[]);
        probe::same(&without, &probe::all(&server(&nginx), NOTHING));
        // Who knows the path and does not open a WebSocket there learns nothing either.
        probe::same(&without, &probe::all(&server(&nginx), &format!("/{}", front.secret)));
        drop(node);
        // The node is away: then nobody learns anything.
        nginx.again(&with_node);
        probe::same(&without, &probe::all(&server(&nginx), &format!("/{}", front.secret)));
        let down = probe::upgrade(&server(&nginx), &format!("/{}", front.secret));
        nginx.again(&own);
        assert_eq!(down, probe::upgrade(&server(&nginx), NOTHING));
        assert!(!nginx.logs().contains(&front.secret));
    }
}

/// The handshake of TLS is that of nginx: which versions and ciphers, and what they answer.
#[test]
fn a_scan_of_tls_sees_the_same_website() {
    if !nginx::is_here() {
        return;
    }
    let (home, _site) = publisher("Scanned (fictional)");
    let front = Front::of(&home);
    let mut nginx = Nginx::start("");
    let without = probe::tls(&server(&nginx));
    assert!(without.len() > 10);
    nginx.again(&front.nginx);
    let _node = front.start(&[]);
    assert_eq!(probe::tls(&server(&nginx)), without);
}

#[test]
fn a_reader_fetches_through_caddy_and_a_prober_sees_the_same_website() {
    behind_caddy("", None);
}

#[test]
fn behind_caddy_with_a_page_of_the_site_for_what_is_missing() {
    behind_caddy("rewrite * /404.html\nfile_server\n", Some("/404.html"));
}

#[test]
fn behind_caddy_with_other_errors_of_the_site() {
    let own = "@five expression {http.error.status_code} >= 500\nrespond @five sorry\n";
    behind_caddy(own, None);
}

/// Where in the printed configuration goes what the site does with errors by itself.
const MARK: &str = "# What the site's own handle_errors";

fn behind_caddy(errors: &str, missing: Option<&str>) {
    if !caddy::is_here() {
        return;
    }
    let (home, site) = publisher("Behind Caddy (fictional)");
    let front = Front::of(&home);
    let alone = format!("handle_errors {{\n{errors}}}\n");
    let own = if errors.is_empty() { String::new() } else { alone };
    let mut caddy = Caddy::start(&own);
    lab::fill(&caddy.root());
    let asked = Server { port: caddy.port, ca: caddy.ca() };
    let (without, tls) = (probe::all(&asked, NOTHING), probe::tls(&asked));
    assert!(without.len() > 50 && tls.len() > 10, "{}", without.len());
    let config = front.config("caddy", missing);
    let put = |line: &str| if line.contains(MARK) { errors } else { line }.to_owned();
    let with_node = config.lines().map(put).collect::<Vec<_>>().join("\n");
    assert!(config.contains(MARK) && !with_node.contains(MARK), "{config}");
    caddy.again(&with_node);
    let node = front.start(&[]);
    let secret = format!("/{}", front.secret);
    probe::same(&without, &probe::all(&asked, NOTHING));
    probe::same(&without, &probe::all(&asked, &secret));
    assert_eq!(tls, probe::tls(&asked));
    let (reader, invite) = (Home::new(), home.invite(&[&front.public(caddy.port)]));
    let out = reader.beside("out");
    reader.ok(&["fetch", &invite, "--ca", &caddy.ca(), "--out", &out]);
    let film = blake3::hash(&std::fs::read(site.join("media/large.bin")).unwrap());
    assert!(tree_of(Path::new(&out)).values().any(|hash| *hash == film));
    // The node is away: then nobody learns anything.
    drop(node);
    probe::same(&without, &probe::all(&asked, &secret));
    let down = probe::upgrade(&asked, &secret);
    let logs = caddy.logs();
    assert!(logs.contains(NOTHING) && !logs.contains(&front.secret), "{logs}");
    caddy.again(&own);
    assert_eq!(down, probe::upgrade(&asked, NOTHING));
}

#[test]
fn what_is_no_website_is_refused() {
    let home = Home::publisher("Refused (fictional)");
    for front in
        ["http://site.example/", "https://site.example/folder/", "site.example", "/ip4/1.2.3.4"]
    {
        home.fails(&["mirror", "--yes", "--front", front], 2);
        home.fails(&["mirror", "--front", front, "--front-config", "nginx"], 2);
    }
    home.fails(&["mirror", "--front-config", "nginx"], 2);
    let missing = ["--front-missing", "/a;b"];
    home.fails(
        &[&["mirror", "--front", "https://a.example", "--front-config", "nginx"], &missing[..]]
            .concat(),
        2,
    );
    let open = ["mirror", "--yes", "--listen", "/ip4/0.0.0.0/tcp/0/ws"];
    let told = home.fails(&open, 1);
    assert!(told.contains("without TLS"), "{told}");
}
