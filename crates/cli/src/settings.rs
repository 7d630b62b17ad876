//! From arguments and configuration to the engine's settings. Everything textual is parsed here, once.

mod overlay;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rhapsode_engine::{
    Arrangement, Beside, Companion, Companions, Credits, FilesWanted, GateTerms, Overwrite, Redo, Settings,
    VoiceOrigin,
    gate::{Lowering, Policy},
    release::{
        Format, LoudnessTarget, MasterSettings,
        documents::{BaseUrl, Document},
    },
    script::{ChapterSelection, Lexicon, ScriptError},
    speech::{ListeningCheck, ListeningOptions, WordCheck},
    voice::pack::PackSettings,
};
use toml::Value;

use crate::{
    backends::{self, Keys},
    batch::EntrySettings,
    config::{Config, Files, Mixing, Outage, ReleaseProfile},
    environment,
    failure::{Failure, Kind},
    layers::{ConfigError, Layers, Origin},
    sidecar,
};

/// The folder's configuration file.
pub(crate) const CONFIG_FILE: &str = "rhapsode.toml";

/// Defaults, the user's file, the folder's file or `--config`, the sidecars of the manuscript if there is one, its entry
/// in a manifest, and the environment, in this order.
pub(crate) fn layers(
    config: Option<&Path>,
    manuscript: Option<&Path>,
    entry: Option<&EntrySettings>,
) -> Result<Layers, ConfigError> {
    let mut layers = Layers::defaults()?;
    if let Some(path) = environment::user_config().filter(|path| path.is_file()) {
        layers.file(&path)?;
    }
    match config {
        Some(path) => layers.file(path)?,
        None if Path::new(CONFIG_FILE).is_file() => layers.file(Path::new(CONFIG_FILE))?,
        None => {}
    }
    for path in manuscript.into_iter().flat_map(sidecar::beside) {
        layers.sidecar(&path)?;
    }
    if let Some(entry) = entry {
        layers.entry(entry);
    }
    layers.environment(environment::variables()?.into_iter())?;
    Ok(layers)
}

/// Where voice packs are and come from.
pub(crate) fn packs(config: &Config) -> PackSettings {
    let folder = config.storage.voices.clone().unwrap_or_else(|| environment::data_folder().join("voices"));
    PackSettings::new(folder, &environment::hub_endpoint())
}

/// The folder of the take store.
pub(crate) fn store_folder(config: &Config) -> PathBuf {
    config.storage.takes.clone().unwrap_or_else(|| environment::data_folder().join("takes"))
}

/// The engine's settings; what lies beside the book comes with [`with_files_beside`].
pub(crate) fn settings(layers: &Layers, keys: Keys) -> Result<Settings, Failure> {
    let layers = &with_profile(layers)?;
    let config = layers.config()?;
    let (speech, release) = (&config.speech, &config.release);
    let refuse = |key: &'static str| move |message: String| layers.refuse(key, message);
    if !(0.5..=2.0).contains(&speech.speed) {
        return Err(refuse("speech.speed")(format!("{} is not between 0.5 and 2.0", speech.speed)).into());
    }
    Ok(Settings {
        policy: config.reading.policy(),
        selection: ChapterSelection::default(),
        lexicon: match &speech.lexicon {
            Some(path) => lexicon(path)?,
            None => Lexicon::default(),
        },
        pauses: config.pauses,
        voice: speech.voice.clone(),
        voice_origin: match layers.origin("speech.voice") {
            Origin::Default => VoiceOrigin::Default,
            _ => VoiceOrigin::Chosen,
        },
        voices: backends::voices(&config),
        backends: backends::chosen(&config, layers, keys)?,
        mixing: match speech.mixing {
            Mixing::Refuse => rhapsode_engine::Mixing::Refuse,
            Mixing::Allow => rhapsode_engine::Mixing::Allow,
        },
        outage: match speech.outage {
            Outage::Stop => rhapsode_engine::Outage::Stop,
            Outage::Wait => rhapsode_engine::Outage::Wait,
        },
        gate: GateTerms {
            mode: config.gate.mode,
            policy: Policy::new(config.gate.allow.iter().cloned().map(Lowering::from).collect()),
            time_out: time_out(config.gate.time_out).map_err(refuse("gate.time-out"))?,
        },
        listening: listening(speech.verify.as_deref()).map_err(refuse("speech.verify"))?,
        speed: speech.speed,
        seed: speech.seed,
        attempts: speech.attempts.max(1),
        workers: if speech.jobs == 0 { environment::cores() } else { speech.jobs },
        packs: packs(&config),
        store: store_folder(&config),
        work: config.storage.work.clone(),
        formats: formats(&config.release.formats).map_err(refuse("release.formats"))?,
        companions: companions(layers, &config.release.with, config.release.feed_url.as_deref())?,
        beside: Beside::default(),
        arrangement: Arrangement {
            files: match release.files {
                Files::Usual => FilesWanted::Usual,
                Files::Book => FilesWanted::Book,
                Files::Chapters => FilesWanted::Chapters,
            },
            split: split(release.split_hours).map_err(refuse("release.split-hours"))?,
        },
        bitrate: bitrate(&release.bitrate).map_err(refuse("release.bitrate"))?,
        credits: Credits {
            opening: words(&release.opening_credits),
            closing: words(&release.closing_credits),
        },
        longest_chapter: match release.longest_chapter {
            0 => None,
            minutes => Some(Duration::from_secs(u64::from(minutes) * 60)),
        },
        master: MasterSettings {
            loudness: loudness(&config.release.loudness).map_err(refuse("release.loudness"))?,
            true_peak_dbtp: config.release.true_peak_dbtp,
            head_ms: config.release.head_ms,
            tail_ms: config.release.tail_ms,
            room_tone_dbfs: config.release.room_tone_dbfs,
            ..MasterSettings::default()
        },
        metadata: config.metadata.metadata(),
        cover: None,
        overwrite: Overwrite::default(),
        redo: Redo::default(),
    })
}

/// Time for all checks of the gate: more than a moment, less than a day.
fn time_out(seconds: f64) -> Result<Duration, String> {
    let time_out = Duration::try_from_secs_f64(seconds).ok();
    time_out
        .filter(|time_out| (Duration::from_millis(100)..=Duration::from_secs(86_400)).contains(time_out))
        .ok_or_else(|| format!("{seconds} is no number of seconds between 0.1 and 86400"))
}

/// The recogniser that listens to takes.
fn listening(url: Option<&str>) -> Result<Option<Arc<dyn ListeningCheck>>, String> {
    let Some(url) = url else { return Ok(None) };
    let check =
        WordCheck::new(url, ListeningOptions::default()).map_err(|error| format!("failed to {error}"))?;
    Ok(Some(Arc::new(check)))
}

/// The settings with the lexicons that lie beside the manuscript over the general one, and the cover that does.
pub(crate) fn with_files_beside(settings: &Settings, manuscript: &Path) -> Result<Settings, Failure> {
    let mut settings = settings.clone();
    for path in [manuscript.with_file_name("lexicon.toml"), manuscript.with_extension("lexicon.toml")] {
        if path.is_file() {
            settings.lexicon = settings.lexicon.merge(lexicon(&path)?);
        }
    }
    settings.cover = sidecar::cover(manuscript);
    Ok(settings)
}

fn lexicon(path: &Path) -> Result<Lexicon, Failure> {
    let text =
        std::fs::read_to_string(path).map_err(|source| ConfigError::Io { path: path.to_owned(), source })?;
    Lexicon::parse(&text).map_err(|error| match error {
        ScriptError::Lexicon { line, reason } => Failure::new(
            Kind::Configuration,
            format!("failed to read the lexicon {} at line {line}: {reason}", path.display()),
            Some("an entry is a [[word]] table with `word` and either `respelling` or `phonemes`; see docs/script.md"),
        ),
        other => other.into(),
    })
}

fn formats(names: &[String]) -> Result<Vec<Format>, String> {
    let mut formats = Vec::new();
    for name in names {
        let format: Format = name.parse().map_err(|_| {
            let known: Vec<String> = Format::all().map(|format| format.to_string()).collect();
            format!("{name:?} is none of {}", known.join(", "))
        })?;
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    if formats.is_empty() { Err("no format is named".into()) } else { Ok(formats) }
}

/// What is made beside the releases. A feed needs to know where it will stand.
fn companions(layers: &Layers, names: &[String], feed: Option<&str>) -> Result<Companions, Failure> {
    let mut wanted = Vec::new();
    for name in names {
        let companion: Companion = name.parse().map_err(|_| {
            let known: Vec<String> = Companion::all().map(|companion| companion.to_string()).collect();
            layers.refuse("release.with", format!("{name:?} is none of {}", known.join(", ")))
        })?;
        if !wanted.contains(&companion) {
            wanted.push(companion);
        }
    }
    let address = |text: &str| {
        text.parse().map_err(|_| {
            let message = format!("{text:?} does not begin with https:// or http:// and a host");
            layers.refuse("release.feed-url", message)
        })
    };
    let feed: Option<BaseUrl> = feed.map(address).transpose()?;
    if wanted.contains(&Companion::Document(Document::Rss)) && feed.is_none() {
        let message = "a feed needs --feed-url, the address at which its folder will be had";
        return Err(layers.refuse("release.with", message.to_owned()).into());
    }
    Ok(Companions { wanted, feed })
}

/// The settings with what their profile stands for.
pub(crate) fn with_profile(layers: &Layers) -> Result<Layers, ConfigError> {
    let mut layers = layers.clone();
    match layers.config()?.release.profile {
        ReleaseProfile::Standard => {}
        ReleaseProfile::Acx => layers.beneath("acx", "release", &acx()),
    }
    Ok(layers)
}

/// What ACX asks for (docs/release-formats.md); head, tail, peak and room tone are right as they are.
fn acx() -> [(&'static str, Value); 6] {
    let opening = "{title}.\n{subtitle}.\nWritten by {author}.\nNarrated by {narrator}.";
    [
        ("formats", vec!["mp3"].into()),
        ("bitrate", "192k".into()),
        ("loudness", "acx".into()),
        ("opening-credits", opening.into()),
        ("closing-credits", "The end.\nThis has been {title}.\n{copyright}.".into()),
        ("longest-chapter", 120.into()),
    ]
}

/// A template, if it has any words.
fn words(template: &str) -> Option<String> {
    (!template.trim().is_empty()).then(|| template.to_owned())
}

/// Hours of the longest part; none for 0.
fn split(hours: f64) -> Result<Option<Duration>, String> {
    if hours == 0.0 {
        return Ok(None);
    }
    match Duration::try_from_secs_f64(hours * 3_600.0) {
        Ok(longest) if (0.1..=1_000.0).contains(&hours) => Ok(Some(longest)),
        _ => Err(format!("{hours} is no number of hours between 0.1 and 1000")),
    }
}

/// `64k`, `64000`, or none for `auto`.
fn bitrate(text: &str) -> Result<Option<u32>, String> {
    if text == "auto" {
        return Ok(None);
    }
    let (digits, factor) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1_000),
        None => (text, 1),
    };
    let bits = digits.trim().parse::<u32>().ok().and_then(|number| number.checked_mul(factor));
    bits.filter(|bits| (16_000..=320_000).contains(bits))
        .map(Some)
        .ok_or_else(|| format!("{text:?} is neither auto nor a rate between 16k and 320k"))
}

fn loudness(text: &str) -> Result<LoudnessTarget, String> {
    match text.to_ascii_lowercase().as_str() {
        "acx" => Ok(LoudnessTarget::Acx),
        "r128" => Ok(LoudnessTarget::R128),
        number => number
            .trim_end_matches("lufs")
            .trim()
            .parse::<f64>()
            .ok()
            .filter(|lufs| (-40.0..=-10.0).contains(lufs))
            .map(LoudnessTarget::Lufs)
            .ok_or_else(|| format!("{text:?} is neither acx nor r128 nor LUFS between -40 and -10")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bitrates_are_bits_or_kilobits() {
        assert_eq!((bitrate("64k").unwrap(), bitrate("96000").unwrap()), (Some(64_000), Some(96_000)));
        assert_eq!(bitrate("auto"), Ok(None));
        assert!(bitrate("12").is_err() && bitrate("fast").is_err() && bitrate("9999999k").is_err());
    }

    #[test]
    fn a_profile_sets_what_nobody_set() {
        let mut layers = Layers::defaults().unwrap();
        layers.flag("profile", "release", "profile", "acx").unwrap();
        layers.flag("bitrate", "release", "bitrate", "256k").unwrap();
        let settings = settings(&layers, Keys::IfThere).unwrap();
        assert_eq!(settings.formats, [Format::Mp3]);
        assert_eq!((settings.bitrate, settings.master.loudness), (Some(256_000), LoudnessTarget::Acx));
        assert_eq!(settings.longest_chapter, Some(Duration::from_secs(7_200)));
        assert!(settings.credits.opening.is_some_and(|words| words.contains("{title}")));
    }

    #[test]
    fn a_part_has_hours() {
        assert_eq!((split(0.0), split(1.5)), (Ok(None), Ok(Some(Duration::from_secs(5_400)))));
        assert!(split(-1.0).is_err() && split(f64::NAN).is_err() && split(0.01).is_err());
    }

    #[test]
    fn loudness_is_a_standard_or_a_number_below_zero() {
        assert_eq!(loudness("ACX").unwrap(), LoudnessTarget::Acx);
        assert_eq!(loudness("-18.5").unwrap(), LoudnessTarget::Lufs(-18.5));
        assert!(loudness("3").is_err() && loudness("loud").is_err());
    }

    #[test]
    fn an_unknown_format_is_named_beside_the_known_ones() {
        let message = formats(&["ogg".into()]).unwrap_err();
        assert!(message.contains("ogg") && message.contains("m4b"), "{message}");
    }
}
