//! Which elements of a sliding window join an input to which outputs, along one axis.

/// Steps of a window along one axis.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub kernel: usize,
    pub stride: usize,
    pub padding: usize,
    pub dilation: usize,
}

/// For each place the `(element of the window, other place)` that belong together, both ascending.
#[derive(Debug, Clone, Default)]
pub struct Taps {
    places: Vec<Vec<(u32, u32)>>,
}

impl Taps {
    /// From `inputs` places to the `outputs` that the window reads them for: output `o` reads input
    /// `o stride - padding + k dilation` with element `k`.
    pub fn new(window: Window, inputs: usize, outputs: usize) -> Self {
        let mut places = vec![Vec::new(); inputs];
        for o in 0..outputs {
            for k in 0..window.kernel {
                let at = (o * window.stride + k * window.dilation).checked_sub(window.padding);
                if let Some(place) = at.and_then(|at| places.get_mut(at)) {
                    place.push((k as u32, o as u32));
                }
            }
        }
        Taps { places }
    }

    /// The same pairs from the side of the outputs.
    pub fn reversed(&self, outputs: usize) -> Self {
        let mut places = vec![Vec::new(); outputs];
        for (i, place) in self.places.iter().enumerate() {
            for &(k, o) in place {
                places[o as usize].push((k, i as u32));
            }
        }
        Taps { places }
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    #[inline(always)]
    pub fn of(&self, place: usize) -> &[(u32, u32)] {
        &self.places[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_those_of_the_definition() {
        let window = Window { kernel: 3, stride: 2, padding: 1, dilation: 2 };
        let taps = Taps::new(window, 7, 3);
        // Output 0 reads -1, 1, 3; output 1 reads 1, 3, 5; output 2 reads 3, 5, 7.
        assert_eq!(taps.of(1), [(1, 0), (0, 1)]);
        assert_eq!(taps.of(3), [(2, 0), (1, 1), (0, 2)]);
        assert!(taps.of(0).is_empty() && taps.of(6).is_empty());
        assert_eq!(taps.reversed(3).of(2), [(0, 3), (1, 5)]);
    }
}
