//! From the configuration's hooks to the watcher's: secrets are fetched, and what cannot be used is refused before the first
//! book.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use rhapsode_watch::{Hook, HookAction, HookError, Outcome, Program, Secret, Shelf, ShelfAction, Webhook};

use crate::{
    config::{HookSection, WatchSection},
    environment,
    layers::{ConfigError, Layers},
};

/// Variables that every program gets, if they are set.
const USUAL: [&str; 9] = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT"];
const PROGRAM: Duration = Duration::from_secs(60);
const REQUEST: Duration = Duration::from_secs(30);
/// A book may have a gigabyte, and the line may be slow.
const UPLOAD: Duration = Duration::from_secs(3_600);

/// The hooks of `[watch]`.
pub(super) fn hooks(section: &WatchSection, layers: &Layers) -> Result<Vec<Hook>, ConfigError> {
    let mut hooks: Vec<Hook> = Vec::new();
    for section in &section.hook {
        let refuse = |reason: String| {
            layers.refuse("watch.hook", format!("the hook {:?}: {reason}", section.name().to_string()))
        };
        let hook = hook(section).map_err(refuse)?;
        if hooks.iter().any(|other| other.name == hook.name) {
            return Err(refuse("another hook has the same name".to_owned()));
        }
        hooks.push(hook);
    }
    Ok(hooks)
}

fn hook(section: &HookSection) -> Result<Hook, String> {
    let (on, action, limit, time_out) = match section {
        HookSection::Command { on, command, environment, time_out, .. } => {
            let program = Program::new(command, variables(environment)?).map_err(say)?;
            (on, HookAction::Program(program), PROGRAM, time_out)
        }
        HookSection::Webhook { on, url, secret_file, secret_env, time_out, .. } => {
            let secret = secret("secret", secret_file.as_deref(), secret_env.as_deref())?;
            let webhook = Webhook::new(url, secret.as_ref()).map_err(say)?;
            (on, HookAction::Webhook(webhook), REQUEST, time_out)
        }
        HookSection::Audiobookshelf {
            on, url, library, upload_to, token_file, token_env, time_out, ..
        } => {
            let token = secret("token", token_file.as_deref(), token_env.as_deref())?
                .ok_or("it has neither token-file nor token-env")?;
            let (action, limit) = match upload_to {
                Some(folder) => (ShelfAction::Upload { folder: folder.clone() }, UPLOAD),
                None => (ShelfAction::Rescan, REQUEST),
            };
            let shelf = Shelf::new(url, token, library, action).map_err(say)?;
            (on, HookAction::Audiobookshelf(shelf), limit, time_out)
        }
    };
    let takes_failures = !matches!(action, HookAction::Audiobookshelf(_));
    let default = || Outcome::ALL.into_iter().filter(|it| takes_failures || *it != Outcome::Failed).collect();
    let on: BTreeSet<Outcome> = on.clone().unwrap_or_else(default);
    if on.is_empty() {
        return Err("it is told of nothing; leave `on` out, or name done, defects or failed".to_owned());
    }
    if !takes_failures && on.contains(&Outcome::Failed) {
        return Err("Audiobookshelf takes no book that failed; leave `failed` out of `on`".to_owned());
    }
    Ok(Hook {
        name: section.name().clone(),
        on,
        action,
        time_out: time_out
            .map_or(Ok(limit), |seconds| super::seconds(seconds, Duration::from_millis(100)))?,
    })
}

fn say(error: HookError) -> String {
    error.to_string()
}

/// What a file holds, or a variable.
fn secret(what: &str, file: Option<&Path>, variable: Option<&str>) -> Result<Option<Secret>, String> {
    let text = match (file, variable) {
        (None, None) => return Ok(None),
        (Some(file), None) => read(file)?,
        (None, Some(variable)) => environment::secret(variable)?,
        (Some(_), Some(_)) => return Err(format!("it has both {what}-file and {what}-env")),
    };
    Ok(Some(Secret::new(&text)))
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("failed to read {}: {error}", file.display()))
}

/// The environment of a program: the usual variables, and those that are named.
fn variables(named: &[String]) -> Result<Vec<(std::ffi::OsString, std::ffi::OsString)>, String> {
    let usual = USUAL.iter().filter_map(|name| Some(((*name).into(), environment::variable(name)?)));
    let named = named.iter().map(|name| {
        let value = environment::variable(name).ok_or_else(|| format!("the variable {name} is not set"))?;
        Ok((name.into(), value))
    });
    usual.map(Ok).chain(named).collect()
}

/// Where the configuration says that the watcher is; for those who only want its queue.
pub(in crate::commands) fn configured_state(section: &WatchSection) -> std::io::Result<Option<PathBuf>> {
    match (&section.state, &section.inbox) {
        (Some(state), _) => Ok(Some(state.clone())),
        (None, Some(inbox)) => environment::watch_state(inbox).map(Some),
        (None, None) => Ok(None),
    }
}
