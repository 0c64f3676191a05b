//! Converts the parameters of a reference file to a description.

use lapicque_references::Case;
use serde_json::{Map, Value, json};

/// The recurrent connections of a layer.
pub enum Recurrence {
    None,
    OneToOne(Vec<f64>),
    /// `[out, in]`, and a bias.
    AllToAll(Vec<f64>, Vec<f64>),
}

pub struct Layer {
    pub spec: Value,
    pub dt: f64,
    pub recurrence: Recurrence,
}

/// `None`: a case that needs more than a neuron model (convolution, competition) or another model.
pub fn layer(case: &Case) -> Option<Layer> {
    let model = case.car["model"].as_str()?;
    let params: Map<String, Value> = case.car["params"]
        .as_object()?
        .iter()
        .map(|(name, value)| (name.clone(), case.value(value)))
        .collect();
    let skipped = params.contains_key("conv2d_channels") || params.get("inhibition") == Some(&true.into());
    let (peer, model) = model.split_once('.')?;
    if skipped {
        return None;
    }
    let mut spec = match peer {
        "snntorch" => snntorch(model, &params)?,
        "spikingjelly" => spikingjelly(model, &params)?,
        "norse" => norse(model, &params)?,
        _ => return None,
    };
    spec["like"] = peer.into();
    if spec["params"].get("vInit").is_none() && matches!(model, "IAFCell") {
        spec["params"]["vInit"] = case.car["init"]["v"].clone();
    }
    Some(Layer {
        spec,
        dt: case.car["dt_s"].as_f64().map_or(1.0, |dt| dt * 1e3),
        recurrence: recurrence(case, &params),
    })
}

fn recurrence(case: &Case, params: &Map<String, Value>) -> Recurrence {
    let weights = &case.car["weights"];
    let of = |key: &str| weights.get(key).and_then(Value::as_str).map(|name| case.tensor(name).values);
    if let Some(v) = params.get("V") {
        let one = |v: &Value| v.as_f64().unwrap();
        return Recurrence::OneToOne(
            v.as_array().map_or_else(|| vec![one(v)], |v| v.iter().map(one).collect()),
        );
    }
    let matrix = of("recurrent.weight").or_else(|| of("W_rec")).or_else(|| of("recurrent"));
    match matrix {
        Some(matrix) => Recurrence::AllToAll(matrix, of("recurrent.bias").unwrap_or_default()),
        None => Recurrence::None,
    }
}

fn snntorch(model: &str, p: &Map<String, Value>) -> Option<Value> {
    let mut options = Map::new();
    options.insert("reset".into(), p.get("reset_mechanism")?.clone());
    if p.get("reset_delay") == Some(&false.into()) {
        options.insert("resetTiming".into(), "snntorch-no-delay".into());
    }
    let mut params = Map::new();
    params.insert("vThreshold".into(), p.get("threshold")?.clone());
    if let Some(factor) = p.get("graded_spikes_factor") {
        params.insert("gradedSpikes".into(), factor.clone());
    }
    for (theirs, ours) in
        [("alpha", "alpha"), ("beta", "beta"), ("R", "r"), ("C", "c"), ("time_step", "timeStep")]
    {
        if let Some(value) = p.get(theirs) {
            params.insert(ours.into(), value.clone());
        }
    }
    let learned = [("learn_beta", "beta"), ("learn_alpha", "alpha"), ("learn_threshold", "vThreshold")];
    let learn: Vec<&str> =
        learned.iter().filter(|(key, _)| p.get(*key) == Some(&true.into())).map(|&(_, name)| name).collect();
    let key = match model {
        "Leaky" => "lif",
        "RLeaky" => {
            options.insert("zeroKeepsInput".into(), false.into());
            "lif"
        }
        "Synaptic" | "RSynaptic" => "cuba-lif",
        "Alpha" => "alpha",
        "Lapicque" => "lapicque",
        _ => return None,
    };
    Some(json!({ "model": key, "params": params, "options": options, "learn": learn }))
}

fn spikingjelly(model: &str, p: &Map<String, Value>) -> Option<Value> {
    let mut options = Map::new();
    let mut params = Map::new();
    params.insert("vThreshold".into(), p["v_threshold"].clone());
    match &p["v_reset"] {
        Value::Null => options.insert("reset".into(), "subtract".into()),
        value => params.insert("vReset".into(), value.clone()),
    };
    if p.get("decay_input") == Some(&false.into()) {
        options.insert("inputScale".into(), "weight".into());
    }
    for (theirs, ours) in [("tau", "tauMem"), ("w", "w"), ("c_decay", "alpha"), ("v_decay", "beta")] {
        if let Some(value) = p.get(theirs) {
            params.insert(ours.into(), value.clone());
        }
    }
    let key = match model {
        "IFNode" => "if",
        "LIFNode" => "lif",
        "ParametricLIFNode" => "parametric-lif",
        "CUBALIFNode" => "cuba-lif",
        _ => return None,
    };
    Some(json!({ "model": key, "params": params, "options": options }))
}

fn norse(model: &str, p: &Map<String, Value>) -> Option<Value> {
    let mut params = Map::new();
    let names = [
        ("v_th", "vThreshold"),
        ("v_reset", "vReset"),
        ("v_leak", "vLeak"),
        ("rho_reset", "refractorySteps"),
    ];
    for (theirs, ours) in names {
        if let Some(value) = p.get(theirs) {
            params.insert(ours.into(), value.clone());
        }
    }
    for (theirs, ours) in [("tau_mem_inv", "tauMem"), ("tau_syn_inv", "tauSyn")] {
        if let Some(per_second) = p.get(theirs).and_then(Value::as_f64) {
            params.insert(ours.into(), (1e3 / per_second).into());
        }
    }
    let key = match model {
        "LIFCell" | "LIFRefracCell" | "LIFRecurrentCell" => "cuba-lif",
        "LIFBoxCell" => "lif",
        "IAFCell" => "if",
        "LICell" => "cuba-li",
        _ => return None,
    };
    Some(json!({ "model": key, "params": params }))
}
