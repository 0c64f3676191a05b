//! Parameters of losses: a traced loss declares them, and the optimizer trains them with those of the network.

use super::moderate::Moderate;
use super::step::Training;
use lapicque_base::error::{Error, Result};
use lapicque_exec::Parameter;
use lapicque_exec::parameter::Layout;
use lapicque_operations::TensorShape;
use lapicque_projection::Element;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The first part of the names of all parameters of losses.
pub const OWNER: &str = "loss.";

/// A parameter of a loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// `loss.` and its own name.
    pub name: String,
    pub shape: Vec<usize>,
    /// One number, or one per element; empty in a model file, which has the values as a tensor.
    #[serde(default)]
    pub initial: Vec<f64>,
}

impl Declared {
    /// # Errors
    /// `invalid-parameter` for another form, another number of initial values, or another name.
    pub fn list_from_json(value: &Value) -> Result<Vec<Declared>> {
        let list: Vec<Declared> = serde_json::from_value(value.clone())
            .map_err(|e| Error::invalid("loss.parameters", value, e.to_string()))?;
        for one in &list {
            let Declared { name, initial, .. } = one;
            if !name.starts_with(OWNER) {
                return Err(Error::invalid(
                    "loss.parameters",
                    name,
                    format!("a name that begins with {OWNER}"),
                ));
            }
            let elements = one.layout()?.public_len();
            if !(initial.len() <= 1 || initial.len() == elements) {
                let (got, expected) =
                    (format!("{} numbers", initial.len()), format!("1 or {elements} numbers"));
                return Err(Error::invalid(format!("{name}.initial"), got, expected));
            }
        }
        Ok(list)
    }

    /// Number of elements.
    pub fn elements(&self) -> u64 {
        self.shape.iter().fold(1, |product: u64, &size| product.saturating_mul(size as u64))
    }

    fn layout(&self) -> Result<Layout> {
        let shape = match *self.shape {
            [] => TensorShape::from([]),
            [a] => [a].into(),
            [a, b] => [a, b].into(),
            [a, b, c] => [a, b, c].into(),
            [a, b, c, d] => [a, b, c, d].into(),
            _ => {
                let got = format!("{} sizes", self.shape.len());
                return Err(Error::invalid(format!("{}.shape", self.name), got, "at most 4 sizes"));
            }
        };
        match (1..=1 << 24).contains(&self.elements()) {
            true => Ok(Layout::Tensor { shape }),
            false => {
                let shape = format!("{:?}", self.shape);
                Err(Error::invalid(format!("{}.shape", self.name), shape, "1 to 2^24 elements"))
            }
        }
    }
}

impl<F: Element> Training<F> {
    /// Adds the parameters of a loss that do not exist yet. A parameter that exists keeps its values.
    ///
    /// # Errors
    /// `invalid-parameter` for the name of a layer's parameter; `shape-mismatch` for a parameter of another loss with
    /// other sizes; `too-large`.
    #[inline(never)]
    pub fn declare(&mut self, declared: &[Declared]) -> Result<()> {
        for one in declared {
            let Declared { name, shape, initial } = one;
            let parameters = &mut self.network.parameters;
            if let Some(at) = parameters.iter().position(|parameter| parameter.name == *name) {
                let found = parameters[at].layout.shape();
                if at < self.of_layers {
                    let expected = "another name: a layer called loss has this parameter";
                    return Err(Error::invalid("loss.parameters", name, expected));
                }
                if found != *shape {
                    return Err(Error::ShapeMismatch {
                        layer: name.clone(),
                        expected: format!("{found:?}, the sizes of the model's parameter of this name"),
                        got: format!("{shape:?}"),
                    });
                }
                continue;
            }
            let layout = one.layout()?;
            let mut parameter = Parameter::new(name.clone(), layout, true)?;
            let first = initial.first().copied().unwrap_or(0.0);
            let mut values = vec![F::from_f64(first); layout.public_len()];
            values.iter_mut().zip(initial).for_each(|(value, &x)| *value = F::from_f64(x));
            parameter.set(&values)?;
            parameters.push(parameter);
            self.moderate = Moderate::default();
        }
        Ok(())
    }
}
