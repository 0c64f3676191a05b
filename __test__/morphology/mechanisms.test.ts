// The catalog's channels against the formulas of their papers, as plain JavaScript: steady states, time constants, currents.
import test from 'ava';
import * as morphology from '../../src-ts/doors/morphology.ts';

const shape = morphology.fromBranches([
  {
    points: [
      [0, 0, 0, 10],
      [20, 0, 0, 10],
    ],
  },
]);
const at = { branch: 0, x: 0.5 };
const [ena, ek, cai, cao] = [50, -77, 5e-5, 2];

interface Gate {
  inf: number;
  tau: number;
}

const { exp } = Math;
/** a (v - th) / (1 - exp(-(v - th) / q)), which is a q at th. */
const trap = (v: number, th: number, a: number, q: number) =>
  Math.abs(v - th) < 1e-6 ? a * q : (a * (v - th)) / (1 - exp(-(v - th) / q));
const gate = (a: number, b: number, q = 1): Gate => ({ inf: a / (a + b), tau: 1 / (q * (a + b)) });
const mainen = (celsius: number) => 2.3 ** ((celsius - 23) / 10);

/** A channel's gates, and its current for a conductance of 1 S/cm² from the gates and the driving potential. */
interface Channel {
  ion: 'na' | 'k' | 'ca';
  gates: (v: number, celsius: number) => Record<string, Gate>;
  open: (gates: Record<string, number>, celsius: number) => number;
}

const traub = -63;
const channels: Record<string, Channel> = {
  naTraub: {
    ion: 'na',
    gates: (v) => {
      const u = v - traub;
      const [am, bm] = [trap(u, 13, 0.32, 4), trap(-u, -40, 0.28, 5)];
      return { m: gate(am, bm), h: gate(0.128 * exp((17 - u) / 18), 4 / (1 + exp((40 - u) / 5))) };
    },
    open: ({ m, h }) => m! ** 3 * h!,
  },
  kTraub: {
    ion: 'k',
    gates: (v) => ({ n: gate(trap(v - traub, 15, 0.032, 5), 0.5 * exp((10 - (v - traub)) / 40)) }),
    open: ({ n }) => n! ** 4,
  },
  caTraub: {
    ion: 'ca',
    gates: (v) => ({ m: gate(1.6 / (1 + exp(-0.072 * (v - 5))), trap(-v, 8.9, 0.02, 5)) }),
    open: ({ m }) => m! ** 2,
  },
  naMainen: {
    ion: 'na',
    gates: (v, celsius) => {
      const [u, q] = [v - 10, mainen(celsius)];
      const [a, b] = [trap(u, -50, 0.024, 5), trap(-u, 75, 0.0091, 5)];
      return {
        m: gate(trap(u, -35, 0.182, 9), trap(-u, 35, 0.124, 9), q),
        h: { inf: 1 / (1 + exp((u + 65) / 6.2)), tau: 1 / (q * (a + b)) },
      };
    },
    open: ({ m, h }, celsius) => mainen(celsius) * m! ** 3 * h!,
  },
  kvMainen: {
    ion: 'k',
    gates: (v, celsius) => ({ n: gate(trap(v, 25, 0.02, 9), trap(-v, -25, 0.002, 9), mainen(celsius)) }),
    open: ({ n }, celsius) => mainen(celsius) * n!,
  },
  kmMainen: {
    ion: 'k',
    gates: (v, celsius) => ({ n: gate(trap(v, -30, 0.001, 9), trap(-v, 30, 0.001, 9), mainen(celsius)) }),
    open: ({ n }, celsius) => mainen(celsius) * n!,
  },
  kCaMainen: {
    ion: 'k',
    gates: (_, celsius) => ({ n: gate(0.01 * cai, 0.02, mainen(celsius)) }),
    open: ({ n }, celsius) => mainen(celsius) * n!,
  },
  caMainen: {
    ion: 'ca',
    gates: (v, celsius) => {
      const q = mainen(celsius);
      return {
        m: gate(trap(v, -27, 0.055, 3.8), 0.94 * exp((-75 - v) / 17), q),
        h: gate(0.000457 * exp((-13 - v) / 50), 0.0065 / (exp((-v - 15) / 28) + 1), q),
      };
    },
    open: ({ m, h }, celsius) => mainen(celsius) * m! ** 2 * h!,
  },
  ih: {
    ion: 'na',
    gates: (v) => ({ m: gate(trap(-v, 154.9, 0.00643, 11.9), 0.193 * exp(v / 33.1)) }),
    open: () => 0,
  },
};

for (const [name, { ion, gates, open }] of Object.entries(channels))
  test(name, async (t) => {
    const { meaning: _, ...entry } = morphology.mechanisms().find((known) => known.name === name)!;
    const states = Object.keys(gates(0, 23));
    for (const [v, celsius] of [
      [-90, 23],
      [-63, 36],
      [-30, 23],
      [25, 30],
    ] as const) {
      const potential = {
        na: ena,
        k: ek,
        ca: ((1000 * 8.31446261815324 * (celsius + 273.15)) / (2 * 96485.33212331)) * Math.log(cao / cai),
      }[ion];
      // The membrane's capacitance holds the voltage. The same equations begin once in the steady state and once closed.
      const run = async (mechanism: morphology.MechanismName | morphology.Mechanism, called: string) => {
        const cell = morphology.cell(shape, {
          compartments: { perBranch: 1 },
          capacitance: 1e15,
          paint: [{ mechanism, parameters: { g: 1 } }],
        });
        const record: Record<string, morphology.CellRecorder> = Object.fromEntries(
          states.map((state) => [state, { at, value: `${called}.${state}` }]),
        );
        if (name !== 'ih') record.current = { at, value: `i${ion}` };
        const { traces } = await morphology.simulateCells(cell, {
          duration: 1,
          dt: 0.5,
          temperature: celsius,
          initialVoltage: v,
          record,
        });
        return traces as Record<string, Float64Array>;
      };
      const steady = await run(name as morphology.MechanismName, name);
      const initial = Object.fromEntries(states.map((state) => [state, 0]));
      const closed = await run({ ...entry, name: 'copy', initial }, 'copy');
      const expected = gates(v, celsius);
      for (const state of states) {
        const { inf, tau } = expected[state]!;
        t.true(
          Math.abs(steady[state]![0]! / inf - 1) < 1e-9,
          `${state} at ${v} mV: ${steady[state]![0]}, not ${inf}`,
        );
        const after = inf * -Math.expm1(-1 / tau);
        t.true(Math.abs(closed[state]![2]! / after - 1) < 1e-9, `${state} of ${v} mV after 1 ms`);
      }
      if (name === 'ih') continue;
      const values = Object.fromEntries(states.map((state) => [state, expected[state]!.inf]));
      const current = open(values, celsius) * (v - potential);
      t.true(Math.abs(steady.current![0]! / current - 1) < 1e-9, `current at ${v} mV`);
    }
  });
