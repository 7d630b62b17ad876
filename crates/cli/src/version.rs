//! What `--version` tells: the program, and the encoders in it with their licences.

use rhapsode_engine::release::{Format, encode::encoder_info};

/// Bit rate with which encoders are asked for their names; no name depends on it.
const ANY_BITRATE: u32 = 64_000;

/// The program's name and version, and a line for each format's encoder.
pub(crate) fn long() -> String {
    let encoders = Format::all().map(|format| {
        let info = encoder_info(format.codec(ANY_BITRATE));
        format!("{format}: {} {} ({})", info.name, info.version, info.licence)
    });
    std::iter::once(concat!("rhapsode ", env!("CARGO_PKG_VERSION")).to_owned())
        .chain(encoders)
        .collect::<Vec<_>>()
        .join("\n")
}
