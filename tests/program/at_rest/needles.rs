//! Everything by which an archive could be recognised in a file, and the search for it.

use data_encoding::{BASE32_NOPAD, BASE64};
use memchr::memmem::Finder;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use yadgar::store::{BlockStore, DiskStore, StoreOptions};
use yadgar_protocol::Hash;

/// Bytes that must be nowhere, each with what it is.
pub struct Needles {
    list: Vec<(String, Finder<'static>)>,
}

/// Shorter ones turn up anywhere.
const SHORTEST: usize = 8;

impl Needles {
    /// Of the archive that a plain home of a publisher holds, and of the folder it was made from.
    pub fn of(home: &Path, folder: &Path, more: &[&str]) -> Self {
        let mut all = BTreeMap::new();
        let mut add = |what: String, bytes: &[u8]| {
            if bytes.len() >= SHORTEST {
                all.entry(bytes.to_vec()).or_insert(what);
            }
        };
        for (path, bytes) in files(folder) {
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            add(format!("text of {name}"), &bytes[..bytes.len().min(32)]);
            add(format!("end of {name}"), &bytes[bytes.len().saturating_sub(32)..]);
            hash_forms(&name, &Hash::of(&bytes), &mut add);
            add(format!("path {name}"), name.as_bytes());
        }
        // Everything that was stored: tree nodes, payloads, as they are and compressed.
        let store = DiskStore::open(&home.join("store"), StoreOptions::default()).unwrap();
        store
            .all_ids(&mut |id| {
                hash_forms("block", &id.hash, &mut add);
                add(format!("id {id}"), id.to_string().as_bytes());
                let packed = store.get_packed(id).unwrap().unwrap();
                add(format!("stored block {id}"), &packed.data[..packed.data.len().min(32)]);
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
        for text in more {
            add(format!("word {text}"), text.as_bytes());
        }
        for entry in std::fs::read_dir(home.join("archives")).unwrap() {
            let id = entry.unwrap().file_name().into_string().unwrap();
            add(format!("archive {id}"), id.as_bytes());
            let archive: yadgar_protocol::ArchiveId = id.parse().unwrap();
            hash_forms("archive", &archive.0, &mut add);
        }
        let list = all.into_iter().map(|(bytes, what)| (what, Finder::new(&bytes).into_owned()));
        Self { list: list.collect() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// What is found of them, in the names and the bytes of all files below these folders.
    pub fn found(&self, folders: &[&Path]) -> Vec<String> {
        let mut found = Vec::new();
        for folder in folders {
            for (path, bytes) in files(folder) {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                for (what, finder) in &self.list {
                    if finder.find(&bytes).is_some() || finder.find(name.as_bytes()).is_some() {
                        found.push(format!("{what} in {}", path.display()));
                    }
                }
            }
        }
        found
    }
}

fn hash_forms(of: &str, hash: &Hash, add: &mut impl FnMut(String, &[u8])) {
    let hex = hash.to_hex();
    let base32 = BASE32_NOPAD.encode(&hash.0);
    add(format!("hash of {of}"), &hash.0);
    // Also the start of one: names are cut short at times.
    add(format!("start of the hash of {of}"), &hash.0[..8]);
    add(format!("hex of {of}"), &hex.as_bytes()[..16]);
    add(format!("HEX of {of}"), &hex.to_uppercase().as_bytes()[..16]);
    add(format!("BASE32 of {of}"), &base32.as_bytes()[..16]);
    add(format!("base32 of {of}"), &base32.to_lowercase().as_bytes()[..16]);
    add(format!("base64 of {of}"), &BASE64.encode(&hash.0).as_bytes()[..16]);
}

/// All files below a folder with their bytes; sockets and the like with none.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut out = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return out };
    for entry in entries {
        let path = entry.unwrap().path();
        let kind = std::fs::symlink_metadata(&path).unwrap();
        if kind.is_dir() {
            out.push((path.clone(), Vec::new()));
            out.extend(files(&path));
        } else {
            let bytes = if kind.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
            out.push((path, bytes));
        }
    }
    out
}
