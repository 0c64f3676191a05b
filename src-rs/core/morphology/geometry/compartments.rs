//! Branches cut into compartments: a tree of nodes with areas and resistances.
//!
//! Every branch has an odd number of compartments of one length, so that its middle is the center of one. Nodes are the
//! compartments, and nodes without area: the start of the first branch and the end of every branch.

use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use serde::{Deserialize, Serialize};

use super::branches::{Branch, Morphology, distance, lateral};
use super::region::Location;

/// The rule for the number of compartments of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Division {
    /// At most this length in µm (at most twice its half, as NEURON users write `nseg = 1 + 2 int(L / 40)` for 20 µm).
    MaxLength(f64),
    /// At most this fraction of the length constant at 100 Hz: NEURON's d_lambda rule.
    LengthConstant(f64),
    /// This odd number for every branch.
    PerBranch(usize),
}

/// The frequency of the length constant, in Hz.
const FREQUENCY: f64 = 100.0;

/// Passive electrical constants of a branch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Electrical {
    /// Axial resistivity in Ω cm.
    pub resistivity: f64,
    /// Membrane capacitance in µF/cm².
    pub capacitance: f64,
}

/// Nodes, parents before children.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Compartments {
    pub parent: Vec<Option<usize>>,
    /// µm²; 0 for the ends of branches.
    pub area: Vec<f64>,
    /// The resistance towards the parent for a resistivity of 1 Ω cm, in MΩ: the part within the node's own compartment, and the
    /// part within the parent's.
    pub resistance: Vec<[f64; 2]>,
    pub branch: Vec<usize>,
    /// Relative position within the branch.
    pub x: Vec<f64>,
    /// Path length from the middle of the first branch, in µm.
    pub distance: Vec<f64>,
    /// Position in µm, and radius.
    pub at: Vec<[f64; 4]>,
    /// By branch: the node of its first compartment, and their number. The end of the branch is the next node.
    pub spans: Vec<(usize, usize)>,
}

impl Compartments {
    /// # Errors
    /// `invalid-parameter` for a division that is not above 0, `too-large` for more nodes than memory.
    pub fn new(
        morphology: &Morphology,
        division: Division,
        electrical: impl Fn(usize) -> Electrical,
    ) -> Result<Compartments> {
        let count = |(i, branch): (usize, &Branch)| division.count(branch, electrical(i));
        let counts = morphology.branches.iter().enumerate().map(count).collect::<Result<Vec<usize>>>()?;
        let nodes = counts.iter().fold(1_usize, |sum, &n| sum.saturating_add(n).saturating_add(1));
        memory::check("compartments of a morphology", (nodes as u64).saturating_mul(128))?;
        let mut made = Compartments::default();
        // Path length from the middle of the first branch to the start of each.
        let mut starts: Vec<f64> = Vec::with_capacity(counts.len());
        let lengths: Vec<f64> = morphology.branches.iter().map(Branch::length).collect();
        for (i, (branch, &n)) in morphology.branches.iter().zip(&counts).enumerate() {
            let start = match branch.parent {
                None => {
                    made.push(None, [0.0; 2], 0.0, (i, 0.0, 0.5 * lengths[i], branch.points[0]));
                    0.0
                }
                Some((0, at)) => (at - 0.5).abs() * lengths[0],
                Some((parent, at)) => starts[parent] + at * lengths[parent],
            };
            starts.push(start);
            let parent = match branch.parent {
                None => 0,
                Some((parent, at)) => made.node(morphology, &Location { branch: parent, x: at }),
            };
            let path = |x: f64| if i == 0 { (x - 0.5).abs() * lengths[0] } else { start + x * lengths[i] };
            made.branch(i, branch, n, parent, path);
        }
        Ok(made)
    }

    fn branch(&mut self, i: usize, branch: &Branch, n: usize, parent: usize, path: impl Fn(f64) -> f64) {
        let halves = halves(branch, 2 * n);
        self.spans.push((self.parent.len(), n));
        let (mut last, mut half) = (parent, 0.0);
        for k in 0..n {
            let (near, far) = (&halves[2 * k], &halves[2 * k + 1]);
            let x = (k as f64 + 0.5) / n as f64;
            last = self.push(
                Some(last),
                [near.resistance, half],
                near.area + far.area,
                (i, x, path(x), near.end),
            );
            half = far.resistance;
        }
        self.push(Some(last), [0.0, half], 0.0, (i, 1.0, path(1.0), halves[2 * n - 1].end));
    }

    fn push(
        &mut self,
        parent: Option<usize>,
        resistance: [f64; 2],
        area: f64,
        (branch, x, distance, at): (usize, f64, f64, [f64; 4]),
    ) -> usize {
        self.parent.push(parent);
        self.resistance.push(resistance);
        self.area.push(area);
        self.branch.push(branch);
        self.x.push(x);
        self.distance.push(distance);
        self.at.push(at);
        self.parent.len() - 1
    }

    pub fn len(&self) -> usize {
        self.parent.len()
    }

    pub fn is_empty(&self) -> bool {
        self.parent.is_empty()
    }

    /// Whether a node is a compartment, not the end of a branch.
    pub fn is_compartment(&self, node: usize) -> bool {
        self.area[node] > 0.0
    }

    /// The node at a location: an end of the branch for x = 0 and x = 1, else the compartment that contains it.
    pub fn node(&self, morphology: &Morphology, at: &Location) -> usize {
        let (first, n) = self.spans[at.branch];
        if at.x >= 1.0 {
            return first + n;
        }
        if at.x > 0.0 {
            return first + ((at.x * n as f64) as usize).min(n - 1);
        }
        match morphology.branches[at.branch].parent {
            None => 0,
            Some((branch, x)) => self.node(morphology, &Location { branch, x }),
        }
    }

    /// The resistance of a node towards its parent in MΩ, for the resistivity of each branch in Ω cm.
    pub fn axial(&self, resistivity: impl Fn(usize) -> f64) -> Vec<f64> {
        let of = |i: usize| {
            let [own, parents] = self.resistance[i];
            let parent = self.parent[i].map_or(0.0, |parent| parents * resistivity(self.branch[parent]));
            own * resistivity(self.branch[i]) + parent
        };
        (0..self.len()).map(of).collect()
    }
}

impl Division {
    fn count(self, branch: &Branch, electrical: Electrical) -> Result<usize> {
        let positive = |name: &str, x: f64| match x > 0.0 && x.is_finite() {
            true => Ok(x),
            false => Err(Error::invalid(name, x, "a number above 0")),
        };
        let pairs = match self {
            Division::MaxLength(length) => branch.length() / (2.0 * positive("maxLength", length)?),
            Division::LengthConstant(fraction) => {
                let fraction = positive("lengthConstant", fraction)?;
                let rate =
                    4.0 * std::f64::consts::PI * FREQUENCY * electrical.resistivity * electrical.capacitance;
                let pieces = branch.points.windows(2);
                let sum: f64 =
                    pieces.map(|p| distance(&p[0], &p[1]) / (2.0 * p[0][3] + 2.0 * p[1][3]).sqrt()).sum();
                // Lengths in µm, resistivity and capacitance per cm: hence the factor.
                let constants = sum * std::f64::consts::SQRT_2 * 1e-5 * rate.sqrt();
                (constants / fraction + 0.9) / 2.0
            }
            Division::PerBranch(n) if n % 2 == 1 => return Ok(n),
            Division::PerBranch(n) => return Err(Error::invalid("perBranch", n, "an odd number")),
        };
        // A cast saturates, so that too many are refused by their memory.
        Ok((pairs as usize).saturating_mul(2).saturating_add(1))
    }
}

/// Half of a compartment.
#[derive(Clone, Copy, Default)]
struct Half {
    area: f64,
    /// MΩ for 1 Ω cm.
    resistance: f64,
    /// The point at its end.
    end: [f64; 4],
}

/// The branch in `n` pieces of one length. A frustum's resistance is exact: its radius changes linearly along it.
fn halves(branch: &Branch, n: usize) -> Vec<Half> {
    let step = branch.length() / n as f64;
    let mut halves = vec![Half::default(); n];
    let (mut k, mut passed) = (0, 0.0);
    for pair in branch.points.windows(2) {
        let length = distance(&pair[0], &pair[1]);
        let mut from = 0.0;
        loop {
            let border = (k + 1) as f64 * step - passed;
            let is_last = k + 1 == n;
            let to = if is_last { length } else { border.clamp(from, length) };
            let point = |s: f64| {
                let share = if length > 0.0 { s / length } else { 0.0 };
                std::array::from_fn(|i| share.mul_add(pair[1][i] - pair[0][i], pair[0][i]))
            };
            let (start, end): ([f64; 4], [f64; 4]) =
                if length > 0.0 { (point(from), point(to)) } else { (pair[0], pair[1]) };
            let half = &mut halves[k];
            half.area += lateral(to - from, start[3], end[3]);
            half.resistance += 0.01 * (to - from) / (std::f64::consts::PI * start[3] * end[3]);
            half.end = end;
            if is_last || border > length {
                break;
            }
            (k, from) = (k + 1, to);
        }
        passed += length;
    }
    halves
}
