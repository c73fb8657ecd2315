//! libp2p: the swarm actor.
