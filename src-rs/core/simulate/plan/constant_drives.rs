//! The constant currents onto a population: the longest levels of its current inputs, with the means of normal ones.

use super::inputs::InputKind;
use super::network::Plan;
use super::slow_approach::ConstantDrive;

/// Levels that are kept, the longest first.
const MOST: usize = 16;

impl Plan {
    pub(crate) fn constant_drives(&self, i: usize) -> Vec<ConstantDrive> {
        let population = &self.populations[i];
        let own = || self.inputs.iter().filter(|input| input.population == i);
        let begins = own().filter_map(|input| match &input.kind {
            InputKind::Current(steps) => Some(&steps.begins),
            _ => None,
        });
        let mut begins: Vec<u64> = begins.flatten().copied().chain([0]).collect();
        begins.sort_unstable();
        begins.dedup();
        let ends = begins.iter().skip(1).copied().chain([u64::MAX]);
        let mut levels: Vec<(u64, u64)> =
            begins.iter().zip(ends).map(|(&begin, end)| (begin, end - begin)).collect();
        levels.sort_by_key(|&(begin, length)| (std::cmp::Reverse(length), begin));
        let drive = |&(begin, _): &(u64, u64)| {
            let mut ports = vec![vec![0.0]; population.bound.ports.len()];
            for input in own() {
                let values = match &input.kind {
                    InputKind::Current(steps) => steps.at(begin),
                    InputKind::Normal { mean, .. } => std::slice::from_ref(mean),
                    InputKind::Poisson { .. } => continue,
                };
                if values.is_empty() {
                    continue;
                }
                let port = &mut ports[input.port];
                let is_whole = input.neurons.len() == population.size;
                if let (true, &[value], 1) = (is_whole, values, port.len()) {
                    port[0] += value;
                    continue;
                }
                if port.len() == 1 {
                    *port = vec![port[0]; population.size];
                }
                let values = values.iter().cycle();
                port[input.neurons.clone()].iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
            ConstantDrive { ports }
        };
        levels.iter().take(MOST).map(drive).collect()
    }
}
