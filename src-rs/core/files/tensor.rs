//! A named array in the form of a file: little-endian bytes in C order.

use half::{bf16, f16};
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;

/// Numpy's own limit.
pub const MAX_DIMENSIONS: usize = 64;

/// Element types that the files we read and write can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dtype {
    F64,
    I64,
    U64,
    F32,
    I32,
    U32,
    F16,
    Bf16,
    I16,
    U16,
    I8,
    U8,
    Bool,
}

impl Dtype {
    pub const ALL: [Dtype; 13] = [
        Dtype::F64,
        Dtype::I64,
        Dtype::U64,
        Dtype::F32,
        Dtype::I32,
        Dtype::U32,
        Dtype::F16,
        Dtype::Bf16,
        Dtype::I16,
        Dtype::U16,
        Dtype::I8,
        Dtype::U8,
        Dtype::Bool,
    ];

    /// The name in safetensors.
    pub fn name(self) -> &'static str {
        match self {
            Dtype::F64 => "F64",
            Dtype::I64 => "I64",
            Dtype::U64 => "U64",
            Dtype::F32 => "F32",
            Dtype::I32 => "I32",
            Dtype::U32 => "U32",
            Dtype::F16 => "F16",
            Dtype::Bf16 => "BF16",
            Dtype::I16 => "I16",
            Dtype::U16 => "U16",
            Dtype::I8 => "I8",
            Dtype::U8 => "U8",
            Dtype::Bool => "BOOL",
        }
    }

    /// Errors: `unsupported`.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|dtype| dtype.name() == name).ok_or_else(|| Error::Unsupported {
            feature: format!("tensors of type {name}"),
            format: "lapicque".into(),
        })
    }

    /// Bytes of one element.
    pub fn bytes(self) -> usize {
        match self {
            Dtype::F64 | Dtype::I64 | Dtype::U64 => 8,
            Dtype::F32 | Dtype::I32 | Dtype::U32 => 4,
            Dtype::F16 | Dtype::Bf16 | Dtype::I16 | Dtype::U16 => 2,
            Dtype::I8 | Dtype::U8 | Dtype::Bool => 1,
        }
    }

    /// Bytes of an array of this shape; `None` when no machine could hold it.
    pub fn bytes_of(self, shape: &[usize]) -> Option<usize> {
        shape.iter().try_fold(self.bytes(), |bytes, &extent| bytes.checked_mul(extent))
    }
}

/// An array that owns its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    pub name: String,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
}

impl Tensor {
    pub fn view(&self) -> TensorView<'_> {
        TensorView { name: &self.name, dtype: self.dtype, shape: &self.shape, bytes: &self.bytes }
    }
}

/// An array in someone's buffer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TensorView<'a> {
    pub name: &'a str,
    pub dtype: Dtype,
    pub shape: &'a [usize],
    pub bytes: &'a [u8],
}

impl TensorView<'_> {
    /// The elements as `f32`, whatever they are in the file; wider ones are rounded to the nearest.
    /// Errors: `too-large`.
    pub fn to_f32(&self) -> Result<Vec<f32>> {
        self.convert(|x: f32| x, |x| x as f32)
    }

    /// The elements as `f64`; 64-bit whole numbers beyond 2^53 are rounded. Errors: `too-large`.
    pub fn to_f64(&self) -> Result<Vec<f64>> {
        self.convert(f64::from, |x| x)
    }

    /// `narrow` takes the types that `f32` holds exactly, `wide` the others.
    fn convert<T>(&self, narrow: impl Fn(f32) -> T, wide: impl Fn(f64) -> T) -> Result<Vec<T>> {
        let mut out = Vec::new();
        let len = self.bytes.len() / self.dtype.bytes();
        let refused = |_| memory::refused::<T>(&format!("tensor \"{}\"", self.name), len);
        out.try_reserve_exact(len).map_err(refused)?;
        macro_rules! each {
            ($t:ty, $put:expr) => {
                out.extend(self.bytes.as_chunks().0.iter().map(|&bytes| $put(<$t>::from_le_bytes(bytes))))
            };
        }
        match self.dtype {
            Dtype::F64 => each!(f64, &wide),
            Dtype::I64 => each!(i64, |x| wide(x as f64)),
            Dtype::U64 => each!(u64, |x| wide(x as f64)),
            Dtype::F32 => each!(f32, &narrow),
            Dtype::I32 => each!(i32, |x| wide(f64::from(x))),
            Dtype::U32 => each!(u32, |x| wide(f64::from(x))),
            Dtype::F16 => each!(f16, |x: f16| narrow(x.to_f32())),
            Dtype::Bf16 => each!(bf16, |x: bf16| narrow(x.to_f32())),
            Dtype::I16 => each!(i16, |x| narrow(f32::from(x))),
            Dtype::U16 => each!(u16, |x| narrow(f32::from(x))),
            Dtype::I8 => each!(i8, |x| narrow(f32::from(x))),
            Dtype::U8 => each!(u8, |x| narrow(f32::from(x))),
            Dtype::Bool => each!(u8, |x| narrow(f32::from(u8::from(x != 0)))),
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_becomes_f32() {
        let cases: [(Dtype, &[u8], &[f32]); 7] = [
            (Dtype::F64, &[0, 0, 0, 0, 0, 0, 0xf8, 0xbf], &[-1.5]),
            (Dtype::I64, &[0xff; 8], &[-1.0]),
            (Dtype::F16, &[0x00, 0x3e, 0x01, 0x00], &[1.5, 5.960_464_5e-8]),
            (Dtype::Bf16, &[0xc0, 0x3f], &[1.5]),
            (Dtype::U16, &[0x01, 0x02], &[513.0]),
            (Dtype::I8, &[0x80], &[-128.0]),
            (Dtype::Bool, &[0, 1, 7], &[0.0, 1.0, 1.0]),
        ];
        for (dtype, bytes, expected) in cases {
            let view = TensorView { name: "t", dtype, shape: &[expected.len()], bytes };
            assert_eq!(view.to_f32().unwrap(), expected, "{}", dtype.name());
        }
    }

    #[test]
    fn a_shape_that_overflows_has_no_size() {
        assert_eq!(Dtype::F32.bytes_of(&[usize::MAX, 2]), None);
        assert_eq!(Dtype::F32.bytes_of(&[usize::MAX, 0]), None);
        assert_eq!(Dtype::F32.bytes_of(&[]), Some(4));
    }
}
