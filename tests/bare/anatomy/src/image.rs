//! An image: its functions, and the room that each byte of them comes from.

use addr2line::Loader;
use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};
use std::collections::BTreeMap;

/// The debug data tells the place of every two bytes: the shortest instruction.
const INSTRUCTION: u64 = 2;

/// A function as it was linked.
#[derive(Debug, Default)]
pub struct Function {
    pub name: String,
    pub(crate) address: u64,
    /// Bytes of code, with what was inlined.
    pub size: u64,
    /// Bytes of stack.
    pub frame: u64,
    /// Calls that only move memory.
    pub copies: usize,
}

impl Function {
    /// Whether it is a function of core, and not of the driver around it.
    pub fn is_core(&self) -> bool {
        self.name.trim_start_matches('<').starts_with("tidegate_core")
    }
}

#[derive(Debug)]
pub struct Image {
    pub functions: Vec<Function>,
    /// Bytes of code by room.
    pub rooms: BTreeMap<String, u64>,
}

impl Image {
    pub fn read(path: &str) -> Result<Self, String> {
        let fault = |error: &dyn std::fmt::Display| format!("{path}: {error}");
        let bytes = std::fs::read(path).map_err(|error| fault(&error))?;
        let file = object::File::parse(&*bytes).map_err(|error| fault(&error))?;
        let loader = Loader::new(path).map_err(|error| fault(&error))?;
        let mut functions = functions(&file);
        if functions.is_empty() {
            return Err(format!("{path} has no functions"));
        }
        add_frames(&file, &mut functions);
        add_copies(&file, &mut functions);
        let mut rooms = BTreeMap::new();
        for function in &functions {
            for address in (function.address..function.address + function.size).step_by(INSTRUCTION as usize)
            {
                *rooms.entry(room_of(&loader, address)).or_default() += INSTRUCTION;
            }
        }
        Ok(Self { functions, rooms })
    }
}

/// The functions of a file, each once.
fn functions(file: &object::File<'_>) -> Vec<Function> {
    let mut functions = BTreeMap::new();
    for symbol in file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.size() > 0) {
        // The lowest bit of an address says that the code is Thumb.
        let address = symbol.address() & !1;
        let name = format!("{:#}", rustc_demangle::demangle(symbol.name().unwrap_or_default()));
        functions.insert(address, Function { name, address, size: symbol.size(), frame: 0, copies: 0 });
    }
    functions.into_values().collect()
}

/// The function at an address.
fn at(functions: &mut [Function], address: u64) -> Option<&mut Function> {
    let behind = functions.partition_point(|function| function.address <= address);
    let function = functions.get_mut(behind.checked_sub(1)?)?;
    (address < function.address + function.size).then_some(function)
}

/// Reads the frames out of `.stack_sizes`: for each function a 32-bit address and a number in LEB128.
fn add_frames(file: &object::File<'_>, functions: &mut [Function]) {
    let Some(section) = file.section_by_name(".stack_sizes") else { return };
    let mut rest = section.data().unwrap_or_default();
    while let Some((address, behind)) = rest.split_first_chunk::<4>() {
        let end = behind.iter().position(|byte| byte & 0x80 == 0).map_or(behind.len(), |last| last + 1);
        let (number, behind) = behind.split_at(end);
        let frame = number.iter().rev().fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7f));
        if let Some(function) = at(functions, u64::from(u32::from_le_bytes(*address)) & !1) {
            function.frame = frame;
        }
        rest = behind;
    }
}

/// Counts the calls that lead to a function that moves memory.
fn add_copies(file: &object::File<'_>, functions: &mut [Function]) {
    let moves = |function: &Function| MOVES.iter().any(|name| function.name.contains(name));
    let targets: Vec<u64> =
        functions.iter().filter(|function| moves(function)).map(|function| function.address).collect();
    for function in functions {
        let code =
            file.sections().find_map(|section| section.data_range(function.address, function.size).ok()?);
        let calls = calls(code.unwrap_or_default(), function.address);
        function.copies = calls.iter().filter(|target| targets.contains(target)).count();
    }
}

/// The names of functions that move memory.
const MOVES: [&str; 4] = ["memcpy", "memmove", "memset", "memclr"];

/// Where the calls (`BL`) in Thumb code lead: Arm Architecture Reference Manual for ARMv7-M, A5.1 and A7.7.18.
fn calls(code: &[u8], address: u64) -> Vec<u64> {
    let mut calls = Vec::new();
    let (mut rest, mut at) = (code, address);
    while let Some((half, behind)) = half(rest) {
        let is_long = matches!(half >> 11, 0b11101..=0b11111);
        let (second, behind) = if is_long { self::half(behind).unwrap_or((0, &[])) } else { (0, behind) };
        if half >> 11 == 0b11110 && second & 0xd000 == 0xd000 {
            calls.push(target(at + 4, half, second));
        }
        at += if is_long { 4 } else { 2 };
        rest = behind;
    }
    calls
}

/// Sixteen bits of code.
fn half(code: &[u8]) -> Option<(u64, &[u8])> {
    let (half, behind) = code.split_first_chunk()?;
    Some((u16::from_le_bytes(*half).into(), behind))
}

/// Where a `BL` leads, from the address behind it.
fn target(from: u64, first: u64, second: u64) -> u64 {
    let sign = first >> 10 & 1;
    let bit = |bit: u32| !(second >> bit ^ sign) & 1;
    let offset = bit(13) << 23 | bit(11) << 22 | (first & 0x3ff) << 12 | (second & 0x7ff) << 1;
    from.wrapping_add(offset).wrapping_sub(sign << 24)
}

/// The room that an instruction belongs to: a file or folder of core, the driver, or a library.
fn room_of(loader: &Loader, address: u64) -> String {
    let mut outermost = None;
    if let Ok(mut frames) = loader.find_frames(address) {
        while let Ok(Some(frame)) = frames.next() {
            let Some(file) = frame.location.and_then(|location| location.file) else { continue };
            if let Some(room) = room_of_core(file) {
                return room;
            }
            outermost = Some(if file.contains("tests/bare/src") { "driver" } else { "libraries" });
        }
    }
    outermost.unwrap_or("libraries").to_owned()
}

/// The room of a file of core: the folders that it is in, or its own name if it is in none.
fn room_of_core(file: &str) -> Option<String> {
    let (crate_root, path) = file.rsplit_once("core/src/")?;
    if crate_root.contains("/library/") {
        return None;
    }
    Some(
        path.rsplit_once('/')
            .map_or_else(|| path.trim_end_matches(".rs").to_owned(), |(folders, _)| folders.to_owned()),
    )
}
