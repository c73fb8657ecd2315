//! What the drill prints.

/// Bytes that had to move, at least, and those that did.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moved {
    /// Of blocks that the receivers lacked: each once to each of them.
    pub least: u64,
    /// Of blocks, as the receivers counted them.
    pub blocks: u64,
    /// Of blocks that the receiver had already.
    pub twice: u64,
    /// Of everything that reached their machines, headers and beacons too.
    pub wire: u64,
}

pub fn head() {
    println!(
        "DRILL: | step | island | seconds | kB that were lacking | kB of blocks received | of these twice | ratio | kB on the wire | ratio |"
    );
    println!("DRILL: |---|---|---|---|---|---|---|---|---|");
}

fn ratio(moved: u64, least: u64) -> String {
    if least == 0 { "–".into() } else { format!("{:.3}", moved as f64 / least as f64) }
}

pub fn row(step: &str, island: &str, seconds: f64, moved: Moved) {
    let kb = |bytes: u64| format!("{:.1}", bytes as f64 / 1000.0);
    let Moved { least, blocks, twice, wire } = moved;
    let (of_blocks, of_wire) = (ratio(blocks, least), ratio(wire, least));
    let (least, blocks, twice, wire) = (kb(least), kb(blocks), kb(twice), kb(wire));
    println!(
        "DRILL: | {step} | {island} | {seconds:.1} | {least} | {blocks} | {twice} | {of_blocks} | {wire} | {of_wire} |"
    );
}

/// What came over the border, of which a country without anything needs one copy.
pub fn border(step: &str, least: u64, wire: u64) {
    let kb = |bytes: u64| format!("{:.1}", bytes as f64 / 1000.0);
    let (of_wire, least, wire) = (ratio(wire, least), kb(least), kb(wire));
    println!("DRILL: | {step} | over the border | | {least} | | | | {wire} | {of_wire} |");
}
