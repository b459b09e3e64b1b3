//! Random strings in the alphabets that the providers use.

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const CONSONANTS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Letters and digits.
pub fn alphanumeric(length: usize) -> String {
    pick(ALPHANUMERIC, length)
}

/// Hexadecimal digits.
pub fn hex(length: usize) -> String {
    pick(b"0123456789abcdef", length)
}

/// In the shape of a UUID.
pub fn uuid() -> String {
    [8, 4, 4, 4, 12].map(hex).join("-")
}

/// Capital letters without vowels.
pub fn consonants(length: usize) -> String {
    pick(CONSONANTS, length)
}

/// Letters, digits, `-` and `_`.
pub fn base64url(length: usize) -> String {
    pick(BASE64URL, length)
}

/// The modulo has a small bias, which does not matter here.
fn pick(alphabet: &[u8], length: usize) -> String {
    let mut bytes = vec![0; length];
    // Without randomness every token is empty, and every test fails.
    if aws_lc_rs::rand::fill(&mut bytes).is_err() {
        return String::new();
    }
    bytes.iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect()
}
