//! Prints the contracts in lines: `cargo run -p argosy-contracts --example outline > proto/released.txt`, at a release.

#![expect(clippy::unwrap_used, reason = "a development tool")]

#[path = "../tests/compatibility/outline.rs"]
#[expect(dead_code, reason = "shared with the test that reads lines")]
mod outline;

#[expect(clippy::print_stdout, reason = "its answer")]
fn main() {
    println!(
        "# The contracts as the release before has them; the test `compatibility` of crates/contracts reads this."
    );
    for (key, value) in outline::of_descriptors(argosy_contracts::DESCRIPTORS) {
        println!("{key} = {value}");
    }
}
