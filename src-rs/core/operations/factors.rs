//! Trained factors and offsets of a norm: one for each element of a sample, or one for each channel.

use crate::init::Fan;
use crate::init::Initializer;
use crate::operation::{Tensor, WeightUse, Weights};
use crate::shape::{Shape, TensorShape};
use lapicque_base::SimdLevel;
use lapicque_projection::{Element, SUMMED, affine_gradients};

pub struct Factors {
    shape: Shape,
    of_elements: bool,
}

impl Factors {
    pub fn new(shape: Shape, of_elements: bool) -> Self {
        Factors { shape, of_elements }
    }

    /// The tensors: factors are initially 1, offsets 0.
    pub fn weights(&self, offsets: bool, trainable: bool) -> Weights {
        let shape = if self.of_elements { self.shape } else { Shape::flat(self.shape.channels) };
        let tensor = |initial| Tensor { shape: TensorShape::from(shape), initial };
        Weights {
            weight: tensor(Initializer::Constant { value: 1.0 }),
            bias: offsets.then(|| tensor(Initializer::Zeros {})),
            fan: Fan::dense(shape.elements(), shape.elements()),
            trainable,
            used: WeightUse::Own,
        }
    }

    /// The number of factors. The values of a row use them cyclically, with this period.
    pub fn width(&self) -> usize {
        if self.of_elements { self.shape.elements() } else { self.shape.channels }
    }

    /// Whether their public order differs from the order of the values.
    fn is_rearranged(&self) -> bool {
        self.of_elements && !self.shape.is_public()
    }

    /// Factors or offsets in the order of the values.
    pub fn arranged<F: Element>(&self, public: &[F]) -> Vec<F> {
        if !self.is_rearranged() {
            return public.to_vec();
        }
        let mut arranged = vec![F::ZERO; public.len()];
        public.iter().enumerate().for_each(|(n, &x)| arranged[self.shape.offset(n)] = x);
        arranged
    }

    /// Adds to the gradients of one piece of the factors and offsets. `hat` are the normalized values of some rows,
    /// `gradient` is the gradient with respect to the output.
    pub fn add_gradients<F: Element>(
        &self,
        level: SimdLevel,
        [hat, gradient]: [&[F]; 2],
        piece: usize,
        [factors, offsets]: [&mut [F]; 2],
    ) {
        let (first, width) = (piece * SUMMED, self.width());
        if !self.is_rearranged() {
            return affine_gradients(level, [hat, gradient], width, first, [factors, offsets]);
        }
        for (hat, gradient) in hat.chunks_exact(width).zip(gradient.chunks_exact(width)) {
            for (n, (factor, offset)) in (first..).zip(factors.iter_mut().zip(offsets.iter_mut())) {
                let at = self.shape.offset(n);
                *factor = hat[at].mul_add(gradient[at], *factor);
                *offset += gradient[at];
            }
        }
    }

    /// Each element has one factor, which other elements may share.
    pub fn fan_outs<F: Element>(&self, weight: &[F]) -> (Vec<u64>, u64) {
        if weight.is_empty() {
            return (vec![], 0);
        }
        let elements = self.shape.elements();
        let factor = |n: usize| {
            let own = if self.of_elements { n } else { n / self.shape.pixels() };
            u64::from(weight[own] != F::ZERO)
        };
        ((0..elements).map(factor).collect(), elements as u64)
    }
}
