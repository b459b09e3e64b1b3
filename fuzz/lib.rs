//! What the targets share.

use std::panic::{catch_unwind, set_hook, take_hook};
use std::sync::Once;

/// Runs the target of that name.
pub fn run(name: &str, data: &[u8]) {
    pass_over_caught_panics();
    let targets = native_oauth::fuzzing::TARGETS.iter().chain(nameplate::fuzzing::TARGETS);
    let (_, target) = targets.into_iter().find(|(known, _)| *known == name).expect("a target");
    // What gets here is a caught panic of the decoder.
    drop(catch_unwind(|| target(data)));
}

/// libFuzzer's hook ends the process at any panic. Those of the decoders of JPEG and PNG are caught, and
/// the picture is refused.
fn pass_over_caught_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let end = take_hook();
        set_hook(Box::new(move |panic| {
            let of_decoder = |at: &std::panic::Location<'_>| {
                ["/zune-jpeg-", "/png-"].iter().any(|decoder| at.file().contains(decoder))
            };
            if !panic.location().is_some_and(of_decoder) {
                end(panic);
            }
        }));
    });
}
