//! Which heard word is which word of the text: the cheapest alignment, in which a gap costs more to open than to
//! lengthen, so that a missing sentence stays one gap instead of being torn by a chance `the`.

use super::{
    sound,
    words::{Kind, Word},
};

/// How a word of the text and a heard one compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    Equal,
    /// Spelt or heard a little otherwise.
    Close,
    Far,
}

/// One step along both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A word of the text was heard.
    Heard,
    /// A word was heard that is nearly one of the text.
    Alike,
    /// Another word was heard in its place.
    Instead,
    /// A word of the text was not heard.
    Unheard,
    /// A word was heard that is not in the text.
    Extra,
}

/// Costs, of which only the relations matter. Two words side by side cost less than a gap on either side.
const CLOSE: u32 = 4;
const FAR: u32 = 16;
const FAR_FROM_NAME: u32 = 8;
const OPEN: u32 = 6;
const LENGTHEN: u32 = 9;
const NEVER: u32 = u32::MAX / 2;

/// The steps from the beginning of both to the end of both.
pub(super) fn align(text: &[Word], heard: &[Word]) -> Vec<Step> {
    let mut table = vec![Cell::UNREACHED; (text.len() + 1) * (heard.len() + 1)];
    let at = |t: usize, h: usize| t * (heard.len() + 1) + h;
    table[0].cost[State::Beside as usize] = 0;
    for t in 0..=text.len() {
        for h in 0..=heard.len() {
            let mut cell = table[at(t, h)];
            if t > 0 && h > 0 {
                let price = price(&text[t - 1], &heard[h - 1]);
                cell.arrive(State::Beside, &table[at(t - 1, h - 1)], |_| price);
            }
            if t > 0 {
                cell.arrive(State::Unheard, &table[at(t - 1, h)], |from| gap(from, State::Unheard));
            }
            if h > 0 {
                cell.arrive(State::Extra, &table[at(t, h - 1)], |from| gap(from, State::Extra));
            }
            table[at(t, h)] = cell;
        }
    }

    let (mut t, mut h) = (text.len(), heard.len());
    let mut state = table[at(t, h)].cheapest();
    let mut steps = Vec::with_capacity(t + h);
    while t > 0 || h > 0 {
        let before = table[at(t, h)].from[state as usize];
        steps.push(match state {
            State::Unheard => Step::Unheard,
            State::Extra => Step::Extra,
            State::Beside => match compare(&text[t - 1], &heard[h - 1]) {
                Match::Equal => Step::Heard,
                Match::Close => Step::Alike,
                Match::Far => Step::Instead,
            },
        });
        t -= usize::from(state != State::Extra);
        h -= usize::from(state != State::Unheard);
        state = before;
    }
    steps.reverse();
    steps
}

/// What the last step was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Beside,
    Unheard,
    Extra,
}

const STATES: [State; 3] = [State::Beside, State::Unheard, State::Extra];

/// The cheapest ways to a place, by their last step, and what the step before was.
#[derive(Debug, Clone, Copy)]
struct Cell {
    cost: [u32; 3],
    from: [State; 3],
}

impl Cell {
    const UNREACHED: Self = Self { cost: [NEVER; 3], from: [State::Beside; 3] };

    fn arrive(&mut self, by: State, before: &Cell, price: impl Fn(State) -> u32) {
        for from in STATES {
            let cost = before.cost[from as usize].saturating_add(price(from)).min(NEVER);
            if cost < self.cost[by as usize] {
                self.cost[by as usize] = cost;
                self.from[by as usize] = from;
            }
        }
    }

    fn cheapest(&self) -> State {
        STATES.into_iter().min_by_key(|state| self.cost[*state as usize]).unwrap_or(State::Beside)
    }
}

fn gap(from: State, to: State) -> u32 {
    if from == to { LENGTHEN } else { OPEN + LENGTHEN }
}

fn price(text: &Word, heard: &Word) -> u32 {
    match compare(text, heard) {
        Match::Equal => 0,
        Match::Close => CLOSE,
        Match::Far if text.kind == Kind::Plain => FAR,
        Match::Far => FAR_FROM_NAME,
    }
}

fn compare(text: &Word, heard: &Word) -> Match {
    if text.letters == heard.letters || (text.kind == Kind::Number && heard.kind == Kind::Number) {
        return Match::Equal;
    }
    let longest = text.letters.chars().count().max(heard.letters.chars().count());
    let near = sound::distance(&text.letters, &heard.letters) * 3 <= longest;
    let sounds = text.sound.len().min(heard.sound.len()) > 1 || longest < 4;
    if near || (sounds && text.sound == heard.sound) { Match::Close } else { Match::Far }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::words::words, *};

    fn steps(text: &str, heard: &str) -> String {
        let letter = |step| match step {
            Step::Heard => '=',
            Step::Alike => '~',
            Step::Instead => 'x',
            Step::Unheard => '-',
            Step::Extra => '+',
        };
        align(&words(text), &words(heard)).into_iter().map(letter).collect()
    }

    #[test]
    fn a_word_that_sounds_alike_is_heard() {
        assert_eq!(steps("they saw their grey sail there", "they saw there gray sale their"), "==~~~~");
    }

    #[test]
    fn a_missing_run_stays_whole_although_a_word_of_it_stands_elsewhere() {
        let text = "he went down to the water and the boats and the men were gone";
        assert_eq!(steps(text, "he went down and the men were gone"), "===------=====");
    }

    #[test]
    fn repeated_words_are_extra() {
        assert_eq!(
            steps("call me what you like", "call me what you call me what you like").matches('+').count(),
            4
        );
    }

    #[test]
    fn another_word_in_the_same_place_stands_instead() {
        assert_eq!(steps("a whale of a day", "a bottle of a day"), "=x===");
    }

    proptest! {
        #[test]
        fn steps_take_every_word_of_both_once(text in "([a-e]{1,3} ){0,12}", heard in "([a-e]{1,3} ){0,12}") {
            let (text, heard) = (words(&text), words(&heard));
            let steps = align(&text, &heard);
            let count = |wanted: &[Step]| steps.iter().filter(|step| wanted.contains(step)).count();
            prop_assert_eq!(count(&[Step::Heard, Step::Alike, Step::Instead, Step::Unheard]), text.len());
            prop_assert_eq!(count(&[Step::Heard, Step::Alike, Step::Instead, Step::Extra]), heard.len());
        }

        #[test]
        fn a_text_heard_as_it_stands_has_no_other_step(text in "([a-z]{1,8} ){0,20}") {
            let text = words(&text);
            prop_assert!(align(&text, &text).iter().all(|step| *step == Step::Heard));
        }
    }
}
