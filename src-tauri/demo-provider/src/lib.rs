//! A provider to try Nameplate with.
