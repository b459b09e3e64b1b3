//! Issuing and refreshing: what every provider does alike, under one lock of the book.

use std::sync::Arc;

use crate::book::{Book, Grant};
use crate::clients::Client;
use crate::world::{Rotation, World};

/// How long tokens live, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Lives {
    /// Access tokens.
    pub access: i64,
    /// Refresh tokens.
    pub refresh: i64,
}

/// Tokens that were just made.
#[derive(Debug, Clone)]
pub struct Minted {
    /// The access token.
    pub access: String,
    /// The refresh token, where there is a new one.
    pub refresh: Option<String>,
}

/// Makes an access and a refresh token in a provider's format.
pub type Mint = fn() -> (String, String);

/// A fresh pair for a code that was just spent.
pub fn issue(book: &mut Book, grant: &Arc<Grant>, now: i64, lives: Lives, mint: Mint) -> Minted {
    let (access, refresh) = mint();
    book.add_access(&access, grant, now + lives.access);
    book.add_refresh(&refresh, grant, now + lives.refresh, None);
    Minted { access, refresh: Some(refresh) }
}

/// An access token alone.
pub fn issue_access(
    book: &mut Book,
    grant: &Arc<Grant>,
    now: i64,
    lives: Lives,
    mint: Mint,
) -> Minted {
    let (access, _) = mint();
    book.add_access(&access, grant, now + lives.access);
    Minted { access, refresh: None }
}

/// A refresh grant; `None` where the token is not good. Of several at once with a token that dies at
/// once, one wins.
pub fn refresh(
    world: &World,
    realm: &str,
    client: &Client,
    token: &str,
    rotation: Rotation,
    lives: Lives,
    mint: Mint,
) -> Option<(Arc<Grant>, Minted)> {
    let now = world.now();
    let mut book = world.book();
    let old = book.refresh(realm, client, token, now)?;
    book.used(token);
    let minted = match rotation {
        Rotation::Keep => issue_access(&mut book, &old.grant, now, lives, mint),
        Rotation::AtOnce => {
            book.kill_refresh(token);
            issue(&mut book, &old.grant, now, lives, mint)
        }
        Rotation::OnUse => {
            let (access, refresh) = mint();
            book.add_access(&access, &old.grant, now + lives.access);
            book.add_refresh(&refresh, &old.grant, now + lives.refresh, Some(token));
            Minted { access, refresh: Some(refresh) }
        }
    };
    Some((old.grant, minted))
}
