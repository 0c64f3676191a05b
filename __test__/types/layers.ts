// Compile-only: layers that do not fit are type errors where their sizes are literals.

import {
  cubaLif,
  customSurrogate,
  integrateAndFire,
  li,
  lif,
  parametricLif,
  slstm,
  surrogate,
} from '../../src-ts/doors/neurons.ts';
import {
  avgPool1d,
  batchNorm,
  concat,
  conv1d,
  conv2d,
  type Dense,
  dense,
  dropout,
  embedding,
  flatten,
  globalAvgPool,
  input,
  type Layer,
  maxPool2d,
  multiply,
  pointwise,
  psn,
  residual,
  selfAttention,
  sequential,
  slidingPsn,
  sumPool2d,
  timeSum,
  unflatten,
} from '../../src-ts/index.ts';

const cell = () => lif({ beta: 0.9 });
const readout = () => li({ beta: 0.9 });
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
sequential(dense(2, 3), cell(), dense(3, 4), cell(), dense(5, 6), cell());

sequential(dense(3, 8), cell(), unflatten([2, 2, 2]), conv2d(2, 4, 2), cell());
// @ts-expect-error two channels do not enter three
sequential(dense(3, 8), cell(), unflatten([2, 2, 2]), conv2d(3, 4, 2), cell());
// @ts-expect-error flattened or not
sequential(dense(3, 4), cell(), flatten(), dense(5, 2), cell());

sequential(dense(784, 100), dropout(0.2), batchNorm(), cell(), dense(100, 10), cell());
// @ts-expect-error what keeps the width does not hide that it is another
sequential(dense(784, 100), dropout(0.2), batchNorm(), cell(), dense(99, 10), cell());
sequential(input(1, 8, 8), conv2d(1, 4, 3), residual([cell()]), flatten(), dense(144, 10), cell());
// @ts-expect-error an option that does not exist
conv2d(1, 4, 3, { strides: 2 });

// A population may say how many neurons it has.
sequential(
  dense(3, 4),
  lif({ beta: 0.9, neurons: 4, recurrent: 'dense' }),
  timeSum(),
  dense(4, 2),
  li({ beta: 0.9, neurons: 2 }),
);
// @ts-expect-error five neurons behind four outputs
sequential(dense(3, 4), lif({ beta: 0.9, neurons: 5 }));
sequential(
  dense(3, 4),
  // @ts-expect-error a recurrent population as well
  cubaLif({ alpha: 0.8, beta: 0.9, neurons: 5, recurrent: 'one-to-one' }),
  dense(5, 2),
  readout(),
);
// @ts-expect-error and one behind another
sequential(integrateAndFire({ neurons: 10 }), lif({ beta: 0.9, neurons: 11 }));
// @ts-expect-error what it says counts for the layer behind it
sequential(integrateAndFire({ neurons: 10 }), dense(11, 2), readout());
// Of several ports a population is narrower than what feeds it.
sequential(dense(3, 12), slstm({ neurons: 3 }), dense(3, 2), readout());
sequential(dense(3, 12), slstm(), dense(3, 2), readout());
// @ts-expect-error its own number is still known
sequential(dense(3, 12), slstm({ neurons: 3 }), dense(12, 2), readout());

// Channels are known where pixels are not.
sequential(
  input(1, 28, 28),
  conv2d(1, 12, 5),
  maxPool2d(2),
  cell(),
  conv2d(12, 8, 3),
  lif({ beta: 0.9, neurons: 800 }),
);
// @ts-expect-error 12 channels do not enter 13
sequential(input(1, 28, 28), conv2d(1, 12, 5), maxPool2d(2), cell(), conv2d(13, 8, 3), cell());
// @ts-expect-error nor one channel two
sequential(input(1, 28, 28), conv2d(2, 12, 5), cell());
sequential(input(1, 28, 28), conv2d(1, 12, 5), cell(), globalAvgPool(), dense(12, 10), cell());
// @ts-expect-error one pixel is left of each channel
sequential(input(1, 28, 28), conv2d(1, 12, 5), cell(), globalAvgPool(), dense(13, 10), cell());
sequential(embedding(65, 32), pointwise(32, 8), cell(), dense(8, 3), cell());
// @ts-expect-error rows of 32 values do not enter 31 channels
sequential(embedding(65, 32), pointwise(31, 8), cell());
// Two channels of two pixels, or one of four: a pointwise layer behind four neurons may give 8 elements or 16.
sequential(lif({ beta: 0.9, neurons: 4 }), pointwise(2, 8), cell(), dense(16, 2), cell());
// @ts-expect-error five inputs, not six
sequential(input(5), dense(6, 3), cell());

// Pixels are known where sizes are literals: behind strides, zeros around the image, dilation, pools and transposed convolutions.
sequential(input(1, 28, 28), conv2d(1, 12, 5), maxPool2d(2), cell(), flatten(), dense(1728, 10), cell());
// @ts-expect-error 12 × 12 × 12 elements
sequential(input(1, 28, 28), conv2d(1, 12, 5), maxPool2d(2), cell(), flatten(), dense(1729, 10), cell());
// @ts-expect-error a dense layer takes the image itself as well
sequential(input(1, 28, 28), conv2d(1, 12, 5), maxPool2d(2), cell(), dense(1729, 10), cell());
sequential(input(2, 34, 34), conv2d(2, 8, 3, { stride: 2, padding: 1 }), cell(), dense(8 * 289, 10), cell());
sequential(input(2, 34, 34), conv2d(2, 8, 3, { stride: 2, padding: 1 }), cell(), dense(2312, 10), cell());
// @ts-expect-error 17 × 17 pixels
sequential(input(2, 34, 34), conv2d(2, 8, 3, { stride: 2, padding: 1 }), cell(), dense(2048, 10), cell());
sequential(
  input(1, 9, 7),
  conv2d(1, 2, [3, 2], { dilation: [2, 3], padding: [0, 1] }),
  lif({ beta: 0.9, neurons: 60 }),
);
sequential(
  input(1, 9, 7),
  conv2d(1, 2, [3, 2], { dilation: [2, 3], padding: [0, 1] }),
  // @ts-expect-error 5 × 6 pixels of 2 channels
  lif({ beta: 0.9, neurons: 59 }),
);
sequential(
  input(1, 10),
  conv1d(1, 3, 4, { stride: 3 }),
  lif({ beta: 0.9, neurons: 9 }),
  avgPool1d(2),
  dense(3, 1),
  readout(),
);
// @ts-expect-error 3 pixels of 3 channels
sequential(input(1, 10), conv1d(1, 3, 4, { stride: 3 }), lif({ beta: 0.9, neurons: 10 }));
// @ts-expect-error one pixel of each channel
sequential(input(1, 10), conv1d(1, 3, 4, { stride: 3 }), cell(), avgPool1d(2), dense(6, 1), readout());
sequential(input(2, 7, 7), sumPool2d(3, { stride: 2, padding: 1 }), flatten(), dense(32, 2), cell());
// @ts-expect-error 4 × 4 pixels
sequential(input(2, 7, 7), sumPool2d(3, { stride: 2, padding: 1 }), flatten(), dense(18, 2), cell());
sequential(
  dense(10, 64),
  unflatten([4, 4, 4]),
  conv2d(4, 1, 2, { stride: 2, transposed: true }),
  lif({ beta: 0.9, neurons: 64 }),
);
sequential(
  unflatten([1, 3, 3]),
  conv2d(1, 1, 3, { stride: 2, padding: 1, transposed: true, outputPadding: 1 }),
  // @ts-expect-error 6 × 6 pixels
  lif({ beta: 0.9, neurons: 25 }),
);
// @ts-expect-error 63 elements are not 4 × 4 × 4
sequential(dense(10, 63), unflatten([4, 4, 4]), cell());
// @ts-expect-error an image, not a line
sequential(input(3, 9), conv2d(3, 4, 3), cell());
// @ts-expect-error a line has no height
sequential(dense(3, 9), maxPool2d(2), cell());
// @ts-expect-error a window larger than the image
sequential(input(1, 3, 3), conv2d(1, 1, [6, 1]), cell());
// @ts-expect-error or too large by its dilation
sequential(input(1, 4, 4), conv2d(1, 1, [1, 3], { dilation: 2 }), cell());
// @ts-expect-error a padding that leaves no pixels
sequential(input(1, 3, 3), conv2d(1, 1, 1, { transposed: true, padding: 2 }), cell());
sequential(input(3, 8, 8), concat([conv2d(3, 4, 1)], [], [conv2d(3, 5, 1)]), cell(), dense(768, 2), cell());
// @ts-expect-error 4 + 3 + 5 channels
sequential(input(3, 8, 8), concat([conv2d(3, 4, 1)], [], [conv2d(3, 5, 1)]), cell(), dense(576, 2), cell());
// @ts-expect-error the body leaves fewer pixels
sequential(input(3, 8, 8), residual([conv2d(3, 3, 3)]), cell());
// Where one size is not known, nothing is said.
const side: number = 28;
const transposed = side > 20;
sequential(input(1, side, 28), conv2d(1, 12, 5), flatten(), dense(3, 10), cell());
sequential(input(1, 28, 28), conv2d(1, 12, side), flatten(), dense(3, 10), cell());
sequential(input(1, 28, 28), conv2d(1, 12, 5, { stride: side }), flatten(), dense(3, 10), cell());
sequential(input(1, 28, 28), conv2d(1, 12, 5, { transposed }), flatten(), dense(3, 10), cell());

// A network ends with a population.
// @ts-expect-error not with a projection
sequential(dense(3, 4));
// @ts-expect-error nor with what has no state
sequential(dense(3, 4), cell(), dense(4, 2));
// @ts-expect-error nor with a sum over time
sequential(dense(3, 4), cell(), timeSum());

// Inside branches layers are checked as outside.
sequential(dense(3, 4), residual([dense(4, 6), cell(), dense(6, 4)]), dense(4, 2), cell());
residual([dense(4, 5), cell()], [dense(4, 5)]);
residual([conv2d(16, 32, 3), cell(), conv2d(32, 16, 3)]);
// @ts-expect-error within the body
residual([dense(4, 5), cell(), dense(6, 4)]);
// @ts-expect-error what leaves is as wide as what enters
residual([dense(4, 5), cell()]);
// @ts-expect-error or as the shortcut
residual([dense(4, 5), cell()], [dense(4, 6)]);
// @ts-expect-error both branches read the same
residual([dense(4, 5), cell()], [dense(3, 5)]);
// @ts-expect-error as many channels too
residual([conv2d(16, 32, 3), cell()]);
// @ts-expect-error the first neurons say what enters
residual([lif({ beta: 0.9, neurons: 4 }), dense(4, 5)]);
// @ts-expect-error what enters a body is what the layer before gives
sequential(dense(3, 5), residual([dense(4, 6), cell(), dense(6, 4)]), cell());
// @ts-expect-error also of a body within a body
sequential(dense(3, 5), residual([residual([lif({ beta: 0.9, neurons: 4 })]), cell()]), cell());
// @ts-expect-error what leaves a residual connection is known
sequential(dense(3, 4), residual([dense(4, 4), cell()]), dense(5, 2), cell());
sequential(dense(3, 4), concat([dense(4, 5)], []), dense(9, 2), cell());
// @ts-expect-error each branch of a concatenation
concat([dense(4, 5)], [dense(3, 5)]);
// @ts-expect-error a product is as wide as its first branch
sequential(dense(3, 4), multiply([dense(4, 5)], [dense(4, 5)]), dense(4, 2), cell());

// Layers that are known when the program runs, and those of which one is chosen then.
const list: Layer[] = [dense(4, 4), cell()];
const one: Layer = cell();
sequential(dense(3, 4), ...list, dense(5, 2), one);
sequential(one, cell());
sequential(dense(3, 4), list.length > 1 ? dense(4, 5) : cell(), dense(7, 2), cell());
sequential(dense(3, 4), ...(list.length > 1 ? psn(3) : slidingPsn(3)), dense(4, 2), cell());
residual(list, [...list, cell()]);
residual(selfAttention(16));
concat(...list.map((layer) => [layer]));
const size = list.length > 1 ? 4 : 5;
sequential(dense(3, 4), lif({ beta: 0.9, neurons: size }), dense(4, 2), cell());
// Factories in a list are still called alike.
for (const make of [lif, parametricLif, li]) sequential(dense(3, 4), make({ beta: 0.9, neurons: 4 }));

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

// Of parameters that say the same thing a neuron takes one.
lif({ tauMem: 10, tauRef: 2 });
lif({ beta: 0.9, refractorySteps: 2 });
lif({ like: 'spikingjelly' });
lif({ like: 'norse', tauMem: 20 });
lif({ like: 'snntorch', beta: 0.9 });
cubaLif({ alpha: 0.8, tauMem: 10 });
integrateAndFire();
// @ts-expect-error a decay is needed
lif();
// @ts-expect-error also in an object of options
lif({});
// @ts-expect-error or of other options
lif({ vThreshold: 2, reset: 'zero' });
// @ts-expect-error of two that say the same thing
lif({ beta: 0.9, tauMem: 10 });
// @ts-expect-error also with a preset
lif({ like: 'spikingjelly', beta: 0.9, tauMem: 10 });
// @ts-expect-error snnTorch has no default
lif({ like: 'snntorch' });
// @ts-expect-error one refractory period
lif({ beta: 0.9, tauRef: 2, refractorySteps: 2 });
// @ts-expect-error one decay of two
cubaLif({ beta: 0.9 });
// @ts-expect-error the other one twice
cubaLif({ beta: 0.9, alpha: 0.8, tauSyn: 5 });
// @ts-expect-error a readout decays as well
li({ vLeak: 0 });

// A surrogate is one of those there are, with its parameters, or an expression.
lif({ beta: 0.9, surrogate: surrogate.atan({ alpha: 3 }) });
lif({ beta: 0.9, surrogate: { name: 'atan', alpha: 3 } });
lif({ beta: 0.9, surrogate: customSurrogate('max(0, 1 - k*abs(x))', { k: 2 }) });
lif({ beta: 0.9, surrogate: { derivative: 'max(0, 1 - k*abs(x))', k: 2 } });
// @ts-expect-error a misspelled name
lif({ beta: 0.9, surrogate: { name: 'atann' } });
// @ts-expect-error a parameter of another
lif({ beta: 0.9, surrogate: { name: 'atan', slope: 25 } });
// @ts-expect-error a name alone
lif({ beta: 0.9, surrogate: 'atan' });
// @ts-expect-error the factory, not what it makes
lif({ beta: 0.9, surrogate: surrogate.atan });
// @ts-expect-error nothing that tells which
lif({ beta: 0.9, surrogate: { alpha: 2 } });
// @ts-expect-error a factory that does not exist
surrogate.atann();
