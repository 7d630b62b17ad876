//! The package document with the narration in it: an EPUB 3 package as it was and a little more, an EPUB 2 package
//! written anew.

mod kept;
mod upgraded;

pub(crate) use kept::write as kept;
pub(crate) use upgraded::{Upgrade, write as upgraded};

use std::collections::HashMap;

use rhapsode_release::{Tags, path_segment};

use crate::overlay::clock;

/// The class that a reader gives to what is being read.
pub(crate) const ACTIVE: &str = "rhapsode-reading";

/// What the narration adds to a package.
#[derive(Debug, Default)]
pub(crate) struct Additions {
    /// New files.
    pub(crate) items: Vec<Item>,
    /// For each narrated document, by its path: the id of its overlay.
    pub(crate) overlays: HashMap<String, String>,
    /// For each overlay, by its id: its milliseconds, in reading order.
    pub(crate) durations: Vec<(String, u64)>,
}

/// A new file of a package.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) id: String,
    /// Path in the archive.
    pub(crate) path: String,
    pub(crate) media_type: &'static str,
    pub(crate) properties: Option<&'static str>,
}

impl Additions {
    /// The metadata of the narration: property, what it is about, value.
    fn metadata<'a>(&'a self, tags: &'a Tags) -> Vec<(&'static str, Option<&'a str>, String)> {
        let mut all = vec![];
        for (id, milliseconds) in &self.durations {
            all.push(("media:duration", Some(id.as_str()), clock(*milliseconds)));
        }
        let total = self.durations.iter().map(|(_, milliseconds)| milliseconds).sum();
        all.push(("media:duration", None, clock(total)));
        let narrators = tags.narrators.iter().filter(|narrator| !narrator.trim().is_empty());
        all.extend(narrators.map(|narrator| ("media:narrator", None, narrator.clone())));
        all.push(("media:active-class", None, ACTIVE.to_owned()));
        all
    }
}

/// The address of a file as it stands in another, both given by their paths in the archive.
pub(crate) fn address(from: &str, to: &str) -> String {
    let folder: Vec<&str> = from.split('/').collect();
    let folder = &folder[..folder.len() - 1];
    let target: Vec<&str> = to.split('/').collect();
    let shared = folder.iter().zip(&target[..target.len() - 1]).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), folder.len() - shared);
    let steps: Vec<String> = up.chain(target[shared..].iter().map(|step| path_segment(step))).collect();
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_relative_to_the_file_that_holds_them() {
        assert_eq!(address("OPS/a.opf", "OPS/text/b c.xhtml"), "text/b%20c.xhtml");
        assert_eq!(address("OPS/text/a.xhtml", "OPS/rhapsode/x.css"), "../rhapsode/x.css");
        assert_eq!(address("a.opf", "b.xhtml"), "b.xhtml");
        assert_eq!(address("A/B/c", "D/e"), "../../D/e");
    }
}
