//! Figures in Prometheus' text format, read strictly: a scraper throws a page with one bad line away.

use std::collections::BTreeMap;

/// All figures of a page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Figures(Vec<Sample>);

#[derive(Debug, Clone, PartialEq)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

/// The figures that a server of the protocol has.
pub(crate) const NAMES: [&str; 8] = [
    "rhapsode_requests_total",
    "rhapsode_probes_total",
    "rhapsode_in_flight",
    "rhapsode_queue",
    "rhapsode_ready",
    "rhapsode_characters_total",
    "rhapsode_audio_seconds_total",
    "rhapsode_synthesis_seconds_count",
];

impl Figures {
    /// Reads a page; the error names the line.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let sample = |line| sample(line).ok_or_else(|| format!("no figure in the line {line:?}"));
        lines.map(sample).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sum of all with this name and these labels; none if there is no such figure.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let fits = |sample: &&Sample| {
            let label = |(name, value): &(&str, &str)| sample.labels.get(*name).is_some_and(|it| it == value);
            sample.name == name && labels.iter().all(label)
        };
        let found: Vec<f64> = self.0.iter().filter(fits).map(|sample| sample.value).collect();
        (!found.is_empty()).then(|| found.iter().sum())
    }

    /// As [`sum`](Self::sum), where a counter that is not there has not counted yet.
    pub(crate) fn count(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.sum(name, labels).unwrap_or_default()
    }

    /// The figures of the protocol that it does not have. Counters with labels come with the first request.
    pub(crate) fn lacks(&self) -> Vec<&'static str> {
        let optional = ["rhapsode_requests_total", "rhapsode_probes_total"];
        let lacks = |name: &&str| !optional.contains(name) && self.sum(name, &[]).is_none();
        NAMES.into_iter().filter(lacks).collect()
    }

    pub(crate) fn is_speaking(&self) -> bool {
        self.count("rhapsode_in_flight", &[]) >= 1.0
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.count("rhapsode_in_flight", &[]) + self.count("rhapsode_queue", &[]) == 0.0
    }
}

/// `name{label="value",…} 1.5`, with or without a time behind it.
fn sample(line: &str) -> Option<Sample> {
    let end = line.find(|c: char| c != '_' && c != ':' && !c.is_ascii_alphanumeric())?;
    let (name, rest) = line.split_at(end);
    let is_name = name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (BTreeMap::new(), rest),
    };
    let mut fields = rest.strip_prefix(' ')?.split(' ');
    let value = fields.next()?.parse().ok()?;
    let timed = fields.next().is_none_or(|time| time == "#" || time.parse::<f64>().is_ok());
    (is_name && timed).then(|| Sample { name: name.to_owned(), labels, value })
}

/// Labels up to the closing brace, and what follows it.
fn labels(mut rest: &str) -> Option<(BTreeMap<String, String>, &str)> {
    let mut labels = BTreeMap::new();
    loop {
        if let Some(rest) = rest.strip_prefix('}') {
            return Some((labels, rest));
        }
        let (name, quoted) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut characters = quoted.char_indices();
        let end = loop {
            match characters.next()? {
                (at, '"') => break at,
                (_, '\\') => value.push(match characters.next()?.1 {
                    'n' => '\n',
                    escaped @ ('"' | '\\') => escaped,
                    _ => return None,
                }),
                (_, character) => value.push(character),
            }
        };
        labels.insert(name.to_owned(), value);
        rest = &quoted[end + 1..];
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_summed_over_the_labels_that_are_not_asked_for() {
        let page = "# HELP a_total x\n# TYPE a_total counter\na_total{call=\"speech\",status=\"200\"} 3\n\
                    a_total{call=\"speech\",status=\"404\"} 2.0 1700000000\na_total{call=\"say \\\"no\\\"\"} 1\nb +Inf\n# EOF\n";
        let figures = Figures::parse(page.as_bytes()).unwrap();
        assert_eq!(figures.sum("a_total", &[("call", "speech")]), Some(5.0));
        assert_eq!(figures.sum("a_total", &[("call", "say \"no\"")]), Some(1.0));
        assert_eq!(figures.sum("b", &[]), Some(f64::INFINITY));
        assert_eq!(figures.sum("c", &[]), None);
    }

    #[test]
    fn a_line_that_is_no_figure_is_refused_by_its_words() {
        for line in ["hello", "<html>", "a{b=\"c\" 1", "a{b=c} 1", "1a 2", "a one", "a 1 later"] {
            assert!(Figures::parse(line.as_bytes()).unwrap_err().contains("no figure in the line"), "{line}");
        }
    }
}
