//! Handles, DIDs and servers in a network of their own, where each says what a test has it say.

use serde_json::json;

use super::*;
use crate::atproto::loopback_client_id;
use crate::dpop::PresentedToken;
use crate::http::test_network::Network;
use crate::provider::BLUESKY;
use crate::provider_config::ProviderConfig;
use crate::revocation::TokenTypeHint;
use crate::token_response::TokenBinding;

const HANDLE: &str = "haneul.example.com";
const OTHER_HANDLE: &str = "nari.example.com";
const DID: &str = "did:plc:z72i7hdynmk6r22z27h6tvur";
const OTHER: &str = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";
const SERVER: &str = "https://pds.example.com";
const REDIRECT_URI: &str = "http://127.0.0.1:1/callback/bluesky";

/// The two ways by which a handle names its DID.
#[derive(Debug, Clone, Copy)]
enum Way {
    Record,
    File,
}

/// An account as it should be, but for the handle.
async fn network() -> Network {
    let hosts = [HANDLE, OTHER_HANDLE, "plc.directory", "pds.example.com", "moved.example.com"];
    let network = Network::start(&hosts).await;
    document(&network, DID, HANDLE, SERVER);
    protected_by(&network, SERVER);
    network
}

fn document(network: &Network, did: &str, handle: &str, server: &str) {
    network.json(
        &format!("plc.directory/{did}"),
        &json!({
            "id": did, "alsoKnownAs": [format!("at://{handle}")],
            "service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": server}]
        }),
    );
}

fn protected_by(network: &Network, issuer: &str) {
    let said = json!({ "resource": SERVER, "authorization_servers": [issuer] });
    network.json("pds.example.com/.well-known/oauth-protected-resource", &said);
}

fn names(network: &Network, way: Way, handle: &str, did: &str) {
    match way {
        Way::Record => network.texts(&format!("_atproto.{handle}"), &[&format!("did={did}")]),
        Way::File => network.page(&format!("{handle}/.well-known/atproto-did"), 200, did),
    }
}

/// As in an installed program: neither server nor directory is trusted.
fn client(network: &Network) -> Client {
    let mut config =
        ProviderConfig::new(&BLUESKY).with_client(&loopback_client_id("/callback/bluesky"), None);
    config.lookup.name_server = Some(network.name_server());
    Client::new(network.http(), config)
}

async fn resolved(network: &Network, named: &str) -> Result<NamedAccount> {
    AccountName::parse(named).unwrap().resolve(&client(network)).await
}

async fn refused(network: &Network, named: &str) -> ErrorKind {
    resolved(network, named).await.unwrap_err().kind()
}

/// Without a network nothing is said of the handle.
#[test]
fn a_handle_is_unknown_only_where_the_dns_answers() {
    let did = |name: &str| Did::parse(&format!("did:web:{name}.example.com"));
    let silent = || Err(Error::new(ErrorKind::Unreachable));
    assert_eq!(first_of(Ok(did("dns")), did("file")).unwrap(), did("dns"));
    assert_eq!(first_of(Ok(None), did("file")).unwrap(), did("file"));
    assert_eq!(first_of(Ok(None), None).unwrap(), None);
    assert_eq!(first_of(silent(), did("file")).unwrap(), did("file"));
    assert_eq!(first_of(silent(), None).unwrap_err().kind(), ErrorKind::Unreachable);
    let ambiguous = Err(Error::new(ErrorKind::HandleAmbiguous));
    assert_eq!(first_of(ambiguous, did("file")).unwrap_err().kind(), ErrorKind::HandleAmbiguous);
}

/// S69: AT Protocol, Handle. The TXT record, or the file on the handle's own host, leads to the account
/// whose document names the handle.
#[tokio::test]
async fn a_handle_is_found_by_the_dns_or_on_its_host() {
    for way in [Way::Record, Way::File] {
        let network = network().await;
        names(&network, way, HANDLE, DID);
        let found = resolved(&network, HANDLE).await.unwrap();
        assert_eq!((found.did.unwrap().as_str(), &*found.issuer), (DID, SERVER), "{way:?}");
    }
    // Where both say something, the record counts.
    let network = network().await;
    names(&network, Way::File, HANDLE, OTHER);
    names(&network, Way::Record, HANDLE, DID);
    assert_eq!(resolved(&network, HANDLE).await.unwrap().did.unwrap().as_str(), DID);
}

/// S69: the owner of a handle can point it at an account of another; the account does not point back.
#[tokio::test]
async fn a_handle_that_points_at_another_account_is_refused() {
    for way in [Way::Record, Way::File] {
        let network = network().await;
        names(&network, way, OTHER_HANDLE, DID);
        let error = resolved(&network, OTHER_HANDLE).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HandleMismatch, "{way:?}");
        assert_eq!(error.detail(), Some("nari.example.com / haneul.example.com"));
    }
}

/// S69: an account can claim any handle in its document; the handle does not lead to it, and is not
/// its name.
#[tokio::test]
async fn a_handle_that_an_account_claims_is_no_name() {
    for way in [Way::Record, Way::File] {
        for (leads_to, name) in [(DID, Some(HANDLE)), (OTHER, None)] {
            let network = network().await;
            names(&network, way, HANDLE, leads_to);
            let mut client = client(&network);
            SERVER.clone_into(&mut client.config.issuer);
            let (read, _) = client.public_profile(DID).await.unwrap();
            assert_eq!(read.claim("preferred_username").as_str(), name, "{way:?} {leads_to}");
        }
    }
}

/// A handle that leads nowhere, to two accounts, or elsewhere by a redirect is refused.
#[tokio::test]
async fn a_handle_that_leads_to_no_account_is_refused() {
    let network = network().await;
    assert_eq!(refused(&network, HANDLE).await, ErrorKind::HandleUnknown);
    let file = format!("{HANDLE}/.well-known/atproto-did");
    network.page(&file, 200, "<html>");
    assert_eq!(refused(&network, HANDLE).await, ErrorKind::HandleUnknown);
    network.page(&file, 302, "https://moved.example.com/did");
    network.page("moved.example.com/did", 200, DID);
    assert_eq!(refused(&network, HANDLE).await, ErrorKind::HandleUnknown);
    assert!(!network.requests().iter().any(|request| request.starts_with("moved")));
    names(&network, Way::File, HANDLE, DID);
    let records = [DID, OTHER].map(|did| format!("did={did}"));
    network.texts(&format!("_atproto.{HANDLE}"), &records.each_ref().map(String::as_str));
    assert_eq!(refused(&network, HANDLE).await, ErrorKind::HandleAmbiguous);
}

/// Addresses of this machine and of its networks, as numbers and by a name.
const PRIVATE: [&str; 5] = [
    "https://127.0.0.1",
    "https://10.0.0.1",
    "https://169.254.169.254",
    "https://[::1]",
    "https://localhost",
];

/// S66: a document of a DID that names a private address is not followed.
#[tokio::test]
async fn a_document_leads_to_no_private_address() {
    for server in PRIVATE {
        let network = network().await;
        document(&network, DID, HANDLE, server);
        assert_eq!(refused(&network, DID).await, ErrorKind::PrivateAddress, "{server}");
    }
    let network = network().await;
    document(&network, DID, HANDLE, "http://pds.example.com");
    assert_eq!(refused(&network, DID).await, ErrorKind::DiscoveryFailed, "not https");
    assert_eq!(network.requests(), [format!("plc.directory/{DID}")]);
}

/// S66: a server's metadata that name a private address are not followed, whatever the address is
/// for: the authorization server, the pushed request, the code, the refresh, the revocation.
#[tokio::test]
async fn metadata_lead_to_no_private_address() {
    for private in PRIVATE {
        let network = network().await;
        protected_by(&network, private);
        let issuer = resolved(&network, DID).await.unwrap().issuer;
        let mut client = client(&network);
        client.config.issuer = issuer;
        let refused = client.discover().await.err().unwrap();
        assert_eq!(refused.kind(), ErrorKind::PrivateAddress, "{private}");
    }
    for endpoint in
        ["pushed_authorization_request_endpoint", "token_endpoint", "revocation_endpoint"]
    {
        let network = network().await;
        let mut metadata = json!({
            "issuer": SERVER, "authorization_endpoint": format!("{SERVER}/authorize"),
            "token_endpoint": format!("{SERVER}/token"), "revocation_endpoint": format!("{SERVER}/revoke"),
            "pushed_authorization_request_endpoint": format!("{SERVER}/par"),
            "dpop_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": true,
        });
        metadata[endpoint] = json!("https://10.0.0.1/x");
        network.json("pds.example.com/.well-known/oauth-authorization-server", &metadata);
        network.json("pds.example.com/par", &json!({ "request_uri": "urn:x", "expires_in": 60 }));
        let mut client = client(&network);
        SERVER.clone_into(&mut client.config.issuer);
        let client = client.discover().await.unwrap();
        let refused = use_each_endpoint(&client).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::PrivateAddress, "{endpoint}");
    }
}

/// Pushes a request, refreshes a token, revokes it.
async fn use_each_endpoint(client: &Client) -> Result<()> {
    let request = client.begin_authorization(REDIRECT_URI, 600).await?;
    let (token, key) = ("t".into(), request.secrets.dpop_key.as_ref());
    let binding = TokenBinding::Key(key.unwrap().clone());
    match client.refresh(&token, &binding).await {
        Err(error) if error.kind() == ErrorKind::PrivateAddress => return Err(error),
        // The host has no such page.
        Ok(_) | Err(_) => {}
    }
    let endpoint = client.config.endpoints.revocation.clone().unwrap();
    let presented = PresentedToken { token: &token, key };
    client.revoke(&endpoint, TokenTypeHint::RefreshToken, presented).await.map(drop)
}
