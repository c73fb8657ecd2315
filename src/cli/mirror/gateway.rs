//! `yadgar mirror --gateway`: blocks for IPFS clients over HTTP.

use crate::access::local::Local;
use crate::cli::route::Chosen;
use crate::cli::ui::size;
use crate::cli::{CliError, Exit, Ui};
use crate::gateway::limits::Bounds;
use crate::gateway::{Gateway, GatewayConfig};
use crate::net::{NetConfig, machine};
use crate::node::Archives;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;

/// Tells how much is asked of it.
pub type Told = Box<dyn Fn() -> Value + Send + Sync>;

/// Behind a proxy nobody is to come in by another way.
pub fn refuse_past_proxy(at: Option<SocketAddr>, chosen: &Chosen) -> Result<(), CliError> {
    let Some(open) = at.filter(|at| chosen.proxy.is_some() && !at.ip().is_loopback()) else {
        return Ok(());
    };
    let what = format!("the gateway would listen on {open}, past the proxy");
    Err(CliError::new(Exit::Usage, what)
        .advice("with --proxy let it listen on this machine only: --gateway 127.0.0.1:8080"))
}

/// Starts it where it is asked for.
pub async fn start(
    ui: &Ui,
    local: &Local,
    net: &NetConfig,
    at: Option<SocketAddr>,
) -> Result<Option<Gateway>, CliError> {
    let Some(listen) = at else { return Ok(None) };
    let config = GatewayConfig {
        listen,
        store: local.store.clone(),
        tell: Arc::new(Archives(local.states.clone())),
        up: net.paces.as_ref().and_then(|paces| paces.up.clone()),
        volume: net.volume.clone(),
        bounds: machine::memory().map_or(Bounds::MOST, Bounds::for_memory),
    };
    let gateway = Gateway::start(config).await.map_err(|error| {
        CliError::new(Exit::Failed, format!("the gateway cannot listen on {listen}: {error}"))
            .advice("choose another address with --gateway IP:PORT")
    })?;
    let at = gateway.address();
    ui.say(format!("gateway http://{at}/ipfs/"), format!("دروازه http://{at}/ipfs/"));
    ui.json(&json!({ "event": "gateway", "address": at.to_string() }));
    if !at.ip().is_loopback() {
        ui.warn(
            "the gateway speaks plain HTTP: everybody on the way sees which blocks are asked for. Put it behind a web server with TLS",
            "دروازه HTTP ساده است: هر که در راه باشد می‌بیند چه بلوک‌هایی خواسته می‌شود. آن را پشت یک وب‌سرور با TLS بگذارید",
        );
    }
    Ok(Some(gateway))
}

/// What tells how much is asked of it.
pub fn load(gateway: &Gateway) -> Told {
    let (at, load) = (gateway.address().to_string(), gateway.load());
    Box::new(move || {
        let mut told = json!(load());
        told["address"] = json!(at);
        told
    })
}

/// Says how much is asked of it.
pub fn say(ui: &Ui, gateway: &Value) {
    let Some(at) = gateway["address"].as_str() else { return };
    let number = |key: &str| gateway[key].as_u64().unwrap_or(0);
    let (now, most, bytes) = (number("connections"), number("connections_most"), number("bytes"));
    let (blocks, bytes) = (number("blocks"), size(bytes));
    ui.say(
        format!("  gateway http://{at}/ipfs/: {now} of at most {most} connections; sent {blocks} blocks, {bytes}"),
        format!("  دروازه http://{at}/ipfs/: {now} اتصال (حداکثر {most})؛ {blocks} بلوک فرستاد، {bytes}"),
    );
}
