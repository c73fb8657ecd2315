//! Why a fetch came to nothing, with what to do next.

use crate::cli::near;
use crate::cli::{CliError, Exit};
use crate::node::fetcher::FetchOnceError;
use crate::sync::FetchError;

/// What happened, with the addresses that it is about.
pub fn what(e: &FetchOnceError) -> String {
    let lines: String = match e {
        FetchOnceError::NobodyNear(pages) if !pages.is_empty() => {
            let lines = pages.iter().map(|at| format!("\n  {}", near::page(*at)));
            format!(", but a page for browsers:{}", lines.collect::<String>())
        }
        FetchOnceError::Unreachable(list) => {
            list.iter().map(|(address, why)| format!("\n  {address}: {why}")).collect()
        }
        _ => String::new(),
    };
    format!("{e}{lines}")
}

impl From<FetchOnceError> for CliError {
    fn from(e: FetchOnceError) -> Self {
        let what = what(&e);
        let again = "run the same command again: what came is kept";
        match e {
            FetchOnceError::Store(e) | FetchOnceError::Fetch(FetchError::Store(e)) => e.into(),
            FetchOnceError::Net(e) => e.into(),
            FetchOnceError::NoAddress => Self::new(Exit::NoSource, what)
                .advice("ask for an invite with an address, add --address MULTIADDR or --url URL, or look on this LAN with --lan"),
            FetchOnceError::LanPastProxy => Self::new(Exit::Usage, what)
                .advice("leave out --lan, or --proxy none, if the neighbours may notice"),
            FetchOnceError::NobodyNear(pages) if !pages.is_empty() => Self::new(Exit::NoSource, what)
                .advice("open it in a browser, take the archive's file there, and 'yadgar import' it"),
            FetchOnceError::NobodyNear(_) => Self::new(Exit::NoSource, what).advice(
                "be on the same Wi-Fi or hotspot as a mirror or a share of this archive, and try again. Some Wi-Fi keeps its guests apart: then ask its host for an address and add --address MULTIADDR, or take a carrier file",
            ),
            FetchOnceError::Unreachable(_) => Self::new(Exit::NoSource, what).advise((
                "check your connection, try later, ask for another invite, or take a carrier file. Behind a filter: an address behind a website (wss), a static mirror (--url), or a proxy of yours (--proxy)",
                "اتصالتان را بررسی کنید، دیرتر بیازمایید، دعوت‌نامه‌ی دیگری بخواهید یا فایل حامل بگیرید. پشت فیلتر: نشانی‌ای پشت وبگاه (wss)، آینه‌ای ایستا (--url) یا پراکسی خودتان (--proxy)",
            )),
            FetchOnceError::Unknown(_) => Self::new(Exit::NoSource, what)
                .advice("ask for an invite with an address of a mirror of this archive"),
            FetchOnceError::Disputed => Self::new(Exit::Refused, what).advice(
                "believe neither; ask the maintainers on a way that you trust, or a source that was on before the dispute ('yadgar status' tells more)",
            ),
            FetchOnceError::Refused(_) => Self::new(Exit::Refused, what).advice(
                "do not trust these sources; try others. What is here already is untouched",
            ),
            FetchOnceError::NoSuchPart(_) => {
                Self::new(Exit::Usage, what).advice("leave out --part to get everything")
            }
            FetchOnceError::Fetch(FetchError::Damaged(_)) => Self::new(Exit::Damaged, what)
                .advice("the release itself is faulty: tell its maintainers"),
            FetchOnceError::Fetch(FetchError::Cancelled) => {
                Self::new(Exit::Stopped, "stopped").advice(again)
            }
            FetchOnceError::Fetch(FetchError::Stuck { .. } | FetchError::NoSources) => {
                Self::new(Exit::NoSource, what).advice(again)
            }
            FetchOnceError::Fetch(_) => Self::new(Exit::Failed, what).advice(again),
        }
    }
}
