//! A layer as it is run: its rules, the parameters of its neurons and its connections.

use crate::convolution::{Convolution, Geometry};
use crate::dense::{Dense, Panel};
use crate::description::{self, Projection};
use crate::events::Row;
use crate::neurons::BLOCK;
use crate::parameters::Parameters;
use crate::pool::{Pool, Pooling};
use crate::rules::{MAX_COUNT, Rules, Saturation};
use crate::sources::{Order, Pixels, Source};
use lapicque_base::error::{Error, Result, try_vec};

pub struct Layer {
    pub name: String,
    pub rules: Rules,
    pub neurons: usize,
    pub parameters: Parameters,
    pub aliases: Vec<[u32; 2]>,
    pub connections: Vec<Connection>,
    pub order: Order,
}

pub struct Connection {
    /// As [`Source`]s are numbered.
    pub source: usize,
    pub delayed: bool,
    pub current: usize,
    pub shift: u32,
    pub max_count: i32,
    /// A pool whose rows are made before they are added. A convolution adds sums of squares itself.
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
        let order = own.order();
        let count = Parameters::count(rules, neurons);
        let numbers = cut(parameters, count, &format!("parameters of {name}"))?;
        let parameters = Parameters::new(name, rules, neurons, order, numbers)?;
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
                format!("{name}: the largest sum of inputs of neuron {}", order.public(i % neurons)),
                most[i],
                expected,
            ));
        }
        let (name, mut aliases) = (name.clone(), aliases.clone());
        // Stable: of one neuron in the order given.
        aliases.sort_by_key(|&[from, _]| from);
        Ok(Layer { name, rules: *rules, neurons, parameters, aliases, connections, order })
    }

    pub fn padded(&self) -> usize {
        self.neurons.next_multiple_of(BLOCK)
    }

    /// Whether a connection is a convolution.
    pub fn convolves(&self) -> bool {
        self.connections.iter().any(Connection::is_convolution)
    }

    /// Arrays of sums that a step fills.
    pub fn receivers(&self) -> usize {
        self.rules.currents.max(1) as usize
    }

    /// Bytes of weights and parameters.
    pub fn bytes(&self) -> usize {
        let weights: usize = self.connections.iter().map(Connection::bytes).sum();
        weights + self.parameters.bytes() + size_of_val(&self.aliases[..])
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
        let max_count = *max_count as i32;
        let pool =
            pool.map(|size| Pool::new(&sources[source], path, size, pooling, max_count)).transpose()?;
        let input = pool.as_ref().map_or(sources[source].shape, |pool| Some(pool.shape()));
        let inputs = input.map_or(sources[source].neurons, |[c, h, w]| c * h * w);
        let target = &sources[number];
        let [low, high] = rules.weight_limits();
        let mut take = |len: Option<usize>| -> Result<&[i8]> {
            let part = cut(weights, len.unwrap_or(usize::MAX), &format!("{path}.weights"))?;
            match part.iter().position(|&weight| !(low..=high).contains(&i32::from(weight))) {
                None => Ok(part),
                Some(i) => {
                    let expected = format!("whole numbers from {low} to {high}");
                    Err(Error::invalid(format!("{path}.weights[{i}]"), part[i], expected))
                }
            }
        };
        // Each square of a pool counts as one source neuron.
        let counts = max_count as u64;
        let counts = pool.as_ref().map_or(counts, |pool| pool.largest(counts));
        let most = &mut most[*current as usize * layer.neurons..][..layer.neurons];
        let largest = |weights: &[i8]| {
            weights.iter().map(|&weight| (u64::from(weight.unsigned_abs()) * counts) << shift).sum::<u64>()
        };
        let (weights, pool) = match *projection {
            Projection::Dense { .. } => {
                let part = take(inputs.checked_mul(layer.neurons))?;
                let (rows, columns) = (target.order(), Order::new(input, inputs));
                for (i, most) in most.iter_mut().enumerate() {
                    *most += largest(&part[rows.public(i) * inputs..][..inputs]);
                }
                let weight = |target: usize, source: usize| {
                    part[rows.public(target) * inputs + columns.public(source)]
                };
                (Weights::Dense(Dense::new(layer.neurons, inputs, weight)?), pool)
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
                let part = take(geometry.weights())?;
                let window = part.len() / output[0];
                for (i, most) in most.iter_mut().enumerate() {
                    *most += largest(&part[i % output[0] * window..][..window]);
                }
                let (pixels, pool) = match pool.map(Pool::into_sum) {
                    Some(Ok(pixels)) => (pixels, None),
                    Some(Err(pool)) => (Pixels::new(input, 1), Some(pool)),
                    None => (Pixels::new(input, 1), None),
                };
                (Weights::Convolution(Convolution::new(geometry, pixels, part)?), pool)
            }
        };
        let (current, shift) = (*current as usize, *shift);
        Ok(Connection { source, delayed: *delay == 1, current, shift, max_count, pool, weights })
    }

    pub fn bytes(&self) -> usize {
        match &self.weights {
            Weights::Dense(dense) => dense.bytes(),
            Weights::Convolution(convolution) => convolution.bytes(),
        }
    }

    pub fn is_convolution(&self) -> bool {
        matches!(self.weights, Weights::Convolution(_))
    }

    /// The pool whose rows are made before they are added.
    pub fn pool(&self) -> Option<&Pool> {
        self.pool.as_ref()
    }

    /// Adds a row of a dense connection to the exact sums of a panel.
    #[inline(always)]
    pub fn add(&self, panel: usize, row: Row, sums: &mut Panel) {
        if let Weights::Dense(dense) = &self.weights {
            dense.add(panel, row, self.max_count, self.shift, sums);
        }
    }

    /// The same, saturating after each event.
    #[inline(always)]
    pub fn add_saturating(&self, panel: usize, row: Row, limits: [i32; 2], states: &mut Panel) {
        if let Weights::Dense(dense) = &self.weights {
            dense.add_saturating(panel, row, self.max_count, self.shift, limits, states);
        }
    }

    /// Adds a row of a convolution to the exact sums of all targets. `narrow`: see [`Convolution::add`].
    #[inline(always)]
    pub fn add_windows(&self, row: Row, narrow: &mut [i16], sums: &mut [i32]) {
        if let Weights::Convolution(convolution) = &self.weights {
            convolution.add(row, self.max_count, self.shift, narrow, sums);
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
