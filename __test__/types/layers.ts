// Compile-only: layers that do not fit are type errors where their sizes are literals.
import {
  avgPool1d,
  batchNorm,
  concat,
  conv1d,
  conv2d,
  cubaLif,
  type Dense,
  dense,
  dropout,
  embedding,
  flatten,
  globalAvgPool,
  input,
  integrateAndFire,
  type Layer,
  li,
  lif,
  maxPool2d,
  multiply,
  pointwise,
  psn,
  residual,
  selfAttention,
  sequential,
  slidingPsn,
  slstm,
  sumPool2d,
  timeSum,
  unflatten,
} from '../../src-ts/index.ts';

sequential(dense(784, 1000), lif({ beta: 0.95 }), dense(1000, 10), lif({ beta: 0.95 }));
sequential(
  dense(20, 64),
  cubaLif({ alpha: 0.8, beta: 0.9, recurrent: 'dense' }),
  dense(64, 2),
  li({ beta: 0.9 }),
);
sequential(integrateAndFire({ neurons: 10 }), dense(10, 2), li({ beta: 0.9 }));
// @ts-expect-error 1000 outputs do not enter 100 inputs
sequential(dense(784, 1000), lif({ beta: 0.95 }), dense(100, 10), lif({ beta: 0.95 }));
// @ts-expect-error nor do they at once, without a population between
sequential(dense(784, 1000), dense(999, 10), lif({ beta: 0.95 }));
// @ts-expect-error the third pair is looked at as the first is
sequential(dense(2, 3), lif(), dense(3, 4), lif(), dense(5, 6), lif());

sequential(dense(3, 8), lif(), unflatten([2, 2, 2]), conv2d(2, 4, 2), lif());
// @ts-expect-error two channels do not enter three
sequential(dense(3, 8), lif(), unflatten([2, 2, 2]), conv2d(3, 4, 2), lif());
// @ts-expect-error flattened or not
sequential(dense(3, 4), lif(), flatten(), dense(5, 2), lif());

sequential(dense(784, 100), dropout(0.2), batchNorm(), lif(), dense(100, 10), lif());
// @ts-expect-error what keeps the width does not hide that it is another
sequential(dense(784, 100), dropout(0.2), batchNorm(), lif(), dense(99, 10), lif());
sequential(input(1, 8, 8), conv2d(1, 4, 3), residual([lif()]), flatten(), dense(144, 10), lif());
// @ts-expect-error an option that does not exist
conv2d(1, 4, 3, { strides: 2 });

// A population may say how many neurons it has.
sequential(dense(3, 4), lif({ neurons: 4, recurrent: 'dense' }), timeSum(), dense(4, 2), li({ neurons: 2 }));
// @ts-expect-error five neurons behind four outputs
sequential(dense(3, 4), lif({ neurons: 5 }));
// @ts-expect-error a recurrent population as well
sequential(dense(3, 4), cubaLif({ neurons: 5, recurrent: 'one-to-one' }), dense(5, 2), li());
// @ts-expect-error and one behind another
sequential(integrateAndFire({ neurons: 10 }), lif({ neurons: 11 }));
// @ts-expect-error what it says counts for the layer behind it
sequential(integrateAndFire({ neurons: 10 }), dense(11, 2), li());
// Of several ports a population is narrower than what feeds it.
sequential(dense(3, 12), slstm({ neurons: 3 }), dense(3, 2), li());
sequential(dense(3, 12), slstm(), dense(3, 2), li());
// @ts-expect-error its own number is still known
sequential(dense(3, 12), slstm({ neurons: 3 }), dense(12, 2), li());

// Channels are known where pixels are not.
sequential(input(1, 28, 28), conv2d(1, 12, 5), maxPool2d(2), lif(), conv2d(12, 8, 3), lif({ neurons: 800 }));
// @ts-expect-error 12 channels do not enter 13
sequential(input(1, 28, 28), conv2d(1, 12, 5), maxPool2d(2), lif(), conv2d(13, 8, 3), lif());
// @ts-expect-error nor one channel two
sequential(input(1, 28, 28), conv2d(2, 12, 5), lif());
sequential(input(1, 28, 28), conv2d(1, 12, 5), lif(), globalAvgPool(), dense(12, 10), lif());
// @ts-expect-error one pixel is left of each channel
sequential(input(1, 28, 28), conv2d(1, 12, 5), lif(), globalAvgPool(), dense(13, 10), lif());
sequential(embedding(65, 32), pointwise(32, 8), lif(), dense(8, 3), lif());
// @ts-expect-error rows of 32 values do not enter 31 channels
sequential(embedding(65, 32), pointwise(31, 8), lif());
// Two channels of two pixels, or one of four: a pointwise layer behind four neurons may give 8 elements or 16.
sequential(lif({ neurons: 4 }), pointwise(2, 8), lif(), dense(16, 2), lif());
// @ts-expect-error five inputs, not six
sequential(input(5), dense(6, 3), lif());

// Pixels are known where sizes are literals: behind strides, zeros around the image, dilation, pools and transposed convolutions.
sequential(input(1, 28, 28), conv2d(1, 12, 5), maxPool2d(2), lif(), flatten(), dense(1728, 10), lif());
// @ts-expect-error 12 × 12 × 12 elements
sequential(input(1, 28, 28), conv2d(1, 12, 5), maxPool2d(2), lif(), flatten(), dense(1729, 10), lif());
// @ts-expect-error a dense layer takes the image itself as well
sequential(input(1, 28, 28), conv2d(1, 12, 5), maxPool2d(2), lif(), dense(1729, 10), lif());
sequential(input(2, 34, 34), conv2d(2, 8, 3, { stride: 2, padding: 1 }), lif(), dense(8 * 289, 10), lif());
sequential(input(2, 34, 34), conv2d(2, 8, 3, { stride: 2, padding: 1 }), lif(), dense(2312, 10), lif());
// @ts-expect-error 17 × 17 pixels
sequential(input(2, 34, 34), conv2d(2, 8, 3, { stride: 2, padding: 1 }), lif(), dense(2048, 10), lif());
sequential(input(1, 9, 7), conv2d(1, 2, [3, 2], { dilation: [2, 3], padding: [0, 1] }), lif({ neurons: 60 }));
// @ts-expect-error 5 × 6 pixels of 2 channels
sequential(input(1, 9, 7), conv2d(1, 2, [3, 2], { dilation: [2, 3], padding: [0, 1] }), lif({ neurons: 59 }));
sequential(
  input(1, 10),
  conv1d(1, 3, 4, { stride: 3 }),
  lif({ neurons: 9 }),
  avgPool1d(2),
  dense(3, 1),
  li(),
);
// @ts-expect-error 3 pixels of 3 channels
sequential(input(1, 10), conv1d(1, 3, 4, { stride: 3 }), lif({ neurons: 10 }));
// @ts-expect-error one pixel of each channel
sequential(input(1, 10), conv1d(1, 3, 4, { stride: 3 }), lif(), avgPool1d(2), dense(6, 1), li());
sequential(input(2, 7, 7), sumPool2d(3, { stride: 2, padding: 1 }), flatten(), dense(32, 2), lif());
// @ts-expect-error 4 × 4 pixels
sequential(input(2, 7, 7), sumPool2d(3, { stride: 2, padding: 1 }), flatten(), dense(18, 2), lif());
sequential(
  dense(10, 64),
  unflatten([4, 4, 4]),
  conv2d(4, 1, 2, { stride: 2, transposed: true }),
  lif({ neurons: 64 }),
);
sequential(
  unflatten([1, 3, 3]),
  conv2d(1, 1, 3, { stride: 2, padding: 1, transposed: true, outputPadding: 1 }),
  // @ts-expect-error 6 × 6 pixels
  lif({ neurons: 25 }),
);
// @ts-expect-error 63 elements are not 4 × 4 × 4
sequential(dense(10, 63), unflatten([4, 4, 4]), lif());
// @ts-expect-error an image, not a line
sequential(input(3, 9), conv2d(3, 4, 3), lif());
// @ts-expect-error a line has no height
sequential(dense(3, 9), maxPool2d(2), lif());
// @ts-expect-error a window larger than the image
sequential(input(1, 3, 3), conv2d(1, 1, [6, 1]), lif());
// @ts-expect-error or too large by its dilation
sequential(input(1, 4, 4), conv2d(1, 1, [1, 3], { dilation: 2 }), lif());
// @ts-expect-error a padding that leaves no pixels
sequential(input(1, 3, 3), conv2d(1, 1, 1, { transposed: true, padding: 2 }), lif());
sequential(input(3, 8, 8), concat([conv2d(3, 4, 1)], [], [conv2d(3, 5, 1)]), lif(), dense(768, 2), lif());
// @ts-expect-error 4 + 3 + 5 channels
sequential(input(3, 8, 8), concat([conv2d(3, 4, 1)], [], [conv2d(3, 5, 1)]), lif(), dense(576, 2), lif());
// @ts-expect-error the body leaves fewer pixels
sequential(input(3, 8, 8), residual([conv2d(3, 3, 3)]), lif());
// Where one size is not known, nothing is said.
const side: number = 28;
const transposed = side > 20;
sequential(input(1, side, 28), conv2d(1, 12, 5), flatten(), dense(3, 10), lif());
sequential(input(1, 28, 28), conv2d(1, 12, side), flatten(), dense(3, 10), lif());
sequential(input(1, 28, 28), conv2d(1, 12, 5, { stride: side }), flatten(), dense(3, 10), lif());
sequential(input(1, 28, 28), conv2d(1, 12, 5, { transposed }), flatten(), dense(3, 10), lif());

// A network ends with a population.
// @ts-expect-error not with a projection
sequential(dense(3, 4));
// @ts-expect-error nor with what has no state
sequential(dense(3, 4), lif(), dense(4, 2));
// @ts-expect-error nor with a sum over time
sequential(dense(3, 4), lif(), timeSum());

// Inside branches layers are checked as outside.
sequential(dense(3, 4), residual([dense(4, 6), lif(), dense(6, 4)]), dense(4, 2), lif());
residual([dense(4, 5), lif()], [dense(4, 5)]);
residual([conv2d(16, 32, 3), lif(), conv2d(32, 16, 3)]);
// @ts-expect-error within the body
residual([dense(4, 5), lif(), dense(6, 4)]);
// @ts-expect-error what leaves is as wide as what enters
residual([dense(4, 5), lif()]);
// @ts-expect-error or as the shortcut
residual([dense(4, 5), lif()], [dense(4, 6)]);
// @ts-expect-error both branches read the same
residual([dense(4, 5), lif()], [dense(3, 5)]);
// @ts-expect-error as many channels too
residual([conv2d(16, 32, 3), lif()]);
// @ts-expect-error the first neurons say what enters
residual([lif({ neurons: 4 }), dense(4, 5)]);
// @ts-expect-error what enters a body is what the layer before gives
sequential(dense(3, 5), residual([dense(4, 6), lif(), dense(6, 4)]), lif());
// @ts-expect-error also of a body within a body
sequential(dense(3, 5), residual([residual([lif({ neurons: 4 })]), lif()]), lif());
// @ts-expect-error what leaves a residual connection is known
sequential(dense(3, 4), residual([dense(4, 4), lif()]), dense(5, 2), lif());
sequential(dense(3, 4), concat([dense(4, 5)], []), dense(9, 2), lif());
// @ts-expect-error each branch of a concatenation
concat([dense(4, 5)], [dense(3, 5)]);
// @ts-expect-error a product is as wide as its first branch
sequential(dense(3, 4), multiply([dense(4, 5)], [dense(4, 5)]), dense(4, 2), lif());

// Layers that are known when the program runs, and those of which one is chosen then.
const list: Layer[] = [dense(4, 4), lif()];
const one: Layer = lif();
sequential(dense(3, 4), ...list, dense(5, 2), one);
sequential(one, lif());
sequential(dense(3, 4), list.length > 1 ? dense(4, 5) : lif(), dense(7, 2), lif());
sequential(dense(3, 4), ...(list.length > 1 ? psn(3) : slidingPsn(3)), dense(4, 2), lif());
residual(list, [...list, lif()]);
residual(selfAttention(16));
concat(...list.map((layer) => [layer]));
const size = list.length > 1 ? 4 : 5;
sequential(dense(3, 4), lif({ neurons: size }), dense(4, 2), lif());
// Factories in a list are still called alike.
for (const make of [lif, cubaLif, li]) sequential(dense(3, 4), make({ neurons: 4 }));

// Sizes known only when the program runs are checked at `compile`.
const [hidden, classes]: number[] = [300, 10];
sequential(dense(784, hidden!), lif({ beta: 0.9 }), dense(hidden!, classes!), lif({ beta: 0.9 }));
sequential(dense(784, 1000), lif({ beta: 0.9 }), dense(hidden!, 10), lif({ beta: 0.9 }));
const layer: Dense = dense(784, 1000);
sequential(layer, lif({ beta: 0.9 }), dense(7, 10), lif({ beta: 0.9 }));

// @ts-expect-error an option that does not exist
lif({ betta: 0.9 });
// @ts-expect-error a value that the option does not have
lif({ reset: 'soft' });
// @ts-expect-error a leaky integrator has no reset
li({ beta: 0.9, reset: 'subtract' });
// @ts-expect-error a parameter that this model does not learn
lif({ beta: 0.9, learn: ['alpha'] });
// @ts-expect-error a preset of a library that is not one of the peers
lif({ like: 'brian2' });
