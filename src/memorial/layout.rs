//! The frame around every page: head, quick exit, menu, what was checked, footer.

use super::assets::STYLE;
use super::context::Context;
use super::guest_words;
use super::links::{Checked, File, Page};
use super::standing;
use super::text::{Lang, number};
use super::words;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The title of every page.
pub const TITLE: super::text::Text = words::TITLE;

/// What stands around the text of one of our pages.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// Where the brand leads.
    pub start: String,
    /// The same page in the other language.
    pub twin: Option<String>,
    /// The stylesheet.
    pub style: Option<String>,
    /// The blank page.
    pub leave: Option<String>,
    /// Main menu: name, address, whether it is this page.
    pub menu: Vec<(&'static str, String, bool)>,
    /// Menu of texts, in the footer.
    pub texts: Vec<(&'static str, String, bool)>,
    /// What was checked; on the pages of an archive.
    pub status: Option<Markup>,
    /// True where another device serves the pages ([`Checked::ByHost`]).
    pub guest: bool,
    /// See [`super::links::Links::policy`]; such a page lies in a folder of files.
    pub policy: Option<&'static str>,
}

impl Frame {
    fn of(cx: &Context<'_>, here: &Page<'_>) -> Self {
        let entry = |(page, name): (Page<'static>, &'static str)| {
            Some((name, cx.page(&page)?, is_here(&page, here)))
        };
        let main = super::pages::main_menu().into_iter();
        let main = main.map(|(page, name)| (page, name.get(cx.lang)));
        Self {
            start: cx.links.start(cx.lang),
            twin: twin(cx, here),
            style: cx.file(&File::Style),
            leave: cx.page(&Page::Leave),
            menu: main.filter_map(entry).collect(),
            texts: super::pages::text_menu(cx.lang).into_iter().filter_map(entry).collect(),
            status: Some(status(cx)),
            guest: cx.links.checked() == Checked::ByHost,
            policy: cx.links.policy(),
        }
    }
}

/// True when a menu's page is this one, or this one is a part of it: a choice of names, a later page.
fn is_here(page: &Page<'_>, here: &Page<'_>) -> bool {
    match (page, here) {
        (Page::Wall(..), Page::Wall(..)) | (Page::Notices(_), Page::Notices(_)) => true,
        _ => page == here,
    }
}

/// The same page in the other language. A page of a list has other names on it there, so a list's twin is its
/// first page.
fn twin(cx: &Context<'_>, here: &Page<'_>) -> Option<String> {
    let first = match here {
        Page::Wall(selection, _) => Page::Wall(selection.clone(), 1),
        Page::Letter(..) => Page::Lists,
        other => other.clone(),
    };
    cx.links.page(cx.lang.other(), &first)
}

/// One line on every page: that it was checked, and how old it is.
fn status(cx: &Context<'_>) -> Markup {
    let lang = cx.lang;
    let release = &cx.accepted.release;
    let [age, _] = standing::freshness(lang, &release.date, cx.info, cx.today);
    let (mark, said) = match (&cx.info.dispute, cx.links.checked()) {
        (Some(_), _) => ("!", words::STATUS_DISPUTE),
        (None, Checked::Now) => ("✓", words::STATUS_CHECKED),
        (None, Checked::ByHost) => ("○", guest_words::STATUS),
        (None, Checked::WhenMade) => ("○", words::STATUS_MADE),
    };
    html! {
        p.status {
            span.tick aria-hidden="true" { (mark) } " "
            strong { (said.get(lang)) } " "
            span {
                (words::STATUS_RELEASE.with(lang, &[&number(lang, release.sequence)]))
                @if cx.links.checked() != Checked::WhenMade { (words::COMMA.get(lang)) (age) }
            }
        }
        @if cx.is_fictional() { p.fictional { (words::FICTIONAL_ARCHIVE.get(lang)) } }
    }
}

/// A page of an archive.
pub fn page(cx: &Context<'_>, here: &Page<'_>, main: &Markup) -> Markup {
    framed(cx.lang, &Frame::of(cx, here), main)
}

/// A page that belongs to no archive.
pub fn framed(lang: Lang, frame: &Frame, main: &Markup) -> Markup {
    let footer = match (frame.policy, frame.guest) {
        (Some(_), _) => words::FOOTER_FOLDER,
        (None, true) => guest_words::FOOTER,
        (None, false) => words::FOOTER,
    };
    let body = html! {
        a.skip href="#main" { (words::SKIP.get(lang)) }
        @if let Some(leave) = &frame.leave {
            a.leave href=(leave) accesskey="x" rel="nofollow" { (words::LEAVE.get(lang)) }
        }
        header.top {
            a.brand href=(frame.start) { (words::BRAND.get(lang)) }
            nav aria-label=(words::MENU.get(lang)) {
                ul {
                    (menu(&frame.menu))
                    @if let Some(twin) = &frame.twin {
                        li {
                            a href=(twin) lang=(lang.other().code()) hreflang=(lang.other().code()) {
                                (words::OTHER_LANGUAGE.get(lang))
                            }
                        }
                    }
                }
            }
        }
        @if let Some(status) = &frame.status { div.standing { (status) } }
        main #main tabindex="-1" { (main) }
        footer {
            @if !frame.texts.is_empty() {
                nav aria-label=(words::TEXTS.get(lang)) { ul { (menu(&frame.texts)) } }
            }
            p { (footer.get(lang)) }
            p { (words::FOOTER_HISTORY.get(lang)) }
        }
    };
    document(lang, &head(frame.style.as_deref(), frame.policy), &body)
}

/// What a page says of itself before anything is loaded, and its stylesheet.
pub fn head(style: Option<&str>, policy: Option<&str>) -> Markup {
    html! {
        @if let Some(policy) = policy {
            meta http-equiv="Content-Security-Policy" content=(policy);
        }
        @if let Some(style) = style { link rel="stylesheet" href=(style); }
    }
}

fn menu(items: &[(&'static str, String, bool)]) -> Markup {
    html! {
        @for (name, address, here) in items {
            li { a href=(address) aria-current=[here.then_some("page")] { (name) } }
        }
    }
}

/// A page in the origin of an archived site, which has none of our files: without any of our addresses.
pub fn alone(lang: Lang, main: &Markup) -> Markup {
    // Our own text, without `<`: nothing in it can end the element.
    let style = html! { style { (PreEscaped(STYLE)) } };
    document(lang, &style, &html! { main #main { (main) } })
}

/// The same, and it loads itself again after so many seconds.
pub fn reloading(lang: Lang, seconds: u32, main: &Markup) -> Markup {
    let head = html! {
        meta http-equiv="refresh" content=(seconds);
        style { (PreEscaped(STYLE)) }
    };
    document(lang, &head, &html! { main #main { (main) } })
}

/// Any page. The title is the same for all, so that a browser's history gives nothing away.
pub fn document(lang: Lang, head: &Markup, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(lang.code()) dir=(lang.dir()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (words::TITLE.get(lang)) }
                (head)
            }
            body { (body) }
        }
    }
}
