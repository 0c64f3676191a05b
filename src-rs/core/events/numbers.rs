//! Reads single numbers of numpy arrays.

use crate::format::{MAX_TIME, malformed};
use lapicque_base::error::Result;
use lapicque_files::Dtype;
use lapicque_files::npy::Field;

/// A field of the element `row`, at byte `offset` of the file. Errors: `malformed-file` for integers beyond 2^53.
pub fn read(format: &str, field: &Field, at: usize, row: &[u8], offset: u64) -> Result<f64> {
    let size = field.dtype.bytes();
    let mut bytes = [0; 8];
    bytes[..size].copy_from_slice(&row[at..at + size]);
    if field.big_endian {
        bytes[..size].reverse();
    }
    let low = |n: usize| u64::from_le_bytes(bytes) << (64 - 8 * n) >> (64 - 8 * n);
    let signed = |n: usize| (u64::from_le_bytes(bytes) << (64 - 8 * n)) as i64 >> (64 - 8 * n);
    let whole = match field.dtype {
        Dtype::F64 => return Ok(f64::from_le_bytes(bytes)),
        Dtype::F32 => return Ok(f64::from(f32::from_bits(low(4) as u32))),
        // SHD stores times as 16-bit floats; coordinates must be integers.
        Dtype::F16 | Dtype::Bf16 => {
            return Err(malformed(format, offset, "numbers of 16 bits with a fraction"));
        }
        Dtype::Bool => i64::from(low(1) != 0),
        Dtype::U8 | Dtype::U16 | Dtype::U32 => low(size) as i64,
        Dtype::U64 => i64::try_from(low(8)).unwrap_or(i64::MAX),
        Dtype::I8 | Dtype::I16 | Dtype::I32 | Dtype::I64 => signed(size),
    };
    if (-MAX_TIME..=MAX_TIME).contains(&whole) {
        Ok(whole as f64)
    } else {
        Err(malformed(format, offset, format!("the number {whole} is beyond 2^53")))
    }
}
