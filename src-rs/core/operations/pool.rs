//! Pools over the windows of an image or of a line.

use crate::definition::{Case, Definition, Factory, Fallback, Kind, Param, Types};
use crate::operation::Site;
use crate::operation_kind::OperationKind;
use crate::registry::{Layer, PlannedLayer};
use crate::shape::{Shape, Sliding};
use lapicque_base::error::Result;
use serde_json::json;

pub use crate::operation_kind::{Pool, Pooling};

/// The function for a kind of pooling and a number of axes.
fn factory(name: &'static str, pooling: &'static str, axes: usize, summary: &'static str) -> Factory {
    let image = |input: &'static [usize], arguments| Case { input, arguments };
    let mut cases = match axes {
        1 => vec![
            image(&[3, 6], vec![json!(2)]),
            image(&[2, 7], vec![json!(3), json!({ "stride": 2, "padding": 1 })]),
        ],
        _ => vec![
            image(&[2, 4, 4], vec![json!(2)]),
            image(&[3, 5, 4], vec![json!([3, 2]), json!({ "stride": [2, 1], "padding": [1, 0] })]),
        ],
    };
    if pooling == "average" {
        let options = json!({ "padding": 1, "countIncludePad": false });
        cases.push(image(if axes == 1 { &[2, 5] } else { &[2, 5, 4] }, vec![json!(3), options]));
    }
    let returns = match (axes, name) {
        (1, _) => {
            "a layer from `[channels, width]` to `[channels, width']`, with the size rule of {@link maxPool2d}"
        }
        (_, "maxPool2d") => {
            "a layer from `[channels, height, width]` to `[channels, height', width']`, each side `floor((side + 2 padding - kernel) \
                             / stride) + 1`"
        }
        _ => {
            "a layer from `[channels, height, width]` to `[channels, height', width']`, with the size rule of {@link maxPool2d}"
        }
    };
    let throws = "for a window larger than the image or padding above half of it, and `shape-mismatch` for a source that is not an image";
    let preset = Some(("pooling", pooling));
    Factory {
        name,
        section: "Images",
        summary,
        returns,
        throws,
        cases,
        preset,
        axes,
        base: "pool",
        ..Factory::default()
    }
}

impl Layer for Pool {
    fn definition() -> Definition {
        let axes = |min| Kind::Axes { min };
        Definition {
            kind: "pool",
            params: vec![
                Param::new("pooling", Kind::Words(&["max", "average", "sum"]), Fallback::Needed, "what of a window counts"),
                Param::new("kernel", axes(1), Fallback::Needed, "pixels of the window").positional(),
                Param::new(
                    "stride",
                    axes(1),
                    Fallback::Same("kernel"),
                    "pixels from one window to the next, at least 1; by default windows do not overlap",
                )
                .stated(),
                Param::new(
                    "padding",
                    axes(0),
                    Fallback::Value(json!(0)),
                    "pixels added around the image; they are ignored by the maximum and count as 0 for mean and sum; at most half of the window",
                )
                .stated(),
                Param::new(
                    "countIncludePad",
                    Kind::Flag,
                    Fallback::Value(json!(true)),
                    "whether a mean is divided by all pixels of the window; if false, by those within the image, as with `count_include_pad=False` \
                     in torch and by default in ONNX",
                )
                .quiet(),
            ],
            types: Some(Types { node: "Pool", options: "PoolOptions", window: "PoolWindow", ..Types::default() }),
            factories: vec![
                factory(
                    "maxPool2d",
                    "max",
                    2,
                    "The maximum of each window, channel by channel: `y[c, p] = max x[c, stride p + k - padding]` over the offsets `k` in the \
                     window; for spikes, whether any neuron fired. The gradient goes to the first of equal values, as in `torch.nn.MaxPool2d`.",
                ),
                factory(
                    "avgPool2d",
                    "average",
                    2,
                    "The mean of each window, including zeros of the padding: `y[c, p] = Σ x[c, stride p + k - padding] / (ky kx)`, as \
                     `torch.nn.AvgPool2d`.",
                ),
                factory(
                    "sumPool2d",
                    "sum",
                    2,
                    "The sum of each window: `y[c, p] = Σ x[c, stride p + k - padding]`; it counts the spikes of a window.",
                ),
                factory("maxPool1d", "max", 1, "{@link maxPool2d} over one axis that is not time."),
                factory("avgPool1d", "average", 1, "{@link avgPool2d} over one axis that is not time."),
                factory("sumPool1d", "sum", 1, "{@link sumPool2d} over one axis that is not time."),
            ],
            ..Definition::default()
        }
    }

    fn plan(site: &Site) -> Result<PlannedLayer> {
        let [kernel, stride, padding] =
            ["kernel", "stride", "padding"].map(|field| site.settings.list(field));
        let ones = vec![1; kernel.len()];
        let sliding = Sliding::new(site.layer, &kernel, [&stride, &padding, &ones], None)?;
        let from = site.image(&kernel)?;
        if (0..2).any(|axis| 2 * sliding.padding[axis] > sliding.kernel[axis]) {
            return Err(site.invalid("padding", format!("{padding:?}"), "at most half of the kernel"));
        }
        let shape = Shape { size: sliding.output(site.layer, from.size)?, ..from };
        let pooling = match site.settings.word("pooling") {
            "max" => Pooling::Max,
            "average" => Pooling::Average,
            _ => Pooling::Sum,
        };
        let counts_padding = site.settings.flag("countIncludePad");
        if !counts_padding && pooling != Pooling::Average {
            return Err(site.invalid("countIncludePad", false, "true, unless the pool is a mean"));
        }
        Ok(PlannedLayer::of_engine(OperationKind::Pool(Pool { pooling, sliding, counts_padding }), shape))
    }
}
