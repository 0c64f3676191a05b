use super::super::*;
use super::{assert_bits, levels, spikes, values};
use proptest::prelude::*;

/// A convolution by its definition: the weight with which each output reads each input.
#[derive(Debug, Clone)]
struct Case {
    channels: [usize; 2],
    groups: usize,
    kernel: [usize; 2],
    windows: [Window; 2],
    from: [usize; 2],
    to: [usize; 2],
    transposed: bool,
}

impl Case {
    fn scatter(&self) -> Scatter {
        let taps = |axis: usize| match self.transposed {
            false => Taps::new(self.windows[axis], self.from[axis], self.to[axis]),
            true => Taps::new(self.windows[axis], self.to[axis], self.from[axis]).reversed(self.from[axis]),
        };
        Scatter::new(self.channels, self.groups, self.kernel, [taps(0), taps(1)], self.to)
    }

    /// The element of the window between an input and an output along one axis.
    fn tap(&self, axis: usize, input: usize, output: usize) -> Option<usize> {
        let Window { kernel, stride, padding, dilation } = self.windows[axis];
        let (near, far) = if self.transposed { (input, output) } else { (output, input) };
        (0..kernel).find(|k| near * stride + k * dilation == far + padding)
    }

    /// Calls `each(channel in, pixel in, channel out, pixel out, weight)` for all connected pairs, in the order of the
    /// loops; `weight` is an index into `[in][ky][kx][out of the group]`.
    fn each(&self, mut each: impl FnMut(usize, usize, usize, usize, usize)) {
        let [inputs, outputs] = self.channels.map(|channels| channels / self.groups);
        for (y, x) in (0..self.from[0]).flat_map(|y| (0..self.from[1]).map(move |x| (y, x))) {
            for (oy, ox) in (0..self.to[0]).flat_map(|y| (0..self.to[1]).map(move |x| (y, x))) {
                let (Some(ky), Some(kx)) = (self.tap(0, y, oy), self.tap(1, x, ox)) else { continue };
                for channel in 0..self.channels[0] {
                    for o in 0..outputs {
                        let weight = ((channel * self.kernel[0] + ky) * self.kernel[1] + kx) * outputs + o;
                        let (from, to) = (y * self.from[1] + x, oy * self.to[1] + ox);
                        each(channel, from, channel / inputs * outputs + o, to, weight);
                    }
                }
            }
        }
    }

    fn weights(&self) -> usize {
        self.channels[0] * self.kernel[0] * self.kernel[1] * (self.channels[1] / self.groups)
    }

    /// Plain weights in the layout of the kernels.
    fn kept<F: Element>(&self, scatter: &Scatter, plain: &[F]) -> Vec<F> {
        let (outputs, taps) = (self.channels[1] / self.groups, self.kernel[0] * self.kernel[1]);
        let mut kept = vec![F::ZERO; scatter.weights()];
        for (i, &w) in plain.iter().enumerate() {
            let (row, o) = (i / outputs, i % outputs);
            let k = if self.transposed { row % taps } else { taps - 1 - row % taps };
            kept[(row / taps * taps + k) * scatter.width() + o] = w;
        }
        kept
    }

    fn pixels(size: [usize; 2]) -> usize {
        size[0] * size[1]
    }
}

fn window() -> impl Strategy<Value = Window> {
    (1usize..5, 1usize..4, 0usize..3, 1usize..3).prop_map(|(kernel, stride, padding, dilation)| Window {
        kernel,
        stride,
        padding,
        dilation,
    })
}

/// Random shapes that the definition allows.
fn case() -> impl Strategy<Value = Case> {
    let sizes = (1usize..4, 1usize..12, 1usize..4, prop::array::uniform2(3usize..9), any::<bool>());
    (sizes, prop::array::uniform2(window())).prop_filter_map("nothing is left", |(sizes, windows)| {
        let (inputs, outputs, groups, near, transposed) = sizes;
        let far = |axis: usize| {
            let Window { kernel, stride, padding, dilation } = windows[axis];
            let reach = dilation * (kernel - 1) + 1;
            match transposed {
                false => (near[axis] + 2 * padding).checked_sub(reach).map(|room| room / stride + 1),
                true => ((near[axis] - 1) * stride + reach).checked_sub(2 * padding).filter(|&size| size > 0),
            }
        };
        Some(Case {
            channels: [inputs * groups, outputs * groups],
            groups,
            kernel: windows.map(|w| w.kernel),
            windows,
            from: near,
            to: [far(0)?, far(1)?],
            transposed,
        })
    })
}

/// Sums terms `(key, product)` of each element with its keys ascending.
fn sums<F: Element>(mut terms: Vec<(usize, [usize; 3], F, F)>, start: &[F]) -> Vec<F> {
    terms.sort_by_key(|&(element, key, ..)| (element, key));
    let mut sums = start.to_vec();
    for (element, _, a, b) in terms {
        sums[element] = a.mul_add(b, sums[element]);
    }
    sums
}

fn check<F: Element>(case: &Case, density: f64, seed: u64) {
    let scatter = case.scatter();
    let back = Patches::new(&scatter);
    let (pixels, left) = (Case::pixels(case.from), Case::pixels(case.to));
    let [inputs, outputs] = case.channels;
    let plain = values::<F>(seed, case.weights());
    let weights = case.kept(&scatter, &plain);
    let bias = values::<F>(seed + 1, outputs);
    let fired = spikes::<F>(seed + 2, 1, inputs * pixels, density);
    let scale = values::<F>(seed + 3, inputs * pixels);
    let analogue: Vec<F> = fired.iter().zip(&scale).map(|(&s, &x)| s * x).collect();
    let events: Vec<u32> = (0..fired.len()).filter(|&i| fired[i] == F::ONE).map(|i| i as u32).collect();
    let silent = spikes::<F>(seed + 4, 1, outputs * left, 0.6);
    let dense = values::<F>(seed + 5, outputs * left);
    let gradient: Vec<F> = silent.iter().zip(&dense).map(|(&s, &g)| s * g).collect();
    let (public, values_order) = (Order::public(pixels), Order::of_values(outputs));

    let mut padded = vec![F::ZERO; scatter.sums()];
    scatter.pad(&gradient, &mut padded);
    let packed = scatter.pack(&weights);
    let mut backward = vec![F::ZERO; back.weights()];
    back.backward_weights(&weights, &mut backward);
    let start = values::<F>(seed + 6, case.weights());

    for (x, row) in [(&fired, Row::Events(&events)), (&analogue, Row::Values(&analogue))] {
        let (mut forward, mut dw, mut dx) = (vec![], vec![], vec![]);
        case.each(|i, from, o, to, w| {
            let (value, g) = (x[i * pixels + from], gradient[to * outputs + o]);
            if value != F::ZERO {
                let key = if scatter.is_by_pixel() { [from, i, 0] } else { [i, from, 0] };
                forward.push((to * outputs + o, key, value, plain[w]));
                dw.push((w, [from, 0, 0], value, g));
            }
            if g != F::ZERO {
                dx.push((i * pixels + from, [o / back.part(), to, o], g, plain[w]));
            }
        });
        let mut expected = sums(forward, &vec![F::ZERO; outputs * left]);
        expected.iter_mut().enumerate().for_each(|(i, x)| *x += bias[i % outputs]);
        let expected_dw = case.kept(&scatter, &sums(dw, &start));
        let expected_dx = sums(dx, &vec![F::ZERO; inputs * pixels]);
        for level in levels() {
            let what = |what: &str| format!("{what} of {case:?} {} {}", level.name(), F::NAME);
            let mut scratch = vec![F::ZERO; scatter.sums()];
            let mut out = vec![F::ONE; outputs * left];
            scatter.row(
                level,
                (&weights, &packed),
                (row, public),
                &bias,
                &mut scratch,
                values_order,
                &mut out,
            );
            assert_bits(&out, &expected, &what("the row"));
            let to = Order::public(left);
            scatter.row(level, (&weights, &packed), (row, public), &bias, &mut scratch, to, &mut out);
            let by_channel: Vec<F> =
                (0..out.len()).map(|i| expected[i % left * outputs + i / left]).collect();
            assert_bits(&out, &by_channel, &what("the row by channels"));
            let mut got = case.kept(&scatter, &start);
            let mut lists = TapLists::default();
            scatter.weight_gradient(level, (row, public), &padded, 0..inputs, &mut lists, &mut got);
            assert_bits(&got, &expected_dw, &what("the weights' gradient"));
            let mut got = vec![F::ONE; inputs * pixels];
            let mut patches = PatchScratch::default();
            back.input_gradient(level, &backward, &padded, &mut patches, public, &mut got);
            assert_bits(&got, &expected_dx, &what("the input's gradient"));
        }
    }
}

/// Several rows at a time, with output channels panel by panel, give the same as each row on its own.
fn check_rows_of_pixels<F: Element>(channels: [usize; 2], from: [usize; 2], rows: usize, density: f64) {
    let window = Window { kernel: 1, stride: 1, padding: 0, dilation: 1 };
    let case =
        Case { channels, groups: 1, kernel: [1, 1], windows: [window; 2], from, to: from, transposed: false };
    let scatter = case.scatter();
    let back = Patches::new(&scatter);
    let pointwise = back.pointwise().expect("whole registers of channels");
    let ([inputs, outputs], pixels) = (channels, Case::pixels(from));
    let weights = case.kept(&scatter, &values::<F>(1, case.weights()));
    let mut backward = vec![F::ZERO; back.weights()];
    back.backward_weights(&weights, &mut backward);
    let fired = spikes::<F>(2, rows, inputs * pixels, density);
    let analogue: Vec<F> = fired.iter().zip(values::<F>(3, fired.len())).map(|(&s, x)| s * x).collect();
    let gradient = values::<F>(4, rows * outputs * pixels);
    let start = values::<F>(5, scatter.weights());
    let events: Vec<Vec<u32>> = fired
        .chunks_exact(inputs * pixels)
        .map(|row| (0..row.len()).filter(|&i| row[i] == F::ONE).map(|i| i as u32).collect())
        .collect();
    let of_events: Vec<Row<F>> = events.iter().map(|row| Row::Events(row)).collect();
    let of_values: Vec<Row<F>> = analogue.chunks_exact(inputs * pixels).map(Row::Values).collect();
    let (public, by_pixel) = (Order::public(pixels), Order::of_values(inputs));
    // `[panel][row][pixel][64]`
    let count = rows * pixels;
    let mut by_panel = vec![F::ZERO; panels(outputs) * count * PANEL];
    for (i, pixel) in gradient.chunks_exact(outputs).enumerate() {
        for (o, &g) in pixel.iter().enumerate() {
            by_panel[(o / PANEL * count + i) * PANEL + o % PANEL] = g;
        }
    }
    for level in levels() {
        let what = |what: &str| format!("{what} of {case:?}, {rows} rows {} {}", level.name(), F::NAME);
        for (x, order) in [(&of_events, public), (&of_values, public), (&of_values, by_pixel)] {
            let mut expected = start.clone();
            let mut padded = vec![F::ZERO; scatter.sums()];
            for (&row, gradient) in x.iter().zip(gradient.chunks_exact(outputs * pixels)) {
                scatter.pad(gradient, &mut padded);
                let mut lists = TapLists::default();
                scatter.weight_gradient(level, (row, order), &padded, 0..inputs, &mut lists, &mut expected);
            }
            let (mut lists, mut got) = (PixelLists::default(), start.clone());
            lists.list(level, x, order, [inputs, pixels]);
            for (panel, gradient) in by_panel.chunks_exact(count * PANEL).enumerate() {
                let held = panel * PANEL..((panel + 1) * PANEL).min(scatter.width());
                add_pixels(level, &lists, gradient, count, held, (&mut got, scatter.width()));
            }
            assert_bits(&got, &expected, &what("the weights' gradient"));
            let mut got = start.clone();
            add_pixels(level, &lists, &by_panel, count, 0..scatter.width(), (&mut got, scatter.width()));
            assert_bits(&got, &expected, &what("the weights' gradient at once"));
        }
        for to in [public, by_pixel] {
            let mut padded = vec![F::ZERO; scatter.sums()];
            let (mut got, mut expected) =
                (vec![F::ONE; rows * inputs * pixels], vec![F::ZERO; rows * inputs * pixels]);
            let own = expected.chunks_exact_mut(inputs * pixels);
            for (dx, gradient) in own.zip(gradient.chunks_exact(outputs * pixels)) {
                scatter.pad(gradient, &mut padded);
                let mut patches = PatchScratch::default();
                back.input_gradient(level, &backward, &padded, &mut patches, to, dx);
            }
            for panel in 0..panels(inputs) {
                let mut product = vec![F::ONE; count * PANEL];
                for (i, gradient) in by_panel.chunks_exact(count * PANEL).enumerate() {
                    let held = i * PANEL..((i + 1) * PANEL).min(outputs);
                    pointwise.product(level, &backward, panel, (held, count), gradient, &mut product);
                }
                let places = got.chunks_exact_mut(inputs * pixels);
                for (dx, product) in places.zip(product.chunks_exact(pixels * PANEL)) {
                    pointwise.store(level, panel, product, to, dx);
                }
            }
            assert_bits(&got, &expected, &what("the input's gradient"));
        }
    }
}

#[test]
fn several_rows_of_pixels_are_each_by_itself() {
    for (channels, from) in
        [([70, 48], [3, 5]), ([20, 64], [8, 8]), ([65, 200], [2, 3]), ([130, 128], [1, 1]), ([9, 33], [4, 4])]
    {
        for rows in [1, 2, 5] {
            check_rows_of_pixels::<f32>(channels, from, rows, 0.15);
            check_rows_of_pixels::<f64>(channels, from, rows, 0.5);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_convolution_is_its_definition_in_one_order(
        case in case(), density in 0.05f64..0.9, seed in 0u64..1000,
    ) {
        check::<f32>(&case, density, seed);
        check::<f64>(&case, density, seed);
    }
}

/// Patches that need more registers than are summed at a time, with a remainder of less than one register.
#[test]
fn wide_patches_and_many_channels() {
    let window = Window { kernel: 3, stride: 1, padding: 1, dilation: 1 };
    for channels in [[12, 64], [23, 33], [45, 17], [3, 128]] {
        let case = Case {
            channels,
            groups: 1,
            kernel: [3, 3],
            windows: [window; 2],
            from: [5, 4],
            to: [5, 4],
            transposed: false,
        };
        check::<f32>(&case, 0.2, 7);
        check::<f64>(&case, 0.2, 7);
    }
}

/// Windows of every width and height that have their own kernels, with more than one word of pixels and of channels.
#[test]
fn windows_that_move_by_one_pixel() {
    let sizes =
        [([5, 5], [12, 32], 0, [12, 12]), ([2, 3], [7, 16], 1, [9, 11]), ([3, 2], [70, 33], 2, [4, 5])];
    let more = [([7, 7], [3, 48], 3, [8, 6]), ([4, 4], [33, 64], 0, [6, 20]), ([1, 5], [9, 16], 0, [1, 30])];
    let more = more.into_iter().chain([([1, 1], [70, 33], 0, [3, 5]), ([2, 11], [5, 80], 1, [4, 22])]);
    for (kernel, channels, padding, from) in sizes.into_iter().chain(more) {
        let windows = kernel.map(|kernel| Window { kernel, stride: 1, padding, dilation: 1 });
        let to = [0, 1].map(|axis| from[axis] + 2 * padding + 1 - kernel[axis]);
        let case = Case { channels, groups: 1, kernel, windows, from, to, transposed: false };
        for density in [0.1, 0.7] {
            check::<f32>(&case, density, 11);
            check::<f64>(&case, density, 11);
        }
    }
}

/// Few input channels with contiguous pixels: windows of every number of registers, and more than one block.
#[test]
fn windows_of_few_channels() {
    for columns in [2, 3, 4, 5, 7] {
        for inputs in [3, 4, 8, 12, 24, 35] {
            let kernel = [[5, 4, 3][inputs % 3], columns];
            let from = [6, columns + 2];
            let windows = kernel.map(|kernel| Window { kernel, stride: 1, padding: 1, dilation: 1 });
            let to = [0, 1].map(|axis| from[axis] + 3 - kernel[axis]);
            let case =
                Case { channels: [inputs, 40], groups: 1, kernel, windows, from, to, transposed: false };
            check::<f32>(&case, 0.3, 13);
            check::<f64>(&case, 0.3, 13);
        }
    }
}

/// Strides that leave only one row or column of windows, so that no window reads the pixels beyond.
#[test]
fn windows_that_have_no_room_to_move() {
    for (kernel, stride, from) in
        [([1, 3], [3, 1], [3, 4]), ([3, 2], [1, 4], [5, 3]), ([2, 2], [5, 5], [4, 6])]
    {
        let windows =
            [0, 1].map(|axis| Window { kernel: kernel[axis], stride: stride[axis], padding: 0, dilation: 1 });
        let to = [0, 1].map(|axis| (from[axis] - kernel[axis]) / stride[axis] + 1);
        for channels in [[1, 1], [12, 32], [20, 17]] {
            let case = Case { channels, groups: 1, kernel, windows, from, to, transposed: false };
            check::<f32>(&case, 0.4, 5);
            check::<f64>(&case, 0.4, 5);
        }
    }
}

#[test]
fn a_pool_that_chooses_is_the_pool() {
    let window = Window { kernel: 3, stride: 2, padding: 1, dilation: 1 };
    let (from, to, channels) = ([7, 6], [4, 3], 19);
    let taps = [0, 1].map(|axis| Taps::new(window, from[axis], to[axis]));
    let pool = Pool::new(PoolKind::Max, channels, 9, taps, to);
    let order = Order::of_values(channels);
    // Few different values, so that some are equal.
    let x: Vec<f32> = values::<f32>(3, channels * 42).iter().map(|x| (x * 4.0).round()).collect();
    let gradient = values::<f32>(4, channels * 12);
    for level in levels() {
        let (mut one, mut other, mut chosen) =
            (vec![0.0; 12 * channels], vec![1.0; 12 * channels], vec![9; 12 * channels]);
        pool.row(level, Row::Values(&x), order, &mut one);
        pool.choose(level, &x, &mut other, &mut chosen);
        assert_bits(&one, &other, "the largest");
        let (mut dx, mut spread) = (vec![1.0; x.len()], vec![2.0; x.len()]);
        pool.input_gradient(level, Row::Values(&x), order, &gradient, &mut dx);
        pool.spread(level, &gradient, &chosen, &mut spread);
        assert_bits(&dx, &spread, "the gradient");
    }
}
