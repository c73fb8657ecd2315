//! Heads and blocks between nodes: IO around the machines of the protocol crate.
