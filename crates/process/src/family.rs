//! A program and everything that it started, so that giving a request up leaves nothing of it running.

use tokio::process::{Child, Command};

/// The process group of a running program. Dropped before the program ended, it is killed whole.
#[derive(Debug)]
pub struct Family {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

impl Family {
    /// Has a program lead a group of its own. A Ctrl-C at the terminal then stops rhapsode, which finishes what is in
    /// flight, and not the program at its work.
    pub fn found(command: &mut Command) {
        #[cfg(unix)]
        command.process_group(0);
        #[cfg(not(unix))]
        let _ = command;
    }

    /// The group of a program that was started so.
    #[must_use]
    pub fn of(child: &Child) -> Self {
        #[cfg(unix)]
        {
            let id = child.id().and_then(|id| i32::try_from(id).ok());
            Self { leader: id.and_then(rustix::process::Pid::from_raw) }
        }
        #[cfg(not(unix))]
        {
            let _ = child;
            Self {}
        }
    }

    /// Lets what the program left running live on: it ended by itself, and its number may soon be another's.
    pub fn let_go(self) {
        std::mem::forget(self);
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(leader) = self.leader {
            // One that is gone already need not be killed.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}
