//! Parsers of this crate with rules that hold whatever the bytes are; the other parsers' rules are
//! in [`native_oauth::fuzzing`].

use native_oauth::fuzzing::{Target, check_endpoints};

use crate::avatar;
use crate::config::{Config, Entry};

/// Only inside the quoted values of the seeds, so no error text may contain it.
const SECRET: &str = "correct-horse";
/// Decoding more pixels than this takes too long for a fuzzer.
const PIXELS: u64 = 1 << 16;

/// Every target.
pub static TARGETS: &[Target] = &[("providers_toml", providers_toml), ("avatar", avatar)];

/// The text of `providers.toml`, as an installed program reads it.
pub fn providers_toml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let problem = match Config::of_text_alone(text) {
        Ok(config) => {
            config.entries().iter().for_each(check_entry);
            config.problem
        }
        Err(problem) => Some(problem),
    };
    let words = problem.as_ref().and_then(|problem| problem.detail()).unwrap_or_default();
    // Names of tables and keys are told, so that they can be found; values are not.
    let names = words.contains('[') || words.contains("unknown field") || words.contains("key");
    assert!(names || !words.contains(SECRET), "{words}");
}

fn check_entry(entry: &Entry) {
    check_endpoints(&entry.oauth);
    assert!(entry.ports.iter().flatten().all(|port| *port >= 1024));
    let id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    assert!(!entry.oauth.id.is_empty() && entry.oauth.id.chars().all(id), "{}", entry.oauth.id);
}

/// A picture file.
pub fn avatar(data: &[u8]) {
    let reader = image::ImageReader::new(std::io::Cursor::new(data)).with_guessed_format();
    let size = reader.ok().and_then(|reader| reader.into_dimensions().ok());
    if size.is_some_and(|(width, height)| u64::from(width) * u64::from(height) > PIXELS) {
        return;
    }
    let Ok(avatar) = avatar::draw(data) else { return };
    let number = |at: usize| avatar.png.get(at..at + 4).and_then(|b| b.try_into().ok());
    let [width, height] = [16, 20].map(|at| number(at).map_or(0, u32::from_be_bytes));
    assert!(avatar.png.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!((1..=256).contains(&width) && (1..=256).contains(&height), "{width}x{height}");
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// N9, S20: the rules hold of the seeds, and every folder of seeds is that of a target, here or in
    /// `native_oauth`.
    #[test]
    fn the_rules_hold_of_every_seed() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
        for (name, target) in TARGETS {
            let seeds = std::fs::read_dir(fuzz.join("seeds").join(name)).unwrap();
            let seeds: Vec<_> = seeds.map(|seed| seed.unwrap().path()).collect();
            assert!(!seeds.is_empty(), "{name}");
            seeds.iter().for_each(|seed| target(&std::fs::read(seed).unwrap()));
        }
        let seeds = std::fs::read_dir(fuzz.join("seeds")).unwrap().count();
        assert_eq!(seeds, TARGETS.len() + native_oauth::fuzzing::TARGETS.len());
    }
}
