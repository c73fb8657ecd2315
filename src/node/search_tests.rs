//! What is said of the sources of a fetch.
use super::*;
use crate::carrier::lab::Lab;
use crate::store::MemoryStore;
use crate::store::heads::ArchiveStates;

/// A source may still have a release of the same number that root keys set aside.
#[tokio::test]
async fn trust_27_a_source_with_another_release_of_the_number_does_not_agree() {
    let (mut one, mut two) = (Lab::new(7), Lab::new(7));
    one.publish(&[("core", &[("index.html", b"settled".to_vec())])]);
    two.publish(&[("core", &[("index.html", b"set aside".to_vec())])]);
    let dir = tempfile::tempdir().unwrap();
    let (net, _) = crate::net::start(crate::net::NetConfig::reader()).await.unwrap();
    let ground = Ground {
        store: Arc::new(MemoryStore::new()),
        states: Arc::new(ArchiveStates::open(dir.path()).unwrap()),
        net,
        timing: crate::sync::Timing::default(),
    };
    let mut search = Search::new(ground, one.archive);
    let address: Multiaddr = "/ip4/127.0.0.1/tcp/1".parse().unwrap();
    for (head, verdict) in
        [(one.head(), Verdict::Known), (one.head(), Verdict::Known), (two.head(), Verdict::Older)]
    {
        let tried = Tried::Head(crate::net::PeerId::random().into(), verdict, head.bytes.clone());
        search.tried(Ok((Place::Address(address.clone()), tried))).unwrap();
    }
    let agreement = search.agreement(1, one.head().release_hash());
    assert_eq!((agreement.same, agreement.older, agreement.silent), (2, 1, 0));
}
