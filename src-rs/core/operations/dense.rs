//! The dense projection: every input reaches every output, possibly with a delay.

use crate::definition::{Case, Definition, Factory, Fallback, Kind, Param};
use crate::delays::Delays;
use crate::init::Fan;
use crate::operation::{Site, Tensor, WeightUse, Weights};
use crate::operation_kind::OperationKind;
use crate::registry::{Fusing, Layer, PlannedLayer};
use crate::settings::Settings;
use crate::shape::{MAX_SIZE, Shape, TensorShape};
use crate::temporal::{MAX_STEPS, Temporal};
use lapicque_base::error::{Error, Result};
use serde_json::json;

pub struct Dense;

impl Layer for Dense {
    fn definition() -> Definition {
        let size = Kind::Count { min: 1, max: MAX_SIZE };
        let flag =
            |name, value: bool, meaning| Param::new(name, Kind::Flag, Fallback::Value(json!(value)), meaning);
        // As torch's `Linear`: uniform within ±1/√fan-in, for weights and bias.
        let initial = || Fallback::Value(json!({ "kind": "fan-in-uniform", "gain": 1.0 }));
        Definition {
            kind: "dense",
            params: vec![
                Param::new("inputs", size, Fallback::Needed, "number of inputs").field("in").positional().literal("In"),
                Param::new("outputs", size, Fallback::Needed, "number of outputs").field("out").positional().literal("Out"),
                flag("bias", true, "adds a trained constant to each output"),
                Param::new("initial", Kind::Initial, initial(), "initial weights, as in torch unless given").sparse(),
                Param::new("initialBias", Kind::Initial, initial(), "initial biases, with the fan-in of the weights").sparse(),
                Param::new("trainable", Kind::Flag, Fallback::Value(json!(true)), "whether training changes it").sparse(),
                Param::new(
                    "delay",
                    Kind::Delays,
                    Fallback::Absent,
                    "delay of a spike from an input to an output, in ms: one fixed number for all synapses, or `{ max, … }` for a delay per \
                     synapse. Delays per synapse are learned by default; they are a tensor `delay` with the shape of the weights. Delays are \
                     rounded to whole steps. In training a learned delay is interpolated between two steps, so that it has a gradient (I. \
                     Hammouamri, I. Khalfaoui-Hassani, T. Masquelier, ICLR 2024, with a triangle as kernel)",
                ),
                flag("parallel", false, "for the feedback of a population without a nonlinearity to itself: all its steps are computed at once")
                    .internal()
                    .quiet(),
                flag("autapses", true, "whether input `i` reaches output `i`; for feedback, whether a neuron reaches itself").internal().quiet(),
            ],
            takes_flat: true,
            flat_outputs: Some("out"),
            factories: vec![Factory {
                name: "dense",
                section: "Dense",
                summary: "Connects every input to every output: `y[o] = Σ W[o, i] x[i] + b[o]`, weights `[outputs, inputs]`, bias `[outputs]`; as \
                          `torch.nn.Linear`. With a delay `y[t, o] = Σ W[o, i] x[t - d[o, i], i] + b[o]`, `d` in steps. For spike inputs, weights \
                          are added, not multiplied.",
                returns: "a layer from any shape with `inputs` elements, such as `[inputs]` or an image, to `[outputs]`",
                throws: "`shape-mismatch` for a different number of elements (a type error if sizes are literals)",
                cases: vec![
                    Case { input: &[5], arguments: vec![json!(5), json!(3)] },
                    Case { input: &[2, 3, 2], arguments: vec![json!(12), json!(4), json!({ "bias": false })] },
                ],
                example: "sequential(dense(784, 100), lif({ beta: 0.9 }), dense(100, 10), lif({ beta: 0.9 }));",
                torch: Some("torch.nn.Linear"),
                ..Factory::default()
            }],
            ..Definition::default()
        }
    }

    fn weights(layer: &str, settings: &Settings) -> Result<Option<Weights>> {
        let [inputs, outputs] = ["in", "out"].map(|field| settings.count(field));
        let autapses = settings.flag("autapses");
        if !autapses && !outputs.is_multiple_of(inputs) {
            let expected = "as many outputs as inputs, or a multiple of them";
            return Err(Error::invalid(
                format!("{layer}.autapses"),
                format!("{inputs} to {outputs}"),
                expected,
            ));
        }
        let (delays, parallel) = (settings.delays("delay"), settings.flag("parallel"));
        Ok(Some(Weights {
            weight: Tensor {
                shape: TensorShape::from([outputs, inputs]),
                initial: settings.initial("initial"),
            },
            bias: settings.flag("bias").then(|| Tensor {
                shape: TensorShape::from([outputs]),
                initial: settings.initial("initialBias"),
            }),
            fan: Fan::dense(outputs, inputs),
            trainable: settings.flag("trainable"),
            used: WeightUse::Dense { delays, autapses, parallel },
        }))
    }

    fn fusing(settings: &Settings) -> Fusing {
        match settings.delays("delay") {
            None => Fusing::IntoPopulations,
            // An operation that mixes steps runs over a whole segment before the population does.
            Some(_) => Fusing::Never,
        }
    }

    fn plan(site: &Site) -> Result<PlannedLayer> {
        site.check_elements(site.settings.count("in"), site.first().elements())?;
        let kind = match site.settings.delays("delay") {
            None => OperationKind::Dense,
            Some(delays) => OperationKind::Temporal(delayed(site, &delays)?),
        };
        Ok(PlannedLayer::of_engine(kind, Shape::flat(site.settings.count("out"))))
    }
}

/// # Errors
/// `invalid-parameter` for a longest delay out of range
fn delayed(site: &Site, delays: &Delays) -> Result<Temporal> {
    let (max, dt) = (delays.max, site.dt);
    let reach = (max / dt).round();
    if !(max.is_finite() && (0.0..MAX_STEPS as f64).contains(&reach)) {
        return Err(site.invalid("delay.max", max, format!("from 0 to below {MAX_STEPS} steps of {dt} ms")));
    }
    Ok(Temporal::Delays { reach: reach as usize, dt, learned: delays.trainable })
}
