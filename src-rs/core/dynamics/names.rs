//! Values by name.

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

    /// The value of `name`, which the model must have declared.
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
