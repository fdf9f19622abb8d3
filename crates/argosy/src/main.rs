//! `argosy`: an online store in one command.

use std::process::ExitCode;

fn main() -> ExitCode {
    argosy::cli::main()
}
