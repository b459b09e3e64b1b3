//! What the modules of the providers have in common.

pub(crate) use axum::extract::Path;
pub(crate) use axum::response::{IntoResponse as _, Response};
pub(crate) use axum::routing::{get, post};
pub(crate) use serde_json::{Value, json};

pub(crate) use super::{
    Authorization, AuthorizationError, BasicAuth, BearerError, Checked, DeviceEndpoint, ErrorPage,
    GrantType, Issued, Provider, Request, TokenEndpoint, VerifierPolicy, page_if, scopes, send_if,
};
pub(crate) use crate::clients::{Client, Redirect, Secret, is_private_scheme};
pub(crate) use crate::endpoints::userinfo::{profile, profile_or_post, respond_with_profile};
pub(crate) use crate::endpoints::{pictures, revocation};
pub(crate) use crate::errors::{TokenError, errors};
pub(crate) use crate::faults::Fault;
pub(crate) use crate::grants::{AuthorizationRequest, Grant, Lifetimes, Reach, Rotation};
pub(crate) use crate::id_token;
pub(crate) use crate::params::Params;
pub(crate) use crate::pictures::{Format, embed};
pub(crate) use crate::random;
pub(crate) use crate::response::{self, Pairs, Refusal, merge, remove};
pub(crate) use crate::users::{USERS, User};
