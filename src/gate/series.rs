//! The series of connectivity keeps its format (protocol: SER-8).

use super::code::Code;
use super::finding::{Finding, Level};
use yadgar_protocol::series::{CONNECTIVITY_PATH, parse};

/// Every clause that the series breaks, with its line; nothing for any other file.
pub fn lint(path: &str, bytes: &[u8]) -> Vec<Finding> {
    if path != CONNECTIVITY_PATH {
        return Vec::new();
    }
    let faults = parse(bytes).err().unwrap_or_default();
    let finding = |fault| Finding::of_file(Level::Final, Code::BadSeries, path, said(&fault));
    faults.into_iter().map(finding).collect()
}

fn said(fault: &yadgar_protocol::series::Fault) -> String {
    match fault.line {
        0 => format!("{} ({})", fault.why, fault.clause),
        line => format!("line {line}: {} ({})", fault.why, fault.clause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_broken_line_is_named() {
        let good = "# source-en: x\ntime,percent\n2031-11-16T00:00+03:30,97.5\n";
        assert!(lint(CONNECTIVITY_PATH, good.as_bytes()).is_empty());
        let bad = format!("{good}2031-11-16T00:30+03:30,41\n2031-11-16T02:00+03:30,141\n");
        let found = lint(CONNECTIVITY_PATH, bad.as_bytes());
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|f| f.code == Code::BadSeries && f.level == Level::Final));
        assert!(found[0].what.starts_with("line 4: ") && found[1].what.starts_with("line 5: "));
        assert!(lint("series/other.csv", b"anything").is_empty());
    }
}
