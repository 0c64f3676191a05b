// What a target does otherwise than a model is said, or the model is refused: over all targets and all options of the neurons that can be
// quantized, as the engine's registry lists them. The reference is the model itself, with numbers that integers can hold exactly.
import test from 'ava';
import { type IntegerTarget, type Quantized, quantize } from '../../src-ts/doors/chip.ts';
import { cubaLi, cubaLif, integrateAndFire, li, lif } from '../../src-ts/doors/neurons.ts';
import { addon, unwrap } from '../../src-ts/engine/native.ts';
import { dense, LapicqueError, type Layer, type Model, sequential } from '../../src-ts/index.ts';
import { random } from '../support/numbers.ts';

const targets = ['int8', 'int4', 'loihi', 'xylo'] as const satisfies readonly IntegerTarget[];
const layered = sequential as (...layers: Layer[]) => { compile(options?: object): Promise<Model> };

interface Described {
  readonly key: string;
  readonly spiking: boolean;
  readonly options: readonly {
    readonly name: string;
    readonly values: readonly string[];
    readonly default: string;
  }[];
}
const { models } = JSON.parse(unwrap(addon.describeModels())) as { models: readonly Described[] };

type Options = Readonly<Record<string, unknown>>;

const factories: Readonly<Record<string, { make: (options: never) => Layer; needed: Options }>> = {
  // The threshold is no sum of weights, so that rounding decides no spike.
  lif: { make: lif as never, needed: { beta: 0.75, vThreshold: 1.06 } },
  if: { make: integrateAndFire as never, needed: { vThreshold: 1.06 } },
  'cuba-lif': { make: cubaLif as never, needed: { alpha: 0.5, beta: 0.75, vThreshold: 1.06 } },
  li: { make: li as never, needed: { beta: 0.75 } },
  'cuba-li': { make: cubaLi as never, needed: { alpha: 0.5, beta: 0.75 } },
};

/** Options with which a model does what a target does. */
const native: Readonly<Record<(typeof targets)[number], Options>> = {
  int8: {},
  int4: {},
  loihi: { reset: 'value', resetTiming: 'same-step' },
  xylo: { reset: 'subtract', resetTiming: 'same-step', compare: '>=' },
};

/** Numbers of neurons that change what they do. */
const numbers: Readonly<Record<string, readonly Options[]>> = {
  lif: [
    { vThreshold: 1.5 },
    { vThreshold: -0.5 },
    { vReset: -0.5 },
    { vReset: -64 },
    { vLeak: 0.25 },
    { vInit: 0.5 },
    { vInit: 3 },
    { vMin: -0.5 },
    { r: 2 },
    { r: -1 },
    { r: 0 },
    { beta: 1 },
    { beta: 0 },
    { refractorySteps: 2 },
    { tauRef: 3 },
    { gradedSpikes: 2 },
    { recurrent: 'dense' },
    { recurrent: 'one-to-one' },
  ],
  'cuba-lif': [
    { wIn: 2 },
    { r: -1 },
    { r: 0 },
    { alpha: 0 },
    { alpha: 0.25 },
    { alpha: 0.75 },
    { alpha: 1, beta: 0.5 },
  ],
};
const numbersOf = (key: string): readonly Options[] => {
  const own = [...(numbers.lif ?? []), ...(key.startsWith('cuba') ? numbers['cuba-lif']! : [])];
  const unknown: Readonly<Record<string, readonly string[]>> = {
    if: ['vLeak', 'vMin', 'beta'],
    'cuba-lif': ['vMin'],
    li: ['recurrent', 'vThreshold', 'vReset', 'vMin', 'refractorySteps', 'tauRef', 'gradedSpikes'],
    'cuba-li': ['recurrent', 'vThreshold', 'vReset', 'vMin', 'refractorySteps', 'tauRef', 'gradedSpikes'],
  };
  return own.filter((options) => !Object.keys(options).some((name) => unknown[key]?.includes(name)));
};

const [steps, batch, inputs, neurons] = [60, 4, 8, 12];

/** Spikes of the input: none at the end, so that what is on its way arrives. */
function spikesIn(seed: number) {
  const draw = random(seed);
  const active = steps - 15;
  const x = Uint8Array.from({ length: steps * batch * inputs }, (_, i) =>
    i < active * batch * inputs && draw() < 0.25 ? 1 : 0,
  );
  return { x, shape: [steps, batch, inputs] };
}

/** One layer, whose weights are whole in units that all targets have; most are positive, so that neurons spike. */
async function modelOf(key: string, options: Options): Promise<Model> {
  const { make, needed } = factories[key]!;
  const own = { ...needed, ...options };
  // A time constant is the other way to give a decay.
  if ('tauMem' in own) delete (own as { beta?: number }).beta;
  if ('tauSyn' in own) delete (own as { alpha?: number }).alpha;
  const model = await layered(dense(inputs, neurons), make(own as never)).compile({
    precision: 'f64',
    dt: 1,
  });
  const draw = random(7);
  const weights = Float64Array.from({ length: inputs * neurons }, () => Math.floor(draw() * 11 - 3) / 7);
  for (let row = 0; row < neurons; row++) weights[row * inputs] = 1;
  const recurrent = model.info.parameters.filter(({ name }) => !name.startsWith('dense1.'));
  await model.setWeights({
    'dense1.weight': weights,
    'dense1.bias': new Float64Array(neurons),
    ...Object.fromEntries(
      recurrent.map(({ name, shape }) => [
        name,
        // Each row has a weight of 1, as those of the other layer.
        Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
          name.endsWith('bias') ? 0 : i % (shape[1] ?? 1) === 0 ? -1 : Math.floor(draw() * 3 - 1) / 7,
        ),
      ]),
    ),
  });
  return model;
}

const vMembraneOnly = (key: string) => key === 'li' || key === 'cuba-li';

/** The share of entries of the output, spikes or potentials, that are not those of the model. */
async function differing(model: Model, { network, report }: Quantized, key: string): Promise<number> {
  const calibration = spikesIn(1);
  const float = await model.run(calibration);
  const whole = await network.run(calibration);
  const [layer] = report.layers;
  if (vMembraneOnly(key)) {
    const units = network.tensors.units[layer!.name]!;
    const largest = Array.from(float.v).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return (
      whole.v.filter((value, i) => Math.abs(value * units[i % neurons]! - float.v[i]!) > 0.02 * largest)
        .length / whole.v.length
    );
  }
  return whole.spikes!.filter((count, i) => count !== float.spikes![i]).length / whole.spikes!.length;
}

/** Options of decays as time constants, so that methods and scales of them apply. */
const timed: Options = { tauMem: 4, tauSyn: 2 };

const cases: { key: string; target: (typeof targets)[number]; options: Options }[] = [];
for (const target of targets)
  for (const key of Object.keys(factories)) {
    const described = models.find((model) => model.key === key)!;
    const base = described.spiking ? native[target] : {};
    const add = (options: Options) => cases.push({ key, target, options: { ...base, ...options } });
    add({});
    const value = (text: string) => (text === 'true' ? true : text === 'false' ? false : text);
    for (const { name, values } of described.options)
      for (const own of values) {
        add({ [name]: value(own) });
        // Reset to a value is where some options matter.
        if (described.spiking && name === 'zeroKeepsInput')
          add({ [name]: value(own), reset: 'value', resetTiming: 'next-step', vReset: 0.5 });
        if (name === 'inputScale' || name === 'method' || name === 'synInputScale') {
          const taus = Object.fromEntries(
            Object.entries(timed).filter(([tau]) => key.startsWith('cuba') || tau === 'tauMem'),
          );
          if (key !== 'if') add({ [name]: value(own), ...taus });
          if (key !== 'if') add({ [name]: value(own), method: 'euler', ...taus });
        }
      }
    for (const options of numbersOf(key)) add(options);
  }

test('over targets and options, an integer layer does what the model does, or its report says what it does otherwise', async (t) => {
  const tally = { equal: 0, stated: 0, replaced: 0, refused: 0, invalid: 0 };
  const wrong: string[] = [];
  for (const { key, target, options } of cases) {
    const at = `${target} ${key} ${JSON.stringify(options)}`;
    let model: Model;
    try {
      model = await modelOf(key, options);
    } catch (error) {
      // Options that do not go together.
      t.true(error instanceof LapicqueError, at);
      tally.invalid += 1;
      continue;
    }
    try {
      const quantized = await quantize(model, { target, calibration: spikesIn(1) });
      const { layers, warnings } = quantized.report;
      const [{ replaced, decayError, thresholdError, weightError }] = layers as [(typeof layers)[number]];
      t.is(warnings.length, replaced.length, at);
      for (const { rule } of replaced)
        t.true(warnings.some((line) => line.includes(`: ${rule} of the target ${target}`)));
      if (replaced.length > 0) tally.replaced += 1;
      else {
        const share = await differing(model, quantized, key);
        const stated = decayError > 0.005 || thresholdError > 0.02 || weightError > 0.1;
        if (share > 0.03 && !stated) wrong.push(`${at}: ${share}`);
        tally[share > 0.03 ? 'stated' : 'equal'] += 1;
      }
    } catch (error) {
      t.is((error as LapicqueError).code, 'unsupported', `${at}: ${error}`);
      t.regex(
        (error as LapicqueError).message,
        new RegExp(key.replace(/-(.)/, (_, c) => c.toUpperCase())),
        at,
      );
      tally.refused += 1;
    }
  }
  t.log(tally);
  t.deepEqual(wrong, []);
  t.true(tally.equal > 100 && tally.replaced > 30 && tally.refused > 30, JSON.stringify(tally));
  // Errors that are stated excuse few cases.
  t.true(tally.stated < 0.1 * tally.equal, JSON.stringify(tally));
});

test('each option that a chip replaces is named, and no other', async (t) => {
  const rules = async (key: string, target: IntegerTarget, options: Options) => {
    const model = await modelOf(key, { ...native[target as 'xylo'], ...options });
    const { report } = await quantize(model, { target, calibration: spikesIn(1) });
    return report.layers[0]!.replaced.map(({ rule }) => rule);
  };
  for (const target of ['loihi', 'xylo'] as const) t.deepEqual(await rules('cuba-lif', target, {}), []);
  t.deepEqual(await rules('lif', 'loihi', {}), []);
  t.deepEqual(await rules('lif', 'xylo', {}), ['currents']);
  t.deepEqual(await rules('cuba-lif', 'loihi', { reset: 'subtract' }), ['reset']);
  t.deepEqual(await rules('cuba-lif', 'loihi', { reset: 'none' }), ['reset']);
  t.deepEqual(await rules('cuba-lif', 'xylo', { reset: 'value' }), ['reset']);
  t.deepEqual(await rules('cuba-lif', 'xylo', { compare: '>' }), ['compare']);
  t.deepEqual(await rules('cuba-lif', 'loihi', { compare: '>=' }), ['compare']);
  t.deepEqual(await rules('cuba-lif', 'xylo', { resetTiming: 'next-step' }), ['resetTiming', 'resetScale']);
  t.deepEqual(await rules('cuba-lif', 'xylo', { resetTiming: 'next-step', resetScale: 'beta-threshold' }), [
    'resetTiming',
  ]);
  t.deepEqual(await rules('cuba-lif', 'loihi', { resetTiming: 'next-step' }), ['resetTiming']);
  t.deepEqual(await rules('cuba-lif', 'loihi', { currentOrder: 'use-decay-add' }), ['currentOrder']);
  t.deepEqual(await rules('cuba-lif', 'xylo', { currentOrder: 'use-decay-add' }), ['currentOrder']);
  t.deepEqual(await rules('cuba-lif', 'xylo', { currentOrder: 'add-use-decay' }), []);
  t.deepEqual(await rules('cuba-lif', 'xylo', { alpha: 0 }), ['currentDecay']);
  t.deepEqual(await rules('cuba-lif', 'xylo', { beta: 1 }), ['vDecay']);
  t.deepEqual(await rules('cuba-lif', 'xylo', { alpha: 1, beta: 0.5 }), ['currentDecay']);
  t.deepEqual(await rules('cuba-lif', 'loihi', { alpha: 1, beta: 1 }), []);
  // Hidden layers, and what leads from them to the last one.
  const both = { alpha: 0.5, beta: 0.75, resetTiming: 'same-step', compare: '>=' } as const;
  const two = await layered(dense(inputs, 5), cubaLif(both), dense(5, 3), cubaLif(both)).compile();
  const { report } = await quantize(two, { target: 'xylo', calibration: spikesIn(1) });
  t.deepEqual(
    report.layers.map(({ replaced }) => replaced.map(({ rule }) => rule)),
    [['maxSpikes'], ['outputDelay']],
  );
  t.regex(
    report.warnings[0]!,
    /^cubaLif1: maxSpikes of the target xylo replaces the model's: at most 31 spikes/,
  );
  // Counts that a target cannot take.
  const counts = { ...spikesIn(1), x: Float32Array.from(spikesIn(1).x, (x, i) => x * (1 + (i % 5))) };
  const loihi = await quantize(two, { target: 'loihi', calibration: counts });
  t.regex(
    loihi.report.warnings[0]!,
    /^input: inputMaxCount of the target loihi is 1: whole numbers up to 5 become 0 or 1/,
  );
});

test('neurons without a synaptic current get their charge once on a target that has one', async (t) => {
  const x = new Uint8Array(60).fill(1, 0, 40);
  const calibration = { x, shape: [60, 1, 1] };
  for (const target of targets)
    for (const neuron of [
      integrateAndFire(),
      cubaLif({ alpha: 0, beta: 1 }),
      cubaLif({ alpha: 0.2, beta: 1 }),
    ]) {
      const model = await layered(dense(1, 1, { bias: false }), neuron).compile();
      await model.setWeights({ 'dense1.weight': Float32Array.of(0.37) });
      const { network, report } = await quantize(model, { target, calibration });
      const [{ spikes }] = report.layers as [(typeof report.layers)[0]];
      // 40 spikes of 0.37 are 14.8 thresholds; those of a current of which 0.2 is left are 18.5.
      t.true(spikes.model === 14 || spikes.model === 18, `${spikes.model}`);
      // A reset to a value loses what is above the threshold.
      if (target !== 'loihi')
        t.true(
          Math.abs(spikes.integer - spikes.model) <= (target === 'xylo' ? 1 : 0),
          `${target} ${JSON.stringify(spikes)}`,
        );
      else t.true(report.warnings.some((line) => line.includes('reset')));
      network.dispose();
    }
  // Two layers of such neurons.
  const two = await layered(dense(inputs, 20), integrateAndFire(), dense(20, 10), integrateAndFire()).compile(
    { seed: 4 },
  );
  const data = spikesIn(3);
  const { report } = await quantize(two, { target: 'xylo', calibration: data });
  for (const { name, spikes } of report.layers) {
    t.true(spikes.model > 20, `${name} ${spikes.model}`);
    t.true(Math.abs(spikes.integer / spikes.model - 1) < 0.15, `${name} ${JSON.stringify(spikes)}`);
  }
});
