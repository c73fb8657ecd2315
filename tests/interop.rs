//! Programs that nobody here wrote meet ours: js-libp2p and py-libp2p ask a mirror by protocol/spec/sync.md, Helia imports
//! a carrier and gets blocks from a gateway. Their sides are small scripts in tests/interop, which check everything that
//! comes with libraries of their own.

mod common;

use common::{Home, Node};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Says that something is missing, which must not be where everything is asked for.
fn lacks(what: &str) {
    let required = std::env::var_os("YADGAR_REQUIRE_INTEROP").is_some_and(|v| v == "1");
    assert!(!required, "{what}, and YADGAR_REQUIRE_INTEROP=1");
    eprintln!("SKIPPED: {what}, programs of others are not met");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop")
}

/// Node with the packages of tests/interop/js (`npm ci` there).
fn has_node() -> bool {
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).status();
    let here = node.is_ok_and(|status| status.success());
    let here = here && folder().join("js/node_modules/libp2p").is_dir();
    if !here {
        lacks("there is no node, or no packages in tests/interop/js/node_modules");
    }
    here
}

/// A Python that has the packages of tests/interop/python/requirements.txt.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("YADGAR_INTEROP_PYTHON").map(PathBuf::from);
    if python.is_none() {
        lacks("YADGAR_INTEROP_PYTHON names no Python with py-libp2p");
    }
    python
}

/// What a script says in its last line.
fn said(mut command: Command) -> Value {
    let output = command.current_dir(folder()).stdin(Stdio::null()).output().unwrap();
    let (out, err) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {err}{out}");
    serde_json::from_str(out.lines().last().unwrap_or("null")).unwrap()
}

fn js(script: &str, args: &[&str]) -> Value {
    let mut command = Command::new("node");
    command.arg(folder().join("js").join(script)).args(args);
    said(command)
}

/// A publisher with an archive: its home, and the archive's id.
fn publisher() -> (Home, String) {
    let home = Home::publisher("Interop (fictional)");
    let site = PathBuf::from(home.beside("site"));
    common::small_site(&site);
    home.publish(&site);
    let archive = home.ok(&["status"])["archives"][0]["archive"].as_str().unwrap().to_owned();
    (home, archive)
}

/// What everybody must find in the archive of `small_site`.
fn is_whole(told: &Value) {
    assert_eq!(json!([told["sequence"], told["signatures"]]), json!([1, 1]), "{told}");
    assert_eq!(told["name"], "Interop (fictional)");
    // 42 small files, and a large one in many blocks; beside them the structure.
    let (blocks, content) = (told["blocks"].as_u64().unwrap(), told["content"].as_u64().unwrap());
    assert!(content > 50 && blocks > content + 2, "{told}");
    assert!(told["bytes"].as_u64().unwrap() > 1_500_000, "{told}");
}

#[test]
fn js_libp2p_gets_an_archive_and_so_does_py_libp2p() {
    let (has_node, python) = (has_node(), python());
    if !has_node && python.is_none() {
        return;
    }
    let (home, archive) = publisher();
    let mirror = home.mirror(&[], &[]);
    all_get_the_same(&mirror.address, &archive, has_node, python.as_deref());
}

#[test]
fn js_libp2p_and_py_libp2p_get_an_archive_over_web_sockets() {
    let (has_node, python) = (has_node(), python());
    if !has_node && python.is_none() {
        return;
    }
    let (home, archive) = publisher();
    let open = home.mirror(&[], &["--listen", "/ip4/127.0.0.1/tcp/0/ws"]);
    assert!(open.address.contains("/ws/p2p/"), "{}", open.address);
    all_get_the_same(&open.address, &archive, has_node, python.as_deref());
    open.kill();
    // The secret path of a mirror behind a website, as its web server asks for it.
    if has_node {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (site, port) = ("https://www.example.org/", port.to_string());
        let args = ["mirror", "--yes", "--json", "--front", site, "--front-port", &port];
        let hidden = Node::start(home.command(&args));
        let listens = hidden.wait(|e| e["event"] == "listening");
        let address = listens["address"].as_str().unwrap();
        assert!(address.contains("/x-parity-ws/%2F"), "{address}");
        is_whole(&js("sync.mjs", &[address, &archive]));
    }
}

/// Those of the two that are here get the archive from a mirror, whole, and agree about it.
fn all_get_the_same(address: &str, archive: &str, has_node: bool, python: Option<&Path>) {
    let by_js = has_node.then(|| js("sync.mjs", &[address, archive]));
    let by_python = python.map(|python| {
        let mut command = Command::new(python);
        command.arg("python/sync.py").args([address, archive]);
        said(command)
    });
    by_js.iter().chain(&by_python).for_each(is_whole);
    if let (Some(js), Some(python)) = (by_js, by_python) {
        for what in ["blocks", "content", "bytes"] {
            assert_eq!(js[what], python[what], "{what}");
        }
    }
}

#[test]
fn helia_imports_a_carrier_and_walks_to_every_block() {
    if !has_node() {
        return;
    }
    let (home, archive) = publisher();
    let car = home.beside("archive.car");
    let exported = home.ok(&["export", &car]);
    let mirror = home.mirror(&[], &[]);
    let synced = js("sync.mjs", &[&mirror.address, &archive]);
    let walked = js("helia.mjs", &["carrier", &car]);
    // The head is a block of the carrier, and not one that is asked for by its hash.
    let expected = synced["blocks"].as_u64().unwrap() + 1;
    assert_eq!(walked["blocks"], expected, "{walked} {exported}");
}

#[test]
fn helia_gets_an_archive_from_a_gateway_and_ipld_reads_its_cars() {
    if !has_node() {
        return;
    }
    let (home, archive) = publisher();
    let mirror = home.mirror(&[], &["--gateway", "127.0.0.1:0"]);
    let gateway = home.ok(&["status"])["node"]["gateway"].clone();
    let url = format!("http://{}", gateway["address"].as_str().unwrap());
    let synced = js("sync.mjs", &[&mirror.address, &archive]);
    let release = synced["release"].as_str().unwrap();
    let walked = js("helia.mjs", &["gateway", &url, release]);
    assert_eq!((&walked["blocks"], &walked["bytes"]), (&synced["blocks"], &synced["bytes"]));
    let car = js("car.mjs", &[&format!("{url}/ipfs/{release}?format=car&dag-scope=all")]);
    assert_eq!(json!([car["blocks"], car["dfs"]]), json!([synced["blocks"], true]), "{car}");
    assert_eq!(car["root"], release);
}
