//! The `yadgar` program; everything is in the library.

fn main() -> std::process::ExitCode {
    yadgar::cli::run()
}
