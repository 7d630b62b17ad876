//! Roman numerals and abbreviations.

use super::{american, headings};

#[test]
fn rulers_have_ordinals() {
    american(&[
        ("Henry VIII", "Henry the Eighth"),
        ("Henry VIIIth's gift", "Henry the Eighth's gift"),
        ("Henry VIII's wives", "Henry the Eighth's wives"),
        ("Louis XIV", "Louis the Fourteenth"),
        ("Louis XVI was beheaded", "Louis the Sixteenth was beheaded"),
        ("Pope John Paul II", "Pope John Paul the Second"),
        ("Elizabeth I of England", "Elizabeth the First of England"),
        ("Queen Elizabeth II", "Queen Elizabeth the Second"),
        ("Elizabeth I was crowned", "Elizabeth the First was crowned"),
        ("Charles I.", "Charles the First."),
        ("Richard III", "Richard the Third"),
        ("George V died", "George the Fifth died"),
        ("Edward VII", "Edward the Seventh"),
        ("Napoleon III", "Napoleon the Third"),
        ("Pius IX", "Pius the Ninth"),
        ("Leo X", "Leo the Tenth"),
        ("Ramses II", "Ramses the Second"),
        ("Louis XXI", "Louis the Twenty-First"),
        ("John D. Rockefeller III", "John D Rockefeller the Third"),
        ("Catherine II, the Great", "Catherine the Second, the Great"),
        ("Ivan IV", "Ivan the Fourth"),
        ("James I and Charles I", "James the First and Charles the First"),
    ]);
}

#[test]
fn counted_things_have_cardinals() {
    american(&[
        ("World War II", "World War two"),
        ("World War I began", "World War one began"),
        ("Chapter IV", "Chapter four"),
        ("chapter iv", "chapter four"),
        ("CHAPTER XII", "Chapter twelve"),
        ("Act III", "Act three"),
        ("Act I, Scene ii", "Act one, Scene two"),
        ("Part II", "Part two"),
        ("Vol. IX", "Volume nine"),
        ("Book V", "Book five"),
        ("Chapters I-IV", "Chapters one to four"),
        ("Parts II and III", "Parts two and three"),
        ("Apollo XI", "Apollo eleven"),
        ("Rocky II", "Rocky two"),
        ("Super Bowl XL", "Super Bowl forty"),
        ("Psalm CXIX", "Psalm one hundred nineteen"),
        ("page xii", "page twelve"),
        ("pp. iv-ix", "pages four to nine"),
        ("No. IV", "Number four"),
        ("the XIX century", "the nineteenth century"),
        ("the XXth century", "the twentieth century"),
        ("Type II diabetes", "Type two diabetes"),
        ("Appendix C", "Appendix C"),
        ("MCMXCIX", "nineteen ninety-nine"),
        ("MDCCCLI", "eighteen fifty-one"),
        (
            "the Fin-Back; IV. the Hump-Back; VI. the Sulphur",
            "the Fin-Back; four. the Hump-Back; six. the Sulphur",
        ),
        ("Canto XXXIII", "Canto thirty-three"),
    ]);
}

#[test]
fn words_that_look_roman_stay_words() {
    american(&[
        ("I", "I"),
        ("I am", "I am"),
        ("Elizabeth I think", "Elizabeth I think"),
        ("Dear Henry, I fear", "Dear Henry, I fear"),
        ("mix", "mix"),
        ("did", "did"),
        ("a vivid civil mix", "a vivid civil mix"),
        ("livid", "livid"),
        ("MIX", "Mix"),
        ("a CD", "a C.D"),
        ("a DVD", "a D.V.D"),
        ("In this chapter I am", "In this chapter I am"),
        ("Malcolm X", "Malcolm X"),
        ("I'm ill", "I'm ill"),
        ("George V. Higgins", "George V Higgins"),
        ("She and I went", "She and I went"),
        ("vitamin C", "vitamin C"),
        ("Part I think of", "Part I think of"),
        ("I'll", "I'll"),
        ("X marks the spot", "X marks the spot"),
        ("So do I.", "So do I."),
    ]);
}

#[test]
fn a_heading_may_be_a_numeral_alone() {
    headings(&[
        ("IV.", "four"),
        ("I", "one"),
        ("I.", "one"),
        ("XXIII", "twenty-three"),
        ("CXXXV", "one hundred thirty-five"),
        ("iv", "four"),
        ("I. The Beginning", "one. The Beginning"),
        ("IV The Chase", "four The Chase"),
        ("CHAPTER I. LOOMINGS.", "Chapter one. loomings."),
        ("CHAPTER XXXII. CETOLOGY.", "Chapter thirty-two. cetology."),
        ("Chapter 3", "Chapter three"),
        ("MIX", "Mix"),
        ("1984", "nineteen eighty-four"),
        ("XII: The Chart", "twelve: The Chart"),
        ("I Think of Ahab", "I Think of Ahab"),
    ]);
}

#[test]
fn titles_of_people_are_said_in_full() {
    american(&[
        ("Dr. Watson", "Doctor Watson"),
        ("Dr Watson", "Doctor Watson"),
        ("Mr. Darcy", "Mister Darcy"),
        ("Mr Darcy", "Mister Darcy"),
        ("Mrs. Bennet", "Missus Bennet"),
        ("Ms. Bell", "Ms. Bell"),
        ("Messrs. Peleg and Bildad", "Messers Peleg and Bildad"),
        ("Prof. Aronnax", "Professor Aronnax"),
        ("Rev. Green", "Reverend Green"),
        ("Hon. Member", "Honorable Member"),
        ("Capt. Ahab", "Captain Ahab"),
        ("Col. Mustard", "Colonel Mustard"),
        ("Gen. Grant", "General Grant"),
        ("Lt. Dan", "Lieutenant Dan"),
        ("Sgt. Pepper", "Sergeant Pepper"),
        ("Gov. Jones", "Governor Jones"),
        ("Sen. Smith", "Senator Smith"),
        ("Sammy Davis Jr. sang", "Sammy Davis Junior sang"),
        ("Sammy Davis, Jr.", "Sammy Davis, Junior."),
        ("James Smith, Sr.", "James Smith, Senior."),
        ("J. Smith, Esq.", "J Smith, Esquire."),
        ("Mme. Defarge", "Madame Defarge"),
        ("Mlle. Reisz", "Mademoiselle Reisz"),
        ("He called the Dr.", "He called the Doctor."),
        ("“Mr. Starbuck!”", "“Mister Starbuck!”"),
        ("Fr. Brown", "Father Brown"),
    ]);
}

#[test]
fn places_and_firms_are_said_in_full() {
    american(&[
        ("St. John", "Saint John"),
        ("St. Paul's", "Saint Paul's"),
        ("Baker St.", "Baker Street."),
        ("221B Baker St., London", "two twenty-one B Baker Street, London"),
        ("Mulholland Dr. at night", "Mulholland Drive at night"),
        ("Fifth Ave.", "Fifth Avenue."),
        ("Abbey Rd. studios", "Abbey Road studios"),
        ("Sunset Blvd.", "Sunset Boulevard."),
        ("Mt. Everest", "Mount Everest"),
        ("Ft. Worth", "Fort Worth"),
        ("Smith & Co.", "Smith and Company."),
        ("Ford Motor Co. of Detroit", "Ford Motor Company of Detroit"),
        ("Warner Bros. films", "Warner Brothers films"),
        ("Apple Inc. said", "Apple Incorporated said"),
        ("Penguin Ltd.", "Penguin Limited."),
        ("Boston, Mass.", "Boston, Massachusetts."),
        ("Dallas, Tex., in May", "Dallas, Texas, in May"),
        ("Washington, D.C.", "Washington, D.C."),
        ("Apt. 5", "Apartment five"),
    ]);
}

#[test]
fn bookish_abbreviations_are_said_in_full() {
    american(&[
        ("No. 5", "Number five"),
        ("No. I will not.", "No. I will not."),
        ("She said no.", "She said no."),
        ("Nos. 5 and 6", "Numbers five and six"),
        ("vol. 3", "volume three"),
        ("p. 5", "page five"),
        ("pp. 5–7", "pages five to seven"),
        ("Fig. 3", "Figure three"),
        ("see fig. 3.2", "see figure three point two"),
        ("a fig.", "a fig."),
        ("ch. 4", "chapter four"),
        ("2nd ed.", "second edition."),
        ("J. Smith (ed.)", "J Smith (editor)"),
        ("cats, dogs, etc.", "cats, dogs, etc."),
        ("e.g. this", "for example this"),
        ("i.e., that", "that is, that"),
        ("cats vs. dogs", "cats versus dogs"),
        ("cats vs dogs", "cats versus dogs"),
        ("Roe v. Wade", "Roe versus Wade"),
        ("cf. above", "compare above"),
        ("viz. two", "namely two"),
        ("approx. 5", "approximately five"),
        ("Smith et al. found", "Smith and others found"),
        ("ibid.", "ibidem."),
        ("Op. 27, No. 2", "Opus twenty-seven, Number two"),
        ("&c.", "etc."),
        ("ll. 5-9", "lines five to nine"),
        ("Psalm v. 3", "Psalm verse three"),
    ]);
}
