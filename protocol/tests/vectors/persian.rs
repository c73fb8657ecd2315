//! persian.md.

use crate::case::{Case, Outcome, list, text};
use yadgar_protocol::persian::order::persian_key;
use yadgar_protocol::persian::{fold, nospace};

/// FA-1 and FA-2; a key folds to itself.
pub fn key(case: &Case) -> Outcome {
    assert_eq!(case.kind, "persian-key");
    let given = text(case.input, "text");
    let key = fold(given);
    assert_eq!(fold(&key), key);
    Outcome::good().with("key", key).with("nospace", nospace(given))
}

/// FA-4.
pub fn order(case: &Case) -> Outcome {
    assert_eq!(case.kind, "persian-order");
    let mut texts: Vec<&str> =
        list(case.input, "texts").iter().map(|t| t.as_str().unwrap()).collect();
    texts.sort_by_cached_key(|t| persian_key(t));
    Outcome::good().with("sorted", texts)
}
