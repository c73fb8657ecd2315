//! Words on the screen: six to compare, and an invite that is said.

use crate::cli::Ui;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::words::{Word, six_words};

/// Words in a line of an invite that is said.
const A_LINE: usize = 5;

/// The six words, in both languages: each pair is one thing, so the two can be compared by voice.
pub fn say_words(ui: &Ui, archive: &ArchiveId) {
    let words = six_words(archive);
    let en: Vec<_> = words.iter().map(|w| w.en).collect();
    let fa: Vec<_> = words.iter().map(|w| w.fa).collect();
    ui.say(
        format!("words   {}\n        {}", en.join(" "), fa.join(" ")),
        format!("واژه‌ها  {}\n        {}", fa.join(" "), en.join(" ")),
    );
}

/// An invite in words, in both languages: either is enough.
pub fn say_spoken(ui: &Ui, words: &[Word]) {
    let (en, fa) = (lines(words, |w| w.en), lines(words, |w| w.fa));
    let count = words.len();
    ui.say(
        format!("the invite in {count} words; either language is enough, numbers need not be said:\n{en}\n{fa}"),
        format!("دعوت‌نامه در {count} واژه؛ یکی از دو زبان بس است و گفتن شماره‌ها لازم نیست:\n{fa}\n{en}"),
    );
}

/// Lines of five words, each with the number of its first one. Read again as they stand.
fn lines(words: &[Word], pick: fn(&Word) -> &str) -> String {
    let line = |(at, five): (usize, &[Word])| {
        let five: Vec<_> = five.iter().map(pick).collect();
        format!("{:>4}  {}\n", at * A_LINE + 1, five.join("  "))
    };
    words.chunks(A_LINE).enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use yadgar_protocol::Hash;
    use yadgar_protocol::invite::Invite;

    #[test]
    fn what_is_shown_is_read_again() {
        let invite = Invite::of(ArchiveId(Hash([7; 32])));
        let words = invite.to_words().words;
        assert_eq!(lines(&words, |w| w.en).lines().count(), 7);
        for text in [lines(&words, |w| w.en), lines(&words, |w| w.fa)] {
            assert_eq!(Invite::read(&text), Ok(invite.clone()));
        }
    }
}
