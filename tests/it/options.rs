//! Options of selects: inactive ones, lists that change, shared lists, and options that depend on another
//! field.

mod dependent;
mod own;
mod shared;
