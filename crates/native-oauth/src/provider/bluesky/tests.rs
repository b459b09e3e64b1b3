use serde_json::{Value, json};

use super::*;
use crate::dialect::ParsedResponse;

const DID: &str = "did:plc:z72i7hdynmk6r22z27h6tvur";

/// The token response names the account (AT Protocol, OAuth, "Identity Authentication").
#[test]
fn the_did_of_a_token_response_is_read() {
    let body = json!({"access_token": "a", "token_type": "DPoP", "scope": SCOPE, "sub": DID});
    let read = BLUESKY.dialect.read(true, body.to_string().as_bytes()).unwrap();
    let ParsedResponse::Tokens(tokens) = read else { panic!("tokens") };
    assert_eq!(tokens["sub"], DID);
}

fn read(claims: Value, record: Option<Value>) -> Profile {
    let responses = ProfileResponses {
        id_token: Some(claims),
        bodies: record.into_iter().map(|record| (RECORD, record)).collect(),
        avatar_base: "https://pds.example.com/".into(),
    };
    profile(&responses).unwrap()
}

/// The record names the account; the handle does where it does not, and nothing else where both
/// are missing.
#[test]
fn a_profile_is_the_record_and_else_the_handle() {
    let claims = json!({ "sub": DID, "preferred_username": "haneul.example.com" });
    let record = json!({
        "displayName": "김하늘",
        "avatar": { "ref": { "$link": "bafkreia" }, "mimeType": "image/png", "size": 176 }
    });
    let full = read(claims.clone(), Some(record));
    assert_eq!((full.subject.as_str(), full.nickname.as_deref()), (DID, Some("김하늘")));
    let picture =
        format!("https://pds.example.com/xrpc/com.atproto.sync.getBlob?did={DID}&cid=bafkreia");
    assert_eq!(full.picture, Some(picture));
    assert_eq!((full.email, full.email_verified), (None, false));
    for record in [None, Some(json!({})), Some(json!({ "displayName": " ", "avatar": 7 }))] {
        let sparse = read(claims.clone(), record);
        assert_eq!(sparse.nickname.as_deref(), Some("haneul.example.com"));
        assert_eq!(sparse.picture, None);
    }
    let bare = read(json!({ "sub": DID, "preferred_username": null }), None);
    assert_eq!(bare.nickname, None);
}

/// S54: what stands in the record is no part of an address unless it is a CID.
#[test]
fn a_picture_is_a_cid() {
    for cid in ["", "a&did=did:web:evil.example", "../x", "A", &"a".repeat(129)] {
        let record = json!({ "avatar": { "ref": { "$link": cid } } });
        assert_eq!(read(json!({ "sub": DID }), Some(record)).picture, None, "{cid}");
    }
}
