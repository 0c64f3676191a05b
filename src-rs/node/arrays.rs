//! Typed arrays. JavaScript owns all memory that it can see: outputs are arrays that JavaScript has allocated and Rust
//! fills. So they can be transferred, need no finalizer, and Electron accepts them.
//!
//! Inputs: other threads may write to a SharedArrayBuffer at any time, and any script may resize, transfer or detach a
//! buffer. So an argument is the array's handle ([`ArrayHandle`]), not its memory. The memory is looked up when it is read,
//! on JavaScript's thread. Shared memory is copied before anything is checked, so that the checked number is the number
//! in use. A task always copies (`copied`), because the script continues.

use crate::boundary::Raw;
use lapicque_core::{AnyReals, Error, Result, memory};
use napi::bindgen_prelude::{
    FromNapiValue, Function, JsObjectValue, ToNapiValue, TypeName, ValidateNapiValue,
};
use napi::{Env, JsValue, ValueType, sys};
use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::{Ordering, compiler_fence};

/// A handle to a typed array. Not `Send`: no task can keep it.
pub struct ArrayHandle<'env, T> {
    env: sys::napi_env,
    value: sys::napi_value,
    of: PhantomData<(&'env (), *const T)>,
}

// Named as napi's own types: napi-derive derives the TypeScript type from the name.
pub type Float32ArraySlice<'env> = ArrayHandle<'env, f32>;
pub type Float64ArraySlice<'env> = ArrayHandle<'env, f64>;
pub type Int8ArraySlice<'env> = ArrayHandle<'env, i8>;
pub type Int16ArraySlice<'env> = ArrayHandle<'env, i16>;
pub type Int32ArraySlice<'env> = ArrayHandle<'env, i32>;
pub type Uint8ArraySlice<'env> = ArrayHandle<'env, u8>;
pub type Uint16ArraySlice<'env> = ArrayHandle<'env, u16>;
pub type Uint32ArraySlice<'env> = ArrayHandle<'env, u32>;

/// An element type that has a typed array. Any bits are a valid value.
pub trait Element: Copy + 'static {
    const CONSTRUCTOR: &'static str;
    const TYPE: sys::napi_typedarray_type;
}

macro_rules! element {
    ($t:ty, $constructor:literal, $kind:ident) => {
        impl Element for $t {
            const CONSTRUCTOR: &'static str = $constructor;
            const TYPE: sys::napi_typedarray_type = sys::TypedarrayType::$kind;
        }
    };
}

element!(f32, "Float32Array", float32_array);
element!(f64, "Float64Array", float64_array);
element!(i8, "Int8Array", int8_array);
element!(i16, "Int16Array", int16_array);
element!(i32, "Int32Array", int32_array);
element!(i64, "BigInt64Array", bigint64_array);
element!(u8, "Uint8Array", uint8_array);
element!(u16, "Uint16Array", uint16_array);
element!(u32, "Uint32Array", uint32_array);
element!(u64, "BigUint64Array", biguint64_array);

/// The location of an array's elements, valid until JavaScript runs again.
struct Memory<T> {
    start: *mut T,
    len: usize,
    buffer: sys::napi_value,
}

impl<T: Element> ArrayHandle<'_, T> {
    /// Empty if the buffer is detached or has become too short for the array.
    fn memory(&self, name: &str) -> Result<Memory<T>> {
        let (mut kind, mut len, mut offset) = (0, 0, 0);
        let (mut start, mut buffer) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the handle lives as long as the call that received it, which `'env` represents.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                self.env,
                self.value,
                &mut kind,
                &mut len,
                &mut start,
                &mut buffer,
                &mut offset,
            )
        };
        if status != sys::Status::napi_ok || kind != T::TYPE {
            return Err(Error::invalid(name, "something else", format!("a {}", T::CONSTRUCTOR)));
        }
        let len = if start.is_null() { 0 } else { len };
        Ok(Memory { start: start.cast(), len, buffer })
    }

    /// Whether other threads can write to it. Any buffer that is not a plain ArrayBuffer counts as shared.
    fn is_shared(&self, memory: &Memory<T>) -> bool {
        let mut plain = false;
        // SAFETY: the handle was made just now.
        let status = unsafe { sys::napi_is_arraybuffer(self.env, memory.buffer, &mut plain) };
        status != sys::Status::napi_ok || !plain
    }

    /// The number of elements; 0 when detached.
    pub fn len(&self, name: &str) -> Result<usize> {
        Ok(self.memory(name)?.len)
    }

    /// Passes the elements to `work`: in place, or copied if other threads can write to them. `work` must not call
    /// JavaScript, which could free them.
    ///
    /// # Errors
    /// `too-large`, `invalid-parameter` for another kind of array.
    pub fn read<R>(&self, name: &str, work: impl FnOnce(&[T]) -> Result<R>) -> Result<R> {
        let memory = self.memory(name)?;
        if memory.len == 0 {
            return work(&[]);
        }
        if self.is_shared(&memory) {
            return work(&copy(name, &memory)?);
        }
        // SAFETY: the memory belongs to JavaScript on this thread, which runs nothing until `work` has finished; it is
        // aligned and has `len` elements, for which any bits are valid.
        work(unsafe { std::slice::from_raw_parts(memory.start, memory.len) })
    }

    /// Writes to its first elements. Errors: `invalid-parameter` if it has fewer.
    pub fn write(&self, name: &str, source: &[T]) -> Result<()> {
        let memory = self.memory(name)?;
        if memory.len < source.len() {
            let expected = format!("at least {} elements", source.len());
            return Err(Error::invalid(name, format!("{} elements", memory.len), expected));
        }
        // SAFETY: `start` has at least this number of elements, and `source` is memory of Rust. With a
        // SharedArrayBuffer another thread may see partly written numbers, as with any write of a script.
        unsafe { ptr::copy(source.as_ptr(), memory.start, source.len()) };
        Ok(())
    }
}

/// Copies the elements, reading each byte once.
fn copy<T: Element>(what: &str, source: &Memory<T>) -> Result<Vec<T>> {
    memory::check(what, (source.len * size_of::<T>()) as u64)?;
    let mut copy = Vec::new();
    copy.try_reserve_exact(source.len).map_err(|_| memory::refused::<T>(what, source.len))?;
    if source.len > 0 {
        // SAFETY: `start` has `len` elements, and the new vector has capacity for them. Any bits are a valid element,
        // also those of a number that another thread is writing at the same time.
        unsafe {
            ptr::copy_nonoverlapping(source.start.cast_const(), copy.as_mut_ptr(), source.len);
            copy.set_len(source.len);
        }
        // The compiler must not read the original again in place of the copy.
        compiler_fence(Ordering::SeqCst);
    }
    Ok(copy)
}

/// Copies the caller's numbers. Errors: `too-large`.
pub fn copied<T: Element>(what: &str, source: &ArrayHandle<T>) -> Result<Vec<T>> {
    copy(what, &source.memory(what)?)
}

/// A new typed array with a copy of `source`. Errors: `too-large`.
pub fn array<'env, T: Element>(env: &'env Env, what: &str, source: &[T]) -> Result<ArrayHandle<'env, T>> {
    let array = allocate::<T>(env, what, source.len())?;
    fill(what, &array, source)?;
    Ok(array)
}

/// As [`array`], in the precision of the numbers.
pub fn reals(env: &Env, what: &str, source: &AnyReals) -> Result<Raw> {
    match source {
        AnyReals::Single(values) => Raw::new(env, array(env, what, values)?),
        AnyReals::Double(values) => Raw::new(env, array(env, what, values)?),
    }
}

fn clear_exception(env: &Env) {
    let mut exception = ptr::null_mut();
    // SAFETY: `env` is alive. An exception that is not cleared would be thrown again when the call returns.
    unsafe { sys::napi_get_and_clear_last_exception(env.raw(), &mut exception) };
}

/// Calls JavaScript's constructor, which throws if memory does not suffice. Node-API's `napi_create_arraybuffer` would
/// end the process instead.
fn allocate<'env, T: Element>(env: &'env Env, what: &str, len: usize) -> Result<ArrayHandle<'env, T>> {
    memory::check(what, (len as u64).saturating_mul(size_of::<T>() as u64))?;
    let construct = || -> napi::Result<ArrayHandle<'env, T>> {
        let constructor: Function<f64, ()> = env.get_global()?.get_named_property(T::CONSTRUCTOR)?;
        let value = constructor.new_instance(len as f64)?;
        Ok(ArrayHandle { env: env.raw(), value: value.raw(), of: PhantomData })
    };
    construct().map_err(|_| {
        clear_exception(env);
        memory::refused::<T>(what, len)
    })
}

/// Copies `source` into an array of the caller. Errors: `invalid-parameter` if the lengths differ (a detached array has
/// length 0).
pub fn fill<T: Element>(name: &str, array: &ArrayHandle<T>, source: &[T]) -> Result<()> {
    let len = array.len(name)?;
    if len != source.len() {
        let got = format!("{len} elements");
        return Err(Error::invalid(name, got, format!("{} elements", source.len())));
    }
    array.write(name, source)
}

impl<T> FromNapiValue for ArrayHandle<'_, T> {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        Ok(ArrayHandle { env, value, of: PhantomData })
    }
}

impl<T> ToNapiValue for ArrayHandle<'_, T> {
    unsafe fn to_napi_value(_env: sys::napi_env, array: Self) -> napi::Result<sys::napi_value> {
        Ok(array.value)
    }
}

impl<T: Element> TypeName for ArrayHandle<'_, T> {
    fn type_name() -> &'static str {
        T::CONSTRUCTOR
    }

    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl<T: Element> ValidateNapiValue for ArrayHandle<'_, T> {}
