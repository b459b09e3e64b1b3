use super::*;

#[test]
fn redirect_uris_are_compared_by_their_kind_of_registration() {
    let scheme = "app.example:/callback";
    let port = "http://127.0.0.1/a";
    for (redirect, right, wrong) in [
        (
            Redirect::AnyPort(port),
            &["http://127.0.0.1:42149/a", "http://127.0.0.1/a"][..],
            &[
                "http://127.0.0.1:42149/a/",
                "http://localhost:42149/a",
                "http://[::1]:42149/a",
                "http://127.0.0.1:42149/A",
                "http://127.0.0.1:99999/a",
                "http://127.0.0.1:42149@evil.example/a",
                "http://127.0.0.1.evil.example/a",
                "https://127.0.0.1:42149/a",
            ][..],
        ),
        (
            Redirect::Below(port),
            &["http://127.0.0.1:1234/a", "http://127.0.0.1:1234/a/sub"],
            &["http://127.0.0.1:1/ab", "http://127.0.0.1:1", "http://127.0.0.1:1/a/../evil"],
        ),
        (Redirect::Exact(scheme), &[scheme], &["app.example:///callback", "app.example:/"]),
        (
            Redirect::Scheme("app.example"),
            &[scheme, "app.example:/"],
            &["app.example:///callback", "app.example://callback", "app.example:/a#b"],
        ),
        (
            Redirect::FixedPorts("localhost", "/a"),
            &["http://localhost:53682/a", "http://localhost:53684/a"],
            &["http://localhost:53685/a", "http://127.0.0.1:53682/a", "http://localhost:53682/a/"],
        ),
        (
            Redirect::Loopback,
            &["http://127.0.0.1:1234/any/path", "http://[::1]:1234", "http://localhost:1/"],
            &[scheme, "http://192.168.0.2:1234/", "http://127.0.0.1:5000/#fragment"],
        ),
        (
            Redirect::AnyLocalhost,
            &["http://localhost:5000/a"],
            &[
                "http://127.0.0.1:5000/a",
                "http://localhost.evil.example:5000/a",
                "https://localhost:5000/a",
            ],
        ),
    ] {
        for uri in right {
            assert!(redirect.matches(uri), "{redirect:?} {uri}");
        }
        for uri in wrong {
            assert!(!redirect.matches(uri), "{redirect:?} {uri}");
        }
    }
}
