//! Pseudo-randomness: splitmix64 (Steele, Lea and Flood, 2014). A generator is made from the numbers that its output
//! shall depend on, so each item, beat and garbled body can be made alone, in any order.

/// A stream of pseudo-random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream that belongs to these numbers, in this order.
    pub(crate) fn of(parts: &[u64]) -> Self {
        let mut state = 0x7469_6465_6761_7465;
        for part in parts {
            state = Self(state ^ part).next();
        }
        Self(state)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 if the bound is 0. The bias is far too small to matter here.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// One of the choices.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_splitmix64() {
        let mut random = Random(1234567);
        let expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431];
        assert_eq!(expected.map(|_| random.next()), expected);
    }

    #[test]
    fn the_order_of_the_parts_matters() {
        assert_ne!(Random::of(&[1, 2]).next(), Random::of(&[2, 1]).next());
        assert_eq!(Random::of(&[1, 2]).next(), Random::of(&[1, 2]).next());
    }

    #[test]
    fn nothing_is_below_zero_or_one() {
        let mut random = Random::of(&[3]);
        assert_eq!([random.below(0), random.below(1)], [0, 0]);
    }
}
