//! `yadgar peers`: the other nodes that a mirror remembers.

use super::mirror::PEERS_FILE;
use super::{CliError, Exit, Ui};
use crate::access::Access;
use crate::node::peers;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::Path;

#[derive(Debug, Args)]
pub struct PeersArgs {
    #[command(subcommand)]
    act: Option<PeersAct>,
}

#[derive(Debug, Subcommand)]
enum PeersAct {
    /// Forget all of them; a mirror that is running learns again of those it is connected with
    Forget,
}

pub fn run(ui: &Ui, home: &Path, args: &PeersArgs) -> Result<(), CliError> {
    let access = Access::open(home, "peers")?;
    match args.act {
        None => list(ui, home, &access),
        Some(PeersAct::Forget) => forget(ui, home, &access),
    }
}

fn list(ui: &Ui, home: &Path, access: &Access) -> Result<(), CliError> {
    let running = access.archives.node_status()?.map(|node| node["remembered"].clone());
    let peers = match running {
        Some(Value::Array(peers)) if !peers.is_empty() => peers,
        // None runs, or one that stands behind a website and remembers nobody: then those of before.
        _ => kept(home)?,
    };
    let count = |is: &dyn Fn(&Value) -> bool| peers.iter().filter(|peer| is(peer)).count();
    let proved = count(&|peer| peer["proved"] == true);
    let here = count(&|peer| peer["here"] == true);
    ui.json(&json!({ "count": peers.len(), "proved": proved, "here": here, "peers": peers }));
    if peers.is_empty() {
        ui.say("no other node is remembered here", "هیچ گره‌ی دیگری این‌جا در یاد نیست");
        return Ok(());
    }
    let all = peers.len();
    ui.say(
        format!("{all} other nodes are remembered: {proved} were of use, {here} could be reached from this network"),
        format!("{all} گره‌ی دیگر در یاد است: {proved} تا به کار آمده‌اند، {here} تا از این شبکه در دسترس‌اند"),
    );
    for peer in &peers {
        let line = peer["addresses"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let line = line.collect::<Vec<_>>().join("  ");
        let (en, fa) = match peer["proved"] == true {
            true => ("good", "خوب"),
            false => ("not tried", "نیازموده"),
        };
        ui.say(format!("  {en:9} {line}"), format!("  {fa}  {line}"));
    }
    Ok(())
}

fn kept(home: &Path) -> Result<Vec<Value>, CliError> {
    let file = home.join(PEERS_FILE);
    let kept = peers::kept(&file).map_err(|reject| {
        CliError::new(Exit::Damaged, format!("{}: {reject}", file.display()))
            .advice("a mirror begins anew with it; to be rid of it: yadgar peers forget")
    })?;
    let values = kept.iter().map(serde_json::to_value).collect::<Result<_, _>>();
    values.map_err(|e| CliError::new(Exit::Failed, e.to_string()))
}

fn forget(ui: &Ui, home: &Path, access: &Access) -> Result<(), CliError> {
    let running = access.archives.forget_peers()?;
    if !running {
        let file = home.join(PEERS_FILE);
        peers::forget_kept(&file).map_err(|e| CliError::failed(file.display(), e))?;
    }
    ui.json(&json!({ "forgotten": true, "running": running }));
    ui.say(
        "Forgotten. Flash memory may keep an old copy of the file.",
        "فراموش شد. حافظه‌ی فلش شاید نسخه‌ای کهنه از فایل را نگه دارد.",
    );
    Ok(())
}
