//! Units of measure, which are read as such only after an amount: `5 km`, `32°F`, `6'2"`, `km/h`, `10–20 %`.

use super::amount::{self, Amount};
use super::context::Dialect;
use super::figure;
use super::numbers::small;
use super::place::{Place, Reading, goes_on};

/// How near a unit has to stand to its figure, for symbols that are words or letters of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    Any,
    /// Only with a space: `5K` is a code, `5 K` a temperature.
    Space,
    /// Only joined, with a full stop, or after feet: `in`.
    Close,
}

type Unit = (&'static str, &'static str, &'static str, Gap);

/// Symbol, singular, plural. American spelling; both spellings sound alike.
#[rustfmt::skip]
const UNITS: &[Unit] = &[
    ("%", "percent", "percent", Gap::Any), ("‰", "per mille", "per mille", Gap::Any),
    ("km", "kilometer", "kilometers", Gap::Any), ("m", "meter", "meters", Gap::Any),
    ("cm", "centimeter", "centimeters", Gap::Any), ("mm", "millimeter", "millimeters", Gap::Any),
    ("µm", "micrometer", "micrometers", Gap::Any), ("μm", "micrometer", "micrometers", Gap::Any),
    ("nm", "nanometer", "nanometers", Gap::Any), ("ha", "hectare", "hectares", Gap::Any),
    ("mi", "mile", "miles", Gap::Any), ("yd", "yard", "yards", Gap::Any), ("yds", "yard", "yards", Gap::Any),
    ("ft", "foot", "feet", Gap::Any), ("in", "inch", "inches", Gap::Close), ("ins", "inch", "inches", Gap::Close),
    ("kg", "kilogram", "kilograms", Gap::Any), ("g", "gram", "grams", Gap::Any),
    ("mg", "milligram", "milligrams", Gap::Any), ("µg", "microgram", "micrograms", Gap::Any),
    ("μg", "microgram", "micrograms", Gap::Any), ("mcg", "microgram", "micrograms", Gap::Any),
    ("lb", "pound", "pounds", Gap::Any), ("lbs", "pound", "pounds", Gap::Any), ("oz", "ounce", "ounces", Gap::Any),
    ("cwt", "hundredweight", "hundredweight", Gap::Any), ("t", "ton", "tons", Gap::Space),
    ("l", "liter", "liters", Gap::Any), ("L", "liter", "liters", Gap::Any), ("dl", "deciliter", "deciliters", Gap::Any),
    ("ml", "milliliter", "milliliters", Gap::Any), ("mL", "milliliter", "milliliters", Gap::Any),
    ("cl", "centiliter", "centiliters", Gap::Any), ("gal", "gallon", "gallons", Gap::Any),
    ("qt", "quart", "quarts", Gap::Any), ("pt", "pint", "pints", Gap::Any), ("fl oz", "fluid ounce", "fluid ounces", Gap::Any),
    ("tsp", "teaspoon", "teaspoons", Gap::Any), ("tbsp", "tablespoon", "tablespoons", Gap::Any),
    ("cc", "c.c", "c.c", Gap::Any),
    ("mph", "mile per hour", "miles per hour", Gap::Any), ("kph", "kilometer per hour", "kilometers per hour", Gap::Any),
    ("kmh", "kilometer per hour", "kilometers per hour", Gap::Any), ("rpm", "R.P.M", "R.P.M", Gap::Any),
    ("bpm", "beat per minute", "beats per minute", Gap::Any), ("mpg", "mile per gallon", "miles per gallon", Gap::Any),
    ("kt", "knot", "knots", Gap::Any), ("kts", "knot", "knots", Gap::Any),
    ("h", "hour", "hours", Gap::Any), ("hr", "hour", "hours", Gap::Any), ("hrs", "hour", "hours", Gap::Any),
    ("min", "minute", "minutes", Gap::Any), ("mins", "minute", "minutes", Gap::Any),
    ("s", "second", "seconds", Gap::Space), ("sec", "second", "seconds", Gap::Any), ("secs", "second", "seconds", Gap::Any),
    ("ms", "millisecond", "milliseconds", Gap::Any), ("µs", "microsecond", "microseconds", Gap::Any),
    ("ns", "nanosecond", "nanoseconds", Gap::Any), ("yr", "year", "years", Gap::Any), ("yrs", "year", "years", Gap::Any),
    ("Hz", "hertz", "hertz", Gap::Any), ("kHz", "kilohertz", "kilohertz", Gap::Any),
    ("MHz", "megahertz", "megahertz", Gap::Any), ("GHz", "gigahertz", "gigahertz", Gap::Any),
    ("dB", "decibel", "decibels", Gap::Any), ("W", "watt", "watts", Gap::Any), ("kW", "kilowatt", "kilowatts", Gap::Any),
    ("MW", "megawatt", "megawatts", Gap::Any), ("GW", "gigawatt", "gigawatts", Gap::Any),
    ("kWh", "kilowatt hour", "kilowatt hours", Gap::Any), ("V", "volt", "volts", Gap::Any),
    ("kV", "kilovolt", "kilovolts", Gap::Any), ("mA", "milliamp", "milliamps", Gap::Any), ("K", "kelvin", "kelvins", Gap::Space),
    ("hp", "horsepower", "horsepower", Gap::Any), ("psi", "P.S.I", "P.S.I", Gap::Any),
    ("Pa", "pascal", "pascals", Gap::Any), ("kPa", "kilopascal", "kilopascals", Gap::Any),
    ("hPa", "hectopascal", "hectopascals", Gap::Any), ("kJ", "kilojoule", "kilojoules", Gap::Any),
    ("kcal", "kilocalorie", "kilocalories", Gap::Any), ("cal", "calorie", "calories", Gap::Any),
    ("kB", "kilobyte", "kilobytes", Gap::Any), ("KB", "kilobyte", "kilobytes", Gap::Any),
    ("MB", "megabyte", "megabytes", Gap::Any), ("GB", "gigabyte", "gigabytes", Gap::Any),
    ("TB", "terabyte", "terabytes", Gap::Any), ("PB", "petabyte", "petabytes", Gap::Any),
    ("Kbps", "kilobit per second", "kilobits per second", Gap::Any), ("kbps", "kilobit per second", "kilobits per second", Gap::Any),
    ("Mbps", "megabit per second", "megabits per second", Gap::Any), ("Gbps", "gigabit per second", "gigabits per second", Gap::Any),
    ("kbit", "kilobit", "kilobits", Gap::Any), ("Mbit", "megabit", "megabits", Gap::Any),
    ("MP", "megapixel", "megapixels", Gap::Any), ("sq ft", "square foot", "square feet", Gap::Any),
    ("sq. ft", "square foot", "square feet", Gap::Any), ("sq m", "square meter", "square meters", Gap::Any),
    ("sq km", "square kilometer", "square kilometers", Gap::Any), ("sq mi", "square mile", "square miles", Gap::Any),
    ("sq. miles", "square mile", "square miles", Gap::Any),
];

/// Units that are written with a full stop, which then belongs to them.
const DOTTED: [&str; 16] = [
    "ft", "in", "ins", "lb", "lbs", "oz", "yd", "yds", "mi", "hr", "hrs", "min", "mins", "sec", "cwt", "gal",
];

/// A unit that was found, in words.
struct Found {
    one: String,
    many: String,
    end: usize,
}

/// An amount with a unit.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    if let Some(reading) = feet_and_inches(place) {
        return Some(reading);
    }
    let amount = amount::at(place.text, place.at, place.dialect())?;
    if let Some(reading) = degrees(place, &amount) {
        return Some(reading);
    }
    let (found, gap) = unit_after(place, amount.end)?;
    let single = amount.singular || gap == '-' || matches!(place.previous_word(), "a" | "an" | "A" | "An");
    let name = if single { &found.one } else { &found.many };
    Reading::new(found.end, format!("{} {name}", amount.spoken))
}

/// The unit after an amount that ends at `end`, and what stands between: a space, a hyphen or nothing (`j`).
fn unit_after(place: &Place<'_>, end: usize) -> Option<(Found, char)> {
    let text = place.text;
    let gap = text[end..].chars().next().filter(|c| matches!(c, ' ' | '-')).unwrap_or('j');
    let start = if gap == 'j' { end } else { end + 1 };
    let (unit, mut at) = symbol(text, start)?;
    let dotted = text[at..].starts_with('.') && DOTTED.contains(&unit.0);
    let after_feet = matches!(place.previous_token(), "ft" | "ft." | "feet");
    let near = match unit.3 {
        Gap::Any => true,
        Gap::Space => gap == ' ',
        Gap::Close => gap != ' ' || after_feet || (dotted && !place.ends_sentence(at + 1)),
    };
    // A hyphen joins only names that are longer than a letter: `5-m` is as likely a code.
    if !near || (gap == '-' && unit.0.len() < 2) {
        return None;
    }
    let (mut one, mut many) = (spelt(unit.1, place.dialect()), spelt(unit.2, place.dialect()));
    if let Some((power, length)) = power(&text[at..]) {
        (one, many) = (format!("{power} {one}"), format!("{power} {many}"));
        at += length;
    }
    if let Some((per, stop)) = text[at..].strip_prefix('/').and_then(|_| symbol(text, at + 1)) {
        let mut divisor = spelt(per.1, place.dialect());
        at = stop;
        if let Some((power, length)) = power(&text[at..]) {
            divisor = format!("{divisor} {}", if power == "square" { "squared" } else { "cubed" });
            at += length;
        }
        (one, many) = (format!("{one} per {divisor}"), format!("{many} per {divisor}"));
    }
    if goes_on(&text[at..]) || text[at..].starts_with("'") && goes_on(&text[at + 1..]) {
        return None;
    }
    if dotted && !place.ends_sentence(at + 1) {
        at += 1;
    }
    Some((Found { one, many, end: at }, gap))
}

/// The longest symbol at `at` that is no part of a longer word.
fn symbol(text: &str, at: usize) -> Option<(&'static Unit, usize)> {
    let rest = &text[at..];
    UNITS
        .iter()
        .filter(|(symbol, ..)| rest.starts_with(symbol))
        .filter(|(symbol, ..)| {
            *symbol == "%" || !rest[symbol.len()..].starts_with(|c: char| c.is_alphabetic())
        })
        .max_by_key(|(symbol, ..)| symbol.len())
        .map(|unit| (unit, at + unit.0.len()))
}

fn power(rest: &str) -> Option<(&'static str, usize)> {
    let c = rest.chars().next()?;
    match c {
        '²' => Some(("square", c.len_utf8())),
        '³' => Some(("cubic", c.len_utf8())),
        '^' if rest.starts_with("^2") => Some(("square", 2)),
        '^' if rest.starts_with("^3") => Some(("cubic", 2)),
        _ => None,
    }
}

fn spelt(name: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::American => name.into(),
        Dialect::British => name.replace("meter", "metre").replace("liter", "litre"),
    }
}

/// `32°F`, `20 °C`, `45°`, `40° 26' 46" N`.
fn degrees(place: &Place<'_>, amount: &Amount) -> Option<Reading> {
    let text = place.text;
    let gap = usize::from(text[amount.end..].starts_with(' '));
    let sign = amount.end + gap;
    let mut end = sign + text[sign..].strip_prefix('°').map(|_| '°'.len_utf8())?;
    let name = if amount.singular { "degree" } else { "degrees" };
    let mut spoken = format!("{} {name}", amount.spoken);
    let space = usize::from(text[end..].starts_with(' '));
    for (letter, scale) in [("C", "Celsius"), ("F", "Fahrenheit"), ("K", "kelvin")] {
        let after = end + space + 1;
        if text[end + space..].starts_with(letter) && !goes_on(&text[after..]) {
            return Reading::new(after, format!("{spoken} {scale}"));
        }
    }
    for (mark, one, many) in [('\'', "minute", "minutes"), ('"', "second", "seconds")] {
        let space = usize::from(text[end..].starts_with(' '));
        let Some(figure) = figure::at(text, end + space) else { break };
        if text[figure.end..].starts_with(mark) {
            let name = if figure.is_one() { one } else { many };
            spoken.push_str(&format!(" {} {name}", figure.spoken(place.dialect())));
            end = figure.end + 1;
        }
    }
    let space = usize::from(text[end..].starts_with(' '));
    for (letter, direction) in [("N", "north"), ("S", "south"), ("E", "east"), ("W", "west")] {
        let after = end + space + 1;
        if text[end + space..].starts_with(letter)
            && !goes_on(&text[after..])
            && !text[after..].starts_with('.')
        {
            return Reading::new(after, format!("{spoken} {direction}"));
        }
    }
    Reading::new(end, spoken)
}

/// `6'2"`, `6' 2"`; `6'` and `12"` before a word that measures.
fn feet_and_inches(place: &Place<'_>) -> Option<Reading> {
    const MEASURES: [&str; 14] = [
        "tall", "long", "wide", "high", "deep", "thick", "by", "x", "of", "in", "record", "pipe", "ruler",
        "square",
    ];
    let (text, dialect) = (place.text, place.dialect());
    let feet = figure::at(text, place.at).filter(figure::Figure::is_plain)?;
    let rest = &text[feet.end..];
    if let Some(after) = rest.strip_prefix(['\'', '’']) {
        let start = text.len() - after.trim_start_matches(' ').len();
        if let Some(inches) = figure::at(text, start).filter(|f| f.value().is_some_and(|v| v < 12)) {
            let closed = text[inches.end..].starts_with(['"', '”']);
            if closed || (start == text.len() - after.len() && !goes_on(&text[inches.end..])) {
                let mark = text[inches.end..].chars().next().filter(|_| closed).map_or(0, char::len_utf8);
                let feet = small(feet.value()?, dialect);
                return Reading::new(inches.end + mark, format!("{feet} foot {}", inches.spoken(dialect)));
            }
        }
        let end = text.len() - after.len();
        if MEASURES.contains(&place.next_word(end)) {
            let name = if feet.is_one() { "foot" } else { "feet" };
            return Reading::new(end, format!("{} {name}", feet.spoken(dialect)));
        }
    }
    let end = text.len() - rest.strip_prefix('"')?.len();
    if MEASURES.contains(&place.next_word(end)) {
        let single = feet.is_one() || matches!(place.previous_word(), "a" | "an");
        return Reading::new(
            end,
            format!("{} {}", feet.spoken(dialect), if single { "inch" } else { "inches" }),
        );
    }
    None
}
