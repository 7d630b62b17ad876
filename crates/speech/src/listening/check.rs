//! The check itself: a take goes to a transcription server, what it heard is compared with the text.

use std::{
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
};

use rhapsode_audio::Pcm;

use super::{Comparison, Heard, ListeningCheck, ListeningOptions, Transcriber, TranscriberError};
use crate::Request;

/// Compares words by spelling and sound, which is English so far.
const LANGUAGE: &str = "en";

/// Checks the words of takes with a transcription server. A server that fails makes it inconclusive: that the ear is
/// deaf is not the voice's fault.
#[derive(Debug)]
pub struct WordCheck {
    transcriber: Transcriber,
    /// Whether the server has ever heard a word. One that never has proves nothing by hearing none.
    has_heard: AtomicBool,
}

impl WordCheck {
    /// A check with the server at a base URL, with or without `/v1`. Asks it nothing yet.
    ///
    /// # Errors
    /// [`TranscriberError::Address`] and [`TranscriberError::Setup`] as for [`Transcriber::new`].
    pub fn new(url: &str, options: ListeningOptions) -> Result<Self, TranscriberError> {
        Ok(Self { transcriber: Transcriber::new(url, options)?, has_heard: AtomicBool::new(false) })
    }
}

impl ListeningCheck for WordCheck {
    fn listen<'a>(
        &'a self,
        request: &'a Request,
        pcm: &'a Pcm,
    ) -> Pin<Box<dyn Future<Output = Heard> + Send + 'a>> {
        Box::pin(async move {
            if !speaks(&request.language) {
                let reason = format!("words in {:?} cannot be compared", request.language);
                return Heard::Inconclusive { reason };
            }
            let transcript = match self.transcriber.transcribe(pcm, &request.language).await {
                Ok(transcript) => transcript,
                Err(error) => return Heard::Inconclusive { reason: format!("failed to {error}") },
            };
            let comparison = Comparison::of(&request.plain_text(), &transcript.text);
            if comparison.heard > 0 {
                self.has_heard.store(true, Ordering::Relaxed);
            } else if !self.has_heard.load(Ordering::Relaxed) {
                return Heard::Inconclusive { reason: "the server has not heard a word so far".to_owned() };
            }
            comparison.verdict(&transcript)
        })
    }
}

fn speaks(language: &str) -> bool {
    language.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case(LANGUAGE))
}
