//! The list of sockets, as text and as the system has it.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use tokio::net::TcpListener;

use super::linux::owner_in;
use super::*;

const OTHER_USER: u32 = 65_534;

fn owner(table: &str, from: &str, to: &str) -> Option<u32> {
    owner_in(table.as_bytes(), from.parse().unwrap(), to.parse().unwrap()).unwrap()
}

/// The lines are those of a machine with a 64-bit little-endian processor.
#[cfg(target_endian = "little")]
#[test]
fn a_socket_is_known_by_both_its_ends() {
    let v4 = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:D1B2 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 5151 1 0000000000000000 100 0 0 10 0
   1: 0100007F:D1B2 0100007F:A3C4 01 00000000:00000000 00:00000000 00000000  1000        0 5152 1 0000000000000000 20 4 0 10 -1
   2: 0100007F:A3C4 0100007F:D1B2 01 00000000:00000000 02:000AE5F0 00000000  1001        0 5153 2 0000000000000000 20 4 30 10 -1
   3: 0100007F:A3C5 0100007F:D1B2 06 00000000:00000000 03:000017A8 00000000     0        0 0 3 0000000000000000
   4: 0100007F:A3C6 0100007F:D1B2 05 00000000:00000000 03:000017A8 00000000     0        0 0 3 0000000000000000
   5: 0200007F:A3C4 0100007F:D1B2 01 00000000:00000000 00:00000000 00000000  1002        0 5154 1 0000000000000000 20 4 30 10 -1
   6: 0100007F:A3C7 0100007F
";
    let port = "127.0.0.1:53682";
    assert_eq!(owner(v4, "127.0.0.1:41924", port), Some(1001));
    assert_eq!(owner(v4, port, "127.0.0.1:41924"), Some(1000));
    assert_eq!(owner(v4, "127.0.0.2:41924", port), Some(1002), "another address");
    for (from, why) in [
        ("127.0.0.1:41925", "closed, and listed as of root"),
        ("127.0.0.1:41926", "closed by its process alone"),
        ("127.0.0.1:41927", "a torn line"),
        ("127.0.0.1:1", "not listed"),
        ("[::ffff:127.0.0.1]:41924", "another family"),
    ] {
        assert_eq!(owner(v4, from, port), None, "{why}");
    }
    let v6 = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:A3C4 00000000000000000000000001000000:D1B2 01 00000000:00000000 00:00000000 00000000  1003        0 5155 1 0000000000000000 20 4 30 10 -1
   1: 0000000000000000FFFF00000100007F:A3C4 0000000000000000FFFF00000100007F:D1B2 01 00000000:00000000 00:00000000 00000000  1004        0 5156 1 0000000000000000 20 4 30 10 -1
";
    assert_eq!(owner(v6, "[::1]:41924", "[::1]:53682"), Some(1003));
    let mapped = ["[::ffff:127.0.0.1]:41924", "[::ffff:127.0.0.1]:53682"];
    assert_eq!(owner(v6, mapped[0], mapped[1]), Some(1004), "IPv4 from an IPv6 socket");
    for garbage in ["", "\n\n", "0: :::: : 1", "\u{0}"] {
        assert_eq!(owner(garbage, port, port), None);
    }
}

/// The other end of a connection that `connect`, a piece of bash, makes as a user.
async fn peer_of(uid: u32, connect: &str) -> (Peer, TcpStream, std::process::Child) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let child = Command::new("bash")
        .args(["-c", connect])
        .env("PORT", port.to_string())
        .uid(uid)
        .current_dir("/")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    (Peer::of(&stream).unwrap(), stream, child)
}

/// A connection of the same user is accepted, IPv4 and IPv6; on a system where this test may become
/// another user, that of another user is not. A closed connection belongs to no user.
#[tokio::test]
async fn another_user_is_told_apart() {
    let own = rustix::process::geteuid().as_raw();
    let stays = "exec 3<>/dev/tcp/127.0.0.1/$PORT; read";
    let (peer, _stream, mut child) = peer_of(own, stays).await;
    assert!(peer.is_this_user().await);
    drop(child.stdin.take());
    child.wait().unwrap();
    assert!(!peer.is_this_user().await, "its process has ended");

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mapped = SocketAddr::from((
        std::net::Ipv4Addr::LOCALHOST.to_ipv6_mapped(),
        listener.local_addr().unwrap().port(),
    ));
    if let Ok(_browser) = std::net::TcpStream::connect(mapped) {
        let (stream, _) = listener.accept().await.unwrap();
        assert!(Peer::of(&stream).unwrap().is_this_user().await, "an IPv6 socket");
    }

    if own == 0 {
        let (peer, _stream, mut child) = peer_of(OTHER_USER, stays).await;
        assert!(!peer.is_this_user().await, "another user");
        drop(child.stdin.take());
        child.wait().unwrap();
    }
}
