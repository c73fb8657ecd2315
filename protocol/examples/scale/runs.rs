//! The runs: which mirrors, what is published, and what came of it.

use crate::figures::Run;
use crate::sim::catalog::{Catalog, Shape};
use crate::sim::plan::Kind;
use crate::sim::setting::{Acquaintance, HOUR, MINUTE, SECOND, Setting};
use crate::sim::tally::{Spread, Traffic, mean_most};
use crate::sim::world::World;
use std::rc::Rc;

/// 3 MB of records that all have; then 100 MB of pictures and films; then ten corrected records.
pub const SHAPE: Shape = Shape {
    records: 2_000,
    pictures: 760,
    picture_bytes: (30_000, 130_000),
    films: 5,
    film_blocks: 48,
    corrected: 10,
};

const SEED: u64 = 1;

/// The same bytes in fewer and larger blocks, for a run that the others would make too long.
pub const COARSE: Shape = Shape {
    records: 300,
    pictures: 343,
    picture_bytes: (250_000, 260_000),
    films: 1,
    film_blocks: 80,
    corrected: 10,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Nobody leaves.
    Calm,
    /// 30 % come and go, 10 % are cut off for ten minutes, 2 % lie.
    Rough,
}

pub fn setting(mirrors: usize, plan: Kind, weather: Weather, ask_again: u64) -> Setting {
    let rough = weather == Weather::Rough;
    let warm = 3 * MINUTE;
    Setting {
        seed: SEED,
        mirrors,
        shape: SHAPE,
        plan,
        acquaintance: Acquaintance::Memory,
        warm,
        restless: if rough { 30 } else { 0 },
        stay: 20 * MINUTE,
        away: 10 * MINUTE,
        calm: 1_000 * HOUR,
        island: if rough { 10 } else { 0 },
        cut: (warm + 30 * SECOND, warm + 10 * MINUTE + 30 * SECOND),
        liars: if rough { 2 } else { 0 },
        ask_again,
        gossip: true,
        publisher_up: 1_250_000,
        third_at: 900 * HOUR,
        end: 12 * HOUR,
    }
}

fn spread(run: &mut Run, name: &str, it: &Spread) {
    let seconds = |time: u64| time as f64 / SECOND as f64;
    for (part, time) in [("50", it.half), ("95", it.most), ("100", it.all)] {
        time.into_iter().for_each(|time| run.note(&format!("{name} {part}"), seconds(time)));
    }
    // The publisher's own mirror is the first.
    let times = &it.times[1..];
    for part in 0..=100 {
        let at = (times.len() * part).div_ceil(100).max(1) - 1;
        let time = times.get(at).copied().map_or(0.0, seconds);
        run.note(&format!("{name} curve {part:03}"), time);
    }
}

type Count = fn(&Traffic) -> u64;

/// Traffic of the mirrors during one edition.
fn cost(run: &mut Run, name: &str, world: &World) {
    let parts: [(&str, Count); 8] = [
        ("messages", |t| t.messages),
        ("content in", |t| t.content_in),
        ("content out", |t| t.content_out),
        ("nodes in", |t| t.nodes_in),
        ("control in", |t| t.control_in),
        ("twice", |t| t.twice_bytes + t.late_bytes),
        ("denials", |t| t.denials),
        ("gossip", |t| t.gossip_in),
    ];
    for (part, of) in parts {
        let (mean, most) = mean_most(world.honest().map(|node| of(&node.traffic)));
        run.note(&format!("{name} {part} mean"), mean as f64);
        run.note(&format!("{name} {part} most"), most as f64);
    }
    run.note(&format!("{name} publisher out"), world.nodes[0].traffic.content_out as f64);
}

fn forget(world: &mut World) {
    world.nodes.iter_mut().for_each(|node| node.traffic = Traffic::default());
}

/// One run, as figures. Times in seconds, sizes in bytes.
pub fn run(set: Setting) -> Run {
    let catalog = Rc::new(Catalog::new(&set.shape, 1));
    let mut run = Run::default();
    for (name, edition) in [("large", 1), ("small", 2)] {
        run.note(&format!("{name} bytes"), catalog.new_bytes(edition) as f64);
    }
    let mut world = World::new(set, catalog);
    world.run_until(|world| world.now >= set.warm - SECOND);
    let (mean, most) = mean_most(world.honest().map(|node| node.links.len() as u64));
    run.note("links mean", mean as f64);
    run.note("links most", most as f64);
    forget(&mut world);
    world.run_until(|world| world.wholes[1].all.is_some());
    cost(&mut run, "large", &world);
    forget(&mut world);
    world.run_until(|world| world.wholes[2].all.is_some() && !world.split);
    cost(&mut run, "small", &world);
    spread(&mut run, "head", &world.heads[1]);
    spread(&mut run, "large", &world.wholes[1]);
    spread(&mut run, "small", &world.wholes[2]);
    run.note("lies", world.lies as f64);
    run.note("events", world.events as f64);
    let held = world.honest().map(|node| node.most_held as u64).max().unwrap_or(0);
    run.note("plan held most", held as f64);
    let known = world.memories.iter().map(|m| m.known().len() as u64).max().unwrap_or(0);
    run.note("known most", known as f64);
    run
}
