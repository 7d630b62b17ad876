//! What is written and what is said, class by class. The tables are written from English, not from the code.

mod calendar;
mod capitals;
mod letters;
mod marks;
mod measures;
mod names;
mod numbers;
mod prose;
mod web;

use rhapsode_script::english::{BlockKind, Context, Dialect, normalise};

/// A written text and what is said.
type Row = (&'static str, &'static str);

/// Checks a table and reports all rows that differ at once.
#[track_caller]
fn check(context: &Context<'_>, table: &[Row]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(written, spoken)| {
            let said = normalise(written, context).text;
            (said != *spoken).then(|| format!("{written:?}\n  expected {spoken:?}\n  said     {said:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} rows differ:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[track_caller]
fn american(table: &[Row]) {
    check(&Context::default(), table);
}

#[track_caller]
fn british(table: &[Row]) {
    check(&Context { dialect: Dialect::British, ..Context::default() }, table);
}

#[track_caller]
fn headings(table: &[Row]) {
    check(&Context { block: BlockKind::Heading, ..Context::default() }, table);
}
