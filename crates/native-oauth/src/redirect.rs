//! Redirect methods: how an authorization response reaches the program (RFC 8252, section 7).

pub mod loopback;
pub mod page;
pub mod private_use_scheme;
