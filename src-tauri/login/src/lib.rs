//! The engine of Nameplate.
