//! The grammar of a number: RFC 8259, section 6. Knows nothing of what it is worth.

/// How much of a number has been seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// `-`
    Minus,
    /// `0`, which no digit may follow.
    Zero,
    /// `12`
    Integer,
    /// `12.`
    Point,
    /// `12.5`
    Fraction,
    /// `12e`
    Exponent,
    /// `12e+`
    ExponentSign,
    /// `12e+3`
    ExponentDigits,
}

impl Number {
    /// The number that begins with `byte`, if one can.
    pub(super) fn begin(byte: u8) -> Option<Self> {
        match byte {
            b'-' => Some(Self::Minus),
            b'0' => Some(Self::Zero),
            b'1'..=b'9' => Some(Self::Integer),
            _ => None,
        }
    }

    /// The number with `byte` added, unless that is no part of it.
    ///
    /// Inlined, unless flash is dear: it is called in two places.
    #[cfg_attr(all(target_pointer_width = "64", not(tidegate_narrow)), inline(always))]
    #[cfg_attr(any(not(target_pointer_width = "64"), tidegate_narrow), inline(never))]
    pub(super) fn step(self, byte: u8) -> Option<Self> {
        match (self, byte) {
            (Self::Minus, b'0') => Some(Self::Zero),
            (Self::Minus, b'1'..=b'9') => Some(Self::Integer),
            (Self::Integer, b'0'..=b'9') => Some(Self::Integer),
            (Self::Zero | Self::Integer, b'.') => Some(Self::Point),
            (Self::Point | Self::Fraction, b'0'..=b'9') => Some(Self::Fraction),
            (Self::Zero | Self::Integer | Self::Fraction, b'e' | b'E') => Some(Self::Exponent),
            (Self::Exponent, b'+' | b'-') => Some(Self::ExponentSign),
            (Self::Exponent | Self::ExponentSign | Self::ExponentDigits, b'0'..=b'9') => {
                Some(Self::ExponentDigits)
            }
            _ => None,
        }
    }

    /// Whether it is a number as it stands.
    pub(super) fn is_whole(self) -> bool {
        match self {
            Self::Zero | Self::Integer | Self::Fraction | Self::ExponentDigits => true,
            Self::Minus | Self::Point | Self::Exponent | Self::ExponentSign => false,
        }
    }
}
