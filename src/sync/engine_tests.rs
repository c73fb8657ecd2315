use super::*;
use crate::store::MemoryStore;
use std::collections::BTreeSet;
use yadgar_protocol::sync::Answer;

#[allow(clippy::duplicate_mod)] // the reader tests use it too, and neither module knows the other
#[path = "../../tests/common/sample.rs"]
mod sample;

const A: SourceId = SourceId(1);
const B: SourceId = SourceId(2);

fn up(engine: &mut Engine, source: SourceId) -> mpsc::Receiver<Vec<BlockId>> {
    let (wants, orders) = mpsc::channel(4);
    engine.on_event(Event::Up { source, peer: PeerId::random(), wants });
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
    let asked: BTreeSet<_> = a.try_recv().unwrap().into_iter().collect();
    assert_eq!(asked, roots.iter().copied().collect());
    missing(&mut engine, A, &roots);
    // The other lacks one too, and owes the answer about the other: there is work under way.
    let mut b = up(&mut engine, B);
    engine.ask().unwrap();
    assert_eq!(b.try_recv().unwrap().len(), 2);
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
    assert_eq!(a.try_recv().unwrap(), roots[..1], "and what is under way is not asked twice");
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
