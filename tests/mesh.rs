//! Many mirrors in one process that begin with one address, lose half of them, and are replaced: protocol/spec/dht.md, peers.md.
//!
//! `YADGAR_MESH_NODES` is how many (24 without it); times are printed.

#[path = "common/nets.rs"]
mod nets;
#[path = "common/sample.rs"]
mod sample;
#[path = "mesh/town.rs"]
mod town;

use std::time::Instant;
use town::{Town, resident_mib};

/// Who goes away remembers so many at most: on one machine a mirror has room for 64.
const REMEMBERED: usize = 24;

/// How many mirrors.
fn count() -> usize {
    std::env::var("YADGAR_MESH_NODES").ok().and_then(|n| n.parse().ok()).unwrap_or(24)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mirrors_find_each_other_from_one_address_and_outlive_most_of_them() {
    let (count, begun) = (count(), Instant::now());
    let mut town = Town::new();
    let first = town.found().await;
    for _ in 1..count {
        town.settle(std::slice::from_ref(&first)).await;
    }
    let said = |what: &str, since: Instant| {
        let (took, resident) = (since.elapsed().as_secs_f64(), resident_mib());
        println!("{count} mirrors: {what}: {took:.1} s ({resident} MiB resident)");
    };
    town.all_have(1).await;
    said("all have release 1, from one address", begun);
    town.all_linked(5).await;
    town.all_in_the_dht(3).await;
    said("all are linked with five others, and have three in the DHT", begun);
    town.publish_somewhere().await;
    let since = Instant::now();
    town.all_have(2).await;
    said("release 2 reached all", since);
    // Half of them go at once, the first among them.
    town.kill(count / 2, true).await;
    town.publish_somewhere().await;
    let since = Instant::now();
    town.all_have(3).await;
    said("half gone at once, release 3 reached the rest", since);
    // One learns where others are, and goes away.
    let known = town.somebody();
    let kept = town.visit(&known, (count / 3).min(REMEMBERED)).await;
    // Four of five of those are replaced, in waves; each new one knows one address.
    let (since, wave) = (Instant::now(), count / 10);
    for _ in 0..4 {
        town.kill(wave, false).await;
        for _ in 0..wave {
            let known = town.somebody();
            town.settle(&[known]).await;
        }
        town.all_have(3).await;
        // Whose only acquaintance goes before it told of others is lost.
        town.all_linked(3).await;
    }
    said("four fifths of the rest replaced", since);
    town.publish_somewhere().await;
    let since = Instant::now();
    town.all_have(4).await;
    said("release 4 reached all", since);
    // Who was away meanwhile remembers many, of whom few are still there.
    let since = Instant::now();
    town.come_back(kept).await;
    town.all_have(4).await;
    said("one came back with the addresses that it remembered", since);
    town.stop().await;
    said("all of it", begun);
}
