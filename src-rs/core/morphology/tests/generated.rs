//! The native programs of mechanisms: the committed file is what is emitted now, and computes what the interpreter computes, bit for
//! bit.

use lapicque_base::simd::SimdLevel;
use lapicque_expr::emit::{Precision, emit};
use lapicque_expr::{Arg, Kernel, Last, Program};

use crate::cable::{Model, Painted, Passive};
use crate::mechanism::{Bound, built_in};

/// Mechanisms and their adjoints: with one value of each parameter, and with one for each compartment.
fn programs() -> Vec<(String, Program, Last)> {
    let mut programs = Vec::new();
    for name in ["passive", "hh"] {
        for (is_uniform, what) in [(true, name.to_string()), (false, format!("{name}, parameters spread"))] {
            let definition = built_in(name).unwrap();
            let painted = Painted { definition, nodes: vec![0], values: [].into(), scales: [].into() };
            let model = Model {
                passive: Passive::default(),
                mechanisms: vec![painted],
                ions: Model::default_ions(),
                gaps: vec![],
                celsius: 6.3,
                v_init: -65.0,
            };
            let environment = model.environment(0.025).unwrap();
            let definition = &model.mechanisms[0].definition;
            let bound = Bound::new(definition, &environment, is_uniform, true, SimdLevel::Portable).unwrap();
            let adjoint = bound.adjoint.unwrap();
            let parts = [
                ("currents", bound.current),
                ("step", bound.step),
                ("adjoint of currents", adjoint.current),
                ("adjoint of a step", adjoint.step),
            ];
            programs.extend(parts.into_iter().filter_map(|(part, program)| {
                Some((format!("{what}: {part}"), program?.program().clone(), Last::Elements))
            }));
        }
    }
    programs
}

#[test]
fn generated_programs_are_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../expr/generated_double.rs");
    let emitted = emit(&programs(), Precision::Double);
    if std::env::var_os("LAPICQUE_UPDATE").is_some() {
        std::fs::write(path, &emitted).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(committed == emitted, "stale: run LAPICQUE_UPDATE=1 cargo test -p lapicque-morphology generated");
}

/// Values in the range of voltages, gates and densities, and far outside of it.
fn values(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let draw = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let x = (state >> 11) as f64 / (1_u64 << 53) as f64;
        match state >> 33 & 63 {
            0 => 0.0,
            1 => -40.0,
            2 => -1e-310,
            3 => 1e30,
            k if k < 32 => x,
            _ => 120.0 * (x - 0.7),
        }
    };
    (0..n).map(draw).collect()
}

#[test]
fn generated_and_interpreted_bits_are_the_same_at_every_level() {
    for (what, program, _) in programs() {
        for elements in [0, 1, 7, 64, 1023] {
            let data: Vec<Vec<f64>> =
                (0..program.args.len()).map(|i| values(elements.max(1), 11 + i as u64)).collect();
            let run = |kernel: &Kernel<f64>| -> Vec<Vec<u64>> {
                let arg = |(i, (x, &u))| match u {
                    true => Arg::Uniform(0.4 + 0.3 * i as f64),
                    false => Arg::Elements(x),
                };
                let args: Vec<Arg<f64>> =
                    data.iter().map(Vec::as_slice).zip(&program.uniform).enumerate().map(arg).collect();
                let mut outs = vec![vec![0.0; elements]; program.outs.len()];
                let mut slices: Vec<&mut [f64]> = outs.iter_mut().map(Vec::as_mut_slice).collect();
                kernel.run(elements, &args, &mut slices, &mut Vec::new());
                // Which bits a not-a-number has is not defined.
                let bits = |x: &f64| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() };
                outs.iter().map(|out| out.iter().map(bits).collect()).collect()
            };
            let expected = run(&Kernel::interpreted(&program, SimdLevel::Portable));
            for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
                let native = Kernel::new(&program, level);
                let is_compiled = level != SimdLevel::Portable || cfg!(not(target_arch = "x86_64"));
                assert_eq!(native.is_native(), is_compiled, "{what}");
                assert!(run(&native) == expected, "{what}: generated at {}", level.name());
                assert!(run(&Kernel::interpreted(&program, level)) == expected, "{what}: {}", level.name());
            }
        }
    }
}

/// The limits of the machine: nanoseconds for each exponential and each division of a double, of as many as one tile has compartments.
/// A step of `hh` has nine exponentials and six divisions, and the elimination one division.
#[test]
#[ignore = "a measurement"]
fn limits() {
    use lapicque_expr::graph::{input, trace};
    use lapicque_expr::{ArgSlot, OutSlot, Scalar};
    let data: Vec<f64> = (0..800).map(|i| 1.0 + f64::from(i) / 800.0).collect();
    for name in ["exponential", "division"] {
        let (graph, x) = trace(false, || match name {
            "exponential" => input(0).exp(),
            _ => input(0).not() / input(0),
        });
        let program = Program::lower(&graph, &[ArgSlot::State(0)], |_| false, &[(OutSlot::State(0), x)]);
        let kernel = Kernel::interpreted(&program, SimdLevel::detect());
        let (mut out, mut scratch) = (vec![0.0; 800], Vec::new());
        let mut best = f64::INFINITY;
        for _ in 0..200 {
            let start = std::time::Instant::now();
            for _ in 0..50 {
                kernel.run(800, &[Arg::Elements(&data)], &mut [&mut out], &mut scratch);
            }
            best = best.min(start.elapsed().as_nanos() as f64 / (50.0 * 800.0));
        }
        println!("{name}: {best:.2} ns");
    }
}
