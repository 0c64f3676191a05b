//! SHA-256 of weights and files: detects damage, and tells whether two runs ended with the same bits. It does not prove
//! who wrote a file.

use crate::tensor::TensorView;
use lapicque_base::error::Result;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// The SHA-256 of each in lower-case hexadecimal, on all threads; `check` can end it, about once a millisecond. Errors: those of `check`.
pub fn sha256_of_each(all: &[&[u8]], check: impl Fn() -> Result<()> + Sync) -> Result<Vec<String>> {
    let one = |bytes: &&[u8]| {
        let mut digest = Sha256::new();
        for piece in bytes.chunks(1 << 20) {
            check()?;
            digest.update(piece);
        }
        Ok(hex(&digest.finalize()))
    };
    all.par_iter().map(one).collect()
}

/// A digest of fields, each with its length, so that `("ab", "c")` and `("a", "bc")` differ.
#[derive(Default)]
pub struct Fields(Sha256);

impl Fields {
    pub fn add(&mut self, field: impl AsRef<[u8]>) {
        let field = field.as_ref();
        self.0.update((field.len() as u64).to_le_bytes());
        self.0.update(field);
    }

    pub fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// One digest of a set of tensors: of names, types, shapes and bits, in the order of the names.
pub fn weights<'a>(tensors: impl IntoIterator<Item = TensorView<'a>>) -> String {
    let mut tensors: Vec<_> = tensors.into_iter().collect();
    tensors.sort_by_key(|tensor| tensor.name);
    let mut fields = Fields::default();
    for tensor in tensors {
        fields.add(tensor.name);
        fields.add(tensor.dtype.name());
        fields.add(format!("{:?}", tensor.shape));
        fields.add(tensor.bytes);
    }
    fields.finish()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::Dtype;

    #[test]
    fn sha256_of_the_standards_example() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_of_each(&[b"abc"], || Ok(())).unwrap(), [expected], "FIPS 180-4, example 1");
    }

    #[test]
    fn weights_depend_on_bits_names_and_shapes_but_not_on_order() {
        let a = TensorView { name: "a", dtype: Dtype::U8, shape: &[2, 1], bytes: &[1, 2] };
        let b = TensorView { name: "b", ..a };
        assert_eq!(weights([a, b]), weights([b, a]));
        let others = [
            weights([a]),
            weights([b, b]),
            weights([a, TensorView { shape: &[2], ..b }]),
            weights([a, TensorView { bytes: &[1, 3], ..b }]),
            weights([a, TensorView { dtype: Dtype::I8, ..b }]),
        ];
        assert!(others.iter().all(|other| *other != weights([a, b])));
    }
}
