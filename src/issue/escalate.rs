//! esc
