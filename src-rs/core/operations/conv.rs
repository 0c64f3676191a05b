//! Convolutions over images and lines, ordinary and transposed.

use crate::definition::{Case, Definition, Factory, Fallback, Kind, Param, Types};
use crate::init::Fan;
use crate::operation::{Site, Tensor, WeightUse, Weights};
use crate::operation_kind::OperationKind;
use crate::registry::{Fusing, Layer, PlannedLayer};
use crate::settings::Settings;
use crate::shape::{MAX_SIZE, Shape, Sliding, TensorShape};
use lapicque_base::error::{Error, Result};
use serde_json::json;

/// A convolution over one or two axes; lists have one number per axis.
pub struct Conv;

fn sliding(layer: &str, settings: &Settings) -> Result<Sliding> {
    let [kernel, stride, padding, dilation] =
        ["kernel", "stride", "padding", "dilation"].map(|field| settings.list(field));
    let further = settings.optional_list("outputPadding");
    Sliding::new(layer, &kernel, [&stride, &padding, &dilation], further.as_deref())
}

/// A function for this number of axes.
fn factory(name: &'static str, torch: &'static str, axes: usize) -> Factory {
    let case = |input: &'static [usize], arguments| Case { input, arguments };
    let cases = match axes {
        1 => vec![
            case(&[2, 5], vec![json!(2), json!(3), json!(3)]),
            case(
                &[4, 6],
                vec![
                    json!(4),
                    json!(2),
                    json!(2),
                    json!({ "stride": 2, "padding": 1, "dilation": 2, "groups": 2 }),
                ],
            ),
            case(
                &[2, 4],
                vec![
                    json!(2),
                    json!(3),
                    json!(3),
                    json!({ "transposed": true, "stride": 2, "outputPadding": 1 }),
                ],
            ),
        ],
        _ => vec![
            case(&[1, 4, 5], vec![json!(1), json!(2), json!(3)]),
            case(
                &[4, 5, 6],
                vec![
                    json!(4),
                    json!(2),
                    json!([2, 3]),
                    json!({ "stride": [1, 2], "padding": [1, 0], "dilation": [2, 1], "groups": 2, "bias": false }),
                ],
            ),
            case(
                &[2, 3, 4],
                vec![
                    json!(2),
                    json!(4),
                    json!([3, 2]),
                    json!({ "transposed": true, "stride": 2, "padding": [1, 0], "outputPadding": [1, 0], "groups": 2 }),
                ],
            ),
        ],
    };
    Factory {
        name,
        section: "Images",
        cases,
        axes,
        torch: Some(torch),
        base: "conv",
        by_hand: true,
        ..Factory::default()
    }
}

impl Layer for Conv {
    fn definition() -> Definition {
        let channels = Kind::Count { min: 1, max: MAX_SIZE };
        let axes = |min| Kind::Axes { min };
        let initial = || Fallback::Value(json!({ "kind": "fan-in-uniform", "gain": 1.0 }));
        Definition {
            kind: "conv",
            params: vec![
                Param::new("inputs", channels, Fallback::Needed, "number of input channels").field("in").positional().literal("In"),
                Param::new("outputs", channels, Fallback::Needed, "number of output channels").field("out").positional().literal("Out"),
                Param::new("kernel", axes(1), Fallback::Needed, "pixels of the window").positional(),
                Param::new(
                    "stride",
                    axes(1),
                    Fallback::Value(json!(1)),
                    "pixels from one window to the next, at least 1; transposed: pixels between the windows of two neighboring inputs",
                )
                .stated(),
                Param::new(
                    "padding",
                    axes(0),
                    Fallback::Value(json!(0)),
                    "zeros around the image, in pixels on each side; transposed: pixels that are removed on each side",
                )
                .stated(),
                Param::new("dilation", axes(1), Fallback::Value(json!(1)), "pixels from one element of a window to the next, at least 1").stated(),
                Param::new(
                    "groups",
                    channels,
                    Fallback::Value(json!(1)),
                    "channels are split into this number of separate groups, a divisor of both numbers of channels; as many as input channels: \
                     depthwise",
                )
                .stated(),
                // Its presence marks a transposed convolution; TypeScript has the option `transposed` for that.
                Param::new("outputPadding", axes(0), Fallback::Absent, "of a transposed convolution: additional pixels at the far sides").internal(),
                Param::new("bias", Kind::Flag, Fallback::Value(json!(true)), "adds a trained constant to each channel"),
                Param::new("initial", Kind::Initial, initial(), "initial weights, as in torch unless given").sparse(),
                Param::new("initialBias", Kind::Initial, initial(), "initial biases, with the fan-in of the weights").sparse(),
                Param::new("trainable", Kind::Flag, Fallback::Value(json!(true)), "whether training changes it").sparse(),
            ],
            types: Some(Types { node: "Conv", options: "WindowedOptions", node_by_hand: true, ..Types::default() }),
            factories: vec![factory("conv2d", "torch.nn.Conv2d", 2), factory("conv1d", "torch.nn.Conv1d", 1)],
            ..Definition::default()
        }
    }

    /// Weights as in torch: `[out, in / groups, …kernel]`, transposed `[in, out / groups, …kernel]`.
    fn weights(layer: &str, settings: &Settings) -> Result<Option<Weights>> {
        let sliding = sliding(layer, settings)?;
        let [inputs, outputs, groups] = ["in", "out", "groups"].map(|field| settings.count(field));
        if !inputs.is_multiple_of(groups) || !outputs.is_multiple_of(groups) {
            let expected = format!("a common divisor of {inputs} and {outputs} channels");
            return Err(Error::invalid(format!("{layer}.groups"), groups, expected));
        }
        let [rows, columns] = match sliding.transposed {
            None => [outputs, inputs / groups],
            Some(_) => [inputs, outputs / groups],
        };
        let [height, width] = sliding.kernel;
        let shape = match sliding.axes {
            1 => TensorShape::from([rows, columns, width]),
            _ => TensorShape::from([rows, columns, height, width]),
        };
        Ok(Some(Weights {
            weight: Tensor { shape, initial: settings.initial("initial") },
            bias: settings.flag("bias").then(|| Tensor {
                shape: TensorShape::from([outputs]),
                initial: settings.initial("initialBias"),
            }),
            fan: Fan { outputs: rows, inputs: columns, receptive: height * width },
            trainable: settings.flag("trainable"),
            used: WeightUse::Conv { channels: [inputs, outputs], sliding, groups },
        }))
    }

    fn fusing(_settings: &Settings) -> Fusing {
        Fusing::WithinLoops
    }

    fn plan(site: &Site) -> Result<PlannedLayer> {
        let sliding = sliding(site.layer, site.settings)?;
        let [inputs, outputs, groups] = ["in", "out", "groups"].map(|field| site.settings.count(field));
        let from = site.image(&site.settings.list("kernel"))?;
        if from.channels != inputs {
            let sizes = if sliding.axes == 1 { "width" } else { "height, width" };
            let name = site.sources.first().map_or("", |&(_, name)| name);
            return Err(site.mismatch(format!("[{inputs}, {sizes}]"), format!("{from} from {name}")));
        }
        let size = sliding.output(site.layer, from.size)?;
        let shape = Shape { channels: outputs, size, ..from };
        Ok(PlannedLayer::of_engine(OperationKind::Conv { sliding, groups }, shape))
    }
}
