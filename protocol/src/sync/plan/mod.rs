//! The pieces of the [planner](super::planner): a [`step`] is one block in its place in the
//! release, a [`walk`] goes over the steps of a part and keeps what is to be asked in a [`queue`], [`source`] is what one source lacks.

pub(super) mod part;
pub(super) mod queue;
pub(super) mod source;
pub(super) mod step;
pub(super) mod walk;
