//! What the host gives by semihosting: lines out, arguments in, files, randomness, the wall clock and the exit code.
//! Rules from Arm's "Semihosting for AArch32 and AArch64" (operations and their parameter blocks). QEMU must run with
//! `-semihosting-config enable=on,target=native`. Each call stops the machine until the host has answered.

use core::fmt::{self, Write};
use core::str::FromStr;
use core::sync::atomic::{AtomicUsize, Ordering};

/// How long the command line may be, in bytes.
pub const LINE_LIMIT: usize = 512;

/// Exit codes that the board itself uses; an image is free to use those below.
pub mod exit_code {
    /// The image did what it was to do.
    pub const DONE: u8 = 0;
    /// The image could not go on, and said why.
    pub const STOPPED: u8 = 101;
    /// A panic, a hardware fault, or an interrupt that nobody asked for.
    pub const FAULT: u8 = 102;
    /// The power was cut, as the arguments wanted it.
    pub const POWER_CUT: u8 = 103;
}

mod operation {
    pub(super) const OPEN: usize = 0x01;
    pub(super) const CLOSE: usize = 0x02;
    pub(super) const WRITE: usize = 0x05;
    pub(super) const READ: usize = 0x06;
    pub(super) const SEEK: usize = 0x0a;
    pub(super) const LENGTH: usize = 0x0c;
    pub(super) const TIME: usize = 0x11;
    pub(super) const COMMAND_LINE: usize = 0x15;
    pub(super) const EXIT_EXTENDED: usize = 0x20;
}

/// One call; the parameter block is what the operation wants it to be.
fn call(operation: usize, block: &mut [usize]) -> usize {
    let result;
    // SAFETY: the host reads and writes the block, and what the block points to; every caller in this file points only
    // to memory that it has borrowed for as long as the call lasts.
    unsafe {
        core::arch::asm!(
            "bkpt 0xab",
            inout("r0") operation => result,
            in("r1") block.as_mut_ptr(),
            options(nostack)
        );
    }
    result
}

/// Prints one line: `line!("key {}", value)`.
#[macro_export]
macro_rules! line {
    ($($part:tt)*) => { $crate::host::print(::core::format_args!("{}\n", ::core::format_args!($($part)*))) };
}

/// Prints text to the host's console; images print lines of `key value` with [`line!`](crate::line).
pub fn print(text: fmt::Arguments<'_>) {
    // A console that cannot be written to has nobody to be told.
    let _ = Console.write_fmt(text);
}

struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        /// Zero until it is open, for no handle is zero.
        static HANDLE: AtomicUsize = AtomicUsize::new(0);
        if HANDLE.load(Ordering::Relaxed) == 0 {
            let console = File::open(c":tt", Mode::Create).ok_or(fmt::Error)?;
            HANDLE.store(console.0, Ordering::Relaxed);
            // It stays open for as long as the machine runs.
            core::mem::forget(console);
        }
        match File::write_to(HANDLE.load(Ordering::Relaxed), text.as_bytes()) {
            true => Ok(()),
            false => Err(fmt::Error),
        }
    }
}

/// Ends the machine.
pub fn exit(code: u8) -> ! {
    /// ADP_Stopped_ApplicationExit.
    const APPLICATION_EXIT: usize = 0x20026;
    call(operation::EXIT_EXTENDED, &mut [APPLICATION_EXIT, code.into()]);
    loop {
        cortex_m::asm::wfi();
    }
}

/// Ends the machine as a power cut does, and tells where: as the arguments wanted it.
pub(crate) fn cut(at: &str) -> ! {
    line!("cut at {at}");
    exit(exit_code::POWER_CUT)
}

/// Ends the machine because it cannot go on without something, and tells what: a panic would say nothing.
pub fn stop(what: &str) -> ! {
    line!("stopped, not so: {what}");
    exit(exit_code::STOPPED)
}

/// `expect` that tells the words given, and nothing of the error: an image that could print all errors would be mostly that.
pub trait OrStop<T> {
    /// What is there, else [`stop`].
    fn or_stop(self, what: &str) -> T;
}

impl<T, E> OrStop<T> for Result<T, E> {
    fn or_stop(self, what: &str) -> T {
        self.unwrap_or_else(|_| stop(what))
    }
}

impl<T> OrStop<T> for Option<T> {
    fn or_stop(self, what: &str) -> T {
        self.unwrap_or_else(|| stop(what))
    }
}

/// Seconds since 1970 on the host's clock.
pub fn unix_seconds() -> u32 {
    call(operation::TIME, &mut []) as u32
}

/// Fills the buffer with the host's randomness. The machine stops where the host has none: nothing secret must come of that.
pub fn random(buffer: &mut [u8]) {
    let source = File::open(c"/dev/urandom", Mode::Read).or_stop("the host has /dev/urandom");
    source.read(buffer).then_some(()).or_stop("the host's randomness goes on");
}

/// A random number.
pub fn random_u64() -> u64 {
    let mut bytes = [0; 8];
    random(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// The words `key=value` of the command line.
#[derive(Clone, Copy, Debug)]
pub struct Arguments(&'static str);

impl Arguments {
    /// The machine stops if the line does not fit, or is not text.
    pub(crate) fn read(buffer: &'static mut [u8; LINE_LIMIT]) -> Self {
        let mut block = [buffer.as_mut_ptr() as usize, buffer.len()];
        let is_read = call(operation::COMMAND_LINE, &mut block) == 0;
        is_read.then_some(()).or_stop("the command line fits");
        let line = buffer.split(|&byte| byte == 0).next().unwrap_or_default();
        Self(core::str::from_utf8(line).or_stop("the command line is text"))
    }

    /// What stands after `key=`, up to the next space.
    pub fn get(&self, key: &str) -> Option<&'static str> {
        self.0.split(' ').find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }

    /// The same, read as a number or the like. The machine stops if it is there and is no such thing.
    pub fn parsed<T: FromStr>(&self, key: &str) -> Option<T> {
        self.get(key).map(|value| value.parse().unwrap_or_else(|_| unfit(key)))
    }

    /// The same for what an image cannot do without. The machine stops if it is not there.
    pub fn needed<T: FromStr>(&self, key: &str) -> T {
        self.parsed(key).unwrap_or_else(|| unfit(key))
    }
}

/// Ends the machine because an argument is of no use.
fn unfit(key: &str) -> ! {
    line!("stopped, the argument {key}= is missing or cannot be read");
    exit(exit_code::STOPPED)
}

/// How a host file is opened, as fopen() has it.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// `rb`
    Read = 1,
    /// `r+b`
    Change = 3,
    /// `wb`
    Create = 5,
}

/// The longest name of a file.
const PATH_LIMIT: usize = 256;

/// The whole of a host's file at the beginning of the buffer, and its length. The machine stops if the host has no such
/// file, or a larger one.
pub fn read_file(name: &str, buffer: &mut [u8]) -> usize {
    let file = File::open_named(name, Mode::Read).or_stop("the host has the file");
    let length = file.length();
    file.read(&mut buffer[..length]).then_some(()).or_stop("the host's file can be read");
    length
}

/// An open file of the host. Closed when dropped.
#[derive(Debug)]
pub struct File(usize);

impl File {
    /// None if the host cannot open it so.
    pub fn open(path: &core::ffi::CStr, mode: Mode) -> Option<Self> {
        let length = path.count_bytes();
        let handle = call(operation::OPEN, &mut [path.as_ptr() as usize, mode as usize, length]);
        (handle != usize::MAX).then_some(Self(handle))
    }

    /// The same by a name that does not end in a zero. The machine stops if the name is too long.
    pub fn open_named(name: &str, mode: Mode) -> Option<Self> {
        let mut path = [0; PATH_LIMIT];
        path[..name.len()].copy_from_slice(name.as_bytes());
        let path =
            core::ffi::CStr::from_bytes_until_nul(&path).or_stop("the name of the file is not too long");
        Self::open(path, mode)
    }

    /// How many bytes it has.
    pub fn length(&self) -> usize {
        call(operation::LENGTH, &mut [self.0])
    }

    /// Goes to this byte. False if the host cannot.
    pub fn seek(&self, offset: usize) -> bool {
        call(operation::SEEK, &mut [self.0, offset]) == 0
    }

    /// Fills the whole buffer. False if the file ends before.
    pub fn read(&self, buffer: &mut [u8]) -> bool {
        call(operation::READ, &mut [self.0, buffer.as_mut_ptr() as usize, buffer.len()]) == 0
    }

    /// Writes all of it, in one call to the host's write(). False if the host cannot.
    pub fn write(&self, bytes: &[u8]) -> bool {
        Self::write_to(self.0, bytes)
    }

    fn write_to(handle: usize, bytes: &[u8]) -> bool {
        call(operation::WRITE, &mut [handle, bytes.as_ptr() as usize, bytes.len()]) == 0
    }
}

impl Drop for File {
    fn drop(&mut self) {
        call(operation::CLOSE, &mut [self.0]);
    }
}
