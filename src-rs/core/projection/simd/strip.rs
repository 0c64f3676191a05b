//! A strip of `N` contiguous registers: the part of a row that a kernel keeps in registers.

use super::registers::{Lanes, WIDEST};
use lapicque_base::Real;

#[derive(Clone, Copy)]
pub struct Strip<V, const N: usize>([V; N]);

/// # Safety
/// As for `Lanes`: the instructions of `V`, and `N * WIDTH` elements at every pointer.
impl<V: Lanes, const N: usize> Strip<V, N> {
    pub const WIDTH: usize = N * V::WIDTH;

    #[inline(always)]
    pub unsafe fn splat(x: V::F) -> Self {
        // SAFETY: by the contract above, as in all functions here.
        unsafe { Strip([V::splat(x); N]) }
    }

    #[inline(always)]
    pub unsafe fn load(p: *const V::F) -> Self {
        // SAFETY: see `splat`.
        unsafe {
            let mut strip = Self::splat(V::F::default());
            for (j, register) in strip.0.iter_mut().enumerate() {
                *register = V::load(p.add(j * V::WIDTH));
            }
            strip
        }
    }

    #[inline(always)]
    pub unsafe fn store(self, p: *mut V::F) {
        for (j, register) in self.0.into_iter().enumerate() {
            // SAFETY: see `splat`.
            unsafe { register.store(p.add(j * V::WIDTH)) };
        }
    }

    /// `self + row`, element by element, with the row in memory.
    #[inline(always)]
    pub unsafe fn add_row(&mut self, row: *const V::F) {
        for (j, register) in self.0.iter_mut().enumerate() {
            // SAFETY: see `splat`.
            *register = unsafe { register.add(V::load(row.add(j * V::WIDTH))) };
        }
    }

    /// `self + other`, element by element.
    #[inline(always)]
    pub unsafe fn add(&mut self, other: &Self) {
        for (register, other) in self.0.iter_mut().zip(other.0) {
            // SAFETY: see `splat`.
            *register = unsafe { register.add(other) };
        }
    }

    /// `fma(x, w, self)`, element by element of all three.
    #[inline(always)]
    pub unsafe fn add_product(&mut self, x: &Self, w: &Self) {
        for ((acc, x), w) in self.0.iter_mut().zip(x.0).zip(w.0) {
            // SAFETY: see `splat`.
            *acc = unsafe { x.mul_add(w, *acc) };
        }
    }

    /// The sum of all elements: the second half of them is added to the first until one is left. The strip has a power of
    /// two of elements.
    #[inline(always)]
    pub unsafe fn total(self) -> V::F {
        let mut registers = self.0;
        let mut count = N;
        // SAFETY: see `splat`; the last store is of one register into an array as large as the widest register.
        unsafe {
            while count > 1 {
                count /= 2;
                for j in 0..count {
                    registers[j] = registers[j].add(registers[j + count]);
                }
            }
            let mut sum = registers[0];
            let mut by = V::WIDTH / 2;
            while by > 0 {
                sum = sum.add(sum.slide(sum, by));
                by /= 2;
            }
            let mut elements = [V::F::default(); WIDEST];
            sum.store(elements.as_mut_ptr());
            elements[0]
        }
    }

    /// `fma(x, w, self)`, element by element.
    #[inline(always)]
    pub unsafe fn mul_add(&mut self, x: V, w: &Self) {
        for (acc, w) in self.0.iter_mut().zip(w.0) {
            // SAFETY: see `splat`.
            *acc = unsafe { x.mul_add(w, *acc) };
        }
    }
}

/// `to += x from`, element by element.
///
/// # Safety
/// The CPU has the instructions of `V`; the slices have the same length.
#[inline(always)]
pub(crate) unsafe fn add_scaled<V: Lanes>(x: V::F, from: &[V::F], to: &mut [V::F]) {
    let (len, factor) = (to.len().min(from.len()), x);
    let (from, to) = (from.as_ptr(), to.as_mut_ptr());
    let mut i = 0;
    // SAFETY: everything up to `len` lies in both slices; the caller guarantees the instructions.
    unsafe {
        let x = V::splat(factor);
        while i + 4 * V::WIDTH <= len {
            let mut sums = Strip::<V, 4>::load(to.add(i));
            sums.mul_add(x, &Strip::load(from.add(i)));
            sums.store(to.add(i));
            i += 4 * V::WIDTH;
        }
        while i + V::WIDTH <= len {
            x.mul_add(V::load(from.add(i)), V::load(to.add(i))).store(to.add(i));
            i += V::WIDTH;
        }
        while i < len {
            *to.add(i) = factor.mul_add(*from.add(i), *to.add(i));
            i += 1;
        }
    }
}
