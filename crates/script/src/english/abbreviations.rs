//! Abbreviations. Each has a condition, because most of them are words as well: "No." is a number before a
//! figure and an answer elsewhere, "St." a saint before a name and a street after one.

use super::place::{Place, Reading, goes_on, is_capitalised};

/// When an abbreviation is taken for one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// Wherever it has its full stop.
    Always,
    /// Wherever it has its full stop; a capital after it is a name and starts no sentence.
    Title,
    /// Before a figure or a Roman numeral.
    BeforeFigure,
    /// Before a capitalised word.
    BeforeName,
    /// After a capitalised word or an ordinal.
    AfterName,
    /// After a comma: names of states.
    AfterComma,
    /// Where it does not end the sentence.
    Inside,
    /// Before a comma, a figure, or a month.
    InDate,
}

use When::{AfterComma, AfterName, Always, BeforeFigure, BeforeName, InDate, Inside, Title};

/// Written (without the full stop), spoken, when. The first row that holds wins.
#[rustfmt::skip]
const TABLE: &[(&str, &str, When)] = &[
    // Titles
    ("Mr", "Mister", Title), ("Mrs", "Missus", Title), ("Messrs", "Messers", Title), ("Mme", "Madame", Title),
    ("Mlle", "Mademoiselle", Title), ("Dr", "Doctor", BeforeName), ("Dr", "Drive", AfterName), ("Dr", "Doctor", Title),
    ("Drs", "Doctors", Title), ("Prof", "Professor", Title), ("Rev", "Reverend", Title), ("Revd", "Reverend", Title), ("Hon", "Honorable", Title),
    ("Capt", "Captain", Title), ("Col", "Colonel", Title), ("Gen", "General", Title), ("Lieut", "Lieutenant", Title), ("Lt", "Lieutenant", Title),
    ("Sgt", "Sergeant", Title), ("Serg", "Sergeant", Title), ("Maj", "Major", Title), ("Cpl", "Corporal", Title), ("Pvt", "Private", Title), ("Adm", "Admiral", Title),
    ("Cmdr", "Commander", Title), ("Gov", "Governor", Title), ("Sen", "Senator", BeforeName), ("Rep", "Representative", BeforeName),
    ("Pres", "President", BeforeName), ("Supt", "Superintendent", Title), ("Insp", "Inspector", Title), ("Fr", "Father", BeforeName),
    ("Msgr", "Monsignor", Title), ("Jr", "Junior", Always), ("Jun", "Junior", AfterName), ("Sr", "Senior", AfterName), ("Sr", "Sister", BeforeName),
    ("Esq", "Esquire", Always), ("Atty", "Attorney", BeforeName), ("Brig", "Brigadier", BeforeName), ("Amb", "Ambassador", BeforeName),
    // Streets and places
    ("St", "Saint", BeforeName), ("St", "Street", AfterName), ("Sts", "Saints", BeforeName), ("Ste", "Sainte", BeforeName), ("Ave", "Avenue", AfterName), ("Rd", "Road", AfterName),
    ("Blvd", "Boulevard", Always), ("Ln", "Lane", AfterName), ("Ct", "Court", AfterName), ("Pl", "Place", AfterName), ("Sq", "Square", AfterName), ("Hwy", "Highway", Always),
    ("Pkwy", "Parkway", Always), ("Apt", "Apartment", BeforeFigure), ("Mt", "Mount", BeforeName), ("Mts", "Mountains", Always), ("Ft", "Fort", BeforeName), ("Pt", "Part", BeforeFigure),
    ("Pt", "Point", BeforeName),
    // Firms
    ("Inc", "Incorporated", Always), ("Ltd", "Limited", Always), ("Co", "Company", AfterName), ("Co", "County", BeforeName), ("Bros", "Brothers", Always), ("Corp", "Corporation", Always),
    ("Dept", "Department", Always), ("dept", "department", Always), ("Assn", "Association", Always), ("Univ", "University", Always), ("Govt", "Government", Always), ("govt", "government", Always),
    ("Intl", "International", Always), ("Mfg", "Manufacturing", Always),
    // Books
    ("No", "Number", BeforeFigure), ("no", "number", BeforeFigure), ("Nos", "Numbers", BeforeFigure), ("nos", "numbers", BeforeFigure), ("Vol", "Volume", Always), ("vol", "volume", Always),
    ("Vols", "Volumes", Always), ("vols", "volumes", Always), ("p", "page", BeforeFigure), ("pp", "pages", BeforeFigure), ("P", "page", BeforeFigure), ("Pp", "pages", BeforeFigure),
    ("Fig", "Figure", BeforeFigure), ("fig", "figure", BeforeFigure), ("Figs", "Figures", BeforeFigure), ("figs", "figures", BeforeFigure), ("Ch", "Chapter", BeforeFigure),
    ("ch", "chapter", BeforeFigure), ("Chap", "Chapter", BeforeFigure), ("chap", "chapter", BeforeFigure), ("chs", "chapters", BeforeFigure), ("Sec", "Section", BeforeFigure), ("sec", "section", BeforeFigure), ("Sect", "Section", BeforeFigure),
    ("sect", "section", BeforeFigure), ("Art", "Article", BeforeFigure), ("art", "article", BeforeFigure), ("Bk", "Book", BeforeFigure), ("bk", "book", BeforeFigure), ("l", "line", BeforeFigure), ("ll", "lines", BeforeFigure),
    ("n", "note", BeforeFigure), ("v", "verse", BeforeFigure), ("vv", "verses", BeforeFigure), ("ed", "edition", AfterName), ("ed", "edited", BeforeName), ("ed", "editor", Inside), ("eds", "editors", Inside), ("rev", "revised", Inside), ("trans", "translated", Inside),
    ("ibid", "ibidem", Always), ("Ibid", "Ibidem", Always), ("cf", "compare", Always), ("Cf", "Compare", Always), ("viz", "namely", Always), ("vs", "versus", Always), ("v", "versus", BeforeName),
    ("approx", "approximately", Always), ("Approx", "Approximately", Always), ("incl", "including", Always), ("est", "estimated", BeforeFigure), ("est", "established", Inside), ("misc", "miscellaneous", Always), ("max", "maximum", Always), ("min", "minimum", Inside),
    ("ca", "circa", BeforeFigure), ("c", "circa", BeforeFigure), ("b", "born", BeforeFigure), ("d", "died", BeforeFigure), ("fl", "flourished", BeforeFigure), ("r", "reigned", BeforeFigure),
    ("tel", "telephone", BeforeFigure), ("Tel", "Telephone", BeforeFigure), ("ext", "extension", BeforeFigure), ("Ext", "Extension", BeforeFigure), ("temp", "temperature", Inside), ("seq", "the following", Always), ("ff", "and following", Always),
    ("Op", "Opus", BeforeFigure), ("op", "opus", BeforeFigure),
    // Calendar
    ("Jan", "January", InDate), ("Feb", "February", Always), ("Mar", "March", InDate), ("Apr", "April", Always), ("Jun", "June", InDate), ("Jul", "July", InDate), ("Aug", "August", Always), ("Sept", "September", Always), ("Sep", "September", Always), ("Oct", "October", Always),
    ("Nov", "November", Always), ("Dec", "December", Always), ("Mon", "Monday", InDate), ("Tues", "Tuesday", Always), ("Tue", "Tuesday", InDate), ("Wed", "Wednesday", InDate), ("Thurs", "Thursday", Always), ("Thur", "Thursday", Always), ("Thu", "Thursday", InDate), ("Fri", "Friday", InDate), ("Sat", "Saturday", InDate),
    ("Sun", "Sunday", InDate),
    // States
    ("Ala", "Alabama", AfterComma), ("Ariz", "Arizona", AfterComma), ("Ark", "Arkansas", AfterComma), ("Calif", "California", Always), ("Cal", "California", AfterComma), ("Colo", "Colorado", AfterComma), ("Conn", "Connecticut", AfterComma), ("Del", "Delaware", AfterComma),
    ("Fla", "Florida", Always), ("Ga", "Georgia", AfterComma), ("Ill", "Illinois", AfterComma), ("Ind", "Indiana", AfterComma), ("Kan", "Kansas", AfterComma), ("Kans", "Kansas", AfterComma), ("Ky", "Kentucky", AfterComma), ("La", "Louisiana", AfterComma), ("Md", "Maryland", AfterComma), ("Mass", "Massachusetts", AfterComma),
    ("Mich", "Michigan", AfterComma), ("Minn", "Minnesota", AfterComma), ("Miss", "Mississippi", AfterComma), ("Mo", "Missouri", AfterComma), ("Mont", "Montana", AfterComma), ("Neb", "Nebraska", AfterComma), ("Nev", "Nevada", AfterComma), ("Okla", "Oklahoma", AfterComma), ("Ore", "Oregon", AfterComma),
    ("Pa", "Pennsylvania", AfterComma), ("Penn", "Pennsylvania", AfterComma), ("Tenn", "Tennessee", AfterComma), ("Tex", "Texas", AfterComma), ("Va", "Virginia", AfterComma), ("Vt", "Vermont", AfterComma), ("Wash", "Washington", AfterComma), ("Wis", "Wisconsin", AfterComma), ("Wyo", "Wyoming", AfterComma),
];

/// Abbreviations with full stops inside. Written with all of them.
const DOTTED: [(&str, &str); 18] = [
    ("E.G.", "for example"),
    ("I.E.", "that is"),
    ("e.g.", "for example"),
    ("E.g.", "For example"),
    ("e. g.", "for example"),
    ("i.e.", "that is"),
    ("I.e.", "That is"),
    ("i. e.", "that is"),
    ("a.m.", "A.M"),
    ("p.m.", "P.M"),
    ("q.v.", "which see"),
    ("n.b.", "note well"),
    ("op. cit.", "op cit"),
    ("loc. cit.", "loc cit"),
    ("et al.", "and others"),
    ("r.p.m.", "R.P.M"),
    ("m.p.h.", "miles per hour"),
    ("c.f.", "compare"),
];

/// Titles that British typography writes without a full stop.
const STOPLESS: [(&str, &str); 7] = [
    ("Mr", "Mister"),
    ("Mrs", "Missus"),
    ("Messrs", "Messers"),
    ("Mme", "Madame"),
    ("Mlle", "Mademoiselle"),
    ("Dr", "Doctor"),
    ("St", "Saint"),
];

/// What keeps its full stop, because the lexicon of the voice knows it so: `etc.` and `Ms.`.
const KEPT: [&str; 3] = ["etc", "Etc", "Ms"];

/// The rule, at a letter.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    let rest = place.rest();
    if let Some((written, spoken)) = DOTTED.iter().find(|(written, _)| rest.starts_with(written)) {
        let end = place.at + written.len();
        if !goes_on(&place.text[end..]) {
            return Reading::new(if place.ends_sentence(end) { end - 1 } else { end }, *spoken);
        }
    }
    let length = rest.bytes().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len());
    let word = &rest[..length];
    let end = place.at + length;
    if !rest[length..].starts_with('.') {
        return stopless(place, word, end);
    }
    let after = end + 1;
    if goes_on(&place.text[after..]) && !place.text[after..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if KEPT.contains(&word) {
        return Reading::new(after, &place.text[place.at..after]);
    }
    let (_, spoken, when) =
        TABLE.iter().find(|(written, _, when)| *written == word && holds(*when, place, after))?;
    let followed = matches!(when, BeforeFigure | BeforeName | Title) && !place.next_word(after).is_empty();
    Reading::new(if !followed && ends(place, after) { end } else { after }, *spoken)
}

fn stopless(place: &Place<'_>, word: &str, end: usize) -> Option<Reading> {
    if word == "Ms" && is_capitalised(place.next_word(end)) {
        return Reading::new(end, "Ms.");
    }
    if word == "vs" {
        return Reading::new(end, "versus");
    }
    let (_, spoken) = STOPLESS.iter().find(|(written, _)| *written == word)?;
    let name = place.text[end..].starts_with(' ') && is_capitalised(place.next_word(end));
    if name && !goes_on(&place.text[end..]) { Reading::new(end, *spoken) } else { None }
}

/// Whether the full stop that ends at `after` ends the sentence too. Inside brackets it does not.
fn ends(place: &Place<'_>, after: usize) -> bool {
    place.ends_sentence(after) && !place.text[after..].starts_with(')')
}

/// Whether the condition of an abbreviation holds, whose full stop ends at `after`.
fn holds(when: When, place: &Place<'_>, after: usize) -> bool {
    let next = place.next_word(after);
    match when {
        Always | Title => true,
        // The next sentence may begin with a figure: "She said no. 5 men came."
        BeforeFigure => {
            !place.ends_stretch(after) && (is_figure(next) || follows_figure_mark(&place.text[after..]))
        }
        // At the end of a stretch the name may be the next sentence's: "on Baker St. Then".
        BeforeName => is_capitalised(next) && !(place.ends_stretch(after) && after_name(place)),
        AfterName => after_name(place),
        AfterComma => place.text[..place.at].trim_end().ends_with(','),
        Inside => !ends(place, after),
        InDate => {
            is_figure(next)
                || super::dates::month(next).is_some()
                || place.text[after..].starts_with(',')
                || is_figure(place.previous_word())
        }
    }
}

fn after_name(place: &Place<'_>) -> bool {
    let before = super::place::bare(place.previous_token().trim_end_matches(','));
    is_capitalised(before)
        || before.starts_with(|c: char| c.is_ascii_digit())
        || place.previous_token() == "&"
}

/// A figure or a Roman numeral.
fn is_figure(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        || (!word.is_empty() && word != "I" && super::roman::looks_roman(word))
}

fn follows_figure_mark(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.starts_with(['+', '(']) && rest[1..].starts_with(|c: char| c.is_ascii_digit())
}
