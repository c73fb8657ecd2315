//! What is fetched, and what not any more, when a fork or a settlement comes in between.
use super::*;
use crate::carrier::lab::Lab;
use crate::store::adopt::adopt;
use crate::store::complete::mark_complete;
use crate::store::heads::ArchiveStates;
use crate::store::{BlockStore, MemoryStore};
use std::sync::Arc;

/// Release 1 and two releases 2, and a node that holds all of them and shows the first release 2.
struct Scene {
    one: Lab,
    two: Lab,
    ground: Ground,
    follow: Follow,
    _dir: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        let (mut one, mut two) = (Lab::new(7), Lab::new(7));
        for lab in [&mut one, &mut two] {
            lab.publish(&[("core", &[("index.html", b"one".to_vec())])]);
        }
        one.publish(&[("core", &[("index.html", b"left".to_vec())])]);
        two.publish(&[("core", &[("index.html", b"right".to_vec())])]);
        let dir = tempfile::tempdir().unwrap();
        let states = Arc::new(ArchiveStates::open(dir.path()).unwrap());
        let store: Arc<dyn BlockStore> = Arc::new(MemoryStore::new());
        for lab in [&one, &two] {
            let mut put = |id: &yadgar_protocol::BlockId| {
                store.put(vec![lab.store.get_packed(id).unwrap().unwrap()]).unwrap();
                std::ops::ControlFlow::Continue(())
            };
            lab.store.all_ids(&mut put).unwrap();
        }
        for head in &one.heads {
            adopt(&states, &*store, &one.archive, &head.bytes, &*store).unwrap();
            mark_complete(&states, &*store, &one.archive, &head.bytes).unwrap();
        }
        let (net, _) = crate::net::start(crate::net::NetConfig::reader()).await.unwrap();
        let timing = crate::sync::Timing::default();
        let ground = Ground { store, states, net, timing };
        let follow = Follow::load(&ground, one.archive).unwrap();
        Self { one, two, ground, follow, _dir: dir }
    }

    fn fork(&mut self) {
        let (states, store) = (&self.ground.states, &*self.ground.store);
        let head = &self.two.head().bytes;
        adopt(states, store, &self.one.archive, head, store).unwrap();
        self.follow.refresh(&self.ground);
    }

    fn wanted(&self) -> Option<Hash> {
        self.follow.wanted().map(Accepted::release_hash)
    }
}

#[tokio::test]
async fn trust_24_a_fork_ends_the_fetch_of_a_side_and_the_agreed_release_is_looked_at() {
    let mut scene = Scene::new().await;
    let (left, agreed) = (scene.one.head().release_hash(), scene.one.heads[0].release_hash());
    assert_eq!(scene.wanted(), Some(left), "looked at once more after the start");
    drop(scene.follow.start(&scene.ground).unwrap().unwrap());
    let cancel = scene.follow.job.as_ref().unwrap().cancel.clone();
    assert_eq!(scene.follow.untold_complete().unwrap().hash, left);
    scene.fork();
    assert!(cancel.is_cancelled());
    // What the fetch was to look at is still to be looked at.
    assert_eq!(scene.wanted(), Some(agreed));
    drop(scene.follow.start(&scene.ground).unwrap().unwrap());
    assert!(scene.follow.ended(2, true));
    assert_eq!(scene.wanted(), None, "and not fetched in vain for ever");
    // Nobody has told yet that the agreed one is shown again.
    assert_eq!(scene.follow.untold_complete().unwrap().hash, agreed);
    assert_eq!(scene.follow.untold_complete(), None);
}

#[tokio::test]
async fn trust_27_the_settled_release_of_a_disputed_number_is_wanted() {
    let mut scene = Scene::new().await;
    scene.follow.recheck = false;
    assert_eq!(scene.wanted(), None);
    scene.follow.trusted = Some(scene.two.head().clone());
    assert_eq!(scene.wanted(), Some(scene.two.head().release_hash()));
}

#[tokio::test]
async fn what_sources_have_is_forgotten_with_the_release_it_was_about() {
    let mut scene = Scene::new().await;
    let follow = &mut scene.follow;
    assert_eq!(follow.agreement(3), None, "nothing is known");
    let peer = PeerId::random();
    let (one, two) = (Giver::Peer(peer), Giver::Host(1));
    follow.answer(one, true);
    follow.answer(two, false);
    let told = Agreement { same: 1, older: 1, silent: 1, day: String::new() };
    assert_eq!(follow.agreement(3), Some(told));
    follow.answer(one, true);
    assert_eq!(follow.agreement(3), None, "nothing new");
    follow.answer(two, true);
    follow.lost(&peer);
    assert_eq!(follow.agreement(1).unwrap().same, 1);
    scene.fork();
    assert_eq!(scene.follow.agreement(1), Some(Agreement::default()));
}
