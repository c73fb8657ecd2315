use super::*;
use crate::cbor;
use serde::Serialize;

fn ask(url: &str, accept: &[&str]) -> Result<Ask, Refusal> {
    let (path, query) =
        url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
    parse(path, query, accept)
}

fn id() -> BlockId {
    BlockId::raw(b"hello")
}

#[test]
fn gw_2_a_block_has_a_name_in_every_base() {
    let cid = ::cid::Cid::try_from(id().to_string()).unwrap();
    for base in [
        multibase::Base::Base32Lower,
        multibase::Base::Base32Upper,
        multibase::Base::Base58Btc,
        multibase::Base::Base36Lower,
        multibase::Base::Base64Url,
        multibase::Base::Base16Lower,
    ] {
        let text = cid.to_string_of_base(base).unwrap();
        assert_eq!(block_id(&text), Ok(Some(id())), "{text}");
        assert_eq!(ask(&format!("/ipfs/{text}?format=raw"), &[]), Ok(Ask::Block(id())));
    }
    // CIDs of others: of SHA-256, of UnixFS.
    for other in [
        "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n",
        "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
        "bafkreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
    ] {
        assert_eq!(block_id(other), Ok(None), "{other}");
        assert_eq!(ask(&format!("/ipfs/{other}?format=raw"), &[]), Err(Refusal::NotFound));
    }
    let long = format!("b{}", "a".repeat(200));
    for bad in ["hello", "bafkr4i", "b", &long, "baf kr4i"] {
        assert!(block_id(bad).is_err(), "{bad}");
        assert_eq!(ask(&format!("/ipfs/{bad}?format=raw"), &[]), Err(Refusal::Malformed));
    }
}

#[test]
fn gw_3_the_query_counts_before_the_header() {
    let block = format!("/ipfs/{}", id());
    let get = |query: &str, accept: &[&str]| ask(&format!("{block}{query}"), accept);
    let raw = Ok(Ask::Block(id()));
    let car = Ok(Ask::Car(id(), Scope::All));
    assert_eq!(get("", &[RAW_TYPE]), raw);
    assert_eq!(get("", &[CAR_TYPE]), car);
    assert_eq!(get("?format=raw", &[CAR_TYPE]), raw);
    assert_eq!(get("?format=car", &["text/html, */*"]), car);
    assert_eq!(get("?filename=a&download=true&format=raw", &[]), raw);
    assert_eq!(get("", &["application/vnd.ipld.car;q=0.5, application/vnd.ipld.raw"]), raw);
    assert_eq!(get("", &["application/vnd.ipld.car", "application/vnd.ipld.raw;q=0.9"]), car);
    assert_eq!(get("", &["application/vnd.ipld.raw;q=0, application/vnd.ipld.car"]), car);
    assert_eq!(get("", &[]), Err(Refusal::Malformed), "nothing is said of a form");
    for other in
        ["*/*", "text/html", "application/vnd.ipld.raw;q=2", "application/vnd.ipfs.ipns-record"]
    {
        assert_eq!(get("", &[other]), Err(Refusal::NotAcceptable), "{other}");
    }
    assert_eq!(get("?format=json", &[RAW_TYPE]), Err(Refusal::NotAcceptable));
    assert_eq!(get("?format=raw&format=car", &[]), Err(Refusal::Malformed));
    assert_eq!(get("/a?format=car", &[]), Err(Refusal::Malformed));
    for nowhere in
        ["/", "/ipns/a?format=raw", "/ipfs", "/robots.txt", "/yadgar/1/", "/yadgar/1/x/head"]
    {
        assert_eq!(ask(nowhere, &[RAW_TYPE]), Err(Refusal::NotFound), "{nowhere}");
    }
    assert_eq!(ask("/ipfs/?format=raw", &[]), Err(Refusal::Malformed));
}

#[test]
fn gw_4_a_car_as_we_make_it_or_none() {
    let block = format!("/ipfs/{}?format=car", id());
    let get = |more: &str, accept: &[&str]| ask(&format!("{block}{more}"), accept);
    let car = |scope| Ok(Ask::Car(id(), scope));
    for fine in ["", "&car-version=1", "&car-order=dfs", "&car-order=unk&car-dups=n"] {
        assert_eq!(get(fine, &[]), car(Scope::All), "{fine}");
    }
    for other in ["&car-version=2", "&car-order=bfs", "&car-dups=y"] {
        assert_eq!(get(other, &[]), Err(Refusal::NotAcceptable), "{other}");
    }
    let twice = "application/vnd.ipld.car; dups=y";
    assert_eq!(get("", &[twice]), Err(Refusal::NotAcceptable));
    assert_eq!(get("&car-dups=n", &[twice]), car(Scope::All), "the query counts");
    assert_eq!(
        get("", &["application/vnd.ipld.car;dups=y, application/vnd.ipld.car;q=0.1"]),
        car(Scope::All)
    );
    assert_eq!(get("&dag-scope=block", &[]), car(Scope::Block));
    assert_eq!(get("&dag-scope=entity", &[]), car(Scope::Block));
    assert_eq!(get("&dag-scope=all", &[]), car(Scope::All));
    assert_eq!(get("&entity-bytes=0:10", &[]), car(Scope::Block));
    assert_eq!(get("&dag-scope=some", &[]), Err(Refusal::Malformed));
}

#[test]
fn gw_6_the_probe_and_gw_7_the_archive() {
    assert_eq!(ask("/ipfs/bafkqaaa?format=raw", &[]), Ok(Ask::Probe(Form::Raw)));
    assert_eq!(ask("/ipfs/bafkqaaa", &[CAR_TYPE]), Ok(Ask::Probe(Form::Car)));
    let archive = ArchiveId(crate::Hash([7; 32]));
    assert_eq!(ask(&format!("/yadgar/1/{archive}/head"), &[]), Ok(Ask::Head(archive)));
    assert_eq!(ask(&format!("/yadgar/1/{archive}/bulletin"), &[]), Ok(Ask::Bulletin(archive)));
    assert_eq!(ask(&format!("/yadgar/1/{archive}/blocks"), &[]), Err(Refusal::NotFound));
}

#[derive(Serialize)]
struct Node {
    a: Vec<BlockId>,
    bytes: serde_bytes::ByteBuf,
    n: i64,
    text: String,
    z: Option<BlockId>,
}

#[test]
fn gw_5_links_are_found_and_nothing_else_is_taken_for_one() {
    let (one, two) = (BlockId::raw(b"1"), BlockId::dag_cbor(b"2"));
    let mut inside = vec![0xd8, 0x2a, 0x58, 37, 0];
    inside.extend(one.to_bytes());
    let node = Node {
        a: vec![two, one, two],
        // Looks like a link, but is bytes.
        bytes: serde_bytes::ByteBuf::from(inside),
        n: -70_000,
        text: "x".repeat(300),
        z: Some(one),
    };
    let bytes = cbor::encode(&node);
    assert_eq!(links(&BlockId::dag_cbor(&bytes), &bytes).unwrap(), [two, one, two, one]);
    assert_eq!(links(&BlockId::raw(&bytes), &bytes), Ok(vec![]), "content has none");
    for cut in 1..bytes.len() {
        // Never more than there is, and no panic.
        if let Ok(found) = links(&BlockId::dag_cbor(b""), &bytes[..cut]) {
            assert!(found.len() <= 4);
        }
    }
    let id = BlockId::dag_cbor(b"");
    for bad in [
        &[0x9f][..],
        &[0x5f, 0x41, 0x00, 0xff],
        &[0xd8, 0x2a],
        &[0xd8, 0x2a, 0x01],
        &[0xd8, 0x2a, 0x41, 0x01],
        &[0xd8, 0x2b, 0x01],
        &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x1c],
    ] {
        assert_eq!(links(&id, bad).unwrap_err().clause, "GW-5", "{bad:?}");
    }
    // A link to what is no block of ours: CIDv1 dag-pb of SHA-256.
    let mut other = vec![0xd8, 0x2a, 0x58, 37, 0, 1, 0x70, 0x12, 32];
    other.extend([9; 32]);
    assert_eq!(links(&id, &other), Ok(vec![]));
}
