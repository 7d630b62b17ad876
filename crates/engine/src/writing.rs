//! The releases of a job while they are being written: each takes the tracks in reading order on a thread of its
//! own, so that the disk works while the next chunks are spoken.

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread::JoinHandle,
};

use rhapsode_release::{Codec, Draft, DraftSettings, Published, ReleaseError, Track};

use crate::tracks::Board;

/// The releases that are being written. Dropped, they leave nothing behind.
#[derive(Debug, Default)]
pub(crate) struct Writing(Vec<Writer>);

/// What a draft's thread is told.
enum Message {
    Track(Box<Track>),
    Publish,
}

#[derive(Debug)]
struct Writer {
    codec: Codec,
    /// Chapters that were handed over.
    tracks: usize,
    messages: Sender<Message>,
    writing: JoinHandle<Result<Option<Published>, ReleaseError>>,
}

impl Writing {
    /// Begins a release for each of these settings, whose tracks are in that codec.
    pub(crate) fn begin(drafts: impl IntoIterator<Item = (Codec, DraftSettings)>) -> Self {
        let writer = |(codec, settings)| {
            let (messages, orders) = channel();
            let writing = std::thread::spawn(move || write(settings, &orders));
            Writer { codec, tracks: 0, messages, writing }
        };
        Self(drafts.into_iter().map(writer).collect())
    }

    /// Hands over the tracks that come next in reading order, as far as they are there.
    pub(crate) fn take_from(&mut self, board: &Board) {
        for writer in &mut self.0 {
            while let Some(track) = board.track(writer.tracks, writer.codec) {
                // A thread that has ended has an error, which publishing tells.
                let _ = writer.messages.send(Message::Track(Box::new(track.clone())));
                writer.tracks += 1;
            }
        }
    }

    /// Publishes every release; all tracks have been handed over. Blocks for as long as that takes.
    pub(crate) fn publish(self) -> Result<Vec<Published>, ReleaseError> {
        for writer in &self.0 {
            let _ = writer.messages.send(Message::Publish);
        }
        let join = |writer: Writer| {
            let ended = writer.writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok(ended?.expect("a draft that was told to publish ends with a release or an error"))
        };
        self.0.into_iter().map(join).collect()
    }
}

fn write(settings: DraftSettings, orders: &Receiver<Message>) -> Result<Option<Published>, ReleaseError> {
    let mut draft = Draft::begin(settings)?;
    for message in orders {
        match message {
            Message::Track(track) => draft.add(*track)?,
            Message::Publish => return draft.publish().map(Some),
        }
    }
    Ok(None)
}
