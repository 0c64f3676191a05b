// Cells against NEURON 9.0.2, which made the fixtures (fixtures/morphology/README.md), on compartments that this library cuts itself.
import test from 'ava';
import * as morphology from '../../src-ts/doors/morphology.ts';
import { ballAndStick, npyValues } from '../support/morphology.ts';

const folder = '__test__/fixtures/morphology';

/** The largest difference to the traces of a case, whose records are in the order of these. */
function difference(name: string, traces: readonly Float64Array[]): number {
  const want = npyValues(`${folder}/cases/${name}.npy`);
  const worst = traces.map((trace, row) => {
    const expected = want.subarray(row * trace.length, (row + 1) * trace.length);
    return trace.reduce((worst, x, k) => Math.max(worst, Math.abs(x - expected[k]!)), 0);
  });
  return Math.max(...worst);
}

/** Time between samples of the fixtures in ms. */
const sampleInterval = 0.5;
const middle = { branch: 0, x: 0.5 };
const end = { branch: 1, x: 1 };

for (const [name, method] of [
  ['ball-stick', 'euler'],
  ['ball-stick-cn', 'crankNicolson'],
] as const)
  test(`${name}: an active soma with a passive dendrite`, async (t) => {
    const sizes = { soma: 20, length: 400, diameter: 2, compartments: 41, resistivity: 150 };
    const cell = ballAndStick(sizes, [
      { mechanism: 'hh', region: 'soma' },
      { mechanism: 'passive', region: 'dend', parameters: { g: 1 / 20000, e: () => -65 } },
    ]);
    t.is(cell.compartments.area.filter((area) => area > 0).length, 42);
    const { time, traces } = await morphology.simulateCells(cell, {
      duration: 50,
      sampleInterval,
      method,
      currentClamps: { step: { at: middle, delay: 5, duration: 30, amplitude: 0.6 } },
      record: { soma: { at: middle }, dendrite: { at: { branch: 1, x: 0.5 } }, end: { at: end } },
    });
    t.is(time.length, 101);
    t.true(difference(name, [traces.soma, traces.dendrite, traces.end]) < 1e-8);
  });

test('hh-100: eight spikes, equations of a user in place of the catalog', async (t) => {
  const entry = morphology.mechanisms().find(({ name }) => name === 'hh')!;
  const { meaning: _, ...definition } = { ...entry, name: 'squid' };
  const sizes = { soma: 20, length: 500, diameter: 1, compartments: 99, resistivity: 100 };
  const cell = ballAndStick(sizes, [{ mechanism: definition }]);
  const at = (x: number) => ({ at: { branch: 1, x } });
  const { traces, spikes } = await morphology.simulateCells(cell, {
    duration: 100,
    sampleInterval,
    currentClamps: { step: { at: middle, delay: 1, duration: 99, amplitude: 0.3 } },
    record: {
      soma: { at: middle },
      near: at(0.25),
      far: at(0.75),
      end: at(1),
      m: { at: middle, value: 'squid.m' },
    },
    detectors: { soma: { at: middle, threshold: 0 } },
  });
  t.true(difference('hh-100', [traces.soma, traces.near, traces.far, traces.end]) < 1e-8);
  // The README of the fixtures has NEURON's last spike at this time.
  t.is(spikes.soma.length, 8);
  t.true(Math.abs(spikes.soma[7]! - 90.507) < 0.025);
  t.true(traces.m.every((m) => m >= 0 && m <= 1) && Math.max(...traces.m) > 0.9);
});

test('synapses with the rules of NEURON', async (t) => {
  const sizes = { soma: 15, length: 300, diameter: 1.5, compartments: 31, resistivity: 100 };
  const cell = ballAndStick(sizes, [{ mechanism: 'passive', parameters: { g: 1 / 15000, e: -70 } }]);
  const at = { branch: 1, x: 0.8 };
  const common = {
    initialVoltage: -70,
    rules: 'neuron',
    record: { soma: { at: middle }, dendrite: { at }, end: { at: end } },
  } as const;
  const ampa = { at, rise: 0.5, decay: 3, times: [5, 20, 20.5], weight: 0.0005 };
  const fast = await morphology.simulateCells(cell, {
    ...common,
    duration: 60,
    sampleInterval,
    synapses: { ampa },
  });
  t.true(difference('ampa', [fast.traces.soma, fast.traces.dendrite, fast.traces.end]) < 1e-8);
  const nmda = { at, kinetics: 'nmda', times: Float64Array.of(6, 21, 40.01), weight: 0.002 } as const;
  const record = { ...common.record, current: { synapse: 'nmda' } };
  const both = await morphology.simulateCells(cell, {
    ...common,
    record,
    duration: 150,
    sampleInterval,
    synapses: { ampa, nmda },
  });
  const { soma, dendrite, end: last, current } = both.traces;
  t.true(difference('nmda', [soma, dendrite, last, current]) < 1e-8);
});

test('a voltage clamp and its current', async (t) => {
  const sizes = { soma: 20, length: 200, diameter: 1, compartments: 21, resistivity: 100 };
  const { traces } = await morphology.simulateCells(ballAndStick(sizes, [{ mechanism: 'hh' }]), {
    duration: 40,
    sampleInterval,
    voltageClamps: {
      clamp: {
        at: middle,
        steps: [
          [5, -65],
          [20, 0],
          [15, -65],
        ],
        resistance: 1,
      },
    },
    record: { soma: { at: middle }, current: { voltageClamp: 'clamp' }, end: { at: end } },
  });
  t.true(difference('vclamp-cable', [traces.soma, traces.current, traces.end]) < 1e-8);
});

test('a gap junction between two cells', async (t) => {
  const sizes = { soma: 20, length: 300, diameter: 2, compartments: 15, resistivity: 100 };
  const cell = ballAndStick(sizes, [{ mechanism: 'hh' }]);
  const dendrite = (index: number) => ({ cell: index, branch: 1, x: 0.5 });
  const record = {
    a: { at: middle },
    b: { at: dendrite(0) },
    c: { at: { ...middle, cell: 1 } },
    d: { at: dendrite(1) },
  };
  const { traces } = await morphology.simulateCells([cell, cell], {
    duration: 40,
    sampleInterval,
    currentClamps: { step: { at: middle, delay: 2, duration: 30, amplitude: 0.2 } },
    gapJunctions: [{ a: dendrite(0), b: dendrite(1), conductance: 0.005 }],
    record,
  });
  t.true(difference('gap-implicit', Object.values(traces)) < 1e-8);
});

test('a calcium pool', async (t) => {
  const shape = morphology.fromBranches([
    {
      points: [
        [0, 0, 0, 10],
        [20, 0, 0, 10],
      ],
    },
  ]);
  const cell = morphology.cell(shape, {
    compartments: { perBranch: 1 },
    paint: [
      { mechanism: 'hh' },
      { mechanism: 'caHva', parameters: { g: 0.0005 } },
      { mechanism: 'caPool' },
      { mechanism: 'kCa', parameters: { g: 0.002 } },
    ],
  });
  const of = (value: string) => ({ at: middle, value });
  const { traces } = await morphology.simulateCells(cell, {
    duration: 80,
    sampleInterval,
    currentClamps: { step: { at: middle, delay: 5, duration: 60, amplitude: 0.25 } },
    record: { v: of('v'), inside: of('cai'), current: of('ica'), reversal: of('eca') },
  });
  t.true(difference('calcium', Object.values(traces)) < 1e-8);
});

test('a cell from a file, with its compartments by length', async (t) => {
  const shape = await morphology.fromSwc(`${folder}/swc/single_point_soma.swc`);
  const cell = morphology.cell(shape, {
    compartments: { maxLength: 20 },
    paint: [
      { mechanism: 'hh', region: 'soma' },
      { mechanism: 'passive', region: { not: 'soma' }, parameters: { g: 1 / 20000, e: -65 } },
    ],
  });
  t.is(cell.compartments.area.filter((area) => area > 0).length, 76);
  const { traces } = await morphology.simulateCells(cell, {
    duration: 50,
    sampleInterval,
    currentClamps: { step: { at: middle, delay: 2, duration: 40, amplitude: 1.5 } },
    record: { soma: { at: middle } },
  });
  // NEURON keeps points as single-precision numbers: areas differ by 1e-7 of themselves.
  t.true(difference('swc-single-point', [traces.soma]) < 1e-4);
});

test('cells of one kind have the same bits together, alone, and on any number of threads', async (t) => {
  const sizes = { soma: 20, length: 500, diameter: 1, compartments: 21, resistivity: 100 };
  const cell = ballAndStick(sizes, [{ mechanism: 'hh' }]);
  const other = ballAndStick({ ...sizes, soma: 15 }, [{ mechanism: 'hh' }]);
  const run = async (cells: morphology.Cell[], threads: number) => {
    const clamps = cells.map((_, i) => [i, { at: { ...middle, cell: i }, amplitude: 0.1 + 0.05 * i }]);
    const { traces } = await morphology.simulateCells(cells, {
      duration: 20,
      threads,
      currentClamps: Object.fromEntries(clamps),
      record: { last: { at: { ...end, cell: 9 } } },
    });
    return traces.last;
  };
  const together = await run(Array(10).fill(cell), 1);
  t.deepEqual(await run(Array(10).fill(cell), 2), together);
  t.deepEqual(await run([other, ...Array(9).fill(cell)], 2), together);
});
