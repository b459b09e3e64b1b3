//! When a picture is stored: after its sign-in.

use nameplate::{Nameplate, RedirectMethod, RefreshPolicy, SignOutScope, User};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fixture::{Fixture, complete, response_of};

/// A request for a picture, answered with a picture of this side, in pixels.
type Asked = oneshot::Sender<u32>;

/// A Discord whose pictures the test answers.
struct HeldPictures {
    fixture: Fixture,
    pictures: mpsc::UnboundedReceiver<Asked>,
    _server: MockServer,
}

impl HeldPictures {
    async fn new() -> Self {
        let server = MockServer::start().await;
        let granted = ResponseTemplate::new(200).set_body_json(json!({
            "access_token": "a", "token_type": "Bearer", "refresh_token": "r", "scope": "identify",
        }));
        Mock::given(method("POST")).respond_with(granted).mount(&server).await;
        let me = json!({"id": "80351110224678912", "username": "nari", "avatar": "abc"});
        let me = ResponseTemplate::new(200).set_body_json(me);
        Mock::given(method("GET")).respond_with(me).mount(&server).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (at, pictures_at) = (server.uri(), listener.local_addr().unwrap());
        let discord = format!(
            "[discord]\nclient_id = \"c\"\ntoken_endpoint = \"{at}/token\"\nuserinfo_endpoint = \"{at}/me\"\nrevocation_endpoint = \"{at}/revoke\"\navatar_base = \"http://{pictures_at}\"\n"
        );
        let (asked, pictures) = mpsc::unbounded_channel();
        tokio::spawn(serve(listener, asked));
        Self { fixture: Fixture::with(|_| discord).await, pictures, _server: server }
    }

    async fn sign_in(&mut self) -> (User, Asked) {
        let begun = self.fixture.begin("discord", RedirectMethod::DeepLink).await;
        let user = complete(&self.fixture.nameplate, &response_of(&begun, "code=c")).await.unwrap();
        (user, self.pictures.recv().await.unwrap())
    }
}

async fn serve(listener: TcpListener, asked: mpsc::UnboundedSender<Asked>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let (let_go, side) = oneshot::channel();
        let asked = asked.clone();
        tokio::spawn(async move {
            let _ = stream.read(&mut [0; 4096]).await;
            asked.send(let_go).unwrap();
            let Ok(side) = side.await else { return };
            let mut png = std::io::Cursor::new(Vec::new());
            let picture = image::DynamicImage::new_rgb8(side, side);
            picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
            let png = png.into_inner();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", png.len());
            let _ = stream.write_all(&[head.as_bytes(), &png].concat()).await;
        });
    }
}

fn shown(nameplate: &Nameplate) -> Option<String> {
    nameplate.accounts().list().unwrap()[0].avatar.clone()
}

/// Waits for the event of a picture.
async fn until_shown(nameplate: &Nameplate) -> String {
    let mut news = nameplate.events();
    loop {
        if let Some(key) = shown(nameplate) {
            return key;
        }
        news.recv().await.unwrap();
    }
}

/// S54: the picture delays no sign-in and holds no lock, and is reported when it is stored.
#[tokio::test]
async fn a_slow_picture_delays_nothing() {
    let mut held = HeldPictures::new().await;
    let (user, asked) = held.sign_in().await;
    assert_eq!((user.avatar, user.accounts[0].notes.len()), (None, 0));
    let nameplate = &held.fixture.nameplate;
    nameplate
        .sessions()
        .access_token(user.accounts[0].id.as_str(), RefreshPolicy::Always)
        .await
        .unwrap();
    assert_eq!(shown(nameplate), None);
    asked.send(8).unwrap();
    until_shown(nameplate).await;
    assert!(nameplate.profiles().picture(user.profile.as_str()).unwrap().is_some());
}

/// S54: a picture of a former sign-in is dropped.
#[tokio::test]
async fn a_picture_of_an_earlier_sign_in_is_dropped() {
    let mut held = HeldPictures::new().await;
    let (user, earlier) = held.sign_in().await;
    let (again, later) = held.sign_in().await;
    assert_eq!(again.id, user.id);
    later.send(16).unwrap();
    let kept = until_shown(&held.fixture.nameplate).await;
    earlier.send(8).unwrap();
    held.fixture.nameplate.profiles().pictures_downloaded().await;
    assert_eq!(shown(&held.fixture.nameplate), Some(kept));
}

/// S54: a picture after the sign-out leaves nothing.
#[tokio::test]
async fn a_picture_of_a_removed_account_is_dropped() {
    let mut held = HeldPictures::new().await;
    let (user, asked) = held.sign_in().await;
    let account = user.accounts[0].id.as_str();
    held.fixture.nameplate.accounts().sign_out(account, SignOutScope::Here).await.unwrap();
    asked.send(8).unwrap();
    held.fixture.nameplate.profiles().pictures_downloaded().await;
    held.fixture.assert_nothing_kept();
}
