// What is reported of gradients that are computed only where they are read. That they are right: src-rs/core/tests/engine/sparse_gradients.
import test from 'ava';
import { adam, dense, li, lif, loss, operations, sequential, surrogate } from '../src-ts/index.ts';

const [steps, batch, inputs, hidden] = [15, 16, 40, 192];
let drawn = 1;
const random = () => {
  drawn = (Math.imul(drawn, 1664525) + 1013904223) >>> 0;
  return drawn / 2 ** 32;
};
const x = Float32Array.from({ length: steps * batch * inputs }, random);
const y = Uint32Array.from({ length: batch }, (_, i) => i % 3);
const given = { x, y, shape: [steps, batch, inputs] };

const network = (derivative: ReturnType<typeof surrogate.triangular>) =>
  sequential(
    dense(inputs, hidden, { initial: { kind: 'fan-in-uniform', gain: 2 } }),
    lif({ name: 'first', beta: 0.9, surrogate: derivative }),
    dense(hidden, hidden, { initial: { kind: 'fan-in-uniform', gain: 4 } }),
    lif({ name: 'second', beta: 0.9, surrogate: derivative }),
    dense(hidden, 3),
    li({ beta: 0.9 }),
  ).compile({ seed: 2 });

test('the active fraction is that of potentials within the support, and only it is computed', async (t) => {
  using model = await network(surrogate.triangular({ width: 0.1 }));
  const { recordings } = await model.run(given, { record: ['first.v'] });
  const near = [...recordings['first.v']!].filter((v) => Math.abs(v - 1) < Math.fround(0.1)).length;
  const fraction = near / (steps * batch * hidden);
  const { layers } = await operations(model, given);
  t.is(layers.find(({ name }) => name === 'first')!.active, fraction);
  const report = await model.trainStep(given, { loss: loss.crossEntropyMeanMembrane(), optimizer: adam() });
  t.is(report.active![0], fraction);
  t.is(report.computed![0], fraction, 'the gradient of 192 outputs is computed where it is read');
  t.true(fraction > 0 && fraction < 0.12);
  t.is(report.computed![1], 1, 'three outputs are not worth it');
  t.is(report.active![2], null, 'a readout does not spike');
});

test('of a derivative that is zero nowhere nothing is reported, and no figure without a backward pass', async (t) => {
  using model = await network(surrogate.fastSigmoid({ slope: 25 }));
  const work = { loss: loss.crossEntropyMeanMembrane() };
  const report = await model.trainStep(given, { ...work, optimizer: adam() });
  t.deepEqual(
    [report.active, report.computed],
    [
      [null, null, null],
      [null, null, null],
    ],
  );
  const evaluated = await model.evaluateStep(given, work);
  t.false('active' in evaluated);
  const { layers } = await operations(model, given);
  t.true(layers.every((layer) => !('active' in layer)));
});
