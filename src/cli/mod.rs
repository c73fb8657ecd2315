//! The command line: one file for each command. Advice to people is given here and nowhere else.

mod archive;
mod checkout;
mod courier;
mod demo;
mod diff;
mod dispute;
mod doctor;
mod error;
mod export;
mod fetch;
mod gate;
mod gc;
mod have;
mod home;
mod import;
mod invite;
mod key;
mod log;
mod mirror;
mod near;
mod no_dump;
mod no_sockets;
mod node;
mod open;
mod panel;
mod peers;
mod persian;
mod pick;
mod publish;
mod rates;
mod records;
mod release;
mod releases;
mod rotate;
mod route;
mod share;
mod sign_apart;
mod site;
mod status;
mod ui;
mod verify;
mod web;
mod whereabouts;
mod wipe;
mod withdraw;

pub use error::{CliError, Exit};
pub use ui::{Lang, Ui};

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// A censorship-resilient peer-to-peer archive: publish, mirror, fetch and read a signed memorial.
///
/// Without a command it opens a page in the browser by which everything a reader needs can be done.
#[derive(Debug, Parser)]
#[command(name = "yadgar", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 damaged or missing data; \
    4 refused by the trust rules; 5 no source reachable; 6 the home is in use; 7 stopped by the privacy gate; 130 stopped by the user.")]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Folder of all state
    #[arg(long, global = true, env = "YADGAR_HOME", hide_env_values = true, value_name = "DIR")]
    #[arg(help_heading = "Options of every command")]
    home: Option<PathBuf>,
    /// Read the passphrase of an encrypted home from the first line of this file
    #[arg(long, global = true, env = "YADGAR_HOME_PASSPHRASE_FILE", hide_env_values = true)]
    #[arg(value_name = "FILE", help_heading = "Options of every command")]
    home_passphrase_file: Option<PathBuf>,
    /// Language of messages and pages (default: en; fa without a command)
    #[arg(long, global = true, value_enum)]
    #[arg(help_heading = "Options of every command")]
    lang: Option<Lang>,
    /// Print results as JSON, one object a line
    #[arg(long, global = true, help_heading = "Options of every command")]
    json: bool,
    /// Print results and errors only
    #[arg(short, long, global = true, help_heading = "Options of every command")]
    quiet: bool,
    /// Print more of what happens (twice: the network too)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    #[arg(help_heading = "Options of every command")]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the whole path with a sample archive: publish, mirror, lose the publisher, fetch, read
    Demo(demo::DemoArgs),
    /// Make, show, back up and restore maintainer keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Make a new archive
    #[command(subcommand)]
    Archive(archive::ArchiveCommand),
    /// Import, export, check, show, correct and merge the records of a folder that is to be published
    #[command(subcommand)]
    Records(records::RecordsCommand),
    /// Look for what must not be published, and clean pictures
    #[command(subcommand)]
    Gate(gate::GateCommand),
    /// Make clean folders of other sites and of crawls
    #[command(subcommand)]
    Site(site::SiteCommand),
    /// Sign a folder as the archive's next release
    Publish(publish::PublishArgs),
    /// Build, show, sign, join and adopt a release of several maintainers
    #[command(subcommand)]
    Release(release::ReleaseCommand),
    /// Change the keys of an archive: add, remove, replace, other thresholds
    #[command(subcommand)]
    Rotate(rotate::RotateCommand),
    /// Withdraw records or files: with the next release, or at once
    Withdraw(withdraw::WithdrawArgs),
    /// Run a mirror node
    Mirror(mirror::MirrorArgs),
    /// See and decide what would take away unusually much
    #[command(subcommand)]
    Node(node::NodeCommand),
    /// Get the newest release from whatever sources there are, then exit
    Fetch(fetch::FetchArgs),
    /// Write the files of a release into a folder, verified
    Checkout(checkout::CheckoutArgs),
    /// Serve the reader's pages on this machine
    Open(open::OpenArgs),
    /// Hand the archive to everybody on this LAN or hotspot for some minutes: a page for any browser
    Share(share::ShareArgs),
    /// Write an archive into one file, for a stick or a messenger
    Export(export::ExportArgs),
    /// Write down what is here, so that an export for this home brings only what is missing
    Have(have::HaveArgs),
    /// Take in a carrier file
    Import(import::ImportArgs),
    /// What is newest and what was withdrawn, as a text that travels ahead of the files
    #[command(subcommand)]
    Courier(courier::CourierCommand),
    /// Check the store, a carrier or a proof, byte by byte; make proofs
    Verify(verify::VerifyArgs),
    /// List the chain of releases as far as it is known here
    Releases(releases::ReleasesArgs),
    /// Show what changed between two releases
    Diff(diff::DiffArgs),
    /// Print link, QR code and six words by which others find an archive
    Invite(invite::InviteArgs),
    /// Tell which ways there are from here, what each shows to whom, and what stands in their way
    Doctor(doctor::DoctorArgs),
    /// Show archives, releases, parts held, and the running node
    Status(status::StatusArgs),
    /// Erase what no release that is kept needs, and give the space back
    Gc(gc::GcArgs),
    /// List the other nodes that a mirror remembers, or forget them
    Peers(peers::PeersArgs),
    /// Make an encrypted home, give it another passphrase
    #[command(subcommand)]
    Home(home::HomeCommand),
    /// Take a home away: its key first, then its files
    Wipe(wipe::WipeArgs),
    /// Sign for another command, which asks on standard input
    #[command(hide = true)]
    SignApart(sign_apart::SignApartArgs),
}

/// Runs the command line and gives the exit code.
pub fn run() -> std::process::ExitCode {
    let cli = Cli::parse();
    log::init(cli.global.verbose, cli.command.as_ref());
    // Who gives no command is no friend of terminals, and most likely Iranian.
    let ui = Ui::new(&cli.global, if cli.command.is_some() { Lang::En } else { Lang::Fa });
    match dispatch(&cli, &ui) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(e) => {
            ui.error(&e);
            std::process::ExitCode::from(e.exit as u8)
        }
    }
}

fn dispatch(cli: &Cli, ui: &Ui) -> Result<(), CliError> {
    let Some(command) = &cli.command else {
        return panel::run(ui, home(&cli.global).ok());
    };
    if let Command::Verify(args) = command
        && let Some(done) = args.run_without_home(ui)
    {
        return done;
    }
    let home = home(&cli.global)?;
    home::ask_when_needed(&cli.global);
    if let Some(what) = needs_plain_home(command) {
        home::refuse_encrypted(&home, what)?;
    }
    match command {
        Command::Records(command) => records::run(ui, &home, command),
        Command::Gate(command) => gate::run(ui, command),
        Command::Site(command) => site::run(ui, command),
        Command::Demo(args) => demo::run(ui, args),
        Command::Key(command) => key::run(ui, &home, command),
        Command::Archive(command) => archive::run(ui, &home, command),
        Command::Publish(args) => publish::run(ui, &home, args),
        Command::Release(command) => release::run(ui, &home, command),
        Command::Rotate(command) => rotate::run(ui, &home, command),
        Command::Withdraw(args) => withdraw::run(ui, &home, args),
        Command::Mirror(args) => mirror::run(ui, &home, args),
        Command::Node(command) => node::run(ui, &home, command),
        Command::Fetch(args) => fetch::run(ui, &home, args),
        Command::Checkout(args) => checkout::run(ui, &home, args),
        Command::Open(args) => open::run(ui, &home, args),
        Command::Share(args) => share::run(ui, &home, args),
        Command::Export(args) => export::run(ui, &home, args),
        Command::Have(args) => have::run(ui, &home, args),
        Command::Import(args) => import::run(ui, &home, args),
        Command::Courier(command) => courier::run(ui, &home, command),
        Command::Verify(args) => verify::run(ui, &home, args),
        Command::Releases(args) => releases::run(ui, &home, args),
        Command::Diff(args) => diff::run(ui, &home, args),
        Command::Invite(args) => invite::run(ui, &home, args),
        Command::Doctor(args) => doctor::run(ui, &home, args),
        Command::Status(args) => status::run(ui, &home, args),
        Command::Gc(args) => gc::run(ui, &home, args),
        Command::Peers(args) => peers::run(ui, &home, args),
        Command::Home(command) => home::run(ui, &home, &cli.global, command),
        Command::Wipe(args) => wipe::run(ui, &home, args),
        Command::SignApart(args) => sign_apart::run(ui, args, cli.global.verbose > 0),
    }
}

/// Commands that keep something in the home that an encrypted one would have in clear.
fn needs_plain_home(command: &Command) -> Option<&'static str> {
    match command {
        Command::Mirror(_) => Some("not for a mirror, which passes on what everybody may know"),
        Command::Key(_)
        | Command::Archive(_)
        | Command::Publish(_)
        | Command::Release(_)
        | Command::Rotate(_)
        | Command::Withdraw(_)
        | Command::SignApart(_) => Some("not for the work of maintainers"),
        _ => None,
    }
}

/// The home given by `--home` or the environment, else the user's data folder.
fn home(global: &Global) -> Result<PathBuf, CliError> {
    if let Some(home) = &global.home {
        return std::path::absolute(home).map_err(|e| CliError::failed(home.display(), e));
    }
    directories::ProjectDirs::from("", "", "yadgar")
        .map(|dirs| dirs.data_dir().to_path_buf())
        .ok_or_else(|| {
            CliError::new(Exit::Usage, "no home folder is known").advice("name one with --home DIR")
        })
}

/// Sets `stop` when the user presses Ctrl-C, so that work ends in order; a second Ctrl-C kills.
fn stop_on_ctrl_c(stop: &std::sync::Arc<std::sync::atomic::AtomicBool>) {
    let stop = stop.clone();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        runtime.block_on(async {
            if tokio::signal::ctrl_c().await.is_ok() {
                stop.store(true, std::sync::atomic::Ordering::SeqCst);
                let _ = tokio::signal::ctrl_c().await;
                std::process::exit(130);
            }
        });
    });
}

/// The runtime of commands that use the network or serve pages.
fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| CliError::failed("the runtime", e))
}

/// The runtime of commands that move much data. With half as many threads as cores they hand less to one
/// another, and a transfer costs a tenth less (docs/measurements.md); what reads, hashes and writes the
/// disk has threads of its own.
fn transfer_runtime() -> Result<tokio::runtime::Runtime, CliError> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads((cores / 2).max(1))
        .enable_all()
        .build()
        .map_err(|e| CliError::failed("the runtime", e))
}

/// From now on notices when the user presses Ctrl-C or the system asks the program to end; what it gives returns then.
/// To be called within a runtime, before others are told that the program is there: a signal that comes while this
/// is being set up may be lost, and one before it kills.
fn stopped() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        // One that cannot be watched has the system's own effect: it kills.
        let one = |watched: std::io::Result<tokio::signal::unix::Signal>| async move {
            match watched {
                Ok(mut watched) => drop(watched.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = one(interrupt) => {}
            () = one(terminate) => {}
        }
    }
}
