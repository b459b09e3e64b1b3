//! What the targets share.

/// Runs the target of that name.
pub fn run(name: &str, data: &[u8]) {
    let target = nameplate::fuzzing::TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = target.expect("a target of the engine");
    target(data);
}
