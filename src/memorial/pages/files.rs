//! The files of an archive that has no start page of its own.

use crate::memorial::text::{Lang, size};
use crate::memorial::words;
use maud::{Markup, html};
use yadgar_protocol::tree::Entry;

/// The list of `files`, which with those `withdrawn` among them are the first of `all`; `address` gives where a path
/// leads.
pub fn list(
    lang: Lang,
    files: &[Entry],
    withdrawn: u64,
    all: u64,
    address: &dyn Fn(&str) -> String,
) -> Markup {
    let shown = files.len() as u64;
    html! {
        h1 { (words::FILE_LIST.get(lang)) }
        p { (words::FILE_LIST_HELP.get(lang)) }
        ul.files {
            @for file in files {
                li {
                    a href=(address(file.path.as_str())) {
                        bdi.mono dir="ltr" { (file.path.as_str()) }
                    }
                    " "
                    span.small { (size(lang, file.size)) }
                }
            }
        }
        @if withdrawn > 0 {
            p.small { (words::FILE_LIST_WITHDRAWN.with(lang, &[&withdrawn.to_string()])) }
        }
        @if shown + withdrawn < all {
            p.small { (words::FILE_LIST_MORE.with(lang, &[&shown.to_string()])) }
        }
    }
}
