//! `rhapsode backends`: what is configured, what it can do, and whether it answers.

use std::{process::ExitCode, sync::Arc};

use rhapsode_engine::{
    Ensembles, Surveyed,
    speech::{Description, backend_kinds},
};
use serde_json::{Value, json};

use super::{Context, print};
use crate::{
    args::BackendsArgs,
    backends::{self, Keys},
    failure::Failure,
    settings,
};

pub(super) async fn run(args: &BackendsArgs, context: &Context) -> Result<ExitCode, Failure> {
    let layers = context.layers(None)?;
    let mut settings = settings::settings(&layers, Keys::IfThere)?;
    settings.backends = backends::all(&layers.config()?, &layers, Keys::IfThere)?;
    if settings.backends.is_empty() {
        return if args.json { print("[]") } else { print(&kinds()) };
    }
    let ensemble = Ensembles::default().find(&settings, Arc::clone(&context.listener())).await?;
    let surveyed = ensemble.survey().await;
    if args.json {
        let list: Vec<Value> = surveyed.iter().map(as_json).collect();
        return print(&serde_json::to_string_pretty(&list).map_err(std::io::Error::from)?);
    }
    let blocks: Vec<String> = surveyed.iter().map(as_text).collect();
    print(&blocks.join("\n\n"))
}

fn kinds() -> String {
    let mut text =
        "No backend is configured: the built-in voice speaks. A [[backend]] of rhapsode.toml can be\n"
            .to_owned();
    for (name, about) in backend_kinds() {
        text.push_str(&format!("  {name:<8}  {about}\n"));
    }
    text.push_str("and --backend URL names a server without any.");
    text
}

/// Where a backend is: a server's URL, a program, or a folder.
fn address(surveyed: &Surveyed) -> String {
    let options = &surveyed.settings.options;
    match options.get("url").or_else(|| options.get("command")).or_else(|| options.get("pack")) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    }
}

fn as_json(surveyed: &Surveyed) -> Value {
    let Description { name, identity, voices, languages, rate, max_concurrency, .. } = &surveyed.description;
    let Description { min_chars, max_chars, phonemes, price, .. } = &surveyed.description;
    json!({
        "name": name,
        "kind": surveyed.settings.kind,
        "address": address(surveyed),
        "answers": surveyed.trouble.is_none(),
        "trouble": surveyed.trouble,
        "identity": identity,
        "voices": voices,
        "languages": languages,
        "rate": rate,
        "max_concurrency": max_concurrency,
        "min_chars": min_chars,
        "max_chars": max_chars,
        "phonemes": phonemes,
        "price": price,
    })
}

fn as_text(surveyed: &Surveyed) -> String {
    let Description { name, identity, voices, languages, max_concurrency, max_chars, price, .. } =
        &surveyed.description;
    let state = match &surveyed.trouble {
        None => "answers".to_owned(),
        Some(trouble) => format!("does not work: failed to {trouble}"),
    };
    let list = |list: &[String]| if list.is_empty() { "not told".to_owned() } else { list.join(", ") };
    let mut text = format!("{name}  {}  {}\n  {state}\n", surveyed.settings.kind, address(surveyed));
    text.push_str(&format!("  voices     {}\n  languages  {}\n", list(voices), list(languages)));
    text.push_str(&format!("  slots      {max_concurrency}, up to {max_chars} characters each\n"));
    if let Some(price) = price {
        text.push_str(&format!("  price      {} for a million characters\n", price.per_million_chars));
    }
    text.push_str(&format!("  identity   {} {} {}", identity.engine, identity.model, identity.revision));
    text
}
