//! The planner when something is wrong: the release, the store, what a source sent.

use super::*;

#[test]
fn a_damaged_release_is_told_from_a_lying_peer() {
    // The part says one file more than its tree has.
    let (mut release, all) = sample(6, 100);
    release.parts[0].files += 1;
    let store = Store::default();
    let mut plan = planner(&release, &store);
    plan.add_source(A);
    let root = release.parts[0].root;
    let wants = plan.next_wants(A, Budget { ids: 1, ..MUCH }, &store).unwrap();
    assert_eq!(wants[0].id, root);
    store.put(root, &all[&root]);
    let error = plan.on_block(A, &root, Came::Plain(&all[&root]), &store).unwrap_err();
    assert!(
        matches!(error, PlanError::Damaged { id, reject } if id == root && reject.clause == "TREE-5")
    );
    // The other part goes on.
    run(&mut plan, &[(A, &all)], &store);
    assert!(plan.part_done("media") && !plan.part_done("core"));
    assert!(matches!(plan.status(), Status::Stuck { .. }));
    // The same when the root is here already.
    let mut plan = planner(&release, &store);
    plan.add_source(A);
    let error = plan.next_wants(A, MUCH, &store).unwrap_err();
    assert!(matches!(error, PlanError::Damaged { id, .. } if id == root));
}

#[test]
fn tree_6_and_chunk_6_lengths_of_blocks() {
    use yadgar_protocol::chunk::{Chunk, build_list};
    use yadgar_protocol::tree::{Content, Entry, build};
    use yadgar_protocol::{Hash, Path};
    let block = |n: u32| BlockId::raw(&n.to_le_bytes());
    let list =
        build_list(&[Chunk { id: block(1), bytes: 40_000 }, Chunk { id: block(2), bytes: 40_000 }]);
    let listed = Content::List { root: list.root, hash: Hash::of(b"") };
    for (clause, size, content) in
        [("TREE-6", 5, Content::Block(block(1))), ("CHUNK-6", 80_000, listed)]
    {
        let tree = build(&[Entry::new(Path::new("a").unwrap(), size, content)]).unwrap();
        let (mut release, _) = many_small(1);
        release.parts[0].root = tree.root;
        (release.parts[0].files, release.parts[0].bytes) = (tree.files, tree.bytes);
        let store = Store::default();
        store.blocks.borrow_mut().extend(tree.nodes);
        store.blocks.borrow_mut().extend(list.nodes.clone());
        let mut plan = planner(&release, &store);
        plan.add_source(A);
        let wants = plan.next_wants(A, MUCH, &store).unwrap();
        assert_eq!(wants[0].id, block(1));
        store.put(block(1), &1u32.to_le_bytes());
        let error =
            plan.on_block(A, &block(1), Came::Plain(&1u32.to_le_bytes()), &store).unwrap_err();
        assert!(matches!(error, PlanError::Damaged { reject, .. } if reject.clause == clause));
    }
}

/// A failing store loses nothing, wherever it fails.
#[test]
fn store_failures_can_be_tried_again() {
    let (release, all) = sample(7, 40);
    for seed in 0..40 {
        let mut rng = Rng(seed);
        let store = Store::default();
        let mut plan = planner(&release, &store);
        plan.add_source(A);
        let (mut answers, mut errors, mut received) = (Vec::new(), 0, 0);
        while plan.status() != Status::Done {
            store.fails_in.set(Some(rng.range(0, 60)));
            match plan.next_wants(A, Budget { ids: 30, ..MUCH }, &store) {
                Ok(wants) => answers.extend(wants.into_iter().map(|w| w.id)),
                Err(PlanError::Local(_)) => errors += 1,
                Err(other) => panic!("{other}"),
            }
            for id in std::mem::take(&mut answers) {
                store.put(id, &all[&id]);
                store.fails_in.set(Some(rng.range(0, 5)));
                match plan.on_block(A, &id, Came::Plain(&all[&id]), &store) {
                    Ok(()) => received += 1,
                    Err(_) => {
                        errors += 1;
                        answers.push(id);
                    }
                }
            }
        }
        assert!(errors > 0, "seed {seed}");
        assert_eq!((received, &*store.blocks.borrow()), (all.len(), &all), "seed {seed}");
    }
}

#[test]
fn a_rotten_node_is_fetched_again() {
    let (release, all) = sample(8, 200);
    for id in all.keys().filter(|id| id.codec == Codec::DagCbor) {
        let store = Store::of(&all);
        store.rotten.borrow_mut().push(*id);
        let mut plan = planner(&release, &store);
        plan.add_source(A);
        assert_eq!(run(&mut plan, &[(A, &all)], &store), [*id]);
        assert_eq!(plan.status(), Status::Done);
    }
}

/// A store that does not keep a block (full, or the block is withdrawn) is no reason to ask in a circle.
#[test]
fn a_block_that_is_not_kept_is_asked_once_of_each() {
    let (release, all) = sample(9, 50);
    let store = Store::default();
    let mut plan = planner(&release, &store);
    plan.add_source(A);
    let refused = all.keys().find(|id| id.codec == Codec::Raw).copied().unwrap();
    let mut times = 0;
    loop {
        let wants = plan.next_wants(A, MUCH, &store).unwrap();
        if wants.is_empty() && plan.status() != Status::Working {
            break;
        }
        for Want { id, .. } in wants {
            if id == refused {
                times += 1;
                plan.on_block(A, &id, Came::Plain(&all[&id]), &store).unwrap();
            } else {
                give(&mut plan, A, &id, &all, &store);
            }
        }
    }
    assert_eq!((times, plan.status()), (1, Status::Stuck { missing: 1 }));
}
