//! Reductions over time.

use crate::definition::{Case, Definition, Factory, Fallback, Kind, Param, Types};
use crate::operation::Site;
use crate::operation_kind::OperationKind;
use crate::registry::{Layer, PlannedLayer};
use crate::temporal::Temporal;
use lapicque_base::error::Result;

pub use crate::temporal::TimeReduction;

fn factory(
    name: &'static str,
    reduction: &'static str,
    summary: &'static str,
    example: &'static str,
) -> Factory {
    let cases = vec![Case { input: &[6], arguments: vec![] }, Case { input: &[2, 3], arguments: vec![] }];
    let (section, returns, preset) =
        ("Over time", "a layer that keeps its shape", Some(("reduction", reduction)));
    Factory { name, section, summary, returns, cases, preset, example, ..Factory::default() }
}

impl Layer for TimeReduction {
    fn definition() -> Definition {
        let words = Kind::Words(&["sum", "mean", "max"]);
        Definition {
            kind: "time-reduction",
            params: vec![Param::new("reduction", words, Fallback::Needed, "what of the steps so far counts")],
            keeps_shape: true,
            types: Some(Types { node: "TimeReduction", options: "ReductionOptions", ..Types::default() }),
            factories: vec![
                factory(
                    "timeSum",
                    "sum",
                    "The sum over time: `y[t] = x[0] + … + x[t]` for each element. The last step contains the sum of the whole sequence, as torch's \
                     `x.sum(0)`, and each step of a session the sum so far. The sum is part of the state. Only over the last `k` steps: \
                     `timeFilter(Array(k).fill(1), { trainable: false })`.",
                    "// A classifier of how often each neuron fires, trained on the last of 25 steps.\n\
                     const network = sequential(dense(784, 100), lif({ beta: 0.9 }), timeSum(), dense(100, 10), li({ beta: 0 }));\n\
                     await (await network.compile()).fit(data, { epochs: 1, loss: loss.crossEntropyMembrane({ from: 24 }) });",
                ),
                factory(
                    "timeMean",
                    "mean",
                    "The mean over the steps so far: `y[t] = (x[0] + … + x[t]) / (t + 1)`, at the last step as torch's `x.mean(0)`; for spikes, the \
                     rate. See {@link timeSum}.",
                    "",
                ),
                factory(
                    "timeMax",
                    "max",
                    "The maximum of each element over the steps so far: `y[t] = max(x[0], …, x[t])`, at the last step as torch's `x.max(0)`; its \
                     gradient goes to the first step with the maximum. After a population it reads the spikes; an edge of a `graph` with \
                     `state: 'v'` makes it read the membrane potential. See {@link timeSum}.",
                    "",
                ),
            ],
            ..Definition::default()
        }
    }

    fn plan(site: &Site) -> Result<PlannedLayer> {
        let reduction = match site.settings.word("reduction") {
            "sum" => TimeReduction::Sum,
            "mean" => TimeReduction::Mean,
            _ => TimeReduction::Max,
        };
        Ok(PlannedLayer::of_engine(OperationKind::Temporal(Temporal::Reduction(reduction)), site.first()))
    }
}
