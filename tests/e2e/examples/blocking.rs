//! A driver of one's own, blocking, on a socket of the standard library: `docs/driver.md` goes through it. Here it prints
//! what it pulls: `cargo run -p tidegate-e2e --example blocking -- http://127.0.0.1:8080 simulator-key`

use std::io::{Error, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant as Clock};
use tidegate_core::api::comanage;
use tidegate_core::http::Request;
use tidegate_core::http::h1::{self, Decoder, Event};
use tidegate_core::page::Item;
use tidegate_core::pull::{Outcome, Settings, TransportFault};
use tidegate_core::quota::{Slot, Terms};
use tidegate_core::time::Instant;
use tidegate_core::{Gate, Project, Pull, Step};

type Gated = Gate<[Slot; 200]>;

#[allow(dead_code, reason = "the test calls what is below")]
fn main() {
    let [_, base_url, key] = std::env::args().collect::<Vec<_>>().try_into().expect("a base URL and a key");
    let mut print = |item: Vec<u8>| std::io::stdout().write_all(&item).expect("somebody to read");
    assert_eq!(pull(&base_url, &key, |page| page.drain(..).for_each(&mut print)), Outcome::Complete);
}

/// Pulls the objects of view 42, and hands over the items of each page once it is whole.
pub(crate) fn pull(base_url: &str, key: &str, mut store: impl FnMut(&mut Vec<Vec<u8>>)) -> Outcome {
    let endpoint = comanage::view_objects("/objects", 42);
    let project = Project::over_plain_text(&comanage::API, base_url, key).expect("a usable project");
    let gate = Gated::new(comanage::API.windows, Terms::DEFAULT, [Slot::FREE; 200]);
    let mut gate = gate.expect("enough slots").unused();
    let mut item_buffer = vec![0; 1 << 20];
    let pull = Pull::new(&project, &endpoint, &Settings::DEFAULT, &mut item_buffer, None);
    let mut pull = pull.expect("a usable endpoint");
    let mut page = Vec::new();
    let mut connection = None;
    let begin = Clock::now();
    let now = || Instant::from_millis(begin.elapsed().as_millis() as u64 + 1);
    loop {
        match pull.step(&mut gate, now()) {
            Step::Wait { until, .. } => std::thread::sleep(until.since(now()).into()),
            Step::Send(request) => {
                if pull.sent(&mut gate, now()) {
                    connection = Connection::send(&request).ok();
                }
            }
            Step::Receive { deadline } => {
                let patience = deadline.since(now()).into();
                let received = connection
                    .as_mut()
                    .map(|open| open.receive(&mut pull, &mut gate, &mut page, now(), patience));
                match received {
                    Some(Ok(())) => {}
                    Some(Err(_)) => pull.failed(&mut gate, now(), TransportFault::Broken),
                    None => pull.failed(&mut gate, now(), TransportFault::Connect),
                }
            }
            Step::Checkpoint(_) => {
                store(&mut page);
                pull.stored();
            }
            Step::Rewind { .. } => {
                page.clear();
                pull.rewound();
            }
            Step::Done(outcome) => return outcome,
        }
    }
}

/// A connection for one request.
struct Connection(TcpStream, Decoder, Vec<u8>);

impl Connection {
    fn send(request: &Request<'_>) -> Result<Self, Error> {
        let mut stream = TcpStream::connect((request.origin().host(), request.origin().port()))?;
        let mut chunk = vec![0; 16 << 10];
        let length = h1::encode(request, &mut chunk).map_err(Error::other)?;
        stream.write_all(&chunk[..length])?;
        Ok(Self(stream, Decoder::new(), vec![0; 4 << 10]))
    }

    /// Reads once, and tells the engine what that was. An error is one of the connection.
    fn receive(
        &mut self,
        pull: &mut Pull<'_>,
        gate: &mut Gated,
        page: &mut Vec<Vec<u8>>,
        now: Instant,
        patience: Duration,
    ) -> Result<(), Error> {
        let Self(stream, decoder, head) = self;
        stream.set_read_timeout(Some(patience.max(Duration::from_millis(1))))?;
        let mut chunk = [0; 16 << 10];
        let mut bytes = match stream.read(&mut chunk)? {
            0 => return decoder.eof().map(|()| pull.end(gate, now)).map_err(Error::other),
            count => &chunk[..count],
        };
        while let (taken, Some(event)) = decoder.push(bytes, head).map_err(Error::other)? {
            match event {
                Event::Head(head) => pull.head(gate, now, head.status(), head.fields()),
                Event::Body(mut body) => {
                    while let (taken, Some(item)) = pull.body(now, body) {
                        if let Item::Whole { bytes, .. } = item {
                            page.push(bytes.to_vec());
                        }
                        body = &body[taken..];
                    }
                }
                Event::End => pull.end(gate, now),
            }
            bytes = &bytes[taken..];
        }
        Ok(())
    }
}
