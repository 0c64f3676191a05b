//! A step over the elements of a parameter: the loop is written once, an optimizer defines the step of one element.

use lapicque_base::SimdLevel;
use lapicque_base::at_level::{Work, at_level};
use lapicque_exec::MOMENTS;
use lapicque_projection::Element;

/// The scalars of one step of one parameter.
pub trait Step: Copy + Send + Sync {
    /// Which of a parameter's moments the step reads and writes; they begin at 0.
    fn moments(&self) -> [bool; MOMENTS];

    /// Whether a step from moderate values with moderate gradients stays finite: at most about 1e12 times 1e3 over
    /// 1e-12 and the bias correction. For other steps a copy of the weights is made, so that a step that overflows can
    /// be undone.
    fn is_moderate(&self) -> bool {
        false
    }

    /// Steps the weights `w` by the gradients `g`; moments that are not read are empty.
    fn run<F: Element>(&self, level: SimdLevel, w: &mut [F], moments: [&mut [F]; MOMENTS], g: &[F]);
}

/// The step of one element, with N moments. `element` must be `#[inline(always)]`, so that it is compiled with the
/// level's instructions.
pub trait Rule<F, const N: usize>: Copy {
    /// The weight and the moments after the step.
    fn element(self, w: F, g: F, moments: [F; N]) -> (F, [F; N]);
}

struct Elements<'a, F, R, const N: usize> {
    w: &'a mut [F],
    moments: [&'a mut [F]; N],
    g: &'a [F],
    rule: R,
}

impl<F: Element, R: Rule<F, N>, const N: usize> Work for Elements<'_, F, R, N> {
    type Output = ();

    // Several slices are iterated together.
    #[allow(clippy::needless_range_loop)]
    #[inline(always)]
    fn run(self) {
        let n = self.w.len();
        let g = &self.g[..n];
        let moments = self.moments.map(|moment| &mut moment[..n]);
        for i in 0..n {
            // Not `array::from_fn`: its closure would be a call of a function without the level's instructions.
            let mut before = [F::ZERO; N];
            for k in 0..N {
                before[k] = moments[k][i];
            }
            let (w, after) = self.rule.element(self.w[i], g[i], before);
            self.w[i] = w;
            for k in 0..N {
                moments[k][i] = after[k];
            }
        }
    }
}

/// Runs a rule over all elements. Panics unless all slices have the length of `w`.
pub fn elements<F: Element, R: Rule<F, N>, const N: usize>(
    level: SimdLevel,
    w: &mut [F],
    moments: [&mut [F]; N],
    g: &[F],
    rule: R,
) {
    assert!(
        w.len() == g.len() && moments.iter().all(|moment| moment.len() == w.len()),
        "slices of one length"
    );
    at_level(level, Elements { w, moments, g, rule });
}
