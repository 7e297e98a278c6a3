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
    #[inline(always)]
    pub(super) fn step(self, byte: u8) -> Option<Self> {
        match (byte, self) {
            (b'0'..=b'9', Self::Minus) => Self::begin(byte),
            (b'0'..=b'9', Self::Integer) => Some(Self::Integer),
            (b'0'..=b'9', Self::Point | Self::Fraction) => Some(Self::Fraction),
            (b'0'..=b'9', Self::Exponent | Self::ExponentSign | Self::ExponentDigits) => {
                Some(Self::ExponentDigits)
            }
            (b'.', Self::Zero | Self::Integer) => Some(Self::Point),
            (b'e' | b'E', Self::Zero | Self::Integer | Self::Fraction) => Some(Self::Exponent),
            (b'+' | b'-', Self::Exponent) => Some(Self::ExponentSign),
            _ => None,
        }
    }

    /// Whether it stays what it is with a digit added.
    #[cfg(any(not(target_pointer_width = "64"), tidegate_narrow))]
    pub(super) fn takes_digits(self) -> bool {
        matches!(self, Self::Integer | Self::Fraction | Self::ExponentDigits)
    }

    /// Whether it is a number as it stands.
    pub(super) fn is_whole(self) -> bool {
        match self {
            Self::Zero | Self::Integer | Self::Fraction | Self::ExponentDigits => true,
            Self::Minus | Self::Point | Self::Exponent | Self::ExponentSign => false,
        }
    }
}
