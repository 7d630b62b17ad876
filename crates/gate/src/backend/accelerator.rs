//! The accelerator.
