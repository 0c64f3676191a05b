// Spikes that a loss only sums over time are read as counts: the gradient must be that of the built-in penalty.
import test from 'ava';
import { lif } from '../../src-ts/doors/neurons.ts';
import { dense, loss, sequential } from '../../src-ts/index.ts';

const [steps, batch, inputs] = [6, 4, 5];
const x = Float64Array.from({ length: steps * batch * inputs }, (_, i) => Number((i * 0.618) % 1 > 0.4));
const data = { x, shape: [steps, batch, inputs], y: Uint32Array.of(0, 1, 2, 0) };
const network = sequential(dense(5, 8), lif({ beta: 0.9, name: 'hidden' }), dense(8, 3), lif({ beta: 0.9 }));

for (const segment of [undefined, 2]) {
  test(`means and sums of spikes over time, segment ${segment}`, async (t) => {
    const model = await network.compile({ precision: 'f64', seed: 2 });
    const gradients = async (options: Parameters<typeof model.trainStep>[1]) => {
      const { loss: value } = await model.trainStep(data, { ...options, segment });
      const found = await model.gradients();
      await model.clearGradients();
      return { value, found };
    };
    const [low, lambda] = [0.3, 2];
    for (const layer of ['hidden', 'lif1']) {
      const built = await gradients({
        loss: loss.crossEntropyMembrane(),
        regularizers: [{ layer, penalty: { kind: 'rate-band', lambda, low, high: low } }],
      });
      const without = await gradients({ loss: loss.crossEntropyMembrane() });
      for (const rate of ['mean', 'sum'] as const) {
        const traced = await gradients({
          loss: loss.trace(({ v, target, layers }) => ({
            task: v.crossEntropy(target).mean('time'),
            rate: layers[layer]!.spikes[rate]('time')
              .div(rate === 'sum' ? steps : 1)
              .sub(low)
              .square()
              .mean()
              .mul(lambda),
          })),
        });
        t.true(Math.abs(traced.value - built.value) < 1e-12);
        for (const [name, expected] of Object.entries(built.found)) {
          const [got, apart] = [traced.found[name]!, without.found[name]!];
          const largest = Math.max(...Array.from(expected, Math.abs));
          t.true(
            expected.every((g, i) => Math.abs(g - got[i]!) <= 1e-12 * largest),
            `${layer} ${name}`,
          );
          // The penalty reaches the weights before it.
          if (name === 'dense1.weight')
            t.true(expected.some((g, i) => Math.abs(g - apart[i]!) > 1e-3 * largest));
        }
      }
    }
  });
}
