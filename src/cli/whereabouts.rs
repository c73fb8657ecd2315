//! Where this machine seems to be, by its own settings. Nobody is asked.

/// True when the time zone or the language of the system is Iran's. It may be wrong in both directions: what hangs
/// on it can be overruled by the user, and is never the only protection.
pub fn seems_in_iran() -> bool {
    let zone = std::env::var("TZ")
        .ok()
        .or_else(|| std::fs::read_to_string("/etc/timezone").ok())
        .or_else(|| Some(std::fs::read_link("/etc/localtime").ok()?.display().to_string()));
    let zone = zone.unwrap_or_default();
    let language = ["LC_ALL", "LANG"].iter().filter_map(|name| std::env::var(name).ok());
    zone.contains("Tehran")
        || zone.contains("Iran")
        || language.into_iter().any(|l| l.starts_with("fa_IR"))
}
