//! Whether single precision keeps what a rule does: a variable that changes by less than its own rounding stands still.

use super::bind::Bound;
use super::event::EventKernel;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::Program;
use lapicque_expr::functions::double::exp;

/// A change that rounding moves by more than this part of it is one that single precision does not keep.
const KEPT: f64 = 1e-3;
/// In ms, between two events of a synapse.
const ELAPSED: f64 = 1.0;
/// In spikes per ms.
const RATE: f64 = 0.01;

impl Bound {
    /// Whether some trace, filter or variable of the rule changes so little, in a ms or at an event, that single precision
    /// would lose more than a thousandth of it. `weight`: the largest magnitude at the start.
    pub fn is_slow(&self, weight: f64) -> bool {
        // Of 1, single precision tells what is left apart in steps of its rounding.
        let fades = |left: f64| left < 1.0 && f64::from(f32::EPSILON) / 2.0 > KEPT * (1.0 - left);
        let traces = self.traces.iter().any(|trace| fades(exp(-trace.rate * ELAPSED)));
        let filters = self.sights.iter().filter_map(|sight| sight.keep).any(fades);
        let programs = [Some(&self.pre), self.post.as_ref(), self.modulated.as_ref(), self.relax.as_ref()];
        let start = self.clipped(weight);
        // Near its bound a weight hardly moves, whatever the precision: half-way to the middle it does what it does elsewhere.
        let start = self
            .bounds
            .filter(|bounds| bounds.iter().all(|x| x.is_finite()))
            .map_or(start, |[low, high]| 0.5 * (start + 0.5 * (low + high)));
        traces || filters || programs.into_iter().flatten().any(|program| self.loses(program, start))
    }

    /// Whether single precision loses what an event does to the variables, as they are at the start and beside that.
    fn loses(&self, program: &Program, weight: f64) -> bool {
        // What both precisions hold.
        let held = |x: f64| f64::from(x as f32);
        let at_start: Vec<f64> = (self.variables.iter().enumerate())
            .map(|(k, variable)| held(if k == 0 { weight } else { variable.init }))
            .collect();
        let beside = at_start.iter().enumerate().map(|(k, x)| if k == 0 { *x } else { held(1.5 * x + 0.1) });
        [at_start.clone(), beside.collect()].iter().any(|variables| {
            let single = self.after::<f32>(program, variables);
            let double = self.after::<f64>(program, variables);
            (0..variables.len()).any(|k| {
                let [rounded, change] = [single[k], double[k]].map(|x| x - variables[k]);
                change.is_finite() && (rounded - change).abs() > KEPT * change.abs()
            })
        })
    }

    /// Variables after an event, all sights being 1, and traces what spikes at 10 Hz make of them or one does.
    fn after<F: Real>(&self, program: &Program, variables: &[f64]) -> Vec<f64> {
        let kernel = EventKernel::<F>::new(self, program, SimdLevel::Portable);
        let mut outs = vec![F::ZERO; kernel.outs()];
        let states: Vec<[F; 1]> = variables.iter().map(|&x| [F::from_f64(x)]).collect();
        let states: Vec<&[F]> = states.iter().map(|x| &x[..]).collect();
        let one = [F::ONE];
        let traces = self.traces.iter().map(|trace| [F::from_f64((RATE / trace.rate).max(1.0))]);
        let now: Vec<[F; 1]> = traces.chain([[F::from_f64(ELAPSED)]]).collect();
        let sights = std::iter::repeat_n(&one[..], self.sights.len() + 1);
        let ports: Vec<&[F]> = now.iter().map(|x| &x[..]).chain(sights).collect();
        let mut slots: Vec<&mut [F]> = outs.chunks_mut(1).collect();
        kernel.run(1, &states, &ports, &mut slots, &mut vec![]);
        outs.into_iter().take(variables.len()).map(Real::to_f64).collect()
    }
}
