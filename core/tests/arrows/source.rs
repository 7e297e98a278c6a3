//! The words of a Rust source file: what is code in it, without comments, texts and tests, and which names it uses. Reads
//! just as much of the language as paths need.

/// A word of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Name(String),
    /// `::`
    Colons,
    Mark(char),
}

/// A name that a `use` brings into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    /// As written, from `crate`, `self`, `super`, or a name.
    pub(crate) path: Vec<String>,
    /// The name in this file; `*` for all names of a module.
    pub(crate) name: String,
    /// Whether others can take the name from here.
    pub(crate) is_public: bool,
}

/// What one file says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    pub(crate) imports: Vec<Import>,
    /// Paths of at least two names in the code.
    pub(crate) paths: Vec<Vec<String>>,
    /// All names in the code outside of imports.
    pub(crate) names: Vec<String>,
}

impl Source {
    pub(crate) fn read(text: &str) -> Self {
        let words = without_tests(&words(&code(text)));
        let mut source = Self::default();
        let mut at = 0;
        let mut is_public = false;
        while at < words.len() {
            match &words[at] {
                // `use<'a>` in a type is another thing.
                Word::Name(name) if name == "use" && words.get(at + 1) != Some(&Word::Mark('<')) => {
                    let end =
                        at + words[at..].iter().position(|word| *word == Word::Mark(';')).expect("its end");
                    imports(&words[at + 1..end], &[], is_public, &mut source.imports);
                    at = end;
                    is_public = false;
                }
                Word::Name(name) if name == "pub" => {
                    is_public = true;
                    if words.get(at + 1) == Some(&Word::Mark('(')) {
                        at += words[at..].iter().position(|word| *word == Word::Mark(')')).expect("its end");
                    }
                }
                Word::Name(_) => {
                    let (path, rest) = path(&words[at..]);
                    // The last word of the path.
                    at = words.len() - rest.len() - 1;
                    source.names.extend_from_slice(&path[..1]);
                    if path.len() > 1 {
                        source.paths.push(path);
                    }
                    is_public = false;
                }
                Word::Colons | Word::Mark(_) => is_public = false,
            }
            at += 1;
        }
        source
    }
}

/// The names at the front that colons join, and what is behind them.
fn path(words: &[Word]) -> (Vec<String>, &[Word]) {
    let mut path = Vec::new();
    let mut rest = words;
    while let [Word::Name(name), behind @ ..] = rest {
        path.push(name.clone());
        match behind {
            [Word::Colons, behind @ ..] => rest = behind,
            _ => return (path, behind),
        }
    }
    (path, rest)
}

/// The tree of a `use`, behind the names that lead to it.
fn imports(words: &[Word], before: &[String], is_public: bool, found: &mut Vec<Import>) {
    let (names, rest) = path(words.strip_prefix(&[Word::Colons]).unwrap_or(words));
    let mut path = [before, &names].concat();
    match rest {
        [Word::Mark('{'), inside @ .., Word::Mark('}')] => {
            branches(inside).into_iter().for_each(|branch| imports(branch, &path, is_public, found));
        }
        [Word::Mark('*')] => found.push(Import { path, name: "*".to_owned(), is_public }),
        [Word::Name(_as), Word::Name(name)] => found.push(Import { path, name: name.clone(), is_public }),
        _ => {
            path.pop_if(|last| last == "self");
            let name = path.last().expect("a path has a name").clone();
            found.push(Import { path, name, is_public });
        }
    }
}

/// The parts that commas separate, outside of inner braces.
fn branches(words: &[Word]) -> Vec<&[Word]> {
    let mut depth = 0;
    let is_separator = |word: &Word| {
        match word {
            Word::Mark('{') => depth += 1,
            Word::Mark('}') => depth -= 1,
            _ => {}
        }
        depth == 0 && *word == Word::Mark(',')
    };
    words.split(is_separator).filter(|branch| !branch.is_empty()).collect()
}

/// Without what is only there for tests: the item behind `#[cfg(test)]`.
fn without_tests(words: &[Word]) -> Vec<Word> {
    let name = |name: &str| Word::Name(name.to_owned());
    let marker = ['#', '['].map(Word::Mark).into_iter().chain([
        name("cfg"),
        Word::Mark('('),
        name("test"),
        Word::Mark(')'),
        Word::Mark(']'),
    ]);
    let marker: Vec<Word> = marker.collect();
    let mut kept = Vec::new();
    let mut rest = words;
    while let Some(first) = rest.first() {
        match rest.strip_prefix(marker.as_slice()) {
            Some(item) => rest = &item[length_of_item(item)..],
            None => {
                kept.push(first.clone());
                rest = &rest[1..];
            }
        }
    }
    kept
}

/// To the semicolon, or to the end of the first braces.
fn length_of_item(words: &[Word]) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate() {
        match word {
            Word::Mark(';') if depth == 0 => return at + 1,
            Word::Mark('{') => depth += 1,
            Word::Mark('}') => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    words.len()
}

fn words(code: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_of_name = |c: char| c.is_alphanumeric() || c == '_';
        let length = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
        if length > 0 {
            words.push(Word::Name(rest[..length].to_owned()));
            rest = &rest[length..];
        } else if let Some(behind) = rest.strip_prefix("::") {
            words.push(Word::Colons);
            rest = behind;
        } else {
            words.push(Word::Mark(first));
            rest = &rest[first.len_utf8()..];
        }
        rest = rest.trim_start();
    }
    words
}

/// The text without comments, and with nothing in its literals.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => 1 + length_of_text(&rest[1..]),
            'r' if !code.ends_with(|c: char| c.is_alphanumeric() || c == '_') => raw_text(rest).unwrap_or(0),
            '\'' => length_of_character(rest).unwrap_or(0),
            _ => 0,
        };
        if length == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.push(' ');
            rest = &rest[length..];
        }
    }
    code
}

/// To behind the closing quote.
fn length_of_text(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' if !is_escaped => return at + 1,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    text.len()
}

/// The length of a raw text, if one begins here.
fn raw_text(text: &str) -> Option<usize> {
    let hashes = text[1..].chars().take_while(|c| *c == '#').count();
    let inside = text[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(1 + hashes + 1 + inside.find(&end)? + end.len())
}

/// The length of a character, if it is one and no lifetime.
fn length_of_character(text: &str) -> Option<usize> {
    let mut inside = text.char_indices().skip(1);
    let (_, first) = inside.next()?;
    if first == '\\' {
        let closing = text[3..].find('\'')?;
        return Some(3 + closing + 1);
    }
    let (at, closing) = inside.next()?;
    (closing == '\'').then_some(at + 1)
}

#[test]
fn paths_are_found_in_groups_in_code_and_nowhere_else() {
    let source = Source::read(
        r##"
        // use crate::comment::A;
        use crate::{a, b::{self, C as D, e::*}, f::G};
        pub(crate) use super::h::I;
        const T: &str = "crate::text::J"; const R: &str = r#"crate::raw::"K""#; const Q: char = '"';
        fn l<'a>(x: &'a m::N) -> crate::o::P { super::q::r('\'', '\\') /* crate::s */ }
        #[cfg(test)]
        mod tests { use crate::t::U; fn v() { crate::w::x(); } }
        fn y() { self::z() }
        "##,
    );
    let imports: Vec<String> = source
        .imports
        .iter()
        .map(|import| {
            format!("{} {}", import.path.join("::"), import.name) + if import.is_public { " pub" } else { "" }
        })
        .collect();
    assert_eq!(
        imports,
        ["crate::a a", "crate::b b", "crate::b::C D", "crate::b::e *", "crate::f::G G", "super::h::I I pub"]
    );
    let paths: Vec<String> = source.paths.iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["m::N", "crate::o::P", "super::q::r", "self::z"]);
}
