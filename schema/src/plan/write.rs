//! Write plans.
