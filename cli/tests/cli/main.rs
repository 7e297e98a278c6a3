//! The program from outside: what it prints and leaves behind, and how it exits, against the simulator on loopback.

mod anew;
mod apis;
mod common;
mod demo;
mod exit_codes;
mod files;
mod interrupt;
mod plan;
mod pull;
mod refusals;
mod restarts;
mod scan;
mod secrets;
mod send;
mod state;
