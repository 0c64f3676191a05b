//! Addition of one row of lanes to another.

use super::dispatch::{Kernel, dispatch};
use super::lanes::{Element, Lanes};
use lapicque_base::SimdLevel;

/// `to[i] += more[i]` for as many elements as the shorter slice has.
pub fn add<F: Element>(level: SimdLevel, to: &mut [F], more: &[F]) {
    dispatch(level, Add { to, more });
}

struct Add<'a, F> {
    to: &'a mut [F],
    more: &'a [F],
}

impl<F: Element> Kernel<F> for Add<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        self.to.iter_mut().zip(self.more).for_each(|(x, &y)| *x += y);
    }
}
