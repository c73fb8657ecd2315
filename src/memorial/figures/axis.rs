//! Labels along an axis of time, as many as there is room for.

use super::base::{Edge, Lang, across, calendars, day_month, down, label};
use maud::{Markup, html};

/// Labels that fit beside each other on a wide and on a narrow screen.
const WIDE: i64 = 8;
const NARROW: i64 = 4;

/// Height of what [`labels`] writes, in hundredths of an em.
pub const HEIGHT: u32 = 300;

/// Labels of some of `whole` slots; `text` gives the two lines of a slot.
pub fn labels(lang: Lang, whole: i64, top: u32, text: &dyn Fn(i64) -> [String; 2]) -> Markup {
    let wide = (whole + WIDE - 1) / WIDE;
    let narrow = wide * ((whole + NARROW * wide - 1) / (NARROW * wide));
    let step = usize::try_from(wide.max(1)).unwrap_or(1);
    html! {
        g.axis {
            @for slot in (0..whole).step_by(step) {
                @let hidden = if slot % narrow == 0 { "" } else { " only-wide" };
                @let (x, edge) = place(slot, whole);
                @let [own, other] = text(slot);
                (label(lang, &format!("own{hidden}"), (&x, &down(top + 110)), edge, &own))
                (label(lang, &format!("other{hidden}"), (&x, &down(top + 240)), edge, &other))
            }
        }
    }
}

/// In the middle of the slot, but never over the edge of the drawing.
fn place(slot: i64, whole: i64) -> (String, Edge) {
    let middle = (slot * 200 + 100) / whole.max(1);
    match middle {
        ..18 => (across(slot, whole), Edge::Left),
        183.. => (across(slot + 1, whole), Edge::Right),
        _ => (across(slot * 2 + 1, whole * 2), Edge::Middle),
    }
}

/// The two lines of a day: both calendars, the reader's own first.
pub fn of_day(lang: Lang, day: i64) -> [String; 2] {
    calendars(lang).map(|system| {
        let text = day_month(lang, system, day);
        // English names of Western months have a short form that everybody knows.
        match (lang, system) {
            (Lang::En, yadgar_protocol::record::dates::System::Gregorian) => {
                let name = text.split_once(' ').map_or(0, |(day, _)| day.len() + 4);
                text.get(..name).unwrap_or(&text).to_owned()
            }
            _ => text,
        }
    })
}
