//! The gate: nothing starts on a broken backend, and nothing that is well is kept from starting.

use std::{fs, path::PathBuf, time::Duration};

use rhapsode_tests::{
    Outcome, World,
    fleet::{Fleet, Identity, convert, manuscript},
    speech_server::{Condition, Manners, Proof, Settings},
};
use serde_json::{Value, json};

fn own() -> Settings {
    Settings { manners: Manners::Own, ..Settings::default() }
}

fn ailing(condition: Condition) -> Settings {
    Settings { condition, ..own() }
}

/// A world with a book, and these servers as its backends.
struct Stage {
    world: World,
    fleet: Fleet,
    book: PathBuf,
}

impl Stage {
    fn new(servers: impl IntoIterator<Item = Settings>) -> Self {
        let (world, fleet) = (World::new(), Fleet::start(servers));
        fleet.configure(&world, Identity::Stated);
        let book = world.write("book.md", manuscript(1, 4));
        Self { world, fleet, book }
    }

    /// Adds to the configuration.
    fn with(self, toml: &str) -> Self {
        let path = self.world.path("rhapsode.toml");
        let before = fs::read_to_string(&path).unwrap();
        self.world.write("rhapsode.toml", format!("{toml}\n{before}"));
        self
    }

    fn convert(&self, more: &[&str]) -> Outcome {
        convert(&self.world, &self.book, more)
    }

    /// Requests for speech of the book.
    fn asked(&self) -> usize {
        self.fleet.counts().iter().map(|counts| counts.of_books().count()).sum()
    }

    fn probes(&self) -> usize {
        self.fleet.counts().iter().map(rhapsode_tests::speech_server::Counts::probes).sum()
    }
}

/// What the gate told in a run with JSON events.
fn gate(outcome: &Outcome) -> Value {
    let mut events = outcome.stdout.lines().rev().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events.find(|event| event["event"] == "gate").expect("the gate is told")
}

fn with_verdict<'a>(gate: &'a Value, verdict: &str) -> Vec<&'a str> {
    let outcomes = gate["outcomes"].as_array().unwrap().iter();
    outcomes.filter(|o| o["verdict"] == verdict).map(|o| o["id"].as_str().unwrap()).collect()
}

/// A healthy dependency report; tests break it.
fn report() -> Value {
    let distribution = |name: &str, version: &str, requires: &[&str]| {
        json!({"name": name, "version": version, "requires_dist": requires, "requires_python": ">=3.9",
            "installer": "pip", "direct_url": null, "location": "/venv", "shadowed": false})
    };
    json!({
        "schema": 1,
        "environment": {
            "implementation_name": "cpython", "implementation_version": "3.11.7", "os_name": "posix",
            "platform_machine": "x86_64", "platform_release": "6.1", "platform_system": "Linux",
            "platform_version": "1", "python_full_version": "3.11.7",
            "platform_python_implementation": "CPython", "python_version": "3.11", "sys_platform": "linux",
        },
        "prefix": "/venv",
        "distributions": [
            distribution("engine", "1.0", &["numpy<2", "torch==2.2.0", "bell>=3; python_version < '3.10'"]),
            distribution("numpy", "1.26.4", &[]),
            distribution("torch", "2.2.0+cu121", &["numpy"]),
        ],
        "duplicates": {},
        "imports": [],
    })
}

/// The report with one thing changed.
fn changed(pointer: &str, value: Value) -> Value {
    let mut report = report();
    match report.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => {
            report[pointer.trim_start_matches('/')] = value;
        }
    }
    report
}

/// The report with a second numpy.
fn twice() -> Value {
    let mut report = report();
    let mut second = report["distributions"][1].clone();
    second["name"] = json!("NumPy");
    second["version"] = json!("1.25.2");
    report["distributions"].as_array_mut().unwrap().push(second);
    report
}

fn broken(dependencies: Value) -> Settings {
    ailing(Condition { dependencies: Some(dependencies), ..Condition::default() })
}

/// Servers that each fail one check, with its id.
fn ailments() -> Vec<(&'static str, Settings)> {
    let phase = Some("loading the model".to_owned());
    let proof = |proof| ailing(Condition { proof, ..Condition::default() });
    let accelerator = json!({"required": "cuda", "device": null, "name": null, "capability": null,
        "architectures": ["sm_80"], "cuda": "12.4", "driver": null, "driver_cuda": null});
    vec![
        ("RHA-NET-002", ailing(Condition { phase, ..Condition::default() })),
        ("RHA-NET-003", Settings { model: "hymns".to_owned(), ..own() }),
        ("RHA-VOX-002", Settings { languages: vec!["de".to_owned()], ..own() }),
        ("RHA-SPK-001", Settings { voices: vec!["other".to_owned()], ..Settings::default() }),
        ("RHA-SPK-001", proof(Proof::Silent)),
        ("RHA-SPK-001", proof(Proof::Refused)),
        ("RHA-SPK-001", proof(Proof::Unanswered)),
        ("RHA-DEP-001", broken(changed("/distributions/0/requires_dist/2", json!("bell>=3")))),
        ("RHA-DEP-002", broken(changed("/distributions/1/version", json!("2.2.6")))),
        ("RHA-DEP-003", broken(twice())),
        ("RHA-DEP-005", broken(changed("/distributions/1/requires_python", json!(">=3.12")))),
        (
            "RHA-DEP-006",
            broken(changed(
                "/pins",
                json!([{"requirement": "torch==2.6.0", "tier": "critical", "reason": "cu124"}]),
            )),
        ),
        ("RHA-DEP-020", broken(changed("/verification", json!({"ok": false, "failures": ["no torch"]})))),
        ("RHA-ACC-001", broken(changed("/accelerator", accelerator))),
    ]
}

#[test]
fn for_each_failing_kind_a_job_is_refused_before_its_first_request_and_goes_on_where_the_policy_allows() {
    for (id, settings) in ailments() {
        let proves = settings.condition.proof;
        let stage = Stage::new([settings]).with("[gate]\ntime-out = 4.0\n");
        let refused = stage.convert(&[]);
        assert_eq!(refused.code, Some(10), "{id}: {}", refused.stderr);
        assert!(refused.stderr.contains(id) && refused.stderr.contains("remedy"), "{id}: {}", refused.stderr);
        assert!(with_verdict(&gate(&refused), "fail").contains(&id), "{id}: {}", gate(&refused));
        assert_eq!(stage.asked(), 0, "{id}: speech of the book was asked for");
        if id != "RHA-SPK-001" {
            assert_eq!(stage.probes(), 0, "{id}: a sentence was spoken although a free check failed");
        }

        let exception = "[[gate.allow]]\ncheck = \"ID\"\nreason = \"known\"\nuntil = DAY\n".replace("ID", id);
        let allowed = stage.with(&exception.replace("DAY", "9999-12-31"));
        let outcome = allowed.convert(&[]);
        // What is not ready or has no such voice cannot speak a book, whoever allows it to be tried.
        let able = !matches!(id, "RHA-NET-002") && (id != "RHA-SPK-001" || proves != Proof::Sung);
        if able {
            assert_eq!(outcome.code, Some(0), "{id}: {}", outcome.stderr);
            assert!(with_verdict(&gate(&outcome), "warn").contains(&id), "{id}");
            assert!(allowed.asked() > 0);
        } else {
            assert_ne!(outcome.code, Some(10), "{id}: {}", outcome.stderr);
        }
    }
}

#[test]
fn a_server_that_does_not_answer_is_refused_as_well() {
    let world = World::new();
    let book = world.write("book.md", manuscript(1, 2));
    let outcome = convert(&world, &book, &["--backend", "http://127.0.0.1:1"]);
    assert_eq!(outcome.code, Some(10), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("RHA-NET-001") && outcome.stderr.contains("--wait"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_voice_that_a_server_says_it_does_not_have_is_refused() {
    let world = World::new();
    let fleet = Fleet::start([Settings { voices: vec!["other".to_owned()], ..own() }]);
    let book = world.write("book.md", manuscript(1, 2));
    let outcome = convert(&world, &book, &["--backend", &fleet.servers()[0].url()]);
    assert_eq!(outcome.code, Some(10), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("RHA-VOX-001") && outcome.stderr.contains("other"), "{}", outcome.stderr);
    assert_eq!(fleet.counts()[0].asked.len(), 0);
}

#[test]
fn an_exception_that_has_ended_refuses_and_says_so() {
    let stage = Stage::new([ailing(Condition { proof: Proof::Silent, ..Condition::default() })])
        .with("[[gate.allow]]\ncheck = \"RHA-SPK-001\"\nreason = \"known\"\nuntil = 2020-01-31\n");
    let outcome = stage.convert(&[]);
    assert_eq!(outcome.code, Some(10), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("ended on 2020-01-31"), "{}", outcome.stderr);
    assert_eq!(stage.asked(), 0);
}

#[test]
fn a_policy_that_is_not_one_is_an_error_with_its_place() {
    for (entry, word) in [
        ("check = \"RHA-XXX-001\"\nreason = \"x\"\nuntil = 2030-01-01", "RHA-XXX-001"),
        ("check = \"RHA-NET-001\"\nreason = \" \"\nuntil = 2030-01-01", "reason"),
        ("check = \"RHA-NET-001\"\nreason = \"x\"", "until"),
        ("check = \"RHA-NET-001\"\nreason = \"x\"\nuntil = \"soon\"", "soon"),
    ] {
        let stage = Stage::new([]).with(&format!("[[gate.allow]]\n{entry}\n"));
        let outcome = stage.convert(&[]);
        assert_eq!(outcome.code, Some(4), "{entry}: {}", outcome.stderr);
        assert!(
            outcome.stderr.contains(word) && outcome.stderr.contains("line"),
            "{entry}: {}",
            outcome.stderr
        );
    }
    let stage = Stage::new([own()]);
    stage.world.write("book.book.toml", "[gate]\nmode = \"off\"\n");
    assert_eq!(stage.convert(&[]).code, Some(4), "a sidecar opens no gate");
}

#[test]
fn a_warning_gate_lets_the_job_pass_on_the_users_word_and_no_gate_asks_nothing() {
    let silent = || ailing(Condition { proof: Proof::Silent, ..Condition::default() });
    let stage = Stage::new([silent()]);
    let outcome = stage.convert(&["--gate", "warn"]).success();
    assert_eq!(with_verdict(&gate(&outcome), "fail"), ["RHA-SPK-001"]);
    let stage = Stage::new([silent()]);
    let outcome = stage.convert(&["--gate", "off"]).success();
    assert!(!outcome.stdout.contains("\"event\":\"gate\""), "{}", outcome.stdout);
    assert_eq!(stage.probes(), 0);
}

#[test]
fn a_healthy_job_with_three_backends_has_no_warning_and_its_proofs_serve_the_next_one_too() {
    let stage = Stage::new([broken(report()), own(), Settings::default()]);
    let outcome = stage.convert(&[]).success();
    let told = gate(&outcome);
    assert_eq!(told["verdict"], "pass", "{told}");
    assert_eq!(stage.probes(), 3);
    let second = stage.world.write("second.md", "# Two\n\nAnother sentence that nobody has spoken yet.\n");
    let _ = stage.world.run(["convert".as_ref(), second.as_os_str(), "--voice=siren".as_ref()]).success();
    assert_eq!(stage.probes(), 3, "a fresh proof is not asked for again");
}

#[test]
fn a_finished_book_asks_nobody_anything_however_the_servers_fare() {
    let stage = Stage::new([own()]);
    let _ = stage.convert(&[]).success();
    let before = stage.fleet.requests();
    stage.fleet.servers()[0].fare(Condition { phase: Some("broken".to_owned()), ..Condition::default() });
    fs::remove_file(stage.world.path("out.m4b")).unwrap();
    let outcome = stage.convert(&[]).success();
    assert_eq!(stage.fleet.requests(), before);
    let told = gate(&outcome);
    let ids = with_verdict(&told, "pass");
    assert!(ids.iter().all(|id| id.starts_with("RHA-MAC-")) && ids.contains(&"RHA-MAC-003"), "{ids:?}");
}

#[test]
fn one_server_of_several_that_is_not_there_is_a_warning_and_the_others_speak_the_book() {
    let phase = Some("loading the model".to_owned());
    let stage = Stage::new([own(), ailing(Condition { phase, ..Condition::default() })]);
    let outcome = stage.convert(&[]).success();
    assert_eq!(with_verdict(&gate(&outcome), "warn"), ["RHA-NET-002"]);
    let asked: Vec<usize> = stage.fleet.counts().iter().map(|counts| counts.of_books().count()).collect();
    assert!(asked[0] > 0 && asked[1] == 0, "{asked:?}");
}

#[test]
fn a_broken_server_among_healthy_ones_stops_the_job() {
    let stage = Stage::new([own(), ailing(Condition { proof: Proof::Silent, ..Condition::default() })]);
    assert_eq!(stage.convert(&[]).code, Some(10));
    assert_eq!(stage.asked(), 0);
}

#[test]
fn a_job_that_waits_begins_when_its_server_has_loaded() {
    let phase = Some("loading the model".to_owned());
    let stage = Stage::new([ailing(Condition { phase, ..Condition::default() })]);
    let arguments = rhapsode_tests::fleet::arguments(&stage.book, &["--wait"]);
    let mut command = stage.world.command(arguments);
    let child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    while stage.fleet.requests() < 12 {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(stage.asked(), 0);
    stage.fleet.servers()[0].fare(Condition::default());
    let outcome = Outcome::from(child.wait_with_output().unwrap()).success();
    assert!(
        outcome.stdout.contains("\"event\":\"waiting\"") && outcome.stdout.contains("\"event\":\"goes_on\"")
    );
    assert_eq!(gate(&outcome)["verdict"], "pass");
}

#[test]
fn a_server_that_comes_back_broken_gets_no_more_work() {
    let slow = || Settings { seconds_per_character: 0.002, ..own() };
    let stage = Stage::new([slow(), slow()]);
    stage.world.write("book.md", manuscript(3, 16));
    let arguments = rhapsode_tests::fleet::arguments(&stage.book, &[]);
    let mut command = stage.world.command(arguments);
    let child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let server = &stage.fleet.servers()[1];
    while server.counts().of_books().count() < 4 {
        std::thread::sleep(Duration::from_millis(2));
    }
    server.fare(Condition { proof: Proof::Silent, ..Condition::default() });
    server.die(Duration::from_millis(50));
    let outcome = Outcome::from(child.wait_with_output().unwrap()).success();
    let last = server.counts().asked.iter().rposition(|asked| !asked.probe).unwrap_or_default();
    let probes = server.counts().asked.iter().skip(1).filter(|asked| asked.probe).count();
    let first = server.counts().asked.iter().skip(1).position(|asked| asked.probe).map(|at| at + 1);
    assert!(first.is_none_or(|first| first > last), "a chunk after a proof that failed, {probes} proofs");
    assert!(outcome.stdout.contains("\"event\":\"finished\""));
}

#[test]
fn the_doctor_tells_every_check_as_a_table_as_json_and_as_junit() {
    let stage = Stage::new([own(), ailing(Condition { proof: Proof::Silent, ..Condition::default() })]);
    let table = stage.world.run(["doctor", "--voice", "siren"]);
    assert_eq!(table.code, Some(10), "{}", table.stderr);
    for word in [
        "server-0",
        "server-1",
        "this machine",
        "FAIL  RHA-SPK-001",
        "remedy",
        "pass  RHA-MAC-002",
        "1 failure",
    ] {
        assert!(table.stdout.contains(word), "{word:?} is missing in\n{}", table.stdout);
    }
    let json = stage.world.run(["doctor", "--voice", "siren", "--json", "--junit", "gate.xml"]);
    let report: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&report["schema"], &report["verdict"]), (&json!(1), &json!("fail")));
    let ids = |report: &Value| -> usize { report["outcomes"].as_array().unwrap().len() };
    let junit = fs::read_to_string(stage.world.path("gate.xml")).unwrap();
    assert_eq!(junit.matches("<testcase").count(), ids(&report));
    assert_eq!(junit.matches("<failure").count(), 1, "{junit}");
    assert_eq!(stage.asked(), 0);
}

#[test]
fn the_doctor_checks_the_job_of_a_book_too() {
    let stage = Stage::new([Settings { languages: vec!["en".to_owned()], ..own() }]);
    let outcome = stage.world.run(["doctor", "book.md", "--voice", "siren", "-o", "out.m4b"]).success();
    for id in ["RHA-MAC-001", "RHA-MAC-003", "RHA-MAC-006"] {
        assert!(outcome.stdout.contains(id), "{id} is missing in\n{}", outcome.stdout);
    }
    assert!(!stage.world.path(".rhapsode").exists(), "a job directory was made");
    stage.world.write("book.md", "---\nlanguage: fr\n---\n\n# Un\n\nUne phrase.\n");
    let outcome = stage.world.run(["doctor", "book.md", "--voice", "siren"]);
    assert_eq!(outcome.code, Some(10), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("FAIL  RHA-VOX-002"), "{}", outcome.stdout);
}

#[test]
fn without_a_configuration_the_doctor_checks_the_voice_and_the_machine() {
    let outcome = World::new().run(["doctor"]).success();
    assert!(
        outcome.stdout.contains("builtin") && outcome.stdout.contains("pass  RHA-SPK-001"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn what_the_servers_proved_is_what_a_plan_expects() {
    let stage = Stage::new([own()]);
    let work = |stage: &Stage| -> f64 {
        let plan = stage.world.run(["plan", "book.md", "--voice", "siren", "--json"]).success();
        serde_json::from_str::<Value>(&plan.stdout).unwrap()["estimated_work_seconds"].as_f64().unwrap()
    };
    let guessed = work(&stage);
    let told = gate(&stage.convert(&[]).success());
    let proof =
        told["outcomes"].as_array().unwrap().iter().find_map(|o| o["proof"]["times_real_time"].as_f64());
    let plan = stage.world.run(["plan", "book.md", "--json"]).success();
    let length = serde_json::from_str::<Value>(&plan.stdout).unwrap()["estimated_seconds"].as_f64().unwrap();
    let expected = length / proof.unwrap();
    assert!((work(&stage) / expected - 1.0).abs() < 1e-6 && guessed != expected, "{guessed} {expected}");
}
