//! Reading and replacing a network's tensors: values, gradients, optimiser moments.

use super::moderate::Moderate;
use super::step::Training;
use lapicque_base::error::{Error, Result};
use lapicque_exec::Parameter;
use lapicque_projection::{Aligned, Element};
use std::borrow::Cow;

/// Which of a parameter's tensors.
fn which<'a, F: Element>(parameter: &'a mut Parameter<F>, kind: &str) -> Result<&'a mut Aligned<F>> {
    match kind {
        "value" => Ok(&mut parameter.data),
        "grad" => Ok(&mut parameter.grad),
        "moment1" => Ok(&mut parameter.moments[0]),
        "moment2" => Ok(&mut parameter.moments[1]),
        _ => Err(Error::UnknownName {
            kind: "tensor kind".into(),
            name: kind.into(),
            did_you_mean: Some("value".into()),
        }),
    }
}

impl<F: Element> Training<F> {
    /// `(name, values in the public layout)` of every parameter; empty where there is none yet.
    pub fn tensors(&mut self, kind: &str) -> Result<Vec<(String, Vec<F>)>> {
        let mut out = Vec::new();
        for parameter in &mut self.network.parameters {
            let layout = parameter.layout;
            let stored = which(parameter, kind)?;
            let values = if stored.is_empty() { vec![] } else { layout.to_public(stored) };
            out.push((parameter.name.clone(), values));
        }
        Ok(out)
    }

    /// Replaces the values of several parameters or, where one of them is refused, of none.
    pub fn set_values(&mut self, tensors: &[(&str, Cow<[F]>)]) -> Result<()> {
        for (name, values) in tensors {
            self.network.parameter(name)?.check_values(values)?;
        }
        tensors.iter().try_for_each(|(name, values)| self.replace("value", name, values))?;
        self.renew();
        Ok(())
    }

    /// Replaces one tensor; for moments an empty one means none yet.
    pub fn set_tensor(&mut self, kind: &str, name: &str, values: &[f64]) -> Result<()> {
        let values: Vec<F> = values.iter().map(|&x| F::from_f64(x)).collect();
        self.replace(kind, name, &values)?;
        self.renew();
        Ok(())
    }

    fn replace(&mut self, kind: &str, name: &str, values: &[F]) -> Result<()> {
        let parameter = self.network.parameter_mut(name)?;
        let (layout, len, label) = (parameter.layout, parameter.data.len(), parameter.name.clone());
        match kind {
            "value" => parameter.check_values(values)?,
            _ if values.is_empty() => {}
            _ => parameter.check(values)?,
        }
        let stored = which(parameter, kind)?;
        if values.is_empty() && kind != "value" {
            stored.clear();
        } else {
            if stored.is_empty() {
                *stored = Aligned::zeroed(&label, len)?;
            }
            layout.to_stored(values, stored);
        }
        Ok(())
    }

    /// What follows from the parameters.
    fn renew(&mut self) {
        self.network.derive_coefficients();
        self.moderate = Moderate::default();
        self.pending = None;
    }
}
