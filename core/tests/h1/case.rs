//! The table of cases, `../data/h1/cases.txt`, which says itself how it is written. Knows nothing of who is tried with it.

/// One case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) section: String,
    pub(crate) name: String,
    /// The line of the file where it begins.
    pub(crate) line: usize,
    pub(crate) is_head: bool,
    pub(crate) room: usize,
    pub(crate) sent: Vec<u8>,
    /// The byte that is refused, if it is not the end.
    pub(crate) marked: Option<usize>,
    pub(crate) status: Option<u16>,
    pub(crate) fields: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    pub(crate) end: End,
    pub(crate) choice: Choice,
}

/// What a client makes of the bytes as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum End {
    /// Whole, and the connection is good for another response.
    #[default]
    Reuse,
    /// Whole, and the connection is not.
    Close,
    /// Not whole.
    Error(String),
}

/// Whose decision the case is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The RFCs'.
    #[default]
    None,
    /// Tidegate's, where the RFCs leave it to the client.
    Ours,
    /// Tidegate's, for it has the limit.
    Limit,
}

/// All cases of a file.
///
/// # Panics
///
/// If it is not written as it says.
pub(crate) fn parse(file: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut section = String::new();
    for (at, line) in file.lines().enumerate() {
        let line_number = at + 1;
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once(':').unwrap_or_else(|| panic!("line {line_number}: no key"));
        let value = value.strip_prefix(' ').unwrap_or(value);
        let (key, times) = match key.split_once('*') {
            Some((key, times)) => (key, times.parse().expect("a number behind the star")),
            None => (key, 1),
        };
        match key {
            "section" => section = value.to_owned(),
            "case" => cases.push(Case {
                section: section.clone(),
                name: value.to_owned(),
                line: line_number,
                room: 4096,
                ..Case::default()
            }),
            _ => {
                let case = cases.last_mut().expect("a case begins with its name");
                let known = case.take(key, value, times);
                assert!(known, "line {line_number}: what is {line:?}?");
            }
        }
    }
    cases
}

impl Case {
    fn take(&mut self, key: &str, value: &str, times: usize) -> bool {
        match key {
            "request" => self.is_head = value == "HEAD",
            "room" => self.room = value.parse().expect("a size"),
            "send" => {
                let (bytes, mark) = unescaped(value);
                if let Some(mark) = mark {
                    self.marked = Some(self.sent.len() + mark);
                }
                self.sent.extend(bytes.repeat(times));
            }
            "status" => self.status = Some(value.parse().expect("a status")),
            "field" => {
                let (name, value) = value.split_once('=').expect("name=value");
                let name = String::from_utf8(unescaped(name).0).expect("a name in ASCII");
                self.fields.push((name, unescaped(value).0));
            }
            "body" => self.body.extend(unescaped(value).0.repeat(times)),
            "end" => {
                self.end = match value {
                    "reuse" => End::Reuse,
                    "close" => End::Close,
                    kind => End::Error(kind.to_owned()),
                }
            }
            "choice" => self.choice = if value == "ours" { Choice::Ours } else { Choice::Limit },
            _ => return false,
        }
        true
    }
}

/// The bytes, and where in them the mark stands.
fn unescaped(text: &str) -> (Vec<u8>, Option<usize>) {
    let (mut bytes, mut mark) = (Vec::new(), None);
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'^' => mark = Some(bytes.len()),
            b'\\' => bytes.push(match rest.next().expect("something behind a backslash") {
                b'r' => b'\r',
                b'n' => b'\n',
                b't' => b'\t',
                b'0' => 0,
                b'x' => {
                    let mut digit = || char::from(rest.next().expect("two digits")).to_digit(16);
                    let (high, low) = (digit().expect("a digit"), digit().expect("a digit"));
                    u8::try_from(high * 16 + low).expect("two digits")
                }
                itself => itself,
            }),
            _ => bytes.push(byte),
        }
    }
    (bytes, mark)
}
