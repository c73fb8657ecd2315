//! The commands that are killed and refused at any call, and after which the power is cut.

use crate::power::{Recording, scratch, try_seeds};
use crate::program::{Lab, Program};
use crate::strace;
use crate::sweep::{Workload as _, sweep};

const PUBLISH: Program = Program {
    name: "publish",
    begins: Some("created"),
    args: &["publish", "SITE", "--passphrase-file", "PASS"],
    stays: false,
    release: 1,
    erases: false,
    frees: false,
};
pub const FETCH: Program =
    Program { name: "fetch", begins: None, args: &["fetch", "INVITE"], ..PUBLISH };
const IMPORT: Program =
    Program { name: "import", begins: None, args: &["import", "ONE"], ..PUBLISH };
const NOTICE: Program = Program {
    name: "notice",
    begins: Some("reader"),
    args: &["import", "TWO"],
    release: 2,
    erases: true,
    ..PUBLISH
};
const WITHDRAW: Program = Program {
    name: "withdraw",
    begins: Some("published"),
    args: &[
        "withdraw",
        "records/r00.json",
        "--reason",
        "withheld",
        "--urgent",
        "--passphrase-file",
        "PASS",
    ],
    erases: true,
    ..PUBLISH
};
const MIRROR: Program = Program {
    name: "mirror",
    begins: None,
    // So that it has somebody to remember, and a file of that to write.
    args: &[
        "mirror",
        "--no-lan",
        "--loopback-peers",
        "--yes",
        "--listen",
        "/ip4/127.0.0.1/tcp/0",
        "INVITE",
    ],
    stays: true,
    ..PUBLISH
};
const EXPORT: Program = Program {
    name: "export",
    begins: Some("published"),
    args: &["export", "CAR", "--force"],
    ..PUBLISH
};
const CHECKOUT: Program =
    Program { name: "checkout", begins: Some("published"), args: &["checkout", "OUT"], ..PUBLISH };
const FETCH_OUT: Program =
    Program { name: "fetch-out", args: &["fetch", "INVITE", "--out", "OUT"], ..FETCH };
const GC: Program = Program {
    name: "gc",
    begins: Some("grown"),
    args: &["gc", "--keep-releases", "1"],
    release: 2,
    frees: true,
    ..PUBLISH
};
/// Sweeps, and keeps the lab for as long.
fn shoot(program: &Program, most: usize) {
    let _lab = Lab::get();
    sweep(program, most);
}

#[test]
fn publishing_survives_a_fault_at_any_call() {
    shoot(&PUBLISH, 12);
}

#[test]
fn a_fetch_survives_a_fault_at_any_call() {
    shoot(&FETCH, 12);
}

#[test]
fn an_import_survives_a_fault_at_any_call() {
    shoot(&IMPORT, 12);
}

#[test]
fn taking_a_notice_survives_a_fault_at_any_call() {
    shoot(&NOTICE, 12);
}

#[test]
fn withdrawing_survives_a_fault_at_any_call() {
    shoot(&WITHDRAW, 12);
}

#[test]
fn a_mirror_survives_a_fault_at_any_call() {
    shoot(&MIRROR, 6);
}

#[test]
fn an_export_survives_a_fault_at_any_call() {
    shoot(&EXPORT, 5);
}

#[test]
fn a_checkout_survives_a_fault_at_any_call() {
    shoot(&CHECKOUT, 5);
}

#[test]
fn a_fetch_into_a_folder_survives_a_fault_at_any_call() {
    shoot(&FETCH_OUT, 5);
}

#[test]
fn collecting_garbage_survives_a_fault_at_any_call() {
    shoot(&GC, 5);
}

/// Cuts the power while the program does something, and does it again on what is left.
fn cut(program: &Program, count: u64) {
    if !strace::is_here() {
        return;
    }
    let (_lab, dir) = (Lab::get(), scratch());
    let root = dir.path().join("home");
    program.prepare(&root);
    std::fs::create_dir_all(&root).unwrap();
    let recording = Recording::of(&program.command(&root), &root, &dir.path().join("log"));
    try_seeds(program.name, count, |seed, how| {
        let image = dir.path().join(format!("image-{seed}"));
        let (files, said) = recording.cut(seed);
        crate::power::write(&files, &image);
        // The files of a checkout are synced together at its end; a carrier has its name only when it is synced.
        if !program.args.contains(&"OUT") {
            program.made_whole(&image, how);
        }
        // One line of JSON, when all is done.
        if said.lines().any(|line| line.starts_with('{')) {
            program.holds(&image, how);
        }
        program.again(&image, how);
        std::fs::remove_dir_all(image).unwrap();
    });
}

#[test]
fn publishing_survives_power_cuts() {
    cut(&PUBLISH, 12);
}

#[test]
fn an_import_survives_power_cuts() {
    cut(&IMPORT, 12);
}

#[test]
fn taking_a_notice_survives_power_cuts() {
    cut(&NOTICE, 12);
}

#[test]
fn withdrawing_survives_power_cuts() {
    cut(&WITHDRAW, 12);
}

#[test]
fn an_export_survives_power_cuts() {
    cut(&EXPORT, 3);
}

#[test]
fn a_checkout_survives_power_cuts() {
    cut(&CHECKOUT, 3);
}

#[test]
fn collecting_garbage_survives_power_cuts() {
    cut(&GC, 3);
}
