//! The chapters of a page, by its headings, and the title page that many pages begin with.

use std::collections::HashMap;

use crate::assemble::ChapterStart;
use crate::dom::{Dom, Step};
use crate::formats::outline::{Levels, byline};
use crate::walk::{headings, start_of};
use crate::{Matter, SectionRole};

/// What the headings of a page tell.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) starts: HashMap<Step, ChapterStart>,
    /// The book's title, where a heading gives it.
    pub(super) title: Option<String>,
    /// The author, where a line "by …" follows the title.
    pub(super) author: Option<String>,
}

impl Outline {
    pub(super) fn of(dom: &Dom) -> Self {
        let headings = headings(dom);
        let opens = headings.first().is_some_and(|first| first.before.trim().is_empty());
        let levels: Vec<_> = headings.iter().map(|h| (h.level, h.text.as_str())).collect();
        let Levels { titled, chapter } = Levels::of(&levels, opens);
        let below_title = headings.get(1).filter(|_| titled).map(|next| next.before.trim());
        let author = below_title.and_then(byline).map(str::to_owned);
        let is_title_page = below_title.is_some_and(|text| text.is_empty() || author.is_some());
        let mut starts = HashMap::new();
        for (number, heading) in headings.iter().enumerate().filter(|(_, h)| h.level <= chapter) {
            let start = match number == 0 && is_title_page {
                true => {
                    ChapterStart { title: None, matter: Matter::Front, role: Some(SectionRole::TitlePage) }
                }
                false => ChapterStart { title: None, matter: Matter::Body, role: None },
            };
            starts.insert(start_of(dom, heading.node), start);
        }
        let title = headings.first().filter(|_| titled).map(|h| h.text.clone());
        Self { starts, title, author }
    }
}
