// Every built-in loss and penalty, written as a trace: the value and the gradients of all parameters are those of the built-in one.
import test from 'ava';
import { lif } from '../../src-ts/doors/neurons.ts';
import type { LossScope, TracedTensor } from '../../src-ts/doors/trace.ts';
import {
  dense,
  type Loss,
  loss,
  type Penalty,
  sequential,
  type TrainStepOptions,
} from '../../src-ts/index.ts';
import { lossForms } from '../../src-ts/train/loss-forms.generated.ts';
import { deviation, labels, uniform } from '../support/numbers.ts';

const [steps, samples, channels, outputs] = [7, 9, 5, 6];
const x = uniform(steps * samples * channels, 3, -0.5, 1.5);
const shape = [steps, samples, channels];
const lengths = Uint32Array.of(7, 3, 5, 4, 7, 6, 7, 2, 3);
const bounds = { f64: 1e-12, f32: 1e-6 } as const;

/** All options of all losses; each loss has some of them. */
type Options = Omit<Loss, 'kind'> & {
  populationClasses?: number;
  perStep?: 'mean' | 'sum';
  labelSmoothing?: number;
  gamma?: number;
  inverse?: 'negate' | 'reciprocal';
  onTarget?: number | readonly number[];
  offTarget?: number | readonly number[];
  tolerance?: number;
  correctRate?: number;
  incorrectRate?: number;
};

/** A loss of rows of logits, as a function of the row and the label. */
function rowLoss(kind: string, options: Options, logits: TracedTensor, y: TracedTensor): TracedTensor {
  const { labelSmoothing = 0, gamma = 2 } = options;
  if (kind.startsWith('focal')) {
    const logP = logits.logSoftmax().gather('neuron', y);
    return logP.exp().neg().add(1).pow(gamma).mul(logP).neg();
  }
  const smooth = logits.logSoftmax().mean('neuron').neg();
  return logits
    .crossEntropy(y)
    .mul(1 - labelSmoothing)
    .add(smooth.mul(labelSmoothing));
}

/** The step of the n-th spike (from 1), or the last step. Its derivative is -1 at this step, as in snnTorch. */
function spikeStep(spikes: TracedTensor, mask: TracedTensor, n: number): TracedTensor {
  const fired = spikes.notEqual(0).mul(mask);
  const isNth = fired.mul(fired.cumSum('time').equal(n));
  const last = mask.sum('time').sub(1);
  const step = isNth.max('time').where(isNth.argMax('time'), last);
  const there = spikes.gather('time', step);
  return step.sub(there.sub(there.detach()));
}

/** The loss of each sample, `[batch]`, or for `reduction: 'sum'` of squares the sum over classes. */
function ofSamples(kind: string, options: Options, { spikes, v, target, mask }: LossScope): TracedTensor {
  const { from = 0, populationClasses = outputs, perStep = 'mean', reduction = 'mean' } = options;
  const block = outputs / populationClasses;
  const counted = mask.slice('time', from);
  const length = counted.sum('time');
  const signal = (kind.endsWith('membrane') ? v : spikes).slice('time', from);
  const overTime = (each: TracedTensor) => {
    const sum = each.mul(counted).sum('time');
    return perStep === 'sum' ? sum : sum.div(length);
  };
  const pooled = (each: TracedTensor) =>
    each.unflatten('neuron', { neuron: populationClasses, member: block }).sum('member');
  const sum = pooled(signal.mul(counted).sum('time'));
  const squares = (difference: TracedTensor) =>
    reduction === 'sum' ? difference.square().sum('neuron') : difference.square().mean('neuron');
  const wanted = (on: TracedTensor | number, off: TracedTensor | number) =>
    target.axes.includes('neuron') ? target : target.oneHot('neuron', sum).where(on, off);
  const [on, off] = [options.onTarget ?? 1, options.offTarget ?? 0];
  switch (kind.replace(/^(cross-entropy|focal)-/, '')) {
    case 'rate':
    case 'membrane':
      return overTime(
        rowLoss(
          kind,
          options,
          pooled(signal),
          target.axes.includes('time') ? target.slice('time', from) : target,
        ),
      );
    case 'count':
    case 'sum-membrane':
      return rowLoss(kind, options, sum, target);
    case 'mean-rate':
    case 'mean-membrane':
      return rowLoss(kind, options, sum.div(length).div(block), target);
    case 'max-membrane':
      return rowLoss(kind, options, counted.where(signal, -1e30).max('time'), target);
    case 'first-spike': {
      const step = spikeStep(signal, counted, 1);
      return rowLoss(
        kind,
        options,
        options.inverse === 'reciprocal' ? step.add(1).reciprocal() : step.neg(),
        target,
      );
    }
    case 'mean-squared-count': {
      const whole = (rate: number) => length.mul(rate * block).floor();
      const goal = wanted(whole(options.correctRate ?? 1), whole(options.incorrectRate ?? 0));
      return squares(sum.sub(goal)).div(length);
    }
    case 'mean-squared-rate':
      return squares(
        sum
          .div(length)
          .div(block)
          .sub(wanted(on as number, off as number)),
      );
    case 'mean-squared-membrane': {
      const goal = wanted(on as number, off as number);
      return overTime(squares(signal.sub(goal.axes.includes('time') ? goal.slice('time', from) : goal)));
    }
    case 'mean-squared-first-spike': {
      const [first, others] = [
        [options.onTarget ?? 0].flat(),
        [options.offTarget ?? -1].flat(),
      ] as number[][];
      const fromEnd = (at: number) => (at < 0 ? length.add(at) : length.mul(0).add(at));
      const each = first!.map((at, n) => {
        const late = spikeStep(signal, counted, n + 1).sub(wanted(fromEnd(at), fromEnd(others![n]!)));
        return squares(
          late
            .abs()
            .less(options.tolerance ?? 0)
            .where(0, late)
            .div(length),
        );
      });
      const all = each.reduce((a, b) => a.add(b));
      return reduction === 'sum' ? all : all.div(each.length);
    }
    default:
      throw new Error(`no traced form of ${kind}`);
  }
}

/** A built-in loss with options, as a traced function. */
function traced(kind: string, options: Options, target: readonly string[]) {
  return loss.trace(
    (scope) => {
      const each = ofSamples(kind, options, scope);
      const { classWeights, reduction = 'mean' } = options;
      const byWeights = kind === 'cross-entropy-first-spike' ? 'weights' : 'samples';
      if (classWeights === undefined) return reduction === 'sum' ? each.sum('batch') : each.mean('batch');
      const weight = each
        .constant(classWeights, { class: classWeights.length })
        .gather('class', scope.target);
      const sum = each.mul(weight).sum('batch');
      if (reduction === 'sum') return sum;
      return sum.div((options.weightedMean ?? byWeights) === 'weights' ? weight.sum('batch') : samples);
    },
    { target },
  );
}

const weights = [1, 2, 0.5, 3, 1, 0.25];
const common: Options[] = [{}, { reduction: 'sum' }, { from: 2 }];
const weighted: Options[] = [{ classWeights: weights }, { classWeights: weights, weightedMean: 'weights' }];
const pooledOptions: Options[] = [{ populationClasses: 3 }];
const smoothed: Options[] = [{ labelSmoothing: 0.2 }];
const focal: Options[] = [{ gamma: 0.5 }, { gamma: 3 }];
const stepped: Options[] = [{ perStep: 'sum' }];
const own: Readonly<Record<string, Options[]>> = {
  'cross-entropy-first-spike': [{ inverse: 'reciprocal' }],
  'mean-squared-count': [{ correctRate: 0.8, incorrectRate: 0.2 }],
  'mean-squared-rate': [{ onTarget: 0.7, offTarget: 0.1 }],
  'mean-squared-membrane': [{ onTarget: 0.7, offTarget: -0.1 }],
  'mean-squared-first-spike': [
    { onTarget: 1, offTarget: -2, tolerance: 2 },
    { onTarget: [0, 2], offTarget: [-2, -1] },
  ],
};

/**
 * All of the options can be written. One thing is not there: `reduction: 'none'` has the gradient of the mean, but reports a squared error
 * per class, while a traced loss reports one number per sample.
 */
function variants(kind: string): Options[] {
  const { options } = lossForms[kind]!;
  return [
    ...common,
    ...weighted,
    ...('populationClasses' in options ? pooledOptions : []),
    ...('labelSmoothing' in options ? smoothed : []),
    ...('gamma' in options ? focal : []),
    ...('perStep' in options ? stepped : []),
    ...(own[kind] ?? []),
  ];
}

const compile = (precision: 'f32' | 'f64') =>
  sequential(
    dense(channels, 14, { name: 'in' }),
    lif({ beta: 0.8, name: 'hidden' }),
    dense(14, outputs, { name: 'out' }),
    lif({ beta: 0.7, vThreshold: 0.6 }),
  ).compile({ seed: 5, precision });

/** Loss and gradients of one step. */
async function step(precision: 'f32' | 'f64', batch: object, options: TrainStepOptions) {
  using model = await compile(precision);
  const { loss } = await model.trainStep({ x, shape, y: new Uint8Array(samples), ...batch }, options);
  return { loss, gradients: await model.gradients() };
}

type Step = Awaited<ReturnType<typeof step>>;

/** The largest deviation of values and gradients. */
function distance(found: Step, expected: Step): number {
  const all = Object.entries(expected.gradients);
  if (!all.some(([, gradient]) => gradient.some((g) => g !== 0))) return Number.NaN;
  return Math.max(
    deviation([found.loss], [expected.loss]),
    ...all.map(([name, gradient]) => deviation(found.gradients[name]!, gradient)),
  );
}

const make = (kind: string, options: Options) => ({ kind, ...options }) as Loss;
const classes = (options: Options) => options.populationClasses ?? outputs;

for (const kind of Object.keys(lossForms)) {
  test(`${kind} as a trace: equal value and gradients`, async (t) => {
    for (const options of variants(kind)) {
      for (const given of [{}, { lengths: lengths.map((length) => Math.max(length, 3)) }]) {
        const batch = { y: labels(samples, 4, classes(options)), ...given };
        for (const precision of ['f64', 'f32'] as const) {
          const expected = await step(precision, batch, { loss: make(kind, options) });
          const found = await step(precision, batch, { loss: traced(kind, options, ['batch']) });
          const away = distance(found, expected);
          t.true(
            away <= bounds[precision],
            `${JSON.stringify(options)} ${Object.keys(given)} ${precision}: ${away}`,
          );
        }
      }
    }
  });
}

for (const kind of ['cross-entropy-rate', 'cross-entropy-membrane', 'focal-rate', 'focal-membrane']) {
  test(`${kind} with a label at each step, as a trace`, async (t) => {
    const batch = { y: labels(steps * samples, 6, outputs), lengths };
    const expected = await step('f64', batch, { loss: make(kind, { from: 1 }) });
    const found = await step('f64', batch, { loss: traced(kind, { from: 1 }, ['time', 'batch']) });
    t.true(distance(found, expected) <= bounds.f64);
  });
}

for (const kind of ['mean-squared-count', 'mean-squared-rate', 'mean-squared-membrane']) {
  test(`${kind} of values, as a trace`, async (t) => {
    const ofSteps = kind === 'mean-squared-membrane';
    const axes = ofSteps ? ['time', 'batch', 'neuron'] : ['batch', 'neuron'];
    const batch = { y: uniform((ofSteps ? steps : 1) * samples * outputs, 8), lengths };
    const expected = await step('f64', batch, { loss: make(kind, {}) });
    const found = await step('f64', batch, { loss: traced(kind, {}, axes) });
    t.true(distance(found, expected) <= bounds.f64);
  });
}

const penalties: Record<string, { penalty: Penalty; term: (scope: LossScope) => TracedTensor }> = {
  'l1-count': {
    penalty: { kind: 'l1-count', lambda: 0.01 },
    term: ({ layers, mask }) => layers.hidden!.spikes.mul(mask).sum().mul(0.01),
  },
  'l1-rate': {
    penalty: { kind: 'l1-rate', lambda: 3 },
    term: ({ layers, mask, lengths }) =>
      layers.hidden!.spikes.mul(mask).sum('time').div(lengths).mean().mul(3),
  },
  'rate-band of samples': {
    penalty: { kind: 'rate-band', lambda: 5, low: 0.1, high: 0.2 },
    term: ({ layers, mask, lengths }) => {
      const rate = layers.hidden!.spikes.mul(mask).sum('time').div(lengths);
      return rate.sub(rate.clamp(0.1, 0.2)).square().mean().mul(5);
    },
  },
  'rate-band over the batch': {
    penalty: { kind: 'rate-band', lambda: 5, low: 0.1, high: 0.2, over: 'batch' },
    term: ({ layers, mask, lengths }) => {
      const rate = layers.hidden!.spikes.mul(mask).sum(['time', 'batch']).div(lengths.sum());
      return rate.sub(rate.clamp(0.1, 0.2).detach()).square().mean().mul(5);
    },
  },
};

for (const [name, { penalty, term }] of Object.entries(penalties)) {
  test(`${name} as a trace: equal value and gradients`, async (t) => {
    const both = loss.trace((scope) => ({
      task: scope.v.mean('time').crossEntropy(scope.target),
      term: term(scope),
    }));
    const alone = loss.crossEntropyMeanMembrane();
    const masked = loss.trace((scope) => {
      const mean = scope.v.mul(scope.mask).sum('time').div(scope.lengths);
      return { task: mean.crossEntropy(scope.target), term: term(scope) };
    });
    const y = labels(samples, 4, outputs);
    for (const [batch, objective] of [
      [{ y }, both],
      [{ y, lengths }, masked],
    ] as const) {
      for (const precision of ['f64', 'f32'] as const) {
        const regularizers = [{ layer: 'hidden', penalty }];
        const expected = await step(precision, batch, { loss: alone, regularizers });
        const found = await step(precision, batch, { loss: objective });
        const unpenalized = await step(precision, batch, { loss: alone });
        t.not(unpenalized.loss, expected.loss);
        const away = distance(found, expected);
        t.true(away <= bounds[precision], `${Object.keys(batch)} ${precision}: ${away}`);
      }
    }
  });
}
