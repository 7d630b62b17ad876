//! Cardinals, ordinals, decimals, fractions, ranges, telephone numbers.

use super::{american, british};

#[test]
fn whole_numbers_are_said_in_words() {
    american(&[
        ("0", "zero"),
        ("7 dwarfs", "seven dwarfs"),
        ("13 colonies", "thirteen colonies"),
        ("40 thieves", "forty thieves"),
        ("99 bottles", "ninety-nine bottles"),
        ("100 years", "one hundred years"),
        ("101 dalmatians", "one hundred one dalmatians"),
        ("365 days", "three hundred sixty-five days"),
        ("1,000 ships", "one thousand ships"),
        ("1,001 nights", "one thousand one nights"),
        ("10,000 men", "ten thousand men"),
        ("20000 leagues", "twenty thousand leagues"),
        ("1,234,567 souls", "one million two hundred thirty-four thousand five hundred sixty-seven souls"),
        ("3,000,000,000 years", "three billion years"),
        ("1000000000000 stars", "one trillion stars"),
        ("6,000,000,000,000,000,000,000 tons", "six sextillion tons"),
        ("he was 5", "he was five"),
        ("-5 or so", "minus five or so"),
        ("it fell to −12.", "it fell to minus twelve."),
        ("agent 007", "agent zero zero seven"),
        ("1000 ships", "one thousand ships"),
        ("only 2 of 3", "only two of three"),
        ("(12)", "(twelve)"),
        ("12-year-old girls", "twelve-year-old girls"),
        ("a 5-foot wall", "a five-foot wall"),
        (
            "1\u{202f}234\u{202f}567 souls",
            "one million two hundred thirty-four thousand five hundred sixty-seven souls",
        ),
        ("１２ monkeys", "twelve monkeys"),
    ]);
}

#[test]
fn british_numbers_have_an_and() {
    british(&[
        ("101 dalmatians", "one hundred and one dalmatians"),
        ("365 days", "three hundred and sixty-five days"),
        ("1,001 nights", "one thousand and one nights"),
        ("1,250 men", "one thousand two hundred and fifty men"),
        ("2,000,015 men", "two million and fifteen men"),
        ("in 2007", "in two thousand and seven"),
        ("in 1984", "in nineteen eighty-four"),
    ]);
}

#[test]
fn a_number_beyond_all_names_is_said_digit_by_digit() {
    let spoken = rhapsode_script::english::normalise(&"9".repeat(70), &Default::default()).text;
    assert_eq!(spoken, vec!["nine"; 70].join(" "));
}

#[test]
fn decimals_have_a_point() {
    american(&[
        ("3.14", "three point one four"),
        (".5 of it", "point five of it"),
        ("0.05", "zero point zero five"),
        ("12.75 times", "twelve point seven five times"),
        ("1,234.5 in all", "one thousand two hundred thirty-four point five in all"),
        ("-0.5", "minus zero point five"),
        ("version 1.2.3 is out", "version one point two point three is out"),
        ("section 4.2", "section four point two"),
        ("2.5 million people", "two point five million people"),
        ("It was 3.", "It was three."),
        ("98.6 degrees", "ninety-eight point six degrees"),
        ("a .22 rifle", "a point two two rifle"),
    ]);
}

#[test]
fn ordinals_are_said_as_ordinals() {
    american(&[
        ("1st", "first"),
        ("2nd", "second"),
        ("3rd", "third"),
        ("4th", "fourth"),
        ("5th", "fifth"),
        ("8th", "eighth"),
        ("9th", "ninth"),
        ("11th hour", "eleventh hour"),
        ("12th night", "twelfth night"),
        ("13th floor", "thirteenth floor"),
        ("20th century", "twentieth century"),
        ("21st", "twenty-first"),
        ("22nd", "twenty-second"),
        ("33rd", "thirty-third"),
        ("42nd street", "forty-second street"),
        ("100th", "one hundredth"),
        ("101st", "one hundred first"),
        ("112th", "one hundred twelfth"),
        ("1,000th", "one thousandth"),
        ("the 1000000th visitor", "the one millionth visitor"),
        ("19th-century novels", "nineteenth-century novels"),
        ("the 3d Cavalry", "the third Cavalry"),
        ("August 3d, 1833", "August third, eighteen thirty-three"),
        ("the 2d Regiment", "the second Regiment"),
        ("a 3D film", "a three D film"),
        ("her 90th!", "her ninetieth!"),
        ("1ˢᵗ", "first"),
    ]);
}

#[test]
fn fractions_are_said_as_parts() {
    american(&[
        ("1/2", "one half"),
        ("3/4 of them", "three quarters of them"),
        ("1/4", "one quarter"),
        ("2/3", "two thirds"),
        ("5/8", "five eighths"),
        ("1/8", "one eighth"),
        ("7/16", "seven sixteenths"),
        ("1/10", "one tenth"),
        ("9/10", "nine tenths"),
        ("1/100", "one one-hundredth"),
        ("½", "one half"),
        ("½ cup", "one half cup"),
        ("¾", "three quarters"),
        ("⅔", "two thirds"),
        ("⅛", "one eighth"),
        ("2½", "two and a half"),
        ("2 ½", "two and a half"),
        ("2 1/2", "two and a half"),
        ("2-1/2", "two and a half"),
        ("3¼", "three and a quarter"),
        ("5 3/4", "five and three quarters"),
        ("1⅛", "one and an eighth"),
        ("4½ years", "four and a half years"),
        ("2½ miles", "two and a half miles"),
        ("9/11", "nine eleven"),
        ("24/7", "twenty-four seven"),
        ("120/80", "one hundred twenty over eighty"),
        ("50/50", "fifty-fifty"),
        ("1984/85", "nineteen eighty-four eighty-five"),
    ]);
}

#[test]
fn ranges_are_said_with_to() {
    american(&[
        ("5-6 people", "five to six people"),
        ("10–20 people", "ten to twenty people"),
        ("pp. 12-15", "pages twelve to fifteen"),
        ("pages 12–15", "pages twelve to fifteen"),
        ("1914-18", "nineteen fourteen to eighteen"),
        ("1914–1918", "nineteen fourteen to nineteen eighteen"),
        ("1939–45", "nineteen thirty-nine to forty-five"),
        ("from 1899–1902", "from eighteen ninety-nine to nineteen oh two"),
        ("10–20 %", "ten to twenty percent"),
        ("A–Z", "A to Z"),
        ("an A-Z guide", "an A to Z guide"),
        ("Monday–Friday", "Monday to Friday"),
        ("Monday-Friday", "Monday to Friday"),
        ("March–May", "March to May"),
        ("3-4 days", "three to four days"),
        ("100-1000 men", "one hundred to one thousand men"),
        ("they won 3-2", "they won three to two"),
        ("1.5–2.5 points", "one point five to two point five points"),
        ("the 1920s–1930s", "the nineteen twenties to nineteen thirties"),
        ("5–10 million", "five to ten million"),
        ("the 5th–6th centuries", "the fifth to sixth centuries"),
        ("3-4-5 triangle", "three four five triangle"),
        ("twenty-one", "twenty-one"),
        ("1861–65", "eighteen sixty-one to sixty-five"),
        ("ages 8-12", "ages eight to twelve"),
    ]);
}

#[test]
fn telephone_numbers_are_said_digit_by_digit() {
    american(&[
        ("555-1234", "five five five, one two three four"),
        ("call 555-0199 now", "call five five five, oh one nine nine now"),
        ("(212) 555-0123", "two one two, five five five, oh one two three"),
        ("212-555-0123", "two one two, five five five, oh one two three"),
        ("212.555.0123", "two one two, five five five, oh one two three"),
        ("1-800-555-0199", "one, eight oh oh, five five five, oh one nine nine"),
        ("+44 20 7946 0958", "plus four four, two oh, seven nine four six, oh nine five eight"),
        ("+1 212 555 0123", "plus one, two one two, five five five, oh one two three"),
        ("+49-30-901820", "plus four nine, three oh, nine oh one eight two oh"),
        ("020 7946 0958", "oh two oh, seven nine four six, oh nine five eight"),
        ("call 911", "call nine one one"),
    ]);
}
