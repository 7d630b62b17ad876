//! Writes the shell completions and the man pages from the arguments, so that they can never be out of date.

use std::{env, fmt::Write, fs, io, path::PathBuf};

use clap::{CommandFactory, ValueEnum};
use clap_complete::Shell;

#[allow(dead_code, reason = "the build script reads the arguments' shape and never parses any")]
#[path = "src/args.rs"]
mod args;

#[allow(clippy::disallowed_methods, reason = "cargo tells build scripts through the environment")]
fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=src/args.rs");
    println!("cargo::rerun-if-changed=src/args");
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    let command = args::Cli::command();

    let mut table = String::from("const COMPLETIONS: &[(&str, &str)] = &[\n");
    for &shell in Shell::value_variants() {
        let path = clap_complete::generate_to(shell, &mut command.clone(), "rhapsode", &out)?;
        let _ = writeln!(table, "    ({:?}, include_str!({:?})),", shell.to_string(), path);
    }
    table.push_str("];\nconst MAN_PAGES: &[(&str, &str)] = &[\n");
    clap_mangen::generate_to(command, &out)?;
    let mut pages: Vec<PathBuf> =
        fs::read_dir(&out)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "1"));
    pages.sort();
    for page in pages {
        let name = page.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let _ = writeln!(table, "    ({name:?}, include_str!({page:?})),");
    }
    table.push_str("];\n");
    fs::write(out.join("assets.rs"), table)
}
