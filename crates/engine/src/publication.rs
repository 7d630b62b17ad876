//! The releases of a job: where they go, what they are made of, and whether those that are there are still
//! good.

mod claims;

use std::path::{Path, PathBuf};

use rhapsode_book::Metadata;
use rhapsode_release::{
    ChapterPlan, Codec, CoverArt, DraftSettings, Format, Layout, MasterSettings, Published, Tags, Track,
    audiobookshelf::{Chapter, DISC, shelve, shelved},
    encode::encoder_info,
    recover,
};
use rhapsode_store::JobDir;

use crate::{
    Beside, DefectPolicy, EngineError, Output, Overwrite, PublishedRelease, Redo, Settings, Summary,
    VoiceOrigin,
    casting::Cast,
    companions::{Companions, Company},
    prepare::Prepared,
    report::{REPORT, Report},
    tags,
    tracks::Board,
    writing::Writing,
};

/// Room for tables is reserved for a book this many times as long as expected: too much costs a thousandth of the
/// file, too little a second writing.
const ROOM: f64 = 1.3;

/// Everything about a job's releases but their sound.
#[derive(Debug)]
pub(crate) struct Publication {
    targets: Vec<Target>,
    pub(crate) master: MasterSettings,
    tags: Tags,
    cover: Option<CoverArt>,
    beside: Beside,
    companions: Companions,
    /// Where everything goes.
    folder: PathBuf,
    title: String,
    overwrite: Overwrite,
    redo: Redo,
}

#[derive(Debug)]
struct Target {
    format: Format,
    layout: Layout,
    codec: Codec,
    path: PathBuf,
}

impl Publication {
    /// Decides where everything goes and makes sure, before anything is spoken, that it can go there.
    pub(crate) fn prepare(
        manuscript: &Path,
        output: &Output,
        prepared: &Prepared,
        settings: &Settings,
        cast: &Cast,
        rate: Option<rhapsode_audio::SampleRate>,
    ) -> Result<Self, EngineError> {
        let metadata: &Metadata = &prepared.metadata;
        let tags = tags::tags(metadata, &narrator(cast, settings));
        let folder = output.release_folder(manuscript, &tags);
        let beside = match output {
            Output::Library(_) if settings.formats.len() > 1 => {
                return Err(EngineError::SeveralFormatsOnAShelf(settings.formats.clone()));
            }
            Output::Library(_) => Beside::Audiobookshelf,
            Output::BesideManuscript | Output::At(_) => settings.beside,
        };
        check_writable(&folder)?;
        recover(&folder)?;
        let targets = settings
            .formats
            .iter()
            .map(|&format| {
                let (path, layout) = output.place(&folder, &metadata.title, format, settings.arrangement)?;
                let is_disc =
                    beside == Beside::Audiobookshelf && layout.is_folder() && settings.formats.len() == 1;
                let path = if is_disc { folder.join(DISC) } else { path };
                Ok(Target { format, layout, codec: format.codec(settings.bitrate), path })
            })
            .collect::<Result<Vec<_>, EngineError>>()?;
        let mut master = settings.master.clone();
        if let Some(rate) = rate {
            master.rate = rate;
        }
        settings.companions.check(manuscript, &prepared.book, &tags)?;
        Ok(Self {
            targets,
            master,
            tags,
            cover: tags::cover(&prepared.book),
            beside,
            companions: settings.companions.clone(),
            folder,
            title: metadata.title.clone(),
            overwrite: settings.overwrite,
            redo: settings.redo.clone(),
        })
    }

    /// Names the voice that speaks in the end: a backend that was asked may have another one of its own.
    pub(crate) fn narrated_by(&mut self, metadata: &Metadata, cast: &Cast, settings: &Settings) {
        self.tags = tags::tags(metadata, &narrator(cast, settings));
    }

    /// The codecs that the formats need, each once.
    pub(crate) fn codecs(&self) -> Vec<Codec> {
        let mut codecs: Vec<Codec> = Vec::new();
        for (_, codec) in self.formats() {
            if !codecs.contains(&codec) {
                codecs.push(codec);
            }
        }
        codecs
    }

    /// The formats, each with its codec; those that only packages need come last.
    pub(crate) fn formats(&self) -> Vec<(Format, Codec)> {
        let formats = || self.targets.iter().map(|target| (target.format, target.codec));
        let packed = self.packed().filter(|packed| !formats().any(|format| format == *packed));
        formats().chain(packed).collect()
    }

    /// The format and the codec of the chapters in packages, if any are wanted.
    fn packed(&self) -> Option<(Format, Codec)> {
        self.companions.codec(self.targets.iter().map(|target| (target.format, target.codec)))
    }

    /// Hash of all that determines the releases: same fingerprint, same files.
    pub(crate) fn fingerprint(&self, plans: &[ChapterPlan]) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut part = |value: serde_json::Result<Vec<u8>>| {
            let bytes = value.expect("plans, settings and tags have string keys only, so they serialise");
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(&bytes);
        };
        part(serde_json::to_vec(env!("CARGO_PKG_VERSION")));
        part(serde_json::to_vec(plans));
        part(serde_json::to_vec(&self.master));
        part(serde_json::to_vec(&self.tags));
        part(Ok(self.cover.as_ref().map(|cover| cover.bytes.clone()).unwrap_or_default()));
        for target in &self.targets {
            let encoder = encoder_info(target.codec);
            let path = claims::absolute(&target.path);
            part(serde_json::to_vec(&(target.codec, target.layout, path, encoder.name, encoder.version)));
        }
        let wanted: Vec<String> = self.companions.wanted.iter().map(ToString::to_string).collect();
        part(serde_json::to_vec(&(
            wanted,
            self.companions.feed.as_ref().map(ToString::to_string),
            self.packed(),
        )));
        hasher.finalize().to_hex().to_string()
    }

    /// The summary of the earlier run whose releases are still what this run would make.
    pub(crate) fn up_to_date(&self, job: &JobDir, fingerprint: &str) -> Result<Option<Summary>, EngineError> {
        let redone = !self.redo.chunks.is_empty() || !self.redo.chapters.is_empty();
        if self.overwrite == Overwrite::Always || redone {
            return Ok(None);
        }
        let Some(mut report) = job.read_or_discard::<Report>(REPORT)? else { return Ok(None) };
        let to_retry = self.redo.defects == DefectPolicy::Retry && !report.summary.defects.is_empty();
        if report.fingerprint != fingerprint || to_retry {
            return Ok(None);
        }
        // The earlier run may have been started in another folder: its relative paths are not ours.
        let earlier = report.summary.releases.first().and_then(|release| release.path.parent());
        let earlier = earlier.unwrap_or(Path::new("")).to_owned();
        for companion in &mut report.summary.companions {
            if let Ok(place) = companion.path.strip_prefix(&earlier) {
                companion.path = self.folder.join(place);
            }
        }
        for (release, target) in report.summary.releases.iter_mut().zip(&self.targets) {
            release.path.clone_from(&target.path);
        }
        report.summary.report = job.path().join(REPORT);
        let whole = |release: &PublishedRelease| size(&release.path) == Some(release.bytes);
        let same = report.summary.releases.iter().chain(&report.summary.companions).all(whole);
        Ok(same.then_some(Summary { up_to_date: true, ..report.summary }))
    }

    /// Claims the paths of the releases for this job.
    ///
    /// # Errors
    /// [`EngineError::Occupied`] if something stands there that no run of this job has claimed.
    pub(crate) fn claim(&self, job: &JobDir, manuscript: &Path) -> Result<(), EngineError> {
        let releases = self.targets.iter().map(|target| (target.path.as_path(), target.layout));
        let beside = self.companions.paths(&self.folder, &self.title, releases);
        let releases = self.targets.iter().map(|target| &target.path);
        let shelved = match self.beside {
            Beside::Nothing => Vec::new(),
            Beside::Audiobookshelf => shelved(&self.folder, self.cover.as_ref()),
        };
        claims::claim(job, manuscript, self.overwrite, releases.chain(&beside).chain(&shelved))
    }

    /// Begins to write every release. `expected_seconds` is the length of all tracks, as well as it is known.
    pub(crate) fn begin(&self, titles: &[String], expected_seconds: f64) -> Writing {
        Writing::begin(self.targets.iter().map(|target| {
            let rate = target.codec.rate(self.master.rate);
            let expected_samples = (expected_seconds * ROOM * f64::from(rate.0)) as u64;
            let settings = DraftSettings {
                format: target.format,
                layout: target.layout,
                titles: titles.to_vec(),
                expected_samples,
                tags: self.tags.clone(),
                cover: self.cover.clone(),
                destination: target.path.clone(),
            };
            (target.codec, settings)
        }))
    }

    /// What the releases say of the book.
    pub(crate) fn tags(&self) -> &Tags {
        &self.tags
    }

    /// Writes what is wanted beside the releases.
    pub(crate) fn shelve(&self, tracks: &[Track]) -> Result<(), EngineError> {
        match self.beside {
            Beside::Nothing => Ok(()),
            Beside::Audiobookshelf => {
                let mut end = 0.0;
                let chapters = tracks.iter().enumerate().map(|(id, track)| {
                    let start = end;
                    end += track.encoded.rate.seconds(track.samples);
                    Chapter { id, start, end, title: track.title.clone() }
                });
                let chapters: Vec<Chapter> = chapters.collect();
                shelve(&self.folder, &self.tags, &chapters, self.cover.as_ref())?;
                Ok(())
            }
        }
    }

    /// Makes what is wanted beside the releases.
    pub(crate) fn accompany(
        &self,
        manuscript: &Path,
        prepared: &Prepared,
        published: &[(Format, Published)],
        board: &Board,
    ) -> Result<Vec<PublishedRelease>, EngineError> {
        let tracks = self.packed().and_then(|(_, codec)| board.tracks(codec)).unwrap_or_default();
        let company = Company {
            companions: &self.companions,
            manuscript,
            prepared,
            folder: &self.folder,
            tags: &self.tags,
            cover: self.cover.as_ref(),
        };
        company.make(published, &tracks)
    }

    /// Publishes every release; all tracks have been handed over.
    pub(crate) fn publish(&self, writing: Writing) -> Result<Vec<(Format, Published)>, EngineError> {
        let formats = self.targets.iter().map(|target| target.format);
        Ok(formats.zip(writing.publish()?).collect())
    }
}

impl PublishedRelease {
    pub(crate) fn new(format: Format, published: &Published) -> Self {
        // Documents in the folder of a release are a part of it.
        let bytes = size(&published.path).unwrap_or(published.bytes);
        Self { format: format.to_string(), path: published.path.clone(), bytes }
    }
}

/// Who the release says has read it.
fn narrator(cast: &Cast, settings: &Settings) -> String {
    let own = cast.renditions.first().and_then(|rendition| rendition.voice());
    match settings.voice_origin {
        VoiceOrigin::Default => own.unwrap_or(&settings.voice).to_owned(),
        VoiceOrigin::Chosen => settings.voice.clone(),
    }
}

/// Bytes of a file, or of the files in a folder.
fn size(path: &Path) -> Option<u64> {
    let metadata = std::fs::metadata(path).ok()?;
    if !metadata.is_dir() {
        return Some(metadata.len());
    }
    let entries = std::fs::read_dir(path).ok()?;
    entries.map(|entry| entry.and_then(|e| e.metadata()).map(|m| m.len()).ok()).sum()
}

/// Makes the output folder and a file in it, so that a night's work does not end at a read-only folder.
fn check_writable(folder: &Path) -> Result<(), EngineError> {
    let failed = |source| EngineError::OutputFolder { path: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    tempfile::Builder::new().prefix(".rhapsode-").tempfile_in(folder).map(drop).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Companion;

    fn publication(path: &Path) -> Publication {
        let format = Format::Wav;
        Publication {
            targets: vec![Target {
                format,
                layout: format.layout(),
                codec: format.codec(None),
                path: path.to_owned(),
            }],
            master: MasterSettings::default(),
            tags: Tags::default(),
            cover: None,
            beside: Beside::Nothing,
            companions: Companions::default(),
            folder: PathBuf::new(),
            title: String::new(),
            overwrite: Overwrite::OwnOnly,
            redo: Redo::default(),
        }
    }

    #[test]
    fn the_fingerprint_changes_with_everything_that_a_release_is_made_of() {
        let plan = |title: &str| ChapterPlan {
            title: title.into(),
            takes: Vec::new(),
            loudness_reference: Vec::new(),
        };
        let plans = [plan("one")];
        let base = publication(Path::new("a.wav")).fingerprint(&plans);
        assert_eq!(base, publication(Path::new("a.wav")).fingerprint(&plans));
        let mut others = vec![
            publication(Path::new("b.wav")).fingerprint(&plans),
            publication(Path::new("a.wav")).fingerprint(&[plan("two")]),
        ];
        let mut changed = |change: fn(&mut Publication)| {
            let mut publication = publication(Path::new("a.wav"));
            change(&mut publication);
            others.push(publication.fingerprint(&plans));
        };
        changed(|p| p.tags.title = "another".into());
        changed(|p| p.master.true_peak_dbtp -= 1.0);
        changed(|p| p.cover = Some(CoverArt { kind: rhapsode_release::CoverKind::Png, bytes: vec![1] }));
        changed(|p| p.targets[0].codec = Codec::Flac);
        changed(|p| p.targets[0].layout = Layout::OneFile);
        changed(|p| p.companions.wanted = vec![Companion::ReadAlong]);
        changed(|p| p.companions.feed = Some("https://a.example".parse().unwrap()));
        let distinct: std::collections::BTreeSet<&String> = others.iter().chain([&base]).collect();
        assert_eq!(distinct.len(), others.len() + 1);
    }
}
