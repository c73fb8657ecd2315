//! The blank page, for who has to hide the screen at once. It looks like nothing, and below an unspoken mark it tells how
//! to remove what stays.

use crate::memorial::layout::{document, head};
use crate::memorial::links::{Checked, File, Links};
use crate::memorial::text::Lang;
use crate::memorial::words;
use maud::{Markup, html};

/// The page. It leads nowhere: not even to the start. `program`: whether one on this device serves it, and still runs.
pub fn page(lang: Lang, style: Option<&str>, program: bool) -> Markup {
    blank(lang, &head(style, None), program)
}

/// `program`: whether one serves the page, and still runs.
fn blank(lang: Lang, head: &Markup, program: bool) -> Markup {
    let body = html! {
        main #main.blank {
            h1.unseen { (words::TITLE.get(lang)) }
            details {
                summary aria-label=(words::LEAVE_HELP.get(lang)) { "…" }
                @for l in [lang, lang.other()] {
                    div lang=(l.code()) dir=(l.dir()) {
                        p { (words::LEFT.get(l)) }
                        ul {
                            li { (words::LEFT_HISTORY.get(l)) }
                            li { (words::LEFT_TAB.get(l)) }
                            @if program { li { (words::LEFT_PROGRAM.get(l)) } }
                        }
                    }
                }
            }
        }
    };
    document(lang, head, &body)
}

/// The same for a way of publishing that has addresses.
pub fn of(lang: Lang, links: &dyn Links) -> Markup {
    let style = links.file(&File::Style);
    blank(lang, &head(style.as_deref(), links.policy()), links.checked() == Checked::Now)
}
