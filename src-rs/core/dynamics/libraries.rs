//! The options of spike and reset that reproduce each reference library, for all models.

use super::definition::{Fallback, OptionDef, Preset};

type Options<'a> = &'a [(&'static str, &'static str)];
type Params<'a> = &'a [(&'static str, Fallback)];

fn preset(name: &'static str, reset: Options, more: Options, params: Params, note: &'static str) -> Preset {
    let options = reset.iter().chain(more).copied().collect();
    Preset { name, options, params: params.to_vec(), surrogate: None, note }
}

/// snnTorch 1.0.0: the paper's defaults.
pub fn snntorch(more: Options, params: Params, note: &'static str) -> Preset {
    let surrogate = Some(("atan", &[("alpha", 2.0)][..]));
    Preset { surrogate, ..preset("snntorch", &[], more, params, note) }
}

/// SpikingJelly 2.0.0: fires at the threshold, resets at once, gradient through the reset.
pub fn spikingjelly(more: Options, params: Params, note: &'static str) -> Preset {
    let reset =
        [("reset", "value"), ("resetTiming", "same-step"), ("compare", ">="), ("detachReset", "false")];
    let surrogate = Some(("sigmoid", &[("slope", 4.0)][..]));
    Preset { surrogate, ..preset("spikingjelly", &reset, more, params, note) }
}

/// Norse 1.1.0, feed-forward cells; its recurrent cells detach the reset. Norse ignores the alpha of its default
/// surrogate and uses 1.
pub fn norse(more: Options, params: Params, note: &'static str) -> Preset {
    let reset = [("reset", "value"), ("resetTiming", "same-step"), ("detachReset", "false")];
    let surrogate = Some(("fast-sigmoid", &[("slope", 1.0)][..]));
    Preset { surrogate, ..preset("norse", &reset, more, params, note) }
}

/// NIR: equations in continuous time; the discretization is the one that most importers use.
pub fn nir(more: Options, params: Params, note: &'static str) -> Preset {
    preset("nir", &[("reset", "value"), ("resetTiming", "same-step")], more, params, note)
}

/// NEST 3: exact integration, fires at the threshold, units of mV and ms.
pub fn nest(more: Options, params: Params, note: &'static str) -> Preset {
    let reset = [("reset", "value"), ("resetTiming", "same-step"), ("compare", ">=")];
    let units = [
        ("vLeak", Fallback::Value(-70.0)),
        ("vReset", Fallback::Value(-70.0)),
        ("vThreshold", Fallback::Value(-55.0)),
        ("refractorySteps", Fallback::Absent),
        ("tauRef", Fallback::Value(2.0)),
    ];
    let params: Vec<_> = units.iter().chain(params).copied().collect();
    preset("nest", &reset, more, &params, note)
}

/// The same preset without options that models of another family do not have.
pub fn among(options: &[OptionDef], preset: Preset) -> Preset {
    let has_option = |name: &str| options.iter().any(|option| option.name == name);
    Preset { options: preset.options.into_iter().filter(|(name, _)| has_option(name)).collect(), ..preset }
}

/// For a model without spikes or reset: the preset without the options and parameters of these, and without options that
/// depend on them.
pub fn silent(preset: Preset) -> Preset {
    const OF_SPIKES: &[&str] = &[
        "reset",
        "resetTiming",
        "zeroKeepsInput",
        "compare",
        "detachReset",
        "vReset",
        "vThreshold",
        "refractorySteps",
        "tauRef",
    ];
    let spikeless = |name: &str| !OF_SPIKES.contains(&name);
    let stays = |fallback: &Fallback| !matches!(fallback, Fallback::Same(name) if !spikeless(name));
    let param = |(name, fallback): &(&str, Fallback)| spikeless(name) && stays(fallback);
    Preset {
        options: preset.options.into_iter().filter(|(name, _)| spikeless(name)).collect(),
        params: preset.params.into_iter().filter(param).collect(),
        surrogate: None,
        ..preset
    }
}
