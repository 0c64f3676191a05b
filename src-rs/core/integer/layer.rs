//! A layer as it is run: its rules, the parameters of its neurons and its connections.

use crate::convolution::{Convolution, Geometry};
use crate::dense::{Dense, PANEL};
use crate::description::{self, Projection};
use crate::events::Event;
use crate::parameters::Parameters;
use crate::pool::{Pool, PoolState, Pooling};
use crate::rules::{MAX_COUNT, Rules, Saturation};
use crate::sources::Source;
use lapicque_base::error::{Error, Result, try_vec};

pub struct Layer {
    pub name: String,
    pub rules: Rules,
    pub neurons: usize,
    pub parameters: Parameters,
    pub aliases: Vec<[u32; 2]>,
    pub connections: Vec<Connection>,
    /// The public number of each neuron.
    pub public: Vec<u32>,
}

pub struct Connection {
    /// As [`Source`]s are numbered.
    pub source: usize,
    pub delayed: bool,
    pub current: usize,
    pub shift: u32,
    pub max_count: i32,
    pool: Option<Pool>,
    weights: Weights,
}

enum Weights {
    Dense(Dense),
    Convolution(Convolution),
}

/// Left shifts of weights.
const MAX_SHIFT: u32 = 16;
/// What a step may add to a state, so that sums fit 32 bits.
const MOST: u64 = 1 << 30;

impl Layer {
    /// The layer `sources[number]`. `weights` and `parameters` are read from their front; what is used is cut off.
    ///
    /// # Errors
    /// `invalid-parameter`, `shape-mismatch`, `unknown-name`, `too-large`.
    pub fn new(
        described: &description::Layer,
        number: usize,
        sources: &[Source],
        weights: &mut &[i8],
        parameters: &mut &[i32],
    ) -> Result<Self> {
        let description::Layer { name, neurons, rules, aliases, .. } = described;
        let neurons = *neurons;
        rules.check(name)?;
        let own = &sources[number];
        let count = Parameters::count(rules, neurons);
        let given = cut(parameters, count, &format!("parameters of {name}"))?;
        let public = own.public()?;
        let parameters = Parameters::new(name, rules, neurons, &public, given)?;
        for (i, alias) in aliases.iter().enumerate() {
            if let Some(wrong) = alias.iter().find(|&&neuron| neuron as usize >= neurons) {
                let expected = format!("neurons from 0 to {}", neurons - 1);
                return Err(Error::invalid(format!("{name}.aliases[{i}]"), wrong, expected));
            }
        }
        if !aliases.is_empty() && (own.shape.is_some() || !rules.spiking) {
            return Err(Error::invalid(
                format!("{name}.aliases"),
                aliases.len(),
                "none for images and for layers without spikes",
            ));
        }
        let mut connections = Vec::new();
        // The most that a step can add to each neuron, by current.
        let mut most =
            try_vec("the neurons of the integer network", neurons * rules.currents.max(1) as usize, 0u64)?;
        for (i, connection) in described.connections.iter().enumerate() {
            let path = format!("{name}.connections[{i}]");
            let added = &mut most[..];
            connections.push(Connection::new(connection, &path, described, number, sources, weights, added)?);
        }
        if rules.saturation == Saturation::Sum
            && let Some(i) = most.iter().position(|&most| most > MOST)
        {
            let expected = format!("at most {MOST}: smaller weight shifts or counts");
            return Err(Error::invalid(
                format!("{name}: the largest sum of inputs of neuron {}", public[i % neurons]),
                most[i],
                expected,
            ));
        }
        let (name, mut aliases) = (name.clone(), aliases.clone());
        // Stable: of one neuron in the order given.
        aliases.sort_by_key(|&[from, _]| from);
        Ok(Layer { name, rules: *rules, neurons, parameters, aliases, connections, public })
    }

    pub fn padded(&self) -> usize {
        self.neurons.next_multiple_of(PANEL)
    }

    /// Arrays of sums that a step fills.
    pub fn receivers(&self) -> usize {
        self.rules.currents.max(1) as usize
    }

    /// Bytes of weights and parameters.
    pub fn bytes(&self) -> usize {
        let weights: usize = self.connections.iter().map(Connection::bytes).sum();
        weights + Parameters::count(&self.rules, self.padded()) * size_of::<i32>()
    }
}

/// The first `len` elements of `rest`, which are cut off it. Errors: `shape-mismatch`.
pub fn cut<'a, T>(rest: &mut &'a [T], len: usize, what: &str) -> Result<&'a [T]> {
    match rest.split_at_checked(len) {
        Some((first, left)) => {
            *rest = left;
            Ok(first)
        }
        None => Err(Error::ShapeMismatch {
            layer: what.to_string(),
            expected: format!("{len} numbers"),
            got: rest.len().to_string(),
        }),
    }
}

impl Connection {
    fn new(
        described: &description::Connection,
        path: &str,
        layer: &description::Layer,
        number: usize,
        sources: &[Source],
        weights: &mut &[i8],
        most: &mut [u64],
    ) -> Result<Self> {
        let description::Connection { from, delay, current, shift, max_count, projection, .. } = described;
        let names = || sources.iter().map(|source| source.name.as_str());
        let source =
            names().position(|name| name == from).ok_or_else(|| Error::unknown("layer", from, names()))?;
        let invalid = |name: &str, value: &dyn std::fmt::Display, expected: &str| {
            Err(Error::invalid(format!("{path}.{name}"), value.to_string(), expected))
        };
        if *delay > 1 || (*delay == 0 && source >= number) {
            return invalid("delay", delay, "0 from the input and earlier layers, or 1");
        }
        let rules = &layer.rules;
        if *current >= rules.currents.max(1) {
            return invalid("current", current, &format!("a number below {}", rules.currents.max(1)));
        }
        if *shift > MAX_SHIFT {
            return invalid("shift", shift, &format!("a whole number from 0 to {MAX_SHIFT}"));
        }
        if !(1..=MAX_COUNT).contains(max_count) {
            return invalid("maxCount", max_count, &format!("a whole number from 1 to {MAX_COUNT}"));
        }
        if rules.saturation == Saturation::EachAddition
            && !matches!(projection, Projection::Dense { pool: None, .. })
        {
            return invalid(
                "projection",
                &"not dense",
                "dense without a pool where saturation is \"each-addition\"",
            );
        }
        // A layer without spikes sends nothing.
        let (Projection::Dense { pool, pooling } | Projection::Conv { pool, pooling, .. }) = *projection;
        if pool.is_none() && pooling != Pooling::Sum {
            return invalid("pooling", &"given without a pool", "a pool, or no pooling");
        }
        if pooling == Pooling::MaxTotal && sources[source].signed {
            return invalid(
                "pooling",
                &"\"max-total\" of signed counts",
                "\"sum\" or \"max\", or an unsigned input",
            );
        }
        let (pool, input) = match pool {
            Some(size) => {
                let (pool, shape) = Pool::new(&sources[source], path, size, pooling, *max_count as i32)?;
                (Some(pool), Some(shape))
            }
            None => (None, sources[source].shape),
        };
        let inputs = input.map_or(sources[source].neurons, |[c, h, w]| c * h * w);
        let target = &sources[number];
        let [low, high] = rules.weight_limits();
        let mut take = |len: Option<usize>| -> Result<&[i8]> {
            let given = cut(weights, len.unwrap_or(usize::MAX), &format!("{path}.weights"))?;
            match given.iter().position(|&weight| !(low..=high).contains(&i32::from(weight))) {
                None => Ok(given),
                Some(i) => {
                    let expected = format!("whole numbers from {low} to {high}");
                    Err(Error::invalid(format!("{path}.weights[{i}]"), given[i], expected))
                }
            }
        };
        // Each square of a pool counts as one source neuron.
        let counts = u64::from(*max_count);
        let counts = pool.as_ref().map_or(counts, |pool| pool.largest(counts));
        let most = &mut most[*current as usize * layer.neurons..][..layer.neurons];
        let largest = |weights: &[i8]| {
            weights.iter().map(|&weight| (u64::from(weight.unsigned_abs()) * counts) << shift).sum::<u64>()
        };
        let weights = match *projection {
            Projection::Dense { .. } => {
                let given = take(inputs.checked_mul(layer.neurons))?;
                let [public, from] =
                    [target, &Source { name: String::new(), neurons: inputs, shape: input, signed: false }];
                let (rows, columns) = (public.public()?, from.public()?);
                for (most, &row) in most.iter_mut().zip(&rows) {
                    *most += largest(&given[row as usize * inputs..][..inputs]);
                }
                let weight = |target: usize, source: usize| {
                    given[rows[target] as usize * inputs + columns[source] as usize]
                };
                Weights::Dense(Dense::new(layer.neurons, inputs, weight)?)
            }
            Projection::Conv { kernel, stride, padding, .. } => {
                let (Some(input), Some(output)) = (input, target.shape) else {
                    return invalid(
                        "projection",
                        &"conv",
                        "dense, because source and target are not both images",
                    );
                };
                let geometry = Geometry { input, output, kernel, stride, padding };
                geometry.check(path)?;
                let given = take(geometry.weights())?;
                let window = given.len() / output[0];
                for (i, most) in most.iter_mut().enumerate() {
                    *most += largest(&given[i % output[0] * window..][..window]);
                }
                Weights::Convolution(Convolution::new(geometry, given)?)
            }
        };
        let (current, shift) = (*current as usize, *shift);
        Ok(Connection {
            source,
            delayed: *delay == 1,
            current,
            shift,
            max_count: *max_count as i32,
            pool,
            weights,
        })
    }

    pub fn bytes(&self) -> usize {
        match &self.weights {
            Weights::Dense(dense) => dense.bytes(),
            Weights::Convolution(convolution) => convolution.bytes(),
        }
    }

    /// What the connection keeps between steps. Errors: `too-large`.
    pub fn state(&self) -> Result<PoolState> {
        self.pool.as_ref().map_or_else(|| Ok(PoolState::default()), Pool::state)
    }

    /// Bytes of that.
    pub fn state_bytes(&self) -> usize {
        self.pool.as_ref().map_or(0, Pool::state_bytes)
    }

    /// Adds a step's events to the exact sums of the targets.
    #[inline(always)]
    pub fn add(&self, events: &[Event], state: &mut PoolState, sums: &mut [i32]) {
        let events = self.pool.as_ref().map_or(events, |pool| pool.events(events, state));
        match &self.weights {
            Weights::Dense(dense) => dense.add(events, self.max_count, self.shift, sums),
            Weights::Convolution(convolution) => convolution.add(events, self.max_count, self.shift, sums),
        }
    }

    /// The same, saturating after each event; only of dense connections.
    #[inline(always)]
    pub fn add_saturating(&self, events: &[Event], limits: [i32; 2], states: &mut [i32]) {
        if let Weights::Dense(dense) = &self.weights {
            dense.add_saturating(events, self.max_count, self.shift, limits, states);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_takes_the_front_or_says_what_is_missing() {
        let mut rest = &[1, 2, 3][..];
        assert_eq!(cut(&mut rest, 2, "w"), Ok(&[1, 2][..]));
        assert_eq!(rest, [3]);
        assert!(cut(&mut rest, 2, "w").is_err());
    }
}
