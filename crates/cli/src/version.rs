//! What `--version` tells: the program, and the encoders in it with their licences.

use rhapsode_engine::release::{Format, encode::encoder_info};

/// The program's name and version, and a line for each format's encoder.
pub(crate) fn long() -> String {
    let encoders = Format::all().map(|format| {
        let info = encoder_info(format.codec(None));
        format!("{format}: {} {} ({})", info.name, info.version, info.licence)
    });
    std::iter::once(concat!("rhapsode ", env!("CARGO_PKG_VERSION")).to_owned())
        .chain(encoders)
        .collect::<Vec<_>>()
        .join("\n")
}
