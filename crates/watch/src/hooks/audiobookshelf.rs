//! Audiobookshelf, by its API: `POST /api/libraries/{id}/scan` where it reads the library that books are published to, and
//! `POST /api/upload` where its library is on another disk. An upload names the folders that the book has in our library, so
//! that it stands in the same place in theirs, and comes over itself when it is sent again.

use std::path::{Component, Path};

use reqwest::{
    Client,
    multipart::{Form, Part},
};

use super::{News, Shelf, ShelfAction, answer::Answer};

impl Shelf {
    pub(super) async fn tell(&self, client: &Client, news: &News) -> Answer {
        let request = match &self.action {
            ShelfAction::Rescan => client.post(self.call(&format!("/api/libraries/{}/scan", self.library))),
            ShelfAction::Upload { folder } => match self.form(folder, news).await {
                Ok(form) => client.post(self.call("/api/upload")).multipart(form),
                Err(reason) => return Answer::away(reason),
            },
        };
        match request.bearer_auth(self.token.expose()).send().await {
            Ok(response) => Answer::of(response).await,
            Err(error) => Answer::unreachable(error),
        }
    }

    async fn form(&self, folder: &str, news: &News) -> Result<Form, String> {
        let (Some(from), Some(place)) = (&news.folder, &news.place) else {
            return Err("the book has no folder".to_owned());
        };
        let (author, series, title) = names(place);
        // Names go as they are, as browsers send them.
        let mut form = Form::new()
            .percent_encode_noop()
            .text("library", self.library.clone())
            .text("folder", folder.to_owned())
            .text("title", title);
        for (name, value) in [("author", author), ("series", series)] {
            if let Some(value) = value {
                form = form.text(name, value);
            }
        }
        for (number, file) in news.files.iter().enumerate() {
            let path = from.join(file);
            let part = Part::file(&path).await;
            let part = part.map_err(|error| format!("failed to read {}: {error}", path.display()))?;
            form = form.part(number.to_string(), part);
        }
        Ok(form)
    }
}

/// The folders of a place, as the server names them: author, series, title.
fn names(place: &Path) -> (Option<String>, Option<String>, String) {
    let folders = place.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    let mut folders: Vec<String> = folders.collect();
    let title = folders.pop().unwrap_or_default();
    let mut above = folders.into_iter();
    (above.next(), above.next(), title)
}
