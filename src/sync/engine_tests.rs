use super::*;
use crate::store::MemoryStore;
use std::collections::BTreeSet;
use yadgar_protocol::sync::{Answer, Received};

#[allow(clippy::duplicate_mod)] // the reader tests use it too, and neither module knows the other
#[path = "../../tests/common/sample.rs"]
mod sample;

const A: SourceId = SourceId(1);
const B: SourceId = SourceId(2);

fn up(engine: &mut Engine, source: SourceId) -> mpsc::Receiver<Wants> {
    let (wants, orders) = mpsc::channel(4);
    engine.on_event(Event::Up { source, giver: Giver::Host(0), wants });
    orders
}

fn missing(engine: &mut Engine, source: SourceId, ids: &[BlockId]) {
    let answers = vec![Answer::Missing(ids.to_vec())];
    engine.take(vec![Event::Answers(source, answers)]).unwrap();
}

#[test]
fn a_source_that_fills_up_is_asked_again_while_others_are_busy() {
    let file = |name: &str| (name.to_owned(), name.repeat(100).into_bytes());
    let parts = [("core", vec![file("a.txt")]), ("media", vec![file("b.txt")])];
    let sample = sample::Sample::new("again", 1, &parts);
    let roots: Vec<_> = sample.accepted.release.parts.iter().map(|part| part.root).collect();
    let (store, timing) = (Arc::new(MemoryStore::new()), Timing::default());
    let names = ["core".to_owned(), "media".to_owned()];
    let mut engine = Engine::new(
        &sample.accepted,
        &names,
        &Denied::none(sample.accepted.release.archive),
        store,
        timing,
        None,
    )
    .unwrap();
    let mut a = up(&mut engine, A);
    engine.ask().unwrap();
    let asked: BTreeSet<_> = a.try_recv().unwrap().ids.into_iter().collect();
    assert_eq!(asked, roots.iter().copied().collect());
    missing(&mut engine, A, &roots);
    // The other lacks one too, and owes the answer about the other: there is work under way.
    let mut b = up(&mut engine, B);
    engine.ask().unwrap();
    assert_eq!(b.try_recv().unwrap().ids.len(), 2);
    missing(&mut engine, B, &roots[..1]);
    engine.ask().unwrap();
    assert_eq!(engine.planner.status(), Status::Working);
    let start = engine.asked_again;
    let first = timing.ask_again / FIRST_AGAIN;
    engine.refresh(start + first - Duration::from_millis(1));
    engine.ask().unwrap();
    assert!(a.try_recv().is_err(), "too early");
    engine.refresh(start + first);
    engine.ask().unwrap();
    assert_eq!(a.try_recv().unwrap().ids, roots[..1], "and what is under way is not asked twice");
    // Then less and less often.
    let mut at = start + first;
    for factor in [2, 4, 8, 16, 16] {
        at += first * factor;
        engine.refresh(at - Duration::from_millis(1));
        assert_ne!(engine.asked_again, at);
        engine.refresh(at);
        assert_eq!(engine.asked_again, at);
    }
}

#[test]
fn peers_that_have_nothing_make_room_for_those_that_wait() {
    let (engine, blocks, _hurry) = with_many_blocks(0);
    let others = Arc::new(AtomicUsize::new(0));
    let mut engine = engine.beside(others.clone());
    let mut at = engine.asked_again;
    let peer = |engine: &mut Engine, source: SourceId| {
        let (wants, orders) = mpsc::channel(4);
        let giver = crate::net::PeerId::random().into();
        engine.on_event(Event::Up { source, giver, wants });
        orders
    };
    let mut round = |engine: &mut Engine, waiting: usize| {
        others.store(waiting, Relaxed);
        at += engine.again;
        engine.refresh(at);
        engine.sources.keys().copied().collect::<Vec<_>>()
    };
    engine.hurrying.last = None;
    let all = [A, B, SourceId(3), SourceId(4)];
    let mut orders: Vec<_> = all[..3].iter().map(|id| peer(&mut engine, *id)).collect();
    // The last one is a host, which somebody named.
    orders.push(up(&mut engine, all[3]));
    engine.ask().unwrap();
    let asked: Vec<_> = orders.iter_mut().map(|o| o.try_recv().unwrap().ids).collect();
    assert!(asked.iter().all(|ids| !ids.is_empty()));
    // One gives something, one lacks one and owes the others, the others lack all that they were asked for.
    let give = |engine: &mut Engine, source: SourceId, id: BlockId| {
        let number = blocks.iter().position(|block| *block == id).unwrap() as u8;
        let packed = Packed::plain(id.codec, vec![number; 60_000]);
        let received = Received::check(packed, &crate::store::pack::inflate).unwrap();
        engine.take(vec![Event::Answers(source, vec![Answer::Block(received)])]).unwrap();
    };
    give(&mut engine, A, asked[0][0]);
    missing(&mut engine, B, &asked[1][..1]);
    for n in [2, 3] {
        missing(&mut engine, all[n], &asked[n]);
    }
    assert_eq!(round(&mut engine, 0), all, "nobody waits");
    engine.ask().unwrap();
    for n in [2, 3] {
        let asked = orders[n].try_recv().unwrap().ids;
        missing(&mut engine, all[n], &asked);
    }
    assert_eq!(round(&mut engine, 9), [A, B, all[3]]);
    assert!(orders[2].try_recv().is_err() && orders[2].is_closed(), "its stream ends");
    assert_eq!(round(&mut engine, 9), [A, B, all[3]], "who was not asked meanwhile stays");
    // In a long fetch who gives least goes, a little as it may give.
    while engine.again < engine.timing.ask_again {
        assert_eq!(round(&mut engine, 0), [A, B, all[3]]);
    }
    give(&mut engine, B, asked[1][0]);
    assert_eq!(round(&mut engine, 0), [A, B, all[3]]);
    give(&mut engine, B, asked[1][1]);
    assert_eq!(round(&mut engine, 1), [B, all[3]]);
    assert_eq!(round(&mut engine, 1), [all[3]]);
    assert_eq!(round(&mut engine, 1), [all[3]], "not a host");
}

/// An engine that has its tree nodes, and its files' blocks in order.
fn with_many_blocks(denied: usize) -> (Engine, Vec<BlockId>, mpsc::Sender<(BlockId, u64)>) {
    let files = (0..60u8).map(|n| (format!("{n:02}.bin"), vec![n; 60_000])).collect::<Vec<_>>();
    let blocks: Vec<_> = files.iter().map(|(_, bytes)| BlockId::raw(bytes)).collect();
    let sample = sample::Sample::new("hurried", 1, &[("core", files)]);
    let archive = sample.accepted.release.archive;
    let store = Arc::new(MemoryStore::new());
    let nodes = sample.blocks.iter().filter(|(id, _)| id.codec == yadgar_protocol::Codec::DagCbor);
    store.put(nodes.map(|(id, data)| Packed::plain(id.codec, data.clone())).collect()).unwrap();
    let gone =
        sample::Sample::withdrawing(&sample.accepted, &[("core", vec![])], &blocks[..denied]);
    let mut denied = Denied::none(archive);
    denied.add(&gone.accepted.release.withdrawn);
    let timing = Timing::default();
    let (hurry, queue) = mpsc::channel(64);
    let engine =
        Engine::new(&sample.accepted, &["core".into()], &denied, store, timing, None).unwrap();
    (engine.hurried_by(Some(queue)), blocks, hurry)
}

#[test]
fn what_is_hurried_is_asked_beyond_a_full_window_and_nothing_else_meanwhile() {
    let (mut engine, blocks, hurry) = with_many_blocks(1);
    let mut a = up(&mut engine, A);
    let start = engine.started;
    engine.ask().unwrap();
    assert!(a.try_recv().is_err(), "the first page is waited for");
    engine.hurrying.last = None;
    engine.ask().unwrap();
    let asked = a.try_recv().unwrap().ids;
    assert!(asked.len() < 10 && !asked.contains(&blocks[50]), "a window is full");
    let room = engine.sources[&A].window.room();
    engine.ask().unwrap();
    assert!(room == 0 && a.try_recv().is_err());

    // Those that somebody waits for go beyond it: once, and not the one that was withdrawn.
    for id in [50, 51, 0, 50].map(|n: usize| blocks[n]) {
        hurry.try_send((id, 60_000)).unwrap();
    }
    engine.hurry(None, start);
    engine.ask().unwrap();
    assert_eq!(a.try_recv().unwrap().ids, [blocks[50], blocks[51]]);
    engine.ask().unwrap();
    assert!(a.try_recv().is_err());

    // And not without end.
    for id in &blocks[25..50] {
        hurry.try_send((*id, 60_000)).unwrap();
    }
    engine.hurry(None, start);
    engine.ask().unwrap();
    let more = a.try_recv().unwrap().ids;
    assert!((10..25).contains(&more.len()), "{}", more.len());

    // A source that dies owes nothing: whoever comes next is asked for the same, first.
    engine.on_event(Event::Down(A));
    let mut b = up(&mut engine, B);
    engine.hurrying.last = Some(Instant::now());
    engine.ask().unwrap();
    let first = b.try_recv().unwrap().ids;
    assert!(first.contains(&blocks[50]) && first.contains(&blocks[25]));
    assert!(!first.contains(&blocks[5]), "what nobody waits for is held back");
    assert!(
        engine.hurrying.holds(Instant::now())
            && !engine.hurrying.holds(Instant::now() + Duration::from_secs(2))
    );
}
