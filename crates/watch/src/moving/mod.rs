//! Moving a manuscript out of the inbox, and back. The folders may lie on different file systems. Nothing is overwritten, and
//! whatever a kill leaves of a move, it can be taken up again.

mod carry;
mod names;
mod plan;

pub(crate) use carry::{Carried, carry_out, sweep};
pub(crate) use names::{beside, free_name};
pub(crate) use plan::{Removal, Return, removal, way_back};
