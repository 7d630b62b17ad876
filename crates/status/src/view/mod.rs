//! The page as HTML. Every text is escaped where it is put in; titles and names bring their own direction.

mod backends;
mod finished;
mod hooks;
mod layout;
mod queue;
mod rest;
mod summary;
mod text;

use std::sync::Arc;

use maud::Markup;
use rhapsode_watch::QueueView;

use crate::{StatusOptions, live::Now};

pub(crate) use finished::{Finished, LastRead};
pub(crate) use layout::{Control, whole};

/// A part of the page that changes by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    /// The id of its element.
    pub(crate) name: &'static str,
    pub(crate) html: Arc<str>,
}

/// All of them, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sections(Vec<Section>);

impl Sections {
    pub(crate) fn of(queue: &QueueView, now: &Now, finished: &Finished, options: &StatusOptions) -> Self {
        let parts: [(&'static str, Markup); 7] = [
            ("summary", summary::section(queue, options)),
            ("making", queue::making(queue, now)),
            ("queue", queue::waiting(queue)),
            ("books", finished::section(finished)),
            ("backends", backends::section(now)),
            ("rest", rest::section(queue)),
            ("hooks", hooks::section(queue)),
        ];
        Self(
            parts.into_iter().map(|(name, html)| Section { name, html: html.into_string().into() }).collect(),
        )
    }

    /// Those that are not what they were.
    pub(crate) fn since(&self, before: &Self) -> Vec<Section> {
        self.0.iter().filter(|section| !before.0.contains(section)).cloned().collect()
    }
}
