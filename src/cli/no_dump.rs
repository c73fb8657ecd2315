//! A process that holds a key or what is read leaves no copy of its memory on the disk.

/// From here on this process is not dumped when it crashes, and other processes of the same user cannot look
/// into it (Linux). A system that cannot do it only loses that wall.
pub fn forbid() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(e) = setrlimit(Resource::Core, none) {
        tracing::debug!("core dumps stay allowed: {e}");
    }
    // Also where a program takes dumps through a pipe, which asks no limit.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    /// In a process of its own: it would bind all other tests.
    #[test]
    fn no_dump_after_that() {
        const MARK: &str = "YADGAR_TEST_NO_DUMP";
        if std::env::var_os(MARK).is_some() {
            super::forbid();
            let core = rustix::process::getrlimit(rustix::process::Resource::Core);
            assert_eq!((core.current, core.maximum), (Some(0), Some(0)));
            let dumpable = rustix::process::dumpable_behavior().unwrap();
            assert_eq!(dumpable, rustix::process::DumpableBehavior::NotDumpable);
            println!("walls are up");
            return;
        }
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "cli::no_dump::tests::no_dump_after_that", "--nocapture"]);
        let output = again.env(MARK, "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("walls are up"), "{said}");
    }
}
