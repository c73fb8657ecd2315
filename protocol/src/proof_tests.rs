//! Proofs over a small signed archive.

use super::*;
use crate::chunk::{build_list, next_cut};
use crate::envelope::{Context, Envelope, to_be_signed};
use crate::ids::PublicKey;
use crate::release::Release;
use crate::trust::{Role, TrustRoot};
use ed25519_dalek::{Signer, SigningKey};
use std::collections::BTreeMap;

type Blocks = BTreeMap<BlockId, Vec<u8>>;

fn sign(envelope: &mut Envelope, context: Context, archive: &ArchiveId, n: u8) {
    let key = SigningKey::from_bytes(&[n; 32]);
    let public = PublicKey::from_bytes(key.verifying_key().to_bytes()).unwrap();
    let message = to_be_signed(context, archive, &envelope.payload);
    envelope.add(public, &key.sign(&message).to_bytes());
}

fn role(n: u8) -> Role {
    let key = SigningKey::from_bytes(&[n; 32]).verifying_key().to_bytes();
    Role::new([PublicKey::from_bytes(key).unwrap()], 1)
}

fn noise(length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    blake3::Hasher::new().update(b"proof").finalize_xof().fill(&mut out);
    out
}

fn part(name: &str, files: &[(String, Vec<u8>)], blocks: &mut Blocks) -> Part {
    let mut entries: Vec<Entry> = files.iter().map(|(p, d)| entry(p, d, blocks)).collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let built = tree::build(&entries).unwrap();
    blocks.extend(built.nodes);
    Part { name: name.into(), root: built.root, bytes: built.bytes, files: built.files }
}

fn entry(path: &str, data: &[u8], blocks: &mut Blocks) -> Entry {
    let (mut chunks, mut rest) = (Vec::new(), data);
    while let Some(cut) = next_cut(rest, true) {
        let (block, after) = rest.split_at(cut);
        let id = BlockId::raw(block);
        blocks.insert(id, block.to_vec());
        chunks.push(Chunk { id, bytes: cut as u64 });
        rest = after;
    }
    let content = match chunks.as_slice() {
        [] | [_] => {
            let id = BlockId::raw(data);
            blocks.insert(id, data.to_vec());
            Content::Block(id)
        }
        _ => {
            let list = build_list(&chunks);
            blocks.extend(list.nodes);
            Content::List { root: list.root, hash: Hash::of(data) }
        }
    };
    Entry::new(Path::new(path).unwrap(), data.len() as u64, content)
}

/// Two parts: pages and records, and media with a file that has a block list.
fn sample() -> (Accepted, Blocks) {
    let mut blocks = Blocks::new();
    let record = |n: u32| (format!("records/r{n:03}.json"), format!("{{\"n\":{n}}}").into_bytes());
    let core: Vec<_> = (0..300).map(record).collect();
    let media =
        [("media/large.bin".to_owned(), noise(700_000)), ("media/zeros".into(), vec![0; 900_000])];
    let parts = vec![part("core", &core, &mut blocks), part("media", &media, &mut blocks)];
    let payload = TrustRoot::first("proof (test)", role(1), role(2), [7; 16]).encode();
    let archive = ArchiveId(Hash::of(&payload));
    let mut root = Envelope::unsigned(payload);
    sign(&mut root, Context::TrustRoot, &archive, 1);
    // Out of CBOR, so that this test stands when a release gets another optional field.
    let release: Release = cbor::decode(&first_release(archive, parts), 65_536).unwrap();
    let mut envelope = Envelope::unsigned(release.encode());
    sign(&mut envelope, Context::Release, &archive, 2);
    let head = Head::new(vec![root], envelope).encode();
    (check_head(&archive, &head).unwrap(), blocks)
}

fn first_release(archive: ArchiveId, parts: Vec<Part>) -> Vec<u8> {
    #[derive(Serialize)]
    struct First {
        date: &'static str,
        kind: &'static str,
        parts: Vec<Part>,
        format: u64,
        archive: ArchiveId,
        records: u64,
        sequence: u64,
        #[serde(rename = "root-version")]
        root_version: u64,
    }
    let (date, kind) = ("2026-06-01", "release");
    cbor::encode(&First {
        date,
        kind,
        parts,
        format: 1,
        archive,
        records: 300,
        sequence: 1,
        root_version: 1,
    })
}

fn made(path: &str) -> Vec<u8> {
    let (head, blocks) = sample();
    build(&blocks, &head, &Path::new(path).unwrap()).unwrap()
}

fn changed(path: &str, change: impl FnOnce(&mut Proof)) -> Reject {
    let mut proof: Proof = cbor::decode(&made(path), MAX_PROOF_BYTES).unwrap();
    change(&mut proof);
    check(&cbor::encode(&proof)).unwrap_err()
}

const RECORD: &str = "records/r123.json";
const LARGE: &str = "media/large.bin";

#[test]
fn proof_4_a_record_is_proven() {
    let (head, _) = sample();
    let proved = check(&made(RECORD)).unwrap();
    let file = proved.file.clone().unwrap();
    assert_eq!((file.part.as_str(), file.content.as_slice()), ("core", &b"{\"n\":123}"[..]));
    assert_eq!(file.entry.file_hash(), Hash::of(&file.content));
    assert_eq!(proved.archive(), head.release.archive);
    assert_eq!((proved.signers(), proved.threshold()), (1, 1));
}

#[test]
fn proof_7_files_with_a_block_list() {
    let large = check(&made(LARGE)).unwrap().file.unwrap();
    assert_eq!((large.part.as_str(), large.content), ("media", noise(700_000)));
    // The same chunk again and again stands there as often.
    assert_eq!(check(&made("media/zeros")).unwrap().file.unwrap().content, vec![0; 900_000]);
}

#[test]
fn proof_5_absence_is_proven_for_all_parts() {
    let bytes = made("records/r123.jso");
    assert!(check(&bytes).unwrap().file.is_none());
    let cut = |p: &mut Proof| drop(p.nodes.pop());
    assert_eq!(changed("nothing", cut).clause, "PROOF-5");
    assert_eq!(changed("nothing", |p| p.blocks.push(ByteBuf::new())).clause, "PROOF-5");
    let twice = |p: &mut Proof| p.nodes.push(p.nodes[0].clone());
    assert_eq!(changed("nothing", twice).clause, "PROOF-5");
    // The nodes that prove presence prove no absence.
    let (head, blocks) = sample();
    let path = Path::new(RECORD).unwrap();
    let all = head.release.parts.iter().flat_map(|p| tree::prove(&blocks, p, &path).unwrap());
    let all = wrap(all.collect());
    let hide = |p: &mut Proof| (p.nodes, p.path) = (all, RECORD.into());
    assert_eq!(changed("nothing", hide).clause, "PROOF-5");
}

#[test]
fn proof_1_to_7_what_is_refused() {
    assert_eq!(changed(RECORD, |p| p.kind = "prove".into()).clause, "PROOF-1");
    assert_eq!(changed(RECORD, |p| p.format = 0).clause, "PROOF-1");
    assert_eq!(changed(RECORD, |p| p.format = 2).clause, "ENC-9");
    assert_eq!(changed(RECORD, |p| p.path = "../x".into()).clause, "PATH-2");
    assert_eq!(changed(RECORD, |p| p.part = "none".into()).clause, "PROOF-3");
    assert_eq!(changed(RECORD, |p| p.path = "records/r12".into()).clause, "PROOF-4");
    assert_eq!(changed(RECORD, |p| p.nodes.clear()).clause, "TREE-8");
    assert_eq!(changed(RECORD, |p| p.blocks.clear()).clause, "PROOF-6");
    assert_eq!(changed(RECORD, |p| p.blocks.push(ByteBuf::new())).clause, "PROOF-6");
    assert_eq!(changed(RECORD, |p| p.blocks[0].push(0)).clause, "PROOF-6");
    assert_eq!(changed(LARGE, |p| drop(p.blocks.pop())).clause, "PROOF-7");
    assert_eq!(changed(LARGE, |p| p.blocks.swap(1, 2)).clause, "PROOF-7");
    assert_eq!(changed(LARGE, |p| p.blocks.push(ByteBuf::new())).clause, "PROOF-7");
    let strip = |p: &mut Proof| {
        let mut head = Head::decode(&p.head).unwrap();
        head.release.signatures.clear();
        p.head = ByteBuf::from(head.encode());
    };
    assert_eq!(changed(RECORD, strip).clause, "TRUST-7");
    let rootless = |p: &mut Proof| {
        let mut head = Head::decode(&p.head).unwrap();
        head.roots.clear();
        p.head = ByteBuf::from(head.encode());
    };
    assert_eq!(changed(RECORD, rootless).clause, "PROOF-2");
}

#[test]
fn every_changed_byte_and_every_cut_is_refused() {
    let good = made(RECORD);
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        assert!(check(&bad).is_err(), "byte {at}");
        assert!(check(&good[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn a_missing_block_is_named() {
    let (head, mut blocks) = sample();
    let media = head.release.parts[1].root;
    blocks.remove(&media);
    // A part that is not kept is no obstacle to what is in another one.
    build(&blocks, &head, &Path::new(RECORD).unwrap()).unwrap();
    for path in [LARGE, "nothing"] {
        let fault = build(&blocks, &head, &Path::new(path).unwrap()).unwrap_err();
        assert_eq!(fault, BuildFault::Read(ReadFault::Missing(media)));
    }
}

#[test]
fn too_large_is_said_before_blocks_are_read() {
    let content = Content::List { root: BlockId::dag_cbor(b"x"), hash: Hash::of(b"x") };
    let entry = Entry::new(Path::new("a").unwrap(), MAX_PROOF_BYTES as u64 + 1, content);
    assert_eq!(content_blocks(&Blocks::new(), &entry).unwrap_err(), BuildFault::TooLarge);
    assert_eq!(check(&vec![0; MAX_PROOF_BYTES + 1]).unwrap_err().clause, "ENC-1");
}
