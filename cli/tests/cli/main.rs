//! The program from outside: what it prints and leaves behind, and how it exits, against the simulator on loopback.

mod common;
mod demo;
mod exit_codes;
mod interrupt;
mod plan;
mod pull;
mod restarts;
mod scan;
mod secrets;
mod state;
