// Rallpacks 1 and 2 (U. S. Bhalla et al., Trends Neurosci. 15, 1992): a passive cable with sealed ends and a current at its start, and a binary tree that
// is equivalent to a cable, against the closed form.
import test from 'ava';
import * as morphology from '../../src-ts/doors/morphology.ts';

const [rest, tau, current] = [-65, 40, 0.1];
/** Input resistance in MΩ of a cable without an end, of radius and length constant in cm: 100 Ω cm times the constant, over the cross-section. */
const resistanceOf = (radius: number, lambda: number) => (100 * lambda) / (Math.PI * radius ** 2) / 1e6;

/** The voltage at `x` length constants at a time in ms, of a cable of `length` constants, by its modes. */
function closedForm(x: number, time: number, length: number, resistance: number): number {
  let sum = Math.cosh(length - x) / Math.sinh(length) - Math.exp(-time / tau) / length;
  for (let k = 1; k <= 400; k++) {
    const a = 1 + ((k * Math.PI) / length) ** 2;
    sum -= ((2 * Math.cos((k * Math.PI * x) / length)) / (a * length)) * Math.exp((-a * time) / tau);
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
      (worst, v, k) =>
        time[k]! < 5
          ? worst
          : Math.max(worst, Math.abs(v - closedForm(x, time[k]!, 1, resistanceOf(0.5e-4, 0.1)))),
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

test('a binary tree by the 3/2 power law follows the closed form of its equivalent cable', async (t) => {
  // Ten levels; diameters 16 µm times 2^(-2/3) a level, lengths 32 µm times 2^(-1/3): 0.008 length constants each.
  const branches: Parameters<typeof morphology.fromBranches>[0][number][] = [];
  for (let i = 0; i < 1023; i++) {
    const level = Math.floor(Math.log2(i + 1));
    const [radius, own] = [8 * 2 ** ((-2 * level) / 3), 32 * 2 ** (-level / 3)];
    const parent = level === 0 ? undefined : (i - 1) >> 1;
    const from = parent === undefined ? 0 : branches[parent]!.points.at(-1)![0]!;
    const points = [from, from + own].map((x) => [x, 0, 0, radius] as const);
    branches.push(parent === undefined ? { points } : { points, parent });
  }
  const tree = morphology.cell(morphology.fromBranches(branches), {
    compartments: { perBranch: 1 },
    paint: [{ mechanism: 'passive', parameters: { g: 1 / 40000, e: rest } }],
  });
  const { time, traces } = await morphology.simulateCells(tree, {
    duration: 250,
    dt: 0.05,
    sampleInterval: 1,
    currentClamps: { step: { at: { branch: 0, x: 0 }, amplitude: current } },
    record: { root: { at: { branch: 0, x: 0 } }, terminal: { at: { branch: 1022, x: 1 } } },
  });
  for (const [name, x] of [
    ['root', 0],
    ['terminal', 0.08],
  ] as const) {
    const worst = traces[name]!.reduce(
      (most, v, k) =>
        time[k]! < 1
          ? most
          : Math.max(most, Math.abs(v - closedForm(x, time[k]!, 0.08, resistanceOf(8e-4, 0.4)))),
      0,
    );
    t.log(name, worst);
    t.true(worst < 0.01, `${worst} mV`);
    const last = traces[name]!.at(-1)!;
    t.true(last > rest + 5, `${last} mV`);
  }
});
