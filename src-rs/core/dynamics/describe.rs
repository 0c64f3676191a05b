//! The registry as data, from which types and documentation are generated.

use serde_json::{Value, json};

use super::MODELS;
use super::definition::{Definition, Wiring};
use super::surrogate;

/// Every model with its states, parameters, options and presets, and every surrogate.
pub fn describe() -> Value {
    let models: Vec<Value> = MODELS
        .iter()
        .map(|model| {
            let mut described = model_json(&(model.definition)());
            let Wiring { input_ports, feedback_ports, feedback_state } = (model.wiring)();
            let ports = &described["ports"];
            let input_ports = if input_ports.is_empty() { ports.clone() } else { json!(input_ports) };
            let feedback_ports =
                if feedback_ports.is_empty() { input_ports.clone() } else { json!(feedback_ports) };
            described["wiring"] =
                json!({ "entering": input_ports, "returning": feedback_ports, "returned": feedback_state });
            let signs = (model.signs)().iter().map(|&(port, sign)| (port.to_string(), sign.words().into()));
            described["signs"] = signs.collect::<serde_json::Map<String, Value>>().into();
            described
        })
        .collect();
    let surrogates: Vec<Value> = surrogate::rows()
        .map(|row| {
            let params: Vec<Value> = row
                .params
                .iter()
                .map(|p| {
                    let libraries =
                        row.libraries.iter().map(|(library, _)| (*library, row.default_of(p, Some(library))));
                    let like: serde_json::Map<String, Value> = libraries
                        .filter(|&(_, value)| value != p.default)
                        .map(|(library, value)| (library.to_string(), value.into()))
                        .collect();
                    json!({ "name": p.name, "default": p.default, "like": like, "expected": p.expected() })
                })
                .collect();
            json!({
                "name": row.name,
                "formula": row.formula,
                "source": row.source,
                "params": params,
                "primitive": row.primitive.is_some(),
            })
        })
        .collect();
    json!({ "models": models, "surrogates": surrogates })
}

/// One model.
pub fn model_json(d: &Definition) -> Value {
    let states: Vec<Value> = d
        .states
        .iter()
        .map(|s| json!({ "name": s.name, "unit": s.unit, "init": s.init, "meaning": s.meaning }))
        .collect();
    let params: Vec<Value> = d
        .params
        .iter()
        .map(|p| {
            json!({
                "name": p.name,
                "unit": p.unit,
                "default": p.fallback.describe(),
                "expected": p.expected(),
                "meaning": p.meaning,
                "nir": p.nir,
                "learnable": p.learnable,
            })
        })
        .collect();
    let options: Vec<Value> = d
        .options
        .iter()
        .map(|o| json!({ "name": o.name, "values": o.values, "default": o.values[0], "meaning": o.meaning }))
        .collect();
    let presets: Vec<Value> = d
        .presets
        .iter()
        .map(|p| {
            let options: serde_json::Map<String, Value> =
                p.options.iter().map(|&(name, value)| (name.to_string(), value.into())).collect();
            let params: serde_json::Map<String, Value> =
                p.params.iter().map(|&(name, value)| (name.to_string(), value.describe())).collect();
            let surrogate = p.surrogate.map(|(name, params)| {
                let mut object = serde_json::Map::new();
                object.insert("name".into(), name.into());
                object.extend(params.iter().map(|&(name, x)| (name.to_string(), x.into())));
                object
            });
            json!({ "name": p.name, "options": options, "params": params, "surrogate": surrogate, "note": p.note })
        })
        .collect();
    json!({
        "key": d.key,
        "title": d.title,
        "equation": d.equation,
        "update": d.update,
        "source": d.source,
        "states": states,
        "params": params,
        "alternatives": d.alternatives,
        "options": options,
        "ports": d.ports,
        "spiking": d.spiking,
        "learned": d.learned,
        "presets": presets,
    })
}
