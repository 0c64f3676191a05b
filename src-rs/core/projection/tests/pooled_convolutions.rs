//! The way back through a convolution from what the max pool behind it chose, against the pool's
//! gradient spread over the image first.

use super::super::*;
use super::{assert_bits, levels, spikes, values};

struct Case {
    channels: [usize; 2],
    kernel: [usize; 2],
    padding: usize,
    from: [usize; 2],
    /// Size and stride of the pool's windows.
    pool: [usize; 2],
}

fn taps(kernel: usize, stride: usize, padding: usize, from: usize) -> (Taps, usize) {
    let to = (from + 2 * padding - kernel) / stride + 1;
    (Taps::new(Window { kernel, stride, padding, dilation: 1 }, from, to), to)
}

impl Case {
    fn kernels(&self) -> (Scatter, Pool) {
        let [(y, height), (x, width)] =
            [0, 1].map(|axis| taps(self.kernel[axis], 1, self.padding, self.from[axis]));
        let scatter = Scatter::new(self.channels, 1, self.kernel, [y, x], [height, width]);
        let [size, stride] = self.pool;
        let [(y, high), (x, wide)] = [height, width].map(|from| taps(size, stride, 0, from));
        let pool = Pool::new(PoolKind::Max, self.channels[1], size * size, [y, x], [high, wide]);
        (scatter, pool)
    }
}

fn check<F: Element>(case: &Case, expected: bool) {
    let ([inputs, outputs], (scatter, pool)) = (case.channels, case.kernels());
    let back = Patches::new(&scatter);
    let pixels = case.from[0] * case.from[1];
    let choices = back.choices(&pool);
    assert_eq!(choices.is_some(), expected, "a kernel for {:?} {:?}", case.channels, case.pool);
    let Some(taps) = choices else { return };
    let (order, public) = (Order::of_values(inputs), Order::public(pixels));
    let mut backward = vec![F::ZERO; back.weights()];
    back.backward_weights(&values::<F>(1, scatter.weights()), &mut backward);
    for level in levels() {
        let what = |what: &str| format!("{what} of {:?} {} {}", case.channels, level.name(), F::NAME);
        let (mut dw, mut got_dw) = (vec![F::ZERO; scatter.weights()], vec![F::ZERO; scatter.weights()]);
        let (mut db, mut got_db) = (vec![F::ZERO; scatter.width()], vec![F::ZERO; scatter.width()]);
        let (mut lists, mut sums) = (TapLists::default(), ChosenSums::default());
        let (mut patches, mut got_patches) = (PatchScratch::default(), PatchScratch::default());
        for row in 0..5 {
            // Few different values, so that some are equal and some gradients 0.
            let round = |x: F| F::from_f64((x.to_f64() * 3.0).round());
            let left: Vec<F> = values(row, scatter.pixels_out() * outputs).into_iter().map(round).collect();
            let windows = pool.windows().len() * outputs;
            let (mut largest, mut chosen) = (vec![F::ZERO; windows], vec![0; windows]);
            pool.choose(level, &left, &mut largest, &mut chosen);
            let silent = spikes::<F>(row + 20, 1, windows, 0.8);
            let gradient: Vec<F> =
                silent.iter().zip(values::<F>(row + 10, windows)).map(|(&s, g)| s * g).collect();
            let mut spread = vec![F::ZERO; left.len()];
            pool.spread(level, &gradient, &chosen, &mut spread);
            let mut padded = vec![F::ZERO; scatter.sums()];
            scatter.pad(&spread, &mut padded);
            let fired = spikes::<F>(row + 30, 1, inputs * pixels, 0.3);
            let events: Vec<u32> =
                (0..fired.len()).filter(|&i| fired[i] == F::ONE).map(|i| i as u32).collect();
            let of_values = values::<F>(row + 40, inputs * pixels);
            let x = if row < 3 { (Row::Events(&events), public) } else { (Row::Values(&of_values), order) };
            scatter.weight_gradient(level, x, &padded, 0..inputs, &mut lists, &mut dw);
            scatter.bias_gradient(level, &padded, &mut db);
            let chosen = Chosen { pool: &pool, gradient: &gradient, choices: &chosen };
            taps.add(level, x, chosen, &mut sums);
            let (mut dx, mut got) = (vec![F::ONE; inputs * pixels], vec![F::ONE; inputs * pixels]);
            back.input_gradient(
                level,
                &backward,
                OutputGradient::Values(&padded),
                &mut patches,
                public,
                &mut dx,
            );
            let gradient_of_output = OutputGradient::Chosen(chosen);
            back.input_gradient(level, &backward, gradient_of_output, &mut got_patches, public, &mut got);
            assert_bits(&got, &dx, &what("the input's gradient"));
        }
        let sums = taps.finish(level, sums, &mut got_db);
        let mut plain = values::<F>(7, scatter.weights());
        plain.chunks_mut(scatter.width()).for_each(|row| row[outputs..].fill(F::ZERO));
        let mut backward = taps.to_sum_order(&plain);
        assert_eq!(backward.len(), sums.len(), "sums have the order of what is backward");
        taps.from_sum_order(&backward, &mut got_dw);
        assert_bits(&got_dw, &plain, &what("weights there and back"));
        backward.copy_from_slice(&sums);
        taps.from_sum_order(&backward, &mut got_dw);
        assert_bits(&got_dw, &dw, &what("the weights' gradient"));
        assert_bits(&got_db, &db, &what("the bias' gradient"));
    }
}

#[test]
fn what_a_pool_chose_gives_the_same_gradients() {
    let shapes = [
        ([12, 64], [5, 5], 0, [12, 12], [2, 2]),
        ([9, 33], [3, 3], 1, [6, 9], [2, 2]),
        ([33, 20], [4, 2], 1, [7, 10], [3, 3]),
        ([16, 16], [7, 7], 3, [9, 8], [2, 3]),
        // Pixels beyond the last window, which nothing chooses.
        ([13, 32], [2, 3], 0, [8, 9], [2, 2]),
        // More masks of spikes than places tell apart.
        ([33, 2], [5, 5], 0, [40, 40], [2, 2]),
    ];
    for (channels, kernel, padding, from, pool) in shapes {
        let case = Case { channels, kernel, padding, from, pool };
        check::<f32>(&case, true);
        check::<f64>(&case, true);
    }
}

#[test]
fn windows_that_overlap_and_few_channels_have_no_kernel() {
    for (channels, pool) in [([12, 16], [3, 2]), ([2, 16], [2, 2])] {
        check::<f32>(&Case { channels, kernel: [3, 3], padding: 1, from: [8, 8], pool }, false);
    }
}
