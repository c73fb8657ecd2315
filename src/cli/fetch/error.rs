//! Why a fetch came to nothing, with what to do next.

use crate::cli::near;
use crate::cli::{CliError, Exit};
use crate::node::fetcher::FetchOnceError;
use crate::sync::FetchError;

/// What happened, in English and in Persian, with the addresses that it is about.
pub fn what(e: &FetchOnceError) -> (String, String) {
    let (en, fa, lines): (_, _, String) = match e {
        FetchOnceError::NobodyNear(pages) if !pages.is_empty() => {
            let lines = pages.iter().map(|at| format!("\n  {}", near::page(*at)));
            (", but a page for browsers:", "، اما صفحه‌ای برای مرورگر هست:", lines.collect())
        }
        FetchOnceError::Unreachable(list) => {
            let lines = list.iter().map(|(address, why)| format!("\n  {address}: {why}"));
            ("", "", lines.collect())
        }
        _ => ("", "", String::new()),
    };
    (format!("{e}{en}{lines}"), format!("{}{fa}{lines}", persian(e)))
}

/// What happened, in Persian; what concerns the own disk and the start of the network is said elsewhere.
fn persian(e: &FetchOnceError) -> String {
    let text = match e {
        FetchOnceError::NoAddress => "نشانی هیچ منبعی شناخته نیست",
        FetchOnceError::LanPastProxy => "تا پراکسی هست همسایه‌ها جسته نمی‌شوند",
        FetchOnceError::NobodyNear(_) => "کسی در این نزدیکی پیدا نشد که این بایگانی را داشته باشد",
        FetchOnceError::Unreachable(_) => "به هیچ منبعی نمی‌توان رسید",
        FetchOnceError::Unknown(reached) => {
            return format!("به {reached} منبع رسیده شد و هیچ‌یک این بایگانی را ندارد");
        }
        FetchOnceError::Disputed => {
            "با کلیدهای نگه‌دارندگان دو نسخه امضا شده که با هم نمی‌خوانند، و هیچ منبعی آخرین نسخه‌ی پیش از آن‌ها را نشان نمی‌دهد"
        }
        FetchOnceError::Refused(why) => {
            return format!("آنچه منبع‌ها نشان می‌دهند با قاعده‌های اعتماد نمی‌خواند: {why}");
        }
        FetchOnceError::NoSuchPart(name) => return format!("نسخه بخشی به نام «{name}» ندارد"),
        FetchOnceError::Fetch(FetchError::Stuck { missing }) => {
            return format!("دست کم {missing} بلوک نرسیده است و هیچ منبعی آن‌ها را ندارد");
        }
        FetchOnceError::Fetch(FetchError::NoSources) => "از هیچ منبعی نمی‌توان پرسید",
        FetchOnceError::Fetch(FetchError::Cancelled) => "ایستاد",
        FetchOnceError::Fetch(FetchError::Damaged(why)) => {
            return format!("خود نسخه‌ای که امضا شده درست نیست: {why}");
        }
        FetchOnceError::Fetch(error) => return format!("دریافت نشد: {error}"),
        FetchOnceError::Store(_) | FetchOnceError::Net(_) => return e.to_string(),
    };
    text.to_owned()
}

/// The next step.
fn advice(e: &FetchOnceError) -> (&'static str, &'static str) {
    match e {
        FetchOnceError::NoAddress => (
            "ask for an invite with an address, add --address MULTIADDR or --url URL, or look on this LAN with --lan",
            "دعوت‌نامه‌ای بخواهید که نشانی داشته باشد، --address MULTIADDR یا --url URL را بیفزایید، یا با --lan در این شبکه‌ی محلی بجویید",
        ),
        FetchOnceError::LanPastProxy => (
            "leave out --lan, or --proxy none, if the neighbours may notice",
            "--lan را بردارید، یا اگر همسایه‌ها می‌توانند بدانند --proxy none",
        ),
        FetchOnceError::NobodyNear(pages) if !pages.is_empty() => (
            "open it in a browser, take the archive's file there, and 'yadgar import' it",
            "آن را در مرورگر باز کنید، فایل بایگانی را از آن‌جا بگیرید و «yadgar import» کنید",
        ),
        FetchOnceError::NobodyNear(_) => (
            "be on the same Wi-Fi or hotspot as a mirror or a share of this archive, and try again. Some Wi-Fi keeps its guests apart: then ask its host for an address and add --address MULTIADDR, or take a carrier file",
            "به همان Wi-Fi یا هات‌اسپاتی وصل شوید که آینه یا هم‌رسانی این بایگانی در آن است و دوباره بیازمایید. برخی Wi-Fiها مهمان‌ها را از هم جدا نگه می‌دارند: آن‌گاه از گرداننده‌ی آینه نشانی بخواهید و --address MULTIADDR را بیفزایید، یا فایل حامل بگیرید",
        ),
        FetchOnceError::Unreachable(_) => (
            "check your connection, try later, ask for another invite, or take a carrier file. Behind a filter: an address behind a website (wss), a static mirror (--url), or a proxy of yours (--proxy)",
            "اتصالتان را بررسی کنید، دیرتر بیازمایید، دعوت‌نامه‌ی دیگری بخواهید یا فایل حامل بگیرید. پشت فیلتر: نشانی‌ای پشت وبگاه (wss)، آینه‌ای ایستا (--url) یا پراکسی خودتان (--proxy)",
        ),
        FetchOnceError::Unknown(_) => (
            "ask for an invite with an address of a mirror of this archive",
            "دعوت‌نامه‌ای بخواهید که نشانی آینه‌ای از همین بایگانی در آن باشد",
        ),
        FetchOnceError::Disputed => (
            "believe neither; ask the maintainers on a way that you trust, or a source that was on before the dispute ('yadgar status' tells more)",
            "هیچ‌کدام را باور نکنید؛ از راهی که به آن اعتماد دارید از نگه‌دارندگان بپرسید، یا از منبعی که پیش از اختلاف روشن بوده است («yadgar status» بیشتر می‌گوید)",
        ),
        FetchOnceError::Refused(_) => (
            "do not trust these sources; try others. What is here already is untouched",
            "به این منبع‌ها اعتماد نکنید؛ منبع‌های دیگری را بیازمایید. آنچه از پیش این‌جاست دست نخورده است",
        ),
        FetchOnceError::NoSuchPart(_) => {
            ("leave out --part to get everything", "برای گرفتن همه چیز --part را بردارید")
        }
        FetchOnceError::Fetch(FetchError::Damaged(_)) => (
            "the release itself is faulty: tell its maintainers",
            "خود نسخه ایراد دارد: به نگه‌دارندگانش بگویید",
        ),
        FetchOnceError::Fetch(_) | FetchOnceError::Store(_) | FetchOnceError::Net(_) => (
            "run the same command again: what came is kept",
            "همین دستور را دوباره اجرا کنید: آنچه آمده است می‌ماند",
        ),
    }
}

fn exit(e: &FetchOnceError) -> Exit {
    match e {
        FetchOnceError::NoAddress
        | FetchOnceError::NobodyNear(_)
        | FetchOnceError::Unreachable(_)
        | FetchOnceError::Unknown(_)
        | FetchOnceError::Fetch(FetchError::Stuck { .. } | FetchError::NoSources) => Exit::NoSource,
        FetchOnceError::LanPastProxy | FetchOnceError::NoSuchPart(_) => Exit::Usage,
        FetchOnceError::Disputed | FetchOnceError::Refused(_) => Exit::Refused,
        FetchOnceError::Fetch(FetchError::Damaged(_)) => Exit::Damaged,
        FetchOnceError::Fetch(FetchError::Cancelled) => Exit::Stopped,
        FetchOnceError::Fetch(_) | FetchOnceError::Store(_) | FetchOnceError::Net(_) => {
            Exit::Failed
        }
    }
}

impl From<FetchOnceError> for CliError {
    fn from(e: FetchOnceError) -> Self {
        match e {
            FetchOnceError::Store(e) | FetchOnceError::Fetch(FetchError::Store(e)) => e.into(),
            FetchOnceError::Net(e) => e.into(),
            FetchOnceError::Fetch(FetchError::Cancelled) => {
                Self::both(Exit::Stopped, "stopped", persian(&e)).advise(advice(&e))
            }
            e => {
                let (en, fa) = what(&e);
                Self::both(exit(&e), en, fa).advise(advice(&e))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_persian(text: Option<&String>) -> bool {
        text.is_some_and(|text| text.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c)))
    }

    #[test]
    fn every_reason_and_its_next_step_is_there_in_persian() {
        let page = "192.168.1.7:8080".parse().unwrap();
        let all = [
            FetchOnceError::NoAddress,
            FetchOnceError::LanPastProxy,
            FetchOnceError::NobodyNear(Vec::new()),
            FetchOnceError::NobodyNear(vec![page]),
            FetchOnceError::Unreachable(vec![("/ip4/192.0.2.1/tcp/1".into(), "off".into())]),
            FetchOnceError::Unknown(2),
            FetchOnceError::Disputed,
            FetchOnceError::Refused("TRUST-1".into()),
            FetchOnceError::NoSuchPart("core".into()),
            FetchOnceError::Fetch(FetchError::Cancelled),
            FetchOnceError::Fetch(FetchError::Stuck { missing: 3 }),
            FetchOnceError::Fetch(FetchError::NoSources),
            FetchOnceError::Fetch(FetchError::Internal("x".into())),
        ];
        for error in all {
            let text = error.to_string();
            let error = CliError::from(error);
            assert!(is_persian(error.persian.what.as_ref()), "{text}: {error:?}");
            assert!(is_persian(error.persian.advice.as_ref()), "{text}: {error:?}");
            assert!(error.advice.is_some());
        }
    }
}
