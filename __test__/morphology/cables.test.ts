// Rallpack 1: a passive cable with sealed ends and a current at its start, against the closed form.
import test from 'ava';
import * as morphology from '../../src-ts/doors/morphology.ts';

const [rest, tau, current] = [-65, 40, 0.1];
/** Input resistance of the cable without an end: 100 Ω cm times a length constant of 1 mm, over the cross-section of 1 µm. In MΩ. */
const resistance = (100 * 0.1) / (Math.PI * 0.5e-4 ** 2) / 1e6;

/** The voltage at `x` length constants at a time in ms, by the cable's modes. */
function closedForm(x: number, time: number): number {
  let sum = Math.cosh(1 - x) / Math.sinh(1) - Math.exp(-time / tau);
  for (let k = 1; k <= 400; k++) {
    const a = 1 + (k * Math.PI) ** 2;
    sum -= ((2 * Math.cos(k * Math.PI * x)) / a) * Math.exp((-a * time) / tau);
  }
  return rest + current * resistance * sum;
}

const shape = morphology.fromBranches([
  {
    points: [
      [0, 0, 0, 0.5],
      [1000, 0, 0, 0.5],
    ],
  },
]);
const cable = morphology.cell(shape, {
  compartments: { perBranch: 1001 },
  paint: [{ mechanism: 'passive', parameters: { g: 1 / 40000, e: rest } }],
});

/** The largest differences to the closed form at the start, the middle and the end, from 5 ms on. */
async function errors(dt: number): Promise<number[]> {
  const places = [0, 0.5, 1];
  const { time, traces } = await morphology.simulateCells(cable, {
    duration: 100,
    dt,
    sampleInterval: 1,
    currentClamps: { step: { at: { branch: 0, x: 0 }, amplitude: current } },
    record: Object.fromEntries(places.map((x) => [x, { at: { branch: 0, x } }])),
  });
  return places.map((x) =>
    traces[x]!.reduce(
      (worst, v, k) => (time[k]! < 5 ? worst : Math.max(worst, Math.abs(v - closedForm(x, time[k]!)))),
      0,
    ),
  );
}

test('a passive cable follows the closed form; the error of implicit Euler is of first order', async (t) => {
  const [coarse, fine] = [await errors(0.1), await errors(0.05)];
  t.log(coarse, fine);
  for (const [i, error] of coarse.entries()) {
    t.true(error < 0.15, `${error} mV`);
    t.true(error / fine[i]! > 1.8 && error / fine[i]! < 2.2, `${error} and ${fine[i]} mV`);
  }
});
