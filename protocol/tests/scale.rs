//! Many seeds of the simulation of scale: what must hold after each run.
//!
//! One failing seed is replayed with `SEED=<number> cargo test -p yadgar-protocol --test scale`; the
//! large runs are `cargo run --release -p yadgar-protocol --example scale` (docs/scale.md).

#[path = "scale/mod.rs"]
mod sim;

use sim::bits::Bits;
use sim::catalog::{Catalog, Shape};
use sim::fetch::ASK_AGAIN;
use sim::lab::Rng;
use sim::plan::Kind;
use sim::setting::{Acquaintance, HOUR, MINUTE, SECOND, Setting};
use sim::tally::mean_most;
use sim::world::World;
use std::rc::Rc;
use yadgar_protocol::limits::{MAX_PEER_FILE_BYTES, MAX_PEERS_GLOBAL};

const SEEDS: u64 = 200;
const SHAPE: Shape = Shape {
    records: 40,
    pictures: 12,
    picture_bytes: (20_000, 60_000),
    films: 1,
    film_blocks: 10,
    corrected: 5,
};
/// Blocks that may come twice, of a hundred that come: those of a slow source that another was asked
/// for meanwhile. To one mirror, and to all of a run together.
const TWICE_ONE: u64 = 50;
const TWICE_ALL: u64 = 15;

fn setting(seed: u64) -> Setting {
    let mut rng = Rng(seed);
    let (mirrors, acquaintance) = match seed % 100 {
        0 => (14, Acquaintance::Memory),
        7 => (100, Acquaintance::Drawn(5)),
        _ => (rng.range(6, 25) as usize, Acquaintance::Drawn(5)),
    };
    let warm = MINUTE;
    let cut = warm + rng.range(0, 3 * MINUTE);
    Setting {
        seed,
        mirrors,
        shape: SHAPE,
        plan: Kind::Real,
        acquaintance,
        warm,
        restless: if rng.one_in(3) { 0 } else { 40 },
        stay: 3 * MINUTE,
        away: 2 * MINUTE,
        calm: 9 * MINUTE,
        island: if rng.one_in(2) { 40 } else { 0 },
        cut: (cut, cut + rng.range(MINUTE, 8 * MINUTE)),
        liars: if rng.one_in(2) { 10 } else { 0 },
        ask_again: ASK_AGAIN,
        gossip: true,
        publisher_up: 250_000,
        third_at: warm + rng.range(10 * SECOND, 8 * MINUTE),
        end: 2 * HOUR,
    }
}

/// What a run came to, for the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Line {
    seed: u64,
    mirrors: u64,
    head: u64,
    second: u64,
    third: u64,
    mean: u64,
    most: u64,
    twice: u64,
    held: u64,
    lies: u64,
    events: u64,
}

fn check(world: &World, seed: u64) -> Line {
    let catalog = &world.catalog;
    let newest = catalog.editions.len() - 1;
    let mut published = Bits::new(catalog.blocks.len());
    catalog.editions.iter().for_each(|edition| published.add(&edition.whole));
    let mut line = Line { seed, mirrors: world.nodes.len() as u64, ..Line::default() };
    let (mut all_came, mut all_twice) = (0, 0);
    for (at, node) in world.nodes.iter().enumerate().filter(|(_, node)| !node.liar) {
        let who = format!("SEED={seed}, mirror {at}, second {}", world.now / SECOND);
        let it = &catalog.editions[newest];
        assert_eq!(node.trusted, Some(newest), "{who}: not the newest head");
        assert_eq!(node.complete, Some(newest), "{who}: not complete");
        assert!(node.held.covers(&it.whole), "{who}: a byte is missing");
        assert!(published.covers(&node.held), "{who}: something that was not published");
        assert!(!node.held.meets(&it.gone), "{who}: what was withdrawn is still there");
        let (came, twice) = (node.held.count(), node.traffic.twice);
        assert!(twice * 100 <= came * TWICE_ONE, "{who}: {twice} of {came} came twice");
        (all_came, all_twice) = (all_came + came, all_twice + twice);
        // A block waits in one place of each of two walks, or is asked for.
        let room = 3 * it.order.len();
        assert!(node.most_held <= room, "{who}: {} held, room for {room}", node.most_held);
        line.twice = line.twice.max(twice);
        line.held = line.held.max(node.most_held as u64);
    }
    let share = all_twice * 100 <= all_came * TWICE_ALL;
    assert!(share, "SEED={seed}: {all_twice} of {all_came} came twice");
    for (at, memory) in world.memories.iter().enumerate() {
        assert!(memory.known().len() <= MAX_PEERS_GLOBAL, "SEED={seed}: memory of {at}");
    }
    let traffic =
        world.honest().map(|n| n.traffic.content_in + n.traffic.nodes_in + n.traffic.control_in);
    (line.mean, line.most) = mean_most(traffic);
    let all = |spread: &sim::tally::Spread| spread.all.unwrap_or(0) / 1_000;
    line.head = all(&world.heads[newest]);
    (line.second, line.third) = (all(&world.wholes[1]), all(&world.wholes[newest]));
    (line.lies, line.events) = (world.lies, world.events);
    line
}

fn run(seed: u64, catalog: &Rc<Catalog>) -> Line {
    let mut world = World::new(setting(seed), catalog.clone());
    world.run();
    for memory in &mut world.memories {
        assert!(memory.to_keep().is_none_or(|kept| kept.len() <= MAX_PEER_FILE_BYTES));
    }
    check(&world, seed)
}

/// The table: least, middle and most of each column.
fn print(lines: &[Line]) {
    let row = |name: &str, unit: &str, of: &dyn Fn(&Line) -> u64| {
        let mut all: Vec<u64> = lines.iter().map(of).collect();
        all.sort_unstable();
        let (first, last) = (all[0], all[all.len() - 1]);
        println!(
            "| {name}, {unit} | {first} | {} | {} | {last} |",
            all[all.len() / 2],
            all[all.len() * 95 / 100]
        );
    };
    println!("| {} seeds, no invariant broken | least | median | 95 % | most |", lines.len());
    println!("|---|---|---|---|---|");
    row("mirrors", "number", &|l| l.mirrors);
    row("new head at all that are up", "ms", &|l| l.head);
    row("large edition at all that are up", "ms", &|l| l.second);
    row("small edition at all that are up", "ms", &|l| l.third);
    row("received by a mirror, mean", "bytes", &|l| l.mean);
    row("received by a mirror, most", "bytes", &|l| l.most);
    row("blocks that came twice to a mirror, most", "blocks", &|l| l.twice);
    row("memory of a plan, most", "blocks", &|l| l.held);
    row("lies found out", "number", &|l| l.lies);
    row("events", "number", &|l| l.events);
}

#[test]
fn every_mirror_gets_every_byte() {
    #[allow(clippy::disallowed_methods)] // the crate takes no settings, its test may
    let only = std::env::var("SEED").ok().map(|seed| seed.parse::<u64>().unwrap());
    if let Some(seed) = only {
        return println!("{:#?}", run(seed, &Rc::new(Catalog::new(&SHAPE, 1))));
    }
    let share = |first: u64| {
        let catalog = Rc::new(Catalog::new(&SHAPE, 1));
        (first..SEEDS).step_by(2).map(|seed| run(seed, &catalog)).collect::<Vec<_>>()
    };
    let lines = std::thread::scope(|scope| {
        let other = scope.spawn(|| share(1));
        let mut lines = share(0);
        lines.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        lines
    });
    print(&lines);
    let lies: u64 = lines.iter().map(|line| line.lies).sum();
    let twice = lines.iter().filter(|line| line.twice > 0).count();
    assert!(lies > 100 && twice > 5, "{lies} lies, twice in {twice} runs: too tame");
}

/// The same seed gives the same run, or a failure could not be replayed.
#[test]
fn a_seed_is_a_run() {
    let catalog = Rc::new(Catalog::new(&SHAPE, 1));
    assert_eq!(run(3, &catalog), run(3, &catalog));
}
