//! What the containers of the engines keep when they run. `hadolint` looks at the same files in scripts/lint-images; what
//! it cannot know stands here.
#![allow(clippy::unwrap_used, reason = "a panic in a test is a verdict")]

use std::fs;

use rhapsode_images_tests::{Engine, Image, Step, backends};

/// Each Dockerfile as it is, and with a line of it replaced: the rule has to see the difference.
fn rule(line: &str, by: &str, holds: impl Fn(Engine, &Image) -> bool) {
    for engine in Engine::ALL {
        let text = engine.dockerfile();
        assert!(holds(engine, &Image::read(&text)), "{}: the rule is broken", engine.name());
        assert!(text.contains(line), "{}: there is no `{line}`", engine.name());
        assert!(
            !holds(engine, &Image::read(&text.replace(line, by))),
            "{}: nothing breaks it",
            engine.name()
        );
    }
}

#[test]
fn a_container_runs_as_a_user_that_the_build_names() {
    rule("USER ${PUID}:${PGID}", "USER root", |_, image| {
        let users: Vec<_> = image.last().steps.iter().filter(|step| matches!(step, Step::User(_))).collect();
        let argument = |name: &str| image.every_argument().any(|one| one.name == name);
        users == [&Step::User("${PUID}:${PGID}".into())] && argument("PUID") && argument("PGID")
    });
}

#[test]
fn all_that_is_written_lies_in_one_volume() {
    rule("RHAPSODE_CACHE_DIR=/cache", "RHAPSODE_CACHE_DIR=/app/cache", |_, image| {
        let last = image.last();
        let caches =
            ["HOME=/cache", "XDG_CACHE_HOME=/cache", "NUMBA_CACHE_DIR=/cache/", "RHAPSODE_CACHE_DIR=/cache"];
        last.steps.contains(&Step::Volume("/cache".into()))
            && caches.iter().all(|cache| {
                last.steps.iter().any(|step| matches!(step, Step::Environment(all) if all.contains(cache)))
            })
    });
}

#[test]
fn a_container_is_told_to_stop_and_not_killed() {
    rule("STOPSIGNAL SIGTERM", "STOPSIGNAL SIGKILL", |_, image| {
        image.last().steps.contains(&Step::StopSignal("SIGTERM".into()))
    });
}

#[test]
fn the_labels_say_what_it_is_and_under_which_licence() {
    rule("org.opencontainers.image.licenses", "licence", |engine, image| {
        let labels = image.last().steps.iter().find_map(|step| match step {
            Step::Label(labels) => Some(labels.as_str()),
            _ => None,
        });
        let wanted = ["title", "description", "licenses", "version", "revision"];
        labels.is_some_and(|labels| {
            labels.contains(engine.name())
                && wanted.iter().all(|label| labels.contains(&format!("org.opencontainers.image.{label}=")))
        })
    });
}

#[test]
fn no_secret_is_an_argument_a_variable_or_a_file() {
    rule("ARG VERSION=", "ARG HF_TOKEN=", |_, image| {
        let secret = |name: &str| {
            ["TOKEN", "PASSWORD", "SECRET", "KEY"].iter().any(|word| name.to_ascii_uppercase().contains(word))
        };
        let steps = || image.stages.iter().flat_map(|stage| &stage.steps);
        !image.every_argument().any(|argument| secret(&argument.name))
            && !steps().any(|step| matches!(step, Step::Environment(all) if secret(all)))
            && !steps().any(|step| matches!(step, Step::Other(_)))
    });
}

#[test]
fn what_a_stage_takes_from_another_one_was_made_before() {
    rule("COPY --from=verification", "COPY --from=nowhere", |_, image| {
        image.stages.iter().enumerate().all(|(at, stage)| {
            let earlier = |name: &str| image.stages[..at].iter().any(|one| one.name == name);
            stage.steps.iter().all(|step| match step {
                Step::Copy { from: Some(from), .. } => earlier(from),
                Step::Run { mounts, .. } => mounts
                    .iter()
                    .flat_map(|mount| mount.split(','))
                    .all(|option| option.strip_prefix("from=").is_none_or(earlier)),
                _ => true,
            })
        })
    });
}

#[test]
fn a_build_is_sent_what_it_reads_and_nothing_else() {
    for engine in Engine::ALL {
        let path = backends().join(engine.name()).join("Dockerfile.dockerignore");
        let text = fs::read_to_string(path).unwrap();
        let rules: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(rules.first(), Some(&"*"), "{}", engine.name());
        for step in Image::read(&engine.dockerfile()).stages.iter().flat_map(|stage| &stage.steps) {
            let Step::Copy { from: None, sources, .. } = step else { continue };
            for source in sources {
                let sent = rules.iter().filter_map(|rule| rule.strip_prefix('!'));
                let plain = source.split(['$', '[']).next().unwrap();
                let covered = sent
                    .into_iter()
                    .any(|rule| plain.trim_end_matches('/').starts_with(rule) || rule.starts_with(plain));
                assert!(covered, "{}: {source} is not sent", engine.name());
            }
        }
    }
}
