//! beacon.md.

use crate::case::{Case, Outcome, bytes, list, settle, text};
use serde_json::Value;
use std::net::IpAddr;
use yadgar_protocol::beacon::{BeaconKey, Body, Datagram, Kind, Ports};
use yadgar_protocol::{ArchiveId, Hash, Reject};

fn key(hex_id: &str) -> BeaconKey {
    BeaconKey::of(&ArchiveId(Hash(hex::decode(hex_id).unwrap().try_into().unwrap())))
}

/// The address without its zone, which is no part of what is bound.
fn from(input: &Value) -> IpAddr {
    text(input, "from").split('%').next().unwrap().parse().unwrap()
}

/// A beacon to be read or made.
pub fn run(case: &Case) -> Outcome {
    settle(match case.kind {
        "beacon" => read(case.input),
        "make-beacon" => Ok(make(case.input)),
        other => panic!("unknown kind {other}"),
    })
}

fn read(input: &Value) -> Result<Outcome, Reject> {
    let datagram = Datagram::from_bytes(&bytes(input, "hex"))?;
    let said = datagram.open(&key(text(input, "archive")), from(input))?;
    let out = Outcome::good().with("known", said.is_some());
    let Some(body) = said else { return Ok(out) };
    let says = if body.kind == Kind::Ask { "ask" } else { "announce" };
    let out = out.with("says", says).with("node", body.ports.node).with("page", body.ports.page);
    Ok(out.with("echo", hex::encode(body.echo)))
}

fn make(input: &Value) -> Outcome {
    let body = bytes(input, "body");
    let kind = if body[0] == 1 { Kind::Announce } else { Kind::Ask };
    let port = |at: usize| u16::from_be_bytes([body[at], body[at + 1]]);
    let ports = Ports { node: port(1), page: port(3) };
    let body = Body { kind, ports, echo: body[5..].try_into().unwrap() };
    let slots: Vec<_> = list(input, "archives").iter().map(|id| id.as_str().map(key)).collect();
    let random = bytes(input, "random").try_into().unwrap();
    let datagram = Datagram::seal(random, &slots.try_into().ok().unwrap(), &body, from(input));
    Outcome::good().with("hex", hex::encode(datagram.bytes()))
}
