//! Programs that we did not write, and what they say about a release. A release is right when they agree.

use std::{path::Path, process::Command};

use serde_json::Value;

/// A chapter as a reader sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Chapter {
    /// Its title.
    pub title: String,
    /// Its start in seconds.
    pub start: f64,
}

/// What ffprobe says about a file.
#[derive(Debug)]
pub struct Media(Value);

impl Media {
    /// Length in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        number(&self.0["format"]["duration"])
    }

    /// A tag of the file.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        let tags = self.0["format"]["tags"].as_object()?;
        tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?.1.as_str()
    }

    /// Chapters, those of the QuickTime track first.
    #[must_use]
    pub fn chapters(&self) -> Vec<Chapter> {
        let chapters = self.0["chapters"].as_array().map(Vec::as_slice).unwrap_or_default();
        chapters
            .iter()
            .map(|chapter| Chapter {
                title: chapter["tags"]["title"].as_str().unwrap_or_default().to_owned(),
                start: number(&chapter["start_time"]),
            })
            .collect()
    }

    /// Streams of a kind: `audio`, `video` for a cover.
    #[must_use]
    pub fn streams(&self, kind: &str) -> Vec<&Value> {
        let streams = self.0["streams"].as_array().map(Vec::as_slice).unwrap_or_default();
        streams.iter().filter(|stream| stream["codec_type"] == kind).collect()
    }
}

fn number(value: &Value) -> f64 {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
}

fn run(program: &str, arguments: &[&str], path: &Path) -> Vec<u8> {
    let output = Command::new(program).args(arguments).arg(path).output();
    let output = output.unwrap_or_else(|e| panic!("{program} cannot be started ({e}): run scripts/setup"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Asks ffprobe.
///
/// # Panics
/// If it is missing or refuses the file.
#[must_use]
pub fn probe(path: &Path) -> Media {
    let arguments = ["-v", "error", "-of", "json", "-show_format", "-show_streams", "-show_chapters"];
    Media(serde_json::from_slice(&run("ffprobe", &arguments, path)).expect("ffprobe prints JSON"))
}

/// Asks mediainfo; the JSON of its tracks.
///
/// # Panics
/// If it is missing or refuses the file.
#[must_use]
pub fn mediainfo(path: &Path) -> Value {
    serde_json::from_slice(&run("mediainfo", &["--Output=JSON"], path)).expect("mediainfo prints JSON")
}

/// Asks mutagen for the tags of an MP4 file, each as a list of texts, and for the number of covers (`covr`).
///
/// # Panics
/// If it is missing or refuses the file.
#[must_use]
pub fn tags(path: &Path) -> Value {
    python(
        "import json, sys, mutagen.mp4 as m\n\
         t = m.MP4(sys.argv[1]).tags\n\
         s = lambda v: v.decode() if isinstance(v, bytes) else list(v) if isinstance(v, tuple) else v\n\
         print(json.dumps({k: len(v) if k == 'covr' else [s(x) for x in v] if isinstance(v, list) else v \
         for k, v in t.items()}))",
        path,
    )
}

/// Asks mutagen for the Nero chapters of an MP4 file. It divides their starts by the movie's time scale where the
/// 1,000 of 100 ns units belongs, which is undone here.
///
/// # Panics
/// If it is missing or refuses the file.
#[must_use]
pub fn chpl_chapters(path: &Path) -> Vec<Chapter> {
    let found = python(
        "import json, sys, mutagen.mp4 as m\n\
         found = m.MP4(sys.argv[1]).chapters\n\
         print(json.dumps([[c.title, c.start * found._timescale / 1000] for c in found]))",
        path,
    );
    let chapters = found.as_array().map(Vec::as_slice).unwrap_or_default();
    chapters
        .iter()
        .map(|pair| Chapter {
            title: pair[0].as_str().unwrap_or_default().to_owned(),
            start: pair[1].as_f64().unwrap_or(f64::NAN),
        })
        .collect()
}

/// Debian's Python has mutagen; another one first on the path may not.
fn python(script: &str, path: &Path) -> Value {
    serde_json::from_slice(&run("/usr/bin/python3", &["-c", script], path)).expect("the script prints JSON")
}

/// Decodes a file with ffmpeg to 16-bit samples at its own rate.
///
/// # Panics
/// If ffmpeg is missing or says anything about the file.
#[must_use]
pub fn decode(path: &Path) -> Vec<i16> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-xerror", "-err_detect", "explode", "-i"])
        .arg(path)
        .args(["-map", "0:a", "-f", "s16le", "-c:a", "pcm_s16le", "-"])
        .output()
        .unwrap_or_else(|e| panic!("ffmpeg cannot be started ({e}): run scripts/setup"));
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "ffmpeg: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}
