//! Tasks for a layer's weight gradients: the panels of all projections onto it and the sums of their biases run
//! together, so that no thread waits between two projections.

use crate::backward::weight_gradient::{
    PortGradient, ProjectionInput, WeightGradient, WeightsAt, is_constant, live_rows,
};
use crate::network::compiled::ProjectionSlots;
use crate::storage::parallel;
use crate::storage::parameter::Parameter;
use lapicque_graph::{ProjectionKind, ProjectionPlan};
use lapicque_projection::{Aligned, Element, PANEL, column_sums_of_all, panels};
use std::ops::Range;

/// Number of inputs whose gradients one task sums. A task reads all its rows of the current's gradient from the L3
/// cache or from memory, which does not pay off for a few inputs.
const INPUTS: usize = 4 * PANEL;

/// The same if there are at least `MANY_TASKS` tasks.
const MORE_INPUTS: usize = 8 * PANEL;
const MANY_TASKS: usize = 16;

/// Above this number of outputs there are enough tasks even if each takes all inputs.
const MANY_OUTPUTS: usize = 4 * PANEL;

/// One part of a projection whose gradient is wanted.
pub(crate) struct Job<'a, F: Element> {
    pub projection: &'a ProjectionPlan,
    pub slots: ProjectionSlots,
    pub part: usize,
    pub port: usize,
    pub projection_input: ProjectionInput<'a, F>,
    pub gradient: PortGradient<'a, F>,
}

impl<F: Element> Job<'_, F> {
    /// Number of inputs per task.
    fn inputs(&self) -> usize {
        match &self.projection_input {
            ProjectionInput::InputSpikes(spikes)
                if spikes.by_step.shares_tables() && self.projection.outputs > MANY_OUTPUTS =>
            {
                panels(self.projection.inputs) * PANEL
            }
            ProjectionInput::InputSpikes(_) | ProjectionInput::Spikes(..) => {
                let ProjectionPlan { inputs, outputs, .. } = *self.projection;
                let many = panels(outputs) * inputs.div_ceil(MORE_INPUTS) >= MANY_TASKS;
                if many { MORE_INPUTS } else { INPUTS }
            }
            _ => INPUTS,
        }
    }

    /// Number of panels of outputs per task. States are multiplied row by row, and several panels share the reads from
    /// slow memory.
    fn outputs(&self) -> usize {
        match self.projection_input {
            ProjectionInput::State(..) | ProjectionInput::StateBefore(..) => 2,
            _ => 1,
        }
    }

    fn constant(&self) -> bool {
        is_constant(&self.projection_input)
    }
}

enum Task<'t, F> {
    /// Weights of the inputs from `first` on and the panels of outputs from `panel` on.
    Weights { job: usize, panel: usize, first: usize, dw: Vec<&'t mut [F]> },
    /// Biases whose gradients are the sums of the same rows, those of the job.
    Biases { job: usize, panel: usize, sums: Vec<&'t mut [F]> },
}

impl<F: Element> WeightGradient<'_, F> {
    /// Adds the gradients of all jobs.
    pub fn add(&self, parameters: &mut [Parameter<F>], jobs: Vec<Job<F>>) {
        // A group contains each part of a tensor at most once.
        let mut groups: Vec<Vec<Job<F>>> = Vec::new();
        for job in jobs {
            let target = |job: &Job<F>| (job.slots.weight, job.part);
            let free = |group: &&mut Vec<Job<F>>| group.iter().all(|other| target(other) != target(&job));
            match groups.iter_mut().find(free) {
                Some(group) => group.push(job),
                None => groups.push(vec![job]),
            }
        }
        groups.into_iter().for_each(|group| self.add_group(parameters, &group));
    }

    fn add_group(&self, parameters: &mut [Parameter<F>], jobs: &[Job<F>]) {
        let live: Vec<Vec<Vec<Range<usize>>>> = jobs.iter().map(|job| self.live(job)).collect();
        let mut weights = take(parameters, jobs, |slots| Some(slots.weight));
        let mut biases = take(parameters, jobs, |slots| slots.bias);
        let mut tasks = Vec::new();
        for (job, own) in parts(&mut weights, jobs, |slots| Some(slots.weight)) {
            let Job { projection, projection_input, gradient, .. } = &jobs[job];
            let rows = projection.inputs * PANEL;
            if projection.kind != ProjectionKind::Dense {
                for (panel, dw) in own.chunks_mut(PANEL).enumerate() {
                    self.one_to_one(projection_input, *gradient, panel, projection.outputs, dw);
                }
                continue;
            }
            let (inputs, outputs) = (jobs[job].inputs(), jobs[job].outputs());
            for (i, own) in own.chunks_mut(outputs * rows).enumerate() {
                let mut panels: Vec<_> =
                    own.chunks_mut(rows).map(|own| own.chunks_mut(inputs * PANEL)).collect();
                for block in 0..projection.inputs.div_ceil(inputs) {
                    let dw = panels.iter_mut().filter_map(Iterator::next).collect();
                    tasks.push(Task::Weights { job, panel: i * outputs, first: block * inputs, dw });
                }
            }
        }
        let mut shared: Vec<(usize, Vec<Vec<&mut [F]>>)> = Vec::new();
        for (job, own) in parts(&mut biases, jobs, |slots| slots.bias) {
            let rows = |job: usize| (jobs[job].port, jobs[job].constant());
            let at = shared.iter().position(|&(other, _)| rows(other) == rows(job));
            let at = at.unwrap_or_else(|| {
                shared.push((job, vec![]));
                shared.len() - 1
            });
            let sums = &mut shared[at].1;
            for (panel, db) in own.chunks_mut(PANEL).enumerate() {
                sums.resize_with(sums.len().max(panel + 1), Vec::new);
                sums[panel].push(db);
            }
        }
        for (job, sums) in shared {
            let of_panels = sums.into_iter().enumerate();
            tasks.extend(of_panels.map(|(panel, sums)| Task::Biases { job, panel, sums }));
        }
        parallel::for_each(tasks, |task| match task {
            Task::Weights { job, panel, first, dw } => {
                let Job { projection, projection_input, gradient, .. } = &jobs[job];
                let (live, outputs) = (&live[job][panel..panel + dw.len()], projection.outputs);
                if let ProjectionInput::State(..) | ProjectionInput::StateBefore(..) = projection_input {
                    let at = WeightsAt { outputs, panel, first };
                    return self.of_states(projection_input, *gradient, live, at, dw);
                }
                for ((panel, live), dw) in (panel..).zip(live).zip(dw) {
                    self.dense(projection_input, *gradient, live, WeightsAt { outputs, panel, first }, dw);
                }
            }
            Task::Biases { job, panel, mut sums } => {
                let rows = self.gradient(jobs[job].gradient, panel, jobs[job].constant());
                column_sums_of_all(self.level, rows, &mut sums);
            }
        });
        for (slot, grad) in weights.into_iter().chain(biases) {
            parameters[slot].grad = grad;
        }
    }

    /// By panel of outputs: the rows with non-zero gradients, if the input is a state or an operation.
    fn live(&self, job: &Job<F>) -> Vec<Vec<Range<usize>>> {
        let all = panels(job.projection.outputs);
        match (job.projection.kind, &job.projection_input) {
            (
                ProjectionKind::Dense,
                ProjectionInput::State(..) | ProjectionInput::StateBefore(..) | ProjectionInput::Map(..),
            ) => parallel::map((0..all).collect(), |panel| {
                live_rows(self.gradient(job.gradient, panel, job.constant()))
            }),
            _ => vec![vec![]; all],
        }
    }
}

/// Moves the gradients of the jobs' tensors out of the parameters, each tensor once.
fn take<F: Element>(
    parameters: &mut [Parameter<F>],
    jobs: &[Job<F>],
    slot: impl Fn(&ProjectionSlots) -> Option<usize>,
) -> Vec<(usize, Aligned<F>)> {
    let mut taken: Vec<(usize, Aligned<F>)> = Vec::new();
    for slot in jobs.iter().filter_map(|job| slot(&job.slots)) {
        if taken.iter().all(|&(other, _)| other != slot) {
            taken.push((slot, std::mem::take(&mut parameters[slot].grad)));
        }
    }
    taken
}

/// The part of the moved tensors to which each job adds, with the index of the job.
fn parts<'t, F: Element>(
    taken: &'t mut [(usize, Aligned<F>)],
    jobs: &[Job<F>],
    slot: impl Fn(&ProjectionSlots) -> Option<usize>,
) -> Vec<(usize, &'t mut [F])> {
    let mut all = Vec::new();
    for (taken, grad) in taken {
        let of_tensor = |job: &&Job<F>| slot(&job.slots) == Some(*taken);
        let Some(count) = jobs.iter().find(of_tensor).map(|job| job.projection.parts) else { continue };
        let each = grad.len() / count;
        for (part, own) in grad.chunks_mut(each.max(1)).enumerate() {
            let job = jobs.iter().position(|job| of_tensor(&job) && job.part == part);
            all.extend(job.map(|job| (job, own)));
        }
    }
    all
}
