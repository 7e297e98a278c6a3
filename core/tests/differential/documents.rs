//! Documents made up at random, whole and damaged: of the lengths and forms at which the tokenizer changes from one way
//! of reading to another. The same seed gives the same documents.

use fastrand::Rng;

/// How a document is laid out.
#[derive(Clone, Copy)]
enum Layout {
    Tight,
    Spaced,
    Indented(usize),
    /// Whitespace of any kind, anywhere.
    Wild,
}

/// A document, perhaps damaged.
pub fn any(rng: &mut Rng) -> Vec<u8> {
    let mut maker = Maker { layout: layout(rng), spoils: rng.u8(..4) == 0, level: 0, out: Vec::new() };
    maker.space(rng);
    match rng.u8(..10) {
        0..5 => maker.value(rng, 4),
        5..9 => maker.page(rng),
        _ => maker.deep(rng),
    }
    maker.space(rng);
    let mut document = maker.out;
    if rng.bool() {
        for _ in 0..rng.usize(1..4) {
            damage(rng, &mut document);
        }
    }
    document
}

fn layout(rng: &mut Rng) -> Layout {
    match rng.u8(..8) {
        0..3 => Layout::Tight,
        3 => Layout::Spaced,
        4..7 => Layout::Indented(rng.usize(0..7)),
        _ => Layout::Wild,
    }
}

/// One byte put in, taken out or replaced, a part doubled, or the end cut off.
fn damage(rng: &mut Rng, document: &mut Vec<u8>) {
    const BYTES: &[u8] =
        b"[]{},:\"\\/u0d18-+.eEtfnul# \t\r\n\x00\x1f!\x7f\x80\x8f\xa0\xbf\xc0\xc3\xe0\xe4\xed\xef\xf0\xf4\xff";
    let at = rng.usize(..=document.len());
    let byte = BYTES[rng.usize(..BYTES.len())];
    match rng.u8(..8) {
        0..3 => document.insert(at, byte),
        3..5 if at < document.len() => drop(document.remove(at)),
        5..7 if at < document.len() => document[at] = byte,
        7 if rng.bool() => {
            let end = document.len().min(at + rng.usize(..40));
            let part = document[at..end].to_vec();
            document.splice(at..at, part);
        }
        _ => document.truncate(at),
    }
}

struct Maker {
    layout: Layout,
    /// Whether numbers and texts may be wrong.
    spoils: bool,
    level: usize,
    out: Vec<u8>,
}

impl Maker {
    fn put(&mut self, text: &str) {
        self.out.extend(text.bytes());
    }

    fn put_characters(&mut self, rng: &mut Rng, most: usize, character: fn(&mut Rng) -> char) {
        let text: String = (0..rng.usize(..most)).map(|_| plain(character(rng))).collect();
        self.put(&text);
    }

    /// What may stand between two tokens.
    fn space(&mut self, rng: &mut Rng) {
        if let Layout::Wild = self.layout {
            for _ in 0..rng.usize(..4) {
                let spaces = [" ", "\n", "\t", "\r\n", "    ", "\n          ", "                    "];
                self.put(spaces[rng.usize(..spaces.len())]);
            }
        }
    }

    /// What stands before an element, a member or the end of either's container.
    fn line(&mut self, rng: &mut Rng) {
        match self.layout {
            Layout::Indented(width) => {
                self.out.push(b'\n');
                self.out.extend(std::iter::repeat_n(b' ', self.level * width));
            }
            Layout::Tight | Layout::Spaced | Layout::Wild => self.space(rng),
        }
    }

    fn value(&mut self, rng: &mut Rng, depth: usize) {
        match rng.u8(if depth == 0 { 2..10 } else { 0..10 }) {
            0 => self.elements(rng, depth),
            1 => {
                let members = rng.usize(..5);
                self.members(rng, members, |maker, rng| {
                    maker.text(rng);
                    maker.colon(rng);
                    maker.value(rng, depth - 1);
                });
            }
            2..5 => self.text(rng),
            5..8 => self.number(rng),
            _ => self.put(["true", "false", "null", "{}", "[]"][rng.usize(..5)]),
        }
    }

    fn elements(&mut self, rng: &mut Rng, depth: usize) {
        self.out.push(b'[');
        self.level += 1;
        let elements = rng.usize(..6);
        for element in 0..elements {
            self.put(if element == 0 { "" } else { "," });
            self.line(rng);
            self.value(rng, depth - 1);
            self.space(rng);
        }
        self.level -= 1;
        if elements > 0 {
            self.line(rng);
        }
        self.out.push(b']');
    }

    fn members(&mut self, rng: &mut Rng, count: usize, mut member: impl FnMut(&mut Self, &mut Rng)) {
        self.out.push(b'{');
        self.level += 1;
        for index in 0..count {
            self.put(if index == 0 { "" } else { "," });
            self.line(rng);
            member(self, rng);
            self.space(rng);
        }
        self.level -= 1;
        if count > 0 {
            self.line(rng);
        }
        self.out.push(b'}');
    }

    fn colon(&mut self, rng: &mut Rng) {
        self.space(rng);
        self.out.push(b':');
        self.space(rng);
        if let Layout::Spaced | Layout::Indented(_) = self.layout {
            self.out.push(b' ');
        }
    }

    /// Members that may matter to a page, under names that may.
    fn page(&mut self, rng: &mut Rng) {
        let members = rng.usize(1..5);
        self.members(rng, members, |maker, rng| {
            let names = ["items", "items", "it\\u0065ms", "next", "total", "\\ud800"];
            maker.put(&format!("\"{}\"", names[rng.usize(..names.len())]));
            maker.colon(rng);
            match rng.bool() {
                true => maker.elements(rng, 3),
                false => maker.value(rng, 2),
            }
        });
    }

    /// Containers up to the limit of what may be open and somewhat further.
    fn deep(&mut self, rng: &mut Rng) {
        self.layout = if rng.bool() { Layout::Tight } else { Layout::Wild };
        let opened: Vec<bool> = (0..rng.usize(1..132)).map(|_| rng.bool()).collect();
        for object in &opened {
            self.put(if *object { "{\"a\":" } else { "[" });
        }
        self.number(rng);
        for object in opened.iter().rev() {
            self.space(rng);
            self.out.push(if *object { b'}' } else { b']' });
        }
    }

    fn text(&mut self, rng: &mut Rng) {
        self.out.push(b'"');
        for _ in 0..rng.usize(..4) {
            let run = if rng.u8(..8) == 0 { 150 } else { 12 };
            match rng.u8(..9) {
                _ if self.spoils && rng.u8(..8) == 0 => {
                    let wrong: [&[u8]; 16] = [
                        b"\x1f",
                        b"\n",
                        b"\t",
                        b"\x80",
                        b"\xe4\xb8",
                        b"\xc0\xaf",
                        b"\xc1\xbf",
                        b"\xe0\x9f\xbf",
                        b"\xed\xa0\x80",
                        b"\xf0\x8f\xbf\xbf",
                        b"\xf4\x90\x80\x80",
                        b"\xf5\x80\x80\x80",
                        b"\\x",
                        b"\\u12",
                        b"\\u12g4",
                        b"\\ud8",
                    ];
                    self.out.extend(wrong[rng.usize(..wrong.len())]);
                }
                0..4 => self.put_characters(rng, run, |rng| rng.char(' '..='~')),
                4 => self.put_characters(rng, run, |rng| rng.char('一'..='龥')),
                5 => self.put_characters(rng, 4, |rng| rng.char(..)),
                6 => {
                    let edges =
                        ["é", "ࠀ", "\u{7ff}", "\u{d7ff}", "\u{e000}", "\u{ffff}", "😀", "\u{10ffff}", "#"];
                    self.put(edges[rng.usize(..edges.len())]);
                }
                7 => {
                    let escapes = ["\\n", "\\\"", "\\\\", "\\/", "\\u00e9", "\\uD7ff", "\\\"#", "]}[{,:"];
                    self.put(escapes[rng.usize(..escapes.len())]);
                }
                _ => {
                    let surrogates =
                        ["\\ud83d\\ude00", "\\ud800", "\\uDC00", "\\ud800\\n", "\\uD800\\ud83d\\uDE00"];
                    self.put(surrogates[rng.usize(..surrogates.len())]);
                }
            }
        }
        self.out.push(b'"');
    }

    fn number(&mut self, rng: &mut Rng) {
        if self.spoils && rng.u8(..6) == 0 {
            let wrong = [
                "01",
                "-01",
                "00",
                "-",
                "+1",
                "--1",
                "1.",
                ".5",
                "1.e5",
                "1e",
                "1e+",
                "1e-+5",
                "1e5.5",
                "1.2.3",
                "1e5e5",
                "1-2",
                "1+2",
                "-e5",
                "1.-5",
                "0x1",
                "1e5-",
                "12345678901234567890.",
                "1,",
            ];
            return self.put(wrong[rng.usize(..wrong.len())]);
        }
        let longest = if rng.u8(..6) == 0 { 40 } else { 9 };
        let digits = |rng: &mut Rng| -> String {
            (0..rng.usize(1..=longest)).map(|_| char::from(rng.u8(b'0'..=b'9'))).collect()
        };
        if rng.u8(..3) == 0 {
            self.out.push(b'-');
        }
        let integer = digits(rng);
        match integer.trim_start_matches('0') {
            "" => self.out.push(b'0'),
            integer => self.put(integer),
        }
        if rng.u8(..3) == 0 {
            self.out.push(b'.');
            self.put(&digits(rng));
        }
        if rng.u8(..4) == 0 {
            self.put(["e", "E", "e-", "E+"][rng.usize(..4)]);
            self.put(&digits(rng));
        }
    }
}

/// The character, if it may stand in a string as it is.
fn plain(c: char) -> char {
    if c < ' ' || c == '"' || c == '\\' { '_' } else { c }
}
