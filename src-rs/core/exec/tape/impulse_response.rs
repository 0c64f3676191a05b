//! The impulse response of a linear population to each of its input signals.
//!
//! The parallel form (`parallel`) of a population whose state is its current and that feeds back only to itself, such as
//! a Legendre memory. Its state is the sum of a few input signals, each convolved with an impulse response. So each block
//! of steps is one product whose depth is the length of the sequence, and not a scan over the steps.
//!
//! - The impulse response is computed in double precision and kept as long as the weights do not change. Terms are added
//!   from the earliest step to the latest.
//! - The contribution of an initial state is added step by step.
//! - The backward pass goes from the states to the signals in the same way if the weights between them are fixed and no
//!   later segment passes a gradient back. Otherwise it goes step by step.
//! - The sums have another order than those of a session: the only case in which a session equals a run only within
//!   rounding. A test holds the difference to 1e-12 of the largest value in double precision; there is no bound for
//!   single precision.
//! - The shapes decide: the form is used where signals × steps is below twice the number of neurons.

use lapicque_base::error::Result;
use lapicque_base::simd::SimdLevel;
use lapicque_projection::{Aligned, Element, PANEL, gemm_panel, panel_width, panels};

/// The impulse response of one population to each of its input signals.
pub struct Response<F: Element> {
    /// The weights of feed and feedback from which it was computed.
    pub weights: [Vec<F>; 2],
    pub steps: usize,
    /// `[signal][panel][steps, oldest first][64]`
    pub forward: Aligned<F>,
    /// `[signal][panel of steps, most recent first][neuron][64]`
    pub backward: Aligned<F>,
}

impl<F: Element> Response<F> {
    /// Computes the response step by step in double precision.
    pub fn new(level: SimdLevel, weights: [&[F]; 2], neurons: usize, steps: usize) -> Result<Self> {
        let [feed, feedback] = weights.map(|w| w.iter().map(|x| x.to_f64()).collect::<Vec<f64>>());
        let count = panels(neurons);
        let signals = feed.len() / (count * PANEL);
        let mut response = Response {
            weights: weights.map(<[F]>::to_vec),
            steps,
            forward: Aligned::zeroed("impulse response", signals * count * steps * PANEL)?,
            backward: Aligned::zeroed("impulse response", signals * panels(steps) * neurons * PANEL)?,
        };
        let mut now = vec![0.0; signals * neurons];
        for (n, q) in (0..neurons).flat_map(|n| (0..signals).map(move |q| (n, q))) {
            now[q * neurons + n] = feed[(n / PANEL * signals + q) * PANEL + n % PANEL];
        }
        let mut next = vec![0.0; signals * PANEL];
        let mut rows = now.clone();
        for ago in 0..steps {
            for (q, row) in now.chunks(neurons).enumerate() {
                for (n, &x) in row.iter().enumerate() {
                    let to = ((q * count + n / PANEL) * steps + steps - 1 - ago) * PANEL + n % PANEL;
                    response.forward[to] = F::from_f64(x);
                    let to = ((q * panels(steps) + ago / PANEL) * neurons + n) * PANEL + ago % PANEL;
                    response.backward[to] = F::from_f64(x);
                }
            }
            for panel in 0..count {
                let weights = &feedback[panel * neurons * PANEL..][..neurons * PANEL];
                gemm_panel(level, signals, neurons, &now, neurons, 1, weights, &mut next, false);
                let width = panel_width(neurons, panel);
                for (row, next) in rows.chunks_mut(neurons).zip(next.chunks(PANEL)) {
                    row[panel * PANEL..][..width].copy_from_slice(&next[..width]);
                }
            }
            std::mem::swap(&mut now, &mut rows);
        }
        Ok(response)
    }

    /// The `steps` most recent steps of the response of a panel to a signal, oldest first.
    pub fn of_panel(&self, [signal, panel, panels]: [usize; 3], steps: usize) -> &[F] {
        let rows = &self.forward[(signal * panels + panel) * self.steps * PANEL..][..self.steps * PANEL];
        &rows[(self.steps - steps) * PANEL..]
    }
}
