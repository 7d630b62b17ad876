//! A program that is started for a book. It gets the news on its standard input and a small environment, leads a process group
//! of its own, and is ended with it when its time is over.

use std::{io::ErrorKind, process::Stdio, time::Duration};

use rhapsode_process::{Family, complaint};
use tokio::{io::AsyncWriteExt, process::Command};

use super::{News, Program, answer::Answer};

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
        Family::found(&mut command);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Answer::away(format!("there is no program {program:?}"));
            }
            Err(error) => return Answer::away(format!("{program:?} does not start: {error}")),
        };
        let family = Family::of(&child);
        let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
        let feeding = async {
            if let Some(mut stdin) = stdin {
                // One that does not want to know need not listen.
                let _ = stdin.write_all(&news.body()).await;
            }
        };
        let whole = async { tokio::join!(feeding, complaint(stderr), child.wait()) };
        let Ok(((), complaint, status)) = tokio::time::timeout(time_out, whole).await else {
            return Answer::Refused(format!(
                "it took longer than {} s and was ended",
                time_out.as_secs_f64()
            ));
        };
        family.let_go();
        match status {
            Ok(status) if status.success() => Answer::Taken,
            Ok(status) if complaint.is_empty() => Answer::Refused(format!("it ends with {status}")),
            Ok(status) => Answer::Refused(format!("it ends with {status}: {complaint}")),
            Err(error) => Answer::away(format!("nobody knows how it ended: {error}")),
        }
    }
}
