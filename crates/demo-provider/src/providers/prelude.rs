//! What the modules of the providers have in common.

pub(crate) use axum::extract::Path;
pub(crate) use axum::response::{IntoResponse as _, Response};
pub(crate) use axum::routing::{MethodFilter, get, post};
pub(crate) use image::ImageFormat;
pub(crate) use serde_json::{Value, json};

pub(crate) use crate::clients::{Client, Redirect, Secret, is_private_scheme};
pub(crate) use crate::endpoints::userinfo::{
    GET_OR_POST, get_json, get_profile, json_endpoint, profile_endpoint,
};
pub(crate) use crate::endpoints::{pictures, revocation};
pub(crate) use crate::errors::{TokenError, errors};
pub(crate) use crate::faults::Fault;
pub(crate) use crate::grants::{AuthorizationRequest, Grant, Lifetimes, Reach, Rotation};
pub(crate) use crate::id_token;
pub(crate) use crate::params::Params;
pub(crate) use crate::pictures::{embed, of as picture_of};
pub(crate) use crate::provider::{
    Authorization, AuthorizationError, BasicAuth, BearerError, Checked, DeviceEndpoint, ErrorPage,
    GrantType, Issued, Provider, Request, TokenEndpoint, VerifierPolicy, page_if, scopes, send_if,
};
pub(crate) use crate::random;
pub(crate) use crate::response::{self, Pairs, Refusal, merge, present, remove};
pub(crate) use crate::users::{USERS, User};
