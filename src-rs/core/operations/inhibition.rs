//! Lateral inhibition: only the neuron with the largest potential may spike, among all neurons of a layer, or in an
//! image among those at one pixel.

use crate::definition::{Definition, SourceCount};
use crate::operation::{BackwardInput, KernelContext, Operation, Planned, Rows, Site};
use lapicque_base::SimdLevel;
use lapicque_base::error::Result;
use lapicque_projection::Element;

/// Its sources are spikes and potentials, in this order.
pub struct Inhibition;

/// Sets all elements except the winner to 0; the first of equal potentials wins.
fn silence<F: Element>(level: SimdLevel, potentials: &Rows<F>, out: &mut [F]) {
    let mut values = vec![F::ZERO; out.len()];
    potentials.values(level, &mut values);
    let channels = potentials.shape.channels;
    for (out, potentials) in out.chunks_exact_mut(channels).zip(values.chunks_exact(channels)) {
        let winner = (1..channels).fold(0, |best, n| if potentials[n] > potentials[best] { n } else { best });
        out.iter_mut().enumerate().filter(|(n, _)| *n != winner).for_each(|(_, x)| *x = F::ZERO);
    }
}

impl Operation for Inhibition {
    fn definition() -> Definition {
        Definition {
            kind: "inhibition",
            sources: SourceCount::Exactly(2, "two sources: spikes and potentials"),
            params: vec![],
            keeps_shape: true,
            ..Definition::default()
        }
    }

    fn plan(site: &Site) -> Result<Planned<Self>> {
        Ok(Planned { operation: Inhibition, shape: site.same_shapes()?, weights: None })
    }

    fn forward<F: Element>(&self, context: &KernelContext<F>, x: &[Rows<F>], out: &mut [F]) {
        x[0].values(context.level, out);
        silence(context.level, &x[1], out);
    }

    /// The gradient of the spikes that pass. The potentials have none, because they only select the winner.
    fn source_gradient<F: Element>(
        &self,
        context: &KernelContext<F>,
        source: usize,
        backward: &BackwardInput<F>,
        dx: &mut [F],
    ) {
        if source > 0 {
            return dx.fill(F::ZERO);
        }
        dx.copy_from_slice(backward.gradient);
        silence(context.level, &backward.x[1], dx);
    }
}
