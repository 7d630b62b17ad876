//! Speaks the lines of a text on one thread and measures it; `scripts/bench-voice` compares the figures.
//!
//! `cargo run --release -p rhapsode-voice --example speed -- PACK_DIR TEXT_FILE`
//!
//! The text is spoken once to warm up, and once for the figures. Prints a line of JSON: seconds of speech, seconds
//! by the clock, and seconds of processor time, in which other programs on the machine do not count.
#![allow(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::{error::Error, path::PathBuf, time::Instant};

use rhapsode_voice::{Fragment, Session, Voice, VoiceError, VoicePack};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(pack), Some(text)) = (arguments.next(), arguments.next()) else {
        return Err("usage: speed PACK_DIR TEXT_FILE".into());
    };
    let text = std::fs::read_to_string(text)?;
    let voice = Voice::open(&VoicePack::open(&PathBuf::from(pack))?)?;
    let mut session = voice.session();
    speak(&mut session, &text)?;

    let (clock, processor) = (Instant::now(), processor_seconds());
    let speech = speak(&mut session, &text)?;
    let clock = clock.elapsed().as_secs_f64();
    let processor = processor_seconds().zip(processor).map_or(clock, |(after, before)| after - before);
    println!(r#"{{"speech": {speech:.3}, "clock": {clock:.4}, "processor": {processor:.4}}}"#);
    Ok(())
}

/// Speaks every line, and returns how many seconds that made.
fn speak(session: &mut Session, text: &str) -> Result<f64, VoiceError> {
    let mut seconds = 0.0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        seconds += session.speak(&[Fragment::Text(line)], 1.0, 0)?.seconds();
    }
    Ok(seconds)
}

/// What all threads of this process have used so far, where the system tells.
fn processor_seconds() -> Option<f64> {
    let mut nanoseconds = 0.0;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        let schedule = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        nanoseconds += schedule.split(' ').next()?.parse::<f64>().ok()?;
    }
    Some(nanoseconds / 1e9)
}
