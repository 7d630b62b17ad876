//! Takes by content hash, and the job directory with its lock and journal.
