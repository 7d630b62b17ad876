//! A program that is started for a book. It gets the news on its standard input and a small environment, leads a process group
//! of its own, and is ended with it when its time is over.

use std::{io::ErrorKind, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
};

use super::{News, Program, answer::Answer};

/// Bytes at the end of its complaints that are told.
const COMPLAINT: usize = 300;

impl Program {
    /// Runs it to its end. Dropping the future ends it.
    pub(super) async fn tell(&self, news: &News, time_out: Duration) -> Answer {
        let program = self.template.program();
        let mut command = Command::new(program);
        command
            .args(self.template.fill(news))
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Answer::away(format!("there is no program {program:?}"));
            }
            Err(error) => return Answer::away(format!("{program:?} does not start: {error}")),
        };
        let group = Group::of(&child);
        let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
        let feeding = async {
            if let Some(mut stdin) = stdin {
                // One that does not want to know need not listen.
                let _ = stdin.write_all(&news.body()).await;
            }
        };
        let whole = async { tokio::join!(feeding, end_of(stderr), child.wait()) };
        let Ok(((), complaint, status)) = tokio::time::timeout(time_out, whole).await else {
            return Answer::Refused(format!(
                "it took longer than {} s and was ended",
                time_out.as_secs_f64()
            ));
        };
        group.let_go();
        match status {
            Ok(status) if status.success() => Answer::Taken,
            Ok(status) if complaint.is_empty() => Answer::Refused(format!("it ends with {status}")),
            Ok(status) => Answer::Refused(format!("it ends with {status}: {complaint}")),
            Err(error) => Answer::away(format!("nobody knows how it ended: {error}")),
        }
    }
}

/// A running program and all that it started. Dropped before the program ended, it is killed whole.
struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

impl Group {
    #[cfg(unix)]
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self { leader: id.and_then(rustix::process::Pid::from_raw) }
    }

    #[cfg(not(unix))]
    fn of(_child: &Child) -> Self {
        Self {}
    }

    /// The program ended by itself; its number may soon be another's.
    fn let_go(self) {
        std::mem::forget(self);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(leader) = self.leader {
            // One that is gone already need not be killed.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}

/// The end of what comes, in one line. All of it is read, so that the program is never held up.
async fn end_of(stderr: Option<impl AsyncRead + Unpin>) -> String {
    let mut end = Vec::new();
    if let Some(mut stderr) = stderr {
        let mut buffer = [0; 4_096];
        while let Ok(read @ 1..) = stderr.read(&mut buffer).await {
            end.extend_from_slice(&buffer[..read]);
            let excess = end.len().saturating_sub(COMPLAINT);
            end.drain(..excess);
        }
    }
    String::from_utf8_lossy(&end).split_whitespace().collect::<Vec<_>>().join(" ")
}
