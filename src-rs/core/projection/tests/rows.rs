//! Kernels of many rows at a time, compared with single sums.

use super::super::*;
use super::{assert_bits, levels, spikes, values};

fn parts<F: Element>(count: usize, len: usize) {
    let (x, gradient) = (values::<F>(1, count * len), values::<F>(2, count * len));
    let n = F::from_f64(len as f64);
    let (mut hat, mut inverses, mut entered) = (vec![], vec![], vec![]);
    for (x, g) in x.chunks(len).zip(gradient.chunks(len)) {
        let mean = x.iter().fold(F::ZERO, |sum, &x| sum + x) / n;
        let squares = x.iter().fold(F::ZERO, |sum, &x| (x - mean).mul_add(x - mean, sum));
        let inverse = F::ONE / (squares / n + F::from_f64(1e-3)).sqrt();
        let own: Vec<F> = x.iter().map(|&x| (x - mean) * inverse).collect();
        let plain = g.iter().fold(F::ZERO, |sum, &g| sum + g) / n;
        let product = g.iter().zip(&own).fold(F::ZERO, |sum, (&g, &hat)| g.mul_add(hat, sum)) / n;
        entered.extend(g.iter().zip(&own).map(|(&g, &hat)| inverse * (g - plain - hat * product)));
        hat.extend(own);
        inverses.push(inverse);
    }
    for level in levels() {
        let about = format!("{count} parts of {len}, {}, {}", level.name(), F::NAME);
        let mut own = x.clone();
        assert_bits(&normalize_parts(level, len, 1e-3, &mut own), &inverses, &about);
        assert_bits(&own, &hat, &about);
        normalize_parts_gradient(level, len, &inverses, &gradient, &mut own);
        assert_bits(&own, &entered, &about);
    }
}

#[test]
fn parts_are_normalized_each_by_itself() {
    for (count, len) in [(1, 5), (7, 33), (8, 1), (19, 12)] {
        parts::<f32>(count, len);
        parts::<f64>(count, len);
    }
}

fn factors<F: Element>(rows: usize, width: usize) {
    let (hat, gradient) = (values::<F>(3, rows * width), values::<F>(4, rows * width));
    let begin = [values::<F>(5, width), values::<F>(6, width)];
    let [mut factors, mut offsets] = begin.clone();
    let mut scaled = hat.clone();
    for ((hat, g), scaled) in hat.chunks(width).zip(gradient.chunks(width)).zip(scaled.chunks_mut(width)) {
        for c in 0..width {
            factors[c] = hat[c].mul_add(g[c], factors[c]);
            offsets[c] += g[c];
            scaled[c] = hat[c].mul_add(begin[0][c], begin[1][c]);
        }
    }
    for level in levels() {
        let about = format!("{rows} rows of {width}, {}, {}", level.name(), F::NAME);
        let [mut own, mut plain] = begin.clone();
        for (i, (own, plain)) in own.chunks_mut(SUMMED).zip(plain.chunks_mut(SUMMED)).enumerate() {
            affine_gradients(level, [&hat, &gradient], width, i * SUMMED, [own, plain]);
        }
        assert_bits(&own, &factors, &about);
        assert_bits(&plain, &offsets, &about);
        let mut own = hat.clone();
        scale_rows(level, &begin[0], &begin[1], &mut own);
        assert_bits(&own, &scaled, &about);
    }
}

#[test]
fn factors_and_offsets_sum_their_columns() {
    for (rows, width) in [(9, 5), (20, SUMMED), (3, 2 * SUMMED + 7)] {
        factors::<f32>(rows, width);
        factors::<f64>(rows, width);
    }
}

/// The weight gradient of inputs `first..first + count` of `inputs`; about one input value in three is nonzero.
fn few_rows<F: Element>(rows: usize, inputs: usize, [first, count]: [usize; 2], as_spikes: bool) {
    let fired = spikes::<F>(7, rows, inputs, 0.3);
    let mut x = values::<F>(8, rows * inputs);
    x.iter_mut().zip(&fired).for_each(|(x, &fired)| *x = if as_spikes { fired } else { *x * fired });
    let (gradient, begin) = (values::<F>(9, rows * PANEL), values::<F>(10, count * PANEL));
    let mut expected = begin.clone();
    for (x, g) in x.chunks(inputs).zip(gradient.chunks(PANEL)) {
        for (&x, dw) in x[first..].iter().zip(expected.chunks_mut(PANEL)).filter(|&(&x, _)| x != F::ZERO) {
            dw.iter_mut().zip(g).for_each(|(dw, &g)| *dw = x.mul_add(g, *dw));
        }
    }
    let listed = |x: &[F]| (0..inputs as u32).filter(|&i| x[i as usize] != F::ZERO).collect::<Vec<_>>();
    let lists: Vec<Vec<u32>> = x.chunks(inputs).map(listed).collect();
    let of = |(events, values)| Fired { events, values: if as_spikes { None } else { Some(values) } };
    let entered: Vec<Fired<F>> = lists.iter().map(Vec::as_slice).zip(x.chunks(inputs)).map(of).collect();
    for level in levels() {
        let mut dw = begin.clone();
        dense_weight_gradient(level, &entered, &gradient, first, &mut dw);
        assert_bits(&dw, &expected, &format!("{rows} rows, {first}, {}, {}", level.name(), F::NAME));
    }
}

#[test]
fn weights_of_a_dense_map_sum_rows_in_their_order() {
    for as_spikes in [true, false] {
        for of in [[0, 200], [64, 136], [64, 40]] {
            few_rows::<f32>(33, 200, of, as_spikes);
            few_rows::<f64>(5, 200, of, as_spikes);
        }
    }
}

/// Delays of every length below `reach` steps; some end between two steps.
fn delayed<F: Element>([inputs, outputs]: [usize; 2], steps: usize, reach: usize) {
    let stored = panels(outputs) * inputs * PANEL;
    let (weights, turns) = (values::<F>(11, stored), values::<F>(12, stored));
    let long = |(i, x): (usize, &F)| {
        let whole = (i % reach) as f64;
        F::from_f64(if i % 3 == 0 { whole } else { whole + 0.5 + 0.4 * x.to_f64() })
    };
    let delays: Vec<F> = turns.iter().enumerate().map(long).collect();
    let lags = Lags::new(&delays, 1.0, reach, true);
    let x = spikes::<F>(13, steps, inputs, 0.3);
    let rows = values::<F>(14, (steps + reach) * outputs);
    let mut dx = vec![F::ZERO; inputs * steps];
    let begin = [values::<F>(15, stored), values::<F>(16, stored)];
    let [mut dw, mut delay] = begin.clone();
    for (input, dx) in dx.chunks_mut(steps).enumerate() {
        for output in 0..outputs {
            let at = (output / PANEL * inputs + input) * PANEL + output % PANEL;
            let lag = (delays[at].to_f64().floor() as usize).min(reach - 1);
            let share = F::from_f64(delays[at].to_f64() - lag as f64);
            for (step, dx) in dx.iter_mut().enumerate() {
                let of = |step: usize| rows.get(step * outputs + output).copied().unwrap_or(F::ZERO);
                let (now, later) = (of(step + lag), of(step + lag + 1));
                let arrives = if share == F::ZERO { now } else { now * (F::ONE - share) + later * share };
                *dx += weights[at] * arrives;
                if x[step * inputs + input] != F::ZERO {
                    dw[at] += arrives;
                    delay[at] += weights[at] * (later - now);
                }
            }
        }
    }
    let layer = Delayed { weights: &weights, lags: &lags, inputs, outputs };
    let arrivals = Arrivals::new(&rows, outputs);
    let mut entered = EventsByInput::new(inputs);
    for (step, x) in x.chunks(inputs).enumerate() {
        layer.each_input(Row::Values(x), |input, x| entered.push(input, step, x));
    }
    for level in levels() {
        let about = format!("{steps} steps, {outputs} outputs, {}, {}", level.name(), F::NAME);
        let mut own = vec![F::ZERO; inputs * steps];
        layer.input_gradients(level, &arrivals, &mut own);
        assert_bits(&own, &dx, &about);
    }
    let [mut weight, mut own] = begin;
    layer.weight_gradients(&entered, &arrivals, &mut weight, &mut own);
    assert_bits(&weight, &dw, "weights under delays");
    assert_bits(&own, &delay, "delays");
}

#[test]
fn gradients_go_back_through_delays_in_their_order() {
    for (of, steps, reach) in [([3, 70], 37, 9), ([5, 18], 64, 1), ([2, 5], 7, 20)] {
        delayed::<f32>(of, steps, reach);
        delayed::<f64>(of, steps, reach);
    }
}

/// A row of `channels` × `pixels` elements and the rows that it reaches, as `reached` states. Images are in storage
/// order.
fn filtered<F: Element>([channels, pixels]: [usize; 2], reached: Reached, lines: &[Vec<(usize, usize)>]) {
    let (size, rows) = (channels * pixels, 50);
    let count = lines.iter().flatten().map(|&(_, weight)| weight + 1).max().unwrap_or(0);
    let (x, weights) = (values::<F>(17, size), values::<F>(18, count));
    let (all, begin) = (values::<F>(19, rows * size), values::<F>(20, count));
    let (mut spread, mut dx, mut dw) = (all.clone(), vec![F::ZERO; size], begin.clone());
    for channel in 0..channels {
        for pixel in 0..pixels {
            let at = pixel * channels + channel;
            for &(row, weight) in &lines[channel % lines.len()] {
                spread[row * size + at] += x[at] * weights[weight];
                dx[at] += weights[weight] * all[row * size + at];
                dw[weight] += x[at] * all[row * size + at];
            }
        }
    }
    let filter = Filtered { weights: &weights, channels, pixels };
    let own = Order::of_values(channels);
    let by_element = filter.by_element(&all);
    for level in levels() {
        let about = format!("{channels} × {pixels}, {reached:?}, {}, {}", level.name(), F::NAME);
        let (mut rows, mut back, mut sums) = (all.clone(), vec![F::ZERO; size], begin.clone());
        filter.spread(level, (Row::Values(&x), own), reached, &mut rows);
        assert_bits(&rows, &spread, &about);
        filter.input_gradient(level, &all, reached, own, &mut back);
        assert_bits(&back, &dx, &about);
        let entered = &mut Vec::new();
        filter.weight_gradient(level, (Row::Values(&x), own), (reached, 0), &by_element, entered, &mut sums);
        assert_bits(&sums, &dw, &about);
    }
}

#[test]
fn filters_and_mixtures_sum_in_their_order() {
    let lags = |channel: usize, lags: usize| (0..lags).map(|lag| (lag, channel * lags + lag)).collect();
    let steps = |to: std::ops::Range<usize>| to.map(|to| (to, to * 50 + 3)).collect::<Vec<_>>();
    for shape in [[70, 1], [5, 12]] {
        let each: Vec<_> = (0..shape[0]).map(|channel| lags(channel, 4)).collect();
        filtered::<f32>(shape, Reached::Lags { lags: 40, each: false }, &[lags(0, 40)]);
        filtered::<f32>(shape, Reached::Lags { lags: 4, each: true }, &each);
        let whole = Reached::Steps { steps: 50, from: 3, order: None, first: 0 };
        filtered::<f64>(shape, whole, &[steps(0..50)]);
        let masked = Reached::Steps { steps: 50, from: 3, order: Some(7), first: 0 };
        filtered::<f32>(shape, masked, &[steps(3..10)]);
    }
}

fn written<F: Element>(channels: usize, pixels: usize) {
    let fired: Vec<u32> = (0..(channels * pixels) as u32).filter(|i| i * i % 7 < 2).collect();
    let orders =
        [Order::of_values(channels), Order::public(pixels), Order { channel: 1, pixel: channels + 3 }];
    let size = pixels * (channels + 3);
    for from in orders {
        let mut x = values::<F>(23, size);
        x.iter_mut().step_by(3).for_each(|x| *x = F::ZERO);
        let spike = |channel: usize, pixel: usize| match fired.contains(&((channel * pixels + pixel) as u32))
        {
            true => F::ONE,
            false => F::ZERO,
        };
        for to in &orders[..2] {
            let mut expected = [vec![F::ZERO; channels * pixels], vec![F::ZERO; channels * pixels]];
            for (channel, pixel) in (0..channels).flat_map(|c| (0..pixels).map(move |p| (c, p))) {
                expected[0][to.at(channel, pixel)] = x[from.at(channel, pixel)];
                expected[1][to.at(channel, pixel)] = spike(channel, pixel);
            }
            for level in levels() {
                for (row, expected) in [Row::Values(&x), Row::Events(&fired)].into_iter().zip(&expected) {
                    let mut out = values::<F>(24, channels * pixels);
                    row.write(level, [from, *to], [channels, pixels], &mut out);
                    assert_bits(
                        &out,
                        expected,
                        &format!("{from:?} to {to:?}, {}, {}", level.name(), F::NAME),
                    );
                }
            }
        }
    }
}

#[test]
fn rows_are_written_in_every_order() {
    for (channels, pixels) in [(1, 9), (7, 1), (5, 12), (16, 16), (33, 49)] {
        written::<f32>(channels, pixels);
        written::<f64>(channels, pixels);
    }
}
