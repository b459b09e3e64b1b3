//! What the targets share.

/// Runs the target of that name.
pub fn run(name: &str, data: &[u8]) {
    let targets = native_oauth::fuzzing::TARGETS.iter().chain(nameplate::fuzzing::TARGETS);
    let (_, target) = targets.into_iter().find(|(known, _)| *known == name).expect("a target");
    target(data);
}
