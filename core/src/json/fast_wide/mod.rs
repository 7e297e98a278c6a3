//! The fast path of large processors, where many bytes are to be skipped. It reads only bytes that are plainly right, and
//! refuses nothing: at a byte that is odd, at a token that the input cuts off and at all that is rare it stops, and leaves
//! the machine in a state from which the machine decides as if it had come there by itself.
//!
//! For each byte the machine asks its state what may come. Here the place in the code knows, and texts, numbers and
//! indents are read many bytes at once. That is what makes it fast. Two things in it look odd until they are measured:
//! everything a loop needs is inlined, so that the compiler keeps [`FastPath`] in registers, and what the processor can
//! guess is asked with a branch, so that it need not wait for the answer.

mod number;
mod space;
mod state;
mod text;
#[cfg(feature = "simd")]
mod vector;
mod word;

#[cfg(test)]
mod tests;

use self::state::{FastPath, Stop};
use super::Kind;
use super::containers::Container;
use super::machine::{Machine, Role, State, is_whitespace};

/// With less than a word there is nothing to be gained. So what comes byte by byte is read by the machine alone, which
/// the tests rely on.
const WORTHWHILE: usize = 8;

/// What comes next.
#[derive(Clone, Copy)]
enum Next {
    /// A member of an object.
    Member,
    /// An element of an array. Its first byte is the next one.
    Element,
    /// A value of either. Its first byte is the next one.
    Value,
    /// What stands behind a value.
    After,
}

impl Machine {
    /// Goes on from `start` in the input, at most to the end of the value that is inside `depth` containers. Gives how
    /// far it came, and whether the value ended there.
    #[inline(always)]
    pub(super) fn fast_path(&mut self, input: &[u8], start: usize, depth: u8) -> (usize, bool) {
        let enters = matches!(
            self.state,
            State::Opening | State::Value | State::Name | State::After | State::Number | State::Plain
        );
        if enters && input.len() >= start.saturating_add(WORTHWHILE) {
            self.run_from(input, start, depth)
        } else {
            (start, false)
        }
    }

    /// Past the comma to the first byte of an array's next element, if that is plainly what comes: as if the element
    /// had been told.
    #[inline(always)]
    pub(super) fn element(&mut self, input: &[u8]) -> Option<usize> {
        let (State::After, Some(Container::Array), [b',', behind @ ..]) =
            (self.state, self.containers.innermost(), input)
        else {
            return None;
        };
        let space = behind.iter().position(|byte| !is_whitespace(*byte))?;
        Kind::of(*behind.get(space)?)?;
        self.state = State::Opening;
        Some(space.saturating_add(1))
    }

    #[inline(never)]
    fn run_from(&mut self, input: &[u8], start: usize, depth: u8) -> (usize, bool) {
        let mut path = FastPath::new(input, start, self.containers, depth);
        let stop = match path.enter(self) {
            Ok(next) => path.run(next),
            Err(stop) => stop,
        };
        let ended = matches!(stop, Stop::Ended);
        // Where it came no further the machine stays as it is: a value that was announced, for one, is still to open.
        if path.at > start || ended {
            self.containers = path.open;
            self.state = stop.state();
            match stop {
                Stop::Text(role) => self.role = role,
                Stop::Number(number) => (self.role, self.number) = (Role::Value, number),
                _ => {}
            }
        }
        (path.at, ended)
    }
}

impl FastPath<'_> {
    /// From where the machine is to where `run` can begin.
    #[inline(always)]
    fn enter(&mut self, machine: &Machine) -> Result<Next, Stop> {
        match (machine.state, machine.role) {
            (State::Opening, _) => Ok(Next::Value),
            (State::Value, _) => {
                self.token();
                Ok(Next::Value)
            }
            (State::Name, _) => Ok(Next::Member),
            (State::Number, _) => {
                self.more_of_number(Some(machine.number))?;
                self.ended()
            }
            (State::Plain, Role::Value) => {
                self.plain_blocks();
                self.text(Role::Value)?;
                self.ended()
            }
            (State::Plain, Role::Name) => {
                self.text(Role::Name)?;
                self.colon()?;
                Ok(Next::Value)
            }
            // The others do not come here.
            _ => Ok(Next::After),
        }
    }

    #[inline(always)]
    fn run(&mut self, mut next: Next) -> Stop {
        loop {
            let then = match next {
                Next::Member => self.members(),
                Next::Element => self.elements(),
                Next::Value => self.value(),
                Next::After => self.after(),
            };
            match then {
                Ok(then) => next = then,
                Err(stop) => return stop,
            }
        }
    }

    /// Members of an object, to its end or to one that has other members or elements in it.
    #[inline(always)]
    fn members(&mut self) -> Result<Next, Stop> {
        // Each would be the end of what is skipped, which is not asked below.
        if self.open.depth() <= self.around {
            return Err(Stop::Name);
        }
        loop {
            match self.token() {
                Some(b'"') => self.pass(1),
                _ => return Err(Stop::Name),
            }
            self.text(Role::Name)?;
            self.colon()?;
            if let Some(next) = self.begin_value(Container::Object)? {
                return Ok(next);
            }
            match self.token_behind() {
                Some(b',') => self.pass(1),
                Some(b'}') => {
                    self.close();
                    return self.ended();
                }
                _ => return Err(Stop::After),
            }
        }
    }

    /// Elements of an array, and of arrays in it, to the end of one or to an object.
    #[inline(always)]
    fn elements(&mut self) -> Result<Next, Stop> {
        if self.open.depth() <= self.around {
            return Err(Stop::Value);
        }
        loop {
            match self.begin_value(Container::Array)? {
                None => {}
                Some(Next::Element) => continue,
                Some(next) => return Ok(next),
            }
            match self.token_behind() {
                Some(b',') => {
                    self.pass(1);
                    self.token();
                }
                Some(b']') => {
                    self.close();
                    return self.ended();
                }
                _ => return Err(Stop::After),
            }
        }
    }

    #[inline(always)]
    fn value(&mut self) -> Result<Next, Stop> {
        match self.begin_value(Container::Object)? {
            Some(next) => Ok(next),
            None => self.ended(),
        }
    }

    #[inline(always)]
    fn colon(&mut self) -> Result<(), Stop> {
        match self.token_in_line() {
            Some(b':') => self.pass(1),
            _ => return Err(Stop::Colon),
        }
        self.token_in_line();
        Ok(())
    }

    /// The whole value whose first byte is the next one; or, if it has members or elements, what comes first in it.
    #[inline(always)]
    fn begin_value(&mut self, inside: Container) -> Result<Option<Next>, Stop> {
        let Some(&byte) = self.input.get(self.at) else { return Err(Stop::Value) };
        if byte == b'"' {
            self.pass(1);
            self.text(Role::Value)?;
            return Ok(None);
        }
        if number::begins(byte) {
            self.number(inside)?;
            return Ok(None);
        }
        match byte {
            b'{' if self.open(Container::Object) => {
                match self.first_token() {
                    Some(b'"') => return Ok(Some(Next::Member)),
                    Some(b'}') => self.close(),
                    _ => return Err(Stop::FirstName),
                }
                Ok(None)
            }
            b'[' if self.open(Container::Array) => {
                match self.first_token() {
                    Some(b']') => self.close(),
                    Some(byte) if Kind::of(byte).is_some() => return Ok(Some(Next::Element)),
                    _ => return Err(Stop::FirstElement),
                }
                Ok(None)
            }
            b't' => self.word(*b"true"),
            b'f' => self.word(*b"false"),
            b'n' => self.word(*b"null"),
            _ => Err(Stop::Value),
        }
    }

    #[inline(always)]
    fn word<const LEN: usize>(&mut self, word: [u8; LEN]) -> Result<Option<Next>, Stop> {
        if self.block() != Some(&word) {
            return Err(Stop::Value);
        }
        self.pass(LEN);
        Ok(None)
    }

    /// The ends of containers, and the comma that is behind them.
    #[inline(always)]
    fn after(&mut self) -> Result<Next, Stop> {
        loop {
            match (self.token_behind(), self.open.innermost()) {
                (Some(b','), Some(Container::Object)) => {
                    self.pass(1);
                    return Ok(Next::Member);
                }
                (Some(b','), Some(Container::Array)) => {
                    self.pass(1);
                    self.token();
                    return Ok(Next::Element);
                }
                (Some(b'}'), Some(Container::Object)) | (Some(b']'), Some(Container::Array)) => {
                    self.close();
                    self.ended()?;
                }
                _ => return Err(Stop::After),
            }
        }
    }

    /// A value is over.
    #[inline(always)]
    fn ended(&self) -> Result<Next, Stop> {
        if self.open.depth() <= self.around { Err(Stop::Ended) } else { Ok(Next::After) }
    }

    #[inline(always)]
    fn open(&mut self, container: Container) -> bool {
        let has_room = self.open.open(container);
        if has_room {
            self.pass(1);
        }
        has_room
    }

    #[inline(always)]
    fn close(&mut self) {
        self.pass(1);
        self.open.close();
    }
}
