//! A backend behind the speech server protocol: what `rhapsode serve` serves.
