//! The planner against sources that answer at once.

mod lab;
#[path = "planner/trouble.rs"]
mod trouble;

use lab::{Blocks, Files, Rng, Store, names, release, some_files};
use std::collections::BTreeSet;
use yadgar_protocol::release::Release;
use yadgar_protocol::sync::{Budget, Came, PlanError, Planner, SourceId, Status, Want};
use yadgar_protocol::{BlockId, Codec};

const A: SourceId = SourceId(1);
const B: SourceId = SourceId(2);
const MUCH: Budget = Budget { ids: 512, bytes: u64::MAX };

fn sample(seed: u64, files: u64) -> (Release, Blocks) {
    let mut rng = Rng(seed);
    let core = some_files(&mut rng, files);
    let media = some_files(&mut rng, files);
    release(1, &[("core", core), ("media", media)])
}

fn planner(release: &Release, store: &Store) -> Planner {
    Planner::new(release, &names(release), store).unwrap()
}

fn give(plan: &mut Planner, from: SourceId, id: &BlockId, all: &Blocks, store: &Store) {
    store.put(*id, &all[id]);
    plan.on_block(from, id, Came::Plain(&all[id]), store).unwrap();
}

/// Runs until nothing can be asked of the sources, each of which has its blocks; gives the ids in
/// the order of asking.
fn run(plan: &mut Planner, sources: &[(SourceId, &Blocks)], store: &Store) -> Vec<BlockId> {
    run_by(MUCH, plan, sources, store)
}

fn run_by(
    budget: Budget,
    plan: &mut Planner,
    sources: &[(SourceId, &Blocks)],
    store: &Store,
) -> Vec<BlockId> {
    let mut asked = Vec::new();
    loop {
        let before = asked.len();
        for (source, blocks) in sources {
            let wants = plan.next_wants(*source, budget, store).unwrap();
            asked.extend(wants.iter().map(|w| w.id));
            for Want { id, .. } in wants {
                match blocks.contains_key(&id) {
                    true => give(plan, *source, &id, blocks, store),
                    false => plan.on_missing(*source, &[id]),
                }
            }
        }
        if asked.len() == before && plan.status() != Status::Working {
            return asked;
        }
    }
}

fn distinct(ids: &[BlockId]) -> BTreeSet<BlockId> {
    ids.iter().copied().collect()
}

#[test]
fn everything_once_and_in_order() {
    let (release, all) = sample(1, 300);
    let store = Store::default();
    let mut plan = planner(&release, &store);
    plan.add_source(A);
    let budget = Budget { ids: 16, ..MUCH };
    let asked = run_by(budget, &mut plan, &[(A, &all)], &store);
    assert_eq!(plan.status(), Status::Done);
    assert_eq!(*store.blocks.borrow(), all);
    assert_eq!(asked.len(), all.len(), "each block once");
    // Before the first content the whole tree of core; media only fills what core leaves idle
    // while the nodes of its last block lists are under way.
    let first = asked.iter().position(|id| id.codec == Codec::Raw).unwrap();
    assert!(distinct(&asked[..first]).is_superset(&tree_nodes(&release, 0, &all)));
    let of_core = content(&release, 0, &all);
    let last = asked.iter().rposition(|id| of_core.contains(id)).unwrap();
    let early = asked[..last].iter().filter(|id| id.codec == Codec::Raw && !of_core.contains(id));
    let early = early.count();
    assert!(early < 48, "{early} blocks of media before the last of core at {last}");
    assert!(plan.part_done("core") && plan.part_done("media") && !plan.part_done("other"));
}

fn tree_nodes(release: &Release, part: usize, all: &Blocks) -> BTreeSet<BlockId> {
    use yadgar_protocol::tree::{Expect, decode_node};
    let part = &release.parts[part];
    let (mut found, mut open) = (BTreeSet::new(), vec![(part.root, Expect::of_part(part))]);
    while let Some((id, expect)) = open.pop() {
        found.insert(id);
        open.extend(expect.children(&decode_node(&all[&id], &expect).unwrap()));
    }
    found
}

fn content(release: &Release, part: usize, all: &Blocks) -> BTreeSet<BlockId> {
    let one = Release { parts: vec![release.parts[part].clone()], ..release.clone() };
    let store = Store::default();
    let mut plan = planner(&one, &store);
    plan.add_source(A);
    let asked = run(&mut plan, &[(A, all)], &store);
    asked.into_iter().filter(|id| id.codec == Codec::Raw).collect()
}

#[test]
fn progress_counts_files_and_what_was_here() {
    let (release, all) = sample(2, 100);
    let total: u64 = release.parts.iter().map(|p| p.bytes).sum();
    let store = Store::default();
    let mut plan = planner(&release, &store);
    assert_eq!(plan.progress().bytes_total, total);
    assert_eq!(plan.progress().files_total, 202);
    plan.add_source(A);
    run(&mut plan, &[(A, &all)], &store);
    let done = plan.progress();
    assert_eq!((done.bytes_done, done.in_flight), (total, 0));
    assert!(done.bytes_present_before < total, "only what occurs twice");

    let mut again = planner(&release, &store);
    while again.look(&store, 100).unwrap() {}
    assert_eq!(again.status(), Status::Done);
    assert_eq!(again.progress().bytes_present_before, total);
    assert_eq!(again.progress().blocks_done, done.blocks_done);
}

#[test]
fn what_is_here_is_not_fetched_again_whatever_was_killed() {
    for seed in 0..30 {
        let mut rng = Rng(seed);
        let (release, all) = sample(seed, 60);
        let store = Store::default();
        let mut received = 0;
        'lives: loop {
            let mut plan = planner(&release, &store);
            plan.add_source(A);
            let mut life = rng.range(1, 120);
            loop {
                let wants = plan.next_wants(A, Budget { ids: 40, ..MUCH }, &store).unwrap();
                if wants.is_empty() && plan.status() == Status::Done {
                    break 'lives;
                }
                for want in wants {
                    if life == 0 {
                        continue 'lives;
                    }
                    life -= 1;
                    received += 1;
                    give(&mut plan, A, &want.id, &all, &store);
                }
            }
        }
        assert_eq!(received, all.len(), "seed {seed}");
        assert_eq!(*store.blocks.borrow(), all, "seed {seed}");
    }
}

#[test]
fn an_update_costs_what_changed() {
    let mut rng = Rng(3);
    let mut files = some_files(&mut rng, 2000);
    let (_, old) = release(1, &[("core", files.clone())]);
    files.insert("3/file-70.bin".into(), vec![b"corrected".to_vec()]);
    let (new, all) = release(2, &[("core", files)]);
    let store = Store::of(&old);
    let mut plan = planner(&new, &store);
    plan.add_source(A);
    let asked = run(&mut plan, &[(A, &all)], &store);
    assert_eq!(plan.status(), Status::Done);
    assert!(asked.len() <= 8, "{} blocks for one changed file", asked.len());
}

#[test]
fn two_sources_never_the_same_block_and_a_lost_one_costs_nothing() {
    let (release, all) = sample(4, 200);
    let store = Store::default();
    let mut plan = planner(&release, &store);
    plan.add_source(A);
    plan.add_source(B);
    run_nodes(&mut plan, &all, &store);
    let (mut of_a, mut of_b) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        let small = Budget { ids: 20, ..MUCH };
        of_a.extend(plan.next_wants(A, small, &store).unwrap());
        let wants = plan.next_wants(B, small, &store).unwrap();
        for Want { id, .. } in &wants {
            assert!(of_a.iter().all(|w| w.id != *id));
            give(&mut plan, B, id, &all, &store);
        }
        of_b.extend(wants);
    }
    assert_eq!(plan.progress().in_flight, of_a.len() as u64);
    assert!(!of_a.is_empty() && !of_b.is_empty());
    plan.remove_source(A);
    assert_eq!(plan.progress().in_flight, 0);
    assert!(plan.next_wants(A, MUCH, &store).unwrap().is_empty(), "it is gone");
    let next = plan.next_wants(B, Budget { ids: 3, ..MUCH }, &store).unwrap();
    assert!(next.iter().all(|w| of_a.iter().any(|a| a.id == w.id)), "what was lost comes first");
    for Want { id, .. } in next {
        give(&mut plan, B, &id, &all, &store);
    }
    run(&mut plan, &[(B, &all)], &store);
    assert_eq!(*store.blocks.borrow(), all);
}

#[test]
fn a_late_answer_of_a_source_that_was_given_up_counts() {
    let (release, all) = sample(13, 30);
    let store = Store::default();
    let mut plan = planner(&release, &store);
    plan.add_source(A);
    plan.add_source(B);
    let late = plan.next_wants(A, MUCH, &store).unwrap();
    plan.remove_source(A);
    assert_eq!(plan.next_wants(B, MUCH, &store).unwrap(), late);
    for Want { id, .. } in &late {
        give(&mut plan, A, id, &all, &store);
    }
    assert_eq!(plan.progress().in_flight, 0);
    let more = plan.next_wants(B, MUCH, &store).unwrap();
    assert!(!more.is_empty(), "it goes on below what came");
    // The answer of the other comes too, and changes nothing.
    for Want { id, .. } in late.iter().chain(&more) {
        give(&mut plan, B, id, &all, &store);
    }
    run(&mut plan, &[(B, &all)], &store);
    assert_eq!((plan.status(), &*store.blocks.borrow()), (Status::Done, &all));
}

#[test]
fn partial_sources_together_have_everything() {
    for seed in 0..20 {
        let mut rng = Rng(seed);
        let (release, all) = sample(seed, 80);
        let (mut one, mut two) = (Blocks::new(), Blocks::new());
        for (id, plain) in &all {
            let which = rng.range(0, 3);
            if which != 1 {
                one.insert(*id, plain.clone());
            }
            if which != 0 {
                two.insert(*id, plain.clone());
            }
        }
        let store = Store::default();
        let mut plan = planner(&release, &store);
        plan.add_source(A);
        plan.add_source(B);
        let asked = run(&mut plan, &[(A, &one), (B, &two)], &store);
        assert_eq!(plan.status(), Status::Done, "seed {seed}");
        assert_eq!(*store.blocks.borrow(), all, "seed {seed}");
        assert!(asked.len() <= 2 * all.len(), "nobody is asked twice, seed {seed}");
    }
}

#[test]
fn stuck_until_a_source_comes_that_has_the_rest() {
    let (release, all) = sample(5, 120);
    let half: Blocks = all.clone().into_iter().filter(|(id, _)| id.hash.0[0] & 1 == 0).collect();
    let mut half = half;
    half.insert(release.parts[0].root, all[&release.parts[0].root].clone());
    let store = Store::default();
    let mut plan = planner(&release, &store);
    assert!(!plan.look(&store, 10).unwrap());
    assert!(matches!(plan.status(), Status::Stuck { .. }), "no source");
    plan.add_source(A);
    assert_eq!(plan.status(), Status::Working);
    run(&mut plan, &[(A, &half)], &store);
    let Status::Stuck { missing } = plan.status() else { panic!("half is missing") };
    assert!(missing > 0);
    assert!(!store.blocks.borrow().is_empty(), "what there is was fetched");
    let before = store.blocks.borrow().len();
    plan.add_source(B);
    assert_eq!(plan.status(), Status::Working);
    let asked = run(&mut plan, &[(A, &half), (B, &all)], &store);
    assert_eq!(plan.status(), Status::Done);
    assert_eq!(*store.blocks.borrow(), all);
    assert!(asked.len() <= 2 * (all.len() - before));
}

fn many_small(count: u32) -> (Release, Blocks) {
    let files: Files =
        (0..count).map(|n| (format!("f/{n}"), vec![n.to_le_bytes().to_vec()])).collect();
    release(1, &[("core", files)])
}

/// More is missing than a plan remembers one by one: it forgets, and finds it again.
#[test]
fn memory_is_bounded_and_nothing_is_lost_by_it() {
    let (release, all) = many_small(12_000);
    let nodes: Blocks =
        all.clone().into_iter().filter(|(id, _)| id.codec == Codec::DagCbor).collect();
    let store = Store::default();
    let mut plan = planner(&release, &store);
    plan.add_source(A);
    let mut most = 0;
    loop {
        let wants = plan.next_wants(A, MUCH, &store).unwrap();
        most = most.max(plan.held());
        if wants.is_empty() && plan.status() != Status::Working {
            break;
        }
        for Want { id, .. } in wants {
            match nodes.contains_key(&id) {
                true => give(&mut plan, A, &id, &nodes, &store),
                false => plan.on_missing(A, &[id]),
            }
        }
    }
    assert_eq!(plan.status(), Status::Stuck { missing: 12_000 });
    assert!(most < 2_048 + 4_096 + 512 + 1_024, "{most} blocks remembered");
    plan.add_source(B);
    run(&mut plan, &[(A, &nodes), (B, &all)], &store);
    assert_eq!(plan.status(), Status::Done);
    assert_eq!(*store.blocks.borrow(), all);
    assert_eq!(plan.progress().blocks_done, 12_000);
}

#[test]
fn budgets_are_kept() {
    let (release, all) = sample(10, 100);
    let store = Store::default();
    let mut plan = planner(&release, &store);
    plan.add_source(A);
    run_nodes(&mut plan, &all, &store);
    let wants = plan.next_wants(A, Budget { ids: 7, bytes: u64::MAX }, &store).unwrap();
    assert_eq!(wants.len(), 7);
    let wants = plan.next_wants(A, Budget { ids: 500, bytes: 20_000 }, &store).unwrap();
    let bytes: u64 = wants.iter().map(|w| w.bytes).sum();
    assert!((20_000..20_000 + 8_192).contains(&bytes), "{bytes}");
    assert!(plan.next_wants(A, Budget { ids: 0, bytes: 9 }, &store).unwrap().is_empty());
    assert!(plan.next_wants(A, Budget { ids: 9, bytes: 0 }, &store).unwrap().is_empty());
}

/// Fetches all that is structure of the tree of core.
fn run_nodes(plan: &mut Planner, all: &Blocks, store: &Store) {
    loop {
        let wants = plan.next_wants(A, Budget { ids: 1, bytes: u64::MAX }, store).unwrap();
        for want in &wants {
            give(plan, A, &want.id, all, store);
        }
        if wants.iter().any(|w| w.id.codec == Codec::Raw) {
            return;
        }
    }
}

#[test]
fn hurry_comes_first_and_only_once() {
    let (release, all) = sample(11, 200);
    let store = Store::default();
    let mut plan = planner(&release, &store);
    plan.add_source(A);
    let page = all.keys().rfind(|id| id.codec == Codec::Raw).copied().unwrap();
    plan.hurry(page, 100);
    plan.hurry(page, 100);
    let wants = plan.next_wants(A, MUCH, &store).unwrap();
    assert_eq!(wants[0], Want { id: page, bytes: 100 });
    for Want { id, .. } in &wants {
        give(&mut plan, A, id, &all, &store);
    }
    // Nobody has it: it is given up, and found again in its place.
    plan.hurry(BlockId::raw(b"nowhere"), 1);
    let asked = run(&mut plan, &[(A, &all)], &store);
    assert!(!asked.contains(&page));
    assert_eq!(plan.status(), Status::Done);
    assert_eq!(wants.len() + asked.len(), all.len() + 1);
}

#[test]
fn an_empty_part_and_a_chosen_part() {
    let mut rng = Rng(12);
    let files = some_files(&mut rng, 30);
    let (release, all) = release(1, &[("core", Files::new()), ("media", files)]);
    let store = Store::default();
    let mut plan = Planner::new(&release, &["core".into()], &store).unwrap();
    plan.add_source(A);
    assert_eq!(run(&mut plan, &[(A, &all)], &store), [release.parts[0].root]);
    assert_eq!(plan.status(), Status::Done);
}

/// WD-7: what is denied is not asked for, and the release is whole without it.
#[test]
fn wd_7_denied_files_are_not_fetched() {
    use yadgar_protocol::withdraw::{Denied, Reason, Withdrawal, item};
    let (release, all) = sample(77, 60);
    let mut entries = Vec::new();
    for part in &release.parts {
        yadgar_protocol::tree::for_each(&all, part, None, &mut |entry| {
            entries.push(entry);
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    }
    let gone: BTreeSet<BlockId> = entries.iter().step_by(3).map(|entry| entry.link()).collect();
    let withdrawal = |id: &BlockId| Withdrawal {
        item: item(&release.archive, id),
        date: "2026-01-01".into(),
        reason: Reason::Error,
        sequence: 1,
    };
    let mut denied = Denied::none(release.archive);
    denied.add(&gone.iter().map(withdrawal).collect::<Vec<_>>());
    let store = Store::default();
    let mut plan = planner(&release, &store).without(denied.clone());
    plan.add_source(A);
    let asked = run(&mut plan, &[(A, &all)], &store);
    assert_eq!(plan.status(), Status::Done);
    assert!(!asked.iter().any(|id| gone.contains(id)));
    assert!(asked.len() < all.len() - gone.len() + 1);
    // A plan without the list finds them missing.
    let mut full = planner(&release, &store);
    full.add_source(A);
    let rest = distinct(&run(&mut full, &[(A, &all)], &store));
    assert!(gone.is_subset(&rest));
}
