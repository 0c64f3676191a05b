//! Times a network description without Node: `simulate FILE.json SECONDS [TRANSIENT] [threads] [seed]`.

use lapicque_core::control::Control;
use lapicque_core::simd::SimdLevel;
use lapicque_core::simulate::{Description, Simulation};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let number = |i: usize, default: f64| args.get(i).map_or(Ok(default), |text| text.parse());
    let path = args.get(1).ok_or("a description is needed")?;
    let (seconds, transient) = (number(2, 1.0)?, number(3, 0.2)?);
    let (threads, seed) = (number(4, 2.0)? as usize, number(5, 0.0)? as u64);
    let description = Description::from_json(&std::fs::read_to_string(path)?)?;
    let dt = description.dt;
    let steps = |s: f64| (s * 1000.0 / dt).round() as u64;
    let control = Control::detached();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let begin = Instant::now();
    let mut simulation =
        pool.install(|| Simulation::<f32>::new(description, seed, SimdLevel::detect(), &control))?;
    let build = begin.elapsed().as_secs_f64();
    pool.install(|| simulation.run(steps(transient), &control))?;
    let begin = Instant::now();
    let recording = pool.install(|| simulation.run(steps(seconds), &control))?;
    let wall = begin.elapsed().as_secs_f64();
    println!(
        "build {build:.2} s, {wall:.3} s, real-time factor {:.4}, {} synapses, {} events, {:.3} ns an event",
        wall / seconds,
        simulation.synapses(),
        recording.synaptic_events,
        wall * 1e9 / recording.synaptic_events as f64
    );
    for population in &simulation.plan.populations {
        let range = population.first as u32..(population.first + population.size) as u32;
        let spikes = recording.neurons.iter().filter(|n| range.contains(n)).count();
        println!("{} {:.3} Hz", population.name, spikes as f64 / population.size as f64 / seconds);
    }
    // Of two versions that give the same spikes.
    let spikes = recording.steps.iter().zip(&recording.neurons);
    let hash = spikes.fold(0u64, |hash, (&step, &neuron)| {
        (hash.rotate_left(5) ^ step ^ u64::from(neuron) << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    });
    println!("spikes {hash:016x}");
    Ok(())
}
