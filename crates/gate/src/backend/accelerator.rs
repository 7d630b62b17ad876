//! Whether the engine runs on what it was promised to run on. A build that falls back to the processor works, thirty
//! times slower, and a build for another architecture fails at the first sentence.

use rhapsode_deps::Accelerator;

use crate::{CheckId, Outcome};

/// The least driver for each CUDA version, by its first number, from NVIDIA's release notes: all versions with that
/// first number work with it.
const LEAST_DRIVERS: [(u16, [u16; 2]); 3] = [(11, [450, 80]), (12, [525, 60]), (13, [580, 65])];

/// Compute capabilities of Jetson and its kin. That builds for desktop cards run there works, but is not promised.
const TEGRA: [(u16, u16); 4] = [(5, 3), (6, 2), (7, 2), (8, 7)];

/// How a build fits an accelerator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// It has machine code for it.
    Binary,
    /// It has machine code for cards of its kind, and this is a Jetson.
    Tegra,
    /// It has code that the driver translates.
    Translated,
    /// It has nothing for it.
    None,
}

/// Judges what a report says of the accelerator. `promised` is what the configuration says that the backend runs on.
pub(super) fn judge(subject: &str, told: Option<&Accelerator>, promised: Option<&str>) -> Vec<Outcome> {
    let Some(told) = told else { return vec![untold(subject, promised)] };
    let wanted =
        [promised, told.required.as_deref()].into_iter().flatten().map(kind).find(|kind| kind != "cpu");
    let device = told.device.as_deref().map(kind);
    let mut outcomes = on_what(subject, told, wanted.as_deref(), device.as_deref());
    outcomes.extend(architecture(subject, told));
    outcomes.extend(driver(subject, told, device.as_deref()));
    outcomes
}

fn untold(subject: &str, promised: Option<&str>) -> Outcome {
    let seen = "the backend does not speak of an accelerator";
    match promised.filter(|promised| kind(promised) != "cpu") {
        Some(promised) => Outcome::warn(CheckId::AcceleratorPresent, subject, seen)
            .but(promised, "see for yourself that it runs there; the proof of speech tells its speed"),
        None => Outcome::pass(CheckId::AcceleratorPresent, subject, seen),
    }
}

/// Whether it is there, and whether it is used: one of the two is wrong, never both.
fn on_what(subject: &str, told: &Accelerator, wanted: Option<&str>, device: Option<&str>) -> Vec<Outcome> {
    let (present, used) = (CheckId::AcceleratorPresent, CheckId::Fallback);
    let name = told.name.as_deref().or(device).unwrap_or("none").to_owned();
    let Some(wanted) = wanted else {
        return vec![Outcome::pass(present, subject, format!("{name}; none is asked for"))];
    };
    match device {
        None => vec![
            Outcome::fail(present, subject, "there is none").but(
                wanted,
                "give it to the container (`--gpus all`, or the driver's runtime), or look at the driver",
            ),
            Outcome::skipped(used, subject, "there is none"),
        ],
        Some("cpu") => vec![
            Outcome::skipped(present, subject, "it runs on the processor"),
            Outcome::fail(used, subject, "it runs on the processor").but(
                wanted,
                "see why the accelerator is not found: driver, container runtime, a build without CUDA",
            ),
        ],
        Some(device) if wanted == "gpu" || wanted == device => {
            vec![Outcome::pass(present, subject, name), Outcome::pass(used, subject, device)]
        }
        Some(device) => vec![
            Outcome::fail(present, subject, device.to_owned())
                .but(wanted, "use a build for this accelerator, or the machine that the build is for"),
            Outcome::pass(used, subject, device),
        ],
    }
}

fn architecture(subject: &str, told: &Accelerator) -> Option<Outcome> {
    let (id, capability) = (CheckId::Architecture, told.capability?);
    let (major, minor) = capability;
    let builds: Vec<Build> = told.architectures.iter().filter_map(|text| Build::parse(text)).collect();
    if builds.is_empty() {
        let seen = format!("compute capability {major}.{minor}; the build does not say what it is for");
        return Some(Outcome::pass(id, subject, seen));
    }
    let list = told.architectures.join(" ");
    let seen = format!("compute capability {major}.{minor}, build for {list}");
    let remedy =
        format!("use a build of torch for this card, or build it with TORCH_CUDA_ARCH_LIST={major}.{minor}");
    let outcome = match fit(capability, &builds) {
        Fit::Binary => Outcome::pass(id, subject, seen),
        // Translation wants a driver that knows the build's CUDA; machine code does not.
        Fit::Translated if told.driver_cuda.zip(told.cuda).is_some_and(|(driver, build)| driver < build) => {
            Outcome::fail(id, subject, format!("{seen}; the driver is too old to translate the build's code"))
                .but(format!("sm_{major}{minor}"), format!("a newer driver, or {remedy}"))
        }
        Fit::Translated => {
            Outcome::pass(id, subject, format!("{seen}; the driver translates its code"))
        }
        Fit::Tegra => Outcome::warn(id, subject, seen).but(
            format!("sm_{major}{minor}"),
            "NVIDIA does not promise that a build for desktop cards runs on a Jetson; the proof of speech tells",
        ),
        Fit::None => Outcome::fail(id, subject, seen).but(format!("sm_{major}{minor}"), remedy),
    };
    Some(outcome)
}

/// One entry of a build's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Build {
    code: Code,
    capability: (u16, u16),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Code {
    /// `sm_80`: machine code.
    Binary,
    /// `sm_90a`, `sm_100f`: machine code with parts that only this one has.
    Special,
    /// `compute_90`: code that the driver translates.
    Translated,
}

impl Build {
    /// Reads an entry; none if it is not one of CUDA.
    fn parse(text: &str) -> Option<Self> {
        let (code, number) = match text.trim().split_once('_')? {
            ("sm", number) => (Code::Binary, number),
            ("compute", number) => (Code::Translated, number),
            _ => return None,
        };
        let digits = number.trim_end_matches(['a', 'f']);
        // Code of a special part is not forward compatible, translated or not.
        let code = if digits.len() < number.len() { Code::Special } else { code };
        let split = digits.len().checked_sub(1)?;
        let (major, minor) = digits.split_at_checked(split)?;
        Some(Self { code, capability: (major.parse().ok()?, minor.parse().ok()?) })
    }
}

/// How a build fits, by NVIDIA's rules of compatibility: machine code runs on its own major and the same or a later
/// minor number, translated code on all that is later.
fn fit(card: (u16, u16), builds: &[Build]) -> Fit {
    let runs = |build: &&Build| match build.code {
        Code::Binary => build.capability.0 == card.0 && build.capability.1 <= card.1,
        Code::Special => build.capability == card,
        Code::Translated => build.capability <= card,
    };
    let fitting: Vec<&Build> = builds.iter().filter(runs).collect();
    let any = |wanted: fn(&Build) -> bool| fitting.iter().any(|build| wanted(build));
    if fitting.iter().any(|build| build.code != Code::Translated && build.capability == card) {
        Fit::Binary
    } else if any(|build| build.code != Code::Translated) {
        if TEGRA.contains(&card) { Fit::Tegra } else { Fit::Binary }
    } else if any(|build| build.code == Code::Translated) {
        Fit::Translated
    } else {
        Fit::None
    }
}

fn driver(subject: &str, told: &Accelerator, device: Option<&str>) -> Option<Outcome> {
    let (id, (major, minor)) = (CheckId::Driver, told.cuda?);
    let driver = told.driver.as_deref().unwrap_or("unknown");
    let build = format!("build for CUDA {major}.{minor}");
    let serves = match (told.driver_cuda, &told.driver) {
        (Some((serves, _)), _) => serves >= major,
        (None, Some(version)) => is_new_enough(version, major)?,
        (None, None) => return None,
    };
    let seen = match told.driver_cuda {
        Some((a, b)) => format!("driver {driver} for CUDA {a}.{b}, {build}"),
        None => format!("driver {driver}, {build}"),
    };
    if serves {
        return Some(Outcome::pass(id, subject, seen));
    }
    let expected = format!("a driver for CUDA {major}");
    let remedy =
        format!("install a newer driver on the machine, or a build for CUDA {}", major.saturating_sub(1));
    Some(match device {
        // It works, so something makes up for it: NVIDIA's package for forward compatibility does.
        Some("cuda") => Outcome::warn(id, subject, format!("{seen}, and yet it runs")).but(expected, remedy),
        _ => Outcome::fail(id, subject, seen).but(expected, remedy),
    })
}

/// Whether a driver serves CUDA of this first number; none if that is not known.
fn is_new_enough(driver: &str, cuda: u16) -> Option<bool> {
    let (_, least) = LEAST_DRIVERS.iter().find(|(known, _)| *known == cuda)?;
    let mut numbers = driver.split('.').map(str::parse::<u16>);
    let found = [numbers.next()?.ok()?, numbers.next().and_then(Result::ok).unwrap_or(0)];
    Some(found >= *least)
}

/// The kind of a device: `cuda` of `cuda:0`.
fn kind(device: &str) -> String {
    device.split(':').next().unwrap_or_default().trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    fn orin() -> Accelerator {
        Accelerator {
            required: Some("cuda".to_owned()),
            device: Some("cuda:0".to_owned()),
            name: Some("Orin".to_owned()),
            capability: Some((8, 7)),
            architectures: vec!["sm_80".to_owned(), "sm_87".to_owned(), "compute_90".to_owned()],
            cuda: Some((12, 4)),
            driver: Some("550.54".to_owned()),
            driver_cuda: Some((12, 4)),
        }
    }

    fn verdicts(told: &Accelerator, promised: Option<&str>) -> Vec<(&'static str, Verdict)> {
        let outcomes = judge("tts", Some(told), promised);
        outcomes.iter().map(|outcome| (outcome.id.id(), outcome.verdict)).collect()
    }

    fn fits(capability: (u16, u16), architectures: &[&str]) -> Fit {
        let builds: Vec<Build> = architectures.iter().filter_map(|text| Build::parse(text)).collect();
        fit(capability, &builds)
    }

    #[test]
    fn a_card_that_the_build_is_for_passes_everything() {
        assert!(verdicts(&orin(), Some("cuda")).iter().all(|(_, verdict)| *verdict == Verdict::Pass));
    }

    #[test]
    fn an_accelerator_that_is_needed_and_absent_fails_once() {
        let absent = Accelerator { required: Some("cuda".to_owned()), ..Accelerator::default() };
        assert_eq!(
            verdicts(&absent, None),
            [("RHA-ACC-001", Verdict::Fail), ("RHA-ACC-003", Verdict::Skipped)]
        );
    }

    #[test]
    fn the_processor_in_place_of_a_promised_gpu_fails_once() {
        let cpu = Accelerator { device: Some("cpu".to_owned()), ..Accelerator::default() };
        assert_eq!(
            verdicts(&cpu, Some("gpu")),
            [("RHA-ACC-001", Verdict::Skipped), ("RHA-ACC-003", Verdict::Fail)]
        );
        assert_eq!(verdicts(&cpu, None), [("RHA-ACC-001", Verdict::Pass)]);
        assert_eq!(verdicts(&cpu, Some("cpu")), [("RHA-ACC-001", Verdict::Pass)]);
    }

    #[test]
    fn another_accelerator_than_the_promised_one_fails() {
        let metal = Accelerator { device: Some("mps".to_owned()), ..Accelerator::default() };
        assert_eq!(verdicts(&metal, Some("cuda"))[0], ("RHA-ACC-001", Verdict::Fail));
        assert_eq!(verdicts(&metal, Some("gpu"))[0], ("RHA-ACC-001", Verdict::Pass));
    }

    #[test]
    fn a_promise_that_no_report_confirms_is_a_warning_and_without_a_promise_nothing_is_missed() {
        assert_eq!(judge("tts", None, Some("cuda"))[0].verdict, Verdict::Warn);
        assert_eq!(judge("tts", None, None)[0].verdict, Verdict::Pass);
    }

    #[test]
    fn machine_code_runs_on_its_major_number_and_translated_code_on_what_is_later() {
        assert_eq!(fits((8, 6), &["sm_80"]), Fit::Binary);
        assert_eq!(fits((8, 9), &["sm_80", "sm_86"]), Fit::Binary);
        assert_eq!(fits((8, 0), &["sm_86"]), Fit::None);
        assert_eq!(fits((9, 0), &["sm_80", "sm_86"]), Fit::None);
        assert_eq!(fits((9, 0), &["sm_80", "compute_80"]), Fit::Translated);
        assert_eq!(fits((7, 5), &["compute_80"]), Fit::None);
        assert_eq!(fits((12, 0), &["sm_90", "sm_120"]), Fit::Binary);
        assert_eq!(fits((12, 1), &["sm_120"]), Fit::Binary);
    }

    #[test]
    fn code_for_special_parts_runs_nowhere_else() {
        assert_eq!(fits((9, 0), &["sm_90a"]), Fit::Binary);
        assert_eq!(fits((10, 0), &["sm_90a", "compute_90a"]), Fit::None);
    }

    #[test]
    fn a_desktop_build_on_a_jetson_is_a_warning_and_its_own_build_is_none() {
        assert_eq!(fits((8, 7), &["sm_80", "sm_86"]), Fit::Tegra);
        assert_eq!(fits((8, 7), &["sm_80", "sm_87"]), Fit::Binary);
        let desktop = Accelerator { architectures: vec!["sm_80".to_owned()], ..orin() };
        assert!(verdicts(&desktop, None).contains(&("RHA-ACC-002", Verdict::Warn)));
    }

    #[test]
    fn a_card_that_the_build_has_nothing_for_fails_with_the_setting_that_mends_it() {
        let hopper = Accelerator { architectures: vec!["sm_90".to_owned()], ..orin() };
        let outcomes = judge("tts", Some(&hopper), None);
        let outcome = outcomes.iter().find(|outcome| outcome.id == CheckId::Architecture).unwrap();
        assert_eq!(outcome.verdict, Verdict::Fail);
        assert!(outcome.remedy.contains("TORCH_CUDA_ARCH_LIST=8.7"), "{}", outcome.remedy);
    }

    #[test]
    fn lists_of_other_makers_are_not_judged() {
        let amd = Accelerator { architectures: vec!["gfx90a".to_owned()], ..orin() };
        assert!(verdicts(&amd, None).contains(&("RHA-ACC-002", Verdict::Pass)));
    }

    #[test]
    fn code_that_must_be_translated_needs_a_driver_that_knows_it() {
        let told = Accelerator {
            architectures: vec!["compute_80".to_owned()],
            driver_cuda: Some((12, 2)),
            ..orin()
        };
        assert!(verdicts(&told, None).contains(&("RHA-ACC-002", Verdict::Fail)));
        let newer = Accelerator { driver_cuda: Some((12, 6)), ..told };
        assert!(verdicts(&newer, None).contains(&("RHA-ACC-002", Verdict::Pass)));
    }

    #[test]
    fn a_driver_serves_every_cuda_of_its_first_number() {
        let older = Accelerator { driver_cuda: Some((12, 2)), ..orin() };
        assert!(verdicts(&older, None).contains(&("RHA-ACC-004", Verdict::Pass)));
        let newer = Accelerator { driver_cuda: Some((13, 0)), ..orin() };
        assert!(verdicts(&newer, None).contains(&("RHA-ACC-004", Verdict::Pass)));
    }

    #[test]
    fn a_driver_that_is_too_old_fails_unless_the_card_is_seen_to_work() {
        let told = Accelerator { driver_cuda: Some((11, 8)), ..orin() };
        assert!(verdicts(&told, None).contains(&("RHA-ACC-004", Verdict::Warn)));
        let dead = Accelerator { device: None, ..told };
        assert!(verdicts(&dead, None).contains(&("RHA-ACC-004", Verdict::Fail)));
    }

    #[test]
    fn a_driver_that_does_not_say_what_it_serves_is_known_by_its_number() {
        let told = |driver: &str| Accelerator {
            driver: Some(driver.to_owned()),
            driver_cuda: None,
            device: None,
            ..orin()
        };
        for (driver, verdict) in [("525.60.13", Verdict::Pass), ("470.57.02", Verdict::Fail)] {
            assert!(verdicts(&told(driver), None).contains(&("RHA-ACC-004", verdict)), "{driver}");
        }
        assert!(!verdicts(&told("R36.3"), None).iter().any(|(id, _)| *id == "RHA-ACC-004"));
    }
}
