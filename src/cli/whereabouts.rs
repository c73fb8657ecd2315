//! Where this machine seems to be, by its own settings and the language of its user. Nobody is asked.

use super::ui::Lang;
use std::io::Read;

/// How the zone of Iran is called: by its names, and by the only offset that no other country has.
const ZONES: [&str; 4] = ["Tehran", "Iran", "+0330", "IRST"];
/// How much of the system's table of a time zone is read, in bytes; they have a few kB.
const MAX_ZONE_BYTES: u64 = 64 << 10;

/// True when anything here says Iran. It may be wrong in both directions: what hangs on it can be overruled by the user,
/// and is never the only protection. Of settings that contradict each other the one that is more careful counts.
pub fn seems_in_iran(lang: Lang) -> bool {
    let link = std::fs::read_link("/etc/localtime").ok();
    let mut table = Vec::new();
    if let Ok(file) = std::fs::File::open("/etc/localtime") {
        let _ = file.take(MAX_ZONE_BYTES).read_to_end(&mut table);
    }
    let zones = [
        std::env::var("TZ").ok(),
        std::fs::read_to_string("/etc/timezone").ok(),
        link.map(|link| link.display().to_string()),
        Some(rule_of(&table)),
    ];
    let languages = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.to_str()?;
        let is = name == "LANG" || name == "LANGUAGE" || name.starts_with("LC_");
        is.then(|| value.to_string_lossy().into_owned())
    });
    says_iran(zones.into_iter().flatten(), languages, lang)
}

/// The same of what was found: names of time zones, values of `LANG`, `LANGUAGE` and `LC_*`, the chosen language.
fn says_iran(
    zones: impl IntoIterator<Item = String>,
    languages: impl IntoIterator<Item = String>,
    lang: Lang,
) -> bool {
    let of_iran = |zone: String| ZONES.iter().any(|name| zone.contains(name));
    // LANGUAGE has several. Persian without a country is most likely that of Iran; fa_AF and tg are not.
    let local = |value: String| value.split(':').any(|one| one.contains("_IR") || is_persian(one));
    lang == Lang::Fa || zones.into_iter().any(of_iran) || languages.into_iter().any(local)
}

fn is_persian(locale: &str) -> bool {
    let bare = locale.split(['.', '@']).next().unwrap_or_default();
    matches!(bare, "fa" | "fas" | "per")
}

/// The last line of a table of a time zone (RFC 9636, footer): its rule, also where the file is a copy that has no name.
fn rule_of(table: &[u8]) -> String {
    let end = table.strip_suffix(b"\n").unwrap_or_default();
    let last = end.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(last).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iran(zones: &[&str], languages: &[&str]) -> bool {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        says_iran(texts(zones), texts(languages), Lang::En)
    }

    #[test]
    fn any_setting_that_says_iran_counts() {
        assert!(!iran(&[], &[]));
        assert!(!iran(
            &["Europe/Berlin", "", "/usr/share/zoneinfo/Asia/Kabul", "<+0430>-4:30"],
            &["en_US.UTF-8", "fa_AF", "de:en", "C", ""]
        ));
        // An empty or stale setting hides no other.
        assert!(iran(&["", "Etc/UTC\n", "/usr/share/zoneinfo/Asia/Tehran"], &[]));
        for zone in ["Asia/Tehran", ":Asia/Tehran", "Iran", "<+0330>-3:30", "IRST-3:30"] {
            assert!(iran(&[zone, "Etc/UTC"], &["en_US.UTF-8"]), "{zone}");
        }
        for language in [
            "fa_IR",
            "fa_IR.UTF-8",
            "en_IR.UTF-8",
            "ckb_IR",
            "fa",
            "fa.UTF-8",
            "de:fa_IR:en",
            "en:fa",
        ] {
            assert!(iran(&["Etc/UTC"], &["en_US.UTF-8", language]), "{language}");
        }
        assert!(says_iran([], [], Lang::Fa));
    }

    #[test]
    fn the_rule_of_a_table() {
        assert_eq!(rule_of(b"TZif2\0\n\0\n<+0330>-3:30\n"), "<+0330>-3:30");
        assert_eq!(rule_of(b""), "");
        assert_eq!(rule_of(b"TZif2 cut off"), "");
    }
}
