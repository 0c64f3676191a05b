//! The smallest class of this binding: the pattern for the others, and a test object for tasks, canceling, progress
//! and disposing.

use crate::arrays::{self, Float32ArraySlice};
use crate::boundary::{Outcome, Raw, sync};
use crate::handle::{Handle, lock};
use crate::numbers;
use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::error::try_vec;
use lapicque_core::workers::Strand;
use lapicque_core::{Control, Error};
use napi::Env;
use napi::bindgen_prelude::{Object, ObjectFinalize};
use napi_derive::napi;
use rayon::prelude::*;
use std::sync::Mutex;
use std::time::Duration;

/// An array of numbers to which others are added.
#[napi(custom_finalize)]
pub struct Probe {
    numbers: Handle<Mutex<Vec<f32>>>,
    strand: Strand,
}

impl ObjectFinalize for Probe {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.numbers.dispose(&env);
        Ok(())
    }
}

#[napi]
impl Probe {
    /// `len` zeros.
    #[napi]
    pub fn create(env: &Env, len: f64) -> Outcome<Probe> {
        sync(|| {
            let len = numbers::size("len", len, 0..=1 << 48)?;
            let zeros = try_vec("the numbers", len, 0_f32)?;
            let numbers = Handle::new(env, "the probe", Mutex::new(zeros), len * size_of::<f32>());
            Ok(Probe { numbers, strand: Strand::default() })
        })
    }

    /// Adds `input` synchronously and copies the sums to `output`; both have `len` elements.
    #[napi]
    pub fn push(&self, input: Float32ArraySlice, output: Float32ArraySlice) -> Outcome<()> {
        sync(|| {
            let numbers = self.numbers.get()?;
            let mut numbers = lock("the probe", &numbers)?;
            input.read("input", |input| add(&mut numbers, input))?;
            arrays::fill("output", &output, &numbers)
        })
    }

    /// Adds `input` once in each of `steps` steps of `milliseconds`, on a thread of the engine.
    /// Resolves to the sums.
    #[napi(ts_return_type = "Promise<Outcome<Float32Array>>")]
    pub fn run<'env>(
        &self,
        env: &'env Env,
        input: Float32ArraySlice,
        steps: f64,
        milliseconds: f64,
        task: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("probe", task).on(&self.strand),
            || {
                let numbers = self.numbers.get()?;
                let input = arrays::copied("input", &input)?;
                let steps = numbers::whole("steps", steps, 0..=numbers::MAX_SAFE_INTEGER)?;
                let pause =
                    Duration::from_secs_f64(numbers::finite("milliseconds", milliseconds, 0.0..=1e6)? / 1e3);
                Ok(move |control: &Control| {
                    let mut numbers = lock("the probe", &numbers)?;
                    for step in 0..steps {
                        control.check()?;
                        add(&mut numbers, &input)?;
                        if !pause.is_zero() {
                            std::thread::sleep(pause);
                        }
                        control.report(step + 1, steps, || serde_json::json!({ "first": numbers.first() }));
                    }
                    Ok(numbers.clone())
                })
            },
            |env, sums| Raw::new(env, arrays::array(env, "the sums", &sums)?),
        )
    }

    /// Frees the numbers.
    #[napi]
    pub fn dispose(&self, env: &Env) {
        self.numbers.dispose(env);
    }
}

fn add(numbers: &mut [f32], input: &[f32]) -> Result<(), Error> {
    if numbers.len() != input.len() {
        let expected = format!("{} elements", numbers.len());
        return Err(Error::invalid("input", format!("{} elements", input.len()), expected));
    }
    let parallel = numbers.len() > 1 << 16 && rayon::current_thread_index().is_some();
    if parallel {
        numbers.par_iter_mut().zip(input).for_each(|(sum, x)| *sum += x);
    } else {
        numbers.iter_mut().zip(input).for_each(|(sum, x)| *sum += x);
    }
    Ok(())
}
