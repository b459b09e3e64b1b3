use serde_json::json;

use super::*;

/// The examples of the specification of DIDs, and more that are none.
#[test]
fn a_did_is_of_a_supported_method() {
    for text in
        ["did:plc:z72i7hdynmk6r22z27h6tvur", "did:web:blueskyweb.xyz", "did:web:localhost%3A8080"]
    {
        assert_eq!(Did::parse(text).unwrap().as_str(), text);
    }
    for text in [
        "did:method:val:two",
        "did:key:zQ3shZc2QzApp2oymGvQbzP8eKheVshBHbU4ZYjeXqwSKEn6N",
        "did:METHOD:val",
        "DID:plc:z72i7hdynmk6r22z27h6tvur",
        "did:plc:z72i7hdynmk6r22z27h6tvu",
        "did:plc:z72i7hdynmk6r22z27h6tvuR",
        "did:plc:z72i7hdynmk6r22z27h6tvu1",
        "did:web:example.com:path",
        "did:web:example.com/path",
        "did:web:example.com%3A443",
        "did:web:Example.com",
        "did:web:127.0.0.1",
        "did:web:",
        "did:plc:",
        "",
    ] {
        assert_eq!(Did::parse(text), None, "{text}");
    }
}

/// The first handle and the first server of the right kind count; other entries do not.
#[test]
fn a_document_names_a_handle_and_a_server() {
    let did = "did:plc:z72i7hdynmk6r22z27h6tvur";
    let document: DidDocument = serde_json::from_value(json!({
        "id": did,
        "alsoKnownAs": ["https://example.com", "at://not a handle", "at://Bsky.App", "at://two.example.com"],
        "service": [
            {"id": "#bsky_notif", "type": "BskyNotificationService", "serviceEndpoint": "https://no.example.com"},
            {"id": "#atproto_pds", "type": "Other", "serviceEndpoint": "https://no.example.com"},
            {"id": format!("{did}#atproto_pds"), "type": "AtprotoPersonalDataServer", "serviceEndpoint": "https://pds.example.com"},
            {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": "https://second.example.com"}
        ]
    }))
    .unwrap();
    assert!(document.is_of(&Did::parse(did).unwrap()));
    assert_eq!(document.handle().unwrap().as_str(), "bsky.app");
    assert_eq!(document.pds(), Some("https://pds.example.com"));
    let bare: DidDocument = serde_json::from_value(json!({ "id": "did:web:x.com" })).unwrap();
    assert!(bare.handle().is_none() && bare.pds().is_none());
    assert!(!bare.is_of(&Did::parse(did).unwrap()));
}
