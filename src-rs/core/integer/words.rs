//! Arrays of whole numbers in the narrowest type that holds them.

use lapicque_base::error::{Result, try_vec};

/// Numbers of 8, 16 or 32 bits.
#[derive(Clone)]
pub enum Words {
    Bits8(Vec<i8>),
    Bits16(Vec<i16>),
    Bits32(Vec<i32>),
}

/// Runs `$body` with the array, whatever its type.
macro_rules! each {
    ($words:expr, $values:ident => $body:expr) => {
        match $words {
            Words::Bits8($values) => $body,
            Words::Bits16($values) => $body,
            Words::Bits32($values) => $body,
        }
    };
}

// One of the types is that of the result.
#[allow(clippy::useless_conversion)]
impl Words {
    /// Bytes of a number of `bits` bits.
    pub fn width(bits: u32) -> usize {
        match bits {
            ..=8 => 1,
            9..=16 => 2,
            _ => 4,
        }
    }

    /// Zeros in a type of at least `bits` bits. Errors: `too-large`.
    pub fn zeros(what: &str, bits: u32, len: usize) -> Result<Self> {
        Ok(match Words::width(bits) {
            1 => Words::Bits8(try_vec(what, len, 0)?),
            2 => Words::Bits16(try_vec(what, len, 0)?),
            _ => Words::Bits32(try_vec(what, len, 0)?),
        })
    }

    /// The narrowest array of these numbers. Errors: `too-large`.
    pub fn narrowest(what: &str, values: &[i32]) -> Result<Self> {
        let bits = values.iter().map(|&x| 33 - (x ^ (x >> 31)).leading_zeros()).max().unwrap_or(1);
        let mut words = Words::zeros(what, bits, values.len())?;
        each!(&mut words, own => {
            for (own, &value) in own.iter_mut().zip(values) {
                *own = value as _;
            }
        });
        Ok(words)
    }

    pub fn bytes(&self) -> usize {
        each!(self, values => size_of_val(&values[..]))
    }

    pub fn fill_zero(&mut self) {
        each!(self, values => values.fill(0));
    }

    /// Numbers `at` to `at + out.len() - 1`.
    #[inline(always)]
    pub fn read(&self, at: usize, out: &mut [i32]) {
        each!(self, values => {
            for (out, &value) in out.iter_mut().zip(&values[at..]) {
                *out = i32::from(value);
            }
        });
    }

    /// The `N` numbers from `at` on.
    #[inline(always)]
    pub fn load<const N: usize>(&self, at: usize) -> [i32; N] {
        let mut out = [0; N];
        each!(self, values => {
            if let Some(values) = values[at..].first_chunk::<N>() {
                for i in 0..N {
                    out[i] = i32::from(values[i]);
                }
            }
        });
        out
    }

    /// Replaces the `N` numbers from `at` on, which fit the type.
    #[inline(always)]
    pub fn store<const N: usize>(&mut self, at: usize, new: &[i32; N]) {
        each!(self, values => {
            if let Some(values) = values[at..].first_chunk_mut::<N>() {
                for i in 0..N {
                    values[i] = new[i] as _;
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_type_holds_both_limits() {
        for (values, bytes) in [
            (vec![-128, 127], 2),
            (vec![0, 128], 4),
            (vec![-129], 2),
            (vec![-32768, 32767], 4),
            (vec![32768], 4),
            (vec![-32769, 1], 8),
            (vec![i32::MIN, i32::MAX], 8),
        ] {
            let mut words = Words::narrowest("numbers", &values).unwrap();
            assert_eq!(words.bytes(), bytes, "{values:?}");
            let mut read = vec![0; values.len()];
            words.read(0, &mut read);
            assert_eq!(read, values);
            words.store(0, &[values[0]]);
            assert_eq!(words.load::<1>(0), [values[0]]);
        }
    }
}
