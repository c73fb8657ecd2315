//! The nearest known word, for who mistyped one.

/// The word whose spelling is nearest to `key`, if few letters differ.
pub fn nearest<'a>(key: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = words.map(|word| {
        let other = yadgar_protocol::persian::fold(word);
        (strsim::osa_distance(key, &other), word)
    });
    // A third of the letters may differ; a short word needs at least one.
    let most = (key.chars().count() / 3).max(1);
    scored.filter(|(distance, _)| *distance <= most).min().map(|(_, word)| word)
}
