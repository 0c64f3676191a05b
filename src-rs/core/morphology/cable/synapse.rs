//! Synapses at nodes. Events add to a conductance, which decays exactly over a step.

use std::collections::BinaryHeap;

use lapicque_base::error::{Error, Result};
use lapicque_expr::functions::double::exp;
use serde::Deserialize;

/// How the conductance develops after an event of weight 1 (µS).
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
pub enum Kinetics {
    /// Jumps by the weight and decays with `tau`, in ms.
    Exponential { tau: f64 },
    /// Difference of two exponentials with the weight as its maximum.
    DoubleExponential { rise: f64, decay: f64 },
    /// The same, with the magnesium block of Jahr and Stevens (1990).
    Nmda { rise: f64, decay: f64, magnesium: f64 },
}

/// How the current of a synapse is linearized in the voltage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Slope {
    /// The derivative.
    #[default]
    Exact,
    /// The difference over 0.001 mV, as NEURON computes it.
    Secant,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Synapse {
    pub cell: usize,
    pub node: usize,
    pub kinetics: Kinetics,
    /// Reversal potential in mV.
    pub reversal: f64,
    /// Times in ms and weights in µS.
    pub events: Vec<(f64, f64)>,
}

impl Synapse {
    pub fn check(&self) -> Result<()> {
        self.kinetics.check()?;
        if !self.reversal.is_finite()
            || self.events.iter().any(|(time, weight)| time.is_nan() || !weight.is_finite())
        {
            return Err(Error::invalid(
                "synapse.events",
                "a value that is not finite",
                "finite times and weights",
            ));
        }
        Ok(())
    }
}

impl Kinetics {
    pub fn check(self) -> Result<()> {
        let [rise, decay] = self.times();
        let positive = |x: f64| x > 0.0 && x.is_finite();
        let fits = match self {
            Kinetics::Exponential { tau } => positive(tau),
            _ => positive(rise) && positive(decay) && rise < decay,
        };
        if !fits {
            let expected = "time constants above 0, the rise shorter than the decay";
            return Err(Error::invalid("synapse.kinetics", format!("{self:?}"), expected));
        }
        if let Kinetics::Nmda { magnesium, .. } = self
            && (magnesium.is_nan() || magnesium < 0.0)
        {
            return Err(Error::invalid("synapse.magnesium", magnesium, "a number of at least 0"));
        }
        Ok(())
    }

    fn times(self) -> [f64; 2] {
        match self {
            Kinetics::Exponential { tau } => [tau; 2],
            Kinetics::DoubleExponential { rise, decay } | Kinetics::Nmda { rise, decay, .. } => [rise, decay],
        }
    }
}

/// An event on its way, ordered so that the earliest is the largest.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Event {
    time: f64,
    weight: f64,
    origin: Origin,
}

/// The origin of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The times of the synapse itself.
    Own,
    /// A connection, by its index.
    Connection(usize),
}

/// An event that a synapse has received.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Received {
    pub step: usize,
    pub weight: f64,
    pub origin: Origin,
}

impl Eq for Event {}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // Events of one time are added in the order of their weights, whatever the order of their arrival.
        other.time.total_cmp(&self.time).then(other.weight.total_cmp(&self.weight))
    }
}

/// The response of a synapse to its events in time steps of one length.
#[derive(Debug, Clone, Copy)]
pub struct Response {
    reversal: f64,
    block: Option<f64>,
    slope: Slope,
    is_single: bool,
    /// What an event of weight 1 adds to both parts.
    jump: f64,
    /// Factors of a step.
    pub decay: [f64; 2],
}

/// A synapse during a run.
pub struct Running {
    pub place: usize,
    pub node: usize,
    pub response: Response,
    /// The conductance is the second minus the first.
    pub parts: [f64; 2],
    waiting: BinaryHeap<Event>,
    /// What it has received, if a gradient needs it.
    pub received: Option<Vec<Received>>,
    /// nA, as computed last.
    pub current: f64,
}

/// The exponent of the magnesium block, per mV.
const RATE: f64 = 0.062;
/// The voltage difference of NEURON's secant, in mV.
const SECANT: f64 = 0.001;

impl Response {
    pub fn new(kinetics: Kinetics, reversal: f64, slope: Slope, dt: f64) -> Self {
        let [rise, decay] = kinetics.times();
        let is_single = matches!(kinetics, Kinetics::Exponential { .. });
        let peak = rise * decay / (decay - rise) * libm::log(decay / rise);
        Response {
            reversal,
            block: match kinetics {
                Kinetics::Nmda { magnesium, .. } => Some(magnesium / 3.57),
                _ => None,
            },
            slope,
            is_single,
            jump: if is_single { 1.0 } else { 1.0 / (exp(-peak / decay) - exp(-peak / rise)) },
            decay: [exp(-dt / rise), exp(-dt / decay)],
        }
    }

    /// Adds an event.
    pub fn add(&self, parts: &mut [f64; 2], weight: f64) {
        parts[1] += weight * self.jump;
        if !self.is_single {
            parts[0] += weight * self.jump;
        }
    }

    /// The derivative of the parts with respect to the weight of an event, for a gradient of the parts.
    pub fn weight_gradient(&self, parts: [f64; 2]) -> f64 {
        self.jump * if self.is_single { parts[1] } else { parts[0] + parts[1] }
    }

    /// The current in nA at voltage `v`, and its slope in µS.
    pub fn at(&self, parts: [f64; 2], v: f64) -> [f64; 2] {
        let g = parts[1] - parts[0];
        let Some(block) = self.block else {
            return [g * (v - self.reversal), g];
        };
        let open = |v: f64| 1.0 / (1.0 + block * exp(-RATE * v));
        let current = |v: f64| g * (v - self.reversal) * open(v);
        let now = current(v);
        let slope = match self.slope {
            Slope::Secant => (current(v + SECANT) - now) / SECANT,
            Slope::Exact => {
                let open = open(v);
                g * open + g * (v - self.reversal) * open * (1.0 - open) * RATE
            }
        };
        [now, slope]
    }

    /// The gradient with respect to the voltage and the conductance, from the gradients of current and slope.
    pub fn gradient(&self, parts: [f64; 2], v: f64, [of_current, of_slope]: [f64; 2]) -> [f64; 2] {
        let g = parts[1] - parts[0];
        let Some(block) = self.block else {
            return [of_current * g, of_current * (v - self.reversal) + of_slope];
        };
        // The current of a conductance of 1 with its first and second derivatives.
        let unit = |v: f64| {
            let (open, driving) = (1.0 / (1.0 + block * exp(-RATE * v)), v - self.reversal);
            let first = RATE * open * (1.0 - open);
            let second = RATE * first * (1.0 - 2.0 * open);
            [driving * open, open + driving * first, 2.0 * first + driving * second]
        };
        let [current, slope, curvature] = unit(v);
        let [slope_of, curvature] = match self.slope {
            Slope::Exact => [slope, curvature],
            Slope::Secant => {
                let beside = unit(v + SECANT);
                [(beside[0] - current) / SECANT, (beside[1] - slope) / SECANT]
            }
        };
        [g * (of_current * slope + of_slope * curvature), of_current * current + of_slope * slope_of]
    }

    pub fn decay(&self, parts: &mut [f64; 2]) {
        parts[0] *= self.decay[0];
        parts[1] *= self.decay[1];
    }
}

impl Running {
    pub fn new(synapse: &Synapse, place: usize, slope: Slope, dt: f64) -> Self {
        let own = |&(time, weight): &(f64, f64)| Event { time, weight, origin: Origin::Own };
        Running {
            place,
            node: synapse.node,
            response: Response::new(synapse.kinetics, synapse.reversal, slope, dt),
            parts: [0.0; 2],
            waiting: synapse.events.iter().map(own).collect(),
            received: None,
            current: 0.0,
        }
    }

    pub fn expect(&mut self, time: f64, weight: f64, connection: usize) {
        self.waiting.push(Event { time, weight, origin: Origin::Connection(connection) });
    }

    /// Adds the events up to `time`, or before it, in a step.
    pub fn receive(&mut self, step: usize, time: f64, including: bool) {
        while self.waiting.peek().is_some_and(|event| event.time < time || (including && event.time == time))
        {
            let Some(Event { weight, origin, .. }) = self.waiting.pop() else { return };
            self.response.add(&mut self.parts, weight);
            if let Some(received) = &mut self.received {
                received.push(Received { step, weight, origin });
            }
        }
    }

    /// The first of the received events from a step on.
    pub fn first_since(&self, step: usize) -> usize {
        self.received.as_ref().map_or(0, |received| received.partition_point(|event| event.step < step))
    }

    /// The events that a step has received.
    pub fn received_in(&self, step: usize) -> &[Received] {
        let received = self.received.as_deref().unwrap_or_default();
        &received[self.first_since(step)..self.first_since(step + 1)]
    }

    /// Receives the events of a step again, of which `next` is the first; returns the first of later steps.
    pub fn receive_again(&mut self, step: usize, mut next: usize) -> usize {
        while let Some(event) =
            self.received.as_ref().and_then(|all| all.get(next)).filter(|event| event.step == step)
        {
            let weight = event.weight;
            self.response.add(&mut self.parts, weight);
            next += 1;
        }
        next
    }

    /// The current in nA at voltage `v`, and its slope in µS.
    pub fn at(&mut self, v: f64) -> [f64; 2] {
        let both = self.response.at(self.parts, v);
        self.current = both[0];
        both
    }

    pub fn decay(&mut self) {
        self.response.decay(&mut self.parts);
    }
}
