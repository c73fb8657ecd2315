//! Writes a folder of people who never lived, to try things out on: records, pictures, the same people as a table,
//! and a made-up series of how much of the internet could be reached.
//!
//! `cargo run --example fictional -- OUT --people 323 --seed 1 --portraits`
//!
//! Family names are two words for things put together that nobody bears, cities do not exist, organisations are
//! called samples, and every record says that it is fictional. `OUT.people.csv` and `OUT.people.jsonl` have the same
//! people in the columns of `yadgar records import`.

mod people;
mod series;
mod table;

use clap::Parser;
use people::{Options, People, Pictures};
use std::fs;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use yadgar_protocol::record::{Record, check};

/// More would need names that are alike.
const MAX_PEOPLE: u64 = 200_000;

#[derive(Debug, Parser)]
#[command(about = "Write a folder of fictional records")]
struct Args {
    /// The folder to write; it must not exist yet, or be empty
    out: PathBuf,
    /// How many people with names
    #[arg(long, default_value_t = 323, value_parser = clap::value_parser!(u64).range(1..=MAX_PEOPLE))]
    people: u64,
    /// The same seed gives the same bytes
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// With a drawn picture of about 60 kB for everybody of whom one may be shown
    #[arg(long)]
    portraits: bool,
    /// Leave out people without names, incidents, and records that are gone
    #[arg(long)]
    no_extras: bool,
    /// Write no records, only what a table is imported into: pictures and the series
    #[arg(long)]
    no_records: bool,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok((records, bytes)) => {
            println!("{records} records, {bytes} bytes");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> io::Result<(u64, u64)> {
    if fs::read_dir(&args.out).is_ok_and(|mut items| items.next().is_some()) {
        let what = format!("{} is not empty; name a new folder", args.out.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
    }
    fs::create_dir_all(args.out.join("series"))?;
    fs::write(args.out.join("series/connectivity.csv"), series::connectivity())?;
    let written = write_people(args)?;
    let pictures = if args.portraits { Pictures::Named } else { Pictures::None };
    let options = Options { seed: args.seed, pictures };
    let people = args.people as usize;
    table::csv(options, people, &mut beside(&args.out, ".people.csv")?)?;
    table::json_lines(options, people, &mut beside(&args.out, ".people.jsonl")?)?;
    Ok(written)
}

/// A file beside the folder: a maintainer's table is not published.
fn beside(out: &Path, ending: &str) -> io::Result<BufWriter<fs::File>> {
    let mut name = out.as_os_str().to_owned();
    name.push(ending);
    fs::File::create(name).map(BufWriter::new)
}

/// Records and pictures; how many records, and their bytes.
fn write_people(args: &Args) -> io::Result<(u64, u64)> {
    let folders = [
        ("records", !args.no_records),
        ("incidents", !args.no_records),
        ("portraits", args.portraits),
    ];
    for (folder, _) in folders.into_iter().filter(|(_, wanted)| *wanted) {
        fs::create_dir_all(args.out.join(folder))?;
    }
    let (mut records, mut bytes) = (0, 0);
    let mut put = |record: &Record| {
        if args.no_records {
            return Ok(());
        }
        records += 1;
        write_record(&args.out, record).map(|length| bytes += length)
    };
    let pictures = if args.portraits { Pictures::Drawn } else { Pictures::None };
    let options = Options { seed: args.seed, pictures };
    if !args.no_records || args.portraits {
        for person in People::new(options).take(args.people as usize) {
            if let Some((path, picture)) = &person.portrait {
                fs::write(args.out.join(path), picture)?;
            }
            put(&Record::Victim(Box::new(person.victim)))?;
        }
    }
    if !args.no_extras {
        for record in people::extras(args.seed, args.people) {
            put(&record)?;
        }
    }
    Ok((records, bytes))
}

/// Writes a record that is well formed, and says how long it is.
fn write_record(out: &Path, record: &Record) -> io::Result<u64> {
    if let Some(fault) = check(record).first() {
        let what = format!("{}: {}: {} ({})", record.id(), fault.field, fault.why, fault.clause);
        return Err(io::Error::other(what));
    }
    let bytes = record.encode();
    fs::write(out.join(record.path()), &bytes)?;
    Ok(bytes.len() as u64)
}
