//! Connections of embassy-net, and of stacks with the traits of `embedded-nal-async`, against a server on a stack of embassy-net, joined by a wire in memory, on a clock that jumps to
//! whatever is waited for.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop where something is wrong"
)]

use core::net::{IpAddr, SocketAddr};
use embassy_net::dns::DnsSocket;
use embassy_net::tcp::TcpSocket;
use embassy_net::tcp::client::{TcpClient, TcpClientState};
use embassy_net::udp::{PacketMetadata, UdpSocket};
use embassy_net::{Config, Ipv4Address, Ipv4Cidr, Runner, Stack, StackResources, StaticConfigV4};
use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use embedded_nal_async::{AddrType, Dns, TcpConnect};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use tidegate_core::http::BaseUrl;
use tidegate_core::time::Duration;
use tidegate_embassy::nal::Nal;
use tidegate_embassy::net::Tcp;
use tidegate_embassy::{Connect, ConnectError, Connection as _, clock};

const DEVICE: Ipv4Address = Ipv4Address::new(10, 0, 0, 1);
const SERVER: Ipv4Address = Ipv4Address::new(10, 0, 0, 2);
const PORT: u16 = 80;

/// The clock of embassy-time: of each thread its own.
struct ThisThreads;

embassy_time_driver::time_driver_impl!(static CLOCK: ThisThreads = ThisThreads);

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(0) };
    static WAKES: RefCell<Vec<(u64, Waker)>> = const { RefCell::new(Vec::new()) };
    static WIRE: RefCell<Wire> = RefCell::new(Wire::default());
}

impl embassy_time_driver::Driver for ThisThreads {
    fn now(&self) -> u64 {
        NOW.get()
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        match at > NOW.get() {
            true => WAKES.with_borrow_mut(|wakes| wakes.push((at, waker.clone()))),
            false => waker.wake_by_ref(),
        }
    }
}

/// What goes from one stack to the other, unless the link is lost.
#[derive(Default)]
struct Wire {
    frames: [VecDeque<Vec<u8>>; 2],
    wakers: [Option<Waker>; 2],
    is_cut: bool,
}

/// The end of the wire that has this number.
struct Port(usize);

struct Frame(Vec<u8>);

impl RxToken for Frame {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(mut self, take: F) -> R {
        take(&mut self.0)
    }
}

struct Room(usize);

impl TxToken for Room {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, fill: F) -> R {
        let mut frame = vec![0; length];
        let result = fill(&mut frame);
        WIRE.with_borrow_mut(|wire| {
            if !wire.is_cut {
                wire.frames[1 - self.0].push_back(frame);
                wire.wakers[1 - self.0].iter().for_each(Waker::wake_by_ref);
            }
        });
        result
    }
}

impl Driver for Port {
    type RxToken<'a> = Frame;
    type TxToken<'a> = Room;

    fn receive(&mut self, context: &mut Context<'_>) -> Option<(Frame, Room)> {
        WIRE.with_borrow_mut(|wire| {
            wire.wakers[self.0] = Some(context.waker().clone());
            wire.frames[self.0].pop_front().map(|frame| (Frame(frame), Room(self.0)))
        })
    }

    fn transmit(&mut self, _: &mut Context<'_>) -> Option<Room> {
        Some(Room(self.0))
    }

    fn link_state(&mut self, _: &mut Context<'_>) -> LinkState {
        WIRE.with_borrow(|wire| if wire.is_cut { LinkState::Down } else { LinkState::Up })
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = 1_514;
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet([2, 0, 0, 0, 0, self.0 as u8])
    }
}

/// Cuts the wire, or mends it.
fn cut(is_cut: bool) {
    WIRE.with_borrow_mut(|wire| {
        wire.is_cut = is_cut;
        wire.wakers.iter().flatten().for_each(Waker::wake_by_ref);
    });
}

/// Whether a future is to be polled.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs all of it until the first is done, each when it is woken. Where nothing more happens, time passes until something does.
fn run<T, const N: usize>(
    work: impl Future<Output = T>,
    beside: [Pin<&mut dyn Future<Output = ()>>; N],
) -> T {
    let mut work = pin!(work);
    let mut beside = beside.map(|future| (Arc::new(Woken(AtomicBool::new(true))), Some(future)));
    let woken = Arc::new(Woken(AtomicBool::new(true)));
    for _ in 0..100_000 {
        let mut is_idle = true;
        for (woken, future) in &mut beside {
            if woken.0.swap(false, Ordering::Relaxed) {
                is_idle = false;
                let waker = Waker::from(Arc::clone(woken));
                future.take_if(|future| future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
            }
        }
        if woken.0.swap(false, Ordering::Relaxed) {
            is_idle = false;
            let waker = Waker::from(Arc::clone(&woken));
            if let Poll::Ready(output) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
        }
        if is_idle {
            WAKES.with_borrow_mut(|wakes| {
                let next = wakes.iter().map(|(at, _)| *at).min().expect("something will happen");
                NOW.set(next);
                wakes.extract_if(.., |(at, _)| *at <= next).for_each(|(_, waker)| waker.wake());
            });
        }
    }
    panic!("it hangs at {} ms", NOW.get());
}

fn stack(number: usize, address: Ipv4Address) -> (Stack<'static>, Runner<'static, Port>) {
    let config = Config::ipv4_static(StaticConfigV4 {
        address: Ipv4Cidr::new(address, 24),
        gateway: None,
        dns_servers: [SERVER].into_iter().collect(),
    });
    embassy_net::new(Port(number), config, Box::leak(Box::new(StackResources::<8>::new())), number as u64)
}

/// Answers all questions about names with these addresses.
async fn names(stack: Stack<'_>, addresses: &[Ipv4Address]) {
    let (mut received, mut sent) = ([PacketMetadata::EMPTY; 4], [PacketMetadata::EMPTY; 4]);
    let (mut receive, mut send) = ([0; 1_024], [0; 1_024]);
    let mut socket = UdpSocket::new(stack, &mut received, &mut receive, &mut sent, &mut send);
    socket.bind(53).unwrap();
    loop {
        let mut question = [0; 512];
        let (length, from) = socket.recv_from(&mut question).await.unwrap();
        let mut answer = question[..length].to_vec();
        // An answer without an error, of so many addresses, each for the name in the question.
        answer[2..8].copy_from_slice(&[0x81, 0x80, 0, 1, 0, addresses.len() as u8]);
        for address in addresses {
            answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
            answer.extend_from_slice(&address.octets());
        }
        socket.send_to(&answer, from).await.unwrap();
    }
}

/// Takes one connection, reads a request of seven bytes from it, and tells how it ended.
async fn serve(stack: Stack<'_>) -> Result<usize, embassy_net::tcp::Error> {
    let (mut receive, mut send) = ([0; 1_024], [0; 1_024]);
    let mut socket = TcpSocket::new(stack, &mut receive, &mut send);
    socket.accept(PORT).await.unwrap();
    socket.read_exact(&mut [0; 7]).await.unwrap();
    socket.read(&mut [0; 16]).await
}

/// Runs the device's work, with the server's beside it, where a name has these addresses.
fn with_server<T>(
    addresses: &[Ipv4Address],
    device: impl AsyncFnOnce(Stack<'static>) -> T,
    server: impl AsyncFnOnce(Stack<'static>),
) -> T {
    let (own, mut own_runner) = stack(0, DEVICE);
    let (other, mut other_runner) = stack(1, SERVER);
    let beside: [Pin<&mut dyn Future<Output = ()>>; 4] = [
        pin!(async { own_runner.run().await }),
        pin!(async { other_runner.run().await }),
        pin!(names(other, addresses)),
        pin!(server(other)),
    ];
    run(device(own), beside)
}

/// Connects to the server by its name, and hands over the connection.
async fn connected<T>(
    stack: Stack<'_>,
    work: impl AsyncFnOnce(tidegate_embassy::net::TcpConnection<'_>) -> T,
) -> Result<T, ConnectError> {
    let (mut receive, mut send) = ([0; 1_460], [0; 512]);
    let mut tcp = Tcp::new(stack, &mut receive, &mut send);
    let url = BaseUrl::parse("http://api.example").unwrap();
    tcp.ready().await;
    let connection = tcp.connect(url.origin()).await?;
    Ok(work(connection).await)
}

async fn idle(_: Stack<'_>) {}

#[test]
fn every_address_of_a_name_is_tried_in_turn() {
    let nobody = Ipv4Address::new(10, 0, 0, 9);
    let without_a_route = Ipv4Address::new(192, 0, 2, 1);
    for addresses in [
        vec![SERVER],
        vec![nobody, SERVER],
        vec![without_a_route, SERVER],
        vec![nobody, without_a_route, Ipv4Address::new(10, 0, 0, 8), SERVER],
    ] {
        NOW.set(0);
        let result = with_server(
            &addresses,
            async |stack| connected(stack, async |_| clock::now()).await,
            async |stack| _ = serve(stack).await,
        );
        assert!(result.is_ok(), "{addresses:?}: {result:?}");
        assert!(NOW.get() < 25_000, "{addresses:?}: it took {} ms", NOW.get());
    }
}

#[test]
fn a_server_that_does_not_listen_refuses_at_once() {
    let result = with_server(&[SERVER], async |stack| connected(stack, async |_| ()).await, idle);
    assert_eq!((result, NOW.get() < 1_000), (Err(ConnectError::Refused), true));
}

/// How the server sees the end of a connection over which a request came.
fn seen(
    end: impl AsyncFnOnce(tidegate_embassy::net::TcpConnection<'_>),
) -> Result<usize, embassy_net::tcp::Error> {
    let seen = Cell::new(None);
    with_server(
        &[SERVER],
        async |stack| {
            let work = async |mut connection: tidegate_embassy::net::TcpConnection<'_>| {
                connection.write_all(b"request").await.unwrap();
                connection.flush().await.unwrap();
                end(connection).await;
            };
            connected(stack, work).await.unwrap();
            while seen.get().is_none() {
                clock::sleep_until(clock::now().after(Duration::from_millis(10))).await;
            }
        },
        async |stack| seen.set(Some(serve(stack).await)),
    );
    seen.get().unwrap()
}

#[test]
fn a_connection_that_is_aborted_is_reset_and_one_that_is_closed_is_not() {
    let aborted = seen(async |mut connection| connection.abort().await);
    assert_eq!(aborted, Err(embassy_net::tcp::Error::ConnectionReset));
    let closed = seen(async |mut connection| connection.close().await);
    assert_eq!(closed, Ok(0));
}

#[test]
fn without_a_link_the_end_of_a_connection_is_not_waited_for_long() {
    with_server(
        &[SERVER],
        async |stack| {
            let work = async |mut connection: tidegate_embassy::net::TcpConnection<'_>| {
                cut(true);
                let begin = NOW.get();
                connection.abort().await;
                assert!(NOW.get() - begin <= 2_000, "{} ms", NOW.get() - begin);
            };
            connected(stack, work).await.unwrap();
        },
        async |stack| _ = serve(stack).await,
    );
}

#[test]
fn a_lost_link_is_waited_for_although_the_address_is_a_fixed_one() {
    with_server(
        &[SERVER],
        async |stack| {
            stack.wait_config_up().await;
            cut(true);
            stack.wait_link_down().await;
            assert!(stack.is_config_up(), "the address stays");
            let (mut receive, mut send) = ([0; 64], [0; 64]);
            let mut tcp = Tcp::new(stack, &mut receive, &mut send);
            let back_at = clock::now().after(Duration::from_secs(60));
            let mended = async {
                clock::sleep_until(back_at).await;
                cut(false);
            };
            let ready = async {
                tcp.ready().await;
                assert!(clock::now() >= back_at, "it was ready without a link");
            };
            tokio::join!(ready, mended);
        },
        idle,
    );
}

/// What a server says after the request that it reads, and whether it then closes.
async fn say(stack: Stack<'_>, answer: &[u8], closes: bool) {
    let (mut receive, mut send) = ([0; 1_024], [0; 1_024]);
    let mut socket = TcpSocket::new(stack, &mut receive, &mut send);
    socket.accept(PORT).await.unwrap();
    socket.read_exact(&mut [0; 7]).await.unwrap();
    socket.write_all(answer).await.unwrap();
    if closes {
        socket.close();
    }
    // It stays until the client ends it.
    let _ = socket.read(&mut [0; 16]).await;
}

#[test]
fn a_stack_with_the_traits_of_embedded_nal_serves() {
    for (more, closes, is_kept) in [("", false, true), ("x", false, false), ("", true, false)] {
        let is_reusable = with_server(
            &[SERVER],
            async |stack| {
                let state = TcpClientState::<1, 512, 1_460>::new();
                let (tcp, dns) = (TcpClient::new(stack, &state), DnsSocket::new(stack));
                let mut nal = Nal::new(&tcp, &dns);
                let url = BaseUrl::parse("http://api.example").unwrap();
                let mut connection = nal.connect(url.origin()).await.unwrap();
                assert!(connection.is_reusable(), "nothing came yet");
                connection.write_all(b"request").await.unwrap();
                connection.flush().await.unwrap();
                let mut answer = [0; 6];
                connection.read_exact(&mut answer).await.unwrap();
                assert_eq!(&answer, b"answer");
                clock::sleep_until(clock::now().after(Duration::from_millis(100))).await;
                let is_reusable = connection.is_reusable();
                connection.close().await;
                is_reusable
            },
            async |stack| say(stack, format!("answer{more}").as_bytes(), closes).await,
        );
        assert_eq!(is_reusable, is_kept, "{more:?}, {closes}");
    }
}

/// A stack on which one address answers, and which has no names but those of these addresses.
struct Stub {
    names: [Option<IpAddr>; 2],
    answers: Option<IpAddr>,
    tried: RefCell<Vec<SocketAddr>>,
}

/// A connection over which nothing comes.
struct Silent;

impl ErrorType for Silent {
    type Error = ErrorKind;
}

impl Read for Silent {
    async fn read(&mut self, _: &mut [u8]) -> Result<usize, ErrorKind> {
        std::future::pending().await
    }
}

impl Write for Silent {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        Ok(bytes.len())
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl TcpConnect for Stub {
    type Error = ErrorKind;
    type Connection<'a> = Silent;

    async fn connect(&self, remote: SocketAddr) -> Result<Silent, ErrorKind> {
        self.tried.borrow_mut().push(remote);
        match self.answers {
            Some(address) if address == remote.ip() => Ok(Silent),
            Some(_) => Err(ErrorKind::ConnectionRefused),
            None => std::future::pending().await,
        }
    }
}

impl Dns for Stub {
    type Error = ErrorKind;

    async fn get_host_by_name(&self, _: &str, kind: AddrType) -> Result<IpAddr, ErrorKind> {
        let [four, six] = self.names;
        if kind == AddrType::IPv4 { four } else { six }.ok_or(ErrorKind::NotFound)
    }

    async fn get_host_by_address(&self, _: IpAddr, _: &mut [u8]) -> Result<usize, ErrorKind> {
        Err(ErrorKind::Unsupported)
    }
}

#[test]
fn both_kinds_of_addresses_are_tried_and_one_that_is_written_needs_no_name_server() {
    let (four, six): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap());
    for (url, (names, answers), expected, tried) in [
        ("http://a.example", ([Some(four), Some(six)], Some(four)), Ok(()), vec![four]),
        ("http://a.example", ([Some(four), Some(six)], Some(six)), Ok(()), vec![four, six]),
        ("http://a.example", ([None, Some(six)], Some(six)), Ok(()), vec![six]),
        ("http://a.example", ([Some(six), None], Some(four)), Err(ConnectError::Refused), vec![six]),
        ("http://a.example", ([None, None], Some(four)), Err(ConnectError::Name), vec![]),
        ("http://192.0.2.1", ([None, None], Some(four)), Ok(()), vec![four]),
        ("http://[2001:db8::1]", ([None, None], Some(six)), Ok(()), vec![six]),
        ("https://a.example", ([Some(four), None], Some(four)), Err(ConnectError::Scheme), vec![]),
    ] {
        let stub = Stub { names, answers, tried: RefCell::default() };
        let mut nal = Nal::new(&stub, &stub);
        let connected = async { nal.connect(BaseUrl::parse(url).unwrap().origin()).await.map(|_| ()) };
        assert_eq!(run(connected, []), expected, "{url}, {names:?}");
        let ips: Vec<_> = stub.tried.borrow().iter().map(SocketAddr::ip).collect();
        assert_eq!(ips, tried, "{url}, {names:?}");
    }
}

#[test]
fn an_address_that_is_slow_does_not_hold_up_the_other_and_is_tried_again_if_there_is_none() {
    let (four, six): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap());
    for (names, tried) in [([Some(four), Some(six)], [four, six]), ([Some(four), None], [four, four])] {
        let stub = Stub { names, answers: None, tried: RefCell::default() };
        let mut nal = Nal::new(&stub, &stub);
        let connecting = async {
            let connecting = nal.connect(BaseUrl::parse("http://a.example").unwrap().origin());
            embassy_time::with_timeout(embassy_time::Duration::from_secs(30), connecting).await.is_err()
        };
        assert!(run(connecting, []), "as long as the request has time");
        let ips: Vec<_> = stub.tried.borrow().iter().map(SocketAddr::ip).collect();
        assert_eq!(ips, tried);
    }
}

#[test]
fn under_tls_only_https_is_taken_and_a_connection_for_one_request_is_not_kept() {
    let four: IpAddr = "192.0.2.1".parse().unwrap();
    let stub = Stub { names: [Some(four), None], answers: Some(four), tried: RefCell::default() };
    let kept = |url: &str, nal: &mut Nal<&Stub, &Stub>| {
        let work = async {
            let connected = nal.connect(BaseUrl::parse(url).unwrap().origin()).await;
            connected.map(|mut connection| connection.is_reusable())
        };
        run(work, [])
    };
    let mut nal = Nal::new(&stub, &stub).for_tls();
    assert_eq!(kept("http://a.example", &mut nal), Err(ConnectError::Scheme));
    assert_eq!(kept("https://a.example", &mut nal), Ok(true));
    assert_eq!(kept("https://a.example", &mut nal.for_one_request_each()), Ok(false));
}
