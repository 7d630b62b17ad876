//! An encoder that is an `ffmpeg` program, one process a track: samples into its standard input, encoded units out of
//! its standard output.
//!
//! ffmpeg ends with success when it has lost sound, so its exit code proves nothing: the units are counted. What it
//! prints becomes part of the error.

use std::collections::VecDeque;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::thread::JoinHandle;

use rhapsode_audio::{SampleRate, to_i16};

use super::OutsideEncoder;
use super::access_units::AccessUnitWriter;
use crate::ReleaseError;

/// The program.
const PROGRAM: &str = "ffmpeg";

/// Reads the next unit of an output into a buffer; `false` at its end.
pub(super) type Next = fn(&mut BufReader<ChildStdout>, &mut Vec<u8>) -> io::Result<bool>;

/// What is encoded, and how.
pub(super) struct Job<'a> {
    /// What the encoder is called in messages.
    pub(super) name: &'static str,
    /// What to do without the program.
    pub(super) remedy: &'static str,
    /// Rate of the samples.
    pub(super) rate: SampleRate,
    /// Arguments between the input and the output.
    pub(super) arguments: &'a [&'a str],
    /// How the output is told apart.
    pub(super) next: Next,
    /// Units that may come after those that hold the sound.
    pub(super) spare: usize,
}

/// A track on its way through ffmpeg.
pub(super) struct Pipe {
    name: &'static str,
    input: BufWriter<ChildStdin>,
    process: Process,
    output: Output,
}

/// The threads that read what ffmpeg writes. Each is asked once.
struct Output {
    name: &'static str,
    units: Option<JoinHandle<Result<Units, ReleaseError>>>,
    /// Keeps what it prints.
    messages: Option<JoinHandle<String>>,
}

/// What came out.
struct Units {
    writer: AccessUnitWriter,
    /// The last ones, which may be spare.
    held: VecDeque<Vec<u8>>,
}

/// Ends ffmpeg when a track is given up.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only for a process that has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks the program for an encoder. What it told is kept once it has it: until then somebody may install it.
pub(super) fn ask(encoder: &'static str, told: &OnceLock<OutsideEncoder>) -> OutsideEncoder {
    if let Some(told) = told.get() {
        return told.clone();
    }
    let arguments = ["-h".to_owned(), format!("encoder={encoder}")];
    let asked = Command::new(PROGRAM).args(arguments).stdin(Stdio::null()).output();
    let Ok(output) = asked else {
        return OutsideEncoder { program: PROGRAM, encoder, version: None, has_encoder: false };
    };
    // The banner goes to one output, the answer to the other.
    let banner = String::from_utf8_lossy(&output.stderr);
    let version = banner.strip_prefix("ffmpeg version ").and_then(|rest| rest.split_whitespace().next());
    let outside = OutsideEncoder {
        program: PROGRAM,
        encoder,
        version: Some(version.unwrap_or("unknown").to_owned()),
        has_encoder: output.stdout.starts_with(format!("Encoder {encoder} ").as_bytes()),
    };
    if outside.has_encoder {
        return told.get_or_init(|| outside).clone();
    }
    outside
}

fn failed(name: &'static str, reason: impl Into<String>) -> ReleaseError {
    ReleaseError::Encoder { encoder: name, reason: reason.into() }
}

impl Pipe {
    /// Starts ffmpeg; units go to the writer.
    pub(super) fn open(job: &Job<'_>, mut writer: AccessUnitWriter) -> Result<Self, ReleaseError> {
        let Job { name, remedy, next, spare, .. } = *job;
        let mut child = Command::new(PROGRAM)
            .args(["-hide_banner", "-nostdin", "-loglevel", "warning"])
            .args(["-f", "s16le", "-ar", &job.rate.0.to_string(), "-ac", "1", "-i", "pipe:0"])
            .args(job.arguments)
            .arg("pipe:1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(name, format!("ffmpeg does not start ({error}); {remedy}")))?;
        let (stdin, stdout, mut stderr) = match (child.stdin.take(), child.stdout.take(), child.stderr.take())
        {
            (Some(stdin), Some(stdout), Some(stderr)) => (stdin, stdout, stderr),
            _ => return Err(failed(name, "its pipes are missing")),
        };
        // Both outputs are read while samples go in, or a full pipe would stop ffmpeg and us with it.
        let units = std::thread::spawn(move || {
            let mut source = BufReader::new(stdout);
            let (mut unit, mut held) = (Vec::new(), VecDeque::new());
            while next(&mut source, &mut unit).map_err(|error| failed(name, error.to_string()))? {
                held.push_back(std::mem::take(&mut unit));
                if held.len() > spare {
                    held.pop_front().map_or(Ok(()), |unit| writer.push(&unit))?;
                }
            }
            Ok(Units { writer, held })
        });
        let messages = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // A pipe that breaks has said all it will.
            let _ = stderr.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).trim().to_owned()
        });
        let output = Output { name, units: Some(units), messages: Some(messages) };
        Ok(Self { name, input: BufWriter::new(stdin), process: Process(child), output })
    }

    pub(super) fn push(&mut self, samples: &[f32]) -> Result<(), ReleaseError> {
        samples
            .iter()
            .try_for_each(|&sample| self.input.write_all(&to_i16(sample).to_le_bytes()))
            .map_err(|error| self.output.why_closed(&error))
    }

    /// Ends the input. So many units must have come out, or up to the spare ones more.
    pub(super) fn finish(self, expected: u64) -> Result<(), ReleaseError> {
        let Self { name, input, mut process, mut output } = self;
        // Dropping the pipe tells ffmpeg that this was all.
        input.into_inner().map(drop).map_err(|error| output.why_closed(error.error()))?;
        let Units { mut writer, held } = match output.units() {
            Err(ReleaseError::Encoder { reason, .. }) => return Err(output.explain(&reason)),
            units => units?,
        };
        let found = writer.count() + held.len() as u64;
        if !(writer.count()..=found).contains(&expected) {
            let status = process.0.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
            let what = format!("{expected} access units should have come out, {found} did ({status})");
            return Err(output.explain(&what));
        }
        let missing = (expected - writer.count()) as usize;
        held.iter().take(missing).try_for_each(|unit| writer.push(unit))?;
        let written = writer.finish()?;
        debug_assert_eq!(written, expected, "{name}");
        Ok(())
    }
}

impl Output {
    fn units(&mut self) -> Result<Units, ReleaseError> {
        let units = self.units.take().and_then(|thread| thread.join().ok());
        units.unwrap_or_else(|| Err(failed(self.name, "its output is not read any more")))
    }

    /// An error with all that ffmpeg printed; waits for its end.
    fn explain(&mut self, what: &str) -> ReleaseError {
        let said = self.messages.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        failed(self.name, format!("{what}; it said: {said:?}"))
    }

    /// Why ffmpeg closed its input. What ended the reading of its output ended ffmpeg too, and counts before what
    /// it says of that itself.
    fn why_closed(&mut self, error: &io::Error) -> ReleaseError {
        match self.units() {
            Err(ReleaseError::Encoder { reason, .. }) => self.explain(&reason),
            Err(ours) => ours,
            Ok(_) => self.explain(&format!("it takes no more samples ({error})")),
        }
    }
}
