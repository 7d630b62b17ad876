//! What ACX asks: of each file, measured on the file that is uploaded, and of the set.

use super::words::clock;
use crate::finding::{Check, Findings, Rule, Verdict, must, should};
use crate::measure::Measurements;
use crate::report::{BookReport, FileReport};
use crate::sound::{BitRate, Container};

const RMS: std::ops::RangeInclusive<f64> = -23.0..=-18.0;
const PEAK: f64 = -3.0;
const FLOOR: f64 = -60.0;
const HEAD: std::ops::RangeInclusive<f64> = 0.5..=1.0;
const TAIL: std::ops::RangeInclusive<f64> = 1.0..=5.0;
const RATE: u32 = 44_100;
const BITS: f64 = 192_000.0;
const LONGEST: f64 = 120.0 * 60.0;

/// The ends are measured in windows of 10 ms, and MP3 begins them up to two windows early.
const WINDOWS: f64 = 0.02;

pub(super) fn check(file: &FileReport, measured: &Measurements, findings: &mut Findings) {
    format(file, findings);
    let rule = must("at most 120 minutes", "split it at a pause");
    findings.judge(Check::Duration, measured.seconds <= LONGEST, clock(measured.seconds), rule);

    let rule = must(
        "-23 to -18 dB RMS",
        "change its gain until it is about -20.5 dB, and limit the peaks after that",
    );
    let told = format!("{:.2} dB", measured.rms_dbfs);
    findings.judge(Check::Rms, RMS.contains(&measured.rms_dbfs), told, rule);
    findings.info(
        Check::Loudness,
        measured.integrated_lufs.map_or("silent".to_owned(), |lufs| format!("{lufs:.2} LUFS")),
    );
    let rule = must("at most -3 dB", "limit it at -3.5 dB before encoding: MP3 adds a little");
    let told = format!("{:.2} dB", measured.sample_peak_dbfs);
    findings.judge(Check::SamplePeak, measured.sample_peak_dbfs <= PEAK, told, rule);
    findings.info(Check::TruePeak, format!("{:.2} dBTP", measured.true_peak_dbtp));
    let rule = must("at most -60 dB RMS", "take the noise out before mastering, or record in a quieter room");
    let told = format!("{:.2} dB", measured.noise_floor_dbfs);
    findings.judge(Check::NoiseFloor, measured.noise_floor_dbfs <= FLOOR, told, rule);
    for (check, seconds, range, bound) in [
        (Check::Head, measured.head_seconds, HEAD, "0.5 to 1 s of room tone"),
        (Check::Tail, measured.tail_seconds, TAIL, "1 to 5 s of room tone"),
    ] {
        let holds = (range.start() - WINDOWS..=range.end() + WINDOWS).contains(&seconds);
        findings.judge(check, holds, format!("{seconds:.2} s"), must(bound, "cut it, or add room tone"));
    }
}

fn format(file: &FileReport, findings: &mut Findings) {
    let Some(stream) = &file.stream else { return };
    let is_mp3 = stream.container == Container::Mp3;
    findings.judge(Check::Codec, is_mp3, stream.codec, must("MP3", "encode the master as MP3"));
    let told = format!("{} Hz", stream.rate);
    findings.judge(
        Check::SampleRate,
        stream.rate == RATE,
        told,
        must("44100 Hz", "encode the master at 44.1 kHz"),
    );
    let told = match stream.channels {
        1 => "mono".to_owned(),
        2 => "stereo".to_owned(),
        channels => format!("{channels} channels"),
    };
    findings.judge(
        Check::Channels,
        stream.channels <= 2,
        told,
        must("mono or stereo", "mix it down to mono"),
    );
    let (told, holds) = match file.bit_rate {
        Some(BitRate { mean, constant: Some(true) }) => {
            (format!("{:.0} kbit/s, constant", mean / 1_000.0), mean >= BITS)
        }
        Some(BitRate { mean, .. }) => (format!("{:.0} kbit/s", mean / 1_000.0), false),
        None => ("unknown".to_owned(), false),
    };
    // That of another codec says nothing of what its MP3 will have.
    if is_mp3 {
        let rule = must("192 kbit/s or more, constant", "encode the master at 192 kbit/s, constant");
        findings.judge(Check::BitRate, holds, told, rule);
    } else {
        findings.info(Check::BitRate, told);
    }
}

/// Words that files of credits are called by.
const OPENING: [&str; 3] = ["opening credits", "opening-credits", "opening_credits"];
const CLOSING: [&str; 6] =
    ["closing credits", "closing-credits", "closing_credits", "end credits", "end-credits", "end_credits"];

/// What ACX asks of all files together.
pub(super) fn set(book: &BookReport, findings: &mut Findings) {
    if book.files.len() < 2 {
        let rule =
            should("a file for each chapter, and one for each credits", "make a file for each chapter");
        findings.judge(Check::Credits, false, "one file", rule);
        return;
    }
    let has = |words: &[&str]| {
        book.files.iter().any(|file| {
            let name =
                file.path.file_stem().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
            let title = file.tags.title.as_deref().unwrap_or_default().to_lowercase();
            words.iter().any(|word| name.contains(word) || title.contains(word))
        })
    };
    let (told, holds) = match (has(&OPENING), has(&CLOSING)) {
        (true, true) => ("opening and closing credits", true),
        (true, false) => ("no file is called closing credits", false),
        (false, true) => ("no file is called opening credits", false),
        (false, false) => ("no file is called opening or closing credits", false),
    };
    let rule = Rule {
        bound: "opening and closing credits in files of their own",
        remedy: "add them: title, author and narrator at the start, \"The end\" at the end",
        // Their words may stand in files with other names.
        broken: Verdict::Warn,
    };
    findings.judge(Check::Credits, holds, told, rule);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::levels::tests::{broken, good};
    use crate::sound::{Damage, Stream};
    use crate::tags::Tags;

    fn mp3(measured: Measurements) -> FileReport {
        FileReport {
            path: "01.mp3".into(),
            bytes: 1,
            stream: Some(Stream { container: Container::Mp3, codec: "MP3", rate: 44_100, channels: 1 }),
            bit_rate: Some(BitRate { mean: 192_000.0, constant: Some(true) }),
            promised_seconds: None,
            measurements: Some(measured),
            damage: Damage::default(),
            chapters: Vec::new(),
            tags: Tags::default(),
            findings: Vec::new(),
        }
    }

    fn judged(change: impl Fn(&mut FileReport, &mut Measurements)) -> Vec<Check> {
        let mut measured = good();
        let mut file = mp3(good());
        change(&mut file, &mut measured);
        let mut findings = Findings::default();
        check(&file, &measured, &mut findings);
        broken(&findings.0)
    }

    #[test]
    fn every_bound_of_acx_holds_at_it_and_breaks_beyond_it() {
        assert_eq!(judged(|_, _| {}), []);
        for (inside, outside, set, check) in [
            (-23.0, -23.01, (|m, v| m.rms_dbfs = v) as fn(&mut Measurements, f64), Check::Rms),
            (-18.0, -17.99, |m, v| m.rms_dbfs = v, Check::Rms),
            (-3.0, -2.99, |m, v| m.sample_peak_dbfs = v, Check::SamplePeak),
            (-60.0, -59.99, |m, v| m.noise_floor_dbfs = v, Check::NoiseFloor),
            (0.5, 0.47, |m, v| m.head_seconds = v, Check::Head),
            (1.0, 1.03, |m, v| m.head_seconds = v, Check::Head),
            (1.0, 0.97, |m, v| m.tail_seconds = v, Check::Tail),
            (5.0, 5.03, |m, v| m.tail_seconds = v, Check::Tail),
            (7_200.0, 7_200.1, |m, v| m.seconds = v, Check::Duration),
        ] {
            assert_eq!(judged(|_, m| set(m, inside)), [], "{check} at {inside}");
            assert_eq!(judged(|_, m| set(m, outside)), [check], "{check} at {outside}");
        }
    }

    #[test]
    fn the_format_is_mp3_at_44_100_hz_with_192_constant_kilobits() {
        let stream = |change: fn(&mut Stream)| judged(|file, _| change(file.stream.as_mut().unwrap()));
        assert_eq!(stream(|s| s.rate = 48_000), [Check::SampleRate]);
        assert_eq!(stream(|s| s.channels = 6), [Check::Channels]);
        assert_eq!(stream(|s| s.container = Container::Flac), [Check::Codec]);
        let rate = |mean, constant| judged(|file, _| file.bit_rate = Some(BitRate { mean, constant }));
        assert_eq!(rate(320_000.0, Some(true)), []);
        assert_eq!(rate(128_000.0, Some(true)), [Check::BitRate]);
        assert_eq!(rate(256_000.0, Some(false)), [Check::BitRate]);
    }

    #[test]
    fn credits_are_looked_for_in_names_and_titles() {
        let mut files: Vec<FileReport> = (0..3).map(|_| mp3(good())).collect();
        let judged = |files: &[FileReport]| {
            let book =
                BookReport { title: None, folder: ".".into(), files: files.to_vec(), findings: Vec::new() };
            let mut findings = Findings::default();
            set(&book, &mut findings);
            broken(&findings.0)
        };
        assert_eq!(judged(&files), [Check::Credits]);
        files[0].path = "00 - Opening Credits.mp3".into();
        files[2].tags.title = Some("Closing credits".to_owned());
        assert_eq!(judged(&files), []);
    }
}
