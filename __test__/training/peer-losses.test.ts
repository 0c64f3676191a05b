// Losses and penalties that come from elsewhere: smoothed labels and means of rates as torch computes them, rates over a batch.
import test from 'ava';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import { dense, evaluateLoss, evaluatePenalty, loss, sequential, sgd } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { labels, uniform } from '../support/numbers.ts';

// [2 steps, 2 samples, 3 neurons] and [3 steps, 2 samples, 4 neurons], as in the torch programs that gave the numbers below.
const v = Float32Array.of(0.5, -1, 2, 0, 1, -0.5, 1.5, 0.25, -1, -2, 0.75, 1);
const potential = { v, shape: [2, 2, 3] } as const;
const fired = {
  spikes: Float32Array.of(1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1),
  shape: [3, 2, 4],
} as const;
const repeated = (row: readonly number[], steps: number) => Array.from({ length: steps }, () => row).flat();

// F.cross_entropy(…, label_smoothing=…) of torch 2.15 in double precision.
const ofTorch = [
  {
    of: loss.crossEntropyMeanMembrane({ labelSmoothing: 0.1 }),
    y: [2, 0],
    outputs: potential,
    value: 1.7137403420378186,
    gradient: repeated([0.126120791, 0.025661993, -0.151782784, -0.210629099, 0.13971687, 0.07091223], 2),
  },
  {
    of: loss.crossEntropyMembrane({ labelSmoothing: 0.3, reduction: 'sum' }),
    y: [2, 0],
    outputs: potential,
    value: 3.7865024735940684,
    gradient: [
      0.037645196, -0.030443713, -0.007201483, -0.284388051, 0.26426586, 0.020122192, 0.315339565,
      0.054671538, -0.370011102, -0.386386471, 0.162951427, 0.223435044,
    ],
  },
  {
    of: loss.crossEntropyMaxMembrane({ labelSmoothing: 1 }),
    y: [2, 0],
    outputs: potential,
    value: 1.2610563062139089,
    gradient: [
      0, 0, 0.114184149, -0.088985465, 0.044492732, 0, 0.003677964, -0.117862113, 0, 0, 0, 0.044492732,
    ],
  },
  {
    of: loss.crossEntropyMeanRate(),
    y: [3, 1],
    outputs: fired,
    value: 1.566786088582687,
    gradient: repeated(
      [0.041666667, 0.041666667, 0.041666667, -0.125, 0.04053036, -0.137625395, 0.04053036, 0.056564674],
      3,
    ),
  },
  {
    of: loss.crossEntropyMeanRate({ populationClasses: 2, labelSmoothing: 0.2 }),
    y: [1, 0],
    outputs: fired,
    value: 0.7667263776246769,
    gradient: repeated(
      [
        0.033333333, 0.033333333, -0.033333333, -0.033333333, -0.040214184, -0.040214184, 0.040214184,
        0.040214184,
      ],
      3,
    ),
  },
];

for (const { of, y, outputs, value, gradient } of ofTorch) {
  test(`${of.kind} ${JSON.stringify(of)} is torch's`, async (t) => {
    const found = await evaluateLoss(of, outputs, Uint32Array.from(y));
    t.true(Math.abs(found.loss - value) < 1e-7, `${found.loss}`);
    const gradients = found.gradV ?? found.gradSpikes!;
    gradient.forEach((expected, i) => {
      t.true(Math.abs(gradients[i]! - expected) < 1e-7, `${i}: ${gradients[i]}, not ${expected}`);
    });
  });
}

test('the mean rate of a sample is that of its own steps', async (t) => {
  const whole = await evaluateLoss(
    loss.crossEntropyMeanRate(),
    fired,
    Uint32Array.of(3, 1),
    Uint32Array.of(3, 2),
  );
  const cut = { spikes: fired.spikes.slice(0, 16), shape: [2, 2, 4] } as const;
  const alone = await evaluateLoss(loss.crossEntropyMeanRate(), cut, Uint32Array.of(3, 1));
  t.is(whole.perSample[1], alone.perSample[1]);
});

test('smoothing is a share, and stands beside no class weights', async (t) => {
  for (const labelSmoothing of [-0.1, 1.1]) {
    const error = await failure(() =>
      evaluateLoss(loss.crossEntropyRate({ labelSmoothing }), fired, Uint32Array.of(0, 1)),
    );
    t.regex(error!.message, /loss\.labelSmoothing: expected a number from 0 to 1/);
  }
  const weighted = loss.crossEntropyRate({ labelSmoothing: 0.1, classWeights: [1, 2, 1, 1] });
  t.is((await failure(() => evaluateLoss(weighted, fired, Uint32Array.of(0, 1))))?.code, 'invalid-parameter');
  const squared = () => loss.meanSquaredRate({ labelSmoothing: 0.1 } as never);
  t.is((await failure(squared))?.code, 'unknown-name');
});

test('a rate band over the batch looks at the rate of a neuron in all samples together', async (t) => {
  const band = { kind: 'rate-band', lambda: 2, low: 0.4, high: 0.5, over: 'batch' } as const;
  // Spikes of the four neurons in six steps of samples: 3, 2, 3, 4.
  const outside = [0, 2 / 6 - 0.4, 0, 4 / 6 - 0.5];
  const expected = (2 * outside.reduce((sum, x) => sum + x * x, 0)) / 4;
  t.true(Math.abs((await evaluatePenalty(band, fired.spikes, fired.shape)) - expected) < 1e-12);
  // Of the second sample two steps count: 3, 2, 3, 3 spikes in five steps.
  const shorter = (2 * 3 * (3 / 5 - 0.5) ** 2) / 4;
  const found = await evaluatePenalty(band, fired.spikes, fired.shape, Uint32Array.of(3, 2));
  t.true(Math.abs(found - shorter) < 1e-12, `${found}, not ${shorter}`);
});

test('its gradient is that by differences, in a batch of many parts', async (t) => {
  const [steps, samples, channels, neurons] = [6, 300, 3, 70];
  const x = uniform(steps * samples * channels, 5);
  const batch = { x, shape: [steps, samples, channels], y: labels(samples, 6, 2) };
  using model = await sequential(
    dense(channels, neurons, { name: 'in' }),
    lif({ beta: 0.8, smoothed: 3, name: 'hidden' }),
    dense(neurons, 2),
    lif({ beta: 0.8, smoothed: 3 }),
  ).compile({ seed: 2, precision: 'f64' });
  const objective = {
    loss: loss.crossEntropyMeanRate(),
    regularizers: [
      {
        layer: 'hidden',
        penalty: { kind: 'rate-band', lambda: 50, low: 0.3, high: 0.31, over: 'batch' },
      },
    ],
  } as const;
  await model.trainStep(batch, objective);
  const gradient = (await model.gradients())['in.weight']!;
  const weights = (await model.weights())['in.weight']!;
  const alone = (await model.evaluateStep(batch, { loss: objective.loss })).loss;
  const both = (await model.evaluateStep(batch, objective)).loss;
  t.true(both - alone > 0.01, 'the penalty is there');
  for (const i of [0, 1, 77, 150, 209]) {
    const at = async (by: number) => {
      const moved = Float64Array.from(weights);
      moved[i]! += by;
      await model.setWeights({ 'in.weight': moved });
      return (await model.evaluateStep(batch, objective)).loss;
    };
    const slope = ((await at(1e-5)) - (await at(-1e-5))) / 2e-5;
    t.true(
      Math.abs(slope - gradient[i]!) <= 1e-6 * Math.abs(slope) + 1e-9,
      `${i}: ${gradient[i]}, by differences ${slope}`,
    );
  }
});

test('wanted values are double where they are given so', async (t) => {
  const expected = Float64Array.of(1 / 3, -2 / 7, 1e-9, 123.456789, 0.1, 1 / 3);
  const out = { v: Float64Array.of(0.3, 0.7, 0, 123.456, 0, 1), shape: [1, 2, 3] } as const;
  const mean = out.v.reduce((sum, v, i) => sum + (v - expected[i]!) ** 2, 0) / 6;
  const { loss: value, gradV } = await evaluateLoss(loss.meanSquaredMembrane(), out, expected);
  t.true(Math.abs(value - mean) < 1e-15);
  gradV.forEach((g, i) => {
    t.true(Math.abs(g - (out.v[i]! - expected[i]!) / 3) < 1e-15);
  });

  // A line through the origin, y = w x: one step of descent in closed form.
  for (const precision of ['f64', 'f32'] as const) {
    using model = await sequential(
      dense(1, 1, { bias: false, initial: { kind: 'constant', value: 0.5 } }),
      li({ beta: 0 }),
    ).compile({ precision });
    const [x, y] = [Float64Array.of(1, 2, 3, 4), Float64Array.of(1 / 3, 2 / 3, 1, 4 / 3)];
    const data = new DataLoader({ x, y, shape: [4, 1], yShape: [4, 1] }, { batchSize: 4 });
    const { history } = await model.fit(data, {
      epochs: 1,
      steps: 1,
      loss: loss.meanSquaredMembrane(),
      optimizer: sgd({ lr: 0.01 }),
    });
    const close = precision === 'f64' ? 1e-15 : 1e-7;
    t.true(Math.abs(history[0]!.loss - 30 / 4 / 36) < close, `${history[0]!.loss}`);
    const w = (await model.weights())['dense1.weight']![0]!;
    t.true(Math.abs(w - (0.5 - (0.01 * 2 * 30) / 4 / 6)) < close, `${w}`);
    t.true(Number.isNaN(history[0]!.accuracy));
  }
});

test('several spikes of a neuron are averaged, or added up where the reduction is a sum', async (t) => {
  // snnTorch 1.0.0, mse_temporal_loss(on_target=(0, 4), off_target=(1, 8), multi_spike=True): a neuron spikes in the steps 2, 5
  // and 6 of 9, so it is late by 2 and 1 steps.
  const spikes = Float64Array.of(0, 0, 1, 0, 0, 1, 1, 0, 0);
  for (const [reduction, value, first, second] of [
    ['mean', 0.030864199623465538, -0.02469135820865631, -0.01234568189829588],
    ['sum', 0.061728399246931076, -0.04938271641731262, -0.02469136379659176],
  ] as const) {
    const result = await evaluateLoss(
      loss.meanSquaredFirstSpike({ onTarget: [0, 4], offTarget: [1, 8], reduction }),
      { spikes, shape: [9, 1, 1] },
      Uint32Array.of(0),
    );
    const expected = new Float64Array(9);
    [expected[2], expected[5]] = [first, second];
    t.true(Math.abs(result.loss - value) < 1e-7);
    t.true(result.gradSpikes!.every((gradient, i) => Math.abs(gradient - expected[i]!) < 1e-7));
  }
});
