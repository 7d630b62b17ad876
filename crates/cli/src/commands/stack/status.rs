//! `rhapsode stack status`: each container with its state, what `/ready` says, and the gate's verdict.

use std::{fmt::Write, process::ExitCode};

use futures_util::future::try_join_all;
use rhapsode_engine::gate::Verdict;
use serde_json::{Value, json};

use super::{
    super::{Context, print},
    Stack,
    containers::{self, Container},
    gate::{self, Word},
};
use crate::{
    args::stack::StackStatusArgs,
    failure::{Failure, Kind},
    findings,
};

/// Version of the JSON.
const SCHEMA: u32 = 1;

/// A service that may have a container.
struct Row {
    service: String,
    container: Option<Container>,
    /// None where the container does not run, or cannot be reached from here.
    word: Option<Word>,
}

pub(super) async fn run(
    stack: &Stack,
    args: &StackStatusArgs,
    context: &Context,
) -> Result<ExitCode, Failure> {
    let services = stack.file.select_or_all(&args.names)?;
    let containers = containers::of(stack, &services)?;
    let settings = gate::settings(context)?;
    let words = try_join_all(containers.iter().map(|container| gate::ask(container, &settings))).await?;
    let mut rows: Vec<Row> = containers
        .into_iter()
        .zip(words)
        .map(|(container, word)| Row { service: container.service.clone(), container: Some(container), word })
        .collect();
    for (place, service) in services.iter().enumerate() {
        if !rows.iter().any(|row| row.service == *service) {
            let row = Row { service: (*service).to_owned(), container: None, word: None };
            rows.insert(place.min(rows.len()), row);
        }
    }
    let printed = print(&if args.json {
        let rows: Vec<Value> = rows.iter().map(Row::json).collect();
        let all = json!({ "schema": SCHEMA, "folder": stack.place.to_string(), "services": rows });
        format!("{all:#}")
    } else {
        table(&rows)
    })?;
    // Whoever names a service wants it to work; otherwise what was never started is no fault.
    let asked_for = !args.names.is_empty();
    let good = rows.iter().all(|row| row.is_good(asked_for));
    Ok(if good { printed } else { Kind::Gate.into() })
}

impl Row {
    fn is_good(&self, asked_for: bool) -> bool {
        match (&self.container, &self.word) {
            (None, _) => !asked_for,
            (Some(_), Some(word)) => word.verdict() != Verdict::Fail,
            (Some(container), None) => container.is_running() || !asked_for,
        }
    }

    fn state(&self) -> String {
        let Some(container) = &self.container else { return "not created".to_owned() };
        let mut state = container.state.clone();
        if let Some(health) = container.health.as_ref().filter(|_| container.is_running()) {
            let _ = write!(state, ", {health}");
        }
        if !container.is_running() && container.exit_code != 0 {
            let _ = write!(state, " with code {}", container.exit_code);
        }
        if container.restarts > 0 {
            let _ = write!(state, ", {} restarts", container.restarts);
        }
        state
    }

    fn url(&self) -> &str {
        self.container.as_ref().and_then(|container| container.url.as_deref()).unwrap_or_default()
    }

    fn verdict(&self) -> &'static str {
        match self.word.as_ref().map(Word::verdict) {
            Some(Verdict::Pass | Verdict::Skipped) => "pass",
            Some(Verdict::Warn) => "WARN",
            Some(Verdict::Fail) => "FAIL",
            None => "",
        }
    }

    fn json(&self) -> Value {
        let word = self.word.as_ref();
        let container = self.container.as_ref().map(|container| {
            json!({
                "name": container.name, "image": container.image, "state": container.state,
                "health": container.health, "restarts": container.restarts, "exit_code": container.exit_code,
                "url": container.url,
            })
        });
        let gate = word.map(|word| json!({ "verdict": word.verdict(), "outcomes": word.outcomes }));
        json!({
            "service": self.service, "container": container, "ready": word.and_then(Word::ready), "gate": gate,
        })
    }
}

/// A line for each container, in columns as wide as they must be; under it why the gate does not like it.
fn table(rows: &[Row]) -> String {
    let head = ["service", "container", "address", "gate", "ready"].map(str::to_owned);
    let cells = |row: &Row| {
        let ready = row.word.as_ref().and_then(Word::ready).unwrap_or_default();
        [row.service.clone(), row.state(), row.url().to_owned(), row.verdict().to_owned(), ready.to_owned()]
    };
    let lines: Vec<[String; 5]> = [head].into_iter().chain(rows.iter().map(cells)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2), width(3), 0];
    let mut text = String::new();
    for (n, line) in lines.iter().enumerate() {
        let columns: Vec<String> =
            line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(text, "{}", columns.join("  ").trim_end());
        let reason = n.checked_sub(1).and_then(|row| rows[row].word.as_ref()).and_then(Word::reason);
        if let Some(outcome) = reason {
            let _ = writeln!(text, "{}", findings::line(outcome));
        }
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use rhapsode_engine::gate::{CheckId, Outcome};

    use super::*;

    fn row(service: &str, state: &str, outcome: Option<Outcome>) -> Row {
        let container = Container {
            service: service.to_owned(),
            name: format!("stack_{service}_1"),
            image: "rhapsode:latest".to_owned(),
            state: state.to_owned(),
            health: (state == "running").then(|| "healthy".to_owned()),
            restarts: 0,
            exit_code: if state == "running" { 0 } else { 137 },
            url: (state == "running").then(|| "http://127.0.0.1:5123".to_owned()),
        };
        let word = outcome.map(|outcome| Word { outcomes: vec![outcome] });
        Row { service: service.to_owned(), container: Some(container), word }
    }

    fn rows() -> Vec<Row> {
        let ready = Outcome::pass(CheckId::Ready, "stack_builtin_1", "it is ready");
        let loading = Outcome::fail(CheckId::Ready, "stack_sesame_1", "503: loading the model");
        vec![
            row("builtin", "running", Some(ready)),
            row("sesame", "running", Some(loading)),
            row("chatterbox", "exited", None),
            Row { service: "index-tts".to_owned(), container: None, word: None },
        ]
    }

    #[test]
    fn the_table_joins_container_readiness_and_gate() {
        let table = table(&rows());
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[1], "builtin     running, healthy      http://127.0.0.1:5123  pass  it is ready");
        assert_eq!(
            lines[2],
            "sesame      running, healthy      http://127.0.0.1:5123  FAIL  503: loading the model"
        );
        assert!(lines[3].contains("RHA-NET-002") && lines[3].contains("loading"), "{table}");
        assert_eq!(lines[4], "chatterbox  exited with code 137");
        assert_eq!(lines[5], "index-tts   not created");
    }

    #[test]
    fn what_was_not_asked_for_need_not_run() {
        let verdicts = |asked_for| rows().iter().map(|row| row.is_good(asked_for)).collect::<Vec<_>>();
        assert_eq!(verdicts(false), [true, false, true, true]);
        assert_eq!(verdicts(true), [true, false, false, false]);
    }
}
