//! The archive that the pages show: generated people who never lived, of every kind that has a page
//! of its own.

use crate::crawl::{Found, crawl};
use crate::generator::{Options, People, Pictures, extras};
use crate::sample::{File, Sample};
use crate::series;
use crate::show::Show;
use std::sync::LazyLock;
use yadgar_protocol::record::{Graphic, Record};

/// Enough for a second page of every list that the sample archive would not fill.
const PEOPLE: usize = 120;
/// With pictures; the rest have none, as in a table without portraits.
const PICTURED: usize = 12;

/// Somebody who is found by search.
pub struct Somebody {
    pub id: String,
    pub persian: String,
}

/// The archive, served, and its pages: once for all tests.
pub struct Shared {
    pub show: Show,
    pub found: Found,
    pub somebody: Somebody,
}

pub fn shared() -> &'static Shared {
    static SHARED: LazyLock<Shared> = LazyLock::new(|| {
        let (sample, somebody) = archive();
        let show = Show::new(sample);
        let found = crawl(show.pages);
        Shared { show, found, somebody }
    });
    &SHARED
}

/// The archive, and its first person.
fn archive() -> (Sample, Somebody) {
    let (mut core, mut portraits) = (Vec::new(), Vec::new());
    let mut first = None;
    let pictured = People::new(Options { seed: 1, pictures: Pictures::Drawn }).take(PICTURED);
    let plain =
        People::new(Options { seed: 1, pictures: Pictures::None }).take(PEOPLE).skip(PICTURED);
    for (n, person) in pictured.chain(plain).enumerate() {
        let mut victim = person.victim;
        if let Some(media) = victim.media.first_mut() {
            media.graphic = [Graphic::None, Graphic::Mild, Graphic::Strong][n % 3];
        }
        let persian = victim.primary_name("fa").unwrap_or_default().to_owned();
        first.get_or_insert_with(|| Somebody { id: victim.id.to_string(), persian });
        portraits.extend(person.portrait);
        core.push(file(&Record::Victim(Box::new(victim))));
    }
    core.extend(extras(1, PEOPLE as u64).map(|record| file(&record)));
    yadgar_protocol::series::parse(series::connectivity().as_bytes()).unwrap();
    core.push(("series/connectivity.csv".to_owned(), series::connectivity().into_bytes()));
    core.push(("index.html".to_owned(), b"<!doctype html><title>x</title><p>site".to_vec()));
    let sample =
        Sample::new("یادمان نمونه (ساختگی)", 1, &[("core", core), ("portraits", portraits)]);
    (sample, first.unwrap())
}

fn file(record: &Record) -> File {
    (record.path(), record.encode())
}
