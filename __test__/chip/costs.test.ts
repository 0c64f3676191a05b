/** Energy models, costs over data, and an ANN beside a spiking network. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import {
  type ChipEnergy,
  compareCosts,
  type EnergyModel,
  energyModels,
  energyTable,
  estimateEnergy,
  operations,
  operationsTable,
} from '../../src-ts/doors/chip.ts';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { writeReport } from '../../src-ts/doors/figure.ts';
import { integrateAndFire, lif, rateUnit, slstm } from '../../src-ts/doors/neurons.ts';
import { batchNorm, dense, type LapicqueError, type Model, sequential } from '../../src-ts/index.ts';

const relay = { beta: 0, vThreshold: 0.5, reset: 'none' } as const;
const near = (got: number, expected: number) => Math.abs(got - expected) <= 1e-12 * Math.abs(expected);
const pJ = 1e-12;

/** Two inputs to three neurons with three weights that are not zero; 5 additions, 4 spikes in 2 steps. */
async function small(): Promise<Model> {
  const model = await sequential(
    dense(2, 3, { bias: false, name: 'w' }),
    lif({ ...relay, name: 'h' }),
  ).compile();
  await model.setWeights({ 'w.weight': Float32Array.of(1, 0, 1, 1, 0, 0) });
  return model;
}
const spikes = { x: Uint8Array.of(1, 0, 1, 1), shape: [2, 1, 2] };

/** Rejects with an error of this code whose message fits. */
async function refused(
  t: { is: (a: unknown, b: unknown, m?: string) => void; regex: (a: string, b: RegExp) => void },
  call: () => unknown,
  code: string,
  message: RegExp,
): Promise<void> {
  try {
    await call();
  } catch (error) {
    t.is((error as LapicqueError).code, code, (error as Error).message);
    return t.regex((error as Error).message, message);
  }
  t.is('no error', code);
}

test('every energy model has a unit, a source and assumptions', (t) => {
  for (const [name, model] of Object.entries(energyModels)) {
    t.is(model.name, name);
    t.true(Object.isFrozen(model));
    t.regex(model.source, /(19|20)\d\d/, `${name} names a year`);
    t.true(model.assumptions.length >= 3, name);
    // All figures are joules of one operation, between a femtojoule and 10 nJ.
    const figures = model.kind === 'chip' ? [model.synapticOperation] : [model.mac, model.ac];
    for (const joules of figures) t.true(joules > 1e-15 && joules <= 1e-8, `${name}: ${joules} J`);
  }
  // Horowitz 2014, figure 1.1.9.
  const { mac, ac } = energyModels['horowitz-45nm-fp32'] as { mac: number; ac: number };
  t.true(near(mac, 4.6 * pJ) && near(ac, 0.9 * pJ));
  const int8 = energyModels['horowitz-45nm-int8'] as { mac: number; ac: number };
  t.true(near(int8.mac, 0.23 * pJ) && near(int8.ac, 0.03 * pJ));
  t.true(near((energyModels.loihi as ChipEnergy).synapticOperation, 23.6 * pJ));
});

test('energies are sums over operations and memory accesses that can be counted by hand', async (t) => {
  using model = await small();
  const counted = await operations(model, spikes);
  const int8 = estimateEnergy(counted, 'horowitz-45nm-int8');
  t.true(near(int8.joules, 5 * 0.03 * pJ) && near(int8.denseJoules, 12 * 0.23 * pJ));
  t.is(int8.levels, undefined);

  const memory = estimateEnergy(counted, 'horowitz-45nm-memory-fp32');
  t.deepEqual(memory.levels, { weights: 'sram-8KiB', states: 'sram-8KiB', activations: 'sram-8KiB' });
  // 32 of 64 bits in 8 KiB: 5 pJ an access. Three input spikes are read and four output spikes written.
  t.true(near(memory.parts.arithmetic, 5 * 0.9 * pJ));
  t.true(near(memory.parts.weights, 5 * 5 * pJ));
  // The sum of each operation, and three states in two steps, are read and written.
  t.true(near(memory.parts.states, (5 + 3 * 2) * 2 * 5 * pJ));
  t.true(near(memory.parts.activations, (3 + 4) * 5 * pJ));
  const { arithmetic, weights, states, activations } = memory.parts;
  t.true(near(memory.joules, arithmetic + weights + states + activations));
  t.true(
    near(
      memory.joules,
      memory.layers.reduce((sum, { joules }) => sum + joules, 0),
    ),
  );
  // Dense: 12 operations with weight and input, sums in registers (2 pJ of 32 bits), states, and 6 outputs.
  t.true(near(memory.denseJoules, (12 * (4.6 + 5 + 5 + 4) + 6 * 2 * 5 + 6 * 5) * pJ));
  const dram = estimateEnergy(counted, 'horowitz-45nm-memory-fp32', { levels: { weights: 'dram' } });
  t.true(near(dram.parts.weights, 5 * 650 * pJ));

  const loihi = estimateEnergy(counted, 'loihi');
  // Three neurons at two steps.
  t.true(near(loihi.joules, (5 * 23.6 + 6 * 81) * pJ));
  const own: EnergyModel = {
    kind: 'chip',
    name: 'mine',
    source: 'measured',
    assumptions: ['all of it'],
    synapticOperation: 2,
    neuronUpdate: 0,
  };
  t.is(estimateEnergy(counted, own).joules, 10);
  t.is((await operations(model, spikes, { energy: own })).energy.joules, 10);
});

test('the smallest memory that holds the weights', async (t) => {
  using model = await sequential(dense(512, 512, { name: 'w' }), lif({ ...relay, name: 'h' })).compile({
    seed: 1,
  });
  const counted = await operations(model, { x: new Uint8Array(512).fill(1), shape: [1, 1, 512] });
  // 2^18 weights: 1 MiB of 32 bits, and 256 KiB of 8 bits.
  t.is(estimateEnergy(counted, 'horowitz-45nm-memory-fp32').levels!.weights, 'sram-1MiB');
  t.is(estimateEnergy(counted, 'horowitz-45nm-memory-int8').levels!.weights, 'sram-1MiB');
  t.is(estimateEnergy(counted, 'horowitz-45nm-memory-int8').levels!.states, 'sram-8KiB');
  using larger = await sequential(dense(513, 512, { name: 'w' }), lif({ ...relay, name: 'h' })).compile({
    seed: 1,
  });
  const more = await operations(larger, { x: new Uint8Array(513).fill(1), shape: [1, 1, 513] });
  t.is(estimateEnergy(more, 'horowitz-45nm-memory-fp32').levels!.weights, 'dram');
});

test('costs of a data set are those of its batches together', async (t) => {
  using model = await sequential(dense(3, 4, { name: 'w' }), lif({ beta: 0.9, name: 'h' })).compile({
    seed: 3,
  });
  const [steps, samples] = [5, 7];
  // Spikes, and one value that is none, in the sample 4 at the step 2.
  const x = Float32Array.from({ length: steps * samples * 3 }, (_, i) => Number((7 * i) % 5 < 2));
  x[(2 * samples + 4) * 3] = 0.5;
  const whole = await operations(model, { x, shape: [steps, samples, 3] });
  const divided = await operations(model, { x, shape: [steps, samples, 3] }, { batchSize: 3 });
  const bySample = Array.from({ length: samples }, (_, sample) =>
    Float32Array.from(
      { length: steps * 3 },
      (_, i) => x[(Math.floor(i / 3) * samples + sample) * 3 + (i % 3)]!,
    ),
  );
  const source = bySample.map((own) => ({ x: own, shape: [steps, 3], y: 0 }));
  const loader = new DataLoader(source, { batchSize: 3, sequences: true });
  const loaded = await operations(model, loader);
  t.deepEqual(loaded, divided);
  t.is(whole.samples, samples);
  t.is(divided.samples, samples);
  // By hand: the multiplications are all events of the step 2 in the batch that has the value.
  const events = (includes: (step: number, sample: number) => boolean) =>
    x.filter(
      (value, i) => value !== 0 && includes(Math.floor(i / (3 * samples)), Math.floor(i / 3) % samples),
    ).length;
  t.is(whole.effectiveMacs, (4 * events((step) => step === 2)) / samples);
  t.is(
    divided.effectiveMacs,
    (4 * events((step, sample) => step === 2 && sample >= 3 && sample < 6)) / samples,
  );
  t.true(near(divided.effectiveAcs + divided.effectiveMacs, (4 * events(() => true)) / samples));
  t.is(divided.membraneUpdates, whole.membraneUpdates);
  t.deepEqual(
    divided.layers.map(({ nonZero }) => nonZero),
    whole.layers.map(({ nonZero }) => nonZero),
  );
  // A constant input likewise.
  const still = { x: x.slice(0, samples * 3), shape: [samples, 3] };
  const once = await operations(model, still, { steps: 4 });
  const parts = await operations(model, still, { steps: 4, batchSize: 2 });
  t.deepEqual(parts.neurobench, once.neurobench);
});

test('tables show every layer with weights or neurons, and the sum', async (t) => {
  using model = await small();
  const counted = await operations(model, spikes);
  const lines = operationsTable(counted).split('\n');
  t.is(lines.length, 4);
  t.regex(lines[0]!, /^layer +kind +weights +zero weights +additions +multiply-adds +dense/);
  t.regex(lines[1]!, /^w +dense +6 +50\.0 % +5 +0 +12 .*4\.50 pJ$/);
  // Three membranes at the first step and one at the second; NeuroBench has no figure for neurons without reset.
  t.regex(lines[2]!, /^h +lif .*33\.3 % +4$/);
  t.regex(lines[3]!, /^all .*4\.50 pJ$/);
  const energies = energyTable([estimateEnergy(counted), estimateEnergy(counted, 'truenorth')]);
  t.regex(energies, /horowitz-45nm-fp32 +4\.50 pJ +55\.2 pJ +12\.3\ntruenorth +130 pJ +312 pJ +2\.4/);
});

test('metrics that NeuroBench has otherwise for a network, or not at all, are null', async (t) => {
  using lstm = await sequential(
    dense(3, 8, { name: 'gates' }),
    slstm({ neurons: 2, recurrent: 'dense' }),
  ).compile();
  const ofGates = await operations(lstm, { x: new Uint8Array(6).fill(1), shape: [2, 1, 3] });
  t.is(ofGates.neurobench.SynapticOperations, null);
  t.is(ofGates.neurobench.ConnectionSparsity, null);
  t.is(ofGates.neurobench.NeuronOperations, null);
  t.true(ofGates.effectiveAcs > 0);
  // Neurons without reset are not in NeuroBench's table; the operations of the others are shown by layer.
  using mixed = await sequential(
    dense(3, 2),
    lif({ beta: 0.9, name: 'with' }),
    dense(2, 2),
    lif({ beta: 0.9, reset: 'none', name: 'without' }),
  ).compile();
  const counted = await operations(mixed, { x: new Uint8Array(6).fill(1), shape: [2, 1, 3] });
  t.is(counted.neurobench.NeuronOperations, null);
  t.is(counted.layers.find(({ name }) => name === 'with')!.neuronOperations!.dense, 2 * 2 * 4);
  t.is(counted.layers.find(({ name }) => name === 'without')!.neuronOperations, undefined);
  // Norms and one-to-one weights are in the sums, and not in NeuroBench's.
  using normed = await sequential(
    dense(3, 2, { bias: false, name: 'w' }),
    batchNorm({ name: 'n' }),
    lif({ ...relay, recurrent: 'one-to-one', name: 'h' }),
  ).compile();
  await normed.setWeights({ 'w.weight': new Float32Array(6).fill(1) });
  const norms = await operations(normed, { x: new Uint8Array(3).fill(1), shape: [1, 1, 3] });
  t.is(norms.neurobench.SynapticOperations!.Dense, 6);
  t.is(norms.dense, 6 + 2 + 2);
  t.deepEqual(
    norms.layers.filter(({ counted }) => counted).map(({ name }) => name),
    ['w'],
  );
});

test('figures of the costs have every layer and energy model', async (t) => {
  const [ann, snn] = await pair();
  const comparison = await compareCosts(ann, snn, data, {
    steps: [1, 2, 3],
    energies: ['horowitz-45nm-fp32', 'loihi'],
  });
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-costs-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const paths = await writeReport(
    folder,
    { title: 'Costs', costs: comparison.snn, comparison },
    { formats: ['svg'] },
  );
  t.deepEqual(
    paths.map((path) => basename(path)),
    ['costs.svg', 'comparison.svg'],
  );
  const [costs, compared] = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  t.regex(costs!, />6</);
  t.regex(costs!, />27\.6 pJ</);
  t.regex(compared!, />horowitz-45nm-fp32</);
  t.regex(compared!, />loihi</);
  t.notRegex(costs! + compared!, /NaN|undefined/);
  const wrong = { model: 'x', layers: [] };
  await refused(
    t,
    () => writeReport(folder, { title: 'Costs', costs: wrong }),
    'invalid-parameter',
    /^costs\.layers/,
  );
});

/** Rate units that say which of two inputs is larger, and a spiking network that needs some steps for it. */
async function pair(): Promise<[Model, Model]> {
  const ann = await sequential(
    dense(2, 2, { bias: false, name: 'w' }),
    rateUnit({ activation: 'relu' }),
  ).compile();
  const snn = await sequential(
    dense(2, 2, { bias: false, name: 'w' }),
    integrateAndFire({ vThreshold: 1, reset: 'subtract' }),
  ).compile();
  for (const model of [ann, snn]) await model.setWeights({ 'w.weight': Float32Array.of(1, 0, 0, 1) });
  return [ann, snn];
}
/** The larger is the label; 0.3 and 0.35 give the same number of spikes for a while, and ties go to the first. */
const data = [
  { x: Float32Array.of(0.9, 0.1, 0.1, 0.9), shape: [2, 2], y: Uint32Array.of(0, 1) },
  { x: Float32Array.of(0.3, 0.35, 0.7, 0.2), shape: [2, 2], y: Uint32Array.of(1, 0) },
];

test('compareCosts finds the steps at which a spiking network is as accurate as the ANN', async (t) => {
  const [ann, snn] = await pair();
  const compared = await compareCosts(ann, snn, data, { steps: [1, 2, 3, 4, 8] });
  t.is(compared.annAccuracy, 1);
  t.is(compared.samples, 4);
  // With what is subtracted kept, 0.35 has given a spike after three steps, 0.3 after four.
  t.is(compared.steps, 3);
  t.is(compared.snnAccuracy, 1);
  t.deepEqual(
    compared.curve.map(({ steps }) => steps),
    [1, 2, 3],
  );
  t.true(compared.curve[0]!.accuracy < 1);
  // 4 samples of 2 values, each of one weight.
  t.is(compared.ann.effectiveMacs, 2);
  t.is(compared.snn.effectiveMacs, 6);
  const arithmetic = compared.energies.find(({ model }) => model.name === 'horowitz-45nm-fp32')!;
  t.true(near(arithmetic.ann!, 2 * 4.6 * pJ) && near(arithmetic.annDense!, 4 * 4.6 * pJ));
  t.true(near(arithmetic.snn, 6 * 4.6 * pJ));
  const chip = compared.energies.find(({ model }) => model.name === 'truenorth')!;
  t.is(chip.ann, undefined);
  t.true(near(chip.snn, 6 * 26 * pJ));
  // Half of the labels right is enough with this tolerance.
  const earlier = await compareCosts(ann, snn, data, { steps: [2], tolerance: 0.25, energies: ['loihi'] });
  t.is(earlier.steps, 2);
  t.is(earlier.energies.length, 1);
  // The same through an encoder.
  const encode = ({ x, shape }: { x: unknown; shape: readonly number[] }, steps: number) => ({
    x: Float32Array.from({ length: steps * 4 }, (_, i) => (x as Float32Array)[i % 4]!),
    shape: [steps, ...shape],
  });
  const encoded = await compareCosts(ann, snn, data, { steps: [1, 2, 3], encode });
  t.deepEqual(encoded.snn.neurobench, compared.snn.neurobench);
});

test('what cannot be compared, counted or estimated is refused', async (t) => {
  const [ann, snn] = await pair();
  const any = (value: unknown) => value as never;
  const cases: [() => unknown, string, RegExp][] = [
    [
      () => compareCosts(ann, snn, data, { steps: [1, 2] }),
      'invalid-parameter',
      /^steps: expected steps at which the spiking network reaches the accuracy of the ANN, 1, at one of 1, 2 but got 0\.\d+$/,
    ],
    [() => compareCosts(ann, snn, data, { steps: [] }), 'invalid-parameter', /^steps: /],
    [
      () => compareCosts(ann, snn, data, { steps: [2, 2] }),
      'invalid-parameter',
      /^steps\[1\]: expected more than the one before, 2 but got 2/,
    ],
    [() => compareCosts(ann, snn, data, { tolerance: -1 }), 'invalid-parameter', /^tolerance: /],
    [() => compareCosts(any(0), snn, data), 'invalid-parameter', /^ann: /],
    [() => compareCosts(ann, any({}), data), 'invalid-parameter', /^snn: /],
    [() => compareCosts(ann, snn, []), 'invalid-parameter', /^data: expected at least one batch/],
    [
      () => compareCosts(ann, snn, any(data.values())),
      'invalid-parameter',
      /^data: expected a list or a DataLoader/,
    ],
    [
      () => compareCosts(ann, snn, [{ ...data[0]!, y: Float32Array.of(0, 1) }]),
      'invalid-parameter',
      /^data: expected batches with one label/,
    ],
    [() => compareCosts(ann, snn, data, { energies: any('loihi') }), 'invalid-parameter', /^energies: /],
    [
      () => compareCosts(ann, snn, data, { energies: [any('loihy')] }),
      'unknown-name',
      /did you mean "loihi"/,
    ],
    [() => compareCosts(ann, snn, data, { encode: any(1) }), 'invalid-parameter', /^encode: /],
    [() => compareCosts(ann, snn, data, { snnDecision: any({ who: 1 }) }), 'unknown-name', /who/],
    [() => operations(snn, data[0]!, { steps: 1, batchSize: 0 }), 'invalid-parameter', /^batchSize: /],
    [() => operations(snn, [], { steps: 1 }), 'invalid-parameter', /^input: expected at least one batch/],
    [() => operations(snn, any([1]), { steps: 1 }), 'invalid-parameter', /^input: /],
    [() => operations(snn, data, { steps: 1, energy: any('arm') }), 'unknown-name', /energy model "arm"/],
    [
      () => operations(snn, data, { steps: 1, energy: any({ kind: 'chip' }) }),
      'invalid-parameter',
      /^energy\.name: /,
    ],
  ];
  const counted = await operations(snn, data, { steps: 1 });
  const own = { ...energyModels.loihi, synapticOperation: -1 };
  cases.push(
    [
      () => estimateEnergy(counted, any(own)),
      'invalid-parameter',
      /^model\.synapticOperation: expected a finite number/,
    ],
    [
      () => estimateEnergy(counted, 'loihi', { levels: { weights: 'dram' } }),
      'invalid-parameter',
      /^levels: expected no levels/,
    ],
    [
      () => estimateEnergy(counted, 'horowitz-45nm-memory-fp32', { levels: { weights: any('disk') } }),
      'unknown-name',
      /disk/,
    ],
    [() => estimateEnergy(any({})), 'invalid-parameter', /^operations: /],
  );
  for (const [call, code, message] of cases) await refused(t, call, code, message);
});
