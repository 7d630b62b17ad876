//! How loud a file is, and what is wrong with its sound whatever the profile.

use super::words::{clock, many};
use crate::finding::{Check, Findings, Rule, Verdict, must, should};
use crate::measure::Measurements;
use crate::profile::Profile;

/// Loudness outside of which a listener reaches for the volume, LUFS.
const SANE: std::ops::RangeInclusive<f64> = -28.0..=-14.0;

/// EBU R 128: target and tolerance, LUFS.
const R128: (f64, f64) = (-23.0, 0.5);

/// Highest true peak that every decoder and converter plays without clipping (EBU R 128, AES TD1008), dBTP.
const TRUE_PEAK: f64 = -1.0;

/// A floor above this is heard between the words, dBFS.
const FLOOR: f64 = -50.0;

/// Mean of the samples above which a file has an offset: −46 dB.
const OFFSET: f64 = 0.005;

/// Silence that sounds like a stop of the player, in seconds.
const SILENCE: f64 = 10.0;

pub(super) fn general(measured: &Measurements, findings: &mut Findings) {
    findings.info(Check::Rms, format!("{:.2} dB", measured.rms_dbfs));
    loudness(
        measured,
        |lufs| SANE.contains(&lufs),
        Verdict::Warn,
        ("-28 to -14 LUFS", "master it again; rhapsode aims at -20 LUFS"),
        findings,
    );
    true_peak(measured, Verdict::Warn, findings);
    let floor = format!("{:.2} dB", measured.noise_floor_dbfs);
    let rule = should("at most -50 dB", "take the noise out before mastering, or record in a quieter room");
    findings.judge(Check::NoiseFloor, measured.noise_floor_dbfs <= FLOOR, floor, rule);
}

pub(super) fn r128(measured: &Measurements, findings: &mut Findings) {
    findings.info(Check::Rms, format!("{:.2} dB", measured.rms_dbfs));
    loudness(
        measured,
        |lufs| (lufs - R128.0).abs() <= R128.1,
        Verdict::Fail,
        ("-23 LUFS, half a unit more or less", "master it again with a linear gain to -23 LUFS"),
        findings,
    );
    true_peak(measured, Verdict::Fail, findings);
    findings.info(Check::NoiseFloor, format!("{:.2} dB", measured.noise_floor_dbfs));
}

fn loudness(
    measured: &Measurements,
    holds: impl Fn(f64) -> bool,
    broken: Verdict,
    (bound, remedy): (&str, &str),
    findings: &mut Findings,
) {
    let told = match measured.integrated_lufs {
        Some(lufs) => format!("{lufs:.2} LUFS"),
        None => "nothing is above -70 LUFS".to_owned(),
    };
    let rule = Rule { bound, remedy, broken };
    findings.judge(Check::Loudness, measured.integrated_lufs.is_some_and(holds), told, rule);
}

fn true_peak(measured: &Measurements, broken: Verdict, findings: &mut Findings) {
    let told = format!("{:.2} dBTP", measured.true_peak_dbtp);
    let rule = Rule {
        bound: "at most -1 dBTP",
        remedy: "limit it with a true-peak limiter before encoding, a decibel lower than this",
        broken,
    };
    findings.judge(Check::TruePeak, measured.true_peak_dbtp <= TRUE_PEAK, told, rule);
}

/// What is wrong with the sound of any file.
pub(super) fn flaws(measured: &Measurements, profile: Profile, findings: &mut Findings) {
    let places = |at: &[f64]| at.iter().map(|&at| clock(at)).collect::<Vec<_>>().join(", ");
    let told = match measured.clips {
        0 => "none".to_owned(),
        clips => format!("{}, first at {}", many(clips, "run"), places(&measured.clips_at)),
    };
    let rule =
        should("no run of 3 samples at full scale", "lower the gain before encoding; what was cut is lost");
    findings.judge(Check::Clipping, measured.clips == 0, told, rule);

    let rule = should("at most 0.5 % of full scale", "filter out what lies below 20 Hz");
    let told = format!("{:.3} % of full scale", measured.dc_offset * 100.0);
    findings.judge(Check::DcOffset, measured.dc_offset <= OFFSET, told, rule);

    if measured.not_numbers > 0 {
        let told = many(measured.not_numbers, "sample");
        let rule =
            must("every sample is a number", "find the program that wrote them, and make the file again");
        findings.judge(Check::Numbers, false, told, rule);
    }
    if profile != Profile::Acx {
        ends(measured, findings);
    }
    let told = match measured.longest_silence {
        Some(silence) => format!("{:.2} s at {}", silence.seconds, clock(silence.at)),
        None => "none".to_owned(),
    };
    let holds = measured.longest_silence.is_none_or(|silence| silence.seconds <= SILENCE);
    let rule = should("at most 10 s", "listen there: words may be missing");
    findings.judge(Check::Silence, holds, told, rule);

    digital_silence(measured, profile, findings);

    let told = match measured.holes {
        0 => "none".to_owned(),
        holes => {
            let at: Vec<f64> = measured.holes_at.iter().map(|hole| hole.at).collect();
            format!("{}, first at {}", many(holes, "hole"), places(&at))
        }
    };
    let rule = should("no hole in the middle of sound", "listen there: sound was lost on the way");
    findings.judge(Check::Holes, measured.holes == 0, told, rule);
}

fn ends(measured: &Measurements, findings: &mut Findings) {
    let ends = [(Check::Head, measured.head_seconds, 5.0), (Check::Tail, measured.tail_seconds, SILENCE)];
    for (check, seconds, most) in ends {
        let bound = format!("at most {most} s");
        let rule = should(&bound, "cut it: a listener takes it for the end of the book");
        findings.judge(check, seconds <= most, format!("{seconds:.2} s"), rule);
    }
}

/// Exact zeros are a figure for most, and for ACX the trace of a gate.
fn digital_silence(measured: &Measurements, profile: Profile, findings: &mut Findings) {
    let told = format!("{:.2} s", measured.digital_silence_seconds);
    if profile == Profile::Acx {
        let rule =
            should("none", "lay room tone of -66 dB under it: gated sound is refused by listeners of ACX");
        findings.judge(Check::DigitalSilence, measured.digital_silence_seconds == 0.0, told, rule);
    } else {
        findings.info(Check::DigitalSilence, told);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::finding::Finding;
    use crate::measure::Stretch;

    /// A file as it should be, by every profile but R 128.
    pub(in crate::checks) fn good() -> Measurements {
        Measurements {
            seconds: 600.0,
            rms_dbfs: -20.5,
            integrated_lufs: Some(-20.0),
            sample_peak_dbfs: -3.2,
            true_peak_dbtp: -3.1,
            noise_floor_dbfs: -66.0,
            dc_offset: 0.0,
            clips: 0,
            clips_at: Vec::new(),
            not_numbers: 0,
            silence_below_dbfs: -50.0,
            head_seconds: 0.75,
            tail_seconds: 2.0,
            longest_silence: Some(Stretch { at: 30.0, seconds: 1.5 }),
            digital_silence_seconds: 0.0,
            holes: 0,
            holes_at: Vec::new(),
        }
    }

    /// The checks that did not pass.
    pub(in crate::checks) fn broken(findings: &[Finding]) -> Vec<Check> {
        let broken = findings.iter().filter(|finding| finding.verdict >= Verdict::Warn);
        broken.map(|finding| finding.check).collect()
    }

    fn judged(change: impl Fn(&mut Measurements)) -> Vec<Check> {
        let mut measured = good();
        change(&mut measured);
        let mut findings = Findings::default();
        general(&measured, &mut findings);
        flaws(&measured, Profile::General, &mut findings);
        broken(&findings.0)
    }

    #[test]
    fn each_flaw_is_told_by_its_own_check_and_a_good_file_by_none() {
        assert_eq!(judged(|_| {}), []);
        assert_eq!(judged(|m| m.integrated_lufs = None), [Check::Loudness]);
        assert_eq!(judged(|m| m.true_peak_dbtp = -0.99), [Check::TruePeak]);
        assert_eq!(judged(|m| m.noise_floor_dbfs = -49.9), [Check::NoiseFloor]);
        assert_eq!(judged(|m| m.clips = 1), [Check::Clipping]);
        assert_eq!(judged(|m| m.dc_offset = 0.006), [Check::DcOffset]);
        assert_eq!(judged(|m| m.not_numbers = 1), [Check::Numbers]);
        assert_eq!(judged(|m| m.head_seconds = 5.1), [Check::Head]);
        assert_eq!(
            judged(|m| m.longest_silence = Some(Stretch { at: 1.0, seconds: 10.1 })),
            [Check::Silence]
        );
        assert_eq!(judged(|m| m.holes = 1), [Check::Holes]);
    }

    #[test]
    fn r128_takes_half_a_unit_and_no_more() {
        let at = |lufs: f64| {
            let mut findings = Findings::default();
            r128(&Measurements { integrated_lufs: Some(lufs), ..good() }, &mut findings);
            broken(&findings.0)
        };
        assert_eq!((at(-23.5), at(-22.5)), (vec![], vec![]));
        assert_eq!((at(-23.51), at(-22.49)), (vec![Check::Loudness], vec![Check::Loudness]));
    }
}
