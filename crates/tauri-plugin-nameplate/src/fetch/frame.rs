//! A request or response as one binary message: the length of its head as four bytes (big-endian),
//! the head as JSON, then the body. JSON alone would make a body several times larger.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longest head, in bytes.
const MAX_HEAD_BYTES: usize = 256 << 10;

/// Head and body of a message; `None` if it is none.
pub fn read<T: DeserializeOwned>(message: &[u8]) -> Option<(T, &[u8])> {
    let (length, rest) = message.split_first_chunk::<4>()?;
    let length =
        usize::try_from(u32::from_be_bytes(*length)).ok().filter(|it| *it <= MAX_HEAD_BYTES)?;
    let (head, body) = rest.split_at_checked(length)?;
    Some((serde_json::from_slice(head).ok()?, body))
}

/// The message with this head and body; `None` if the head is too long.
pub fn write(head: &impl Serialize, body: &[u8]) -> Option<Vec<u8>> {
    let head = serde_json::to_vec(head).ok().filter(|head| head.len() <= MAX_HEAD_BYTES)?;
    let length = u32::try_from(head.len()).ok()?;
    Some([&length.to_be_bytes(), head.as_slice(), body].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let message = write(&("a", 1), b"body").unwrap();
        assert_eq!(read::<(String, u8)>(&message), Some((("a".to_owned(), 1), &b"body"[..])));
        for broken in [&b""[..], b"\0\0\0", b"\0\0\0\x05[]", b"\xff\xff\xff\xff[]", b"\0\0\0\x02{]"]
        {
            assert_eq!(read::<Vec<u8>>(broken), None, "{broken:?}");
        }
    }
}
