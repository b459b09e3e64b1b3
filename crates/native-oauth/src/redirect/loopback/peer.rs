//! Which user of this machine a connection comes from. Every user can reach a loopback port; a
//! callback and a start link count only from the user who runs this program, or from root.
//!
//! Linux lists the sockets of all users with their owners. Elsewhere there is no such check.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;

/// The two ends of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    remote: SocketAddr,
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "no check there"))]
    local: SocketAddr,
}

impl Peer {
    pub(super) fn of(stream: &TcpStream) -> io::Result<Self> {
        Ok(Self { remote: stream.peer_addr()?, local: stream.local_addr()? })
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.remote.ip().is_loopback()
    }

    /// Whether the other end belongs to the user of this process, or to root.
    ///
    /// No: where the system lists no such socket. It is then held by no process any more, and the
    /// response would have no receiver. Yes: if the system has no list, or does not show it to this
    /// process, as no other user can bring that about, and no sign-in would be possible.
    #[cfg(target_os = "linux")]
    pub async fn is_this_user(self) -> bool {
        tokio::task::spawn_blocking(move || linux::is_this_user(self)).await.unwrap_or(false)
    }

    /// Not available on other systems.
    #[cfg(not(target_os = "linux"))]
    #[allow(clippy::unused_async, reason = "as on Linux")]
    pub async fn is_this_user(self) -> bool {
        true
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io::{self, BufRead, BufReader, ErrorKind};
    use std::net::{IpAddr, SocketAddr};

    use super::Peer;

    /// The list is no snapshot: a line may be missed while other sockets come and go.
    const TRIES: usize = 3;
    const ROOT: u32 = 0;

    pub(super) fn is_this_user(peer: Peer) -> bool {
        for _ in 0..TRIES {
            match owner(peer) {
                Ok(Some(uid)) => {
                    return uid == ROOT || uid == rustix::process::geteuid().as_raw();
                }
                Ok(None) => {}
                Err(error) => return is_hidden(&error),
            }
        }
        false
    }

    fn is_hidden(error: &io::Error) -> bool {
        matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied)
    }

    /// The user id of the other end's socket. An IPv4 connection may come from an IPv6 socket,
    /// which is listed with IPv4-mapped addresses.
    fn owner(peer: Peer) -> io::Result<Option<u32>> {
        let (remote, local) = (peer.remote, peer.local);
        if remote.is_ipv4() {
            let found = owner_in(BufReader::new(File::open("/proc/net/tcp")?), remote, local)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        match File::open("/proc/net/tcp6") {
            Ok(table) => owner_in(BufReader::new(table), mapped(remote), mapped(local)),
            // A machine without IPv6.
            Err(error) if remote.is_ipv4() && error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn mapped(address: SocketAddr) -> SocketAddr {
        match address.ip() {
            IpAddr::V4(ip) => (ip.to_ipv6_mapped(), address.port()).into(),
            IpAddr::V6(_) => address,
        }
    }

    /// The user id of the socket at `from` that is connected to `to`.
    pub(super) fn owner_in(
        table: impl BufRead,
        from: SocketAddr,
        to: SocketAddr,
    ) -> io::Result<Option<u32>> {
        let ends = (written(from), written(to));
        for line in table.lines() {
            if let Some(uid) = owner_on(&line?, &ends) {
                return Ok(Some(uid));
            }
        }
        Ok(None)
    }

    /// `sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode ..` (proc_net_tcp in
    /// the kernel's documentation).
    fn owner_on(line: &str, (from, to): &(String, String)) -> Option<u32> {
        let mut fields = line.split_ascii_whitespace().skip(1);
        if fields.next()? != from || fields.next()? != to {
            return None;
        }
        let uid = fields.nth(4)?.parse().ok()?;
        let inode = fields.nth(1)?;
        // A socket that its process has closed has no inode, and is listed as root's.
        (inode != "0").then_some(uid)
    }

    /// The kernel's format: 32-bit words in native byte order, in hex.
    fn written(address: SocketAddr) -> String {
        let octets = match address.ip() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        let word = |word: &[u8]| {
            let word = word.try_into().map(u32::from_ne_bytes).unwrap_or_default();
            format!("{word:08X}")
        };
        let ip: String = octets.chunks(4).map(word).collect();
        format!("{ip}:{:04X}", address.port())
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
