//! The document of anyone's surface holds together.
