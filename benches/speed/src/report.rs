//! Figures, goals, and the table of them.

use serde_json::{Value, json};
use std::fmt::Write as _;

/// Of what the figures of a line are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    /// 10^6 bytes.
    Megabytes,
    /// 2^20 bytes.
    Mebibytes,
    Percent,
    MegabytesPerSecond,
    /// A share of one.
    Share,
}

impl Unit {
    /// A figure with its unit.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Seconds if value < 9.995 => format!("{value:.2} s"),
            Self::Seconds => format!("{value:.1} s"),
            Self::Megabytes => format!("{value:.2} MB"),
            Self::Mebibytes => format!("{value:.0} MiB"),
            Self::Percent => format!("{value:.2} %"),
            Self::MegabytesPerSecond => format!("{value:.0} MB/s"),
            Self::Share => format!("{value:.2}"),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Megabytes => "MB",
            Self::Mebibytes => "MiB",
            Self::Percent => "%",
            Self::MegabytesPerSecond => "MB/s",
            Self::Share => "1",
        }
    }
}

/// The middle one, or the mean of the two in the middle; of nothing, NaN.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

/// By how much `value` is over `base`, in percent.
pub fn percent_over(value: f64, base: f64) -> f64 {
    (value / base - 1.0) * 100.0
}

/// Jain's index of fairness: 1 when all shares are equal, 1/n when one has everything.
pub fn fairness(shares: &[f64]) -> f64 {
    let sum: f64 = shares.iter().sum();
    let squares: f64 = shares.iter().map(|s| s * s).sum();
    if squares == 0.0 { 0.0 } else { sum * sum / (shares.len() as f64 * squares) }
}

/// A goal in words, and whether it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    pub words: String,
    pub reached: bool,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Line {
    pub row: &'static str,
    pub what: String,
    pub unit: Unit,
    /// Of each repetition.
    pub ours: Vec<f64>,
    /// The same of others, in the same run.
    pub floors: Vec<(&'static str, Vec<f64>)>,
    /// How the two compare, in words and numbers.
    pub ratio: String,
    pub goals: Vec<Goal>,
}

impl Line {
    pub fn new(row: &'static str, what: impl Into<String>, unit: Unit, ours: Vec<f64>) -> Self {
        let (floors, ratio, goals) = (Vec::new(), String::new(), Vec::new());
        Self { row, what: what.into(), unit, ours, floors, ratio, goals }
    }

    pub fn median(&self) -> f64 {
        median(&self.ours)
    }

    /// Holds the line against others; the ratio is to each of them. Of times it is the speed (more is better), of
    /// anything else the amount.
    #[must_use]
    pub fn beside(mut self, floors: Vec<(&'static str, Vec<f64>)>) -> Self {
        let ours = self.median();
        let of = |(name, values): &(&'static str, Vec<f64>)| {
            let (other, what) =
                (median(values), if self.unit == Unit::Seconds { "speed" } else { "amount" });
            let ratio = if self.unit == Unit::Seconds { other / ours } else { ours / other };
            format!("{ratio:.2} of {name}'s {what}")
        };
        self.ratio = floors.iter().map(of).collect::<Vec<_>>().join("; ");
        self.floors = floors;
        self
    }

    /// The median of one of the others.
    pub fn floor(&self, name: &str) -> Option<f64> {
        self.floors.iter().find(|(n, _)| *n == name).map(|(_, values)| median(values))
    }

    /// A goal that the figure may not exceed.
    #[must_use]
    pub fn at_most(self, limit: f64, words: &str) -> Self {
        let reached = self.median() <= limit;
        self.goal(words, reached)
    }

    /// A goal.
    #[must_use]
    pub fn goal(mut self, words: &str, reached: bool) -> Self {
        self.goals.push(Goal { words: words.into(), reached });
        self
    }

    fn verdict(&self, judged: bool) -> String {
        let one = |goal: &Goal| match (judged, goal.reached) {
            (false, _) => "not judged",
            (true, true) => "ok",
            (true, false) => "**missed**",
        };
        let mut words: Vec<_> = self.goals.iter().map(one).collect();
        words.dedup();
        words.join("; ")
    }

    fn markdown(&self, judged: bool) -> String {
        let floor = |(name, values): &(&'static str, Vec<f64>)| {
            format!("{name} {}", self.unit.show(median(values)))
        };
        let floors: Vec<_> = self.floors.iter().map(floor).collect();
        let goals: Vec<_> = self.goals.iter().map(|g| g.words.as_str()).collect();
        format!(
            "| {} | {} | {} | {} | {} | {} |",
            self.what,
            self.unit.show(self.median()),
            floors.join("; "),
            self.ratio,
            goals.join("; "),
            self.verdict(judged)
        )
    }

    fn json(&self, judged: bool) -> Value {
        let floors: serde_json::Map<_, _> =
            self.floors.iter().map(|(name, values)| ((*name).to_owned(), json!(values))).collect();
        let goals = self.goals.iter();
        let goals: Vec<_> = goals
            .map(|g| json!({ "goal": g.words, "reached": judged.then_some(g.reached) }))
            .collect();
        json!({
            "row": self.row, "what": self.what, "unit": self.unit.word(), "median": self.median(),
            "runs": self.ours, "floors": floors, "ratio": self.ratio, "goals": goals,
        })
    }
}

/// Everything that was found out.
#[derive(Debug, Default)]
pub struct Report {
    /// True when the goals are about these sizes.
    pub judged: bool,
    pub lines: Vec<Line>,
    /// Rows that could not be measured here, and why.
    pub left_out: Vec<(String, String)>,
    /// Rows that failed, and why.
    pub failed: Vec<(String, String)>,
}

impl Report {
    pub fn add(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// A row that cannot be measured here.
    pub fn leave_out(&mut self, row: &str, why: impl Into<String>) {
        self.left_out.push((row.to_owned(), why.into()));
    }

    /// The table, to be pasted into a document.
    pub fn markdown(&self, head: &str) -> String {
        let mut out = format!("{head}\n\n");
        out.push_str("| work | yadgar | floor in the same run | against it | goal | |\n|---|---|---|---|---|---|\n");
        for line in &self.lines {
            let _ = writeln!(out, "{}", line.markdown(self.judged));
        }
        for (row, why) in &self.failed {
            let _ = writeln!(out, "\nFAILED {row}: {why}");
        }
        for (row, why) in &self.left_out {
            let _ = writeln!(out, "\nLEFT OUT {row}: {why}");
        }
        out
    }

    /// The same for a program.
    pub fn json(&self, head: &Value) -> Value {
        let pairs = |list: &[(String, String)]| -> Vec<Value> {
            list.iter().map(|(row, why)| json!({ "row": row, "why": why })).collect()
        };
        json!({
            "run": head, "lines": self.lines.iter().map(|l| l.json(self.judged)).collect::<Vec<_>>(),
            "left_out": pairs(&self.left_out), "failed": pairs(&self.failed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_percents() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[7.0]), 7.0);
        assert!(median(&[]).is_nan());
        assert!((percent_over(104.0, 100.0) - 4.0).abs() < 1e-9);
        assert!((percent_over(50.0, 100.0) + 50.0).abs() < 1e-9);
    }

    #[test]
    fn fairness_is_one_for_equal_shares() {
        assert!((fairness(&[5.0; 50]) - 1.0).abs() < 1e-9);
        assert!((fairness(&[1.0, 0.0, 0.0, 0.0]) - 0.25).abs() < 1e-9);
        assert_eq!(fairness(&[0.0, 0.0]), 0.0);
    }

    #[test]
    fn the_table_says_what_was_reached_and_what_was_left_out() {
        let line = Line::new("fast-w1", "W1", Unit::Seconds, vec![0.5, 0.25, 0.3]);
        let line = line.beside(vec![("rsync", vec![0.6])]).at_most(0.4, "under 0.4 s");
        let line = line.goal("ahead of rsync", false);
        let mut report = Report { judged: true, ..Report::default() };
        report.add(line);
        report.leave_out("lan100", "no namespaces");
        let text = report.markdown("head");
        let row = "| W1 | 0.30 s | rsync 0.60 s | 2.00 of rsync's speed | under 0.4 s; ahead of rsync | ok; **missed** |";
        assert!(text.lines().any(|l| l == row), "{text}");
        assert!(text.contains("LEFT OUT lan100: no namespaces"));
        report.judged = false;
        assert!(report.markdown("head").contains("| not judged |"));
        let json = report.json(&json!({}));
        assert_eq!(json["lines"][0]["median"], 0.3);
        assert_eq!(json["lines"][0]["goals"][0]["reached"], Value::Null);
    }

    #[test]
    fn an_amount_is_a_share_of_the_floor() {
        let line =
            Line::new("x", "x", Unit::Megabytes, vec![5.0]).beside(vec![("rsync", vec![20.0])]);
        assert_eq!(line.ratio, "0.25 of rsync's amount");
        assert_eq!(line.floor("rsync"), Some(20.0));
        assert_eq!(line.floor("curl"), None);
        assert_eq!(Unit::Seconds.show(12.34), "12.3 s");
    }
}
