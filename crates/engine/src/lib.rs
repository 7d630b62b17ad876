//! One job end to end.
