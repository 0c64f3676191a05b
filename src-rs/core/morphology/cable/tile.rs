//! One or eight cells of a model, interleaved: values are `[node][cell]`, so that SIMD runs across cells.

use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;
use lapicque_expr::functions::double::ln;

use super::clamp::{CurrentClamp, VoltageClamp};
use super::elimination::{Tree, eliminate, substitute};
use super::model::Gap;
use super::network::{Detector, Spike};
use super::placed::{Local, Placed, Surroundings};
use super::record::Source;
use super::synapse::{Response, Running};

/// What all tiles share.
pub struct Shared {
    pub level: SimdLevel,
    pub dt: f64,
    pub second_order: bool,
    /// Whether events enter at the step nearest to them; otherwise at the step that contains them.
    pub nearest: bool,
    pub sample_every: usize,
    pub tree: Tree,
    /// By node: capacitance over the time of an implicit step, plus the axial conductances, in µS.
    pub base: Vec<f64>,
    /// By node: factor from a density to µS or nA.
    pub densities: Vec<f64>,
    pub placed: Vec<Placed>,
    /// The order of the mechanisms' steps.
    pub order: Vec<usize>,
    pub gaps: Vec<Gap>,
    /// Ions whose reversal potential follows from their concentrations: index, RT/zF, outside.
    pub nernst: Vec<(usize, f64, f64)>,
    /// Concentrations of the ions inside, at the beginning.
    pub inside: Vec<f64>,
    /// Where a network reaches every cell.
    pub sites: Vec<Site>,
}

/// A synapse that every cell has, or an electrode.
pub struct Site {
    pub node: usize,
    /// `None`: an electrode.
    pub response: Option<Response>,
}

impl Shared {
    /// Changes of the voltages in a step, in changes of its implicit step.
    pub fn factor(&self) -> f64 {
        if self.second_order { 2.0 } else { 1.0 }
    }
}

pub struct Tile {
    /// Its cells; the last one is repeated as padding.
    pub members: Vec<usize>,
    pub around: Surroundings,
    pub locals: Vec<Local>,
    /// With their indices within the simulation, as everything below.
    pub current_clamps: Vec<(usize, CurrentClamp)>,
    pub voltage_clamps: Vec<(usize, VoltageClamp)>,
    /// Current in nA of each voltage clamp.
    pub clamped: Vec<f64>,
    pub synapses: Vec<(usize, Running)>,
    pub detectors: Vec<(usize, Detector)>,
    pub records: Vec<(usize, Source, Vec<f64>)>,
    /// `[site][cell]`: both parts of a conductance, or a current in nA in the first.
    pub sites: Vec<[f64; 2]>,
    pub spikes: Vec<Spike>,
    pub diagonal: Vec<f64>,
    pub right: Vec<f64>,
    /// Voltages of the detectors before the step.
    before: Vec<f64>,
}

impl Tile {
    pub fn new(shared: &Shared, members: Vec<usize>, around: Surroundings) -> Tile {
        let elements = shared.base.len() * members.len();
        Tile {
            locals: shared.placed.iter().map(|placed| placed.local(&members)).collect(),
            current_clamps: vec![],
            voltage_clamps: vec![],
            clamped: vec![],
            synapses: vec![],
            detectors: vec![],
            records: vec![],
            sites: vec![[0.0; 2]; shared.sites.len() * members.len()],
            spikes: vec![],
            diagonal: vec![0.0; elements],
            right: vec![0.0; elements],
            before: vec![],
            members,
            around,
        }
    }

    /// The position of a cell in the tile.
    pub fn place(&self, cell: usize) -> usize {
        self.members.iter().position(|&place| place == cell).unwrap_or(0)
    }

    pub fn at(&self, place: usize, node: usize) -> usize {
        node * self.members.len() + place
    }

    /// States at the beginning, and the currents that records show there.
    pub fn start(&mut self, shared: &Shared) {
        self.clamped = vec![0.0; self.voltage_clamps.len()];
        for &i in &shared.order {
            shared.placed[i].start(&mut self.locals[i], &mut self.around);
        }
        self.mechanisms(shared);
        self.sample();
    }

    /// Steps `from` to `to`.
    ///
    /// # Errors
    /// `non-finite` when a voltage is no longer a number.
    pub fn run(&mut self, shared: &Shared, from: usize, to: usize) -> Result<()> {
        for k in from..to {
            self.step(shared, k);
            if (k + 1).is_multiple_of(shared.sample_every) {
                self.sample();
            }
        }
        match self.around.v.iter().position(|v| !v.is_finite()) {
            None => Ok(()),
            Some(i) => {
                let (node, place) = (i / self.members.len(), i % self.members.len());
                let layer = format!("cell {}, node {node}", self.members[place]);
                Err(Error::NonFinite { layer, step: to, name: "v".into() })
            }
        }
    }

    pub fn step(&mut self, shared: &Shared, k: usize) {
        let (start, middle) = (k as f64 * shared.dt, (k as f64 + 0.5) * shared.dt);
        for (_, synapse) in &mut self.synapses {
            match shared.nearest {
                true => synapse.receive(k, middle, true),
                // The tolerance is for times that are multiples of dt up to their rounding.
                false => synapse.receive(k, (k as f64 + 1.0 - 1e-9) * shared.dt, false),
            }
        }
        self.assemble(shared, k);
        self.solve(shared);
        self.before.clear();
        for (_, Detector { cell, node, .. }) in &self.detectors {
            self.before.push(self.around.v[self.at(self.place(*cell), *node)]);
        }
        self.advance(shared);
        self.detect(start, shared.dt);
        for (i, (_, clamp)) in self.voltage_clamps.iter().enumerate() {
            let v = self.around.v[self.at(self.place(clamp.cell), clamp.node)];
            self.clamped[i] = clamp.voltage(middle).map_or(0.0, |voltage| (voltage - v) / clamp.resistance);
        }
    }

    /// Sets up the system of a step.
    pub fn assemble(&mut self, shared: &Shared, k: usize) {
        self.mechanisms(shared);
        self.electrodes((k as f64 + 0.5) * shared.dt);
        self.synaptic_currents();
        self.site_currents(&shared.sites);
        self.gap_currents(&shared.gaps);
    }

    /// Solves the system: afterwards `right` is the change of the voltages in an implicit step.
    pub fn solve(&mut self, shared: &Shared) {
        let cells = self.members.len();
        eliminate(shared.level, cells, &shared.tree, &self.around.v, &mut self.diagonal, &mut self.right);
        self.implicit_gaps(shared);
    }

    /// Changes the voltages, then the states and synapses at the new voltages.
    pub fn advance(&mut self, shared: &Shared) {
        let factor = shared.factor();
        // The product is exact, so that a fused operation would give the same bits; outside of a SIMD level it is a call.
        self.around.v.iter_mut().zip(&self.right).for_each(|(v, dv)| *v += factor * dv);
        for &i in &shared.order {
            shared.placed[i].step(&mut self.locals[i], &mut self.around);
        }
        self.synapses.iter_mut().for_each(|(_, synapse)| synapse.decay());
        for (site, all) in shared.sites.iter().zip(self.sites.chunks_exact_mut(self.members.len())) {
            if let Some(response) = &site.response {
                all.iter_mut().for_each(|parts| response.decay(parts));
            }
        }
    }

    /// Sets up the system with the currents of the mechanisms.
    fn mechanisms(&mut self, shared: &Shared) {
        let Tile { around, locals, diagonal, right, members, .. } = self;
        let cells = members.len();
        for &(ion, factor, outside) in &shared.nernst {
            let arrays = &mut around.ions[ion];
            let values = arrays.reversal.iter_mut().zip(&arrays.inside);
            values.for_each(|(reversal, inside)| *reversal = factor * ln(outside / inside));
        }
        around.ions.iter_mut().for_each(|ion| ion.current.fill(0.0));
        diagonal.chunks_exact_mut(cells).zip(&shared.base).for_each(|(row, &base)| row.fill(base));
        right.fill(0.0);
        for (placed, local) in shared.placed.iter().zip(locals) {
            placed.add_currents((shared.level, &shared.densities), local, around, diagonal, right);
        }
    }

    fn electrodes(&mut self, middle: f64) {
        for (_, clamp) in &self.current_clamps {
            let at = self.at(self.place(clamp.cell), clamp.node);
            self.right[at] += clamp.current(middle);
        }
        for (_, clamp) in &self.voltage_clamps {
            let at = self.at(self.place(clamp.cell), clamp.node);
            if let Some(voltage) = clamp.voltage(middle) {
                self.right[at] += (voltage - self.around.v[at]) / clamp.resistance;
                self.diagonal[at] += 1.0 / clamp.resistance;
            }
        }
    }

    fn synaptic_currents(&mut self) {
        let cells = self.members.len();
        for (_, synapse) in &mut self.synapses {
            let at = synapse.node * cells + synapse.place;
            let [current, slope] = synapse.at(self.around.v[at]);
            self.right[at] -= current;
            self.diagonal[at] += slope;
        }
    }

    fn site_currents(&mut self, sites: &[Site]) {
        let cells = self.members.len();
        for (site, all) in sites.iter().zip(self.sites.chunks_exact(cells)) {
            for (&parts, at) in all.iter().zip(site.node * cells..) {
                match &site.response {
                    Some(response) => {
                        let [current, slope] = response.at(parts, self.around.v[at]);
                        self.right[at] -= current;
                        self.diagonal[at] += slope;
                    }
                    None => self.right[at] += parts[0],
                }
            }
        }
    }

    fn gap_currents(&mut self, gaps: &[Gap]) {
        for gap in gaps {
            for place in 0..self.members.len() {
                let (a, b) = (self.at(place, gap.a), self.at(place, gap.b));
                let current = gap.conductance * (self.around.v[a] - self.around.v[b]);
                self.right[a] -= current;
                self.right[b] += current;
                if !gap.implicit {
                    self.diagonal[a] += gap.conductance;
                    self.diagonal[b] += gap.conductance;
                }
            }
        }
    }

    /// Corrects the solution for gap junctions that are implicit in both voltages (Woodbury's formula).
    pub fn implicit_gaps(&mut self, shared: &Shared) {
        let gaps: Vec<&Gap> = shared.gaps.iter().filter(|gap| gap.implicit).collect();
        let (n, cells) = (shared.base.len(), self.members.len());
        for place in (0..cells).take_while(|_| !gaps.is_empty()) {
            let of_place = |x: &[f64]| -> Vec<f64> { (0..n).map(|i| x[i * cells + place]).collect() };
            let (reciprocal, mut x) = (of_place(&self.diagonal), of_place(&self.right));
            let across = |x: &[f64], gap: &Gap| x[gap.a] - x[gap.b];
            let responses: Vec<Vec<f64>> = (gaps.iter())
                .map(|gap| {
                    let mut unit = vec![0.0; n];
                    (unit[gap.a], unit[gap.b]) = (1.0, -1.0);
                    substitute(shared.level, 1, &shared.tree, &reciprocal, &mut unit);
                    unit
                })
                .collect();
            let system = gaps.iter().enumerate().map(|(i, gap)| {
                let row = responses.iter().enumerate();
                let one = |(j, z): (usize, &Vec<f64>)| {
                    gap.conductance * across(z, gap) + if i == j { 1.0 } else { 0.0 }
                };
                row.map(one).collect::<Vec<f64>>()
            });
            let flows =
                solve(system.collect(), gaps.iter().map(|gap| gap.conductance * across(&x, gap)).collect());
            for (flow, response) in flows.iter().zip(&responses) {
                x.iter_mut().zip(response).for_each(|(x, z)| *x -= flow * z);
            }
            x.iter().enumerate().for_each(|(i, &x)| self.right[i * cells + place] = x);
        }
    }

    fn detect(&mut self, start: f64, dt: f64) {
        for (&(index, Detector { cell, node, threshold }), &before) in self.detectors.iter().zip(&self.before)
        {
            let v = self.around.v[node * self.members.len() + self.place(cell)];
            if v >= threshold && before < threshold {
                let time = start + dt * (threshold - before) / (v - before);
                self.spikes.push(Spike { detector: index, time });
            }
        }
    }

    fn sample(&mut self) {
        let mut records = std::mem::take(&mut self.records);
        records.iter_mut().for_each(|(_, source, samples)| samples.push(self.read(*source)));
        self.records = records;
    }

    pub fn read(&self, source: Source) -> f64 {
        let ion = |ion: usize| &self.around.ions[ion];
        match source {
            Source::Voltage { at } => self.around.v[at],
            Source::State { mechanism, state, at } => self.locals[mechanism].states[state][at],
            Source::IonCurrent { ion: of, at } => ion(of).current[at],
            Source::Concentration { ion: of, at } => ion(of).inside[at],
            Source::Reversal { ion: of, at } => ion(of).reversal[at],
            Source::Clamp { index } => self.clamped[index],
            Source::Synapse { index } => self.synapses[index].1.current,
        }
    }
}

/// Gaussian elimination of a small system; its diagonal is at least 1 and dominates.
fn solve(mut system: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for i in 0..n {
        let (above, below) = system.split_at_mut(i + 1);
        let pivot = &above[i];
        for (j, row) in below.iter_mut().enumerate() {
            let factor = row[i] / pivot[i];
            row.iter_mut().zip(pivot).skip(i).for_each(|(x, pivot)| *x -= factor * pivot);
            right[i + 1 + j] -= factor * right[i];
        }
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|j| system[i][j] * right[j]).sum();
        right[i] = (right[i] - known) / system[i][i];
    }
    right
}
