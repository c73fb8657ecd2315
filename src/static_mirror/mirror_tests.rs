//! STATIC-8 to STATIC-11, in memory and in temporary folders.
use super::*;
use crate::carrier::lab::{Lab, noise};
use crate::store::BlockStore;
use crate::store::pack::inflate;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::limits::MAX_PACK_BYTES;
use yadgar_protocol::pack::{
    Catalog, FileRef, Holds, PackIndex, PackRef, StaticHead, index_name, pack_name,
};
use yadgar_protocol::withdraw::Denied;

type Owned = Vec<(String, Vec<u8>)>;

/// Texts that compress well together, and one film.
fn texts(count: usize) -> Owned {
    let text =
        |n: usize| format!("{{\"name\": \"number {n}\", \"city\": \"nowhere\"}}").repeat(n % 9);
    (0..count).map(|n| (format!("records/r{n:04}.json"), text(n).into_bytes())).collect()
}

fn files(owned: &Owned) -> Vec<(&str, Vec<u8>)> {
    owned.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect()
}

fn film(bytes: usize, seed: u64) -> Owned {
    vec![("film.mp4".into(), noise(bytes, seed))]
}

fn publish(lab: &mut Lab, core: &Owned, media: &Owned, gone: &[BlockId]) {
    lab.publish_without(&[("core", &files(core)), ("media", &files(media))], gone);
}

fn denied(lab: &Lab) -> Denied {
    let mut denied = Denied::none(lab.archive);
    denied.add(&lab.head().release.withdrawn);
    denied
}

fn mirror(lab: &Lab, dir: &Path) -> Summary {
    mirror_of(lab, lab.heads.len() - 1, dir, None, false).unwrap()
}

fn mirror_of(
    lab: &Lab,
    head: usize,
    dir: &Path,
    parts: Option<&[String]>,
    force: bool,
) -> Result<Summary, MirrorError> {
    let denied = denied(lab);
    let options = Options { parts, denied: &denied, bulletin: None, force };
    write(&lab.store, &lab.heads[head], dir, options, &mut |at, total| assert!(at <= total))
}

/// All files below a folder.
fn listing(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    for top in ["", "i", "p"] {
        for item in fs::read_dir(dir.join(top)).unwrap().map(Result::unwrap) {
            if item.file_type().unwrap().is_file() {
                let name = Path::new(top).join(item.file_name()).to_str().unwrap().to_owned();
                out.insert(name, fs::read(item.path()).unwrap());
            }
        }
    }
    out
}

fn checked(dir: &Path, name: &str, file: &FileRef) -> Vec<u8> {
    let bytes = fs::read(dir.join(name)).unwrap();
    file.check(&bytes).unwrap();
    bytes
}

fn packs(dir: &Path) -> Vec<PackRef> {
    let head = StaticHead::decode(&fs::read(dir.join("head")).unwrap()).unwrap();
    let read = |file: &FileRef| {
        Catalog::decode(&checked(dir, &index_name(&file.hash), file)).unwrap().packs
    };
    head.catalogs.iter().flat_map(read).collect()
}

/// Reads all that the head of a folder leads to, as a stranger does.
fn read_all(dir: &Path) -> BTreeMap<BlockId, Vec<u8>> {
    let mut out = BTreeMap::new();
    for entry in packs(dir) {
        let index = checked(dir, &index_name(&entry.index.hash), &entry.index);
        let index = PackIndex::decode(&index).unwrap();
        assert_eq!((index.pack, index.ids().count() as u64), (entry.pack, entry.blocks));
        let data = checked(dir, &pack_name(&entry.pack.hash), &entry.pack);
        for range in index.ranges(&|_| true, 0, 1 << 20) {
            let body = &data[range.from as usize..range.end() as usize];
            for (member, place) in index.pieces(&range) {
                let stored = &body[place.start as usize..place.end as usize];
                for block in member.open(stored, &inflate).unwrap() {
                    let plain = block.unpack(&inflate).unwrap();
                    assert!(out.insert(block.id, plain).is_none(), "a block twice");
                }
            }
        }
    }
    out
}

/// True when the folder alone gives all of the newest release.
fn is_whole(lab: &Lab, dir: &Path) -> bool {
    let blocks = read_all(dir);
    let found =
        crate::survey::survey(&blocks, &lab.head().release, None, &denied(lab), &mut |_| ());
    found.unwrap().is_whole()
}

#[test]
fn static_8_a_folder_holds_the_release_in_order() {
    let mut lab = Lab::new(1);
    publish(&mut lab, &texts(40), &film(30_000, 1), &[]);
    publish(&mut lab, &texts(700), &film(900_000, 1), &[]);
    let dir = tempfile::tempdir().unwrap();
    let done = mirror(&lab, dir.path());
    assert!(done.missing == 0 && done.head_replaced && done.not_whole.is_empty(), "{done:?}");
    assert!(is_whole(&lab, dir.path()));
    // Earlier payloads are in it, and what only an earlier release had is not.
    let all = read_all(dir.path());
    assert!(all.contains_key(&lab.heads[0].head.link) && all.contains_key(&lab.heads[1].head.link));
    assert!(!all.contains_key(&BlockId::raw(&noise(30_000, 1))));
    let packs = packs(dir.path());
    let kinds: Vec<_> = packs.iter().map(|p| (p.holds, p.parts.join(" "))).collect();
    let content = |part: &str| (Holds::Content, part.to_owned());
    let structure = (Holds::Structure, "core media".to_owned());
    assert_eq!(kinds, [structure, content("core"), content("media")]);
    let lengths: u64 = listing(dir.path()).values().map(|bytes| bytes.len() as u64).sum();
    assert_eq!(done.bytes, lengths);
    // The same again: the same bytes, elsewhere and here, and nothing is written.
    let other = tempfile::tempdir().unwrap();
    mirror(&lab, other.path());
    assert_eq!(listing(dir.path()), listing(other.path()));
    let again = mirror(&lab, dir.path());
    assert!(!again.head_replaced && again.new_files == 0 && again.removed == 0, "{again:?}");
}

#[test]
fn static_9_an_update_adds_files_and_replaces_the_head() {
    let mut lab = Lab::new(2);
    publish(&mut lab, &texts(300), &film(600_000, 1), &[]);
    let dir = tempfile::tempdir().unwrap();
    mirror(&lab, dir.path());
    let before = listing(dir.path());
    let mut more = texts(300);
    more.push(("records/r9999.json".into(), b"one more".to_vec()));
    publish(&mut lab, &more, &film(600_000, 1), &[]);
    let done = mirror(&lab, dir.path());
    let after = listing(dir.path());
    let changed: Vec<_> = before.iter().filter(|(name, b)| after.get(*name) != Some(b)).collect();
    assert_eq!(changed.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["head"]);
    assert!(done.new_bytes < 20_000 && done.removed == 0, "{done:?}");
    assert!(is_whole(&lab, dir.path()));
    // The catalog of the first release goes with the writing after.
    let third = [more, vec![("records/s.json".into(), b"another".to_vec())]].concat();
    publish(&mut lab, &third, &film(600_000, 1), &[]);
    assert!(mirror(&lab, dir.path()).removed >= 1);
    assert!(is_whole(&lab, dir.path()));
}

#[test]
fn static_9_packs_that_are_mostly_dead_go_one_writing_later() {
    let mut lab = Lab::new(3);
    publish(&mut lab, &texts(20), &film(600_000, 1), &[]);
    let dir = tempfile::tempdir().unwrap();
    mirror(&lab, dir.path());
    let old = packs(dir.path()).into_iter().find(|p| p.parts == ["media"]).unwrap();
    let old = dir.path().join(pack_name(&old.pack.hash));
    publish(&mut lab, &texts(20), &film(500_000, 2), &[]);
    mirror(&lab, dir.path());
    assert!(old.exists() && is_whole(&lab, dir.path()));
    mirror(&lab, dir.path());
    assert!(!old.exists() && is_whole(&lab, dir.path()));
}

#[test]
fn static_9_many_small_packs_become_few() {
    let mut lab = Lab::new(4);
    let dir = tempfile::tempdir().unwrap();
    let mut most = 0;
    for n in 0..40 {
        publish(&mut lab, &texts(5 + n), &film(1_000, 1), &[]);
        mirror(&lab, dir.path());
        most = most.max(packs(dir.path()).len());
    }
    assert!(is_whole(&lab, dir.path()));
    assert!((10..=40).contains(&most), "{most}");
}

#[test]
fn static_10_withdrawn_bytes_are_gone_at_once() {
    let mut lab = Lab::new(5);
    let mut core = texts(200);
    core.push(("records/secret.json".into(), b"this must go away".repeat(30)));
    let secret = BlockId::raw(&core[200].1);
    let film = film(600_000, 7);
    publish(&mut lab, &core, &film, &[]);
    let dir = tempfile::tempdir().unwrap();
    mirror(&lab, dir.path());
    assert!(read_all(dir.path()).contains_key(&secret));
    let media = packs(dir.path()).into_iter().find(|p| p.parts == ["media"]).unwrap();
    let before = listing(dir.path());
    core.pop();
    publish(&mut lab, &core, &film, &[secret]);
    lab.store.erase(&[secret]).unwrap();
    let done = mirror(&lab, dir.path());
    assert!(done.removed >= 2 && is_whole(&lab, dir.path()), "{done:?}");
    // No file that held it is there, under any name; what has nothing of it stayed.
    let after = listing(dir.path());
    let packs_of = |files: &BTreeMap<String, Vec<u8>>| -> BTreeSet<String> {
        files.keys().filter(|name| name.starts_with("p/")).cloned().collect()
    };
    let listed: BTreeSet<_> = packs(dir.path()).iter().map(|p| pack_name(&p.pack.hash)).collect();
    assert_eq!(packs_of(&after), listed);
    assert!(!read_all(dir.path()).contains_key(&secret));
    let media = pack_name(&media.pack.hash);
    assert_eq!(after.get(&media), before.get(&media));
    // The film goes too, which is many blocks and a list.
    let link = lab.link("film.mp4");
    publish(&mut lab, &core, &vec![], &[link]);
    mirror(&lab, dir.path());
    assert!(!dir.path().join(&media).exists() && is_whole(&lab, dir.path()));
    assert!(!read_all(dir.path()).contains_key(&link));
}

#[test]
fn damage_is_passed_over_and_named_and_the_folder_helps_out() {
    let mut lab = Lab::new(6);
    publish(&mut lab, &texts(50), &film(600_000, 1), &[]);
    let lost = BlockId::raw(&texts(50)[8].1);
    let whole = tempfile::tempdir().unwrap();
    mirror(&lab, whole.path());
    lab.store.erase(&[lost]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let done = mirror(&lab, dir.path());
    assert_eq!(done.missing, 1);
    assert_eq!(done.not_whole[0].path, "records/r0008.json");
    assert_eq!(read_all(dir.path()).len() + 1, read_all(whole.path()).len());
    // A folder that has the block keeps it, and moves it when its pack is rewritten.
    assert_eq!(mirror(&lab, whole.path()).missing, 0);
    let gone = BlockId::raw(&texts(50)[7].1);
    let core: Owned = texts(50).into_iter().filter(|(_, b)| BlockId::raw(b) != gone).collect();
    publish(&mut lab, &core, &film(600_000, 1), &[gone]);
    let done = mirror(&lab, whole.path());
    assert!(done.missing == 0 && is_whole(&lab, whole.path()), "{done:?}");
    assert!(!read_all(whole.path()).contains_key(&gone));
    // It comes back: only that is added.
    lab.store
        .put(vec![Packed::plain(yadgar_protocol::Codec::Raw, texts(50)[8].1.clone())])
        .unwrap();
    assert_eq!(mirror(&lab, dir.path()).missing, 0);
    assert!(is_whole(&lab, dir.path()));
}

#[test]
fn without_a_tree_node_nothing_is_taken_for_dead() {
    let mut lab = Lab::new(7);
    publish(&mut lab, &texts(400), &film(600_000, 1), &[]);
    let dir = tempfile::tempdir().unwrap();
    mirror(&lab, dir.path());
    let before = packs(dir.path());
    let structure = before.iter().find(|p| p.holds == Holds::Structure).unwrap();
    let root = lab.head().release.parts[0].root;
    lab.store.erase(&[root]).unwrap();
    // The node is in the folder: nothing is missing.
    assert_eq!(mirror(&lab, dir.path()).missing, 0);
    fs::remove_file(dir.path().join(pack_name(&structure.pack.hash))).unwrap();
    let done = mirror(&lab, dir.path());
    assert!(done.missing == 1 && done.damaged == 1, "{done:?}");
    for pack in before.iter().filter(|p| p.holds == Holds::Content) {
        assert!(packs(dir.path()).contains(pack));
    }
}

#[test]
fn files_that_were_cut_off_are_made_again() {
    let mut lab = Lab::new(8);
    publish(&mut lab, &texts(50), &film(600_000, 1), &[]);
    let dir = tempfile::tempdir().unwrap();
    mirror(&lab, dir.path());
    for (name, bytes) in listing(dir.path()).iter().filter(|(name, _)| *name != "head") {
        fs::write(dir.path().join(name), &bytes[..bytes.len() / 2]).unwrap();
        let done = mirror(&lab, dir.path());
        assert!(done.damaged > 0 && done.new_files > 0, "{name}: {done:?}");
        assert!(is_whole(&lab, dir.path()), "{name}");
    }
    fs::write(dir.path().join("head"), [0; 700]).unwrap();
    assert!(mirror(&lab, dir.path()).head_replaced && is_whole(&lab, dir.path()));
}

#[test]
fn other_files_stay_and_links_are_not_followed() {
    let mut lab = Lab::new(9);
    publish(&mut lab, &texts(30), &film(200_000, 1), &[]);
    let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for name in ["index.html", "i/readme", "p/.htaccess", ".yadgar-notes"] {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }
    fs::write(dir.path().join("p/.yadgar-0123456789abcdef"), "left by a kill").unwrap();
    let kept = outside.path().join("kept");
    fs::write(&kept, "mine").unwrap();
    let link = dir.path().join(pack_name(&yadgar_protocol::Hash([1; 32])));
    std::os::unix::fs::symlink(&kept, &link).unwrap();
    mirror(&lab, dir.path());
    for name in ["index.html", "i/readme", "p/.htaccess", ".yadgar-notes"] {
        assert_eq!(fs::read_to_string(dir.path().join(name)).unwrap(), name);
    }
    assert!(!dir.path().join("p/.yadgar-0123456789abcdef").exists());
    assert!(link.is_symlink() && fs::read_to_string(&kept).unwrap() == "mine");
    // Somebody's file, or a link, where a name is needed.
    for name in ["head", "i", "p"] {
        for link in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(name);
            let target = if name == "head" { kept.as_path() } else { outside.path() };
            match link {
                true => std::os::unix::fs::symlink(target, &path).unwrap(),
                false => fs::write(&path, "mine").unwrap(),
            }
            let error = mirror_of(&lab, 0, dir.path(), None, true).unwrap_err();
            assert!(matches!(error, MirrorError::InTheWay(_)), "{name} {link}: {error}");
            assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
        }
    }
}

#[test]
fn what_a_folder_may_become() {
    let mut lab = Lab::new(10);
    publish(&mut lab, &texts(10), &film(100_000, 1), &[]);
    publish(&mut lab, &texts(20), &film(100_000, 1), &[]);
    let dir = tempfile::tempdir().unwrap();
    mirror(&lab, dir.path());
    let before = listing(dir.path());
    let older = |force| mirror_of(&lab, 0, dir.path(), None, force);
    assert!(matches!(older(false), Err(MirrorError::NotOlder { found: 2, ours: 1 })));
    let mut other = Lab::new(11);
    publish(&mut other, &texts(10), &film(1_000, 1), &[]);
    let error = mirror_of(&other, 0, dir.path(), None, true);
    assert!(matches!(error, Err(MirrorError::OtherArchive(_))));
    let no_part = mirror_of(&lab, 1, dir.path(), Some(&["x".into()]), false);
    assert!(matches!(no_part, Err(MirrorError::NoSuchPart(_))));
    let held = folder::Folder::open(dir.path()).unwrap();
    assert!(matches!(older(true), Err(MirrorError::Busy(_))));
    drop(held);
    assert_eq!(listing(dir.path()), before);
    assert_eq!(older(true).unwrap().sequence, 1);
    // One part alone.
    let core = tempfile::tempdir().unwrap();
    let done = mirror_of(&lab, 1, core.path(), Some(&["core".into()]), false).unwrap();
    assert!(done.missing == 0 && packs(core.path()).iter().all(|p| p.parts == ["core"]));
}

#[test]
fn a_folder_that_lost_its_head_is_still_of_its_archive() {
    let mut lab = Lab::new(13);
    publish(&mut lab, &texts(10), &film(100_000, 1), &[]);
    publish(&mut lab, &texts(20), &film(100_000, 1), &[]);
    let mut other = Lab::new(14);
    publish(&mut other, &texts(10), &film(1_000, 1), &[]);
    let path_of = |dir: &tempfile::TempDir| dir.path().join("head");
    for head in [Some(vec![0; 700]), Some(b"half of a head".to_vec()), None] {
        let dir = tempfile::tempdir().unwrap();
        mirror(&lab, dir.path());
        match &head {
            Some(bytes) => fs::write(path_of(&dir), bytes).unwrap(),
            None => fs::remove_file(path_of(&dir)).unwrap(),
        }
        let before = listing(dir.path());
        for force in [false, true] {
            let error = mirror_of(&other, 0, dir.path(), None, force);
            assert!(matches!(error, Err(MirrorError::OtherArchive(_))), "{head:?}: {error:?}");
        }
        let older = mirror_of(&lab, 0, dir.path(), None, false);
        assert!(matches!(older, Err(MirrorError::NotOlder { found: 2, ours: 1 })), "{older:?}");
        assert_eq!(listing(dir.path()), before);
        assert!(mirror(&lab, dir.path()).head_replaced && is_whole(&lab, dir.path()));
    }
    // Where no pack says whose it is, only somebody who may lose them goes on.
    let dir = tempfile::tempdir().unwrap();
    mirror(&lab, dir.path());
    let packs = listing(dir.path()).into_keys().filter(|name| name.starts_with("p/"));
    for name in packs.chain(["head".into()]) {
        fs::write(dir.path().join(name), [0; 700]).unwrap();
    }
    let before = listing(dir.path());
    let error = mirror_of(&other, 0, dir.path(), None, false);
    assert!(matches!(error, Err(MirrorError::HeadLost)), "{error:?}");
    assert_eq!(listing(dir.path()), before);
    mirror_of(&other, 0, dir.path(), None, true).unwrap();
    assert!(is_whole(&other, dir.path()));
    // Packs without any index lead to nothing.
    let dir = tempfile::tempdir().unwrap();
    mirror(&lab, dir.path());
    fs::remove_dir_all(dir.path().join("i")).unwrap();
    fs::remove_file(path_of(&dir)).unwrap();
    mirror(&lab, dir.path());
    assert!(is_whole(&lab, dir.path()));
}

#[test]
fn static_4_packs_are_cut() {
    let mut lab = Lab::new(12);
    publish(&mut lab, &texts(3), &film(MAX_PACK_BYTES + 3_000_000, 1), &[]);
    let dir = tempfile::tempdir().unwrap();
    mirror(&lab, dir.path());
    let media = packs(dir.path()).into_iter().filter(|p| p.parts == ["media"]);
    let lengths: Vec<_> = media.map(|p| p.pack.bytes).collect();
    assert_eq!(lengths.len(), 2);
    assert!(lengths.iter().all(|bytes| *bytes <= MAX_PACK_BYTES as u64));
    assert!(is_whole(&lab, dir.path()));
}
