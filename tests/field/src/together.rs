//! Several pulls through one gate, on a virtual clock.
