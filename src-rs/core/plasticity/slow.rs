//! Detects rules whose changes are lost in single precision: a variable that changes by less than its rounding error does not
//! change at all.

use super::bind::Bound;
use super::event::EventKernel;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::Program;
use lapicque_expr::functions::double::exp;

/// Single precision is insufficient if rounding changes an increment by more than this fraction of it.
const KEPT: f64 = 1e-3;
/// Assumed time in ms between two events of a synapse.
const ELAPSED: f64 = 1.0;
/// Assumed rate in spikes per ms.
const RATE: f64 = 0.01;

impl Bound {
    /// Whether a trace, filter or variable of the rule changes so little, per ms or at an event, that single precision would
    /// lose more than a thousandth of the change. `weight`: the largest initial magnitude.
    pub fn is_slow(&self, weight: f64) -> bool {
        // Near 1, single precision represents a decay factor in steps of its rounding error.
        let fades = |left: f64| left < 1.0 && f64::from(f32::EPSILON) / 2.0 > KEPT * (1.0 - left);
        let traces = self.traces.iter().any(|trace| fades(exp(-trace.rate * ELAPSED)));
        let filters = self.sights.iter().filter_map(|sight| sight.keep).any(fades);
        let programs = [Some(&self.pre), self.post.as_ref(), self.modulated.as_ref(), self.relax.as_ref()];
        let start = self.clipped(weight);
        // Near a bound a weight hardly changes in any precision, so the test starts halfway between the bound and the middle.
        let start = self
            .bounds
            .filter(|bounds| bounds.iter().all(|x| x.is_finite()))
            .map_or(start, |[low, high]| 0.5 * (start + 0.5 * (low + high)));
        traces || filters || programs.into_iter().flatten().any(|program| self.loses(program, start))
    }

    /// Whether single precision loses the effect of an event on the variables, at their initial values and near them.
    fn loses(&self, program: &Program, weight: f64) -> bool {
        // Rounded so that both precisions represent the same number.
        let as_single = |x: f64| f64::from(x as f32);
        let at_start: Vec<f64> = (self.variables.iter().enumerate())
            .map(|(k, variable)| as_single(if k == 0 { weight } else { variable.init }))
            .collect();
        let perturbed =
            at_start.iter().enumerate().map(|(k, x)| if k == 0 { *x } else { as_single(1.5 * x + 0.1) });
        [at_start.clone(), perturbed.collect()].iter().any(|variables| {
            let single = self.after::<f32>(program, variables);
            let double = self.after::<f64>(program, variables);
            (0..variables.len()).any(|k| {
                let [rounded, change] = [single[k], double[k]].map(|x| x - variables[k]);
                change.is_finite() && (rounded - change).abs() > KEPT * change.abs()
            })
        })
    }

    /// Variables after an event. All sights are 1; traces have the mean of 10 Hz or the value after one spike.
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
