// Codes beside the formulas of their papers, written out here, and what comes back from them.
import test from 'ava';
import { encode, reconstruct, reconstructionError } from '../../src-ts/doors/data.ts';
import { LapicqueError } from '../../src-ts/index.ts';

const values = { x: Float32Array.from({ length: 21 }, (_, i) => i / 20), shape: [21] };

test('phase: the weights of a period’s spikes sum up to the value', async (t) => {
  const { x, shape } = await encode.phase(values, { steps: 16, period: 8 });
  t.deepEqual(shape, [16, 21]);
  values.x.forEach((value, i) => {
    const sum = [0, 1, 2, 3, 4, 5, 6, 7].reduce((total, k) => total + x[k * 21 + i]! * 2 ** -(k + 1), 0);
    t.true(Math.abs(sum - value) <= 2 ** -8, `${value}`);
    t.deepEqual(x.filter((_, at) => at % 21 === i).slice(8), x.filter((_, at) => at % 21 === i).slice(0, 8));
  });
  const { rmse, max } = reconstructionError(
    (await reconstruct.phase({ x, shape }, { period: 8 })).x,
    values.x,
  );
  t.true(max <= 2 ** -8 && rmse > 0);
});

test('rank order: the largest first, one at each place, each sample by itself', async (t) => {
  const data = { x: Float32Array.of(0.2, 0.9, 0.5, 0, 7, 8, 9, 6), shape: [2, 4] };
  const { x } = await encode.rankOrder(data, { steps: 4 });
  const step = (i: number) => [0, 1, 2, 3].find((s) => x[s * 8 + i] === 1);
  t.deepEqual([0, 1, 2, 3, 4, 5, 6, 7].map(step), [2, 0, 1, undefined, 2, 1, 0, 3]);
});

test('burst: number and interval of spikes', async (t) => {
  const { x } = await encode.burst(
    { x: Float32Array.of(1, 0.5, 0.05, 0), shape: [4] },
    { steps: 41, spikes: 5, shortest: 2 },
  );
  const times = (i: number) => [...Array(41).keys()].filter((s) => x[s * 4 + i] === 1);
  t.deepEqual(times(0), [0, 2, 4, 6, 8]);
  // ceil(5 / 2) spikes, every ceil(10 - 8 / 2) steps.
  t.deepEqual(times(1), [0, 6, 12]);
  t.deepEqual([times(2), times(3)], [[0], []]);
  await t.throwsAsync(encode.burst(values, { steps: 5, spikes: 5, shortest: 2 }), {
    instanceOf: LapicqueError,
  });
});

test('population: Gaussian fields as Bohte et al. place them', async (t) => {
  const [neurons, steps, beta] = [7, 101, 1.5];
  const { x, shape } = await encode.population(values, { steps, neurons, beta, cutoff: 0.05 });
  t.deepEqual(shape, [steps, 21, neurons]);
  const distance = 1 / (neurons - 2);
  values.x.forEach((value, i) => {
    for (let j = 1; j <= neurons; j++) {
      const center = ((2 * j - 3) / 2) * distance;
      const excitation = Math.exp(-(((value - center) / (distance / beta)) ** 2) / 2);
      const step = [...Array(steps).keys()].find((s) => x[(s * 21 + i) * neurons + j - 1] === 1);
      if (excitation < 0.05) t.is(step, undefined);
      else t.true(Math.abs(step! - (1 - excitation) * (steps - 1)) <= 0.5 + 1e-6);
    }
  });
  const back = await reconstruct.population({ x, shape });
  t.deepEqual(back.shape, [21]);
  t.true(reconstructionError(back.x, values.x).max < 0.03);
});

test('step-forward and BSA follow a signal', async (t) => {
  const steps = 300;
  const signal = Float32Array.from({ length: steps }, (_, s) => 0.5 + 0.4 * Math.sin(s / 25));
  const data = { x: signal, shape: [steps, 1] };
  const forward = await encode.stepForward(data, { threshold: 0.03 });
  const followed = await reconstruct.sum(forward, { threshold: 0.03, initial: signal[0]! });
  t.true(reconstructionError(followed.x, signal).max <= 0.03 + 1e-6);
  // A low-pass filter whose sum is 1.2.
  const taps = Array.from({ length: 20 }, (_, k) => Math.sin(((k + 0.5) * Math.PI) / 20));
  const filter = taps.map((tap) => (1.2 * tap) / taps.reduce((sum, each) => sum + each, 0));
  const spikes = await encode.bsa(data, { filter });
  const filtered = await reconstruct.bsa(spikes, { filter });
  const { snr } = reconstructionError(filtered.x.subarray(20, 280), signal.subarray(20, 280));
  t.true(snr > 28, `${snr} dB`);
});

test('moving window: the mean of the samples before is what counts', async (t) => {
  const x = Float32Array.from({ length: 60 }, (_, s) => ((s * 7919) % 31) / 31);
  const { x: spikes } = await encode.movingWindow({ x, shape: [60, 1] }, { window: 5, threshold: 0.2 });
  x.forEach((value, s) => {
    const before = s === 0 ? [x[0]!] : [...x.subarray(Math.max(0, s - 5), s)];
    const difference = value - before.reduce((sum, each) => sum + each, 0) / before.length;
    t.is(spikes[s], Math.abs(difference) > 0.2 ? Math.sign(difference) : 0);
  });
});

test('rates come back within their sampling error, latencies within a step', async (t) => {
  const rate = await reconstruct.rate(await encode.rate(values, { steps: 4000, seed: 1 }));
  rate.x.forEach((x, i) => {
    const p = values.x[i]!;
    t.true(Math.abs(x - p) <= 5 * Math.sqrt((p * (1 - p)) / 4000), `${p}: ${x}`);
  });
  const hertz = { x: values.x.map((x) => 400 * x), shape: [21] };
  const poisson = await reconstruct.poisson(await encode.poisson(hertz, { steps: 4000, dt: 1, seed: 1 }));
  poisson.x.forEach((x, i) => {
    t.true(Math.abs(x - hertz.x[i]!) <= 60, `${hertz.x[i]}: ${x}`);
  });
  const options = { tau: 20, threshold: 0.05 };
  const above = { x: values.x.map((x) => 0.1 + 0.9 * x), shape: [21] };
  const latency = await reconstruct.latency(await encode.latency(above, { ...options, steps: 60 }), options);
  const times = await encode.latencyTimes(above, { ...options, steps: 60 });
  latency.x.forEach((x, i) => {
    // Half a step to either side.
    const value = (s: number) => Math.min(1, 0.05 / (1 - Math.exp(-Math.max(s, 1e-9) / 20)));
    t.true(x <= value(times[i]! - 0.51) && x >= value(times[i]! + 0.51), `${above.x[i]}: ${x}`);
  });
});

test('what is wrong is named', async (t) => {
  const refused = async (work: () => unknown, name: RegExp) => {
    const error = await t.throwsAsync(async () => work(), { instanceOf: LapicqueError });
    t.regex(error!.message, name);
  };
  await refused(() => encode.phase({ x: Float32Array.of(1.5), shape: [1] }, { steps: 4 }), /data\[0\]/);
  await refused(() => encode.phase(values, { steps: 4, periods: 3 } as never), /periods/);
  await refused(() => encode.population(values, { steps: 4, neurons: 2 }), /neurons/);
  await refused(() => encode.bsa(values, {} as never), /filter/);
  await refused(() => encode.stepForward(values, { threshold: 0 }), /threshold/);
  await refused(() => encode.movingWindow(values, {} as never), /window/);
  await refused(() => reconstruct.phase({ x: values.x, shape: [5, 5] }), /spikes/);
  await refused(() => reconstruct.population({ x: values.x, shape: [3, 7] }, { neurons: 5 }), /spikes/);
  await refused(() => reconstructionError([1], [1, 2]), /values/);
});
