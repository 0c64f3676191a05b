mod bad_input;
mod binned;
mod counts;
mod distances;
mod irregularity;
mod spectrum;

use super::{Measure, Trains};
use lapicque_base::control::Control;
use lapicque_base::rng::Rng;
use serde_json::Value;

/// Trains from lists of times.
fn trains(lists: &[&[f64]], start: f64, stop: f64) -> Trains {
    let ids: Vec<u32> =
        lists.iter().enumerate().flat_map(|(id, list)| std::iter::repeat_n(id as u32, list.len())).collect();
    Trains::new(&lists.concat(), &ids, lists.len(), start, stop).unwrap()
}

/// The columns of a measure.
fn measure(trains: &Trains, options: Value) -> Vec<Vec<f64>> {
    let columns = Measure::from_json(&options.to_string()).unwrap().of(trains, &Control::detached()).unwrap();
    columns.into_iter().map(|(_, values)| values).collect()
}

/// `count` Poisson trains of `rate` Hz over `[0, stop]` ms.
fn poisson(count: usize, rate: f64, stop: f64, seed: u64) -> Trains {
    let (mut times, mut ids) = (Vec::new(), Vec::new());
    for id in 0..count {
        let rng = Rng::new(seed, id as u64);
        let (mut time, mut draw) = (0.0, 0);
        loop {
            time += -libm::log(1.0 - rng.uniform_f64_at(draw)) * 1000.0 / rate;
            draw += 1;
            if time >= stop {
                break;
            }
            times.push(time);
            ids.push(id as u32);
        }
    }
    Trains::new(&times, &ids, count, 0.0, stop).unwrap()
}

fn close(got: f64, wanted: f64, tolerance: f64) {
    assert!((got - wanted).abs() <= tolerance, "{got} is not {wanted}");
}
