//! Money: `$1.5 million`, `£2.50`, `$5–10`, `US$40`, `50¢`, `£3 10s. 6d.`.

use super::amount::{self, Amount};
use super::figure;
use super::numbers::small;
use super::place::{Place, Reading, digits, goes_on};

/// A currency: what it is called, one and many, and its hundredth part.
struct Currency {
    symbol: &'static str,
    one: &'static str,
    many: &'static str,
    cent: Option<(&'static str, &'static str)>,
}

const fn currency(
    symbol: &'static str,
    one: &'static str,
    many: &'static str,
    cent: Option<(&'static str, &'static str)>,
) -> Currency {
    Currency { symbol, one, many, cent }
}

const CENTS: Option<(&str, &str)> = Some(("cent", "cents"));

/// By symbol before or after the amount; the longer symbols first.
const CURRENCIES: &[Currency] = &[
    currency("US$", "U.S dollar", "U.S dollars", CENTS),
    currency("CA$", "Canadian dollar", "Canadian dollars", CENTS),
    currency("AU$", "Australian dollar", "Australian dollars", CENTS),
    currency("NZ$", "New Zealand dollar", "New Zealand dollars", CENTS),
    currency("HK$", "Hong Kong dollar", "Hong Kong dollars", CENTS),
    currency("C$", "Canadian dollar", "Canadian dollars", CENTS),
    currency("A$", "Australian dollar", "Australian dollars", CENTS),
    currency("USD", "U.S dollar", "U.S dollars", CENTS),
    currency("EUR", "euro", "euros", CENTS),
    currency("GBP", "pound", "pounds", Some(("penny", "pence"))),
    currency("JPY", "yen", "yen", None),
    currency("CHF", "Swiss franc", "Swiss francs", None),
    currency("$", "dollar", "dollars", CENTS),
    currency("£", "pound", "pounds", Some(("penny", "pence"))),
    currency("€", "euro", "euros", CENTS),
    currency("¥", "yen", "yen", None),
    currency("₹", "rupee", "rupees", Some(("paisa", "paise"))),
    currency("₽", "rouble", "roubles", None),
    currency("₩", "won", "won", None),
    currency("₪", "shekel", "shekels", None),
];

/// Nouns that make a sum an adjective: a five dollar bill.
const ADJECTIVAL: [&str; 8] = ["bill", "bills", "note", "notes", "coin", "coins", "piece", "fine"];

/// The currency whose symbol stands at `at`.
fn at(text: &str, at: usize) -> Option<&'static Currency> {
    CURRENCIES.iter().find(|c| text[at..].starts_with(c.symbol))
}

/// `L100,000`, the pound sign of old type; a figure without commas would be a code.
pub(super) fn read_old_pounds(place: &Place<'_>) -> Option<Reading> {
    place.rest().strip_prefix('L')?;
    let figure =
        figure::at(place.text, place.at + 1).filter(|f| f.grouped && !goes_on(&place.text[f.end..]))?;
    Reading::new(figure.end, format!("{} pounds", figure.spoken(place.dialect())))
}

/// A symbol before its amount.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    let text = place.text;
    let currency = at(text, place.at)?;
    let start = place.at + currency.symbol.len();
    let gap = usize::from(text[start..].starts_with(' '));
    let first = amount::with_short_scale(text, amount::one(text, start + gap, place.dialect())?);
    if goes_on(&text[first.end..]) {
        return None;
    }
    if let Some(reading) = old_pounds(place, currency, &first) {
        return Some(reading);
    }
    if let Some(reading) = with_cents(place, currency, start + gap) {
        return Some(reading);
    }
    let sum = match second_end(place, currency, first.end) {
        Some(second) => {
            Amount { spoken: format!("{} to {}", first.spoken, second.spoken), singular: false, ..second }
        }
        None => first,
    };
    let single = sum.singular
        || text[sum.end..].starts_with('-') && goes_on(&text[sum.end + 1..])
        || (matches!(place.previous_word(), "a" | "an" | "A" | "An") && !place.next_word(sum.end).is_empty())
        || ADJECTIVAL.contains(&place.next_word(sum.end));
    Reading::new(sum.end, format!("{} {}", sum.spoken, if single { currency.one } else { currency.many }))
}

/// The other end of a range of sums, with or without its own symbol.
fn second_end(place: &Place<'_>, currency: &Currency, end: usize) -> Option<Amount> {
    let text = place.text;
    let plain = amount::range_mark(text, end).map(|(start, _)| start);
    let start = plain.or_else(|| {
        let rest = text[end..].trim_start_matches(' ');
        let rest = rest.strip_prefix(['-', '–', '—'])?.trim_start_matches(' ');
        rest.strip_prefix(currency.symbol).map(|rest| text.len() - rest.len())
    })?;
    let second = amount::with_short_scale(text, amount::one(text, start, place.dialect())?);
    (!goes_on(&text[second.end..])).then_some(second)
}

/// `$1.50`: two decimals are cents, unless a "million" follows.
fn with_cents(place: &Place<'_>, currency: &Currency, at: usize) -> Option<Reading> {
    let (cent, cents) = currency.cent?;
    let figure = figure::at(place.text, at)?;
    let part = figure.decimals.filter(|d| d.len() == 2)?;
    let amount = amount::with_short_scale(place.text, amount::one(place.text, at, place.dialect())?);
    if amount.scaled || second_end(place, currency, figure.end).is_some() {
        return None;
    }
    let dialect = place.dialect();
    let part: u32 = part.parse().ok()?;
    let minor = format!("{} {}", small(part, dialect), if part == 1 { cent } else { cents });
    let none = figure.whole.bytes().all(|b| b == b'0');
    let major = super::numbers::cardinal(figure.whole, dialect);
    let name = if figure.whole == "1" { currency.one } else { currency.many };
    Reading::new(
        figure.end,
        match (none, part) {
            (true, 0) => format!("zero {}", currency.many),
            (true, _) => minor,
            (false, 0) => format!("{major} {name}"),
            (false, _) => format!("{major} {name} and {minor}"),
        },
    )
}

/// `£3 10s.`, `£3 10s. 6d.`: pounds, shillings and pence.
fn old_pounds(place: &Place<'_>, currency: &Currency, pounds: &Amount) -> Option<Reading> {
    if currency.symbol != "£" {
        return None;
    }
    let text = place.text;
    let start = text.len() - text[pounds.end..].trim_start_matches([' ', ',']).len();
    let (shillings, mut end) = old_coin(text, start, "s").filter(|_| start > pounds.end)?;
    let name = if pounds.singular { currency.one } else { currency.many };
    let mut spoken =
        format!("{} {name} {}", pounds.spoken, counted(shillings, "shilling", "shillings", place));
    if let Some((pence, stop)) = old_coin(text, after_dot(text, end), "d") {
        spoken.push_str(&format!(" and {}", counted(pence, "penny", "pence", place)));
        end = stop;
    }
    Reading::new(end_with_dot(place, end), spoken)
}

/// `5s. 6d.`, `5s. 6d`, and `6d.` alone.
pub(super) fn read_shillings(place: &Place<'_>) -> Option<Reading> {
    let text = place.text;
    if let Some((pence, end)) = old_coin(text, place.at, "d") {
        let dotted = text[end..].starts_with('.');
        return if dotted && pence < 12 {
            Reading::new(end_with_dot(place, end), counted(pence, "penny", "pence", place))
        } else {
            None
        };
    }
    let (shillings, end) = old_coin(text, place.at, "s")?;
    let (pence, end) = old_coin(text, after_dot(text, end), "d")?;
    let shillings = counted(shillings, "shilling", "shillings", place);
    Reading::new(
        end_with_dot(place, end),
        format!("{shillings} and {}", counted(pence, "penny", "pence", place)),
    )
}

fn old_coin(text: &str, at: usize, letter: &str) -> Option<(u32, usize)> {
    let run = digits(text.get(at..)?);
    let end = at + run.len() + 1;
    let named = text[at + run.len()..].starts_with(letter) && !goes_on(&text[end..]);
    if named && (1..=3).contains(&run.len()) { Some((run.parse().ok()?, end)) } else { None }
}

fn counted(number: u32, one: &str, many: &str, place: &Place<'_>) -> String {
    format!("{} {}", small(number, place.dialect()), if number == 1 { one } else { many })
}

fn after_dot(text: &str, end: usize) -> usize {
    text.len() - text[end..].trim_start_matches(['.', ',', ' ']).len()
}

/// Takes the full stop of an abbreviation along, unless it also ends the sentence.
fn end_with_dot(place: &Place<'_>, end: usize) -> usize {
    if place.text[end..].starts_with('.') && !place.ends_sentence(end + 1) { end + 1 } else { end }
}

/// An amount before its symbol: `50¢`, `5€`, `50 USD`; `20p` in British English.
pub(super) fn read_trailing(place: &Place<'_>) -> Option<Reading> {
    let text = place.text;
    let amount = amount::at(text, place.at, place.dialect())?;
    let gap = usize::from(text[amount.end..].starts_with(' '));
    for (symbol, one, many, tight) in [("¢", "cent", "cents", false), ("p", "penny", "pence", true)]
        .into_iter()
        .filter(|(s, ..)| *s != "p" || place.dialect() == super::context::Dialect::British)
    {
        let start = if tight { amount.end } else { amount.end + gap };
        let end = start + symbol.len();
        if text[start..].starts_with(symbol) && !goes_on(&text[end..]) {
            return Reading::new(
                end,
                format!("{} {}", amount.spoken, if amount.singular { one } else { many }),
            );
        }
    }
    let currency = at(text, amount.end + gap)?;
    let end = amount.end + gap + currency.symbol.len();
    // `5 $6` is two sums.
    if currency.symbol == "$" && gap > 0 || goes_on(&text[end..]) {
        return None;
    }
    Reading::new(
        end,
        format!("{} {}", amount.spoken, if amount.singular { currency.one } else { currency.many }),
    )
}
