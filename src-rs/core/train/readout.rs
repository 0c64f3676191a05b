//! Read-outs: traced functions whose result has a score for each class. They decide the labels in place of a
//! [`Decision`](super::decision::Decision).

use super::declared::Declared;
use super::traced::TracedLoss;
use lapicque_base::error::{Error, Result};
use lapicque_tensor::axes::text;
use serde_json::Value;

/// Name of the option, for messages.
const NAME: &str = "readout";

impl TracedLoss {
    /// A read-out from plain data.
    ///
    /// # Errors
    /// `invalid-parameter` for anything but one result with the axes `batch` and one for the classes, for a function of
    /// targets or tensors of the batch, and for one that mixes samples.
    #[inline(never)]
    pub fn readout_from_json(value: &Value) -> Result<Self> {
        let graph = Self::graph_of(value)?;
        let [(_, result)] = graph.results[..] else {
            return Err(Error::invalid(NAME, format!("{} results", graph.results.len()), "one result"));
        };
        let axes = &graph.axes()?[result];
        if !(axes.len() == 2 && axes[0].0 == "batch") {
            let got = format!("a result with the axes {}", text(axes));
            return Err(Error::invalid(NAME, got, "[batch, and one axis for the classes]"));
        }
        let foreign = graph.inputs().find(|(_, name, _)| *name == "target" || name.starts_with("batch:"));
        if let Some((_, name, _)) = foreign {
            let expected = "a function of outputs, layers, parameters, lengths and mask";
            return Err(Error::invalid(NAME, name, expected));
        }
        let readout = Self::checked(graph, value)?;
        match readout.has_independent_samples() {
            true => Ok(readout),
            false => {
                let expected =
                    "a function of each sample alone, so that it is the same in a batch and in a session";
                Err(Error::invalid(NAME, "a function that mixes the samples of a batch", expected))
            }
        }
    }

    /// Refuses a read-out of what a model does not have. `recordable`: `layer.variable` of all that can be read.
    ///
    /// # Errors
    /// `unknown-name`; `invalid-parameter` for spikes of an output that does not spike.
    #[inline(never)]
    pub fn check_names(&self, recordable: &[String], parameters: &[String], output: &str) -> Result<()> {
        for name in self.reads() {
            let name = name.strip_prefix("count:").unwrap_or(name);
            if let Some(variable) = name.strip_prefix("layer:") {
                if recordable.iter().all(|known| known != variable) {
                    return Err(Error::unknown("recording", variable, recordable.iter()));
                }
            } else if let Some(parameter) = name.strip_prefix("parameter:") {
                let own = self.parameters().iter().map(|Declared { name, .. }| name);
                if own.chain(parameters).all(|known| known != parameter) {
                    return Err(Error::unknown("parameter", parameter, parameters.iter()));
                }
            } else if name == "spikes" && !recordable.contains(&format!("{output}.spikes")) {
                return Err(Error::invalid(NAME, "spikes", "v, because the output does not spike"));
            }
        }
        Ok(())
    }
}

/// The label of each sample: the class with the largest score, the lowest if several are equal.
pub(super) fn labels(scores: &[f64], classes: usize) -> impl Iterator<Item = u32> + '_ {
    scores.chunks_exact(classes.max(1)).map(|row| {
        let best = row.iter().enumerate().reduce(|best, score| if score.1 > best.1 { score } else { best });
        best.map_or(0, |(class, _)| class as u32)
    })
}
