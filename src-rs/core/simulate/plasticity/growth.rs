//! Growth of axonal and dendritic elements, depending on the calcium of their neurons.

use crate::plan::structural::{Curve, Structural};
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::simd::SimdLevel;
use lapicque_expr::Scalar;

/// The elements of one side of a connection in a partition.
#[derive(Debug, Clone)]
pub struct Elements {
    /// Index of the population among the parts.
    pub population: usize,
    pub calcium: Vec<f64>,
    pub elements: Vec<f64>,
}

/// Axonal and dendritic elements of a connection.
#[derive(Debug, Clone)]
pub struct Growing {
    pub connection: usize,
    pub sides: [Elements; 2],
}

struct Grow<'a>(&'a Structural, Curve, &'a mut Elements);

impl Work for Grow<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Grow(s, curve, side) = self;
        let (most, neuron_slots) = (f64::from(s.most), side.calcium.iter_mut().zip(&mut side.elements));
        match curve {
            Curve::Linear { rate, epsilon } => {
                let per = s.mean / epsilon;
                for (calcium, z) in neuron_slots {
                    *z = (*z + rate * (1.0 - *calcium * per)).max(0.0).min(most);
                    *calcium *= s.left;
                }
            }
            Curve::Gaussian { rate, center, width } => {
                let per = 1.0 / width;
                for (calcium, z) in neuron_slots {
                    let x = (*calcium * s.mean - center) * per;
                    let grown = rate * (2.0 * Scalar::exp(-(x * x)) - 1.0);
                    *z = (*z + grown).max(0.0).min(most);
                    *calcium *= s.left;
                }
            }
        }
    }
}

impl Growing {
    /// One step; `fired` are the slots of a population's neurons that spike at its end.
    pub fn advance(
        &mut self,
        s: &Structural,
        level: SimdLevel,
        fired: impl Fn(usize, &mut dyn FnMut(usize)),
    ) {
        for (side, &curve) in self.sides.iter_mut().zip(&s.curves) {
            at_level(level, Grow(s, curve, side));
            let Elements { population, calcium, .. } = side;
            fired(*population, &mut |neuron_slot| calcium[neuron_slot] += s.beta);
        }
    }
}
