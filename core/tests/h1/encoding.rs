//! Requests, written and read back by `httparse`.

use proptest::prelude::*;
use proptest::sample::select;
use tidegate_core::api::comanage;
use tidegate_core::cursor::Pager;
use tidegate_core::http::Parameter;
use tidegate_core::http::Request;
use tidegate_core::http::h1::{EncodeError, encode, encode_part};
use tidegate_core::page::Items;
use tidegate_core::profile::{Capabilities, Everything, Profile};
use tidegate_core::pull::Settings;
use tidegate_core::quota::{Slot, Terms};
use tidegate_core::time::Instant;
use tidegate_core::{Endpoint, Gate, Project, Pull};

enum Objects {}

impl Profile for Objects {
    const CAPABILITIES: Capabilities =
        Capabilities::of(&comanage::API).and(&comanage::view_objects("/objects", 42));
}

const PAGER: Pager = Pager::Key { parameter: "afterId", field: "nextPageKey" };

/// Looks at the request that a pull begins with.
fn with_request<T>(base_url: &str, endpoint: &Endpoint<'_>, look: impl FnOnce(&Request<'_>) -> T) -> T {
    with_request_of::<Everything, T>(base_url, endpoint, look)
}

/// The same for an engine that is able to do what `P` says.
fn with_request_of<P: Profile, T>(
    base_url: &str,
    endpoint: &Endpoint<'_>,
    look: impl FnOnce(&Request<'_, P>) -> T,
) -> T {
    let project = Project::over_plain_text(&comanage::API, base_url, "k3y").unwrap();
    let windows = comanage::API.windows;
    let mut gate = Gate::new(windows, Terms::DEFAULT, vec![Slot::FREE; windows.slots()]).unwrap().unused();
    let mut item_buffer = [0; 16];
    let settings = &Settings::DEFAULT;
    let mut pull = Pull::<P>::with_profile(&project, endpoint, settings, &mut item_buffer, None).unwrap();
    assert!(pull.sent(&mut gate, Instant::from_millis(0)));
    look(&pull.request(&gate).unwrap())
}

fn endpoint<'a>(parameters: &'a [(&'static str, String)]) -> Endpoint<'a> {
    let list = Endpoint::new("/views/{viewId}/objects", Items::OnlyArray, PAGER);
    let list = list.with("viewId", Parameter::Int(-42));
    parameters.iter().fold(list, |list, (name, value)| list.with(name, Parameter::Text(value)))
}

fn written(base_url: &str, endpoint: &Endpoint<'_>) -> Vec<u8> {
    with_request(base_url, endpoint, |request| {
        let mut buffer = vec![0xaa; 8 << 10];
        let length = encode(request, &mut buffer).unwrap();
        buffer.truncate(length);
        buffer
    })
}

#[test]
fn a_request_is_these_bytes() {
    let list = Endpoint::new("/objects", Items::OnlyArray, PAGER).with("lang", Parameter::Text("f\r\nr"));
    let expected = "GET /api/objects?lang=f%0D%0Ar HTTP/1.1\r\nhost: api.example:8443\r\n\
                    accept: application/json\r\naccept-encoding: identity\r\nx-api-key: k3y\r\n\r\n";
    let written = written("https://api.example:8443/api/", &list);
    assert_eq!(String::from_utf8(written).unwrap(), expected);
    // An engine that is able to do no more writes the same.
    let mut buffer = [0; 1024];
    let length = with_request_of::<Objects, _>("https://api.example:8443/api/", &list, |request| {
        encode(request, &mut buffer).unwrap()
    });
    assert_eq!(std::str::from_utf8(&buffer[..length]).unwrap(), expected);
}

#[test]
fn the_host_has_its_port_where_that_is_not_the_schemes_and_brackets_where_it_is_an_ipv6_address() {
    let table = [
        ("https://api.example", "api.example"),
        ("https://api.example:443", "api.example"),
        ("https://api.example:80", "api.example:80"),
        ("http://api.example:80", "api.example"),
        ("http://127.0.0.1:8080/x", "127.0.0.1:8080"),
        ("https://[2001:db8::1]", "[2001:db8::1]"),
        ("https://[::1]:8443/x", "[::1]:8443"),
    ];
    for (base_url, host) in table {
        let written = written(base_url, &endpoint(&[]));
        let line = format!("\r\nhost: {host}\r\n");
        assert!(written.windows(line.len()).any(|window| window == line.as_bytes()), "{base_url}");
    }
}

#[test]
fn too_small_a_buffer_is_an_error_that_says_what_is_needed() {
    with_request("https://api.example", &endpoint(&[]), |request| {
        let mut buffer = [0; 1024];
        let needed = encode(request, &mut buffer).unwrap();
        for room in 0..needed {
            let error = encode(request, &mut buffer[..room]).unwrap_err();
            assert_eq!(error, EncodeError { needed, room });
            assert!(error.to_string().contains(&format!("{needed} bytes")), "{error}");
        }
        assert_eq!(encode(request, &mut buffer[..needed]), Ok(needed));
    });
}

proptest! {
    #[test]
    fn a_request_reads_back_as_it_was(
        base_url in select(vec![
            "http://127.0.0.1:8080", "https://api.example/v1/", "https://[::1]:8443/a%20b", "https://h:1",
        ]),
        values in proptest::collection::vec(any::<String>(), 0..4),
        part in 1..64usize,
    ) {
        let named: Vec<_> = ["a", "b c", "d&e", "f=\r\n"].into_iter().zip(values).collect();
        let endpoint = endpoint(&named);
        let whole = written(base_url, &endpoint);
        let mut headers = [httparse::EMPTY_HEADER; 16];
        let mut read = httparse::Request::new(&mut headers);
        prop_assert_eq!(read.parse(&whole), Ok(httparse::Status::Complete(whole.len())));
        with_request(base_url, &endpoint, |request| {
            prop_assert_eq!(read.method, Some(request.method().as_str()));
            prop_assert_eq!(read.version, Some(1));
            prop_assert_eq!(read.path.map(str::to_owned), Some(request.target().to_string()));
            let host = ("host".to_owned(), request.origin().authority().to_string());
            let fields = request.fields().map(|field| (field.name.to_owned(), field.value.expose().to_string()));
            let expected: Vec<_> = std::iter::once(host).chain(fields).collect();
            let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
            let found: Vec<_> = read.headers.iter().map(|h| (h.name.to_owned(), text(h.value))).collect();
            prop_assert_eq!(found, expected);

            let (mut sent, mut window) = (Vec::new(), vec![0xaa; part]);
            loop {
                let length = encode_part(request, sent.len(), &mut window);
                sent.extend_from_slice(&window[..length]);
                if length == 0 {
                    break;
                }
            }
            prop_assert_eq!(&sent, &whole, "in parts");
            prop_assert_eq!(encode_part(request, whole.len() + 7, &mut window), 0);
            Ok(())
        })?;
    }
}
