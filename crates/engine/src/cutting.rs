//! Chapters that would be longer than a shop takes in one file are cut before anything is spoken: at the longest pause
//! near each of the places that make equal pieces. Only the expected length is known then, so a piece is planned well
//! below the limit.

use rhapsode_script::{Chunk, Script, ScriptChapter};

use crate::{SECONDS_PER_CHARACTER, Settings};

/// Share of the longest length that a piece is planned for: voices differ in their pace.
const PLANNED: f64 = 0.7;
/// A cut may lie this share of a piece before or after its place.
const REACH: f64 = 0.15;

/// Cuts the chapters that are expected to be too long. The pieces of one keep its number.
pub(crate) fn cut_long_chapters(script: &mut Script, settings: &Settings) {
    let Some(longest) = settings.longest_chapter else { return };
    let most = longest.as_secs_f64() * PLANNED;
    let chapters = std::mem::take(&mut script.chapters);
    script.chapters = chapters.into_iter().flat_map(|chapter| cut(chapter, most, settings)).collect();
}

fn cut(chapter: ScriptChapter, most: f64, settings: &Settings) -> Vec<ScriptChapter> {
    let pause = |chunk: &Chunk| settings.pauses.milliseconds(chunk.pause_after.reason);
    // Where each chunk ends, with the pause after it.
    let mut end = 0.0;
    let ends: Vec<f64> = chapter
        .chunks
        .iter()
        .map(|chunk| {
            let characters = chunk.plain_text().chars().count() as f64;
            end += characters * SECONDS_PER_CHARACTER / f64::from(settings.speed);
            end += f64::from(pause(chunk)) / 1_000.0;
            end
        })
        .collect();
    let pieces = (end / most).ceil();
    if pieces <= 1.0 || chapter.chunks.len() < 2 {
        return vec![chapter];
    }
    let length = end / pieces;
    let mut cuts: Vec<usize> = Vec::new();
    for number in 1..pieces as usize {
        let place = length * number as f64;
        let near = |index: &usize| (ends[*index] - place).abs() <= length * REACH;
        let distance = |index: usize| (ends[index] - place).abs();
        // The last chunk ends the chapter and not a piece.
        let candidates = 0..ends.len() - 1;
        let longest_pause = candidates.clone().filter(near).max_by(|&a, &b| {
            let pauses = pause(&chapter.chunks[a]).cmp(&pause(&chapter.chunks[b]));
            pauses.then(distance(b).total_cmp(&distance(a)))
        });
        let nearest = || candidates.min_by(|&a, &b| distance(a).total_cmp(&distance(b)));
        cuts.extend(longest_pause.or_else(nearest).map(|index| index + 1));
    }
    cuts.dedup();
    let of = cuts.len() + 1;
    let ScriptChapter { title, number, mut chunks } = chapter;
    let mut pieces = Vec::with_capacity(of);
    for (piece, &start) in (1..=of).rev().zip([0].iter().chain(&cuts).rev()) {
        let chunks = chunks.split_off(start);
        pieces.push(ScriptChapter { title: format!("{title} ({piece} of {of})"), number, chunks });
    }
    pieces.reverse();
    pieces
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::prepare::Prepared;

    fn chapters(text: &str, longest: Option<Duration>) -> Vec<ScriptChapter> {
        let settings = Settings { longest_chapter: longest, ..Settings::for_tests() };
        Prepared::for_tests(&[text], &settings).script.chapters
    }

    #[test]
    fn a_long_chapter_is_cut_at_paragraphs_and_no_word_is_lost() {
        // Twelve paragraphs of about 15 s.
        let paragraph = "This is a sentence of some length, and it goes on for a while. ".repeat(4);
        let text = [paragraph.trim(); 12].join("\n\n");
        let whole = chapters(&text, None);
        let pieces = chapters(&text, Some(Duration::from_secs(100)));
        assert_eq!(whole.len(), 1);
        let titles: Vec<&str> = pieces.iter().map(|piece| piece.title.as_str()).collect();
        assert_eq!(titles, ["Part 1 (1 of 3)", "Part 1 (2 of 3)", "Part 1 (3 of 3)"]);
        assert!(pieces.iter().all(|piece| piece.number == whole[0].number));
        for piece in &pieces[..2] {
            let last = piece.chunks.last().unwrap().pause_after.reason;
            assert_eq!(last, rhapsode_script::PauseReason::Paragraph, "{}", piece.title);
        }
        let chunks: Vec<Chunk> = pieces.into_iter().flat_map(|piece| piece.chunks).collect();
        assert_eq!(chunks, whole[0].chunks);
    }

    #[test]
    fn a_chapter_that_fits_stays_as_it_is() {
        let text = "A short one.";
        assert_eq!(chapters(text, Some(Duration::from_secs(7_200))), chapters(text, None));
    }
}
