//! Speaks the lines of a text on one thread and prints how long each stage took.
//!
//! `cargo run --release -p rhapsode-voice --example speed -- PACK_DIR TEXT_FILE [ROUNDS]`

use std::{error::Error, path::PathBuf, time::Instant};

use rhapsode_voice::{Fragment, Voice, VoicePack};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(pack), Some(text)) = (arguments.next(), arguments.next()) else {
        return Err("usage: speed PACK_DIR TEXT_FILE [ROUNDS]".into());
    };
    let rounds: u32 = match arguments.next() {
        Some(rounds) => rounds.to_string_lossy().parse()?,
        None => 1,
    };
    let text = std::fs::read_to_string(text)?;
    let sentences: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();

    let start = Instant::now();
    let voice = Voice::open(&VoicePack::open(&PathBuf::from(pack))?)?;
    println!("open_seconds {:.3}", start.elapsed().as_secs_f64());
    let mut session = voice.session();
    session.speak(&[Fragment::Text("Warm up.")], 1.0, 0)?;
    for _ in 0..rounds {
        let start = Instant::now();
        let mut spoken = 0.0;
        for sentence in &sentences {
            spoken += session.speak(&[Fragment::Text(sentence)], 1.0, 0)?.seconds();
        }
        let wall = start.elapsed().as_secs_f64();
        println!("spoken_seconds {spoken:.2} wall_seconds {wall:.3} times_real_time {:.1}", spoken / wall);
    }
    Ok(())
}
