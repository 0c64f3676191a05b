//! Reading and replacing a network's tensors: values, gradients, optimizer moments.

use super::declared::Declared;
use super::moderate::Moderate;
use super::step::Training;
use lapicque_base::error::{Error, Result};
use lapicque_exec::parameter::Layout;
use lapicque_exec::{MOMENTS, Parameter};
use lapicque_projection::{Aligned, Element, sum_of_squares};
use std::borrow::Cow;

/// The kind of a parameter's tensor.
fn which<'a, F: Element>(parameter: &'a mut Parameter<F>, kind: &str) -> Result<&'a mut Aligned<F>> {
    match kind {
        "value" => return Ok(&mut parameter.data),
        "grad" => return Ok(&mut parameter.grad),
        _ => {}
    }
    let number = kind.strip_prefix("moment").and_then(|number| number.parse::<usize>().ok());
    match number.and_then(|number| parameter.moments.get_mut(number.wrapping_sub(1))) {
        Some(moment) => Ok(moment),
        None => {
            let moments = (1..=MOMENTS).map(|n| format!("moment{n}"));
            let known = ["value".to_string(), "grad".to_string()].into_iter().chain(moments);
            Err(Error::unknown("tensor kind", kind, known))
        }
    }
}

impl<F: Element> Training<F> {
    /// `(name, values in the public layout)` of every parameter; the values are empty if they do not exist yet.
    #[inline(never)]
    pub fn tensors(&mut self, kind: &str) -> Result<Vec<(String, Vec<F>)>> {
        let mut out = Vec::new();
        for parameter in &mut self.network.parameters {
            let layout = parameter.layout;
            let stored = which(parameter, kind)?;
            let values = match stored.is_empty() {
                true => vec![],
                false if kind == "grad" => parameter.public_gradient(),
                false => layout.to_public(stored),
            };
            out.push((parameter.name.clone(), values));
        }
        Ok(out)
    }

    /// Replaces one kind of tensor of several parameters, or of none if one of them is refused. Empty moments mean that
    /// there are none yet.
    #[inline(never)]
    pub fn set_tensors(&mut self, kind: &str, tensors: &[(&str, Cow<[F]>)]) -> Result<()> {
        for (name, values) in tensors {
            let parameter = self.network.parameter_mut(name)?;
            which(parameter, kind)?;
            match kind {
                "value" => parameter.check_values(values)?,
                _ if values.is_empty() => {}
                _ => parameter.check(values)?,
            }
        }
        for (name, values) in tensors {
            let parameter = self.network.parameter_mut(name)?;
            let (layout, len, label) = (parameter.layout, parameter.data.len(), parameter.name.clone());
            let stored = which(parameter, kind)?;
            if values.is_empty() && kind != "value" {
                stored.clear();
                continue;
            }
            if stored.is_empty() {
                *stored = Aligned::zeroed(&label, len)?;
            }
            layout.to_stored(values, stored);
        }
        self.applied &= kind != "grad";
        self.renew();
        Ok(())
    }

    /// As [`set_tensors`](Self::set_tensors) of values, with parameters of losses that do not exist yet.
    ///
    /// # Errors
    /// Also those of [`declare`](Self::declare); no parameter is added then.
    #[inline(never)]
    pub fn set_declared(&mut self, declared: &[Declared], tensors: &[(&str, Cow<[F]>)]) -> Result<()> {
        let before = self.network.parameters.len();
        let result = self.declare(declared).and_then(|()| self.set_tensors("value", tensors));
        if result.is_err() {
            self.network.parameters.truncate(before);
        }
        result
    }

    /// The Euclidean norm of the gradient of each parameter, by name; 0 before the first backward pass.
    #[inline(never)]
    pub fn gradient_norms(&self) -> Vec<(String, f64)> {
        let norm = |p: &Parameter<F>| match p.layout {
            // Stored once per neuron: the gradient of the one weight is their sum.
            Layout::Shared { .. } if !p.grad.is_empty() => {
                sum_of_squares(self.network.level, &p.public_gradient())
            }
            _ => sum_of_squares(self.network.level, &p.grad),
        };
        self.network.parameters.iter().map(|p| (p.name.clone(), norm(p).sqrt())).collect()
    }

    /// Recomputes the data that depend on the parameters.
    fn renew(&mut self) {
        self.network.derive_coefficients();
        self.moderate = Moderate::default();
        self.pending = None;
    }
}
