//! Typed arrays. JavaScript owns all memory that JavaScript sees: outputs are arrays that it has
//! allocated and that we fill, so they can be transferred, need no finaliser, and Electron takes them.
//!
//! Inputs: a synchronous function reads a caller's array in place (`&[f32]` as an argument). A task
//! copies first (`copied`), because the script goes on and may write to, transfer or detach it.

use lapicque_core::{Error, Result, memory};
use napi::bindgen_prelude::{
    BigInt64ArraySlice, BigUint64ArraySlice, Float32ArraySlice, Float64ArraySlice, FromNapiValue, Function,
    Int8ArraySlice, Int16ArraySlice, Int32ArraySlice, JsObjectValue, Uint8ArraySlice, Uint16ArraySlice,
    Uint32ArraySlice,
};
use napi::{Env, JsValue, sys};

/// The caller's numbers as our own. Errors: `too-large`.
pub fn copied<T: Copy>(what: &str, source: &[T]) -> Result<Vec<T>> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(source.len()).map_err(|_| memory::refused::<T>(what, source.len()))?;
    copy.extend_from_slice(source);
    Ok(copy)
}

/// An element type that has a typed array.
pub trait Element: Copy + 'static {
    const CONSTRUCTOR: &'static str;
    type Array<'env>: FromNapiValue + JsValue<'env> + std::ops::Deref<Target = [Self]>;

    /// # Safety
    /// Nothing else may read or write the array's memory meanwhile.
    unsafe fn memory<'a>(array: &'a mut Self::Array<'_>) -> &'a mut [Self];
}

macro_rules! element {
    ($t:ty, $array:ident, $constructor:literal) => {
        impl Element for $t {
            const CONSTRUCTOR: &'static str = $constructor;
            type Array<'env> = $array<'env>;

            unsafe fn memory<'a>(array: &'a mut $array<'_>) -> &'a mut [Self] {
                // SAFETY: as our own condition.
                unsafe { array.as_mut() }
            }
        }
    };
}

element!(f32, Float32ArraySlice, "Float32Array");
element!(f64, Float64ArraySlice, "Float64Array");
element!(i8, Int8ArraySlice, "Int8Array");
element!(i16, Int16ArraySlice, "Int16Array");
element!(i32, Int32ArraySlice, "Int32Array");
element!(i64, BigInt64ArraySlice, "BigInt64Array");
element!(u8, Uint8ArraySlice, "Uint8Array");
element!(u16, Uint16ArraySlice, "Uint16Array");
element!(u32, Uint32ArraySlice, "Uint32Array");
element!(u64, BigUint64ArraySlice, "BigUint64Array");

/// A new typed array with a copy of `source`. Errors: `too-large`.
pub fn array<'env, T: Element>(env: &'env Env, what: &str, source: &[T]) -> Result<T::Array<'env>> {
    let mut array = allocate::<T>(env, what, source.len())?;
    fill(what, &mut array, source)?;
    Ok(array)
}

/// By JavaScript's constructor: it throws when there is no memory, where Node-API's
/// `napi_create_arraybuffer` ends the process.
fn allocate<'env, T: Element>(env: &'env Env, what: &str, len: usize) -> Result<T::Array<'env>> {
    let construct = || -> napi::Result<T::Array<'env>> {
        let constructor: Function<f64, ()> = env.get_global()?.get_named_property(T::CONSTRUCTOR)?;
        let value = constructor.new_instance(len as f64)?;
        // SAFETY: `value` is a live value of this environment.
        unsafe { T::Array::from_napi_value(env.raw(), value.raw()) }
    };
    construct().map_err(|_| {
        let mut exception = std::ptr::null_mut();
        // SAFETY: `env` is alive. What is thrown would otherwise be thrown again when we return.
        unsafe { sys::napi_get_and_clear_last_exception(env.raw(), &mut exception) };
        memory::refused::<T>(what, len)
    })
}

/// Copies `source` into an array of the caller's. Errors: `invalid-parameter` when the lengths differ
/// (a detached array has length 0).
pub fn fill<T: Element>(name: &str, array: &mut T::Array<'_>, source: &[T]) -> Result<()> {
    if array.len() != source.len() {
        let got = format!("{} elements", array.len());
        return Err(Error::invalid(name, got, format!("{} elements", source.len())));
    }
    // SAFETY: we are on JavaScript's thread and run no script during the copy; `source` is memory of
    // ours. Of a SharedArrayBuffer another worker may see the numbers half written, as with any
    // write of a script's own.
    unsafe { T::memory(array) }.copy_from_slice(source);
    Ok(())
}
