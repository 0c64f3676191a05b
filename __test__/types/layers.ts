// Compile-only: layers that do not fit are type errors where their sizes are literals.
import {
  batchNorm,
  conv2d,
  cubaLif,
  type Dense,
  dense,
  dropout,
  flatten,
  input,
  integrateAndFire,
  li,
  lif,
  residual,
  sequential,
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

// @ts-expect-error flattened or not
sequential(dense(3, 4), lif(), flatten(), dense(5, 2), lif());

sequential(dense(784, 100), dropout(0.2), batchNorm(), lif(), dense(100, 10), lif());
// @ts-expect-error what keeps the width does not hide that it is another
sequential(dense(784, 100), dropout(0.2), batchNorm(), lif(), dense(99, 10), lif());
// Behind an image the width is known when the program runs.
sequential(input(1, 8, 8), conv2d(1, 4, 3), residual([lif()]), flatten(), dense(144, 10), lif());
// @ts-expect-error an option that does not exist
conv2d(1, 4, 3, { strides: 2 });

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
