//! Addresses, files, hashtags.

use super::american;

#[test]
fn addresses_are_spelt_out() {
    american(&[
        ("https://www.example.com/a-b", "example dot com slash a dash b"),
        ("http://example.org/", "example dot org"),
        ("www.example.com.", "example dot com."),
        ("(see www.example.com)", "(see example dot com)"),
        ("example.com is", "example dot com is"),
        ("bbc.co.uk", "B.B.C dot co dot U.K"),
        ("example.net/books/2024", "example dot net slash books slash twenty twenty-four"),
        ("https://example.com/my_page", "example dot com slash my underscore page"),
        ("https://example.com:8080", "example dot com colon eighty eighty"),
        ("https://example.com/search?q=whale", "example dot com slash search question mark q equals whale"),
        ("https://example.com/#top, then", "example dot com slash hash top, then"),
        ("joe@example.com", "joe at example dot com"),
        ("joe.bloggs@example.co.uk.", "joe dot bloggs at example dot co dot U.K."),
        ("first_last@mail.example.org", "first underscore last at mail dot example dot org"),
        ("www.gov.uk", "gov dot U.K"),
        ("mit.edu", "mit dot E.D.U"),
    ]);
}

#[test]
fn files_and_tags_are_words() {
    american(&[
        ("main.rs", "main dot R.S"),
        ("report.pdf", "report dot P.D.F"),
        ("notes.txt", "notes dot text"),
        ("open index.html now", "open index dot H.T.M.L now"),
        ("chapter-2.docx", "chapter dash two dot D.O.C.X"),
        ("book.zip", "book dot zip"),
        ("#ThrowbackThursday", "hashtag Throwback Thursday"),
        ("#whales", "hashtag whales"),
        ("@herman", "at herman"),
        ("@herman_melville", "at herman melville"),
        ("C#", "C sharp"),
        ("C++", "C plus plus"),
        ("#5", "number five"),
    ]);
}

#[test]
fn a_missing_space_after_a_sentence_makes_no_address() {
    american(&[
        ("He left.Then", "He left.Then"),
        ("and so.on", "and so.on"),
        ("either/or", "either slash or"),
    ]);
}
