//! Signing in and out, beyond what the cases about access need.

mod sessions;
