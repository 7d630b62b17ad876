//! What the end-to-end tests share: where the program is and how its output is read.
