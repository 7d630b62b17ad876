//! What a sentence is, by example.

use super::sentences;

fn split<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let ranges = sentences(text, language);
    assert_eq!(ranges.iter().map(|r| &text[r.clone()]).collect::<String>(), text, "sentences cover the line");
    ranges.into_iter().map(|range| text[range].trim_end()).collect()
}

fn english(text: &str) -> Vec<&str> {
    split(text, "en-GB")
}

#[test]
fn a_dialogue_tag_belongs_to_its_speech() {
    assert_eq!(english("“Stop!” he said. She did."), ["“Stop!” he said.", "She did."]);
    assert_eq!(english("'Stop!' he said. She did."), ["'Stop!' he said.", "She did."]);
    assert_eq!(english("\"Why?\" asked Tom. \"No.\""), ["\"Why?\" asked Tom.", "\"No.\""]);
    assert_eq!(english("“Wait…” he said. “Why?”"), ["“Wait…” he said.", "“Why?”"]);
}

#[test]
fn speech_of_several_sentences_is_several_sentences() {
    assert_eq!(
        english("“I will not. You know that. Nobody does!” Then silence."),
        ["“I will not.", "You know that.", "Nobody does!”", "Then silence."]
    );
    assert_eq!(english("“I don’t know. It’s late,” he said."), ["“I don’t know.", "It’s late,” he said."]);
    assert_eq!(english("'I don't know. It's late.' He left."), ["'I don't know.", "It's late.'", "He left."]);
    assert_eq!(english("‘I don’t know. It’s late.’ He left."), ["‘I don’t know.", "It’s late.’", "He left."]);
}

#[test]
fn speech_within_speech_stays_in_its_sentence() {
    assert_eq!(
        english("“He said, ‘Go. Now.’ and left,” she said. “Really?”"),
        ["“He said, ‘Go. Now.’ and left,” she said.", "“Really?”"]
    );
}

#[test]
fn initials_and_titles_end_no_sentence() {
    assert_eq!(english("J. R. R. Tolkien wrote it. Good."), ["J. R. R. Tolkien wrote it.", "Good."]);
    assert_eq!(
        english("Mr. Darcy met Dr. Smith and Capt. Ahab."),
        ["Mr. Darcy met Dr. Smith and Capt. Ahab."]
    );
    assert_eq!(english("It was Messrs. Smith & Co. of London."), ["It was Messrs. Smith & Co. of London."]);
}

#[test]
fn abbreviations_before_numbers_end_no_sentence() {
    assert_eq!(english("See vol. 2, No. 5, pp. 3-4 and fig. 2."), ["See vol. 2, No. 5, pp. 3-4 and fig. 2."]);
    assert_eq!(english("It stands in ch. IV. of the book."), ["It stands in ch. IV. of the book."]);
    assert_eq!(
        english("Ships, boats, etc. were there, e.g. hers."),
        ["Ships, boats, etc. were there, e.g. hers."]
    );
}

#[test]
fn hours_and_decimal_points_end_no_sentence() {
    assert_eq!(
        english("At 10 a.m. on Monday it cost 3.50 dollars."),
        ["At 10 a.m. on Monday it cost 3.50 dollars."]
    );
    assert_eq!(english("He left at 5 p.m. She stayed."), ["He left at 5 p.m.", "She stayed."]);
}

#[test]
fn an_ellipsis_ends_a_sentence_only_before_a_capital() {
    assert_eq!(
        english("Well … maybe. He ran... Then he fell."),
        ["Well … maybe.", "He ran...", "Then he fell."]
    );
    assert_eq!(english("She paused . . . then left."), ["She paused . . . then left."]);
}

#[test]
fn an_exclamation_that_goes_on_in_lower_case_is_one_sentence() {
    assert_eq!(
        english("Ha ha! ha! he laughed. Oh! what a day."),
        ["Ha ha! ha! he laughed.", "Oh! what a day."]
    );
    assert_eq!(english("Henry VIII. was king."), ["Henry VIII. was king."]);
}

#[test]
fn a_dash_after_speech_goes_on() {
    assert_eq!(english("He said: “Eat!”—and he ate."), ["He said: “Eat!”—and he ate."]);
    assert_eq!(english("—Who is there? —I am."), ["—Who is there?", "—I am."]);
}

#[test]
fn brackets_that_hold_sentences_end_with_them() {
    assert_eq!(
        english("(He was wrong. Very wrong.) She smiled. He (the tall one!) left."),
        ["(He was wrong.", "Very wrong.)", "She smiled.", "He (the tall one!) left."]
    );
}

#[test]
fn the_number_of_a_heading_belongs_to_it() {
    assert_eq!(english("1. The Beginning"), ["1. The Beginning"]);
    assert_eq!(english("IV. A Storm at Sea"), ["IV. A Storm at Sea"]);
    assert_eq!(english("2.1. Method"), ["2.1. Method"]);
}

#[test]
fn short_answers_are_sentences() {
    assert_eq!(english("Is it? No. Yes. Go!"), ["Is it?", "No.", "Yes.", "Go!"]);
}

#[test]
fn a_name_with_a_stop_inside_is_one_word() {
    assert_eq!(english("He wrote Node.Js and www.Example.com."), ["He wrote Node.Js and www.Example.com."]);
}

#[test]
fn marks_without_words_belong_to_the_sentence_before() {
    assert_eq!(english("He fell. …"), ["He fell. …"]);
    assert_eq!(english("… He fell. * * *"), ["… He fell. * * *"]);
    assert_eq!(english("* * *"), ["* * *"]);
}

#[test]
fn chinese_and_japanese_end_with_their_own_stops() {
    assert_eq!(split("道可道，非常道。名可名，非常名。", "zh"), ["道可道，非常道。", "名可名，非常名。"]);
    assert_eq!(split("吾輩は猫である。名前はまだ無い。", "ja"), ["吾輩は猫である。", "名前はまだ無い。"]);
}

#[test]
fn a_text_longer_than_a_window_has_the_same_sentences() {
    let text = "The whale rose. “Look!” he said. ".repeat(3000);
    let found = sentences(&text, "en");
    assert_eq!(found.len(), 6000);
    assert!(found.iter().all(|r| ["The whale rose. ", "“Look!” he said. "].contains(&&text[r.clone()])));
}

#[test]
fn a_stray_quote_does_not_hold_a_long_paragraph_together() {
    let text = "“With this sin of disobedience in him, Jonah still further flouts at God, by seeking to flee ‘from Him. He thinks \
                that a ship made by men will carry him into countries where God does not reign. He skulks about.”";
    assert_eq!(english(text).len(), 3);
}

#[test]
fn a_book_in_one_line_without_spaces_or_partners_is_read_to_its_end() {
    for pattern in ["(((“«", "道可道，非常道。", "a.b!c?", "x", "…", "“A.” "] {
        let text = pattern.repeat(300_000 / pattern.len());
        let found = sentences(&text, "en");
        assert_eq!(found.first().map(|r| r.start), Some(0));
        assert_eq!(found.last().map(|r| r.end), Some(text.len()));
        assert!(found.windows(2).all(|pair| pair[0].end == pair[1].start));
    }
}
