use super::*;
use crate::access::local::Local;
use crate::access::server::{self, NodeSide, Served};
use crate::carrier::lab::{Lab, noise};
use crate::store::BlockStore;
use crate::store::acts::NoticeVerdict;
use std::path::Path;
use std::time::Duration;
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::Packed;

struct Quiet;

impl NodeSide for Quiet {
    fn status(&self) -> serde_json::Value {
        serde_json::json!(null)
    }
    fn changed(&self, _: &ArchiveId) {}
    fn stop(&self) {}
}

fn lab() -> Lab {
    let names: Vec<String> = (0..40).map(|n| format!("records/{n:03}.json")).collect();
    let files: Vec<_> =
        names.iter().enumerate().map(|(n, name)| (name.as_str(), noise(50, n as u64))).collect();
    let mut lab = Lab::new(1);
    lab.publish(&[("core", &files)]);
    lab
}

/// A home that has all of the lab's release and shows it.
fn home(dir: &Path, lab: &Lab) -> Local {
    let local = Local::open(dir, None).unwrap();
    lab.store
        .all_ids(&mut |id| {
            local.store.put(vec![lab.store.get_packed(id).unwrap().unwrap()]).unwrap();
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    local.adopt(&lab.archive, &lab.head().bytes).unwrap();
    local.mark_complete(&lab.archive, &lab.head().bytes).unwrap();
    local
}

/// A command's way into the home, beside a node that holds it.
fn beside(dir: &Path, local: &Local) -> Arc<dyn Archives> {
    let path = dir.join("control.sock");
    let archives: Arc<dyn Archives> = Arc::new(local.clone());
    let served = Served { store: local.store.clone(), archives, node: Arc::new(Quiet) };
    server::run(server::bind(&path).unwrap(), Arc::new(served));
    Arc::new(crate::access::client::Client::connect(&path).unwrap())
}

fn block(lab: &Lab, id: &BlockId) -> Vec<Packed> {
    vec![lab.store.get_packed(id).unwrap().unwrap()]
}

/// The node hears of a withdrawal after the command asked what is denied.
#[test]
fn wd_7_what_a_command_beside_a_node_brings_back_goes_again() {
    let (dir, lab) = (tempfile::tempdir().unwrap(), lab());
    let local = home(dir.path(), &lab);
    let archives = beside(dir.path(), &local);
    let gone = lab.link("records/003.json");
    let writing = Writing::begin(&archives, lab.archive).unwrap();
    assert!(archives.denied(&lab.archive).unwrap().is_empty());
    let verdict = local.take_notice(&lab.archive, &lab.notice(&[gone])).unwrap();
    assert_eq!(verdict, NoticeVerdict::Taken);
    assert!(!local.store.has(&gone).unwrap());
    local.store.put(block(&lab, &gone)).unwrap();
    // A fetch of the node's own that ends meanwhile must not count for the command.
    crate::store::acts::sweep_if_due(&local.states, &*local.store, &lab.archive).unwrap();
    local.store.put(block(&lab, &gone)).unwrap();
    writing.finish().unwrap();
    assert!(!local.store.has(&gone).unwrap());
}

/// The command is killed: the node ends the writing when the connection ends.
#[test]
fn wd_7_what_a_killed_command_brought_back_goes_too() {
    let (dir, lab) = (tempfile::tempdir().unwrap(), lab());
    let local = home(dir.path(), &lab);
    let archives = beside(dir.path(), &local);
    let gone = lab.link("records/003.json");
    archives.begin_writing(&lab.archive).unwrap();
    local.take_notice(&lab.archive, &lab.notice(&[gone])).unwrap();
    local.store.put(block(&lab, &gone)).unwrap();
    drop(archives);
    for _ in 0..6000 {
        if !local.store.has(&gone).unwrap() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("it is still here");
}

/// The process itself ends: the sweep was due on the disk before the first block was put.
#[test]
fn wd_7_a_sweep_is_due_durably_before_the_first_block() {
    let (dir, lab) = (tempfile::tempdir().unwrap(), lab());
    let local = home(dir.path(), &lab);
    let gone = lab.link("records/003.json");
    local.take_notice(&lab.archive, &lab.notice(&[gone])).unwrap();
    let writer = local.begin_writing(&lab.archive).unwrap();
    // As publish does with a folder that still has the file.
    local.store.put(block(&lab, &gone)).unwrap();
    local.store.flush().unwrap();
    std::mem::forget(writer);
    drop(local);
    let local = Local::open(dir.path(), None).unwrap();
    assert!(!local.store.has(&gone).unwrap());
}
