// Compile-only: a sweep's table has the axes that it was asked for.

import { type Circuit, distribution, simulateMany } from '../../src-ts/doors/circuit.ts';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import { trainMany } from '../../src-ts/doors/study.ts';
import { adam, dense, loss, sequential } from '../../src-ts/index.ts';

declare const network: Circuit;
const { axes, seeds, columns, failed } = await simulateMany(network, {
  axes: { 'E.tauMem': [10, 20], 'drive.rate': Float64Array.of(1, 2) },
  duration: 100,
  measure: ['rate', { measure: 'synchrony', bin: 1 }],
});
const tau: Float64Array = axes['E.tauMem'];
const [seed, rate]: [Float64Array, Float64Array | undefined] = [seeds, columns['E.rate']];
const code: string | undefined = failed[0]?.error.code;
void [tau, seed, rate, code];
await simulateMany(network, {
  axes: { 'E.tauMem': distribution.uniform(10, 20) },
  design: 'sample',
  samples: 10,
  duration: 100,
});

// @ts-expect-error an axis that was not asked for
void axes['I.tauMem'];
// @ts-expect-error how long is not said
await simulateMany(network, { axes: {} });
// @ts-expect-error a statistic that there is not
await simulateMany(network, { axes: {}, duration: 1, measure: ['rates'] });
// @ts-expect-error a window belongs to another statistic
await simulateMany(network, { axes: {}, duration: 1, measure: [{ measure: 'synchrony', window: 1 }] });
// @ts-expect-error a design that there is not
await simulateMany(network, { axes: {}, duration: 1, design: 'random' });

const data = () =>
  new DataLoader({ x: new Float32Array(8), y: new Uint8Array(1), shape: [1, 1, 8] }, { batchSize: 1 });
const trained = await trainMany({
  axes: { lr: [1e-3], beta: [0.9] },
  seeds: [1, 2],
  model: ({ beta }) => sequential(dense(8, 4), lif({ beta }), dense(4, 2), li({ beta })),
  data,
  fit: ({ lr }) => ({ epochs: 1, loss: loss.crossEntropyMeanMembrane(), optimizer: adam({ lr }) }),
  onModel: (model, { row, seed }) => model.save(`${row}-${seed}.safetensors`),
});
const accuracy: Float64Array = trained.columns.accuracy;
void [accuracy, trained.axes.lr];
await trainMany({
  axes: { lr: [1e-3] },
  // @ts-expect-error an axis that there is not
  model: ({ beta }) => sequential(dense(8, 2), li({ beta })),
  data,
  fit: () => ({ epochs: 1, loss: loss.crossEntropyMeanMembrane() }),
});
