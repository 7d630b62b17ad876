//! One run of a program: text in, sound out, and the end of its complaints if there is none.

use std::{io::ErrorKind, process::Stdio};

use rhapsode_process::{Family, complaint};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
};

use super::template::{Placeholder, Template, Values};
use crate::SpeechError;

/// Bytes of sound that are read: more than ten minutes of any kind.
const MAX_SOUND: u64 = 128 << 20;

/// Tells a program that it was started by a backend, and by which: rhapsode itself does not start a command again from
/// inside one, because that would never end.
pub const STARTED_BY: &str = "RHAPSODE_BACKEND";

/// One chunk for a program.
#[derive(Debug)]
pub(super) struct Job<'a> {
    /// Name of the backend, for errors.
    pub(super) backend: &'a str,
    pub(super) template: &'a Template,
    pub(super) values: &'a Values<'a>,
}

/// What a program that ended well left behind.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) sound: Vec<u8>,
    /// The end of what it wrote to standard error.
    pub(super) complaint: String,
}

impl Job<'_> {
    /// Runs the program. Dropping the future kills it.
    pub(super) async fn run(&self) -> Result<Written, SpeechError> {
        let folder = tempfile::tempdir().map_err(|error| self.transient("its folder", &error))?;
        let text_file = folder.path().join("text.txt");
        let output = folder.path().join("speech.wav");
        let text = format!("{}\n", self.values.text);
        let in_file = self.template.uses(Placeholder::TextFile);
        if in_file {
            let written = tokio::fs::write(&text_file, &text).await;
            written.map_err(|error| self.transient("its text", &error))?;
        }
        let to_stdin = !in_file && !self.template.uses(Placeholder::Text);
        let mut command = Command::new(self.template.program());
        Family::found(&mut command);
        let mut child = command
            .args(self.template.fill(self.values, &text_file, &output))
            .stdin(if to_stdin { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .env(STARTED_BY, self.backend)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| self.not_started(&error))?;
        let family = Family::of(&child);
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let feeding = async {
            if let Some(mut stdin) = stdin {
                // A program that ends without reading all says more by its exit status than this error would.
                let _ = stdin.write_all(text.as_bytes()).await;
            }
        };
        let sound = async {
            let mut sound = Vec::new();
            match stdout {
                Some(stdout) => stdout.take(MAX_SOUND).read_to_end(&mut sound).await.map(|_| sound),
                None => Ok(sound),
            }
        };
        let ((), sound, complaint, status) = tokio::join!(feeding, sound, complaint(stderr), child.wait());
        let status = status.map_err(|error| self.transient("its program", &error))?;
        family.let_go();
        if !status.success() {
            let reason = match complaint.as_str() {
                "" => format!("its program ends with {status}"),
                complaint => format!("its program ends with {status}: {complaint}"),
            };
            return Err(SpeechError::Transient { backend: self.backend.to_owned(), reason });
        }
        let sound = if self.template.uses(Placeholder::Output) {
            match tokio::fs::read(&output).await {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
                read => read,
            }
        } else {
            sound
        };
        let sound = sound.map_err(|error| self.transient("its sound", &error))?;
        Ok(Written { sound, complaint })
    }

    fn transient(&self, what: &str, error: &std::io::Error) -> SpeechError {
        SpeechError::Transient { backend: self.backend.to_owned(), reason: format!("{what}: {error}") }
    }

    /// A program that is not there will not be there next time; a machine that is full may have room again.
    fn not_started(&self, error: &std::io::Error) -> SpeechError {
        let program = self.template.program();
        match error.kind() {
            ErrorKind::NotFound => missing(self.backend, program),
            ErrorKind::PermissionDenied => SpeechError::Unavailable {
                backend: self.backend.to_owned(),
                reason: format!("{program:?} may not be run: {error}"),
            },
            _ => self.transient("its program does not start", error),
        }
    }
}

/// The error for a program that is not there.
pub(super) fn missing(backend: &str, program: &str) -> SpeechError {
    SpeechError::Unavailable {
        backend: backend.to_owned(),
        reason: format!("there is no program {program:?}; install it, or give its full path in command"),
    }
}
