//! Money and units.

use super::{american, british};

#[test]
fn money_names_its_currency_after_the_amount() {
    american(&[
        ("$5", "five dollars"),
        ("$1", "one dollar"),
        ("$1.50", "one dollar and fifty cents"),
        ("$2.01", "two dollars and one cent"),
        ("$0.99", "ninety-nine cents"),
        ("$5.00", "five dollars"),
        ("$1,000", "one thousand dollars"),
        ("$1,234.56", "one thousand two hundred thirty-four dollars and fifty-six cents"),
        ("$1.5 million", "one point five million dollars"),
        ("$3 billion deficit", "three billion dollars deficit"),
        ("$20k", "twenty thousand dollars"),
        ("$3bn", "three billion dollars"),
        ("£5m", "five million pounds"),
        ("£2.50", "two pounds and fifty pence"),
        ("£1", "one pound"),
        ("£100 a year", "one hundred pounds a year"),
        ("€5", "five euros"),
        ("€1.20", "one euro and twenty cents"),
        ("5 €", "five euros"),
        ("¥500", "five hundred yen"),
        ("$5-10", "five to ten dollars"),
        ("$5–$10", "five to ten dollars"),
        ("$1–2 million", "one to two million dollars"),
        ("US$40", "forty U.S dollars"),
        ("C$10", "ten Canadian dollars"),
        ("a $20 bill", "a twenty dollar bill"),
        ("two $5 bills", "two five dollar bills"),
        ("an $8 lunch", "an eight dollar lunch"),
        ("50¢", "fifty cents"),
        ("1¢", "one cent"),
        ("-$5", "minus five dollars"),
        ("100 USD", "one hundred U.S dollars"),
        ("EUR 20", "twenty euros"),
        ("£3 10s.", "three pounds ten shillings."),
        ("£3 10s. 6d. a week", "three pounds ten shillings and six pence a week"),
        ("5s. 6d. a pair", "five shillings and six pence a pair"),
        ("L100,000 of oil", "one hundred thousand pounds of oil"),
        ("₹500", "five hundred rupees"),
    ]);
}

#[test]
fn british_pence_are_written_with_a_p() {
    british(&[("50p", "fifty pence"), ("1p", "one penny"), ("£1.20", "one pound and twenty pence")]);
}

#[test]
fn units_are_said_in_full_after_a_number() {
    american(&[
        ("5 km", "five kilometers"),
        ("1 km", "one kilometer"),
        ("0.5 km", "zero point five kilometers"),
        ("60 mph", "sixty miles per hour"),
        ("90 km/h", "ninety kilometers per hour"),
        ("9.8 m/s²", "nine point eight meters per second squared"),
        ("32°F", "thirty-two degrees Fahrenheit"),
        ("20 °C", "twenty degrees Celsius"),
        ("-5 °C", "minus five degrees Celsius"),
        ("1°", "one degree"),
        ("a 45° angle", "a forty-five degrees angle"),
        ("40° 26′ N", "forty degrees twenty-six minutes north"),
        ("47°9′ S.", "forty-seven degrees nine minutes S."),
        ("6'2\"", "six foot two"),
        ("6' 2\" tall", "six foot two tall"),
        ("5′11″", "five foot eleven"),
        ("6 ft 2 in", "six feet two inches"),
        ("10 kg", "ten kilograms"),
        ("a 10 kg bag", "a ten kilogram bag"),
        ("3 MB", "three megabytes"),
        ("16GB", "sixteen gigabytes"),
        ("5 m²", "five square meters"),
        ("12 cm³", "twelve cubic centimeters"),
        ("5 sq ft", "five square feet"),
        ("100 m", "one hundred meters"),
        ("250 ml of milk", "two hundred fifty milliliters of milk"),
        ("5 lbs. of flour", "five pounds of flour"),
        ("8 oz", "eight ounces"),
        ("1 lb", "one pound"),
        ("5 ft. long", "five feet long"),
        ("12 in. wide", "twelve inches wide"),
        ("a 5-km run", "a five kilometer run"),
        ("a 10-lb hammer", "a ten pound hammer"),
        ("2.4 GHz", "two point four gigahertz"),
        ("50 Hz", "fifty hertz"),
        ("60 W", "sixty watts"),
        ("5%", "five percent"),
        ("5 %", "five percent"),
        ("12.5%", "twelve point five percent"),
        ("5‰", "five per mille"),
        ("10 hrs", "ten hours"),
        ("30 min", "thirty minutes"),
        ("10–20 km", "ten to twenty kilometers"),
        ("5 x 7", "five by seven"),
        ("2½ km", "two and a half kilometers"),
        ("5 million km", "five million kilometers"),
        ("300 K", "three hundred kelvins"),
        ("It weighed 5 kg.", "It weighed five kilograms."),
    ]);
}

#[test]
fn units_without_a_number_stay_words() {
    american(&[
        ("in the min", "in the min"),
        ("g and m", "g and m"),
        ("He came in 5 in the morning", "He came in five in the morning"),
        ("ft and lb", "ft and lb"),
        ("5 sad men", "five sad men"),
        ("10 minutes", "ten minutes"),
    ]);
}

#[test]
fn british_units_are_spelt_the_british_way() {
    british(&[("5 km", "five kilometres"), ("2 l", "two litres"), ("1 mm", "one millimetre")]);
}
