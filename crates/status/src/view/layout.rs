//! The page around its sections.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Sections;

/// Whether the page may change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    /// It only shows.
    None,
    /// It may, for those who have the token.
    WithToken,
}

/// The whole page.
pub(crate) fn whole(sections: &Sections, control: Control) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "rhapsode" }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/status.css";
                script src="/status.js" defer {}
            }
            body {
                a.skip href="#main" { "Skip to the queue" }
                header.top {
                    h1 { "rhapsode" }
                    p #connection .connection { noscript { "Reload the page to see what changed." } }
                }
                main #main tabindex="-1" {
                    @for section in &sections.0 {
                        section id=(section.name) aria-labelledby={ (section.name) "-title" } {
                            (PreEscaped(&section.html))
                        }
                    }
                }
                footer.bottom {
                    @match control {
                        Control::WithToken => (token_form()),
                        Control::None => p {
                            "This page only shows. To change the queue from here, give the watcher a token; "
                            code { "rhapsode queue" } " changes it at any time."
                        },
                    }
                }
            }
        }
    }
}

/// Nothing is sent by the form itself: the token is kept by the script, and shown with each change.
fn token_form() -> Markup {
    html! {
        form #token-form .token autocomplete="off" {
            label for="token" { "Token" }
            input #token type="password" required autocomplete="off" spellcheck="false";
            button type="submit" { "Unlock the controls" }
        }
        button #lock type="button" hidden { "Lock the controls" }
        p #message role="status" {}
        noscript { p { "The controls need JavaScript; " code { "rhapsode queue" } " does the same." } }
    }
}
