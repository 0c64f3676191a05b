//! Values by name, and the nearest known name to a misspelt one.

use lapicque_base::error::Error;
use lapicque_base::nearest::{near, shown};

/// A short ordered list of named values: parameters, coefficients, states.
#[derive(Debug, Clone)]
pub struct Named<T>(Vec<(&'static str, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Named(Vec::new())
    }
}

impl<T: Copy> Named<T> {
    pub fn with(mut self, name: &'static str, value: T) -> Self {
        self.0.push((name, value));
        self
    }

    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    pub fn find(&self, name: &str) -> Option<T> {
        self.0.iter().find(|(known, _)| *known == name).map(|&(_, value)| value)
    }

    /// The value of `name`, which the model itself declared.
    pub fn get(&self, name: &str) -> T {
        self.find(name).unwrap_or_else(|| panic!("the model declares no \"{name}\""))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static str, T)> {
        self.0.iter().copied()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> FromIterator<(&'static str, T)> for Named<T> {
    fn from_iter<I: IntoIterator<Item = (&'static str, T)>>(items: I) -> Self {
        Named(items.into_iter().collect())
    }
}

/// `unknown-name`, with the nearest of `known` when it is near.
pub fn unknown<'a>(kind: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
    let near = near(name, known).map(str::to_string);
    Error::UnknownName { kind: kind.to_string(), name: shown(name), did_you_mean: near }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested() {
        let near = |name| match unknown("parameter", name, ["beta", "vThreshold", "tauMem"]) {
            Error::UnknownName { did_you_mean, .. } => did_you_mean,
            _ => None,
        };
        assert_eq!(near("bta").as_deref(), Some("beta"));
        assert_eq!(near("vthreshhold").as_deref(), Some("vThreshold"));
        assert_eq!(near("colour"), None);
    }
}
