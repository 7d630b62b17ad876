//! The text that is being spoken, which keeps words apart: a reading stands for characters that had no space
//! beside them, and the words that it becomes need one.

/// The words so far.
pub(super) struct Spoken {
    text: String,
    /// Whether a word ends here that wants a space before the next one.
    word_ended: bool,
}

impl Spoken {
    pub fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), word_ended: false }
    }

    /// Adds words, apart from the word before.
    pub fn say(&mut self, words: &str) {
        if words.trim().is_empty() {
            self.space();
            return;
        }
        if self.text.ends_with(char::is_alphanumeric) {
            self.text.push(' ');
        }
        self.text.push_str(words);
        self.word_ended = true;
    }

    /// Adds text as it stands, apart from a reading before it if both are words.
    pub fn copy(&mut self, text: &str) {
        if text == " " {
            self.space();
            return;
        }
        if self.word_ended && text.starts_with(|c: char| c.is_alphanumeric() || c == '(') {
            self.text.push(' ');
        }
        self.text.push_str(text);
        self.word_ended = false;
    }

    /// Adds a mark that belongs to the word before, without the space between.
    pub fn close(&mut self, mark: &str) {
        self.text.truncate(self.text.trim_end().len());
        self.copy(mark);
    }

    /// Adds a quotation mark. A quotation that begins or ends together with the one around it is one to the ear,
    /// and two marks in a row are none that the voice knows.
    pub fn quote(&mut self, mark: &str) {
        let before = self.text.trim_end();
        if mark != "'" && before.ends_with(mark) {
            self.text.truncate(before.len());
        } else {
            self.copy(mark);
        }
    }

    /// Adds white space, one at most.
    pub fn space(&mut self) {
        if !self.text.ends_with(' ') {
            self.text.push(' ');
        }
        self.word_ended = false;
    }

    pub fn into_text(self) -> String {
        self.text
    }
}
