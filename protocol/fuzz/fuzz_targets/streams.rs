//! Requester and responder against any frames of the other side.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yadgar_protocol::limits::MAX_OUTSTANDING_WANTS;
use yadgar_protocol::sync::{Answer, Ask, FrameReader, Requester, Responder};
use yadgar_protocol::{ArchiveId, BlockId, Hash};

fuzz_target!(|data: &[u8]| {
    let mut reader = FrameReader::new();
    let (mut asker, mut answerer) = (Requester::new(), Responder::new());
    let wanted: Vec<_> = (0..4u8).map(|n| BlockId::raw(&[n])).collect();
    let (alone, together) = wanted.split_at(2);
    asker.want(alone);
    asker.want_bundled(together);
    asker.get_head(ArchiveId(Hash([0; 32])));
    let (mut asker_is_over, mut answerer_is_over) = (false, false);
    let mut rest = data;
    while !rest.is_empty() {
        let taken = reader.feed(rest);
        rest = &rest[taken..];
        let Ok(Some(frame)) = reader.next() else { return };
        if !asker_is_over {
            match asker.on_frame(frame.clone(), &|bytes, _| Some(bytes.repeat(2))) {
                Ok(Answer::Block(block)) => assert!(block.packed.id.matches(block.plain())),
                Ok(Answer::Bundle(blocks)) => {
                    assert!(blocks.iter().all(|block| block.packed.id.matches(block.plain())));
                }
                Ok(_) => {}
                Err(_) => asker_is_over = true,
            }
        }
        if !answerer_is_over {
            answerer_is_over = answerer.on_frame(frame).is_err();
            let mut asked = 0;
            while let Some(ask) = answerer.next() {
                asked += 1;
                match ask {
                    Ask::Bulletin(archive) => drop(answerer.answer_bulletin(archive, None)),
                    Ask::Head(archive) => drop(answerer.answer_head(archive, None)),
                    Ask::Block(id) => drop(answerer.answer_block(id, None)),
                    Ask::Bye => assert!(!answerer.owes()),
                }
            }
            assert!(asked <= MAX_OUTSTANDING_WANTS + 65);
            answerer.flush();
            assert!(!answerer.owes());
        }
    }
});
