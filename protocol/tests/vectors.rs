//! Every case of `protocol/vectors`, which an independent implementation made from the spec alone,
//! against the public functions of this crate. Nothing is passed over: an unknown kind fails, and
//! so does an expected value that the crate does not give.

#[path = "vectors/beacon.rs"]
mod beacon;
#[path = "vectors/carrier.rs"]
mod carrier;
#[path = "vectors/case.rs"]
mod case;
#[path = "vectors/chunking.rs"]
mod chunking;
#[path = "vectors/clause.rs"]
mod clause;
#[path = "vectors/courier.rs"]
mod courier;
#[path = "vectors/encoding.rs"]
mod encoding;
#[path = "vectors/envelope.rs"]
mod envelope;
#[path = "vectors/formula.rs"]
mod formula;
#[path = "vectors/have.rs"]
mod have;
#[path = "vectors/ids.rs"]
mod ids;
#[path = "vectors/import.rs"]
mod import;
#[path = "vectors/invite.rs"]
mod invite;
#[path = "vectors/parity.rs"]
mod parity;
#[path = "vectors/path.rs"]
mod path;
#[path = "vectors/peers.rs"]
mod peers;
#[path = "vectors/persian.rs"]
mod persian;
#[path = "vectors/proof.rs"]
mod proof;
#[path = "vectors/record.rs"]
mod record;
#[path = "vectors/rle.rs"]
mod rle;
#[path = "vectors/statics.rs"]
mod statics;
#[path = "vectors/sync.rs"]
mod sync;
#[path = "vectors/tree.rs"]
mod tree;
#[path = "vectors/trust.rs"]
mod trust;
#[path = "vectors/withdraw.rs"]
mod withdraw;

use case::check_file;

macro_rules! vectors {
    ($($test:ident: $runner:path, $file:literal, $accept:literal, $reject:literal;)*) => {
        /// All vector files, so that one that nobody reads is noticed.
        const FILES: &[&str] = &[$($file),*];
        $(
            #[test]
            fn $test() {
                let text = include_str!(concat!("../vectors/", $file));
                check_file($file, text, $runner, ($accept, $reject));
            }
        )*
    };
}

vectors! {
    encoding_items: encoding::item, "encoding/items.json", 19, 107;
    encoding_structures: encoding::structure, "encoding/structures.json", 5, 145;
    ids: ids::run, "ids/ids.json", 20, 88;
    path_paths: path::path, "path/paths.json", 28, 112;
    path_sets: path::set, "path/sets.json", 10, 22;
    path_media: path::media, "path/media.json", 50, 0;
    envelope: envelope::run, "envelope/envelope.json", 14, 118;
    trust_alone: trust::judge, "trust/alone.json", 15, 189;
    trust_against_trusted: trust::judge, "trust/against-trusted.json", 32, 132;
    trust_fork: trust::fork, "trust/fork.json", 6, 38;
    withdraw_structures: encoding::structure, "withdraw/structures.json", 15, 78;
    withdraw_notices: withdraw::run, "withdraw/notices.json", 20, 16;
    withdraw_ledger: withdraw::ledger, "withdraw/ledger.json", 41, 0;
    chunking_files: chunking::run, "chunking/files.json", 35, 0;
    chunking_lists: chunking::run, "chunking/lists.json", 28, 35;
    tree_build: tree::run, "tree/build.json", 24, 0;
    tree_check: tree::run, "tree/check.json", 9, 71;
    tree_proof: tree::run, "tree/proof.json", 11, 19;
    proof: proof::run, "proof/proof.json", 8, 41;
    carrier_varint: carrier::varint, "carrier/varint.json", 10, 10;
    carrier_read: carrier::read, "carrier/read.json", 9, 42;
    carrier_import: import::run, "carrier/import.json", 6, 15;
    carrier_sets: encoding::structure, "carrier/sets.json", 11, 34;
    carrier_parity: parity::rows, "carrier/parity.json", 6, 0;
    have_lacks: have::lacks, "have/lacks.json", 7, 0;
    have_structures: encoding::structure, "have/structures.json", 10, 31;
    static_structures: encoding::structure, "static/structures.json", 12, 59;
    static_members: statics::member, "static/members.json", 6, 10;
    static_ranges: statics::ranges, "static/ranges.json", 11, 0;
    sync_frames: sync::frame, "sync/frames.json", 18, 67;
    sync_lengths: sync::frame, "sync/lengths.json", 2, 4;
    sync_bundle: sync::bundle, "sync/bundle.json", 4, 10;
    sync_zstd: sync::packed, "sync/zstd.json", 3, 15;
    sync_session: sync::session, "sync/session.json", 7, 9;
    invite: invite::run, "invite/invite.json", 38, 93;
    invite_words: invite::words, "invite/words.json", 4, 0;
    invite_spoken: invite::spoken, "invite/spoken.json", 52, 33;
    mirrors: invite::mirrors, "mirrors/mirrors.json", 11, 50;
    beacon: beacon::run, "beacon/beacon.json", 71, 35;
    courier: courier::run, "courier/courier.json", 66, 3;
    peers_records: peers::run, "peers/records.json", 76, 98;
    peers_lists: peers::run, "peers/lists.json", 6, 15;
    persian_keys: persian::key, "persian/keys.json", 20, 0;
    persian_order: persian::order, "persian/order.json", 4, 0;
    record_victim: record::record, "record/victim.json", 72, 299;
    record_incident: record::record, "record/incident.json", 9, 30;
    record_dates: record::date, "record/dates.json", 39, 78;
    record_calendar: record::date, "record/calendar.json", 236, 112;
    record_agree: record::date, "record/agree.json", 21, 21;
    record_succession: record::succession, "record/succession.json", 110, 0;
}

#[test]
#[allow(clippy::disallowed_methods)] // a test may look at the files of its own repository
fn every_vector_file_is_read() {
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors"));
    let mut found = Vec::new();
    for area in std::fs::read_dir(root).unwrap().map(|e| e.unwrap().path()) {
        if area.is_dir() && !area.ends_with("generate") {
            found.extend(std::fs::read_dir(area).unwrap().map(|e| e.unwrap().path()));
        }
    }
    let json = found.iter().filter(|p| p.extension().is_some_and(|e| e == "json"));
    for file in json.clone() {
        let name = file.strip_prefix(root).unwrap().to_str().unwrap();
        assert!(FILES.contains(&name), "{name} is read by no test");
    }
    assert_eq!(json.count(), FILES.len());
}
