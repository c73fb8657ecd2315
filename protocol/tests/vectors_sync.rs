//! The sync vectors that need no zstd, against frames and the requester. (Those with zstd are for
//! a program that has one.)

use serde_json::Value;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::sync::frame::LENGTH_BYTES;
use yadgar_protocol::sync::{Frame, Received, Requester, Responder};
use yadgar_protocol::{BlockId, Codec, Reject};

fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn block(n: u64) -> Packed {
    Packed::plain(Codec::Raw, (n as u32).to_be_bytes().to_vec())
}

fn ids(event: &Value) -> Vec<BlockId> {
    let first = event["first"].as_u64().unwrap();
    (first..first + event["count"].as_u64().unwrap()).map(|n| block(n).id).collect()
}

fn bytes(input: &Value) -> Vec<u8> {
    let piece = |piece: &Value| match piece {
        _ if piece["hex"].is_string() => hex::decode(piece["hex"].as_str().unwrap()).unwrap(),
        _ if piece["repeat"].is_string() => {
            let unit = hex::decode(piece["repeat"].as_str().unwrap()).unwrap();
            unit.repeat(piece["times"].as_u64().unwrap() as usize)
        }
        _ => {
            let count = piece["raw_ids"].as_u64().unwrap();
            (0..count).flat_map(|n| block(n).id.to_bytes()).collect()
        }
    };
    match input["data"].as_array() {
        Some(pieces) => pieces.iter().flat_map(piece).collect(),
        None => piece(input),
    }
}

/// What a reader does that gets exactly these bytes, the hash of a block included.
fn read(input: &[u8]) -> Result<Frame, Reject> {
    let short = Reject::new("SYNC-6", "cut off");
    let (field, body) = input.split_first_chunk::<LENGTH_BYTES>().ok_or(short.clone())?;
    if Frame::length(*field)? != body.len() {
        return Err(short);
    }
    let frame = Frame::decode(body)?;
    if let Frame::Block(packed) = &frame {
        Received::check(packed.clone(), &|_, _| None)?;
    }
    Ok(frame)
}

#[test]
fn frames() {
    let all = cases(include_str!("../vectors/sync/frames.json"));
    assert!(all.len() > 50);
    for case in all {
        let (name, input) = (&case["name"], bytes(&case["input"]));
        match read(&input) {
            Ok(frame) => {
                assert_eq!(case["expect"], "accept", "{name}");
                let (kind, count) = match &frame {
                    Frame::GetHead(_) => ("get-head", 0),
                    Frame::Head(_, head) => ("head", head.as_ref().map_or(0, Vec::len)),
                    Frame::Want(ids) => ("want", ids.len()),
                    Frame::Block(packed) => ("block", packed.data.len()),
                    Frame::Missing(ids) => ("missing", ids.len()),
                    Frame::Bye => ("bye", 0),
                };
                assert_eq!(case["frame"], kind, "{name}");
                for field in ["head_bytes", "ids", "data_bytes"] {
                    assert!(case[field].is_null() || case[field] == count, "{name}");
                }
                let mut again = Vec::new();
                frame.encode(&mut again);
                assert_eq!(again, input, "{name}");
            }
            Err(reject) => {
                assert_eq!(case["expect"], "reject", "{name}: {reject}");
                assert_eq!(case["error"], reject.clause, "{name}");
            }
        }
    }
}

/// A session as the two machines see it: wants reach the responder, answers the requester.
fn session(events: &[Value]) -> Result<usize, Reject> {
    let (mut asker, mut answerer) = (Requester::new(), Responder::new());
    for event in events {
        match event["do"].as_str().unwrap() {
            "want" => {
                let wanted = ids(event);
                asker.want(&wanted);
                answerer.on_frame(Frame::Want(wanted))?;
                while answerer.next().is_some() {}
            }
            "block" => {
                for id in ids(event) {
                    let n = u64::from(event["first"].as_u64().unwrap() as u32);
                    let packed = (n..).map(block).find(|packed| packed.id == id).unwrap();
                    answerer.answer_block(id, Some(packed.clone()));
                    asker.on_frame(Frame::Block(packed), &|_, _| None)?;
                }
            }
            "missing" => {
                ids(event).iter().for_each(|id| drop(answerer.answer_block(*id, None)));
                answerer.flush();
                asker.on_frame(Frame::Missing(ids(event)), &|_, _| None)?;
            }
            "bye" => {
                asker.bye();
                asker.on_frame(Frame::Bye, &|_, _| None)?;
            }
            other => panic!("{other}"),
        }
    }
    Ok(asker.outstanding().count())
}

#[test]
fn sessions() {
    let all = cases(include_str!("../vectors/sync/session.json"));
    assert!(all.len() > 10);
    for case in all {
        let events = case["input"]["events"].as_array().unwrap();
        match session(events) {
            Ok(open) => assert_eq!(case["unanswered"], open, "{}", case["name"]),
            Err(reject) => assert_eq!(case["error"], reject.clause, "{}", case["name"]),
        }
    }
}
