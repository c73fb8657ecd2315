//! What a running mirror says of what happens.

use crate::access::Access;
use crate::cli::ui::size;
use crate::cli::{Ui, web};
use crate::node::mirror::News;
use serde_json::json;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use yadgar_protocol::ArchiveId;

/// The archive's name, or its id while no release is known.
fn title(access: &Access, archive: &ArchiveId) -> String {
    let head = access.trusted(archive).ok().flatten();
    head.map_or_else(|| archive.to_string(), |head| head.name().to_owned())
}

/// Tells it as long as the node runs.
pub async fn all(ui: &Ui, access: &Access, mut news: broadcast::Receiver<News>) {
    loop {
        match news.recv().await {
            Ok(item) => tell(ui, access, &item),
            // Only lines for the screen were lost.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

fn tell(ui: &Ui, access: &Access, news: &News) {
    match news {
        News::Listening(address) => {
            let line = format!("listening {address}");
            ui.say(&line, &line);
            ui.json(&json!({ "event": "listening", "address": address.to_string() }));
        }
        News::Accepted { archive, sequence } => {
            let name = title(access, archive);
            ui.say(
                format!("{name}: release {sequence} accepted, fetching"),
                format!("{name}: نسخه‌ی {sequence} پذیرفته شد، در حال دریافت"),
            );
            let archive = archive.to_string();
            ui.json(&json!({ "event": "accepted", "archive": archive, "sequence": sequence }));
        }
        News::Complete { archive, sequence, summary } => {
            let (bytes, seconds) = (summary.bytes_wire, summary.time.as_secs_f64());
            let name = title(access, archive);
            let how = format!("{} in {seconds:.1} s", size(bytes));
            let how = if bytes == 0 { String::new() } else { format!(" ({how})") };
            ui.say(
                format!("{name}: release {sequence} is here complete{how}"),
                format!("{name}: نسخه‌ی {sequence} کامل این‌جاست{how}"),
            );
            ui.json(&json!({
                "event": "complete", "archive": archive.to_string(), "sequence": sequence,
                "bytes": bytes, "seconds": seconds,
            }));
        }
        News::Withdrawn { archive } => {
            ui.json(&json!({ "event": "withdrawn", "archive": archive.to_string() }));
            ui.say(
                "files were withdrawn by the maintainers: they are erased here and no longer served",
                "نگه‌دارندگان فایل‌هایی را پس گرفتند: از این‌جا پاک شد و دیگر داده نمی‌شود",
            );
        }
        News::Held { archive, act } => {
            let short = act.get(..16).unwrap_or(act.as_str());
            ui.json(&json!({ "event": "held", "archive": archive.to_string(), "act": act }));
            ui.warn(
                format!("something would take away unusually much; nothing was done. See 'yadgar node held'; to allow it: yadgar node approve {short}"),
                format!("چیزی بیش از اندازه کم می‌کند؛ کاری نشد. «yadgar node held» را ببینید؛ برای پذیرفتن: yadgar node approve {short}"),
            );
        }
        News::Host { archive, url, file, why } => host(ui, archive, url, file.as_deref(), why),
        News::Problem { archive, what } => {
            let name = title(access, archive);
            ui.warn(format!("{name}: {what}"), format!("{name}: {what}"));
            let archive = archive.to_string();
            ui.json(&json!({ "event": "problem", "archive": archive, "what": what }));
        }
    }
}

/// Something is wrong with a web host, or with a file of it.
fn host(ui: &Ui, archive: &ArchiveId, url: &str, file: Option<&str>, why: &str) {
    match file {
        Some(file) => web::say_fault(ui, url, file, why),
        None => ui.warn(
            format!("{url}: {why}. It is asked again later"),
            format!("{url}: {why}. دیرتر دوباره از آن پرسیده می‌شود"),
        ),
    }
    ui.json(&json!({
        "event": "host", "archive": archive.to_string(), "url": url, "file": file, "why": why,
    }));
}
