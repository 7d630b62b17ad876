//! Whatever a file holds, it is read or refused; and of a lock no line gets lost.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

use proptest::prelude::*;
use rhapsode_deps::{Kind, Lock, Packages, read};

const KINDS: [Kind; 7] =
    [Kind::Inspection, Kind::Report, Kind::Tree, Kind::Requirements, Kind::Pylock, Kind::Uv, Kind::Wheel];

/// Pieces that requirements files are made of, whole and torn.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "foo",
        "foo-bar",
        "[a,b]",
        "[a-]",
        "==1.0",
        ">=1,<2",
        "==1.*",
        "(>=1.0)",
        " ; ",
        "python_version > '3'",
        "extra == 'x'",
        "(",
        ")",
        " and ",
        "--hash=sha256:aa",
        "-r",
        "-e",
        " @ ",
        "https://x.example/foo-1.0.tar.gz",
        "#egg=foo",
        " # via bar",
        "\\\n",
        "\n",
        "\n    # via\n    #   baz\n",
        "${HOME}",
        "99999999999999999999",
        "ü",
        "\t",
        "~=",
        "./path",
        "'",
        "\"",
    ];
    prop_oneof![8 => proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => ".{0,6}"]
}

/// One line of each sort that a lock has.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        ("[a-z]{1,8}", 0..99_u32).prop_map(|(name, version)| format!("{name}=={version}")),
        ("[a-z]{1,8}", 0..99_u32).prop_map(|(name, version)| format!(
            "{name}=={version} \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\n    # via x"
        )),
        "[a-z]{1,8}".prop_map(|name| format!("{name} @ https://x.example/{name}.zip ; python_version > '3'")),
        "[a-z]{1,8}".prop_map(|name| format!("-e ./{name}")),
        "[a-z]{1,8}".prop_map(|name| format!("--find-links {name}")),
    ]
}

fn lock(text: &str) -> Lock {
    match read(Kind::Requirements, "requirements.txt", text.as_bytes()).unwrap().packages {
        Packages::Lock(lock) => *lock,
        other => panic!("no lock: {other:?}"),
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for kind in KINDS {
            let _ = read(kind, "input", &bytes);
        }
    }

    #[test]
    fn no_torn_requirements_make_a_parser_panic(pieces in proptest::collection::vec(piece(), 0..20)) {
        let text = pieces.concat();
        let _ = read(Kind::Requirements, "requirements.txt", text.as_bytes());
        let report = serde_json::json!({
            "python": "3.11.7",
            "distributions": [{"name": "foo", "version": "1.0", "requires_dist": [text], "requires_python": text}],
            "requested": [text],
        });
        let _ = rhapsode_deps::report("report", &report);
    }

    #[test]
    fn no_line_of_a_lock_gets_lost(lines in proptest::collection::vec(line(), 0..30), gap in "(\n|# comment\n)?") {
        let lock = lock(&lines.join(&format!("\n{gap}")));
        prop_assert_eq!(lock.entries.len() + lock.options.len() + lock.unnamed.len(), lines.len());
    }
}
