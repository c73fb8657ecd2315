//! `yadgar` without a command: the first screen, in the browser.

mod export;
mod held;
mod keeper;
mod meet;
mod news;
mod orders;
mod peek;
mod reach;
mod sharing;
mod take;

use super::open::browser;
use super::{CliError, Exit, Lang, Ui, no_dump};
use crate::access::unlock::{self, Passphrase};
use crate::panel::{Panel, PanelConfig, limits, serve};
use keeper::Keeper;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// The passphrase that was typed into the page, until the home is opened with it.
static TYPED: Mutex<Option<Passphrase>> = Mutex::new(None);

/// Hands a typed passphrase to whoever opens the home next.
fn typed(passphrase: Option<Passphrase>) {
    *TYPED.lock().unwrap_or_else(PoisonError::into_inner) = passphrase;
}

pub fn run(ui: &Ui, home: Option<PathBuf>) -> Result<(), CliError> {
    no_dump::forbid();
    unlock::set(|_| {
        let typed = TYPED.lock().unwrap_or_else(PoisonError::into_inner).take();
        typed.ok_or_else(|| "no passphrase was typed".to_owned())
    });
    let runtime = super::runtime()?;
    let done = runtime.block_on(show(ui, home));
    // What is still under way ends with the process.
    runtime.shutdown_background();
    done
}

async fn show(ui: &Ui, home: Option<PathBuf>) -> Result<(), CliError> {
    let name = meet::name(home.as_deref());
    if let Some(address) = meet::ask(&name).await {
        ui.note("It is open already.", "از پیش باز است.");
        say(ui, &address);
        return Ok(());
    }
    let closing = CancellationToken::new();
    let keeper = Keeper::new(home, ui.lang, closing.clone());
    let opening = keeper.clone();
    let opened = tokio::task::spawn_blocking(move || opening.begin()).await;
    if let Ok(Err(e)) = opened {
        // The page opens all the same, and keeps nothing.
        ui.error(&e);
    }
    let lang = match ui.lang {
        Lang::Fa => crate::reader::Lang::Fa,
        Lang::En => crate::reader::Lang::En,
    };
    let asked = super::stopped();
    let stop = CancellationToken::new();
    let failed = |e| CliError::failed("the page cannot be served", e);
    let Panel { at, tokens, task } =
        serve(PanelConfig { lang }, keeper.clone(), stop.clone()).await.map_err(failed)?;
    let start = move || crate::panel::start_address(at, &tokens).ok();
    let address =
        start().ok_or_else(|| CliError::new(Exit::Failed, "the system gives no random bytes"))?;
    say(ui, &address);
    let meeting = tokio::spawn(meet::answer(name, start));
    tokio::select! {
        () = asked => {}
        () = closing.cancelled() => tokio::time::sleep(limits::LAST_ANSWER).await,
    }
    meeting.abort();
    stop.cancel();
    // Guests, readers and neighbours are not left with half of something.
    let ending = tokio::task::spawn_blocking(move || keeper.end());
    let _ = tokio::time::timeout(limits::LAST_ANSWER, ending).await;
    let _ = tokio::time::timeout(limits::LAST_ANSWER, task).await;
    Ok(())
}

/// Opens the page, and says where it is for who sees no browser. The address works once: what stands in this window
/// later is of no use to anybody.
fn say(ui: &Ui, address: &str) {
    ui.json(&serde_json::json!({ "event": "panel", "url": address }));
    ui.say(
        format!("The page opens in your browser. If it does not, open this there (it works once): {address}\nThis window stays open; to end, press “Close” on the page, or Ctrl-C here."),
        format!("صفحه در مرورگر باز می‌شود. اگر نشد، این نشانی را در مرورگر باز کنید (تنها یک بار کار می‌کند): {address}\nاین پنجره باز می‌ماند؛ برای پایان، در صفحه «بستن» را بزنید یا این‌جا Ctrl-C."),
    );
    browser(address);
}
