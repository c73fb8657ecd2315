//! See the spec.
