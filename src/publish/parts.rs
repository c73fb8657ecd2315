//! Which file goes into which part of a release.

use crate::durable::{Mode, create_dir_durable, write_atomic};
use globset::{GlobBuilder, GlobMatcher};
use std::io::{Error, ErrorKind};
use std::path::{Path as FsPath, PathBuf};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::Path;
use yadgar_protocol::mirrors::MIRRORS_PATH;
use yadgar_protocol::release::{CORE, GATE_NOTE, is_part_name};

/// Rules of the form `name=pattern`, tried in order.
#[derive(Default)]
pub struct PartRules {
    rules: Vec<(String, GlobMatcher)>,
    names: Vec<String>,
    texts: Vec<String>,
}

/// Why a rule makes no sense.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// Not of the form `name=pattern`.
    #[error("'{0}' is not of the form NAME=PATTERN, for example portraits=portraits/**")]
    Form(String),
    /// A name that a part cannot have.
    #[error("'{0}' cannot name a part: 1 to 32 of a-z 0-9 -")]
    Name(String),
    /// A pattern that cannot be read.
    #[error("the pattern '{0}' cannot be read: {1}")]
    Pattern(String, String),
}

impl PartRules {
    /// Reads `name=pattern` texts.
    ///
    /// # Errors
    /// See [`RuleError`].
    pub fn parse(texts: &[String]) -> Result<Self, RuleError> {
        let mut out = Self { names: vec![CORE.into()], texts: texts.to_vec(), ..Self::default() };
        for text in texts {
            let (name, pattern) =
                text.split_once('=').ok_or_else(|| RuleError::Form(text.clone()))?;
            if !is_part_name(name) {
                return Err(RuleError::Name(name.into()));
            }
            let glob = GlobBuilder::new(pattern)
                .literal_separator(true)
                .build()
                .map_err(|e| RuleError::Pattern(pattern.into(), e.to_string()))?;
            out.rules.push((name.into(), glob.compile_matcher()));
            if !out.names.iter().any(|n| n == name) {
                out.names.push(name.into());
            }
        }
        Ok(out)
    }

    /// The rules as they were written.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// The rules that take none of these files, as they were written.
    pub fn idle<'a>(&self, paths: impl Iterator<Item = &'a Path>) -> Vec<&str> {
        let mut used = vec![false; self.rules.len()];
        for path in paths {
            if let Some(at) = self.rules.iter().position(|(_, g)| g.is_match(path.as_str())) {
                used[at] = true;
            }
        }
        let idle = self.texts.iter().zip(used).filter(|(_, used)| !used);
        idle.map(|(text, _)| text.as_str()).collect()
    }

    /// Names of all parts, core first, then as first named.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The part of a file: the first rule that matches. A file that no rule matches belongs to
    /// core, unless core has rules of its own: then `None`. The release note of the gate and the list of mirrors are always core
    /// (NOTE-1, MIR-1).
    pub fn part_of(&self, path: &Path) -> Option<&str> {
        if [GATE_NOTE, MIRRORS_PATH].contains(&path.as_str()) {
            return Some(CORE);
        }
        let hit = self.rules.iter().find(|(_, glob)| glob.is_match(path.as_str()));
        match hit {
            Some((name, _)) => Some(name),
            None if self.rules.iter().any(|(name, _)| name == CORE) => None,
            None => Some(CORE),
        }
    }
}

fn file(home: &FsPath, archive: &ArchiveId) -> PathBuf {
    home.join("archives").join(archive.to_string()).join("parts.json")
}

/// Keeps the rules (as written) of the last publish of an archive in its home.
///
/// # Errors
/// When the home cannot be written.
pub fn remember(home: &FsPath, archive: &ArchiveId, texts: &[String]) -> std::io::Result<()> {
    let file = file(home, archive);
    if let Some(folder) = file.parent() {
        create_dir_durable(folder)?;
    }
    let text = serde_json::json!({ "rules": texts }).to_string();
    write_atomic(&file, text.as_bytes(), Mode::Private)
}

/// The rules of the last publish; `None` when this home never published the archive.
///
/// # Errors
/// When the file cannot be read or is not what [`remember`] writes.
pub fn remembered(home: &FsPath, archive: &ArchiveId) -> std::io::Result<Option<Vec<String>>> {
    #[derive(serde::Deserialize)]
    struct Kept {
        rules: Vec<String>,
    }
    let bytes = match std::fs::read(file(home, archive)) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let kept: Kept =
        serde_json::from_slice(&bytes).map_err(|e| Error::new(ErrorKind::InvalidData, e))?;
    Ok(Some(kept.rules))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_match_wins_and_core_takes_the_rest() {
        let texts = ["portraits=portraits/**".to_owned(), "media=**/*.mp4".into()];
        let rules = PartRules::parse(&texts).unwrap();
        let part = |p: &str| rules.part_of(&Path::new(p).unwrap()).map(str::to_owned);
        assert_eq!(part("index.html").as_deref(), Some("core"));
        assert_eq!(part("portraits/a.jpg").as_deref(), Some("portraits"));
        assert_eq!(part("portraits/x.mp4").as_deref(), Some("portraits"));
        assert_eq!(part("a/b/x.mp4").as_deref(), Some("media"));
        assert_eq!(rules.names(), ["core", "portraits", "media"]);
    }

    #[test]
    fn rules_that_take_nothing_are_named() {
        let texts = ["a=a/**".to_owned(), "b=a/b/**".into(), "c=c/**".into()];
        let paths = ["a/b/1", "c/2"].map(|p| Path::new(p).unwrap());
        assert_eq!(PartRules::parse(&texts).unwrap().idle(paths.iter()), ["b=a/b/**"]);
    }

    #[test]
    fn rules_are_remembered() {
        let home = tempfile::tempdir().unwrap();
        let archive = ArchiveId(yadgar_protocol::Hash::of(b"x"));
        assert_eq!(remembered(home.path(), &archive).unwrap(), None);
        let texts = ["a=a/**".to_owned()];
        remember(home.path(), &archive, &texts).unwrap();
        assert_eq!(remembered(home.path(), &archive).unwrap().unwrap(), texts);
    }

    #[test]
    fn with_rules_for_core_nothing_is_left_to_chance() {
        let rules = PartRules::parse(&["core=*.html".to_owned()]).unwrap();
        assert_eq!(rules.part_of(&Path::new("a/b.html").unwrap()), None);
        assert_eq!(rules.part_of(&Path::new(GATE_NOTE).unwrap()), Some(CORE));
        assert_eq!(rules.part_of(&Path::new(MIRRORS_PATH).unwrap()), Some(CORE));
        assert!(PartRules::parse(&["core".to_owned()]).is_err());
        assert!(PartRules::parse(&["Core=*".to_owned()]).is_err());
    }
}
