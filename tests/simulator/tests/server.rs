//! The server over real sockets, read byte by byte: that the wire is the model's, that each fault is exact, and that
//! hostile bytes get an answer. Nothing sleeps; each wait is for a byte or for the end of a connection.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tidegate_simulator::{
    Config, DEFAULT_KEY, Fault, Framing, Request, Response, Server, ServerOptions, Service, Simulator,
    TlsIdentity, Trigger, coredata, digest, kontent,
};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

const NOW: u64 = 1_700_000_000_000;

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nX-API-KEY: {DEFAULT_KEY}\r\n\r\n")
}

fn options() -> ServerOptions {
    ServerOptions { clock: Arc::new(|| NOW), ..ServerOptions::default() }
}

async fn start(config: &Config) -> Server {
    let simulator = Arc::new(Mutex::new(Simulator::new(config.clone())));
    Server::start(simulator, options()).await.expect("a free loopback port")
}

/// What the model says to the same request, asked directly.
fn expected(config: &Config, target: &str) -> Response {
    let fields =
        [("Host".to_owned(), "localhost".to_owned()), ("X-API-KEY".to_owned(), DEFAULT_KEY.to_owned())];
    Simulator::new(config.clone()).answer(NOW, &Request { method: "GET", target, fields: &fields, body: &[] })
}

/// Everything until the connection ends, and how it ends.
async fn read_all(stream: &mut (impl AsyncRead + Unpin)) -> (Vec<u8>, io::Result<()>) {
    let mut bytes = Vec::new();
    let end = loop {
        match stream.read_buf(&mut bytes).await {
            Ok(0) => break Ok(()),
            Ok(_) => {}
            Err(error) => break Err(error),
        }
    };
    (bytes, end)
}

async fn exchange(addr: SocketAddr, request: &[u8]) -> (Vec<u8>, io::Result<()>) {
    let mut stream = TcpStream::connect(addr).await.expect("the server accepts");
    stream.write_all(request).await.expect("the request is sent");
    read_all(&mut stream).await
}

async fn exactly(stream: &mut TcpStream, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await.expect("the bytes come");
    bytes
}

#[tokio::test]
async fn the_wire_is_the_model_s_and_the_connection_is_kept() {
    for framing in [Framing::ContentLength, Framing::Chunked] {
        let config = Config { framing, items: 3_000, page_size: 3_000, ..Config::default() };
        let server = start(&config).await;
        let wire = expected(&config, "/folders").wire_bytes();
        let mut stream = TcpStream::connect(server.addr()).await.expect("connected");
        for _ in 0..3 {
            stream.write_all(get("/folders").as_bytes()).await.expect("sent");
            assert!(exactly(&mut stream, wire.len()).await == wire);
        }
        // Two at once, without waiting.
        stream.write_all([get("/folders"), get("/folders")].concat().as_bytes()).await.expect("sent");
        assert!(exactly(&mut stream, 2 * wire.len()).await == wire.repeat(2));
    }
}

#[tokio::test]
async fn a_close_delimited_body_ends_with_its_connection() {
    let config = Config { framing: Framing::CloseDelimited, ..Config::default() };
    let server = start(&config).await;
    let (bytes, end) = exchange(server.addr(), get("/folders").as_bytes()).await;
    assert!(bytes == expected(&config, "/folders").wire_bytes() && end.is_ok());
}

#[tokio::test]
async fn a_client_that_asks_to_close_is_closed() {
    let server = start(&Config::default()).await;
    for target in ["/folders", "/_simulator/stats"] {
        let request = get(target).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        let (bytes, end) = exchange(server.addr(), request.as_bytes()).await;
        assert!(String::from_utf8_lossy(&bytes).contains("\r\nConnection: close\r\n"));
        assert!(end.is_ok());
    }
}

#[tokio::test]
async fn faults_are_exact_on_the_wire() {
    for framing in [Framing::ContentLength, Framing::Chunked] {
        let faults = [
            Fault::CutWire { at: 0 },
            Fault::CutWire { at: 20 },
            Fault::CutWire { at: 1_000 },
            Fault::Cut { at: 0 },
            Fault::Cut { at: 777 },
            Fault::WrongLength { by: 10 },
            Fault::Reset { at: 0 },
            Fault::Reset { at: 777 },
        ];
        for fault in faults {
            let faults = vec![(Trigger::Request(1), fault.clone())];
            let config = Config { framing, faults, ..Config::default() };
            let server = start(&config).await;
            let response = expected(&config, "/folders");
            let (bytes, end) = exchange(server.addr(), get("/folders").as_bytes()).await;
            assert_eq!(bytes, response.wire_bytes()[..response.sent_bytes()], "{framing:?} {fault:?}");
            let reset = end.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset);
            assert_eq!(reset, matches!(fault, Fault::Reset { .. }), "{framing:?} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_length_too_small_leaves_bytes_on_the_connection() {
    let faults = vec![(Trigger::Request(1), Fault::WrongLength { by: -10 })];
    let config = Config { faults, ..Config::default() };
    let server = start(&config).await;
    let wire = expected(&config, "/folders").wire_bytes();
    let mut stream = TcpStream::connect(server.addr()).await.expect("connected");
    stream.write_all(get("/folders").as_bytes()).await.expect("sent");
    assert!(exactly(&mut stream, wire.len()).await == wire);
    stream.write_all(get("/folders").as_bytes()).await.expect("sent");
    assert_eq!(exactly(&mut stream, 8).await, b"HTTP/1.1");
}

#[tokio::test]
async fn a_stall_sends_its_bytes_tells_and_holds_the_connection() {
    for (fault, sent) in [(Fault::Stall { at: 50 }, true), (Fault::StallBeforeHead, false)] {
        let config = Config { faults: vec![(Trigger::Request(1), fault)], ..Config::default() };
        let stalled = Arc::new(Notify::new());
        let tell = Arc::clone(&stalled);
        let options = ServerOptions { on_stall: Some(Arc::new(move || tell.notify_one())), ..options() };
        let simulator = Arc::new(Mutex::new(Simulator::new(config.clone())));
        let server = Server::start(simulator, options).await.expect("started");
        let response = expected(&config, "/folders");
        let mut stream = TcpStream::connect(server.addr()).await.expect("connected");
        stream.write_all(get("/folders").as_bytes()).await.expect("sent");
        stalled.notified().await;
        assert_eq!(response.sent_bytes() > 0, sent);
        let bytes = exactly(&mut stream, response.sent_bytes()).await;
        assert_eq!(bytes, response.wire_bytes()[..response.sent_bytes()]);
        let more = stream.try_read(&mut [0]).expect_err("nothing more");
        assert_eq!(more.kind(), io::ErrorKind::WouldBlock);
    }
}

#[tokio::test]
async fn the_clock_is_read_once_a_request_and_not_for_control() {
    let readings = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&readings);
    let clock = Arc::new(move || NOW + count.fetch_add(1, Ordering::SeqCst));
    let simulator = Arc::new(Mutex::new(Simulator::new(Config::default())));
    let server = Server::start(simulator, ServerOptions { clock, ..options() }).await.expect("started");
    for target in ["/folders", "/nowhere", "/_simulator/stats", "/folders?afterId=x"] {
        let request = get(target).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        exchange(server.addr(), request.as_bytes()).await.1.expect("a clean end");
    }
    assert_eq!(readings.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn control_needs_no_key_and_is_not_counted() {
    let config = Config { limit: 0, base_path: "/api".to_owned(), ..Config::default() };
    let server = start(&config).await;
    let ask = async |target: &str| {
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let (bytes, _) = exchange(server.addr(), request.as_bytes()).await;
        String::from_utf8(bytes).expect("text")
    };
    let known = digest(&config, tidegate_simulator::List::Views);
    let body = format!(r#"{{"items":1000,"sha256":"{}"}}"#, known.sha256);
    assert!(ask("/_simulator/digest/views").await.ends_with(&body));
    assert!(ask("/_simulator/stats").await.contains(r#"{"requests":0,"#));
    for unknown in ["/_simulator/digest/nothing", "/_simulator/", "/_simulator/digest"] {
        assert!(ask(unknown).await.starts_with("HTTP/1.1 404 "), "{unknown}");
    }
}

#[tokio::test]
async fn hostile_requests_are_answered_and_closed() {
    let server = start(&Config::default()).await;
    let long_line = format!("GET /{} HTTP/1.1\r\n", "a".repeat(100_000));
    let cases = [
        ("GET /folders HTTP/1.1\r\n\r\n", "400"),
        ("nonsense\r\n\r\n", "400"),
        ("\0\0\0\0", "400"),
        ("GET /folders HTTP/1.0\r\n\r\n", "505"),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "401"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\nabc", "401"),
        (&long_line, "431"),
    ];
    for (request, status) in cases {
        let (bytes, end) = exchange(server.addr(), request.as_bytes()).await;
        let text = String::from_utf8_lossy(&bytes);
        assert_eq!(text.get(9..12), Some(status), "{request:.60?}: {text:.60}");
        assert!(text.contains("\r\nConnection: close\r\n"), "{request:.60?}");
        assert!(end.is_ok(), "{request:.60?}");
    }
}

#[tokio::test]
async fn a_small_body_is_read_away_and_head_gets_no_body() {
    let server = start(&Config::default()).await;
    let mut stream = TcpStream::connect(server.addr()).await.expect("connected");
    let post =
        get("/folders").replace("GET", "POST").replace("\r\n\r\n", "\r\nContent-Length: 4\r\n\r\nbody");
    let head = get("/folders").replace("GET", "HEAD");
    let last = get("/folders").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    stream.write_all([post, head, last].concat().as_bytes()).await.expect("sent");
    let (bytes, end) = read_all(&mut stream).await;
    let text = String::from_utf8(bytes).expect("text");
    let starts: Vec<&str> = text.match_indices("HTTP/1.1 ").map(|(at, _)| &text[at + 9..at + 12]).collect();
    assert_eq!(starts, ["405", "405", "200"]);
    assert_eq!(text.matches("Only GET is supported.").count(), 1);
    assert!(end.is_ok());
}

#[tokio::test]
async fn a_body_reaches_the_service_whole_up_to_a_megabyte() {
    let config = Config { service: Service::Kontent(kontent::Config::default()), ..Config::default() };
    let server = start(&config).await;
    let path = "/v2/projects/14372844-0a5d-434a-8423-605b8a631623/items";
    for (padding, status) in [(0, "201"), (900_000, "201"), (1_100_000, "400")] {
        let body = format!(r#"{{"name":"{}","type":{{"id":"a"}}}}"#, "x".repeat(padding + 1));
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {DEFAULT_KEY}\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(server.addr()).await.expect("connected");
        stream.write_all(head.as_bytes()).await.expect("sent");
        // One that is too long is not waited for.
        if status == "201" {
            stream.write_all(body.as_bytes()).await.expect("sent");
        }
        let mut line = [0; 12];
        stream.read_exact(&mut line).await.expect("a status line");
        assert_eq!(&line[9..], status.as_bytes(), "{padding} bytes more");
    }
}

#[tokio::test]
async fn control_tells_of_the_other_services_by_their_paths() {
    let coredata = coredata::Config { items: 30, ..coredata::Config::default() };
    let config = Config { service: Service::CoreData(coredata), ..Config::default() };
    let server = start(&config).await;
    let cases = [
        ("digest/api/v2/files/", Some(30)),
        ("digest/api/v2/files/?created__lt=2024-01-01", Some(0)),
        ("digest/api/v2/files/?title__gt=1", None),
        ("digest/files", None),
        ("digest/views", None),
    ];
    for (question, items) in cases {
        let request = format!("GET /_simulator/{question} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let (bytes, _) = exchange(server.addr(), request.as_bytes()).await;
        let text = String::from_utf8(bytes).expect("text");
        let told = items.map(|items: u64| format!("{{\"items\":{items},\"sha256\":\""));
        assert_eq!(text.starts_with("HTTP/1.1 200 "), told.is_some(), "{question}");
        assert!(told.is_none_or(|told| text.contains(&told)), "{question}: {text}");
    }
}

#[tokio::test]
async fn a_head_may_come_one_byte_at_a_time() {
    let config = Config::default();
    let server = start(&config).await;
    let mut stream = TcpStream::connect(server.addr()).await.expect("connected");
    for byte in get("/folders").bytes() {
        stream.write_all(&[byte]).await.expect("sent");
        tokio::task::yield_now().await;
    }
    let wire = expected(&config, "/folders").wire_bytes();
    assert!(exactly(&mut stream, wire.len()).await == wire);
}

#[tokio::test]
async fn only_loopback_is_served() {
    let addr = "0.0.0.0:0".parse().expect("an address");
    let simulator = Arc::new(Mutex::new(Simulator::new(Config::default())));
    let refused = Server::start(simulator, ServerOptions { addr, ..options() }).await.expect_err("refused");
    assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_stopped_server_takes_its_connections_along_and_frees_the_port() {
    let server = start(&Config::default()).await;
    let addr = server.addr();
    let mut stream = TcpStream::connect(addr).await.expect("connected");
    stream.write_all(get("/folders").as_bytes()).await.expect("sent");
    exactly(&mut stream, 12).await;
    server.stop().await;
    // However abruptly, the connection ends.
    let _ = read_all(&mut stream).await;
    assert!(TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn https_serves_the_same_bytes_and_a_cut_is_no_clean_end() {
    let (authority, identity) = TlsIdentity::generate(&["api.test"]).expect("a certificate");
    let faults = vec![(Trigger::Request(2), Fault::Cut { at: 100 })];
    let config = Config { framing: Framing::CloseDelimited, faults, ..Config::default() };
    let simulator = Arc::new(Mutex::new(Simulator::new(config.clone())));
    let server =
        Server::start(simulator, ServerOptions { tls: Some(identity), ..options() }).await.expect("started");
    assert!(server.base_url().starts_with("https://127.0.0.1:"));

    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).expect("PEM")).expect("an authority");
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(client));
    let whole = expected(&config, "/folders");
    for (name, length, clean) in
        [("api.test", whole.wire_bytes().len(), true), ("127.0.0.1", whole.head_bytes().len() + 100, false)]
    {
        let stream = TcpStream::connect(server.addr()).await.expect("connected");
        let name = ServerName::try_from(name).expect("a name");
        let mut stream = connector.connect(name, stream).await.expect("a handshake");
        stream.write_all(get("/folders").as_bytes()).await.expect("sent");
        let (bytes, end) = read_all(&mut stream).await;
        assert!(bytes == whole.wire_bytes()[..length]);
        assert_eq!(end.is_ok(), clean, "{end:?}");
    }
}
