//! A podcast feed of a release: an episode for each sound file, with the tags that Apple's directory and the Podcasting
//! 2.0 namespace ask for. The same book has the same GUIDs wherever and however often its feed is made.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde_json::json;

use super::{
    Document, Order,
    edition::{Edition, SoundFile, units},
};
use crate::{CoverKind, path_segment, tags::MADE_WITH, xml::Xml};

/// How the files with an episode's chapters end.
pub(super) const CHAPTERS: &str = ".chapters.json";

/// Years before the first have no date that podcast players read.
const FIRST_YEAR: i32 = 1970;

/// The year of a book that names none.
const SOME_YEAR: i32 = 2000;

/// Where the folder of the releases can be had from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

/// What is no address of a folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("use the feed's address {0:?}: it does not begin with https:// or http:// and a host")]
pub struct NotABaseUrl(String);

impl FromStr for BaseUrl {
    type Err = NotABaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let is_plain = |rest: &&str| {
            !rest.is_empty()
                && !rest.starts_with('/')
                && !rest.contains(|c: char| c.is_whitespace() || c.is_control() || "?#\"<>".contains(c))
        };
        rest.filter(is_plain).ok_or_else(|| NotABaseUrl(text.to_owned()))?;
        Ok(Self(format!("{}/", text.trim_end_matches('/'))))
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl BaseUrl {
    /// The address of a file of a release.
    fn of(&self, edition: &Edition<'_>, path: &Path) -> String {
        let folder = edition.folder.and_then(Path::file_name);
        let steps = folder.into_iter().chain(path.file_name());
        let steps: Vec<String> = steps.map(|step| path_segment(&step.to_string_lossy())).collect();
        format!("{}{}", self.0, steps.join("/"))
    }
}

/// The feed, the chapters of its episodes that have more than one, and its cover.
pub(super) fn files(edition: &Edition<'_>, order: &Order<'_>, path: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let Some(base) = order.base else { return Vec::new() };
    let mut files = vec![];
    for file in edition.files.iter().filter(|file| file.chapters.len() > 1) {
        files.push((chapters_path(&file.path), chapters(file)));
    }
    // A folder has its cover already.
    let cover = edition.cover.map(|cover| match edition.folder {
        Some(folder) => folder.join("cover").with_extension(cover.kind.extension()),
        None => path.with_extension(cover.kind.extension()),
    });
    if let (Some(cover), Some(path)) = (edition.cover, &cover)
        && edition.folder.is_none()
    {
        files.push((path.clone(), cover.bytes.clone()));
    }
    let feed = Feed { edition, order, base, path, cover: cover.as_deref() }.write();
    files.push((path.to_owned(), feed.into_bytes()));
    files
}

/// Where files beside the feed of a release of this one sound file may go.
pub(super) fn paths(file: &Path) -> Vec<PathBuf> {
    let covers = [CoverKind::Jpeg, CoverKind::Png].map(|kind| file.with_extension(kind.extension()));
    covers.into_iter().chain([chapters_path(file)]).collect()
}

fn chapters_path(file: &Path) -> PathBuf {
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(CHAPTERS);
    file.with_file_name(name)
}

/// Chapters of an episode (Podcasting 2.0, JSON chapters 1.2).
fn chapters(file: &SoundFile) -> Vec<u8> {
    let chapters: Vec<serde_json::Value> = file
        .timed()
        .map(|(start, chapter)| {
            json!({ "startTime": units(start, file.rate, 1000) as f64 / 1000.0, "title": chapter.title })
        })
        .collect();
    let document = json!({ "version": "1.2.0", "chapters": chapters });
    serde_json::to_vec_pretty(&document).expect("titles and numbers have a form in JSON")
}

struct Feed<'a> {
    edition: &'a Edition<'a>,
    order: &'a Order<'a>,
    base: &'a BaseUrl,
    path: &'a Path,
    cover: Option<&'a Path>,
}

impl Feed<'_> {
    fn write(&self) -> String {
        let tags = self.edition.tags;
        let author = self.edition.author();
        let description = tags.description.clone().unwrap_or_else(|| tags.title.clone());
        let mut xml = Xml::new();
        let namespaces = [
            ("version", "2.0"),
            ("xmlns:itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd"),
            ("xmlns:podcast", "https://podcastindex.org/namespace/1.0"),
            ("xmlns:atom", "http://www.w3.org/2005/Atom"),
        ];
        xml.element("rss", &namespaces, |xml| {
            xml.element("channel", &[], |xml| {
                xml.text("title", &[], &tags.title);
                xml.text("link", &[], &self.base.0);
                let address = self.base.of(self.edition, self.path);
                let link = [("href", address.as_str()), ("rel", "self"), ("type", "application/rss+xml")];
                xml.empty("atom:link", &link);
                xml.text("description", &[], &description);
                xml.text("language", &[], tags.language.as_deref().unwrap_or("en"));
                xml.text("copyright", &[], tags.copyright.as_deref().unwrap_or_default());
                xml.text("generator", &[], MADE_WITH);
                xml.text("podcast:guid", &[], &self.edition.identity());
                xml.text("podcast:medium", &[], "audiobook");
                xml.text("itunes:author", &[], &author);
                xml.text("itunes:type", &[], "serial");
                xml.text("itunes:explicit", &[], "false");
                xml.element("itunes:category", &[("text", "Arts")], |xml| {
                    xml.empty("itunes:category", &[("text", "Books")]);
                });
                if let Some(cover) = self.cover {
                    xml.empty("itunes:image", &[("href", &self.base.of(self.edition, cover))]);
                }
                for (number, file) in self.edition.files.iter().enumerate() {
                    self.item(xml, number, file);
                }
            });
        });
        xml.finish()
    }

    fn item(&self, xml: &mut Xml, number: usize, file: &SoundFile) {
        let title = match file.chapters.as_slice() {
            [only] if self.edition.files.len() > 1 => &only.title,
            _ => &self.edition.tags.title,
        };
        let url = self.base.of(self.edition, &file.path);
        let length = file.bytes.to_string();
        xml.element("item", &[], |xml| {
            xml.text("title", &[], title);
            let guid = format!("{}-{}", self.edition.identity(), number + 1);
            xml.text("guid", &[("isPermaLink", "false")], &guid);
            xml.text("pubDate", &[], &self.date(number).to_rfc2822());
            xml.empty("enclosure", &[("url", &url), ("length", &length), ("type", &file.media_type)]);
            xml.text("itunes:duration", &[], &file.seconds().round().to_string());
            xml.text("itunes:episode", &[], &(number + 1).to_string());
            xml.text("itunes:episodeType", &[], "full");
            xml.text("itunes:explicit", &[], "false");
            if file.chapters.len() > 1 {
                let url = self.base.of(self.edition, &chapters_path(&file.path));
                xml.empty("podcast:chapters", &[("url", &url), ("type", "application/json+chapters")]);
            }
            for (document, kind) in [(Document::Vtt, "text/vtt"), (Document::Srt, "application/x-subrip")] {
                if self.order.documents.contains(&document) {
                    let url = self.base.of(self.edition, &document.beside(file));
                    xml.empty("podcast:transcript", &[("url", &url), ("type", kind)]);
                }
            }
        });
    }

    /// Players sort by date, so each episode is a minute after the one before, from the first day of the book's year.
    /// No clock is asked: the same release has the same feed.
    fn date(&self, number: usize) -> DateTime<Utc> {
        let year = self.edition.tags.year.filter(|year| (FIRST_YEAR..10_000).contains(year));
        let first = NaiveDate::from_ymd_opt(year.unwrap_or(SOME_YEAR), 1, 1).unwrap_or_default();
        first.and_time(chrono::NaiveTime::MIN).and_utc() + Duration::minutes(number as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_that_of_a_folder() {
        assert_eq!("https://a.example/b".parse::<BaseUrl>().unwrap().to_string(), "https://a.example/b/");
        for wrong in
            ["", "a.example", "ftp://a.example", "https://", "https:///x", "https://a b", "https://a?b"]
        {
            assert!(wrong.parse::<BaseUrl>().is_err(), "{wrong}");
        }
    }
}
