//! SVG and PDF: what can be seen of their hidden data by looking for its words.

/// What programs that draw leave in an SVG, with the words by which it is seen.
const SVG: [(&str, &str); 7] = [
    ("<metadata", "metadata"),
    ("rdf:rdf", "metadata"),
    ("sodipodi:docname", "the original name"),
    ("inkscape:export-filename", "a path of the maker's disk"),
    ("xmpmeta", "XMP"),
    ("<i:pgf", "data of a program"),
    ("data:image/", "a picture inside"),
];
const PDF: [(&[u8], &str); 7] = [
    (b"/Author", "author"),
    (b"/Creator", "program"),
    (b"/Producer", "program"),
    (b"/CreationDate", "time"),
    (b"/ModDate", "time"),
    (b"<x:xmpmeta", "XMP"),
    (b"/EmbeddedFile", "files inside"),
];

/// What was found in an SVG, each once.
pub fn svg(text: &str) -> Vec<&'static str> {
    let lower = text.to_ascii_lowercase();
    let found = SVG.iter().filter(|(word, _)| lower.contains(word)).map(|(_, name)| *name);
    sorted(found.collect())
}

/// What was found in a PDF, each once. Most of a PDF is packed: that nothing was found means nothing.
pub fn pdf(bytes: &[u8]) -> Vec<&'static str> {
    let has = |word: &[u8]| bytes.windows(word.len()).any(|part| part == word);
    let found = PDF.iter().filter(|(word, _)| has(word)).map(|(_, name)| *name);
    sorted(found.collect())
}

fn sorted(mut names: Vec<&'static str>) -> Vec<&'static str> {
    names.sort_unstable();
    names.dedup();
    names
}
