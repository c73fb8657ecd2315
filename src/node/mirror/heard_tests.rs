//! What a node makes of what was heard.
use super::*;
use crate::carrier::lab::Lab;
use crate::net::PeerId;
use crate::node::Ground;
use crate::node::follow::Follow;
use crate::node::mirror::means::Means;
use crate::store::MemoryStore;
use crate::store::adopt::adopt;
use crate::store::heads::ArchiveStates;
use crate::sync::ServeLimits;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc};

/// The proof came in a bulletin and could only be judged after the head that came with it.
#[tokio::test]
async fn trust_24_a_fork_that_a_bulletin_brought_is_told_and_its_side_not_followed() {
    let (mut one, mut two) = (Lab::new(7), Lab::new(7));
    for (lab, text) in [(&mut one, "left"), (&mut two, "right")] {
        lab.publish(&[("core", &[("index.html", b"one".to_vec())])]);
        lab.publish(&[("core", &[("index.html", text.into())])]);
    }
    let dir = tempfile::tempdir().unwrap();
    let states = Arc::new(ArchiveStates::open(dir.path()).unwrap());
    let store = Arc::new(MemoryStore::new());
    let judge = |lab: &Lab| {
        adopt(&states, &*store, &lab.archive, &lab.head().bytes, &lab.store).unwrap();
    };
    judge(&one);
    let (net, _) = crate::net::start(crate::net::NetConfig::reader()).await.unwrap();
    let timing = crate::sync::Timing::default();
    let ground = Ground { store: store.clone(), states: states.clone(), net, timing };
    let (tell, _told) = mpsc::channel(1);
    let (news, mut listen) = broadcast::channel(8);
    let means = Means::of(&crate::net::NetConfig::reader());
    let limits = (ServeLimits::default(), means);
    let mut mirror = Mirror::new(ground, limits, tell, news, Duration::from_secs(300));
    let follow = Follow::load(&mirror.ground, one.archive).unwrap();
    mirror.follows.insert(one.archive, follow);
    judge(&two);
    let urgent = BulletinTaken { fork: true, ..BulletinTaken::default() };
    let archive = one.archive;
    let heard =
        Heard { from: PeerId::random().into(), archive, urgent, verdict: None, asked: true };
    mirror.heard(heard).await;
    assert!(mirror.follows[&archive].trusted.is_none(), "neither side is followed");
    assert!(matches!(listen.try_recv(), Ok(News::Problem { .. })));
}
