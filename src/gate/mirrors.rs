//! The list of mirrors keeps its format (protocol: MIR-6).

use super::code::Code;
use super::finding::{Finding, Level};
use yadgar_protocol::mirrors::{MIRRORS_PATH, Mirrors};

/// What is wrong with the list; nothing for any other file.
pub fn lint(path: &str, bytes: &[u8]) -> Vec<Finding> {
    if path != MIRRORS_PATH {
        return Vec::new();
    }
    let finding = |what| Finding::of_file(Level::Final, Code::BadMirrors, path, what);
    match Mirrors::parse(bytes) {
        Ok(list) => {
            let unknown = |line| format!("line {line}: an address of no known kind (MIR-5)");
            list.unknown.into_iter().map(unknown).map(finding).collect()
        }
        Err(fault) => vec![finding(fault.to_string())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_breaks_the_format_is_not_signed() {
        let good = "yadgar mirrors 1\n/dns4/a.example/tcp/4774\nhttps://a.example/\n";
        assert!(lint(MIRRORS_PATH, good.as_bytes()).is_empty());
        for (bad, begins) in [
            ("/dns4/a.example/tcp/4774\n", "line 1: "),
            ("yadgar mirrors 1\n/ip4/192.168.1.5/tcp/4774\n", "line 2: "),
            ("yadgar mirrors 1\n/dns4/a.example/tcp/4774\nx=y\n", "line 3: "),
            ("yadgar mirrors 1", "not lines"),
        ] {
            let found = lint(MIRRORS_PATH, bad.as_bytes());
            assert_eq!(found.len(), 1, "{bad}");
            assert!(found[0].what.starts_with(begins), "{found:?}");
            assert!(found[0].code == Code::BadMirrors && found[0].level == Level::Final);
        }
        assert!(lint("pages/mirrors.txt", b"anything").is_empty());
    }
}
