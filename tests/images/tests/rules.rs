//! The rules that the Dockerfiles of the engines keep. Each test names the line that a rule lives by, takes it away, and
//! sees the rule broken: a rule that nothing can break holds nothing.
#![allow(clippy::unwrap_used, reason = "a panic in a test is a verdict")]

use rhapsode_images_tests::{Engine, Image, Stage, Step};

const ALL: &[Engine] = &Engine::ALL;
const WHEELS: &[Engine] = &[Engine::Chatterbox, Engine::Sesame];

/// Checks a rule on the Dockerfiles of engines, and that it breaks once `line` is replaced by `by` wherever it stands.
fn rule(engines: &[Engine], line: &str, by: &str, holds: impl Fn(Engine, &Image) -> bool) {
    for &engine in engines {
        let text = engine.dockerfile();
        assert!(holds(engine, &Image::read(&text)), "{}: the rule is broken", engine.name());
        assert!(text.contains(line), "{}: there is no `{line}`", engine.name());
        let broken = text.replace(line, by);
        assert!(!holds(engine, &Image::read(&broken)), "{}: the rule holds without `{line}`", engine.name());
    }
}

/// The one script that has a word in it.
fn script<'a>(image: &'a Image, word: &str) -> &'a str {
    image.scripts().map(|(_, script)| script).find(|script| script.contains(word)).unwrap_or_default()
}

fn default_of<'a>(image: &'a Image, argument: &str) -> Option<&'a str> {
    image.every_argument().find(|one| one.name == argument)?.default.as_deref()
}

fn position(stage: &Stage, wanted: impl Fn(&Step) -> bool) -> usize {
    stage.steps.iter().position(wanted).unwrap_or(usize::MAX)
}

fn environment(stage: &Stage) -> String {
    let variables = stage.steps.iter().filter_map(|step| match step {
        Step::Environment(variables) => Some(variables.as_str()),
        _ => None,
    });
    variables.collect::<Vec<_>>().join(" ")
}

// Row 2, and nothing that brings a torch of its own.
#[test]
fn the_base_image_is_a_slim_python_and_an_argument() {
    rule(ALL, "ARG PYTHON_IMAGE=python:3.11-slim", "ARG PYTHON_IMAGE=pytorch/pytorch:latest", |_, image| {
        let known = |stage: &Stage| {
            ["${PYTHON_IMAGE}", "scratch", "${VARIANT}", "model-${MODEL}"].contains(&stage.base.as_str())
                || image.stage(&stage.base).is_some()
        };
        default_of(image, "PYTHON_IMAGE") == Some("python:3.11-slim") && image.stages.iter().all(known)
    });
}

// Row 1.
#[test]
fn uv_installs_the_engine_from_its_own_lock() {
    rule(&[Engine::IndexTts], "uv sync --frozen --no-dev ${extras}", "uv sync --all-extras", |_, image| {
        let sync = script(image, "uv sync");
        sync.contains("uv sync --frozen") && sync.contains("${EXTRAS}") && !sync.contains("--all-extras")
    });
}

// Row 3.
#[test]
fn the_system_packages_of_index_tts_are_there() {
    rule(&[Engine::IndexTts], "git-lfs", "", |_, image| {
        let system = script(image, "apt-get install");
        ["git ", "git-lfs", "build-essential", "libsndfile1", "curl", "wget"]
            .iter()
            .all(|name| system.contains(name))
    });
}

// Row 4.
#[test]
fn upstream_is_cloned_at_a_pinned_commit() {
    rule(&[Engine::IndexTts], "39207d91c30899cad1e7c1b9eb678c241f678e55", "main", |_, image| {
        let clone = script(image, "git fetch");
        let source = image.stage("source").unwrap();
        default_of(image, "INDEX_TTS_COMMIT")
            .is_some_and(|commit| commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()))
            && clone.contains("git lfs pull")
            && clone.contains(r#"test "$(git rev-parse HEAD)" = "${INDEX_TTS_COMMIT}""#)
            && source.steps.contains(&Step::Directory("/opt/index-tts".into()))
    });
}

// Row 5.
#[test]
fn the_server_cannot_move_versions_of_the_engine() {
    rule(&[Engine::IndexTts], "--constraint /lock/frozen.txt --require-hashes", "", |_, image| {
        let install = script(image, "/lock/parts/server.txt");
        install.contains("uv pip install --python .venv --constraint /lock/frozen.txt --require-hashes")
            && script(image, "uv export").contains("--frozen")
    });
}

// Row 6 for index-tts, and the same for the others.
#[test]
fn the_server_is_started_without_a_shell() {
    rule(ALL, "CMD [\"", "CMD sh -c [\"", |engine, image| {
        let python = if engine == Engine::IndexTts { "/opt/index-tts/.venv/bin/python" } else { "python" };
        image.last().steps.last() == Some(&Step::Command(Some(vec![python.into(), "/app/server.py".into()])))
    });
}

// Row 6.
#[test]
fn each_server_has_its_own_port() {
    rule(ALL, "EXPOSE 512", "EXPOSE 80", |engine, image| {
        let port = engine.port().to_string();
        image.last().steps.contains(&Step::Expose(port.clone()))
            && environment(image.last()).contains(&format!("RHAPSODE_PORT={port}"))
    });
}

// Row 6.
#[test]
fn docker_asks_for_the_health_of_the_server() {
    rule(ALL, "/health'", "/'", |_, image| {
        let asked = |step: &Step| matches!(step, Step::Healthcheck(command) if command.contains("/health"));
        image.last().steps.iter().any(asked)
    });
}

// Row 7: the lock says which torch it is; nobody does by hand.
#[test]
fn no_version_of_torch_stands_in_a_dockerfile() {
    rule(ALL, "-r \"/lock/", "torch==2.8.0 -r \"/lock/", |_, image| {
        !image.scripts().any(|(_, script)| script.contains("torch=="))
    });
}

// Row 8.
#[test]
fn the_weights_are_mounted_unless_they_are_asked_for() {
    rule(&[Engine::IndexTts], "ARG MODEL=mounted", "ARG MODEL=downloaded", |_, image| {
        default_of(image, "MODEL") == Some("mounted")
            && image.stage("model-mounted").is_some()
            && image
                .stage("model-downloaded")
                .unwrap()
                .scripts()
                .any(|(_, s)| s.contains("snapshot_download"))
    });
}

// Row 10.
#[test]
fn server_code_comes_last_so_that_a_change_of_it_rebuilds_in_seconds() {
    rule(
        ALL,
        "COPY backends/server/server.py /app/server.py\n",
        "COPY backends/server /app\nRUN true\n",
        |_, image| {
            let of_server = |step: &Step| matches!(step, Step::Copy { from: None, sources, .. } if sources.iter().any(|s| s.starts_with("backends/server")));
            let first = position(image.last(), of_server);
            let rest = image.last().steps.get(first..).unwrap_or_default();
            let early =
                image.stages.iter().filter(|stage| stage.name != "runtime").flat_map(|stage| &stage.steps);
            let whole = |step: &Step| matches!(step, Step::Copy { sources, .. } if sources.iter().any(|s| s.ends_with("/server") || s.ends_with("_server")));
            !rest.is_empty()
                && !rest.iter().any(|step| matches!(step, Step::Run { .. }))
                && !early.into_iter().any(whole)
        },
    );
}

// Rows 27, 28, 33: what the runtime copies from it makes every build run it.
#[test]
fn a_build_verifies_its_environment_and_keeps_the_artifacts() {
    rule(ALL, "--lock requirements.lock.txt --verify", "--lock requirements.lock.txt", |_, image| {
        let verified = image.stage("verification").unwrap().scripts().any(|(_, script)| {
            script.contains("-m rhapsode_speech_server.dependencies")
                && script.contains("--verify")
                && script.contains("--write /opt/dependency_artifacts")
                && script.contains("--environment /opt/environment_info")
        });
        let kept = |folder: &str| {
            image.last().steps.iter().any(|step| {
                matches!(step, Step::Copy { from: Some(stage), sources, into }
                    if stage == "verification" && sources == &[folder.to_owned()] && into == folder)
            })
        };
        verified && kept("/opt/dependency_artifacts") && kept("/opt/environment_info")
    });
}

// Row 13.
#[test]
fn numpy_is_installed_before_anything_is_built_against_it() {
    rule(WHEELS, "-r /lock/numpy.txt", "-r /lock/wheels.txt", |_, image| {
        let packages = image.stage("packages").unwrap();
        let first =
            packages.scripts().map(|(_, script)| script).find(|script| script.contains("pip install"));
        first.is_some_and(|script| script.ends_with("--require-hashes --prefer-binary -r /lock/numpy.txt"))
    });
}

// Rows 15, 16, 20, 23.
#[test]
fn wheels_are_built_from_the_lock_and_none_of_numpy_or_torch_remains() {
    rule(WHEELS, "--drop numpy,torch,torchvision,torchaudio", "", |_, image| {
        let wheels = script(image, "check_wheels.py");
        wheels.contains("pip wheel --no-deps --require-hashes")
            && wheels
                .contains("&& python /lock/check_wheels.py /wheels --drop numpy,torch,torchvision,torchaudio")
    });
}

// Row 17.
#[test]
fn pkuseg_is_built_without_isolation_against_the_lock_s_numpy() {
    rule(&[Engine::Chatterbox], "--no-build-isolation", "", |_, image| {
        let wheels = image.stage("wheels").unwrap();
        let at = |word: &str| {
            position(wheels, |step| matches!(step, Step::Run { script, .. } if script.contains(word)))
        };
        script(image, "split_lock.py requirements").contains("--group unisolated=pkuseg")
            && at("/numpy.txt") < at("--no-build-isolation")
            && at("--no-build-isolation") != usize::MAX
    });
}

// Row 18.
#[test]
fn pip_is_current_and_setuptools_still_has_pkg_resources() {
    rule(WHEELS, "\"setuptools<82\"", "setuptools", |_, image| {
        script(image, "pip install --upgrade").contains(r#"--prefer-binary pip "setuptools<82" wheel"#)
    });
}

// Rows 7, 19.
#[test]
fn torch_comes_from_an_index_that_is_an_argument() {
    rule(
        ALL,
        "ARG TORCH_INDEX=https://download.pytorch.org/whl/cu",
        "ARG TORCH_INDEX=https://example.org/",
        |engine, image| {
            let cuda = if engine == Engine::Chatterbox { "cu124" } else { "cu128" };
            let documented = format!("https://download.pytorch.org/whl/{cuda}");
            default_of(image, "TORCH_INDEX") == Some(documented.as_str())
                && script(image, "TORCH_PART").contains(r#"${TORCH_INDEX:+--index-url "${TORCH_INDEX}"}"#)
                && !image.scripts().any(|(_, script)| script.contains("https://"))
        },
    );
}

// Row 20.
#[test]
fn chatterbox_is_installed_from_its_wheels_alone() {
    rule(&[Engine::Chatterbox], "--no-index --find-links /wheels", "--find-links /wheels", |_, image| {
        script(image, "/lock/wheels.pinned.txt").contains("--no-index --find-links /wheels")
    });
}

// Row 22.
#[test]
fn a_lock_is_made_in_a_container_of_the_python_that_runs_it() {
    rule(ALL, "FROM scratch AS lock", "FROM scratch AS other", |_, image| {
        let makes = |(_, script): (&[String], &str)| {
            script.contains("${RELOCK}")
                && (script.contains("make-lock") || script.contains("uv pip compile"))
        };
        let resolver = image.stage("resolver").unwrap();
        let here = ["python", "system"].contains(&resolver.base.as_str());
        image.stage("lock").is_some() && here && resolver.scripts().any(makes)
    });
}

// Row 24.
#[test]
fn a_jetson_gets_its_indexes_its_patience_and_its_base_as_arguments() {
    rule(WHEELS, "ARG PIP_DEFAULT_TIMEOUT=60", "ARG PIP_DEFAULT_TIMEOUT=15", |_, image| {
        default_of(image, "PIP_DEFAULT_TIMEOUT") == Some("60")
            && default_of(image, "PIP_RETRIES") == Some("3")
            && default_of(image, "PIP_INDEX_URL") == Some("")
            && default_of(image, "PIP_EXTRA_INDEX_URL") == Some("")
            && default_of(image, "VARIANT") == Some("generic")
            && default_of(image, "TORCH_PART") == Some("torch.txt")
    });
}

// Row 25.
#[test]
fn sesame_takes_local_wheels_first_and_then_asks_the_indexes() {
    rule(&[Engine::Sesame], "--find-links /wheels", "", |_, image| {
        let install = script(image, "/lock/wheels.pinned.txt");
        install.contains("--find-links /wheels --constraint /lock/pinned.txt")
            && !install.contains("--no-index")
    });
}

// Row 32.
#[test]
fn the_variant_for_a_jetson_knows_its_processor() {
    rule(ALL, "TORCH_USE_CUDA_DSA=1", "TORCH_USE_CUDA_DSA=0", |_, image| {
        environment(image.stage("jetson").unwrap())
            == "TORCH_CUDA_ARCH_LIST=8.7 CUDA_MODULE_LOADING=LAZY TORCH_USE_CUDA_DSA=1"
            && environment(image.stage("generic").unwrap()).is_empty()
            && image.last().base == "${VARIANT}"
    });
}

// Row 34, and facts 9 and 10 of the dependency rules.
#[test]
fn every_step_that_fetches_has_a_cache_and_prefers_what_is_built() {
    rule(
        ALL,
        "--mount=type=cache,target=/root/.cache/",
        "--mount=type=tmpfs,target=/root/.cache/",
        |_, image| {
            image.scripts().all(|(mounts, script)| {
                let cached = |folder: &str| {
                    mounts.iter().any(|m| m.starts_with("type=cache,target=") && m.contains(folder))
                };
                let pip = (script.contains("pip install") || script.contains("pip wheel"))
                    && !script.contains("uv pip");
                let offline = script.contains("--no-index");
                let uv = script.contains("uv pip") || script.contains("uv sync");
                (!pip || offline || cached("/root/.cache/pip"))
                    && (!uv || cached("/root/.cache/uv"))
                    && (!script.contains("apt-get install") || cached("/var/cache/apt"))
                    && !(script.contains("--no-cache-dir") && cached("/root/.cache/pip"))
            })
        },
    );
    rule(ALL, "--prefer-binary", "", |_, image| {
        image.scripts().all(|(_, script)| {
            let fetches = (script.contains("pip install") || script.contains("pip wheel"))
                && !script.contains("uv pip");
            !fetches || script.contains("--prefer-binary") || script.contains("--no-index")
        }) && image.scripts().any(|(_, script)| script.contains("--prefer-binary"))
    });
}
