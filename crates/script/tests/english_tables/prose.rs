//! Whole sentences, and what the words around a stretch change.

use super::{american, british, check};
use rhapsode_script::english::{BlockKind, Context, Dialect, normalise};

#[test]
fn sentences_of_novels_are_read_as_a_reader_would() {
    american(&[
        (
            "Call me Ishmael. Some years ago—never mind how long precisely—having little or no money",
            "Call me Ishmael. Some years ago—never mind how long precisely—having little or no money",
        ),
        (
            "Mr. and Mrs. Dursley, of No. 4, Privet Drive, were proud",
            "Mister and Missus Dursley, of Number four, Privet Drive, were proud",
        ),
        (
            "In the year 1775, Mr. Jarvis Lorry, of Tellson & Co., went to Dover.",
            "In the year seventeen seventy-five, Mister Jarvis Lorry, of Tellson and Company, went to Dover.",
        ),
        (
            "“My dear Mr. Bennet,” said his lady to him one day, “have you heard?”",
            "“My dear Mister Bennet,” said his lady to him one day, “have you heard?”",
        ),
        (
            "He had 4 or 5,000 a year, and £10,000 besides.",
            "He had four or five thousand a year, and ten thousand pounds besides.",
        ),
        (
            "On the 2d of June, 1865, at 6 o'clock P.M., the ship sailed.",
            "On the second of June, eighteen sixty-five, at six o'clock P.M, the ship sailed.",
        ),
        (
            "St. Clare and Dr. Livesey met in St. James's Street at half-past 9.",
            "Saint Clare and Doctor Livesey met in Saint James's Street at half-past nine.",
        ),
        (
            "“'Twas the 14th, I think,” said Sgt. Cuff; “or the 15th—”",
            "“'Twas the fourteenth, I think,” said Sergeant Cuff; “or the fifteenth—”",
        ),
        (
            "Lat. 47° 9' S., long. 126° 43' W.; the whale, 90 feet long, spouted 3 times.",
            "Lat. forty-seven degrees nine minutes S., long. one hundred twenty-six degrees forty-three minutes W.; \
             the whale, ninety feet long, spouted three times.",
        ),
        (
            "The will of Charles II., dated 1684, left 5s. 6d. to the parish.",
            "The will of Charles the Second., dated sixteen eighty-four, left five shillings and six pence to the parish.",
        ),
    ]);
}

#[test]
fn sentences_of_non_fiction_are_read_as_a_reader_would() {
    american(&[
        (
            "By 2019, the U.S. economy had grown 2.3%, to $21.4 trillion.",
            "By twenty nineteen, the U.S economy had grown two point three percent, to twenty-one point four trillion dollars.",
        ),
        (
            "NASA's Apollo 11 landed on July 20, 1969, at 20:17 UTC.",
            "Nasa's Apollo eleven landed on July twentieth, nineteen sixty-nine, at twenty seventeen U.T.C.",
        ),
        (
            "Water boils at 100 °C (212 °F) at sea level.",
            "Water boils at one hundred degrees Celsius (two hundred twelve degrees Fahrenheit) at sea level.",
        ),
        (
            "See Fig. 2 on pp. 34–36 of vol. 3 (2nd ed.).",
            "See Figure two on pages thirty-four to thirty-six of volume three (second edition).",
        ),
        (
            "Between 1939 and 1945, World War II killed 70–85 million people.",
            "Between nineteen thirty-nine and nineteen forty-five, World War two killed seventy to eighty-five million people.",
        ),
        (
            "Prof. E. O. Wilson, Ph.D., said: \"It's 50% luck\".",
            "Professor E.O Wilson, P.H.D, said: “It's fifty percent luck”.",
        ),
        (
            "The 1980s' CEO earned 40x more, i.e. $1.2m a year.",
            "The nineteen eighties' C.E.O earned forty x more, that is one point two million dollars a year.",
        ),
        (
            "E-mail me at ann@example.com or call 555-0147 before 5 p.m.",
            "E-mail me at ann at example dot com or call five five five, oh one four seven before five P.M.",
        ),
        (
            "The IRA, ETA & co. met Pope Pius XII in 1943.",
            "The I.R.A, E.T.A and co. met Pope Pius the Twelfth in nineteen forty-three.",
        ),
        (
            "She ran 26.2 miles in 3:59:07.",
            "She ran twenty-six point two miles in three fifty-nine and seven seconds.",
        ),
    ]);
}

#[test]
fn british_sentences_follow_british_habits() {
    british(&[
        (
            "Dr Jones paid £1,105 on 3/4/1999.",
            "Doctor Jones paid one thousand one hundred and five pounds on the third of April nineteen ninety-nine.",
        ),
        ("On March 3 he came.", "On March the third he came."),
    ]);
}

#[test]
fn the_words_around_a_stretch_decide_what_it_means() {
    let before = |before| Context { before, ..Context::default() };
    let after = |after| Context { after, ..Context::default() };
    check(&before("Henry"), &[(" VIII was", " the Eighth was")]);
    check(&before("in the year"), &[("1066", "ten sixty-six")]);
    check(&before("on March"), &[("3", "third")]);
    check(&after(" people came"), &[("1984", "one thousand nine hundred eighty-four")]);
    check(&after(" and then"), &[("5 p.m.", "five P.M")]);
    check(&after(" Smith"), &[("Dr.", "Doctor")]);
    // A neighbour beyond the end of the sentence decides nothing.
    check(&after("Then he left."), &[("He lived on Baker St. ", "He lived on Baker Street. ")]);
    check(&after("5 men came."), &[("She said no. ", "She said no. ")]);
    check(&before("It was in March. "), &[("3 men came.", "three men came.")]);
    check(&before("He came in. "), &[("1066 men", "one thousand sixty-six men")]);
    check(&before("Go away. "), &[("STOP THAT!", "Stop that!")]);
    check(&Context { before: "see", block: BlockKind::Heading, ..Context::default() }, &[("I.", "I.")]);
    american(&[("It was March. 3 men came.", "It was March. three men came.")]);
}

#[test]
fn the_language_tag_tells_the_dialect() {
    assert_eq!(Dialect::of_language("en"), Dialect::American);
    assert_eq!(Dialect::of_language("en-US"), Dialect::American);
    assert_eq!(Dialect::of_language("en-GB"), Dialect::British);
    assert_eq!(Dialect::of_language("en_gb"), Dialect::British);
    assert_eq!(Dialect::of_language("en-Latn-AU"), Dialect::British);
    assert_eq!(Dialect::of_language(""), Dialect::American);
}

#[test]
fn white_space_at_both_ends_is_kept_so_that_stretches_join() {
    assert_eq!(normalise("  he said ", &Context::default()).text, " he said ");
}
