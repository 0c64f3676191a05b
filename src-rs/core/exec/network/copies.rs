//! Copies of a network, and comparison of the parameters of two.

use crate::network::compiled::Network;
use lapicque_base::error::Result;
use lapicque_projection::Element;
use sha2::{Digest, Sha256};

impl<F: Element> Network<F> {
    /// A copy with the present parameters, without gradients and moments.
    #[inline(never)]
    pub fn snapshot(&self) -> Result<Network<F>> {
        let mut copy = Network::unset(&self.description, self.level)?;
        for (to, from) in copy.parameters.iter_mut().zip(&self.parameters) {
            to.data.copy_from_slice(&from.data);
        }
        copy.derive_coefficients();
        Ok(copy)
    }

    /// Whether all parameters equal those of another network of the same description, bit for bit.
    #[inline(never)]
    pub fn has_parameters_of(&self, other: &Self) -> bool {
        let bits = |&x: &F| x.to_f64().to_bits();
        let mut pairs = self.parameters.iter().zip(&other.parameters);
        pairs.all(|(a, b)| a.data.iter().map(bits).eq(b.data.iter().map(bits)))
    }

    /// SHA-256, in hexadecimal, of all parameters' little-endian bytes in order, public layout.
    #[inline(never)]
    pub fn weights_sha256(&self) -> String {
        let mut digest = Sha256::new();
        for parameter in &self.parameters {
            for value in parameter.values() {
                value.with_bytes(|bytes| digest.update(bytes));
            }
        }
        digest.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }
}
