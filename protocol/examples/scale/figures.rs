//! Figures by name, kept as text, so that tables and plots can be made again without the runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The figures of one run.
#[derive(Debug, Clone, Default)]
pub struct Run(BTreeMap<String, f64>);

impl Run {
    pub fn note(&mut self, name: &str, value: f64) {
        self.0.insert(name.to_owned(), value);
    }

    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }
}

/// All runs, by name.
#[derive(Debug, Default)]
pub struct Figures(pub BTreeMap<String, Run>);

impl Figures {
    /// Lines of run, figure, value.
    pub fn read(text: &str) -> Self {
        let mut all = Self::default();
        for line in text.lines() {
            let mut cells = line.split(',');
            if let (Some(run), Some(name), Some(value)) = (cells.next(), cells.next(), cells.next())
                && let Ok(value) = value.parse()
            {
                all.0.entry(run.to_owned()).or_default().note(name, value);
            }
        }
        all
    }

    pub fn write(&self) -> String {
        let mut text = String::new();
        for (run, figures) in &self.0 {
            for (name, value) in &figures.0 {
                let _ = writeln!(text, "{run},{name},{value}");
            }
        }
        text
    }

    pub fn get(&self, run: &str, name: &str) -> Option<f64> {
        self.0.get(run)?.get(name)
    }
}
