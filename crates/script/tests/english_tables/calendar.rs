//! Years, decades, dates, times.

use super::{american, british};

#[test]
fn years_are_said_in_pairs() {
    american(&[
        ("in 1984", "in nineteen eighty-four"),
        ("1905", "nineteen oh five"),
        ("In 2007, he left.", "In two thousand seven, he left."),
        ("2024", "twenty twenty-four"),
        ("1800", "eighteen hundred"),
        ("since 1066", "since ten sixty-six"),
        ("by 2000", "by two thousand"),
        ("2010", "twenty ten"),
        ("in 2050", "in twenty fifty"),
        ("of 1776.", "of seventeen seventy-six."),
        ("1492", "fourteen ninety-two"),
        ("in 1999.", "in nineteen ninety-nine."),
        ("summer 1914", "summer nineteen fourteen"),
        ("(1819–1891)", "(eighteen nineteen to eighteen ninety-one)"),
        ("In 1851 whales were many.", "In eighteen fifty-one whales were many."),
        ("1984 was cold", "nineteen eighty-four was cold"),
        ("1984 people", "one thousand nine hundred eighty-four people"),
        ("1500 men", "one thousand five hundred men"),
        ("1200 horses", "one thousand two hundred horses"),
        ("44 BC", "forty-four B.C"),
        ("753 BC", "seven fifty-three B.C"),
        ("AD 79", "A.D seventy-nine"),
        ("A.D. 410", "A.D four ten"),
        ("1200 BCE", "twelve hundred B.C.E"),
        ("79 A.D.", "seventy-nine A.D."),
        ("622 CE", "six twenty-two C.E"),
        ("500 B.C. saw", "five hundred B.C saw"),
        ("10,000 BC", "ten thousand B.C"),
        ("c. 1850", "circa eighteen fifty"),
        ("b. 1850, d. 1902", "born eighteen fifty, died nineteen oh two"),
        ("the class of '99", "the class of ninety-nine"),
        ("winter of ’05", "winter of oh five"),
        ("May 1940", "May nineteen forty"),
        ("in 2150", "in twenty-one fifty"),
    ]);
}

#[test]
fn decades_are_plurals() {
    american(&[
        ("the 1920s", "the nineteen twenties"),
        ("the '60s", "the sixties"),
        ("the ’90s", "the nineties"),
        ("the 60s", "the sixties"),
        ("the 1800s", "the eighteen hundreds"),
        ("the 1900s", "the nineteen hundreds"),
        ("the 2000s", "the two thousands"),
        ("the 2010s", "the twenty tens"),
        ("the 1960's", "the nineteen sixties"),
        ("mid-1990s", "mid-nineteen nineties"),
        ("the early 1830s", "the early eighteen thirties"),
        ("in his 70s", "in his seventies"),
        ("in her 20s", "in her twenties"),
        ("a 1950s diner", "a nineteen fifties diner"),
    ]);
}

#[test]
fn dates_are_said_as_days_and_years() {
    american(&[
        ("March 3, 1999", "March third, nineteen ninety-nine"),
        ("March 3", "March third"),
        ("on March 3rd", "on March third"),
        ("July 4, 1776", "July fourth, seventeen seventy-six"),
        ("on July 4.", "on July fourth."),
        ("3 March 1999", "the third of March nineteen ninety-nine"),
        ("the 3 March 1999 issue", "the third of March nineteen ninety-nine issue"),
        ("the 3rd of March", "the third of March"),
        ("3rd March", "the third of March"),
        ("the 21st December 1850", "the twenty-first of December eighteen fifty"),
        ("Mar. 3", "March third"),
        ("Dec. 25, 1815", "December twenty-fifth, eighteen fifteen"),
        ("Sept. 11, 2001", "September eleventh, two thousand one"),
        ("12 Oct. 1492", "the twelfth of October fourteen ninety-two"),
        ("3/4/1999", "March fourth, nineteen ninety-nine"),
        ("25/12/1999", "December twenty-fifth, nineteen ninety-nine"),
        ("12/25/99", "December twenty-fifth, ninety-nine"),
        ("1999-03-04", "March fourth, nineteen ninety-nine"),
        ("2007-12-31", "December thirty-first, two thousand seven"),
        ("March 15-20", "March fifteenth to twentieth"),
        ("June 6–7, 1944", "June sixth to seventh, nineteen forty-four"),
        ("May 1", "May first"),
        ("Oct. 1929", "October nineteen twenty-nine"),
        ("Fri., Nov. 13", "Friday, November thirteenth"),
        ("Mon. 5 May", "Monday the fifth of May"),
        ("in Feb. and Aug.", "in February and August."),
    ]);
}

#[test]
fn british_dates_put_the_day_first() {
    british(&[
        ("3/4/1999", "the third of April nineteen ninety-nine"),
        ("12/25/1999", "the twenty-fifth of December nineteen ninety-nine"),
        ("1999-03-04", "the fourth of March nineteen ninety-nine"),
        ("March 3", "March the third"),
        ("3 March 1999", "the third of March nineteen ninety-nine"),
        ("3.4.1999", "the third of April nineteen ninety-nine"),
    ]);
}

#[test]
fn times_are_said_as_clocks_are_read() {
    american(&[
        ("7:30", "seven thirty"),
        ("7:05 am", "seven oh five A.M"),
        ("at 7:05 a.m. sharp", "at seven oh five A.M sharp"),
        ("19:45", "nineteen forty-five"),
        ("12:00", "twelve o'clock"),
        ("at 5:00", "at five o'clock"),
        ("5:00 p.m. today", "five P.M today"),
        ("at 5 p.m.", "at five P.M."),
        ("At 5 p.m. he left.", "At five P.M he left."),
        ("5pm", "five P.M"),
        ("5 PM", "five P.M"),
        ("11 AM", "eleven A.M"),
        ("10:15 P.M.", "ten fifteen P.M."),
        ("17:00", "seventeen hundred"),
        ("00:00", "midnight"),
        ("0:30", "zero thirty"),
        ("06:15", "six fifteen"),
        ("5-6 p.m.", "five to six P.M."),
        ("9:00–17:00", "nine o'clock to seventeen hundred"),
        ("7.30 pm", "seven thirty P.M"),
        ("7:30:15", "seven thirty and fifteen seconds"),
        ("by 8:59.", "by eight fifty-nine."),
        ("8 o'clock", "eight o'clock"),
        ("half past 7", "half past seven"),
        ("the 4:15 train", "the four fifteen train"),
        ("John 3:16", "John three sixteen"),
        ("Psalm 119:105", "Psalm one hundred nineteen one hundred five"),
        ("Matthew 5:3-12", "Matthew five three to twelve"),
        ("a 16:9 screen", "a sixteen to nine screen"),
        ("odds of 3:1", "odds of three to one"),
        ("1:100", "one to one hundred"),
    ]);
}
