//! The command line: arguments, progress, messages, exit codes. Everything a person sees.

fn main() {}
