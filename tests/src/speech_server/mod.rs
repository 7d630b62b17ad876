//! A speech server for tests: real HTTP over loopback, a sound that says which text it is, a known service time,
//! and faults on order. Foreign servers fail in ways of their own, and none of them fails when a test wants it to.

mod answer;
mod condition;
mod counts;
mod encoding;
mod faults;
mod hearing;
mod running;
mod settings;
mod song;

pub use condition::{Condition, Proof};
pub use counts::{Asked, Counts, End};
pub use faults::{Fault, FaultPlan};
pub use hearing::{Heard, hear};
pub use running::SpeechServer;
pub use settings::{Manners, Settings};
pub use song::Song;
