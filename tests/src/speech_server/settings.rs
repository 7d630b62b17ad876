//! What a server is like.

use std::sync::Arc;

use super::{Condition, FaultPlan};

/// Which of the optional calls a server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Manners {
    /// None: a foreign server, whose limits must be learnt.
    #[default]
    Foreign,
    /// `/health`, `/ready` and `/v1/capabilities`: one of our own.
    Own,
}

/// What a server is like.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The port; 0 takes a free one.
    pub port: u16,
    /// Texts that it speaks at the same time; further ones wait.
    pub slots: usize,
    /// Time that it takes for a character, in seconds.
    pub seconds_per_character: f64,
    /// Sound for a character, in seconds.
    pub pace: f64,
    /// Rate of its sound, in Hz.
    pub rate: u32,
    /// The longest text that it takes, in characters.
    pub max_chars: usize,
    /// Name of its model.
    pub model: String,
    /// Names of its voices.
    pub voices: Vec<String>,
    /// BCP 47 languages that it speaks.
    pub languages: Vec<String>,
    /// What its voices sound like: another timbre is another sound for every text.
    pub timbre: String,
    /// Which of the optional calls it has.
    pub manners: Manners,
    /// How it fares at the start.
    pub condition: Condition,
    /// What goes wrong.
    pub faults: Option<Arc<FaultPlan>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            slots: 4,
            seconds_per_character: 0.000_2,
            pace: 0.06,
            rate: 24_000,
            max_chars: 1_000,
            model: "songs".to_owned(),
            voices: vec!["siren".to_owned()],
            languages: vec!["en".to_owned()],
            timbre: String::new(),
            manners: Manners::Foreign,
            condition: Condition::default(),
            faults: None,
        }
    }
}
