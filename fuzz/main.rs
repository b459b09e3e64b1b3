//! libFuzzer on one target, whose name is in `FUZZ_TARGET`.

#![no_main]

use std::panic::{Location, catch_unwind, set_hook, take_hook};
use std::sync::LazyLock;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET");
    let mut targets = native_oauth::fuzzing::TARGETS.iter().chain(nameplate::fuzzing::TARGETS);
    targets.find(|(known, _)| *known == name).expect("a target").1
});

libfuzzer_sys::fuzz_target!(init: pass_over_caught_panics(), |data: &[u8]| {
    // What gets here is a caught panic of the decoder.
    drop(catch_unwind(|| TARGET(data)));
});

/// libFuzzer's hook ends the process at any panic. Those of the decoders of JPEG and PNG are caught, and
/// the picture is refused.
fn pass_over_caught_panics() {
    let end = take_hook();
    set_hook(Box::new(move |panic| {
        let of_decoder = |at: &Location<'_>| {
            ["/zune-jpeg-", "/png-"].iter().any(|decoder| at.file().contains(decoder))
        };
        if !panic.location().is_some_and(of_decoder) {
            end(panic);
        }
    }));
}
