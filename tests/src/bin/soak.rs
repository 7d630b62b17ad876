//! The long run of kills: `scripts/soak kills` calls it and keeps what it prints in `docs/soak.md`.
#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use rhapsode_tests::kills::kill_again_and_again;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number =
        |at: usize, default: u64| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (runs, seed) = (number(1, 1_000), number(2, 1));
    println!("{}", kill_again_and_again("the-lamplighters-almanac.epub", runs as usize, seed));
}
