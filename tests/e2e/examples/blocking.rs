//! A driver of one's own, blocking, on a socket of the standard library: `docs/driver.md` goes through it. Here it prints
//! what it pulls: `cargo run -p tidegate-e2e --example blocking -- http://127.0.0.1:8080 simulator-key`

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant as Clock};
use tidegate_core::http::Request;
use tidegate_core::http::h1::{self, Decoder, Event};
use tidegate_core::pull::{self, Outcome, Settings, TransportFault};
use tidegate_core::quota::{Slot, Terms};
use tidegate_core::time::Instant;
use tidegate_core::{Gate, Project, Pull, Step, api::comanage};

#[allow(dead_code, reason = "the test calls what is below")]
fn main() {
    let [_, base_url, key] = std::env::args().collect::<Vec<_>>().try_into().expect("a base URL and a key");
    let mut print = |item: Vec<u8>| std::io::stdout().write_all(&item).expect("somebody to read");
    assert!(pull(&base_url, &key, std::thread::sleep, &mut print).is_complete());
}

/// Pulls the objects of view 42, and hands over the items of each page once it is whole.
pub(crate) fn pull(base: &str, key: &str, sleep: fn(Duration), store: &mut dyn FnMut(Vec<u8>)) -> Outcome {
    let endpoint = comanage::view_objects("/objects", 42);
    let project = Project::over_plain_text(&comanage::API, base, key).expect("a usable project");
    let gate = Gate::new(comanage::API.windows, Terms::DEFAULT, [Slot::FREE; 200]);
    let mut gate = gate.expect("enough slots").unused();
    let (mut item_buffer, mut head, mut chunk) = (vec![0; 1 << 20], [0; 4 << 10], [0; 16 << 10]);
    let mut pull = Pull::new(&project, &endpoint, &Settings::DEFAULT, &mut item_buffer, None).expect("fits");
    let (mut stream, mut decoder, mut page) = (None, Decoder::new(), Vec::new());
    let begin = Clock::now();
    let now = || Instant::from_millis(begin.elapsed().as_millis() as u64 + 1);
    loop {
        match pull.step(&mut gate, now()) {
            Step::Wait { until, .. } => sleep(until.since(now()).into()),
            Step::Send if pull.sent(&mut gate, now()) => {
                (stream, decoder) = (pull.request(&gate).and_then(send), Decoder::new());
            }
            Step::Send => {}
            Step::Receive { deadline } => match read(&mut stream, deadline.since(now()).into(), &mut chunk) {
                Some([]) if decoder.eof().is_ok() => pull.end(&mut gate, now()),
                Some([]) | None => pull.failed(&mut gate, now(), TransportFault::Broken),
                Some(mut bytes) => loop {
                    let Ok((taken, event)) = decoder.push(bytes, &mut head) else {
                        break pull.failed(&mut gate, now(), TransportFault::Broken);
                    };
                    match event {
                        Some(Event::Head(head)) => {
                            pull.head(&mut gate, now(), head.status(), head.fields());
                        }
                        Some(Event::Body(mut body)) => {
                            while let Some(event) = pull.body(now(), &mut body) {
                                if let pull::Event::Item { bytes, .. } = event {
                                    page.push(bytes.to_vec());
                                }
                            }
                        }
                        Some(Event::End) => pull.end(&mut gate, now()),
                        None => break,
                    }
                    bytes = &bytes[taken..];
                },
            },
            Step::Checkpoint => {
                page.drain(..).for_each(&mut *store);
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

/// A connection for one request, which has left over it.
fn send(request: Request<'_>) -> Option<TcpStream> {
    let mut stream = TcpStream::connect((request.origin().host(), request.origin().port())).ok()?;
    let mut buffer = [0; 4 << 10];
    let length = h1::encode(&request, &mut buffer).ok()?;
    stream.write_all(&buffer[..length]).ok().map(|()| stream)
}

fn read<'b>(stream: &mut Option<TcpStream>, wait: Duration, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let stream = stream.as_mut()?;
    stream.set_read_timeout(Some(wait.max(Duration::from_millis(1)))).ok()?;
    let count = stream.read(buffer).ok()?;
    Some(&buffer[..count])
}
