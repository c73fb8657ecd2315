//! withdraw.md: items, notices, the bounds of a ledger.

use crate::case::{Case, Outcome, bytes, list, settle};
use crate::formula::given;
use crate::trust::archive_of;
use serde_json::Value;
use yadgar_protocol::envelope::Envelope;
use yadgar_protocol::ledger::{Ledger, Loss};
use yadgar_protocol::limits::MAX_HEAD_BYTES;
use yadgar_protocol::notice::check_notice;
use yadgar_protocol::trust::check_head;
use yadgar_protocol::{BlockId, Reject, cbor, withdraw};

/// Names of withdrawn content, and signed notices.
pub fn run(case: &Case) -> Outcome {
    match case.kind {
        "withdrawn-item" => settle(item(case)),
        "notice" => settle(notice(case)),
        other => panic!("unknown kind {other}"),
    }
}

fn item(case: &Case) -> Result<Outcome, Reject> {
    let id = BlockId::from_bytes(&bytes(case.input, "id"))?;
    Ok(Outcome::good().with("item", withdraw::item(&archive_of(case), &id).to_hex()))
}

fn notice(case: &Case) -> Result<Outcome, Reject> {
    let archive = archive_of(case);
    let head = check_head(&archive, &bytes(case.input, "head")).expect("a good head");
    let envelope: Envelope = cbor::decode(&given(case.input), MAX_HEAD_BYTES)?;
    let notice = check_notice(&archive, head.trust_root(), head.release.sequence, &envelope)?;
    let items: Vec<_> = notice.withdrawn.iter().map(|w| w.item.to_hex()).collect();
    Ok(Outcome::good().with("items", items))
}

/// Acts one after the other; one that is held changes nothing.
pub fn ledger(case: &Case) -> Outcome {
    assert_eq!(case.kind, "ledger");
    let mut ledger = Ledger::new(loss(&case.input["had"]));
    let mut honoured = Vec::new();
    for act in list(case.input, "acts") {
        let next = match act.get("release") {
            Some(of) => ledger.release(at(of, 0), at(of, 1), at(of, 2)),
            None => ledger.withdraw(loss(&act["withdraw"])),
        };
        honoured.push(next.is_some());
        ledger = next.unwrap_or(ledger);
    }
    let spent = vec![ledger.spent.records, ledger.spent.files];
    Outcome::good().with("honoured", honoured).with("spent", spent)
}

fn loss(value: &Value) -> Loss {
    Loss { records: at(value, 0), files: at(value, 1) }
}

fn at(value: &Value, index: usize) -> u64 {
    value[index].as_u64().unwrap()
}
