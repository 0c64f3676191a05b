// NaN, an infinity or null in any option: JSON, by which options reach the engine, knows none of them, and an option
// must not pass for one that was left out.
import test from 'ava';
import { DataLoader, decode, encode, encodeTargets } from '../../src-ts/doors/data.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { adam, adamw, dense, evaluateLoss, evaluatePenalty, sequential, sgd } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import {
  batch,
  channels,
  classes,
  network,
  objective,
  shape,
  steps,
  x,
  y,
} from '../support/small-network.ts';
import { any, table, values } from '../support/table.ts';

const step = { x, shape, y };
const loader = () =>
  new DataLoader({ x: values(batch * channels), shape: [batch, channels], y }, { batchSize: 1 });

/** What takes options, with options that are right. */
const records: Record<string, [object, (options: never) => unknown]> = {};
const losses = {
  'cross-entropy-rate': { from: 1, perStep: 'sum', reduction: 'sum', populationClasses: 2 },
  'cross-entropy-count': { classWeights: [1, 2], weightedMean: 'weights' },
  'cross-entropy-first-spike': { inverse: 'negate' },
  'mean-squared-count': { correctRate: 1, incorrectRate: 0 },
  'mean-squared-rate': { onTarget: 1, offTarget: 0 },
  'mean-squared-membrane': { onTarget: 1, offTarget: 0 },
  'mean-squared-first-spike': { onTarget: [0, 2], offTarget: [1, 3], tolerance: 1 },
};
const outputs = { spikes: values(steps * batch * classes), shape: [steps, batch, classes] as const };
for (const [kind, options] of Object.entries(losses)) {
  const v = outputs.spikes;
  records[`loss ${kind}`] = [
    options,
    (overrides: object) =>
      evaluateLoss(any({ kind, ...overrides }), kind.endsWith('membrane') ? { ...outputs, v } : outputs, y),
  ];
}
const optimizers = {
  adam: [adam, { lr: 0.1, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, maxNorm: 1 }],
  adamw: [adamw, { lr: 0.1, weightDecay: 0.1 }],
  sgd: [sgd, { lr: 0.1, momentum: 0.9, dampening: 0, nesterov: false, maxNorm: 1 }],
} as const;
for (const [name, [make, options]] of Object.entries(optimizers)) records[name] = [options, make];
const schedules = {
  step: { stepSize: 2, gamma: 0.5 },
  'multi-step': { milestones: [1, 2], gamma: 0.5 },
  cosine: { period: 2, minFactor: 0.1 },
  'one-cycle': {
    totalSteps: 9,
    pctStart: 0.3,
    divFactor: 2,
    finalDivFactor: 3,
    anneal: 'cosine',
    threePhase: true,
  },
  'reduce-on-plateau': { factor: 0.5, patience: 1, threshold: 0.1, cooldown: 0, minFactor: 0, mode: 'min' },
};
const train = async (options: object) => {
  using model = await network.compile();
  return await model.fit(loader(), { epochs: 1, steps, loss: objective, ...options });
};
for (const [kind, options] of Object.entries(schedules)) {
  records[`schedule ${kind}`] = [options, (overrides: object) => train({ schedule: { kind, ...overrides } })];
}
records.fit = [
  {
    epochs: 1,
    accumulate: 1,
    scheduleBy: 'step',
    by: 'count',
    clipValue: 1,
    segment: 2,
    earlyStopping: {},
    callbacks: {},
  },
  train,
];
records['early stopping'] = [
  { metric: 'accuracy', patience: 1, minDelta: 0, restoreBest: true },
  (earlyStopping: object) => train({ earlyStopping }),
];
records['a training step'] = [
  { lrFactor: 1, scale: 1, clipValue: 1, segment: 2 },
  async (options: object) => {
    using model = await network.compile();
    return await model.trainStep(step, { loss: objective, optimizer: adam(), ...options });
  },
];
records.penalty = [
  { lambda: 1, low: 0.1, high: 0.2 },
  (options: object) => evaluatePenalty(any({ kind: 'rate-band', ...options }), outputs.spikes, outputs.shape),
];
const data = { x: Float32Array.of(0.25, 0.5), shape: [1, 2] };
records.rate = [{ steps: 2, gain: 1, offset: 0, firstSpikeTime: 1, seed: 1 }, (o) => encode.rate(data, o)];
records.poisson = [{ steps: 2, dt: 1, counts: true, seed: 1 }, (o) => encode.poisson(data, o)];
records.direct = [{ steps: 2, gain: 1, offset: 0 }, (o) => encode.direct(data, o)];
records.delta = [{ threshold: 0.1, padding: true, offSpike: true }, (o) => encode.delta(data, o)];
records.latency = [
  {
    steps: 20,
    threshold: 0.01,
    tau: 1,
    firstSpikeTime: 1,
    onTarget: 1,
    offTarget: 0,
    clip: true,
    linear: true,
  },
  (o) => encode.latency(data, o),
];
records.targets = [
  {
    code: 'rate',
    steps: 5,
    firstSpikeTime: 1,
    correctRate: 1,
    incorrectRate: 0,
    onTarget: 2,
    offTarget: 1,
    seed: 3,
  },
  (o) => encodeTargets(new Uint32Array([1]), 3, o),
];
records.decoder = [
  { kind: 'population-vote', classes: 2 },
  (options: object) => decode(any(options), values(4), [1, 1, 4]),
];
records.lif = [
  {
    beta: 0.9,
    vThreshold: 1,
    refractorySteps: 2,
    method: 'exact',
    inputScale: 'weight',
    reset: 'value',
    resetTiming: 'same-step',
    thresholdBefore: false,
    compare: '>',
    detachReset: true,
    smoothed: 1,
  },
  (options: object) => sequential(dense(3, 4), lif(any(options))).compile(),
];

for (const [name, [options, call]] of Object.entries(records)) {
  test(`numbers that are none: ${name}`, async (t) => {
    t.is(await failure(() => call(any(options))), undefined, 'the options are right without them');
    for (const key of Object.keys(options)) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null]) {
        const error = await failure(() => call(any({ ...options, [key]: value })));
        t.regex(error?.code ?? 'nothing', /^(invalid-parameter|unknown-name)$/, `${key}: ${value}`);
        t.true(error?.message.includes(key), `${key}: ${value}: ${error?.message}`);
      }
    }
  });
}

table('what is no data', {
  'for validation': [
    () => train({ validation: step }),
    /^invalid-parameter: validation: expected batches: a DataLoader, a list /,
  ],
  'to resume from': [() => train({ resume: {} }), /^invalid-parameter: resume: /],
  'to watch': [() => train({ earlyStopping: { metric: 'los' } }), /did you mean "loss"\?$/],
  'without a batch': [
    async () => {
      using model = await network.compile();
      return await model.evaluate(any((async function* () {})()), { loss: objective });
    },
    'invalid-parameter: data: expected at least one batch (a generator gives its batches once; a list or a DataLoader, each time) but got "no batch"',
  ],
  'without a batch in the second epoch': [
    async () => {
      using model = await network.compile();
      const once = (function* () {
        yield step;
      })();
      return await model.fit(once, { loss: objective, epochs: 2 });
    },
    'invalid-parameter: data: expected at least one batch in an epoch (a generator gives its batches once; a list or a DataLoader, each time) but got "no batch in epoch 2"',
  ],
  'for validation, without a batch': [
    () => train({ validation: [] }),
    'invalid-parameter: validation: expected at least one batch but got "no batch"',
  ],
  'to push': [
    async () => {
      using model = await network.compile();
      using session = await model.session();
      return await session.pushAsync(any(4));
    },
    'invalid-parameter: steps: expected the events of each step but got 4',
  ],
  'to decode': [
    () => decode({ kind: 'max-membrane' }, Float32Array.of(0, 0, 1, 0, 0, Number.NaN), [3, 1, 2]),
    'non-finite: outputs: sample 0, neuron 1 is not finite at step 2',
  ],
});
