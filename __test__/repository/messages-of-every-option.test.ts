// The whole class of wrong values: every option of every factory, given what it cannot be, names itself and shows what was given; an option
// that does not exist is told beside those that do.
import test from 'ava';
import { addon, unwrap } from '../../src-ts/engine/native.ts';
import { failure } from '../support/errors.ts';
import * as lapicque from '../support/library.ts';

type Factory = (...args: unknown[]) => unknown;
interface Model {
  readonly key: string;
  readonly params: readonly { readonly name: string }[];
  readonly options: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly alternatives: readonly (readonly string[])[];
}
const registry = JSON.parse(unwrap(addon.describeModels())) as { readonly models: readonly Model[] };
const factories = lapicque as unknown as Readonly<Record<string, Factory>>;
const camel = (key: string) => key.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const factoryOf = (key: string) => factories[key === 'if' ? 'integrateAndFire' : camel(key)]!;

/** What stands for a value in a message. */
const valueText = (value: unknown) =>
  typeof value === 'string'
    ? `"${value}"`
    : typeof value === 'object' && value !== null
      ? 'an object'
      : `${value}`;

for (const { key, params, options } of registry.models) {
  test(`every parameter and option of ${key}`, async (t) => {
    for (const { name } of params) {
      for (const wrong of ['abc', Number.NaN, true, null, {}, [1, 'x']]) {
        const error = await failure(() => factoryOf(key)({ [name]: wrong }));
        t.is(error?.code, 'invalid-parameter', `${name}: ${valueText(wrong)}`);
        const [path, value] = Array.isArray(wrong) ? [`${name}[1]`, '"x"'] : [name, valueText(wrong)];
        t.is(error!.message.split(': ')[0], `${key}.${path}`);
        t.true(error!.message.endsWith(` but got ${value}`), error!.message);
      }
    }
    for (const { name, values } of options) {
      // Without the parameters that it needs the model is refused too, but names are looked at first.
      const model = () => factoryOf(key)({ [name]: 'zzzz' }) as never;
      const error = await failure(() =>
        (lapicque.sequential as unknown as (...layers: unknown[]) => lapicque.Network)(
          lapicque.input(24),
          model(),
        ).compile(),
      );
      t.is(error?.code, 'invalid-parameter', `${name}: ${error?.message}`);
      t.regex(error!.message, new RegExp(`^\\w+1\\.${name}: expected one of .* but got "zzzz"$`));
      for (const value of values) t.true(error!.message.includes(value), error!.message);
      const other = await failure(() => factoryOf(key)({ [name]: 3 }));
      t.regex(
        `${other?.message}`,
        new RegExp(`^${key}\\.${name}: expected a string or a boolean but got 3$`),
      );
    }
    const error = await failure(() => factoryOf(key)({ zzzzzzzz: 1 }));
    t.is(error?.code, 'unknown-name');
    t.true(error!.message.startsWith(`unknown option of ${key} "zzzzzzzz"`), error!.message);
  });
}

/** Factories of layers: the arguments before their options, and those options that take a number, or a choice. */
const layers: Readonly<Record<string, readonly [before: readonly unknown[], options: readonly string[]]>> = {
  dense: [
    [2, 3],
    ['name', 'bias', 'initial', 'initialBias', 'trainable', 'delay'],
  ],
  conv1d: [
    [2, 3, 3],
    ['name', 'stride', 'padding', 'dilation', 'groups', 'transposed', 'bias', 'initial', 'trainable'],
  ],
  conv2d: [
    [2, 3, 3],
    ['name', 'stride', 'padding', 'dilation', 'groups', 'transposed', 'bias', 'initial', 'trainable'],
  ],
  pointwise: [
    [2, 3],
    ['name', 'bias', 'initial', 'initialBias', 'trainable'],
  ],
  maxPool1d: [[2], ['name', 'stride', 'padding']],
  maxPool2d: [[2], ['name', 'stride', 'padding']],
  avgPool1d: [[2], ['name', 'stride', 'padding']],
  avgPool2d: [[2], ['name', 'stride', 'padding']],
  sumPool1d: [[2], ['name', 'stride', 'padding']],
  sumPool2d: [[2], ['name', 'stride', 'padding']],
  globalAvgPool: [[], ['name']],
  globalMaxPool: [[], ['name']],
  globalSumPool: [[], ['name']],
  flatten: [[], ['name']],
  unflatten: [[[2, 3]], ['name']],
  dropout: [[0.5], ['name', 'over']],
  embedding: [
    [5, 4],
    ['name', 'initial', 'trainable'],
  ],
  lateralInhibition: [[], ['name', 'state']],
  batchNorm: [[], ['name', 'epsilon', 'momentum', 'affine', 'trainable']],
  layerNorm: [[], ['name', 'epsilon', 'affine', 'over', 'trainable']],
  timeFilter: [[[1, 2]], ['name', 'trainable']],
  timeMixture: [[3], ['name', 'trainable']],
  timeSum: [[], ['name']],
  timeMean: [[], ['name']],
  timeMax: [[], ['name']],
  attention: [
    [[], [], []],
    ['heads', 'scale'],
  ],
  selfAttention: [[8], ['heads', 'scale', 'kind', 'neuron']],
};

for (const [name, [before, options]] of Object.entries(layers)) {
  test(`every option of ${name}`, async (t) => {
    const make = factories[name]!;
    t.is(await failure(() => make(...before)), undefined, 'it is right without options');
    // No option of a layer takes a symbol, or nothing.
    for (const option of options) {
      for (const wrong of [Symbol.iterator, null, () => 1]) {
        const error = await failure(() => make(...before, { [option]: wrong }));
        t.true(
          ['invalid-parameter', 'unknown-name'].includes(error?.code ?? 'none'),
          `${option}: ${error?.message}`,
        );
        t.true(error!.message.includes(`${name}.${option}`), error!.message);
      }
    }
    const other = await failure(() => make(...before, { zzzzzzzz: 1 }));
    t.is(other?.code, 'unknown-name', other?.message);
    t.true(other!.message.startsWith(`unknown option of ${name} "zzzzzzzz"`), other!.message);
    for (const wrong of [3, 'text', [1], null]) {
      const error = await failure(() => make(...before, wrong));
      t.is(error?.code, 'invalid-parameter', `${wrong}: ${error?.message}`);
      t.true(error!.message.includes(name), error!.message);
    }
  });
  if (before.length === 0) continue;
  test(`every size of ${name}`, async (t) => {
    for (const [i, argument] of before.entries()) {
      for (const wrong of typeof argument === 'number'
        ? ['x', Number.NaN, -1, null, {}]
        : ['x', 3, null, {}]) {
        const args = before.with(i, wrong);
        const error = await failure(() => factories[name]!(...args));
        t.is(error?.code, 'invalid-parameter', `argument ${i}: ${valueText(wrong)}: ${error?.message}`);
        t.true(error!.message.startsWith(name), error!.message);
        t.true(error!.message.includes(' but got '), error!.message);
      }
    }
  });
}

/** Plain data by kind: a loss, an optimizer; each with options that it reads. */
const { trace: _, ...losses } = lapicque.loss;
const kinds = { ...losses, adam: lapicque.adam, adamw: lapicque.adamw, sgd: lapicque.sgd };
const read: Readonly<Record<string, readonly string[]>> = {
  adam: ['lr', 'weightDecay', 'groups', 'maxNorm', 'betas', 'eps'],
  adamw: ['lr', 'weightDecay', 'groups', 'maxNorm', 'betas', 'eps'],
  sgd: ['lr', 'weightDecay', 'groups', 'maxNorm', 'momentum', 'dampening', 'nesterov'],
};
for (const [name, make] of Object.entries(kinds) as unknown as [string, Factory][]) {
  test(`every option of ${name}`, async (t) => {
    const base = name === 'sgd' ? { lr: 1 } : {};
    for (const option of read[name] ?? ['reduction', 'from', 'classWeights', 'weightedMean']) {
      for (const wrong of ['zzzz', null, {}, -0.5]) {
        // A number below 0 is a matter of ranges, which the engine checks.
        if (
          wrong === -0.5 &&
          !['reduction', 'from', 'classWeights', 'weightedMean', 'groups', 'betas', 'nesterov'].includes(
            option,
          )
        )
          continue;
        const error = await failure(() => make({ ...base, [option]: wrong }));
        t.true(
          ['invalid-parameter', 'unknown-name'].includes(error?.code ?? 'none'),
          `${option}: ${valueText(wrong)}`,
        );
        t.true(error!.message.includes(option), error!.message);
        t.false(error!.message.includes('undefined'), error!.message);
      }
    }
    const other = await failure(() => make({ ...base, zzzzzzzz: 1 }));
    t.is(other?.code, 'unknown-name', other?.message);
    for (const wrong of [3, 'text', null]) {
      const error = await failure(() => make(wrong));
      t.is(error?.code, 'invalid-parameter', `${wrong}: ${error?.message}`);
    }
  });
}

/** Encoders: of each its options. */
const data = { x: Float32Array.of(0.2, 0.5, 0.1), shape: [3, 1] };
const encoders: Readonly<Record<string, readonly string[]>> = {
  rate: ['gain', 'offset', 'firstSpikeTime', 'steps', 'seed', 'stream'],
  poisson: ['dt', 'counts', 'steps', 'seed', 'stream'],
  latency: ['steps', 'threshold', 'tau', 'clip', 'normalize', 'linear', 'bypass', 'epsilon'],
  delta: ['threshold', 'padding', 'offSpike'],
  direct: ['gain', 'offset', 'steps'],
};
for (const [name, options] of Object.entries(encoders)) {
  test(`every option of encode.${name}`, async (t) => {
    const encode = (lapicque.encode as unknown as Readonly<Record<string, Factory>>)[name]!;
    const base = ['poisson', 'direct', 'latency'].includes(name) ? { steps: 5 } : {};
    t.is(await failure(() => encode(data, base)), undefined, 'it is right without');
    for (const option of options) {
      for (const wrong of ['abc', Number.NaN, null, {}]) {
        const error = await failure(() => encode(data, { ...base, [option]: wrong }));
        t.is(error?.code, 'invalid-parameter', `${option}: ${valueText(wrong)}: ${error?.message}`);
        t.true(error!.message.startsWith(option), error!.message);
        t.true(error!.message.endsWith(` but got ${valueText(wrong)}`), error!.message);
      }
    }
    const other = await failure(() => encode(data, { ...base, zzzzzzzz: 1 }));
    t.is(other?.code, 'unknown-name', other?.message);
    t.true(
      other!.message.startsWith(`unknown option of encode.${name} "zzzzzzzz"; known are `),
      other!.message,
    );
  });
}

/** Connection rules: the arguments before their options. */
const rules: Readonly<Record<string, readonly unknown[]>> = {
  allToAll: [],
  oneToOne: [],
  fixedInDegree: [2],
  fixedOutDegree: [2],
  fixedTotalNumber: [2],
  pairwiseBernoulli: [0.5],
  pairwisePoisson: [0.5],
};
for (const [name, before] of Object.entries(rules)) {
  test(`every argument of rule.${name}`, async (t) => {
    const make = (lapicque.rule as unknown as Readonly<Record<string, Factory>>)[name]!;
    t.is(await failure(() => make(...before)), undefined);
    for (const [i] of before.entries()) {
      for (const wrong of ['abc', Number.NaN, -1, null, undefined, {}]) {
        const error = await failure(() => make(...before.with(i, wrong)));
        t.is(error?.code, 'invalid-parameter', `${valueText(wrong)}: ${error?.message}`);
        t.regex(error!.message, /^(count|p|mean): expected .* but got /);
      }
    }
    for (const wrong of [1, 'yes', null]) {
      const error = await failure(() => make(...before, { autapses: wrong }));
      t.is(error?.code, 'invalid-parameter', error?.message);
      t.true(error!.message.startsWith('rule.autapses: expected '), error!.message);
    }
    const other = await failure(() => make(...before, { zzzzzzzz: true }));
    t.true(
      other?.message.startsWith('unknown option of rule "zzzzzzzz"; known are autapses'),
      other?.message,
    );
  });
}

/** Learning-rate schedules: by kind the options that they need, and others. */
const schedules: Readonly<Record<string, readonly [needed: object, more: readonly string[]]>> = {
  constant: [{}, []],
  step: [{ stepSize: 1 }, ['gamma']],
  'multi-step': [{ milestones: [1] }, ['gamma']],
  exponential: [{ gamma: 0.9 }, []],
  cosine: [{ period: 1 }, ['minFactor']],
  'cosine-restarts': [{ period: 1 }, ['periodGrowth', 'minFactor']],
  // biome-ignore lint/suspicious/noThenProperty: it is the name of the option, and nothing awaits it.
  'warm-up': [{ steps: 1, then: { kind: 'constant' } }, ['startFactor']],
  'one-cycle': [{ totalSteps: 2 }, ['pctStart', 'divFactor', 'finalDivFactor', 'anneal', 'threePhase']],
  'reduce-on-plateau': [
    {},
    ['factor', 'patience', 'threshold', 'thresholdMode', 'mode', 'cooldown', 'minFactor'],
  ],
};
test('every option of every schedule', async (t) => {
  using model = await lapicque.sequential(lapicque.dense(2, 2), lapicque.lif({ beta: 0.9 })).compile();
  const batch = { x: new Float32Array(2), shape: [1, 1, 2], y: Uint8Array.of(0) };
  const trained = (schedule: unknown) =>
    failure(() =>
      model.fit([batch], { epochs: 1, loss: lapicque.loss.crossEntropyCount(), schedule: schedule as never }),
    );
  for (const [kind, [needed, more]] of Object.entries(schedules)) {
    t.is(await trained({ kind, ...needed }), undefined, kind);
    for (const option of [...Object.keys(needed), ...more]) {
      for (const wrong of ['zzzz', null, {}]) {
        const error = await trained({ kind, ...needed, [option]: wrong });
        t.true(
          ['invalid-parameter', 'unknown-name'].includes(error?.code ?? 'none'),
          `${kind}.${option}: ${valueText(wrong)}`,
        );
        t.true(error!.message.includes(`schedule.${option}`), error!.message);
      }
    }
    for (const option of Object.keys(needed)) {
      const error = await trained({ kind, ...needed, [option]: undefined });
      t.true(error?.message.startsWith(`schedule.${option}: expected `), error?.message);
    }
    const other = await trained({ kind, ...needed, zzzzzzzz: 1 });
    t.is(other?.code, 'unknown-name', kind);
    t.true(other!.message.startsWith(`unknown option of schedule ${kind} "zzzzzzzz"`), other!.message);
  }
});
