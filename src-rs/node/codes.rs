//! Encoders, decoders, losses and surrogate gradients as functions of arrays.

use crate::arrays::{self, Float32ArraySlice, Float64ArraySlice, Uint32ArraySlice, copied};
use crate::boundary::{Outcome, Raw, from_napi, sync};
use crate::numbers;
use crate::reals::JsReals;
use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::code::decode::{Decoder, labels};
use lapicque_core::code::draws::Draws;
use lapicque_core::code::numpy_rng::NumpyRng as Stream;
use lapicque_core::code::reconstruct::reconstruct as reconstructed;
use lapicque_core::code::targets::targets_convert;
use lapicque_core::code::{self, Raster, encode as encoded};
use lapicque_core::error::try_vec;
use lapicque_core::rng::Rng;
use lapicque_core::train::loss::{
    self, LossOfOutputs, LossPlan, LossSpec, RegularizerSpec, Targets, penalty_of,
};
use lapicque_core::train::optimizer;
use lapicque_core::train::schedule::ScheduleSpec;
use lapicque_core::{Control, Error, Result, dynamics, settings};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Mutex;

pub(crate) fn parse<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| Error::invalid(name, text, e.to_string()))
}

/// One call of the encoder `kind`. `options` is JSON, with `steps` if the encoder has that option; random numbers as in
/// [`draws`]. Resolves to `{ steps, width, values }`.
#[napi(ts_return_type = "Promise<Outcome<unknown>>")]
#[allow(clippy::too_many_arguments)]
pub fn encode<'env>(
    env: &'env Env,
    kind: String,
    data: Float32ArraySlice,
    shape: Float64ArraySlice,
    options: String,
    seed: f64,
    stream: Float64ArraySlice,
    samples: Option<Uint32ArraySlice>,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn(
        env,
        Call::new("encode", handle),
        || {
            let data = copied("data", &data)?;
            let size = |&size: &f64| numbers::size("shape", size, 0..=1 << 40);
            let shape: Vec<usize> = copied("shape", &shape)?.iter().map(size).collect::<Result<_>>()?;
            let draws = draws(seed, &stream, samples.as_ref())?;
            Ok(move |_: &Control| encoded(&kind, &data, &shape, parse("options", &options)?, &draws))
        },
        raster,
    )
}

/// Every encoder with its options, its formula and its source, as JSON.
#[napi]
pub fn describe_encoders() -> Outcome<String> {
    sync(|| Ok(code::describe().to_string()))
}

/// Every loss and every optimizer with its options, its formula and its source, as JSON.
#[napi]
pub fn describe_training() -> Outcome<String> {
    let described = serde_json::json!({ "losses": loss::describe(), "optimizers": optimizer::describe() });
    sync(|| Ok(described.to_string()))
}

/// The values that spikes `[steps, …]` represent; `code` is JSON with `kind`.
#[napi(ts_return_type = "Promise<Outcome<Float32Array>>")]
pub fn reconstruct<'env>(
    env: &'env Env,
    code: String,
    spikes: Float32ArraySlice,
    steps: f64,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn(
        env,
        Call::new("reconstruct", handle),
        || {
            let spikes = copied("spikes", &spikes)?;
            let steps = numbers::size("steps", steps, 0..=1 << 40)?;
            Ok(move |_: &Control| reconstructed(&parse("code", &code)?, &spikes, steps))
        },
        |env, values: Vec<f32>| Raw::new(env, arrays::array(env, "values", &values)?),
    )
}

/// The targets of the output layer for labels; `options` is JSON with `code`: `rate` or `latency`; random numbers as in
/// [`draws`].
#[napi(ts_return_type = "Promise<Outcome<unknown>>")]
pub fn convert_targets<'env>(
    env: &'env Env,
    targets: Uint32ArraySlice,
    classes: f64,
    options: String,
    seed: f64,
    stream: Float64ArraySlice,
    samples: Option<Uint32ArraySlice>,
) -> napi::Result<Object<'env>> {
    spawn(
        env,
        Call::new("convertTargets", None),
        || {
            let targets = copied("targets", &targets)?;
            let classes = numbers::size("classes", classes, 1..=1 << 24)?;
            let draws = draws(seed, &stream, samples.as_ref())?;
            Ok(move |_: &Control| targets_convert(&targets, classes, &parse("options", &options)?, &draws))
        },
        raster,
    )
}

/// Random numbers of a seed: a single number in `stream` selects that stream, several numbers name one stream; with
/// `samples`, one stream for each sample.
fn draws(seed: f64, stream: &Float64ArraySlice, samples: Option<&Uint32ArraySlice>) -> Result<Draws> {
    let stream = copied("stream", stream)?;
    let samples = samples.map(|samples| copied("samples", samples)).transpose()?;
    let seed = numbers::whole("seed", seed, 0..=numbers::MAX_SAFE_INTEGER)?;
    let number = |&part: &f64| numbers::whole("stream", part, 0..=numbers::MAX_SAFE_INTEGER);
    let path: Vec<u64> = stream.iter().map(number).collect::<Result<_>>()?;
    Ok(match (&path[..], samples) {
        (path, Some(samples)) => Draws::of_samples(seed, path, &samples),
        (&[stream], None) => Rng::new(seed, stream).into(),
        (path, None) => Rng::named(seed, path).into(),
    })
}

fn raster(env: &Env, raster: Raster) -> Result<Raw> {
    let mut out = Object::new(env).map_err(from_napi)?;
    out.set("steps", raster.steps as f64).map_err(from_napi)?;
    out.set("width", raster.width as f64).map_err(from_napi)?;
    out.set("values", arrays::array(env, "spikes", &raster.values)?).map_err(from_napi)?;
    Raw::new(env, out)
}

/// Labels and scores from spikes or membrane `[steps, batch, neurons]`.
#[napi(ts_return_type = "Outcome<{ labels: Uint32Array; scores: Float64Array }>")]
pub fn decode(
    env: &Env,
    decoder: String,
    signal: Float32ArraySlice,
    lengths: Option<Uint32ArraySlice>,
    steps: f64,
    batch: f64,
    neurons: f64,
) -> Outcome<Raw> {
    sync(|| {
        let decoder = Decoder::from_json(&parse::<Value>("decoder", &decoder)?)?;
        let [steps, batch, neurons] = sizes(steps, batch, neurons)?;
        let lengths = lengths.map(|lengths| copied("lengths", &lengths)).transpose()?;
        let lengths = lengths.as_deref();
        let scores =
            signal.read("signal", |signal| decoder.scores(signal, lengths, steps, batch, neurons))?;
        let mut out = Object::new(env).map_err(from_napi)?;
        let best = labels(&scores, decoder.classes(neurons));
        out.set("labels", arrays::array(env, "labels", &best)?).map_err(from_napi)?;
        out.set("scores", arrays::array(env, "scores", &scores)?).map_err(from_napi)?;
        Raw::new(env, out)
    })
}

fn sizes(steps: f64, batch: f64, neurons: f64) -> Result<[usize; 3]> {
    Ok([
        numbers::size("steps", steps, 1..=1 << 40)?,
        numbers::size("batch", batch, 1..=1 << 32)?,
        numbers::size("neurons", neurons, 1..=1 << 24)?,
    ])
}

/// A loss and its gradient for given outputs. Resolves to `{ loss, perSample, gradSpikes?, gradV? }`.
#[napi(ts_return_type = "Promise<Outcome<unknown>>")]
#[allow(clippy::too_many_arguments)]
pub fn evaluate_loss<'env>(
    env: &'env Env,
    loss: String,
    spikes: JsReals,
    v: JsReals,
    classes: Option<Uint32ArraySlice>,
    values: JsReals,
    lengths: Option<Uint32ArraySlice>,
    steps: f64,
    batch: f64,
    neurons: f64,
) -> napi::Result<Object<'env>> {
    spawn(
        env,
        Call::new("evaluateLoss", None),
        || {
            let [spikes, v] = [spikes.copied("spikes")?, v.copied("v")?];
            let classes = classes.map(|s| copied("targets", &s)).transpose()?;
            let values = values.doubles("targets")?;
            let lengths = lengths.map(|s| copied("lengths", &s)).transpose()?;
            let [steps, batch, neurons] = sizes(steps, batch, neurons)?;
            Ok(move |_: &Control| {
                let spec = LossSpec::from_json(&parse::<Value>("loss", &loss)?)?;
                let targets = match (&classes, &values) {
                    (Some(c), _) => Targets::Classes(c),
                    (None, Some(v)) => Targets::Values(v),
                    (None, None) => return Err(Error::invalid("targets", "nothing", "labels or values")),
                };
                let plan = LossPlan::new(&spec, targets, lengths.as_deref(), steps, batch, neurons)?
                    .with_simd(settings::simd()?);
                plan.of_outputs(spikes.as_ref(), v.as_ref())
            })
        },
        |env, of_outputs: LossOfOutputs| {
            let mut out = Object::new(env).map_err(from_napi)?;
            out.set("loss", of_outputs.loss).map_err(from_napi)?;
            out.set("perSample", arrays::array(env, "losses", &of_outputs.per_sample)?).map_err(from_napi)?;
            for (name, grad) in [("gradSpikes", of_outputs.grad_spikes), ("gradV", of_outputs.grad_v)] {
                let Some(grad) = grad else { continue };
                out.set(name, arrays::reals(env, "gradient", &grad)?).map_err(from_napi)?;
            }
            Raw::new(env, out)
        },
    )
}

/// A penalty on spikes `[steps, batch, neurons]`, 0 and 1 or graded, summed over the batch.
#[napi(ts_return_type = "Promise<Outcome<number>>")]
pub fn evaluate_penalty<'env>(
    env: &'env Env,
    penalty: String,
    spikes: Float32ArraySlice,
    lengths: Option<Uint32ArraySlice>,
    steps: f64,
    batch: f64,
    neurons: f64,
) -> napi::Result<Object<'env>> {
    spawn(
        env,
        Call::new("evaluatePenalty", None),
        || {
            let spikes = copied("spikes", &spikes)?;
            let lengths = lengths.map(|s| copied("lengths", &s)).transpose()?;
            let sizes = sizes(steps, batch, neurons)?;
            Ok(move |_: &Control| {
                let spec = RegularizerSpec::from_json(&parse::<Value>("penalty", &penalty)?)?;
                penalty_of(&spec, &spikes, lengths.as_deref(), sizes)
            })
        },
        |_, penalty: f64| Ok(penalty),
    )
}

/// The derivative of a surrogate at `x = v - threshold`, and its antiderivative if that is known. `like`: the library
/// whose defaults apply, as in the description of a neuron.
#[napi(ts_return_type = "Outcome<{ derivative: Float64Array; primitive?: Float64Array }>")]
pub fn surrogate(env: &Env, spec: String, x: Float64ArraySlice, like: Option<String>) -> Outcome<Raw> {
    sync(|| {
        let spec: Value = parse("surrogate", &spec)?;
        let x = copied("x", &x)?;
        let mut out = Object::new(env).map_err(from_napi)?;
        let derivative = dynamics::surrogate_derivative(&spec, like.as_deref(), &x)?;
        out.set("derivative", arrays::array(env, "derivative", &derivative)?).map_err(from_napi)?;
        if let Some(primitive) = dynamics::surrogate_primitive(&spec, like.as_deref(), &x)? {
            out.set("primitive", arrays::array(env, "primitive", &primitive)?).map_err(from_napi)?;
        }
        Raw::new(env, out)
    })
}

/// The schedule's factor on the learning rate at `n` (a step or an epoch, as the schedule is used);
/// `history` holds the watched metric of the epochs so far.
#[napi]
pub fn schedule_factor(schedule: String, n: f64, history: Float64ArraySlice) -> Outcome<f64> {
    sync(|| {
        let schedule = ScheduleSpec::from_json(&parse::<Value>("schedule", &schedule)?)?;
        let n = numbers::whole("n", n, 0..=numbers::MAX_SAFE_INTEGER)?;
        history.read("history", |history| Ok(schedule.factor(n, history)))
    })
}

/// Every neuron model and surrogate with its parameters, options and sources, as JSON.
#[napi]
pub fn describe_models() -> Outcome<String> {
    sync(|| Ok(dynamics::describe().to_string()))
}

/// Parses a user-defined neuron: returns its states and the integration method used, as JSON.
#[napi]
pub fn check_neuron(spec: String) -> Outcome<String> {
    sync(|| Ok(dynamics::check_custom(&parse::<Value>("neuron", &spec)?)?.to_string()))
}

/// numpy's `default_rng(seed)`: the generator of the data of benchmark tasks.
#[napi]
pub struct NumpyRng {
    stream: Mutex<Stream>,
}

#[napi]
impl NumpyRng {
    #[napi]
    pub fn create(seed: f64) -> Outcome<NumpyRng> {
        sync(|| {
            let seed = numbers::whole("seed", seed, 0..=numbers::MAX_SAFE_INTEGER)?;
            Ok(NumpyRng { stream: Mutex::new(Stream::new(seed)) })
        })
    }

    /// `random(out.length, dtype=float32)`, written to `out`. Long sequences are sampled piece by piece with one array.
    #[napi]
    pub fn random(&self, out: Float32ArraySlice) -> Outcome<()> {
        sync(|| {
            let mut stream = crate::handle::lock("the stream", &self.stream)?;
            let mut samples = try_vec("random numbers", out.len("out")?, 0.0)?;
            stream.fill_f32(&mut samples);
            arrays::fill("out", &out, &samples)
        })
    }

    /// `integers(0, high, len)`
    #[napi(ts_return_type = "Outcome<Uint32Array>")]
    pub fn integers(&self, env: &Env, high: f64, len: f64) -> Outcome<Raw> {
        sync(|| {
            let high = numbers::whole("high", high, 1..=1 << 32)?;
            let len = numbers::size("len", len, 0..=1 << 40)?;
            let values = crate::handle::lock("the stream", &self.stream)?.integers(high, len)?;
            Raw::new(env, arrays::array(env, "random numbers", &values)?)
        })
    }
}
