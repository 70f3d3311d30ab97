//! Access tests.
