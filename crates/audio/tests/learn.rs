//! Bounds learnt from the takes of a voice.

use proptest::prelude::*;
use rhapsode_audio::SampleRate;
use rhapsode_audio::judge::{Bounds, Defect, Expectation, Measurements, check};
use rhapsode_audio::learn::{ENOUGH_TAKES, Learner};

/// An ordinary take of a voice, the same one for the same number: it wobbles by 5 % and 1 dB.
fn ordinary(number: usize) -> (Measurements, Expectation) {
    let characters = 15 + number * 67 % 190;
    let wobble = (number * 31 % 11) as f64 / 5.0 - 1.0;
    let speech = (0.2 + 0.06 * characters as f64) * (1.0 + 0.05 * wobble);
    let measured = Measurements {
        seconds: speech + 0.7,
        speech_seconds: speech,
        peak_dbfs: -8.0,
        loudest_dbfs: -16.0,
        speech_dbfs: -25.0 + wobble,
        quietest_dbfs: -80.0,
        end_dbfs: -80.0,
        rate: Some(SampleRate(24_000)),
        tail_seconds: Some(0.4 + 0.05 * wobble),
        repetition_seconds: Some(0.0),
        ..Measurements::default()
    };
    (measured, Expectation { characters, speed: 1.0 })
}

fn learnt(takes: impl IntoIterator<Item = (Measurements, Expectation)>) -> Learner {
    let mut learner = Learner::new(Bounds::default());
    takes.into_iter().for_each(|(measured, expected)| learner.add(&measured, &expected));
    learner
}

fn found(learner: &Learner, change: impl FnOnce(&mut Measurements)) -> Vec<Defect> {
    let (mut measured, expected) = ordinary(1_001);
    change(&mut measured);
    check(&measured, &expected, &learner.bounds()).iter().map(|breach| breach.defect).collect()
}

#[test]
fn bounds_stay_wide_until_enough_takes_are_known() {
    let learner = learnt((0..ENOUGH_TAKES - 1).map(ordinary));
    assert_eq!(learner.bounds(), Bounds::default());
    assert_ne!(learnt((0..ENOUGH_TAKES).map(ordinary)).bounds(), Bounds::default());
}

#[test]
fn what_the_wide_bounds_let_pass_is_found_by_the_learnt_ones() {
    type Change = fn(&mut Measurements);
    let cases: [(Defect, Change); 7] = [
        (Defect::TooShort, |take| take.speech_seconds *= 0.5),
        (Defect::TooLong, |take| take.speech_seconds *= 1.8),
        (Defect::Level, |take| take.speech_dbfs -= 9.0),
        (Defect::NoTail, |take| take.tail_seconds = Some(0.1)),
        (Defect::Noisy, |take| take.quietest_dbfs = -60.0),
        (Defect::Rate, |take| take.rate = Some(SampleRate(22_050))),
        (Defect::StuckLoop, |take| take.repetition_seconds = Some(1.8)),
    ];
    let (nothing_known, known) = (learnt([]), learnt((0..200).map(ordinary)));
    assert_eq!(found(&known, |_| ()), []);
    for (defect, change) in cases {
        assert_eq!(found(&nothing_known, change), [], "{defect}");
        assert_eq!(found(&known, change), [defect]);
    }
}

#[test]
fn thirty_takes_of_which_three_are_bad_still_reject_the_bad_ones() {
    let spoilt = |number: usize| {
        let (mut measured, expected) = ordinary(number);
        if number % 10 == 7 {
            measured.speech_seconds *= 0.3;
            measured.speech_dbfs += 12.0;
            measured.tail_seconds = Some(0.0);
            measured.quietest_dbfs = -50.0;
            measured.repetition_seconds = Some(3.0);
            measured.rate = Some(SampleRate(16_000));
        }
        (measured, expected)
    };
    let learner = learnt((0..ENOUGH_TAKES).map(spoilt));
    for number in 0..300 {
        let (measured, expected) = spoilt(number);
        let defects: Vec<Defect> =
            check(&measured, &expected, &learner.bounds()).iter().map(|breach| breach.defect).collect();
        if number % 10 == 7 {
            for defect in [Defect::Level, Defect::NoTail, Defect::Noisy, Defect::StuckLoop, Defect::Rate] {
                assert!(defects.contains(&defect), "take {number}: {defects:?}");
            }
            // Of a short text, half is within what a short word may vary by.
            assert!(expected.characters < 60 || defects.contains(&Defect::TooShort), "take {number}");
        } else {
            assert_eq!(defects, [], "take {number}");
        }
    }
}

#[test]
fn takes_that_are_all_the_same_do_not_make_bounds_that_only_they_pass() {
    let learner = learnt((0..100).map(|_| ordinary(5)));
    let (mut measured, expected) = ordinary(5);
    measured.speech_seconds *= 1.1;
    measured.speech_dbfs += 4.0;
    measured.quietest_dbfs += 8.0;
    measured.tail_seconds = Some(0.25);
    assert_eq!(check(&measured, &expected, &learner.bounds()), []);
}

#[test]
fn a_voice_that_hums_or_repeats_itself_by_nature_is_not_rejected_for_it() {
    let learner = learnt((0..100).map(|number| {
        let (mut measured, expected) = ordinary(number);
        measured.quietest_dbfs = measured.speech_dbfs - 28.0 - (number % 3) as f64;
        measured.repetition_seconds = Some(measured.speech_seconds);
        (measured, expected)
    }));
    assert_eq!(learner.bounds().longest_repetition, None);
    let quietest = |below: f64| found(&learner, |take| take.quietest_dbfs = take.speech_dbfs - below);
    assert_eq!(quietest(27.0), []);
    assert_eq!(quietest(20.5), [Defect::Noisy]);
}

#[test]
fn a_fast_take_teaches_what_it_would_be_at_ordinary_speed() {
    let fast = |number: usize| {
        let (mut measured, expected) = ordinary(number);
        measured.speech_seconds /= 1.5;
        (measured, Expectation { speed: 1.5, ..expected })
    };
    let (fast, usual) = (learnt((0..100).map(fast)).bounds(), learnt((0..100).map(ordinary)).bounds());
    assert!((fast.seconds_per_character - usual.seconds_per_character).abs() < 1e-6);
}

#[test]
fn takes_of_an_earlier_version_teach_what_they_have() {
    let learner = learnt((0..100).map(|number| {
        let (mut measured, expected) = ordinary(number);
        (measured.rate, measured.tail_seconds, measured.repetition_seconds) = (None, None, None);
        (measured, expected)
    }));
    let bounds = learner.bounds();
    assert!(bounds.level_dbfs.is_some() && bounds.longest_ratio < 1.5);
    assert_eq!((bounds.rate, bounds.longest_repetition), (None, None));
    assert_eq!(bounds.shortest_tail, Bounds::default().shortest_tail);
}

#[test]
fn figures_that_are_no_numbers_teach_nothing() {
    let (mut measured, expected) = ordinary(1);
    measured.speech_seconds = f64::NAN;
    assert_eq!(learnt([(measured, expected)]).takes(), 0);
}

#[test]
fn ten_thousand_takes_are_known_by_the_same_bounds_from_front_to_back_as_from_back_to_front() {
    let forward = learnt((0..10_000).map(ordinary));
    let backward = learnt((0..10_000).rev().map(ordinary));
    assert_eq!(forward.takes(), 10_000);
    assert_eq!(forward, backward);
    assert_eq!(forward.bounds(), backward.bounds());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_order_of_takes_changes_nothing(
        takes in prop::collection::vec((0_usize..5_000, 0.2_f64..4.0, -40.0_f64..-10.0), 0..700)
            .prop_flat_map(|takes| (Just(takes.clone()), Just(takes).prop_shuffle())),
    ) {
        let take = |&(number, stretch, level): &(usize, f64, f64)| {
            let (mut measured, expected) = ordinary(number);
            measured.speech_seconds *= stretch;
            measured.speech_dbfs = level;
            (measured, expected)
        };
        let (straight, shuffled) = (learnt(takes.0.iter().map(take)), learnt(takes.1.iter().map(take)));
        prop_assert_eq!(straight.bounds(), shuffled.bounds());
        prop_assert_eq!(straight, shuffled);
    }
}
