//! Known inputs give known events.

use lapicque_event_sensors::SensorSpec;
use lapicque_event_transforms::Events;
use serde_json::{Value, json};

/// Frames of `f(t)` for all pixels, `n + 1` of them, `dt` µs apart.
fn see(camera: Value, n: usize, dt: f64, f: impl Fn(f64) -> f64) -> (Events, u64) {
    let (width, height) = (camera["width"].as_u64().unwrap(), camera["height"].as_u64().unwrap());
    let mut camera = SensorSpec::from_json(&camera.to_string()).unwrap();
    let mut events = Events::default();
    for i in 0..=n {
        let t = i as f64 * dt;
        let frame = vec![f(t) as f32; (width * height) as usize];
        camera.push(&frame, t, &mut events).unwrap();
    }
    (events, camera.operations())
}

fn ideal(on: f64, off: f64) -> Value {
    json!({"kind": "camera", "width": 3, "height": 2, "on": on, "off": off, "response": {"kind": "log", "offset": 0}})
}

#[test]
fn an_exponential_ramp_gives_an_event_at_each_multiple_of_the_threshold() {
    // ln I rises by 2 in 1 s: 13 events at k 0.15 / 2 s.
    let (events, _) = see(ideal(0.15, 0.15), 40, 25_000.0, |t| (2e-6 * t).exp());
    for pixel in 0..6 {
        let times: Vec<i64> =
            events.iter().filter(|e| u64::from(e.x) + 3 * u64::from(e.y) == pixel).map(|e| e.t).collect();
        assert_eq!(times.len(), 13);
        for (k, t) in (1..).zip(times) {
            // Intensities have 32 bits.
            assert!((t as f64 - f64::from(k) * 0.075e6).abs() < 2.0, "event {k} at {t}");
        }
    }
    assert!(events.p.iter().all(|&p| p == 1) && events.t.is_sorted());
    let (falling, _) = see(ideal(0.15, 0.3), 40, 25_000.0, |t| (-2e-6 * t).exp());
    assert_eq!((falling.len(), falling.p.iter().max()), (6 * 6, Some(&0)));
}

/// 1 + c sin: the reference climbs to the highest multiple of the threshold below ln(1 + c) and falls to the lowest above
/// ln(1 - c), in every period.
#[test]
fn a_sine_of_known_contrast_gives_a_known_number_of_events() {
    let (contrast, threshold, periods) = (0.6f64, 0.13, 5.0);
    let (events, _) = see(ideal(threshold, threshold), 5000, 200.0, |t| {
        1.0 + contrast * (t * 1e-6 * 2.0 * std::f64::consts::PI * periods).sin()
    });
    let up = ((1.0 + contrast).ln() / threshold).floor();
    let down = (-(1.0 - contrast).ln() / threshold).floor();
    // The last period ends at 1 on its way up: back to the reference of 0 from below, all but the last crossing, whose level is 1 itself.
    let on = events.iter().filter(|e| e.p == 1).count() as f64 / 6.0;
    let off = events.iter().filter(|e| e.p == 0).count() as f64 / 6.0;
    assert_eq!(off, periods * (up + down));
    assert!((periods * (up + down) - down..=periods * (up + down)).contains(&on), "{on}");
}

#[test]
fn a_still_scene_gives_no_event_and_no_work() {
    let (events, operations) = see(ideal(0.2, 0.2), 1000, 1000.0, |_| 0.5);
    assert_eq!((events.len(), operations), (0, 6));
}

#[test]
fn leak_and_refractory_period_have_their_rates() {
    let mut leaky = ideal(0.2, 0.2);
    leaky["leak"] = json!(10.0);
    let (events, _) = see(leaky, 1000, 1050.0, |_| 0.5);
    assert_eq!(events.len(), 6 * 10);
    let mut resting = ideal(0.15, 0.15);
    resting["refractory"] = json!(100_000.0);
    // Every second crossing, 75 ms apart, is lost.
    let (events, _) = see(resting, 40, 25_000.0, |t| (2e-6 * t).exp());
    assert_eq!(events.len(), 6 * 7);
}

#[test]
fn shot_noise_has_its_rate_in_the_dark_and_a_quarter_in_light() {
    for (light, rate) in [(0.0, 20.0), (1.0, 5.0)] {
        let camera = json!({"kind": "camera", "width": 40, "height": 25, "shotNoise": 20.0, "seed": 4});
        let (events, _) = see(camera, 100, 20_000.0, |_| light);
        let expected = rate * 1000.0 * 2.0;
        let on = events.iter().filter(|e| e.p == 1).count() as f64;
        assert!(
            (events.len() as f64 - expected).abs() < 5.0 * expected.sqrt(),
            "{} for {expected}",
            events.len()
        );
        assert!((on - expected / 2.0).abs() < 5.0 * (expected / 4.0).sqrt());
    }
}

#[test]
fn mismatch_spreads_the_thresholds() {
    let camera = json!({"kind": "camera", "width": 100, "height": 100, "on": 0.3, "mismatch": 0.02, "response": {"kind": "linear"}});
    let (events, _) = see(camera, 1, 1e6, |t| t * 1e-6 * 0.42);
    // One event a pixel, at threshold / 0.42 seconds.
    assert_eq!(events.len(), 10_000);
    let thresholds: Vec<f64> = events.t.iter().map(|&t| t as f64 * 0.42e-6).collect();
    let mean = thresholds.iter().sum::<f64>() / 1e4;
    let deviation = (thresholds.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e4).sqrt();
    assert!(
        (mean - 0.3).abs() < 5.0 * 0.02 / 100.0 && (deviation - 0.02).abs() < 5.0 * 0.02 / 141.0,
        "{mean} {deviation}"
    );
}

#[test]
fn the_filter_follows_a_step_as_its_time_constant_says() {
    // 1 - exp(-2 pi f t) reaches k threshold / step at t = -ln(1 - k threshold / step) / (2 pi f).
    let camera = json!({"kind": "camera", "width": 1, "height": 1, "on": 0.1, "bandwidth": 5.0, "response": {"kind": "linear"}});
    let (events, _) = see(camera, 20_000, 50.0, |t| if t > 0.0 { 1.05 } else { 0.0 });
    assert_eq!(events.len(), 10);
    for (k, &t) in (1..).zip(&events.t) {
        let expected = -(1.0 - f64::from(k) * 0.1 / 1.05).ln() / (10.0 * std::f64::consts::PI) * 1e6;
        assert!((t as f64 - expected).abs() < 30.0, "event {k} at {t}, not {expected}");
    }
}

#[test]
fn level_crossings_and_delta_modulation_of_a_triangle() {
    let count = |scheme: &str| {
        let spec = json!({"kind": "signal", "channels": 2, "threshold": 0.1, "scheme": scheme});
        let mut signal = SensorSpec::from_json(&spec.to_string()).unwrap();
        let mut events = Events::default();
        // Up from 0.05 to 1.05 and back, in channel 1; channel 0 stands still.
        for (i, value) in [0.05f32, 1.05, 0.05].into_iter().enumerate() {
            signal.push(&[3.0, value], i as f64 * 1e6, &mut events).unwrap();
        }
        assert!(events.x.iter().all(|&x| x == 1));
        assert_eq!(signal.operations(), 4);
        let on = events.p.iter().filter(|&&p| p == 1).count();
        (on, events.len() - on, events.t[0])
    };
    // Levels 0.1 … 1.0, each met twice. Delta: 0.15 … 1.05 (32-bit samples), and back from there.
    assert_eq!(count("level"), (10, 10, 50_000));
    let (on, off, first) = count("delta");
    assert!((9..=10).contains(&on) && on == off && first == 100_000, "{on} {off} {first}");
}

#[test]
fn a_tone_fires_its_channel_at_the_rate_of_its_rectified_mean() {
    let rate = 32_000.0;
    let spec = json!({"kind": "cochlea", "rate": rate, "channels": 9, "low": 250, "high": 4000, "gain": 2000.0, "order": 2});
    let mut cochlea = SensorSpec::from_json(&spec.to_string()).unwrap();
    let mut events = Events::default();
    // Channel 4 of 250, 353.6, …: 1000 Hz, where the gain of the band is 1.
    let tone: Vec<f32> = (0..64_000)
        .map(|i| (0.5 * (2.0 * std::f64::consts::PI * 1000.0 * f64::from(i) / rate).sin()) as f32)
        .collect();
    for piece in tone.chunks(777) {
        cochlea.push(piece, 0.0, &mut events).unwrap();
    }
    let mut counts = [0.0; 9];
    events.x.iter().for_each(|&x| counts[usize::from(x)] += 1.0);
    // gain * amplitude / pi * 2 s, but for the time in which the filter rings up.
    let expected = 2000.0 * 0.5 / std::f64::consts::PI * 2.0;
    assert!((counts[4] - expected).abs() < 0.01 * expected, "{counts:?} for {expected}");
    // One band of two poles at half an octave: 1 / sqrt(1 + Q^2 (f/f0 - f0/f)^2), here twice.
    let detuned = 1.0 / (1.0 + 64.0 * 0.5);
    assert!((counts[3] / counts[4] / detuned - 1.0).abs() < 0.1, "{counts:?} for {detuned}");
    let before = cochlea.operations();
    cochlea.push(&vec![0.0; 64_000], 0.0, &mut events).unwrap();
    let rung_out = cochlea.operations();
    cochlea.push(&vec![0.0; 320_000], 0.0, &mut events).unwrap();
    assert!(rung_out - before < 9 * 64_000 && cochlea.operations() == rung_out, "silence costs nothing");
}

#[test]
fn bad_input_is_named() {
    for spec in [
        json!({"kind": "camera", "width": 0, "height": 2}),
        json!({"kind": "camera", "width": 2, "height": 2, "on": 0}),
        json!({"kind": "camera", "width": 2, "height": 2, "leak": -1}),
        json!({"kind": "camera", "width": 2, "height": 2, "leek": 1}),
        json!({"kind": "cochlea", "rate": 16000, "high": 8000}),
        json!({"kind": "cochlea", "rate": 16000, "high": 4000, "order": 0}),
        json!({"kind": "signal", "channels": 1, "threshold": 0}),
        json!({"kind": "ear"}),
    ] {
        assert!(SensorSpec::from_json(&spec.to_string()).is_err(), "{spec}");
    }
    let mut camera = SensorSpec::from_json(&ideal(0.2, 0.2).to_string()).unwrap();
    let mut events = Events::default();
    assert!(camera.push(&[1.0; 5], 0.0, &mut events).is_err());
    assert!(camera.push(&[0.0; 6], 0.0, &mut events).is_err());
    assert!(camera.push(&[f32::NAN; 6], 0.0, &mut events).is_err());
    camera.push(&[1.0; 6], 5.0, &mut events).unwrap();
    assert!(camera.push(&[1.0; 6], 5.0, &mut events).is_err());
}
