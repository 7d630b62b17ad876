//! The page for people names every check.

use rhapsode_gate::CheckId;

const GATE: &str = include_str!("../../../../docs/gate.md");

#[test]
fn every_check_stands_in_the_documentation() {
    for check in CheckId::all().filter(|check| !matches!(check, CheckId::Dependency(_))) {
        assert!(GATE.contains(&format!("### {check}: {}", check.title())), "{check} is not in docs/gate.md");
    }
}

#[test]
fn every_rule_for_dependencies_stands_in_the_table() {
    for check in CheckId::all().filter(|check| matches!(check, CheckId::Dependency(_))) {
        assert!(
            GATE.contains(&format!("| `{check}` | {} |", check.title())),
            "{check} is not in docs/gate.md"
        );
    }
}
