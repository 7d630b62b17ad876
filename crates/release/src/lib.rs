//! Takes to tracks to a finished audiobook.
