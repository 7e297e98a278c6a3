//! Messages for people who debug a device, by `defmt` or by `log`, or by neither. What is said is never a secret: nothing of
//! a request but its method and URL, and of a server's texts nothing at all.

/// Something that a user of the device may want to know about.
macro_rules! warning {
    ($text:literal $(, $value:expr)* $(,)?) => {{
        #[cfg(feature = "defmt")]
        defmt::warn!($text $(, $value)*);
        #[cfg(feature = "log")]
        log::warn!($text $(, $value)*);
        #[cfg(not(any(feature = "defmt", feature = "log")))]
        { $(let _ = &$value;)* }
    }};
}

/// Something that only helps to find a mistake.
macro_rules! detail {
    ($text:literal $(, $value:expr)* $(,)?) => {{
        #[cfg(feature = "defmt")]
        defmt::debug!($text $(, $value)*);
        #[cfg(feature = "log")]
        log::debug!($text $(, $value)*);
        #[cfg(not(any(feature = "defmt", feature = "log")))]
        { $(let _ = &$value;)* }
    }};
}
