//! A watcher at work, with its status page.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use crate::World;

/// A watcher with a page. It is killed with this.
#[derive(Debug)]
pub struct Watcher {
    child: Child,
    /// Where its page is, without the last slash.
    pub url: String,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Watcher {
    /// Watches `inbox` of a world, where files count as complete at once, and serves its page at a free port.
    ///
    /// # Panics
    /// If it does not begin.
    #[must_use]
    pub fn start(world: &World, more: &[&str]) -> Self {
        fs::create_dir_all(world.path("inbox")).expect("a folder can be made");
        let arguments = ["watch", "inbox", "--library", "library", "--state", "state"];
        let fast = ["--settle", "0", "--poll", "0.05", "--http", "0"];
        let mut command = world.command(arguments.iter().chain(&fast).chain(more));
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the program can be started");
        let mut lines =
            BufReader::new(child.stderr.take().expect("it was asked for")).lines().map_while(Result::ok);
        let mut said = Vec::new();
        let url = lines.by_ref().find_map(|line| {
            let url = line
                .split_once("page is at ")
                .map(|(_, rest)| rest.split("/;").next().unwrap_or_default().to_owned());
            said.push(line);
            url
        });
        let url = url.unwrap_or_else(|| panic!("the watcher told of no page:\n{}", said.join("\n")));
        // What it says later would fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    /// Ends it as the system does.
    ///
    /// # Panics
    /// If it ends in another way than well.
    pub fn end(mut self) {
        let killed =
            std::process::Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()));
        let status = self.child.wait().expect("a child can be waited for");
        assert!(status.success(), "{status}");
    }
}
