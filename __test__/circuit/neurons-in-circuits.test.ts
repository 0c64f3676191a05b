// Neurons with one input in large networks, against solvers, Brian2 and their papers' equations.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import {
  circuit,
  connect,
  currentSource,
  population,
  record,
  rule,
  simulate,
  spikeSource,
  spikeTimes,
} from '../../src-ts/doors/circuit.ts';
import { readTensors } from '../../src-ts/doors/files.ts';
import {
  adex,
  alif,
  cubaLif,
  eif,
  gif,
  hodgkinHuxley,
  iafCondExp,
  integrateAndFire,
  izhikevich,
  lif,
  neuron,
  parametricLif,
  qif,
  resonateAndFire,
} from '../../src-ts/doors/neurons.ts';

const fixtures = '__test__/fixtures/vectors';

for (const name of ['hh1952_pulse_pair', 'hh1952_step10']) {
  test(`Hodgkin and Huxley’s neuron of 1952 in a network: ${name}`, async (t) => {
    const path = `${fixtures}/04_hodgkin_huxley/${name}`;
    const car = JSON.parse(await readFile(`${path}.json`, 'utf8'));
    const { tensors } = await readTensors(`${path}.safetensors`);
    const dt = 0.01;
    for (const [method, tensor, most] of [
      ['exponential-euler', 'brian_expeuler_V_dt0.01', 1e-9],
      ['rk4', 'V', 1e-3], // a solver of DOP853 with a tolerance of 1e-11: what is left is the error of the steps
    ] as const) {
      const { V: vInit, m: mInit, h: hInit, n: nInit } = car.init;
      const cell = population(hodgkinHuxley, 1, { name: 'n', method, vInit, mInit, hInit, nInit });
      const { t_ms: times, I_uA_cm2: values } = car.stimulus;
      const made = circuit(connect(currentSource({ times, values }), cell), record.traces(cell, ['v'], 0.05));
      const reference = tensors.get(tensor)!.data as Float64Array;
      // Sample j is the state after j * 0.05 ms.
      const duration = 0.05 * (Math.min(reference.length, 1200) - 1);
      const { traces } = await simulate(made, {
        duration: Math.round(duration * 100) / 100,
        dt,
        precision: 'f64',
      });
      const { values: v } = traces['n.v']!;
      const worst = v.reduce((worst, x, j) => Math.max(worst, Math.abs(x - reference[j + 1]!)), 0);
      t.log(`${method}: ${worst}`);
      t.true(v.length > 500 && worst <= most, `${method}: ${worst}`);
    }
  });
}

test('the generalized integrate-and-fire neuron in a network is the paper’s', async (t) => {
  // S. Mihalas, E. Niebur, 2009, equations 2.1 and 2.2 by Euler's method: spikes, threshold and the currents that they leave.
  const p = {
    tauMem: 20,
    vLeak: -70,
    thetaInf: -50,
    thetaReset: -60,
    tauTheta: 100,
    a: 0.005,
    tau1: 5,
    tau2: 50,
  };
  const jumps = { keep1: 0, keep2: 1, jump1: 10, jump2: -0.6, vReset: -70 };
  const [dt, steps] = [0.1, 5000];
  const drives = [0, 18, 25, 30, 40];
  const cells = population(gif, drives.length, { name: 'n', ...p, ...jumps });
  const made = circuit(
    connect(currentSource(drives), cells),
    record.traces(cells, ['v', 'theta', 'i1', 'i2']),
  );
  const { traces, times, ids } = await simulate(made, { duration: steps * dt, dt, precision: 'f64' });
  const expected: string[] = [];
  drives.forEach((drive, n) => {
    let [v, theta, i1, i2] = [p.vLeak, p.thetaInf, 0, 0];
    for (let step = 0; step < steps; step += 1) {
      const dv = (p.vLeak - v + i1 + i2 + drive) / p.tauMem;
      const dtheta = p.a * (v - p.vLeak) - (theta - p.thetaInf) / p.tauTheta;
      [v, theta, i1, i2] = [
        v + dt * dv,
        theta + dt * dtheta,
        i1 - (dt * i1) / p.tau1,
        i2 - (dt * i2) / p.tau2,
      ];
      if (v >= theta) {
        expected.push(`${step + 1} ${n}`);
        [v, theta] = [jumps.vReset, Math.max(theta, p.thetaReset)];
        [i1, i2] = [jumps.keep1 * i1 + jumps.jump1, jumps.keep2 * i2 + jumps.jump2];
      }
      for (const [name, x] of Object.entries({ v, theta, i1, i2 })) {
        const own = traces[`n.${name}`]!.values[step * drives.length + n]!;
        if (Math.abs(own - x) > 1e-9) t.fail(`${name} of ${n} at ${step}: ${own} for ${x}`);
      }
    }
  });
  const found = Array.from(times, (time, i) => `${Math.round(time / dt)} ${ids[i]}`);
  t.true(expected.length > 20);
  t.deepEqual(found.sort(), expected.sort());
});

test('conductances that decay within a step move v to the fourth order of the step', async (t) => {
  // Against 4,000 Runge-Kutta steps a ms. Spikes at whole ms, so that all steps see the same input.
  const p = { c: 220, gL: 12, vLeak: -70, vE: 0, vI: -80, tauE: 1.3, tauI: 6, vThreshold: 1000, iBias: 60 };
  const trains = [
    Array.from({ length: 60 }, (_, i) => 1 + 3 * i),
    Array.from({ length: 40 }, (_, i) => 2 + 5 * i),
  ];
  const [weights, duration, fine] = [[9, 25], 200, 4000];
  const reference: number[] = [];
  let [v, gE, gI] = [p.vLeak, 0, 0];
  const slope = (v: number, gE: number, gI: number) =>
    (p.gL * (p.vLeak - v) + gE * (p.vE - v) + gI * (p.vI - v) + p.iBias) / p.c;
  const [h, halfE, halfI] = [1 / fine, Math.exp(-0.5 / fine / p.tauE), Math.exp(-0.5 / fine / p.tauI)];
  for (let ms = 1; ms <= duration; ms++) {
    for (let k = 0; k < fine; k++) {
      const [midE, midI] = [gE * halfE, gI * halfI];
      const [endE, endI] = [midE * halfE, midI * halfI];
      const k1 = slope(v, gE, gI);
      const k2 = slope(v + (h / 2) * k1, midE, midI);
      const k3 = slope(v + (h / 2) * k2, midE, midI);
      v += (h / 6) * (k1 + 2 * k2 + 2 * k3 + slope(v + h * k3, endE, endI));
      [gE, gI] = [endE, endI];
    }
    // Delays are 1 ms.
    if (trains[0]!.includes(ms - 1)) gE += weights[0]!;
    if (trains[1]!.includes(ms - 1)) gI += weights[1]!;
    reference.push(v);
  }
  const error = async (dt: number) => {
    const cell = population(iafCondExp, 1, { name: 'n', ...p });
    const wires = ['excitatory', 'inhibitory'].map((port, k) =>
      connect(spikeSource([trains[k]!]), cell, rule.oneToOne(), { port, weight: weights[k]!, delay: 1 }),
    );
    const made = circuit(cell, wires, record.traces(cell, ['v'], 1));
    const { traces } = await simulate(made, { duration, dt, precision: 'f64' });
    t.is(traces['n.v']!.values.length, duration);
    return traces['n.v']!.values.reduce((worst, x, ms) => Math.max(worst, Math.abs(x - reference[ms]!)), 0);
  };
  const [coarse, middle, short] = [await error(1), await error(0.5), await error(0.1)];
  t.log(coarse, middle, short);
  t.true(coarse < 5e-3 && middle < coarse / 10 && short < 1e-6, `${coarse} ${middle} ${short}`);
});

test('spikes without a grid are those that ever finer grids come to', async (t) => {
  const options = { a: 0.02, b: 0.2, c: -65, d: 6, method: 'rk4' } as const;
  const current = { times: [0, 10], values: [0, 14] };
  const exact = await spikeTimes(izhikevich(options), { current, duration: 100 });
  const error = async (dt: number) => {
    const cell = population(izhikevich, 1, { name: 'n', ...options });
    const made = circuit(connect(currentSource(current), cell));
    const { times } = await simulate(made, { duration: 100, dt, precision: 'f64' });
    t.is(times.length, exact.length);
    return times.reduce((worst, time, i) => Math.max(worst, Math.abs(time - exact[i]!)), 0);
  };
  const [coarse, fine] = [await error(0.02), await error(0.002)];
  t.true(fine < coarse / 4 && fine < 0.02, `${coarse} ${fine}`);
  await t.throwsAsync(async () => spikeTimes(lif({ tauMem: 10, tauRef: 2 }), { duration: 10 }), {
    message: /refractory, which is counted in steps/,
  });
});

test('a leaky neuron without a grid spikes at the closed form; one that counts in steps has none', async (t) => {
  const leaky = {
    tauMem: 10,
    inputScale: 'one-minus-beta',
    reset: 'value',
    resetTiming: 'same-step',
  } as const;
  const times = await spikeTimes(lif(leaky), { current: 2, duration: 100 });
  // v = 2 (1 - exp(-t / tauMem)) is 1 there.
  const period = 10 * Math.log(2);
  t.is(times.length, Math.floor(100 / period));
  times.forEach((time, i) => {
    t.true(Math.abs(time - (i + 1) * period) < 1e-9, `${time}`);
  });
  for (const [neuron, state] of [
    [lif({ tauMem: 10 }), 'v'],
    [lif({ beta: 0.9, inputScale: 'one-minus-beta' }), 'v'],
    [alif({ tauMem: 10, rho: 0.9, inputScale: 'one-minus-beta' }), 'a'],
    [resonateAndFire({ inputScale: 'weight' }), 'u'],
  ] as const) {
    await t.throwsAsync(async () => spikeTimes(neuron, { current: 2, duration: 10 }), {
      code: 'unsupported',
      message: new RegExp(`counts by steps, not by time: ${state} moves however short a step is`),
    });
  }
  for (const neuron of [
    hodgkinHuxley(),
    adex(),
    eif(),
    qif(),
    gif(),
    resonateAndFire({ inputScale: 'dt' }),
  ]) {
    await t.notThrowsAsync(spikeTimes(neuron, { current: 0.1, duration: 1 }));
  }
});

test('neurons that count by steps have no spikes between them', async (t) => {
  // What enters them does so in each step, however short: they would spike without end.
  const current = 2;
  for (const neuron of [
    lif({ tauMem: 10 }),
    lif({ beta: 0.9 }),
    lif({ tauMem: 10, resetTiming: 'same-step' }),
    cubaLif({ tauSyn: 5, tauMem: 10 }),
    integrateAndFire(),
    parametricLif(),
  ]) {
    await t.throwsAsync(async () => spikeTimes(neuron, { current, duration: 50, dt: 0.1 }), {
      code: 'unsupported',
      message: /counts by steps, not by time/,
    });
  }
  // tau dv/dt = i - v from 0 on crosses 1 after tau ln 2, again and again.
  const leaky = neuron({
    state: { v: 0 },
    input: 'i',
    update: "v' = (i - v)/10",
    spike: 'v > 1',
    reset: 'v = 0',
  });
  const times = await spikeTimes(leaky(), { current, duration: 50, dt: 0.01 });
  t.is(times.length, 7);
  times.forEach((time, k) => {
    t.true(Math.abs(time - 10 * Math.LN2 * (k + 1)) < 1e-3, `${time}`);
  });
  // With so short a step time would stand still.
  const still = async () => spikeTimes(leaky(), { current, duration: 1, dt: 1e-300 });
  await t.throwsAsync(still, {
    code: 'invalid-parameter',
    message: /^duration: expected at most 2\^40 steps/,
  });
  for (const wrong of [
    [1, 2],
    '3',
    { times: '12', values: '34' },
    { times: [1] },
    { times: [1], values: [1, 2] },
  ]) {
    const call = async () => spikeTimes(leaky(), { current: wrong as never, duration: 5 });
    await t.throwsAsync(call, { code: 'invalid-parameter', message: /^current/ });
  }
});
