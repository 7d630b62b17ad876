//! Hooks: who is told when a book is done, or cannot be made. What is to be told lies in the outbox before the book's last
//! step is taken, and leaves it when it was taken in, so that nothing is lost to a kill or an outage.

mod answer;
mod audiobookshelf;
mod command;
mod courier;
mod news;
mod outbox;
mod post;
mod settings;
mod template;
mod webhook;

pub(crate) use courier::Couriers;
pub use news::{News, Outcome};
pub(crate) use outbox::Outbox;
pub use outbox::{Undelivered, undelivered};
pub use settings::{Hook, HookAction, HookError, HookName, Program, Secret, Shelf, ShelfAction, Webhook};
