//! Finds the targets that may be near a source: targets are sorted into cells, and only cells within reach are searched.

use crate::spec::layout::Layout;
use std::ops::Range;

pub struct Neighbors {
    axes: Vec<Axis>,
    /// The targets of cell `c` are `members[starts[c]..starts[c + 1]]`, counted from the first target; the last axis runs
    /// fastest.
    starts: Vec<u32>,
    members: Vec<u32>,
}

/// Cells along one dimension.
struct Axis {
    low: f64,
    edge: f64,
    cells: usize,
    /// 0 if the dimension is not periodic.
    period: f64,
    /// Includes a margin for the rounding of coordinates.
    reach: f64,
}

impl Axis {
    fn new(low: f64, high: f64, period: f64, reach: f64, most: f64) -> Axis {
        let (low, span) = if period > 0.0 { (0.0, period) } else { (low, high - low) };
        // Cells of half the reach: about half of the searched area is within it.
        let cells = (2.0 * span / reach).clamp(1.0, most).floor();
        let margin = 1e-9 * (reach + low.abs() + high.abs() + period);
        Axis { low, edge: span / cells, cells: cells as usize, period, reach: reach + margin }
    }

    fn wrapped(&self, x: f64) -> f64 {
        if self.period > 0.0 { x.rem_euclid(self.period) } else { x }
    }

    fn cell_number(&self, x: f64) -> f64 {
        if self.edge > 0.0 { ((x - self.low) / self.edge).floor() } else { 0.0 }
    }

    fn cell(&self, x: f64) -> usize {
        self.cell_number(self.wrapped(x)).clamp(0.0, self.cells as f64 - 1.0) as usize
    }

    /// The share of the cells that one search visits.
    fn share(&self) -> f64 {
        let all = self.edge * self.cells as f64;
        if all > 0.0 { ((2.0 * self.reach + self.edge) / all).min(1.0) } else { 1.0 }
    }

    /// The cells that may contain neurons within reach of `x`.
    fn within(&self, x: f64) -> impl Iterator<Item = usize> + Clone + use<> {
        let x = self.wrapped(x);
        let (first, last) = (self.cell_number(x - self.reach), self.cell_number(x + self.reach));
        let cells = self.cells;
        let around = if self.period > 0.0 && last - first + 1.0 < cells as f64 {
            first as i64..last as i64 + 1
        } else if self.period > 0.0 {
            0..cells as i64
        } else {
            first.clamp(0.0, cells as f64) as i64..(last + 1.0).clamp(0.0, cells as f64) as i64
        };
        around.map(move |i| i.rem_euclid(cells as i64) as usize)
    }
}

impl Neighbors {
    /// An index of the neurons `targets` of a population; `None` if most of them would be searched anyway.
    pub fn new(layout: &Layout, targets: Range<usize>, reach: f64) -> Option<Neighbors> {
        if !(reach > 0.0 && reach.is_finite()) || targets.is_empty() || targets.len() > u32::MAX as usize {
            return None;
        }
        let dimensions = layout.dimensions();
        // Not more cells than targets.
        let most = libm::pow(targets.len() as f64, 1.0 / dimensions as f64).max(1.0);
        let axis = |k: usize| {
            let coordinates = || targets.clone().map(|target| layout.at(target)[k]);
            let low = coordinates().fold(f64::INFINITY, f64::min);
            let high = coordinates().fold(f64::NEG_INFINITY, f64::max);
            Axis::new(low, high, layout.period(k), reach, most)
        };
        let axes: Vec<Axis> = (0..dimensions).map(axis).collect();
        if axes.iter().map(Axis::share).product::<f64>() > 0.5 {
            return None;
        }
        let cells = axes.iter().map(|axis| axis.cells).product::<usize>();
        let cell = |target: usize| {
            let coordinates = axes.iter().zip(layout.at(target));
            coordinates.fold(0, |cell, (axis, &x)| cell * axis.cells + axis.cell(x))
        };
        let mut starts = vec![0u32; cells + 1];
        targets.clone().for_each(|target| starts[cell(target) + 1] += 1);
        (0..cells).for_each(|c| starts[c + 1] += starts[c]);
        let (mut next, mut members) = (starts.clone(), vec![0u32; targets.len()]);
        for (number, target) in targets.enumerate() {
            let next = &mut next[cell(target)];
            members[*next as usize] = number as u32;
            *next += 1;
        }
        Some(Neighbors { axes, starts, members })
    }

    /// Sets the bit of each target that may be within reach of a position.
    pub fn mark(&self, coordinates: &[f64], bits: &mut [u64]) {
        self.visit(&self.axes, coordinates, 0, bits);
    }

    fn visit(&self, axes: &[Axis], coordinates: &[f64], cell: usize, bits: &mut [u64]) {
        let ([axis, axes @ ..], [x, coordinates @ ..]) = (axes, coordinates) else {
            let own = self.starts[cell] as usize..self.starts[cell + 1] as usize;
            self.members[own].iter().for_each(|&t| bits[t as usize / 64] |= 1 << (t % 64));
            return;
        };
        axis.within(*x).for_each(|i| self.visit(axes, coordinates, cell * axis.cells + i, bits));
    }
}
