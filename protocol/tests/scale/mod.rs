//! A discrete-event simulation of many mirrors, from a seed (docs/scale.md says what is modelled and
//! what is the crate's own code).
#![allow(dead_code)] // the test and the example each use their part

#[path = "../lab/mod.rs"]
pub mod lab;
#[path = "../trustlab/mod.rs"]
pub mod trustlab;

mod agenda;
pub mod bits;
pub mod catalog;
mod event;
pub mod fetch;
mod heads;
mod layout;
mod links;
pub mod plan;
pub mod setting;
pub mod tally;
mod window;
pub mod world;
