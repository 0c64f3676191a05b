//! Values of a description that the seed determines for each neuron: parameters, rates of Poisson trains, and currents.
//! They are sampled before anything is checked, so that all other code sees numbers.

use super::description::{Amplitudes, Description, InputSpec, OverTime};
use crate::random::distribution::{Distribution, Sampled};
use crate::random::stream;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::rng::Rng;
use lapicque_dynamics::settings::short;
use serde::Deserialize;
use serde_json::{Value, json};

/// The generator for the values with this name. It does not depend on what else is sampled, nor on the order.
fn generator(seed: u64, name: &str) -> Rng {
    // FNV-1a.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    Rng::new(seed, stream::DESCRIBED | (hash ^ hash >> 56) & ((1 << 56) - 1))
}

fn values(name: &str, sampled: &Sampled, count: usize, seed: u64) -> Result<Vec<f64>> {
    // Returns an error if memory does not suffice.
    try_vec::<f64>(name, count, 0.0).map(drop)?;
    Distribution::Sampled(sampled.clone()).draw_from(name, count, generator(seed, name))
}

impl Description {
    /// Replaces distributions of parameters, rates and currents by numbers, one per neuron.
    ///
    /// # Errors
    /// `invalid-parameter` with the path of an invalid distribution.
    pub fn draw(&mut self, seed: u64) -> Result<()> {
        for population in &mut self.populations {
            let Some(params) = population.neuron.get_mut("params").and_then(Value::as_object_mut) else {
                continue;
            };
            for (param, value) in params.iter_mut().filter(|(_, value)| value.is_object()) {
                let name = format!("{}.{param}", population.name);
                let sampled = Sampled::deserialize(&*value).map_err(|_| {
                    Error::invalid(
                        name.clone(),
                        short(value),
                        "a number, one number a neuron, or a distribution",
                    )
                })?;
                // Population sizes are validated later; larger ones are refused then.
                let list = values(&name, &sampled, population.size.min(1 << 30), seed)?;
                *value = json!([]);
                population.params.insert(param.clone(), list);
                self.sampled.push(name);
            }
        }
        let sizes: Vec<(String, usize)> = self.populations.iter().map(|p| (p.name.clone(), p.size)).collect();
        for (i, input) in self.inputs.iter_mut().enumerate() {
            let name = format!("inputs[{i}]");
            let to = input.to();
            // An unknown population is reported later.
            let Some((_, size)) = sizes.iter().find(|(name_of, _)| name_of == to.of()) else { continue };
            let count = to.range(&format!("{name}.to"), *size)?.len();
            match input {
                InputSpec::Poisson { rate, .. } => {
                    if let OverTime::Sampled(sampled) = rate {
                        *rate = OverTime::Values(values(&format!("{name}.rate"), sampled, count, seed)?);
                        self.sampled.push(name);
                    }
                }
                InputSpec::Current { times, values: amplitudes, .. } => {
                    if let Amplitudes::Sampled(sampled) = amplitudes {
                        if times.len() != 1 {
                            let got = format!("{} times", times.len());
                            let expected = "one time, from which on the drawn values hold";
                            return Err(Error::invalid(format!("{name}.times"), got, expected));
                        }
                        let list = values(&format!("{name}.values"), sampled, count, seed)?;
                        *amplitudes = Amplitudes::Values(list);
                        self.sampled.push(name);
                    }
                }
                InputSpec::Normal { .. } => {}
            }
        }
        Ok(())
    }
}
