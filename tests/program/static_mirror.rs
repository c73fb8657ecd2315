//! `yadgar export --static` as people use it: the real program, read back by nothing but the files.

use crate::common;
use crate::common::{Home, film, write};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use yadgar::store::pack::inflate;
use yadgar::store::{BlockStore, DiskStore, StoreOptions};
use yadgar_protocol::head::Head;
use yadgar_protocol::pack::{
    Catalog, FileRef, Named, PackIndex, StaticHead, index_name, pack_name,
};
use yadgar_protocol::release::Release;
use yadgar_protocol::trust::check_head;
use yadgar_protocol::{BlockId, Hash};

fn publisher() -> (Home, tempfile::TempDir) {
    let home = Home::publisher("Static mirror (fictional)");
    let site = tempfile::tempdir().unwrap();
    common::small_site(site.path());
    home.publish(site.path());
    (home, site)
}

/// All files of a static mirror, by name.
fn listing(dir: &str) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    for top in ["", "i", "p"] {
        let Ok(items) = fs::read_dir(Path::new(dir).join(top)) else { continue };
        for item in items.map(Result::unwrap).filter(|i| i.file_type().unwrap().is_file()) {
            let name = Path::new(top).join(item.file_name()).to_str().unwrap().to_owned();
            out.insert(name, fs::read(item.path()).unwrap());
        }
    }
    out
}

/// The release that `head` shows, checked, and every block that it leads to.
fn read(dir: &str) -> (Release, BTreeMap<BlockId, Vec<u8>>) {
    let get = |name: String, file: &FileRef| {
        let bytes = fs::read(Path::new(dir).join(&name)).unwrap();
        file.check(&bytes).unwrap();
        bytes
    };
    let head = StaticHead::decode(&fs::read(format!("{dir}/head")).unwrap()).unwrap();
    let release = check_head(&head.archive, &head.head).unwrap().release;
    let mut blocks = BTreeMap::new();
    for file in &head.catalogs {
        for entry in Catalog::decode(&get(index_name(&file.hash), file)).unwrap().packs {
            let index = get(index_name(&entry.index.hash), &entry.index);
            let index = PackIndex::decode(&index).unwrap();
            let data = get(pack_name(&entry.pack.hash), &entry.pack);
            for range in index.ranges(&|_| true, 0, u64::MAX) {
                for (member, place) in index.pieces(&range) {
                    let stored = &data[place.start as usize..place.end as usize];
                    for block in member.open(stored, &inflate).unwrap() {
                        blocks.insert(block.id, block.unpack(&inflate).unwrap());
                    }
                }
            }
        }
    }
    (release, blocks)
}

/// True when the files alone give all of the release that they show, but for so many withdrawn files.
fn is_whole(dir: &str, withdrawn: u64) -> bool {
    let (release, blocks) = read(dir);
    let mut denied = yadgar_protocol::withdraw::Denied::none(release.archive);
    denied.add(&release.withdrawn);
    let found = yadgar::survey::survey(&blocks, &release, None, &denied, &mut |_| ()).unwrap();
    let gone: u64 = found.parts.iter().map(|part| part.withdrawn).sum();
    found.is_whole() && gone == withdrawn
}

#[test]
fn an_update_adds_files_and_replaces_only_the_head() {
    let (home, site) = publisher();
    let dir = home.beside("www");
    fs::create_dir(&dir).unwrap();
    fs::write(format!("{dir}/index.html"), "my own site").unwrap();
    let done = home.ok(&["export", "--static", &dir]);
    assert_eq!((done["sequence"].as_u64(), done["missing"].as_u64()), (Some(1), Some(0)));
    assert!(is_whole(&dir, 0));
    let before = listing(&dir);
    let again = home.ok(&["export", "--static", &dir]);
    assert_eq!((&again["head_replaced"], &again["new_files"]), (&false.into(), &0.into()));
    assert!(listing(&dir) == before);

    write(site.path(), "records/new.json", b"{\"schema\":\"victim/1\",\"n\":\"new\"}");
    write(site.path(), "media/second.bin", &film(300_000, 9));
    home.publish(site.path());
    // Beside a running node it is the same.
    let node = home.mirror(&[], &[]);
    let done = home.ok(&["export", "--static", &dir]);
    drop(node);
    let after = listing(&dir);
    let changed = before.iter().filter(|(name, bytes)| after.get(*name) != Some(bytes));
    assert_eq!(changed.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["head"]);
    let new: usize =
        after.iter().filter(|(name, _)| !before.contains_key(*name)).map(|f| f.1.len()).sum();
    assert_eq!(done["new_bytes"].as_u64(), Some(new as u64));
    assert!((300_000..340_000).contains(&new), "{new}");
    assert!(is_whole(&dir, 0) && read(&dir).0.sequence == 2);

    // Another archive does not come into it, nor an unknown part, nor beside other outputs.
    let other = Home::publisher("Another (fictional)");
    other.publish(site.path());
    let text = other.fails(&["export", "--static", &dir, "--force"], 2);
    assert!(text.contains("another archive"), "{text}");
    // Nor where a power cut took what a stick said it is: its packs say it, too.
    fs::write(format!("{dir}/head"), [0; 600]).unwrap();
    let text = other.fails(&["export", "--static", &dir, "--force"], 2);
    assert!(text.contains("another archive"), "{text}");
    fs::write(format!("{dir}/head"), &after["head"]).unwrap();
    home.fails(&["export", "--static", &dir, "--part", "nothing"], 2);
    home.fails(&["export", "--static", &dir, "--site", &dir], 2);
    home.fails(&["export", "file.car", "--static", &dir], 2);
    fs::write(home.beside("mine"), "x").unwrap();
    home.fails(&["export", "--static", &home.beside("mine")], 1);
    assert_eq!(fs::read(format!("{dir}/index.html")).unwrap(), b"my own site");
    assert!(listing(&dir) == after);
}

#[test]
fn what_was_withdrawn_is_gone_from_the_folder() {
    let (home, _site) = publisher();
    let dir = home.beside("www");
    home.ok(&["export", "--static", &dir]);
    let secret = b"{\"schema\":\"victim/1\",\"n\":7}";
    let id = BlockId::raw(secret);
    assert!(read(&dir).1.contains_key(&id));
    let pass = home.pass();
    home.ok(&[
        "withdraw",
        "records/r07.json",
        "--reason",
        "withheld",
        "--urgent",
        "--passphrase-file",
        &pass,
    ]);
    let done = home.ok(&["export", "--static", &dir]);
    assert_eq!(done["withdrawn"].as_u64(), Some(1), "{done}");
    let (_, blocks) = read(&dir);
    assert!(!blocks.contains_key(&id));
    // Whatever is in the folder is what the head leads to: no older file has kept it.
    let head = StaticHead::decode(&fs::read(format!("{dir}/head")).unwrap()).unwrap();
    assert!(head.bulletin.is_some());
    let packs = listing(&dir).keys().filter(|name| name.starts_with("p/")).count() as u64;
    assert_eq!(Some(packs), done["packs"].as_u64());
    let released = Head::decode(&head.head).unwrap().release.payload;
    assert!(blocks.contains_key(&BlockId::dag_cbor(&released)));
}

#[test]
fn damage_is_passed_over_and_said() {
    let (home, _site) = publisher();
    let dir = home.beside("www");
    let id = BlockId::raw(b"{\"schema\":\"victim/1\",\"n\":7}");
    let store = DiskStore::open(&home.path().join("store"), StoreOptions::default()).unwrap();
    store.erase(&[id]).unwrap();
    store.flush().unwrap();
    drop(store);
    let output = home.command(&["export", "--static", &dir]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("records/r07.json"), "{text}");
    let (release, blocks) = read(&dir);
    assert_eq!(release.sequence, 1);
    assert!(
        !blocks.contains_key(&id)
            && blocks.contains_key(&BlockId::raw(b"{\"schema\":\"victim/1\",\"n\":8}"))
    );
}

/// Killed at any moment: what `head` says is there, and the next export ends with the same files as one that was never cut off.
#[test]
fn a_killed_export_leaves_the_head_before_and_is_gone_on_with() {
    let (home, site) = publisher();
    let dir = home.beside("www");
    let whole = home.beside("whole");
    home.ok(&["export", "--static", &dir]);
    home.ok(&["export", "--static", &whole]);
    for n in 0..6u8 {
        write(site.path(), &format!("media/f{n}.bin"), &film(4_000_000, 20 + n));
    }
    home.publish(site.path());
    let before: BTreeSet<_> = listing(&dir).into_keys().collect();
    let mut child = home.command(&["export", "--static", &dir]);
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // As soon as there is a new file; if it was faster than that, there is nothing to finish and the rest holds.
    while child.try_wait().unwrap().is_none()
        && listing_names(&dir).iter().all(|name| before.contains(name))
    {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let (release, _) = read(&dir);
    assert!(is_whole(&dir, 0) && release.sequence <= 2);
    home.ok(&["export", "--static", &dir]);
    home.ok(&["export", "--static", &whole]);
    let of_ours = |dir: &str| -> BTreeMap<_, _> {
        listing(dir).into_iter().map(|(name, bytes)| (name, Hash::of(&bytes))).collect()
    };
    assert_eq!(of_ours(&dir), of_ours(&whole));
    assert!(of_ours(&dir).keys().all(|name| Named::parse(name).is_some()));
    assert!(is_whole(&dir, 0) && read(&dir).0.sequence == 2);
}

fn listing_names(dir: &str) -> BTreeSet<String> {
    let names = |top: &str| {
        let items = fs::read_dir(Path::new(dir).join(top)).unwrap();
        let name = |item: fs::DirEntry| format!("{top}/{}", item.file_name().to_str().unwrap());
        items.map(|item| name(item.unwrap())).collect::<Vec<_>>()
    };
    ["i", "p"].iter().flat_map(|top| names(top)).collect()
}

/// Words of which a third is noise, as the workload W2 of benches/speed has them.
fn words(length: usize, seed: u32) -> String {
    const WORDS: &str =
        "the of and to in is that for it as was with be by on not he his but at are this have from";
    let known: Vec<_> = WORDS.split(' ').collect();
    let mut noise = blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof();
    let mut out = String::new();
    while out.len() < length {
        let mut bytes = [0; 12];
        noise.fill(&mut bytes);
        if bytes[0] < 179 {
            out += known[usize::from(bytes[1]) % known.len()];
        } else {
            out.extend(bytes[2..].iter().map(|byte| char::from(b'a' + byte % 26)));
        }
        out.push(' ');
    }
    out
}

/// What many small records take as files for a web host, with all hashes, indexes and trees. `YADGAR_STATIC_RECORDS` says
/// how many; the figure for more is in docs/measurements.md.
#[test]
fn small_records_take_less_than_their_plain_bytes() {
    let count = std::env::var("YADGAR_STATIC_RECORDS").map_or(1_500, |n| n.parse().unwrap());
    let home = Home::publisher("Small records (fictional)");
    let site = tempfile::tempdir().unwrap();
    let mut plain = 0;
    for n in 0..count {
        let note = words(900 + n as usize * 7 % 400, n);
        let text = format!("{{\"id\":{n},\"age\":{},\"note\":\"{note}\"}}\n", n % 90);
        plain += text.len() as u64;
        write(site.path(), &format!("{:03}/r{n:06}.json", n / 500), text.as_bytes());
    }
    home.publish(site.path());
    let dir = home.beside("www");
    let done = home.ok(&["export", "--static", &dir]);
    let (bytes, packs) = (done["bytes"].as_u64().unwrap(), &done["packs"]);
    let indexes: usize =
        listing(&dir).iter().filter(|f| f.0.starts_with("i/")).map(|f| f.1.len()).sum();
    println!(
        "{count} records: {plain} bytes plain; as a static mirror {bytes}, of these indexes {indexes}; {packs} packs"
    );
    assert!(bytes * 10 < plain * 7, "{bytes} of {plain}");
    let blocks: usize = read(&dir).1.values().map(Vec::len).sum();
    assert!(blocks as u64 > plain);
    // A record more: what a mirror keeper uploads, and a reader fetches.
    write(site.path(), "000/one-more.json", b"{\"id\":\"one more\"}");
    home.publish(site.path());
    let done = home.ok(&["export", "--static", &dir]);
    println!("one record more: {} files, {} bytes", done["new_files"], done["new_bytes"]);
    assert!(done["new_bytes"].as_u64().unwrap() < 60_000);
}
