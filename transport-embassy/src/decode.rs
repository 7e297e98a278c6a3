//! Items as values, for firmware with serde.

/// An item ([`crate::Event::Item`]) as a value. Members that `T` does not have are passed over. A `&str` in it is lent from the
/// item, and is an error where the server wrote the text with an escape; what owns its text, such as a `heapless::String`,
/// takes both. `text_buffer` must have room for the longest text with an escape.
///
/// # Errors
///
/// The item is not of the type, or a string with an escape in it does not fit into the buffer.
pub fn decode<'a, T: serde::Deserialize<'a>>(
    item: &'a [u8],
    text_buffer: &mut [u8],
) -> Result<T, serde_json_core::de::Error> {
    serde_json_core::from_slice_escaped(item, text_buffer).map(|(value, _)| value)
}
