//! The native kernels: the committed table is what is emitted now, and computes what the
//! interpreter computes, bit for bit.

use std::path::Path;

use lapicque_core::dynamics::Bound;
use lapicque_core::expr::emit::{Precision, emit};
use lapicque_core::expr::emit_steps::emit_steps;
use lapicque_core::expr::step::{self, Source};
use lapicque_core::expr::{Arg, ArgSlot, Kernel, Last, Program};
use lapicque_core::plasticity;
use lapicque_core::simd::SimdLevel;
use serde_json::{Value, json};

/// The descriptions that get native kernels. Parameters are one value a layer and not learned, but for
/// those of token shift and WKV; their values do not matter, nor does the slope of a surrogate.
fn descriptions() -> Vec<(&'static str, Value)> {
    let lif = json!({"model": "lif", "params": {"beta": 0.9}});
    let cuba = json!({"model": "cuba-lif", "params": {"beta": 0.9, "alpha": 0.8}, "like": "snntorch"});
    let hard = json!({"model": "lif", "like": "spikingjelly"});
    let detached = json!({"model": "lif", "like": "spikingjelly", "options": {"detachReset": true}});
    let soft = json!({"model": "lif", "like": "spikingjelly", "options": {"reset": "subtract"}});
    let same = json!({"model": "lif", "params": {"beta": 0.9}, "options": {"resetTiming": "same-step"}});
    let to_value = json!({"model": "lif", "params": {"beta": 0.9}, "options": {"resetTiming": "same-step", "reset": "value"}});
    let norse = json!({"model": "lif", "like": "norse"});
    let nir = json!({"model": "lif", "like": "nir", "params": {"tauMem": 10}});
    let threshold =
        json!({"model": "lif", "params": {"beta": 0}, "options": {"reset": "none", "compare": ">="}});
    let spread = [0.02; 8];
    let with = |spec: &Value, surrogate: &str| {
        let mut spec = spec.clone();
        spec["surrogate"] = surrogate.into();
        spec
    };
    vec![
        ("lif, atan", with(&lif, "atan")),
        ("lif, fast-sigmoid", with(&lif, "fast-sigmoid")),
        ("lif, triangular", with(&lif, "triangular")),
        ("lif, boxcar", with(&lif, "boxcar")),
        ("lif, same-step, atan", with(&same, "atan")),
        ("lif, same-step, fast-sigmoid", with(&same, "fast-sigmoid")),
        ("lif, same-step to a value, atan", with(&to_value, "atan")),
        ("lif, same-step to a value, fast-sigmoid", with(&to_value, "fast-sigmoid")),
        ("lif like norse, fast-sigmoid", norse),
        ("lif like nir, atan", nir),
        ("li", json!({"model": "li", "params": {"beta": 0.9}})),
        ("threshold, atan", with(&threshold, "atan")),
        ("gated-leaky", json!({"model": "gated-leaky"})),
        ("cuba-lif like snntorch, atan", with(&cuba, "atan")),
        ("cuba-lif like snntorch, fast-sigmoid", with(&cuba, "fast-sigmoid")),
        ("lif like spikingjelly, hard reset, sigmoid", with(&hard, "sigmoid")),
        ("lif like spikingjelly, hard reset, atan", with(&hard, "atan")),
        ("lif like spikingjelly, detached hard reset, sigmoid", with(&detached, "sigmoid")),
        ("lif like spikingjelly, detached hard reset, atan", with(&detached, "atan")),
        ("lif like spikingjelly, soft reset, sigmoid", with(&soft, "sigmoid")),
        ("lif like spikingjelly, soft reset, atan", with(&soft, "atan")),
        ("alif, atan", json!({"model": "alif", "params": {"beta": 0.9}})),
        ("slstm, atan", json!({"model": "slstm"})),
        ("rate-unit", json!({"model": "rate-unit"})),
        ("rate-unit, tanh", json!({"model": "rate-unit", "options": {"activation": "tanh"}})),
        ("rate-unit, relu", json!({"model": "rate-unit", "options": {"activation": "relu"}})),
        ("izhikevich, atan", json!({"model": "izhikevich"})),
        ("adex, atan", json!({"model": "adex"})),
        ("hodgkin-huxley, atan", json!({"model": "hodgkin-huxley"})),
        ("token-shift, a mix a channel", json!({"model": "token-shift", "params": {"mix": spread}})),
        ("wkv, a decay a channel", json!({"model": "wkv", "params": {"decay": spread, "bonus": spread}})),
        ("sigmoid-gate", json!({"model": "sigmoid-gate"})),
        ("squared rectifier", json!({"model": "rate-unit", "options": {"activation": "squared-relu"}})),
    ]
}

/// Neurons of large networks, which are not trained.
fn simulated() -> Vec<(&'static str, Value)> {
    let refractory = json!({"tauMem": 20, "tauRef": 2});
    let from_zero = json!({"tauMem": 20, "tauRef": 2, "vThreshold": 20, "vReset": 0, "vLeak": 0});
    let spread = [0.02; 8];
    let izhikevich = json!({"a": spread, "b": spread, "c": spread, "d": spread});
    let excitatory = json!({"c": spread, "d": spread});
    let inhibitory = json!({"a": spread, "b": spread});
    vec![
        ("lif like nest", json!({"model": "lif", "like": "nest", "params": refractory})),
        ("lif like nest from 0 mV", json!({"model": "lif", "like": "nest", "params": from_zero})),
        ("izhikevich, spread", json!({"model": "izhikevich", "params": izhikevich})),
        ("izhikevich, c and d spread", json!({"model": "izhikevich", "params": excitatory})),
        ("izhikevich, a and b spread", json!({"model": "izhikevich", "params": inhibitory})),
        ("iaf-psc-exp-shared", json!({"model": "iaf-psc-exp-shared"})),
        ("iaf-psc-exp", json!({"model": "iaf-psc-exp"})),
        ("iaf-psc-alpha", json!({"model": "iaf-psc-alpha"})),
        ("iaf-cond-exp", json!({"model": "iaf-cond-exp"})),
        ("iaf-cond-alpha", json!({"model": "iaf-cond-alpha"})),
        ("hh-cond-exp-traub", json!({"model": "hh-cond-exp-traub"})),
    ]
}

/// Neurons of large networks whose step has several rounds of a method.
fn rolled() -> Vec<(&'static str, Value)> {
    let rests = json!({"tauRef": 2});
    vec![
        ("aeif-cond-exp", json!({"model": "aeif-cond-exp"})),
        ("aeif-cond-exp, refractory", json!({"model": "aeif-cond-exp", "params": rests})),
        ("aeif-psc-exp", json!({"model": "aeif-psc-exp"})),
        ("aeif-psc-exp, refractory", json!({"model": "aeif-psc-exp", "params": rests})),
        ("hh-psc-alpha", json!({"model": "hh-psc-alpha"})),
    ]
}

/// Rules of synapses. Where a power is 0 or 1 the program says so; other values do not matter.
fn rules() -> Vec<(&'static str, Value)> {
    let stdp = |plus: f64, minus: f64| json!({"model": "stdp", "params": {"muPlus": plus, "muMinus": minus}});
    vec![
        ("stdp, multiplicative", stdp(1.0, 1.0)),
        ("stdp, additive", stdp(0.0, 0.0)),
        ("stdp, additive and multiplicative", stdp(0.0, 1.0)),
        ("stdp of other powers", stdp(0.5, 0.5)),
        ("triplet-stdp", json!({"model": "triplet-stdp"})),
        ("inhibitory-stdp", json!({"model": "inhibitory-stdp"})),
        ("reward-stdp", json!({"model": "reward-stdp"})),
        ("tsodyks-markram", json!({"model": "tsodyks-markram"})),
    ]
}

fn programs() -> Vec<(String, Program, Last)> {
    let mut programs = Vec::new();
    let last = |bound: &Bound| if bound.spiking { Last::Spikes } else { Last::Elements };
    for (what, spec) in descriptions() {
        let bound = Bound::new(&spec, 8, 1.0).unwrap();
        let last = last(&bound);
        programs.push((format!("{what}: forward"), bound.forward, last));
        programs.push((format!("{what}: adjoint"), bound.adjoint, Last::Elements));
        programs.extend(bound.active.map(|active| (format!("{what}: active"), active, Last::Spikes)));
    }
    for (what, spec) in simulated() {
        let bound = Bound::new(&spec, 8, 0.1).unwrap();
        let last = last(&bound);
        programs.push((format!("{what}: forward"), bound.forward, last));
    }
    for (what, spec) in rolled() {
        let rolled = Bound::new(&spec, 8, 0.1).unwrap().rolled.unwrap();
        programs.push((format!("{what}: round"), rolled.sub_step, Last::Elements));
    }
    for (what, spec) in rules() {
        let rule = plasticity::Bound::new(&spec, 0.1).unwrap();
        let events = [
            ("pre", Some(rule.pre)),
            ("post", rule.post),
            ("modulated", rule.modulated),
            ("relax", rule.relax),
        ];
        let emitted = events
            .into_iter()
            .filter_map(|(event, program)| Some((format!("{what}: {event}"), program?, Last::Elements)));
        programs.extend(emitted);
    }
    programs
}

/// Steps of large networks: with ports filled before, and with those of synapses read as sums while no current enters.
fn steps() -> Vec<(String, Program, Vec<Source>)> {
    let mut steps = Vec::new();
    for (what, spec) in simulated() {
        let bound = Bound::new(&spec, 8, 0.1).unwrap();
        let summed = |port: usize| match bound.ports[port] {
            "current" if bound.ports.len() > 1 => Source::Uniform,
            _ => Source::Sums,
        };
        let forward = &bound.forward;
        let sources = |of_port: &dyn Fn(usize) -> Source| -> Vec<Source> {
            let of = |(&slot, &uniform): (&ArgSlot, &bool)| match slot {
                ArgSlot::State(i) => Source::State(i),
                ArgSlot::Port(port) => of_port(port),
                _ if uniform => Source::Uniform,
                _ => Source::Elements,
            };
            forward.args.iter().zip(&forward.uniform).map(of).collect()
        };
        steps.push((format!("{what}: ports filled"), forward.clone(), sources(&|_| Source::Elements)));
        steps.push((format!("{what}: ports summed"), forward.clone(), sources(&summed)));
    }
    steps
}

fn check_up_to_date(file: &str, emitted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("LAPICQUE_UPDATE").is_some() {
        std::fs::write(&path, emitted).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(
        committed == emitted,
        "stale: run LAPICQUE_UPDATE=1 cargo test -p lapicque-core --test generated"
    );
}

#[test]
fn the_generated_kernels_are_up_to_date() {
    check_up_to_date("expr/generated.rs", &emit(&programs(), Precision::Single));
    check_up_to_date("expr/generated_steps.rs", &emit_steps(&steps()));
}

/// Values of every kind a run may meet, from a small generator.
fn values(n: usize, seed: u64) -> Vec<f32> {
    let mut state = seed;
    let draw = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let x = ((state >> 40) as f32 / (1 << 24) as f32 - 0.3) * 4.0;
        match state >> 33 & 63 {
            0 => 0.0,
            1 => 1.0,
            2 => -1e-40,
            3 => 1e30,
            _ => x,
        }
    };
    (0..n).map(draw).collect()
}

/// What `program` gives of the same numbers, and which elements spike where it gives spikes as bits.
fn run(kernel: &Kernel<f32>, program: &Program, last: Last, elements: usize) -> (Vec<Vec<u32>>, Vec<bool>) {
    let data: Vec<Vec<f32>> =
        (0..program.args.len()).map(|i| values(elements.max(1), 11 + i as u64)).collect();
    let uniform = |i: usize| Arg::Uniform(0.4 + 0.3 * i as f32);
    let args: Vec<Arg<f32>> = (0..data.len())
        .map(|i| if program.uniform[i] { uniform(i) } else { Arg::Elements(&data[i]) })
        .collect();
    let mut outs = vec![vec![0.0f32; elements]; program.outs.len()];
    let mut slices: Vec<&mut [f32]> = outs.iter_mut().map(Vec::as_mut_slice).collect();
    if last == Last::Elements {
        kernel.run(elements, &args, &mut slices, &mut Vec::new());
        return (bits(&outs), vec![]);
    }
    slices.pop();
    let mut words = vec![!0; elements / 64];
    kernel.step(elements, &args, &mut slices, &mut words, &mut Vec::new());
    outs.pop();
    (bits(&outs), (0..elements).map(|element| words[element / 64] >> (element % 64) & 1 == 1).collect())
}

/// The bits of every number; which bits a not-a-number has is not defined.
fn bits(outs: &[Vec<f32>]) -> Vec<Vec<u32>> {
    let one = |x: &f32| if x.is_nan() { f32::NAN.to_bits() } else { x.to_bits() };
    outs.iter().map(|out| out.iter().map(one).collect()).collect()
}

/// The portable level is left to the interpreter where there are others.
fn is_compiled(level: SimdLevel) -> bool {
    level != SimdLevel::Portable || cfg!(not(target_arch = "x86_64"))
}

#[test]
fn native_and_interpreted_bits_are_the_same_at_every_level() {
    for (what, program, last) in programs() {
        let lengths = match last {
            Last::Elements => [0, 1, 7, 64, 100, 1023, 2560],
            Last::Spikes => [0, 64, 128, 192, 640, 1024, 2560],
        };
        for elements in lengths {
            let reference = Kernel::interpreted(&program, SimdLevel::Portable);
            let mut expected = run(&reference, &program, Last::Elements, elements);
            if last == Last::Spikes {
                let spikes = expected.0.pop().unwrap();
                expected.1 = spikes.into_iter().map(|spike| f32::from_bits(spike) > 0.0).collect();
            }
            for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
                let native = Kernel::<f32>::new(&program, level);
                assert_eq!(native.is_native(), is_compiled(level), "{what}");
                let run = |kernel| run(kernel, &program, last, elements);
                assert!(run(&native) == expected, "{what}: native at {}", level.name());
                let interpreted = Kernel::interpreted(&program, level);
                assert!(run(&interpreted) == expected, "{what}: {}", level.name());
            }
        }
    }
}

/// A step with the kernel's arguments beside the interpreter that is given the same numbers.
#[test]
fn steps_give_the_bits_of_the_interpreter_at_every_level() {
    for (what, program, sources) in steps() {
        for blocks in [0, 1, 3, 8] {
            let (elements, stride) = (64 * blocks, 64 * blocks + 128);
            let unit = 0.03f32;
            let sums: Vec<i32> = values(elements, 5).iter().map(|x| (x * 10.0) as i32).collect();
            let data: Vec<Vec<f32>> =
                (0..program.args.len()).map(|i| values(elements, 11 + i as u64)).collect();
            let states = program.outs.len() - 1;
            let read = |i: usize| (0..sources.len()).find(|&arg| sources[arg] == Source::State(i));
            let number = |arg: usize| match sources[arg] {
                Source::Sums => unit,
                Source::Uniform => 0.4 + 0.3 * arg as f32,
                _ => 0.0,
            };
            let numbers: Vec<f32> = (0..sources.len()).map(number).collect();
            let arrived: Vec<f32> = sums.iter().map(|&sum| sum as f32 * unit).collect();
            let args: Vec<Arg<f32>> = (0..sources.len())
                .map(|arg| match sources[arg] {
                    Source::Uniform => Arg::Uniform(numbers[arg]),
                    Source::Sums => Arg::Elements(&arrived),
                    _ => Arg::Elements(&data[arg]),
                })
                .collect();
            let mut expected = vec![vec![0.0f32; elements]; states + 1];
            let mut outs: Vec<&mut [f32]> = expected.iter_mut().map(Vec::as_mut_slice).collect();
            let reference = Kernel::interpreted(&program, SimdLevel::Portable);
            reference.run(elements, &args, &mut outs, &mut Vec::new());
            let spikes = expected.pop().unwrap();

            let levels = SimdLevel::ALL.into_iter().filter(|level| level.is_supported());
            for level in levels.filter(|&level| is_compiled(level)) {
                let step = step::find(&program, &sources, level).unwrap();
                let mut tile = vec![7.0f32; states * stride];
                for (i, tile) in tile.chunks_exact_mut(stride).enumerate() {
                    read(i).inspect(|&arg| tile[..elements].copy_from_slice(&data[arg]));
                }
                let summed = || sources.iter().filter(|&&source| source == Source::Sums);
                let mut accumulators: Vec<Vec<i32>> = summed().map(|_| sums.clone()).collect();
                let mut own: Vec<&mut [i32]> = accumulators.iter_mut().map(Vec::as_mut_slice).collect();
                let filled: Vec<&[f32]> = (0..sources.len())
                    .filter(|&arg| sources[arg] == Source::Elements)
                    .map(|arg| &data[arg][..])
                    .collect();
                let mut words = vec![!0; blocks];
                step(&mut tile, stride, &mut own, &filled, &numbers, &mut words);

                let (kept, rest): (Vec<_>, Vec<_>) = (tile.chunks_exact(stride))
                    .map(|state| (state[..elements].to_vec(), state[elements..].to_vec()))
                    .unzip();
                assert!(bits(&kept) == bits(&expected), "{what}: states at {}", level.name());
                assert!(rest.iter().flatten().all(|&x| x == 7.0), "{what}: elements beyond");
                assert!(accumulators.iter().flatten().all(|&sum| sum == 0), "{what}: not cleared");
                let spike = |element: usize| words[element / 64] >> (element % 64) & 1 == 1;
                assert!(
                    (0..elements).all(|element| spike(element) == (spikes[element] > 0.0)),
                    "{what}: spikes"
                );
            }
        }
    }
}

#[test]
fn arguments_other_than_declared_give_the_same_bits() {
    let (_, program, last) = programs().swap_remove(1);
    let n = 40;
    let kernel = Kernel::<f32>::new(&program, SimdLevel::detect());
    let (expected, _) = run(&kernel, &program, last, n);
    let data: Vec<Vec<f32>> = (0..program.args.len())
        .map(|i| if program.uniform[i] { vec![0.4 + 0.3 * i as f32; n] } else { values(n, 11 + i as u64) })
        .collect();
    let args: Vec<Arg<f32>> = data.iter().map(|values| Arg::Elements(values)).collect();
    let mut outs = vec![vec![0.0f32; n]; program.outs.len()];
    let mut slices: Vec<&mut [f32]> = outs.iter_mut().map(Vec::as_mut_slice).collect();
    kernel.run(n, &args, &mut slices, &mut Vec::new());
    assert_eq!(bits(&outs), expected);

    // And the other way: nothing arrives from the next step.
    let silent = |uniform: bool| {
        let zeros = vec![0.0f32; n];
        let args: Vec<Arg<f32>> = (program.args.iter().zip(&data).zip(&program.uniform))
            .map(|((slot, values), &is_uniform)| match slot {
                ArgSlot::GradState(_) if uniform => Arg::Uniform(0.0),
                ArgSlot::GradState(_) => Arg::Elements(&zeros),
                _ if is_uniform => Arg::Uniform(values[0]),
                _ => Arg::Elements(values),
            })
            .collect();
        let mut outs = vec![vec![0.0f32; n]; program.outs.len()];
        let mut slices: Vec<&mut [f32]> = outs.iter_mut().map(Vec::as_mut_slice).collect();
        kernel.run(n, &args, &mut slices, &mut Vec::new());
        outs
    };
    assert_eq!(silent(true), silent(false));
}

#[test]
fn one_kernel_serves_steps_of_any_length() {
    let key = |spec: &Value, dt: f64| Bound::new(spec, 8, dt).unwrap().forward.key();
    let bound_to_dt = |(_, spec): &&(&str, Value)| key(spec, 0.02) != key(spec, 0.1);
    let neurons = [simulated(), rolled()].concat();
    let names: Vec<&str> = neurons.iter().filter(bound_to_dt).map(|(what, _)| *what).collect();
    assert!(names.is_empty(), "{names:?} take the length of a step into their programs");
}
