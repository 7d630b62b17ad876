//! Judges what the arguments name and prints every finding, with the time that judging took.

use std::{path::Path, process::ExitCode, time::Instant};

use rhapsode_deps::{Packages, Question, judge, open};

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]
fn main() -> ExitCode {
    let mut verdict = ExitCode::SUCCESS;
    for path in std::env::args().skip(1) {
        let subject = match open(Path::new(&path)) {
            Ok(subject) => subject,
            Err(error) => {
                eprintln!("failed to {error}");
                verdict = ExitCode::FAILURE;
                continue;
            }
        };
        let size = match &subject.packages {
            Packages::Environment(environment) => environment.distributions.len(),
            Packages::Lock(lock) => lock.entries.len(),
            Packages::Wheels(folder) => folder.wheels.len(),
            Packages::NoPython(_) => 0,
        };
        let begin = Instant::now();
        let findings = judge(&subject, &Question::default());
        let first = begin.elapsed();
        let begin = Instant::now();
        let again = judge(&subject, &Question::default());
        assert_eq!(findings, again, "the same subject gives the same findings");
        println!("{path}: {size} packages, judged in {first:.1?}, again in {:.1?}", begin.elapsed());
        for finding in &findings {
            println!("  {} {:?} {}: {}", finding.rule.id(), finding.severity, finding.subject, finding.seen);
            println!("      expected {}", finding.expected);
            println!("      {}", finding.remedy);
        }
    }
    verdict
}
