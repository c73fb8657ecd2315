//! A SOCKS proxy that others wrote.

/// Whether microsocks is here; says so when it is not.
pub fn is_here() -> bool {
    let found = std::process::Command::new("microsocks").arg("-h").output().is_ok();
    let required = std::env::var_os("YADGAR_REQUIRE_MICROSOCKS").is_some_and(|v| v == "1");
    assert!(found || !required, "microsocks is not installed, and YADGAR_REQUIRE_MICROSOCKS=1");
    if !found {
        eprintln!("SKIPPED: microsocks is not installed");
    }
    found
}
