//! What is said when there is no page, or it cannot be read: in both languages, the reader's own first.

use crate::memorial::text::{Lang, Text, digits};
use crate::memorial::{standing, words};
use maud::{Markup, html};
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::withdraw::Withdrawal;

/// What went wrong, as far as it matters to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// There is no such page.
    NotFound,
    /// The request is not one that is answered.
    Refused,
    /// The program failed.
    Broken,
}

/// Sections in both languages, the reader's own first: for whoever lands on an error.
fn both_languages(lang: Lang, section: impl Fn(Lang) -> Markup) -> Markup {
    html! {
        div.errors {
            @for l in [lang, lang.other()] {
                section lang=(l.code()) dir=(l.dir()) { (section(l)) }
            }
        }
    }
}

/// An error; `code` is what a program calls it.
pub fn trouble(lang: Lang, trouble: Trouble, code: &str) -> Markup {
    let (title, help): (Text, Text) = match trouble {
        Trouble::NotFound => (words::NOT_FOUND, words::NOT_FOUND_HELP),
        Trouble::Refused => (words::REFUSED, words::REFUSED_HELP),
        Trouble::Broken => (words::BROKEN, words::BROKEN_HELP),
    };
    both_languages(lang, |l| {
        html! {
            h1 { (title.get(l)) }
            p { (help.get(l)) }
            p.small { (digits(l, code)) }
        }
    })
}

/// Something cannot be read.
pub fn fault(lang: Lang, fault: &ReadFault) -> Markup {
    both_languages(lang, |l| match fault {
        ReadFault::Missing(id) => html! {
            h1 { (words::MISSING.get(l)) }
            p { (words::MISSING_HELP.get(l)) }
            p { (words::MISSING_DO.get(l)) }
            p.small { bdi.mono dir="ltr" { (id) } }
        },
        ReadFault::Damaged(reject) => html! {
            h1 { (words::DAMAGED.get(l)) }
            p { (words::DAMAGED_HELP.get(l)) }
            p.small { bdi.mono dir="ltr" { (reject) } }
        },
        ReadFault::Source(_) => html! {
            h1 { (words::DISK.get(l)) }
            p { (words::DISK_HELP.get(l)) }
        },
    })
}

/// A file was withdrawn.
pub fn withdrawn(lang: Lang, withdrawal: &Withdrawal) -> Markup {
    both_languages(lang, |l| standing::withdrawn(l, withdrawal))
}
