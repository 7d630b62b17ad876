//! The check itself: a take goes to a transcription server, what it heard is compared with the text.

use std::{
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
};

use rhapsode_audio::Pcm;

use super::{
    Comparison, Heard, ListeningCheck, ListeningOptions, Transcriber, TranscriberError, patience::Patience,
};
use crate::Request;

/// Compares words by spelling and sound, which is English so far.
const LANGUAGE: &str = "en";

/// Checks the words of takes with a transcription server. A server that fails makes it inconclusive: that the ear is
/// deaf is not the voice's fault.
#[derive(Debug)]
pub struct WordCheck {
    transcriber: Transcriber,
    patience: Patience,
    /// Whether the server has ever heard a word. One that never has proves nothing by hearing none.
    has_heard: AtomicBool,
}

impl WordCheck {
    /// A check with the server at a base URL, with or without `/v1`. Asks it nothing yet.
    ///
    /// # Errors
    /// [`TranscriberError::Address`] and [`TranscriberError::Setup`] as for [`Transcriber::new`].
    pub fn new(url: &str, options: ListeningOptions) -> Result<Self, TranscriberError> {
        let patience = Patience::new(options.rest);
        Ok(Self { transcriber: Transcriber::new(url, options)?, patience, has_heard: AtomicBool::new(false) })
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
            if !self.patience.allows() {
                let reason = "the transcription server failed several times and is left alone for now";
                return Heard::Inconclusive { reason: reason.to_owned() };
            }
            let transcript = match self.transcriber.transcribe(pcm, &request.language).await {
                Ok(transcript) => transcript,
                Err(error) => {
                    if error.lasts() {
                        self.patience.failed();
                    }
                    return Heard::Inconclusive { reason: format!("failed to {error}") };
                }
            };
            self.patience.succeeded();
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
