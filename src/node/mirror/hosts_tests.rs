//! Which web hosts a mirror goes on asking.
use super::*;
use crate::node::Ground;
use crate::node::follow::Follow;
use crate::node::hosts::REMEMBERED;
use crate::node::mirror::means::Means;
use crate::store::MemoryStore;
use crate::store::heads::ArchiveStates;
use crate::sync::{Host as _, ServeLimits};
use tokio::sync::{broadcast, mpsc};
use yadgar_protocol::Hash;

#[tokio::test]
async fn a_host_that_was_to_be_asked_once_is_asked_by_no_later_fetch() {
    let (net, _) = crate::net::start(crate::net::NetConfig::reader()).await.unwrap();
    let (store, states) = (Arc::new(MemoryStore::new()), Arc::new(ArchiveStates::in_memory()));
    let ground = Ground { store, states, net, timing: crate::sync::Timing::default() };
    let limits = (ServeLimits::default(), Means::of(&crate::net::NetConfig::reader()));
    let ((tell, _told), (news, _)) = (mpsc::channel(1), broadcast::channel(8));
    let mut mirror = Mirror::new(ground, limits, tell, news, Duration::from_secs(300));
    let archive = ArchiveId(Hash([1; 32]));
    let follow = Follow::load(&mirror.ground, archive).unwrap();
    mirror.follows.insert(archive, follow);
    // Nothing is dialled: they are looked at here by hand.
    let named = |url: &str| WebHost { url: url.into(), ..WebHost::default() };
    let (open, now) = (mirror.hosts.opener(), Instant::now());
    mirror.hosts.lines.set(archive, &[named("https://kept.example/")], &open, now);
    assert!(mirror.hosts.lines.ask(archive, &[named("https://once.example/")], &open, now));
    let hosts = mirror.hosts.lines.all();
    for host in &hosts {
        assert!(mirror.hosts.lines.due(now).is_some());
        mirror.hosts.lines.looked(host.number(), None, HOSTS_EVERY, now, 0.5);
        mirror.follows.get_mut(&archive).unwrap().add_host(host.clone());
    }
    mirror.pass_hosts(now);
    assert_eq!(mirror.follows[&archive].host_numbers().len(), 2, "its fetch is still to begin");
    mirror.pass_hosts(now + REMEMBERED);
    assert_eq!(mirror.follows[&archive].host_numbers(), [hosts[0].number()]);
    // What came late of a look at it does not bring it back.
    let late = crate::node::learn::Teller::Host(hosts[1].clone());
    mirror.holds(archive, &late, Some(true), true);
    assert_eq!(mirror.follows[&archive].host_numbers(), [hosts[0].number()]);
}
