// Single precision against double precision and closed forms: intervals of neurons whose constant drive is near the rheobase, or whose
// time constants are many steps.
import test from 'ava';
import type { CircuitElement, Population } from '../../src-ts/doors/circuit.ts';
import { circuit, connect, currentSource, noise, population, simulate } from '../../src-ts/doors/circuit.ts';
import {
  iafCondAlpha,
  iafCondExp,
  iafPscAlpha,
  iafPscExp,
  iafPscExpShared,
  lif,
  neuron,
} from '../../src-ts/doors/neurons.ts';

/** Mean interval in ms between the first and the last spike of each neuron. */
async function intervals(
  parts: readonly CircuitElement[],
  options: { duration: number; dt: number; precision?: 'f32' | 'f64' },
  neurons = 1,
): Promise<number[]> {
  const { times, ids } = await simulate(circuit(...parts), options);
  return Array.from({ length: neurons }, (_, i) => {
    const own = times.filter((_, k) => ids[k] === i);
    return own.length < 2 ? Number.NaN : (own.at(-1)! - own[0]!) / (own.length - 1);
  });
}

/** The interval of a leaky neuron in ms, on a grid of `dt`: `tau ln(E / (E - 15))` after the refractory period of 2 ms. */
function theory(tau: number, drive: number, dt: number): number {
  return dt * (Math.ceil((tau / dt) * Math.log(drive / (drive - 15)) - 1e-9) + Math.round(2 / dt));
}

for (const [tauMem, iBias, dt, duration] of [
  [1000, 3.8, 0.1, 10_000],
  [300, (250 * 15.2) / 300, 0.1, 4000],
  [10, 380, 0.001, 120],
  [10, 375.001, 0.1, 1000],
] as const)
  test(`tauMem ${tauMem} ms, ${iBias} pA in steps of ${dt} ms: the interval of the closed form`, async (t) => {
    const cells = population(iafPscExp, 1, { tauMem, iBias });
    const [got] = await intervals([cells], { duration, dt });
    const want = theory(tauMem, (iBias * tauMem) / 250, dt);
    t.true(Math.abs(got! - want) <= 1.001 * dt, `${got} for ${want}`);
    using simulation = await circuit(cells).compile({ dt });
    t.deepEqual(simulation.inDoublePrecision, ['iaf-psc-exp1']);
  });

test('a current, a mean and a parameter of the same size give the same intervals', async (t) => {
  const options = { duration: 500, dt: 0.1 };
  const cells = () => population(iafPscExp, 1, {});
  const want = theory(10, (375.001 * 10) / 250, 0.1);
  const inputs: Record<string, (of: Population) => CircuitElement[]> = {
    current: (of) => [connect(currentSource(375.001), of)],
    'two currents': (of) => [connect(currentSource(375), of), connect(currentSource(0.001), of)],
    'a mean': (of) => [connect(noise({ mean: 375.001, sd: 0 }), of)],
  };
  for (const [name, input] of Object.entries(inputs)) {
    const [got] = await intervals(input(cells()), options);
    t.true(Math.abs(got! - want) <= 0.1001, `${name}: ${got} for ${want}`);
  }
});

test('one neuron of many near its rheobase', async (t) => {
  const drives = Float64Array.from({ length: 200 }, (_, i) => (i === 150 ? 375.001 : 300 + i / 4));
  const options = { duration: 1000, dt: 0.1 };
  const of = (precision: 'f32' | 'f64') =>
    intervals([population(iafPscExp, 200, { iBias: drives })], { ...options, precision }, 200);
  const [single, double] = [await of('f32'), await of('f64')];
  t.deepEqual(single, double);
  t.true(Math.abs(single[150]! - theory(10, (375.001 * 10) / 250, 0.1)) <= 0.1001, `${single[150]}`);
  const taus = Float64Array.from({ length: 100 }, (_, i) => (i === 7 ? 400 : 10));
  using simulation = await circuit(
    population(iafPscExp, 100, { name: 'A', tauMem: taus, iBias: 10 }),
    population(iafPscExp, 100, { name: 'B', tauMem: 10, iBias: 10 }),
  ).compile({ dt: 0.1 });
  t.deepEqual(simulation.inDoublePrecision, ['A']);
});

test('what is set between runs decides again', async (t) => {
  const cells = population(iafPscExp, 1, { name: 'A' });
  const step = connect(currentSource(0), cells);
  using simulation = await circuit(cells, step).compile({ dt: 0.1 });
  t.deepEqual(simulation.inDoublePrecision, []);
  await simulation.run(10);
  await simulation.set(step, { current: 375.001 });
  t.deepEqual(simulation.inDoublePrecision, ['A']);
  const { times } = await simulation.run(400);
  const want = theory(10, (375.001 * 10) / 250, 0.1);
  t.true(Math.abs(times[1]! - times[0]! - want) <= 0.1001, `${times}`);
  await simulation.set(step, { current: 600 });
  t.deepEqual(simulation.inDoublePrecision, []);
  await simulation.set(cells, { tauMem: 5000 });
  t.deepEqual(simulation.inDoublePrecision, ['A']);
});

test('networks driven by noise, spikes or strong currents stay in single precision', async (t) => {
  const parts = [
    population(iafPscExp, 10, { iBias: 500 }),
    population(iafPscExp, 10, {}),
    population(iafPscExp, 10, { iBias: 350 }),
    population(iafCondExp, 10, { tauRef: 5 }),
    population(lif, 10, { beta: 0.99 }),
  ];
  using simulation = await circuit(...parts).compile({ dt: 0.1 });
  t.deepEqual(simulation.inDoublePrecision, []);
});

/** Membranes of equations: in mV beside -70, in volts, and with the threshold on the other side of the comparison. */
const own = {
  mV: neuron({
    state: { v: -70 },
    params: { tau: 10, drive: 15 },
    input: 'i',
    update: "v' = (-70 - v + drive + i)/tau",
    spike: 'v >= -55',
    reset: 'v = -70',
    method: 'exact',
  }),
  volts: neuron({
    state: { v: -0.07 },
    params: { tau: 10, drive: 0.015 },
    input: 'i',
    update: "v' = (-0.07 - v + drive + i)/tau",
    spike: '-0.055 <= v',
    reset: 'v = -0.07',
    method: 'exact',
  }),
};

/** A model, its drive in units of its rheobase, and its membrane time constant. */
type Drive = (tau: number, drive: number) => Population;
const models: Record<string, Drive> = {
  iafPscExp: (tauMem, x) => population(iafPscExp, 1, { tauMem, iBias: (x * 15 * 250) / tauMem }),
  iafPscExpShared: (tauMem, x) => population(iafPscExpShared, 1, { tauMem, iBias: (x * 15 * 250) / tauMem }),
  iafPscAlpha: (tauMem, x) => population(iafPscAlpha, 1, { tauMem, iBias: (x * 15 * 250) / tauMem }),
  iafCondExp: (tau, x) => population(iafCondExp, 1, { c: 10 * tau, gL: 10, iBias: x * 150 }),
  iafCondAlpha: (tau, x) => population(iafCondAlpha, 1, { c: 10 * tau, gL: 10, iBias: x * 150 }),
  'lif of NEST': (tauMem, x) =>
    population(lif, 1, {
      like: 'nest',
      tauMem,
      vLeak: -70 + 15 * x,
      vReset: -70,
      vThreshold: -55,
      vInit: -70,
    }),
  'own in mV': (tau, x) => population(own.mV, 1, { tau, drive: 15 * x }),
  'own in volts': (tau, x) => population(own.volts, 1, { tau, drive: 0.015 * x }),
};

/** Cases of at most so many steps that end in a few seconds; benches/single-precision.mjs has the whole grid. */
const most = 10_000;
for (const [name, model] of Object.entries(models))
  test(`${name}: intervals of single precision are those of double precision`, async (t) => {
    let cases = 0;
    for (const tau of [1, 10, 100, 1000])
      for (const dt of [0.001, 0.01, 0.1, 1])
        for (const drive of [1.0001, 1.003, 1.1, 3]) {
          const interval = tau * Math.log(drive / (drive - 1)) + 2;
          const duration = Math.ceil((2.5 * interval) / dt) * dt;
          if (duration / dt > most || tau < dt) continue;
          const of = (precision: 'f32' | 'f64') =>
            intervals([model(tau, drive)], { duration: Number(duration.toFixed(3)), dt, precision });
          const [[single], [double]] = [await of('f32'), await of('f64')];
          const allowed = Math.max(1.001 * dt, 1e-4 * double!);
          t.true(
            Math.abs(single! - double!) <= allowed,
            `tau ${tau}, dt ${dt}, drive ${drive}: ${single} for ${double}`,
          );
          cases += 1;
        }
    t.true(cases > 8, `${cases} cases`);
  });
