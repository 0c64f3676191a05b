//! A program compiled for one precision and one SIMD level.

use std::any::TypeId;
use std::marker::PhantomData;

use super::args::{Arg, Outs};
use super::generated;
use super::generated_double;
use super::interp;
use super::native::{self, ByLevel, Last, Native};
use super::program::{OutSlot, Program};
use super::registers::Code;
use super::scalar::Scalar;
use super::spike_bits;
use super::step::{BLOCK, VECTOR};
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;

/// Runs a [`Program`]: by a native function if the generated table contains this program, otherwise by the interpreter. Both
/// give the same bits.
pub struct Kernel<F: Real> {
    program: Program,
    code: Code,
    level: SimdLevel,
    /// Only for `f32`; the native function of a sub-step processes whole vectors.
    native: Option<Native<f32>>,
    /// The native function that returns spikes as bits.
    spiking: Option<Native<f32>>,
    /// Only for `f64`.
    double: Option<Native<f64>>,
    precision: PhantomData<fn(F)>,
}

impl<F: Real> Kernel<F> {
    /// A level that the CPU lacks is replaced by the best available one.
    pub fn new(program: &Program, level: SimdLevel) -> Self {
        let level = if level.is_supported() { level } else { SimdLevel::detect() };
        let is_single = TypeId::of::<F>() == TypeId::of::<f32>();
        let find =
            |last| ByLevel::find(generated::TABLE, &native::key(program, last), level).filter(|_| is_single);
        Kernel {
            native: find(Last::Elements),
            spiking: find(Last::Spikes),
            double: ByLevel::find(generated_double::TABLE, &native::key(program, Last::Elements), level)
                .filter(|_| !is_single),
            ..Self::interpreted(program, level)
        }
    }

    /// A kernel that ignores the table of native functions.
    pub fn interpreted(program: &Program, level: SimdLevel) -> Self {
        let code = Code::allocate(program, &program.uniform);
        let program = program.clone();
        Kernel { program, code, level, native: None, spiking: None, double: None, precision: PhantomData }
    }

    /// Whether the table contains the program in either form.
    pub fn is_native(&self) -> bool {
        self.native.or(self.spiking).is_some() || self.double.is_some()
    }

    /// `args` are in the order of [`Program::args`], `outs` in that of [`Program::outs`]. Every [`Arg::Elements`] and every
    /// output has at least `elements` elements. `scratch` grows as needed and keeps nothing between runs.
    pub fn run(&self, elements: usize, args: &[Arg<F>], outs: &mut [&mut [F]], scratch: &mut Vec<F>) {
        let as_declared = self.is_as_declared(args);
        if TypeId::of::<F>() == TypeId::of::<f32>() {
            // Safety: F is f32.
            let (args, outs, scratch) = unsafe { cast::<F, f32>(args, outs, scratch) };
            match self.native {
                Some(native)
                    if as_declared && (elements.is_multiple_of(VECTOR) || !self.program.is_round()) =>
                {
                    native(elements, args, outs, &mut []);
                }
                _ => self.interpret(as_declared, elements, args, outs, scratch),
            }
        } else {
            assert!(TypeId::of::<F>() == TypeId::of::<f64>(), "Real is f32 or f64");
            // Safety: F is f64.
            let (args, outs, scratch) = unsafe { cast::<F, f64>(args, outs, scratch) };
            match self.double {
                Some(native) if as_declared => native(elements, args, outs, &mut []),
                _ => self.interpret(as_declared, elements, args, outs, scratch),
            }
        }
    }

    /// As [`run`](Self::run), with the last output as spikes: in `words` one bit per element, set if the value is above zero. The
    /// words do not change if the program returns no spikes. Panics unless there is a word for every 64 elements of a program
    /// with spikes.
    pub fn step(
        &self,
        elements: usize,
        args: &[Arg<F>],
        outs: &mut [&mut [F]],
        words: &mut [u64],
        scratch: &mut Vec<F>,
    ) {
        if self.program.outs.last() != Some(&OutSlot::Spike) {
            return self.run(elements, args, outs, scratch);
        }
        assert_eq!(elements, BLOCK * words.len(), "elements of {} words", words.len());
        if let Some(native) = self.spiking.filter(|_| self.is_as_declared(args)) {
            // Safety: F is f32, or there would be no native function.
            let (args, outs, _) = unsafe { cast::<F, f32>(args, outs, scratch) };
            return native(elements, args, outs, words);
        }
        let mut spikes = vec![F::ZERO; elements];
        let mut all: Outs<F> = outs.iter_mut().map(|out| &mut **out).collect();
        all.push(&mut spikes);
        self.run(elements, args, &mut all, scratch);
        drop(all);
        spike_bits::pack(&spikes, words);
    }

    fn is_as_declared(&self, args: &[Arg<F>]) -> bool {
        args.iter().zip(&self.program.uniform).all(|(arg, &u)| arg.is_uniform() == u)
    }

    fn interpret<T: Scalar>(
        &self,
        as_declared: bool,
        elements: usize,
        args: &[Arg<T>],
        outs: &mut [&mut [T]],
        scratch: &mut Vec<T>,
    ) {
        if as_declared {
            interp::run(self.level, &self.code, elements, args, outs, scratch);
        } else {
            let uniform: Vec<bool> = args.iter().map(|arg| arg.is_uniform()).collect();
            let code = Code::allocate(&self.program, &uniform);
            interp::run(self.level, &code, elements, args, outs, scratch);
        }
    }
}

type Parts<'r, 'a, 'o, T> = (&'r [Arg<'a, T>], &'r mut [&'o mut [T]], &'r mut Vec<T>);

/// Reinterprets references to a type as references to the same type under another name.
///
/// # Safety
/// `F` and `T` must be the same type.
unsafe fn cast<'r, 'a, 'o, F: Real, T: 'static>(
    args: &'r [Arg<'a, F>],
    outs: &'r mut [&'o mut [F]],
    scratch: &'r mut Vec<F>,
) -> Parts<'r, 'a, 'o, T> {
    debug_assert!(TypeId::of::<F>() == TypeId::of::<T>());
    // Safety: the caller guarantees that the types are the same.
    unsafe {
        (
            std::slice::from_raw_parts(args.as_ptr().cast(), args.len()),
            std::slice::from_raw_parts_mut(outs.as_mut_ptr().cast(), outs.len()),
            &mut *std::ptr::from_mut(scratch).cast(),
        )
    }
}
