//! What a person is told who asks why.

use super::*;

#[test]
fn requirements_that_exclude_each_other_cannot_be_pinned() {
    let stuck = subject(environment(vec![
        distribution("old 1.0", &["numpy<2"]),
        distribution("new 1.0", &["numpy>=2"]),
        distribution("numpy 2.2.6", &[]),
    ]));
    let explanation = explain(&stuck, &name("numpy"), &Question::default()).unwrap();
    let between = vec!["numpy<2, by old 1.0".to_owned(), "numpy>=2, by new 1.0".to_owned()];
    assert_eq!(explanation.pin, Pinned::Impossible { between });
    let found = judge(&stuck, &Question::default());
    assert!(found[0].remedy.contains("no version of numpy suits all"), "{}", found[0].remedy);
    assert!(explain(&stuck, &name("scipy"), &Question::default()).is_none());
}

#[test]
fn an_explanation_names_the_way_that_leads_to_each_asker() {
    let installed = subject(environment(vec![
        distribution("engine 1.0", &["torchtune"]),
        distribution("torchtune 0.4.0", &["datasets"]),
        distribution("datasets 5.0.1", &["numpy>=1.17"]),
        distribution("numpy 1.26.4", &[]),
    ]));
    let explanation = explain(&installed, &name("numpy"), &Question::default()).unwrap();
    assert_eq!(explanation.asked[0].path, ["engine", "torchtune", "datasets"]);
    assert_eq!(explanation.pin, Pinned::Keep { version: "1.26.4".to_owned() });
}

#[test]
fn a_tree_ends_where_a_circle_closes_and_critical_ones_lead_up() {
    let circle = subject(environment(vec![
        distribution("engine 1.0", &["torch"]),
        distribution("torch 2.6.0", &["functorch"]),
        distribution("functorch 1.0", &["torch>=3"]),
    ]));
    let whole = tree(&circle, &[], &Question::default());
    let [engine] = whole.roots.as_slice() else { panic!("{whole:#?}") };
    let torch = &engine.branches[0];
    let back = &torch.branches[0].branches[0];
    assert_eq!((back.name.as_str(), back.seen, back.met), ("torch", true, false));
    assert!(back.branches.is_empty());
    let critical = tree(&circle, &[name("torch")], &Question::default());
    let askers: Vec<&str> = critical.critical[0].branches.iter().map(|branch| branch.name.as_str()).collect();
    assert_eq!(askers, ["engine", "functorch"]);
}

#[test]
fn a_difference_names_versions_with_their_direction_and_requirements_that_matter() {
    let before = subject(environment(vec![
        distribution("torch 2.6.0+cpu", &[]),
        distribution("numpy 2.2.6", &[]),
        distribution("engine 1.0", &["numpy"]),
        distribution("gone 1.0", &[]),
    ]));
    let after = subject(environment(vec![
        distribution("torch 2.6.0+cu124", &[]),
        distribution("numpy 1.26.4", &[]),
        distribution("engine 1.1", &["numpy<2"]),
        distribution("new 1.0", &[]),
    ]));
    let changes = diff(&before, &after, &Question::default());
    let json = serde_json::to_value(&changes).unwrap();
    assert_eq!(json["added"][0]["name"], "new");
    assert_eq!(json["removed"][0]["name"], "gone");
    let directions: Vec<_> = changes
        .changed
        .iter()
        .map(|change| (change.name.as_str(), serde_json::to_value(change.direction).unwrap()))
        .collect();
    assert_eq!(directions, [("engine", "up".into()), ("numpy", "down".into()), ("torch", "build".into())]);
    assert_eq!(changes.requirements.len(), 1);
    assert_eq!(changes.requirements[0].to.as_deref(), Some("numpy<2"));
    assert!(diff(&before, &before, &Question::default()).is_empty());
}
