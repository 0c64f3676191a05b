//! The exponential upstroke of a neuron, integrated in a variable in which it is nearly linear.
//!
//! Near its end v goes to infinity within a time too short for any step of a method. But q = exp((vT - v) / deltaT) goes to 0
//! almost linearly: dq/dt = -(q f(v) + gL deltaT / c) / deltaT, where f is the sum of all other terms of dv/dt. So a step that
//! begins above `vHigh` is computed in q, and the time at which it reaches the peak is known to the order of the method.
//! Synaptic variables decay exactly.

use super::integration;
use super::names::Named;
use lapicque_expr::Scalar;

/// From this number of slope factors above vT on, a step is computed in q.
const HIGH: f64 = 2.0;
/// The smallest q whose logarithm is computed, so that it is finite in single precision.
const LEAST: f64 = 1e-30;
/// Newton iterations for the time at which a nearly linear cubic reaches the peak.
const REFINED: usize = 2;

/// Adds the coefficients of a sub-step of this length to those of the neuron.
pub fn derive<L: Scalar>(p: &Named<L>, coefs: Named<L>, length: L) -> Named<L> {
    let [v_t, peak, slope] = ["vT", "vPeak", "deltaT"].map(|name| p.get(name));
    let half = L::constant(0.5);
    let high = slope.mul_add(L::constant(HIGH), v_t).min((v_t + peak) * half);
    let q = |v: L| ((v_t - v) / slope).exp();
    let decay = |tau: &str, share: f64| (-(length * L::constant(share) / p.get(tau))).exp();
    coefs
        .with("deltaT", slope)
        .with("vHigh", high)
        .with("qPeak", q(peak).max(L::constant(LEAST)))
        .with("perQHigh", slope / q(high))
        .with("halfE", decay("tauE", 0.5))
        .with("halfI", decay("tauI", 0.5))
        .with("leftE", decay("tauE", 1.0))
        .with("leftI", decay("tauI", 1.0))
}

/// A neuron during one sub-step. `current`: the current at a potential, from the two synaptic variables.
pub struct Upstroke<'a, L, C> {
    pub c: &'a Named<L>,
    /// Whether a spike is followed by a refractory period; `None` if it is for no neuron.
    pub rests: Option<L>,
    pub current: C,
}

/// A sub-step of the method in its variable: q if `steep` holds, otherwise v.
pub struct Course<L> {
    steep: L,
    ends: [L; 2],
    slopes: [L; 2],
    /// Synaptic variables at the beginning, in the middle and at the end of the sub-step.
    synaptic: [[L; 2]; 3],
}

impl<L: Scalar, C: Fn(L, [L; 2]) -> L> Upstroke<'_, L, C> {
    fn c(&self, name: &str) -> L {
        self.c.get(name)
    }

    /// The terms of dv/dt other than the exponential, times the step length.
    fn others(&self, v: L, w: L, synaptic: [L; 2]) -> L {
        ((self.current)(v, synaptic) - w) * self.c("perC") - (v - self.c("vLeak")) * self.c("leak")
    }

    fn adaptation(&self, v: L, w: L) -> L {
        (v - self.c("vLeak")) * self.c("followW") - w * self.c("perTauW")
    }

    fn exponential(&self, v: L) -> L {
        ((v - self.c("vT")) * self.c("perDeltaT")).exp() * self.c("upstroke")
    }

    /// The variables v, w and those of the synapses after a sub-step, the error estimate of v, and the course of the sub-step.
    pub fn advance(&self, [v, w, e, i]: [L; 4], asleep: Option<L>) -> ([L; 4], L, Course<L>) {
        let unless_asleep = |x: L| asleep.map_or(x, |asleep| asleep.select(L::zero(), x));
        let steep = v.greater(self.c("vHigh")).detach();
        // The argument of the logarithm, and of an exponential below, is replaced by a harmless value where it is not used.
        let potential = |y: L, least: L| {
            let q = steep.select(y, L::one()).max(least);
            steep.select(self.c("vT") - q.ln() * self.c("deltaT"), y)
        };
        let synaptic =
            [[e, i], [e * self.c("halfE"), i * self.c("halfI")], [e * self.c("leftE"), i * self.c("leftI")]];
        let increment = |stage: usize, [y, w]: [L; 2]| {
            // v is limited to the peak, because a stage could overflow above it.
            let v = potential(y, self.c("qPeak")).min(self.c("vPeak"));
            let others = self.others(v, w, synaptic[stage.div_ceil(2)]);
            let falling = -(y.mul_add(others, self.c("upstroke")) * self.c("perDeltaT"));
            let rising = others + self.exponential(steep.select(self.c("vT"), v));
            [unless_asleep(steep.select(falling, rising)), self.adaptation(v, w)]
        };
        let q = ((self.c("vT") - v.max(self.c("vHigh"))) * self.c("perDeltaT")).exp();
        let start = steep.select(q, v);
        let ([end, w], error, slopes) =
            integration::runge_kutta_with_slopes([start, w], [1.0, 0.0], increment);
        // Converted to v at the beginning of the upstroke: the delay of a later peak is the same.
        let error = steep.select(error * self.c("perQHigh"), error);
        // A q below that of the peak is a v above it; one below 0 would give NaN.
        let least = self.c("qPeak") * L::constant(0.5);
        let reached = potential(end, least);
        let v = asleep.map_or(reached, |asleep| asleep.select(v, reached));
        let [e, i] = synaptic[2];
        let course = Course { steep, ends: [start, end], slopes: slopes.map(|slope| slope[0]), synaptic };
        ([v, w, e, i], error, course)
    }

    /// If the neuron fires: the variables at the end of a sub-step that begins with `v` and `w`, after the reset.
    pub fn resume(
        &self,
        [v, w, ..]: [L; 4],
        course: Course<L>,
        fires: L,
        reset: &dyn Fn([L; 4]) -> [L; 4],
    ) -> [L; 4] {
        let Course { steep, ends: [start, end], slopes, synaptic } = course;
        let peak = steep.select(self.c("qPeak"), self.c("vPeak"));
        let share = share(steep, fires, [start, end], slopes, peak);
        // The mean of v until the spike: q is linear, and the mean of its logarithm has a closed form.
        let q = fires.select(steep.select(start, L::one()), L::one());
        let [ln_q, ln_peak] = [q.ln(), (self.c("vT") - self.c("vPeak")) * self.c("perDeltaT")];
        let difference = q - self.c("qPeak");
        let is_distinct = difference.greater(q * L::constant(1e-3));
        let divisor = is_distinct.select(difference, L::one());
        let mean_ln = is_distinct.select((q * ln_q - self.c("qPeak") * ln_peak) / divisor - L::one(), ln_q);
        let mean =
            steep.select(self.c("vT") - mean_ln * self.c("deltaT"), (v + self.c("vPeak")) * L::constant(0.5));
        let at_peak = self.adaptation(mean, w).mul_add(share, w);
        let [e, i] = [0, 1].map(|k| within([0, 1, 2].map(|part| synaptic[part][k]), share));
        let [v, w, e, i] = reset([fires.select(self.c("vPeak"), v), at_peak, e, i]);
        // The rest of the sub-step, by a method of order 2.
        let rest = share.not();
        let increment = |v: L, w: L, synaptic: [L; 2]| {
            let charge = self.others(v, w, synaptic) + self.exponential(fires.select(v, self.c("vT")));
            let moved = charge * rest;
            let moved = self.rests.map_or(moved, |rests| rests.select(L::zero(), moved));
            [moved, self.adaptation(v, w) * rest]
        };
        let [first_v, first_w] = increment(v, w, [e, i]);
        let [second_v, second_w] = increment(v + first_v, w + first_w, synaptic[2]);
        let half = L::constant(0.5);
        let [e, i] = synaptic[2];
        [(first_v + second_v).mul_add(half, v), (first_w + second_w).mul_add(half, w), e, i]
    }
}

/// If it `fires`: the fraction of a sub-step after which its variable is `peak`. For q on the cubic through the values and
/// slopes at both ends, for v on a line.
fn share<L: Scalar>(steep: L, fires: L, [start, end]: [L; 2], [first, last]: [L; 2], peak: L) -> L {
    let line = fires.select(end - start, L::one());
    let line = line.abs().greater(L::zero()).select(line, L::one());
    let [first, last] = [first, last].map(|slope| steep.select(slope, line));
    let cubic = first + last - line - line;
    let square = line - first - cubic;
    let bounded = |x: L| x.max(L::zero()).min(L::one());
    let target = fires.select(peak - start, L::zero());
    (0..REFINED).fold(bounded(target / line), |x, _| {
        let value = x * (first + x * (square + x * cubic));
        let slope = first + x * (square * L::constant(2.0) + x * cubic * L::constant(3.0));
        // A line, if the cubic does not lead to the peak.
        let steepness = (slope / line).max(L::constant(0.25));
        bounded(x + (target - value) / (line * steepness))
    })
}

/// The value after a fraction of a sub-step, on the parabola through those at its beginning, middle and end.
fn within<L: Scalar>([start, middle, end]: [L; 3], share: L) -> L {
    let bend = (start + end - middle - middle) * L::constant(2.0);
    let slope = end - start - bend;
    share.mul_add(share.mul_add(bend, slope), start)
}
