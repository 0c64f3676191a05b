// Gradients through the door: differences of the loss, and fits that find the numbers a trace was made with. The engine's are compared with
// Jaxley in its own tests.
import test from 'ava';
import * as morphology from '../../src-ts/doors/morphology.ts';
import { outcome } from '../support/errors.ts';
import { ballAndStick } from '../support/morphology.ts';

const middle = { branch: 0, x: 0.5 };
const tip = { branch: 1, x: 1 };

interface Numbers {
  gNa: number;
  gLeak: number;
  weight: number;
  resistivity: number;
  initialVoltage: number;
  gap: number;
}

const given: Numbers = {
  gNa: 0.12,
  gLeak: 3e-4,
  weight: 0.002,
  resistivity: 100,
  initialVoltage: -65,
  gap: 0.004,
};

function made({ gNa, gLeak, resistivity }: Numbers): morphology.Cell {
  const sizes = { soma: 20, length: 300, diameter: 2, compartments: 9, resistivity: 100 };
  const { morphology: shape } = ballAndStick(sizes, [{ mechanism: 'hh' }]);
  return morphology.cell(shape, {
    compartments: { perBranch: 5 },
    resistivity,
    paint: [
      { mechanism: 'hh', region: 'soma', parameters: { gNa } },
      {
        mechanism: 'passive',
        region: { not: 'soma' },
        parameters: { g: ({ x }) => gLeak * (1 + x), e: -65 },
      },
    ],
  });
}

const options = ({ weight, initialVoltage, gap }: Numbers) =>
  ({
    duration: 8,
    initialVoltage,
    currentClamps: { step: { at: middle, delay: 1, duration: 5, amplitude: 0.5 } },
    synapses: { input: { at: { ...tip, cell: 2 }, times: [1, 3], weight } },
    gapJunctions: [{ a: { ...middle, cell: 0 }, b: { ...middle, cell: 1 }, conductance: gap }],
    record: { a: { at: middle }, b: { at: { ...tip, cell: 1 } }, c: { at: { ...middle, cell: 2 } } },
  }) as const;

test('gradients are differences of the loss', async (t) => {
  const other = ballAndStick({ soma: 15, length: 100, diameter: 1, compartments: 5, resistivity: 100 }, [
    { mechanism: 'hh' },
  ]);
  const target = new Float64Array(321).fill(-60);
  const differentiate = (numbers: Numbers) => {
    const cell = made(numbers);
    return {
      cell,
      result: morphology.differentiateCells([cell, other, cell], {
        ...options(numbers),
        objective: { a: { target }, b: { target, weight: 0.3 }, c: { target } },
      }),
    };
  };
  const { cell, result } = differentiate(given);
  const { loss, gradientOf, synapses, gapJunctions, traces } = await result;
  const same = await morphology.simulateCells([cell, other, cell], options(given));
  t.deepEqual(traces, same.traces);
  const { paint, axial, voltage } = gradientOf(cell);
  t.deepEqual(
    paint.map(({ mechanism }) => mechanism),
    ['hh', 'passive'],
  );
  t.deepEqual(Object.keys(paint[0]!.states), ['m', 'h', 'n']);
  const sum = (of: ArrayLike<number>, weights?: (i: number) => number) =>
    Array.from(of).reduce((all, x, i) => all + x * (weights?.(i) ?? 1), 0);
  const x = paint[1]!.nodes.map((node) => cell.compartments.x[node]!);
  const slopes: Numbers = {
    gNa: sum(paint[0]!.parameters.gNa!),
    gLeak: sum(paint[1]!.parameters.g!, (i) => 1 + x[i]!),
    weight: synapses.input!,
    resistivity: sum(axial, (i) => cell.compartments.axial[i]! / given.resistivity),
    initialVoltage: sum(voltage) + sum(gradientOf(other).voltage),
    gap: gapJunctions[0]!,
  };
  for (const [name, value] of Object.entries(given) as [keyof Numbers, number][]) {
    const step = 1e-5 * value;
    const at = async (by: number) => (await differentiate({ ...given, [name]: value + by }).result).loss;
    const difference = ((await at(step)) - (await at(-step))) / (2 * step);
    t.true(
      Math.abs(slopes[name] - difference) < 1e-6 * Math.abs(difference) + (1e-8 * loss) / Math.abs(value),
      `${name}: ${slopes[name]}, by differences ${difference}`,
    );
  }

  // The derivatives of one's own loss, here those of the same one.
  const derivatives = traces.a.map((v) => (2 * (v + 60)) / target.length);
  const run = (objective: Partial<Record<'a' | 'b' | 'c', morphology.CellObjective>>) =>
    morphology.differentiateCells([cell, other, cell], { ...options(given), objective });
  const [own, built] = [await run({ a: { derivatives } }), await run({ a: { target } })];
  const [mine, theirs] = [own, built].map((all) => all.gradientOf(cell).paint[0]!.parameters.gNa![0]!);
  t.true(Math.abs(mine! / theirs! - 1) < 1e-12);
});

test('a cell that differs between places has the gradient of each place, on any number of threads', async (t) => {
  const cell = made(given);
  const cells = Array<morphology.Cell>(9).fill(cell);
  const factors = cells.map((_, i) => 1 + 0.05 * i);
  const run = (threads: number) =>
    morphology.differentiateCells(cells, {
      duration: 5,
      threads,
      variations: [{ paint: 0, parameter: 'gNa', factors }],
      currentClamps: Object.fromEntries(
        cells.map((_, i) => [i, { at: { ...middle, cell: i }, amplitude: 0.5 }]),
      ),
      record: { first: { at: middle }, last: { at: { ...middle, cell: 8 } } },
      objective: { last: { target: new Float64Array(201).fill(-60) } },
    });
  const [one, two] = [await run(1), await run(2)];
  t.deepEqual(one.traces, two.traces);
  t.deepEqual(one.gradientOf(cell), two.gradientOf(cell));
  t.notDeepEqual(one.traces.first, one.traces.last);
  // The cell with 1.4 times the sodium channels, alone.
  const stronger = made({ ...given, gNa: 1.4 * given.gNa });
  const alone = await morphology.differentiateCells(stronger, {
    duration: 5,
    currentClamps: { step: { at: middle, amplitude: 0.5 } },
    record: { last: { at: middle } },
    objective: { last: { target: new Float64Array(201).fill(-60) } },
  });
  t.true(Math.abs(one.loss / alone.loss - 1) < 1e-10);
  const slope = (all: morphology.CellGradients, of: morphology.Cell) =>
    all.gradientOf(of).paint[0]!.parameters.gNa![0]!;
  t.true(Math.abs(slope(one, cell) / (1.4 * slope(alone, stronger)) - 1) < 1e-9);
});

test('states begin where the reversal potential of a varying concentration puts them, and so do gradients', async (t) => {
  const { morphology: shape } = ballAndStick(
    { soma: 20, length: 50, diameter: 2, compartments: 1, resistivity: 100 },
    [{ mechanism: 'passive' }],
  );
  const run = (p: number) => {
    const cell = morphology.cell(shape, {
      paint: [
        { mechanism: 'passive' },
        { mechanism: 'caPool' },
        {
          mechanism: {
            name: 'slow',
            ions: ['ca'],
            parameters: { p: 0.01, g: 1e-5 },
            equations: "m' = (p*eca - m)/20\nica = g*m*(v - 100)",
          },
          parameters: { p },
        },
      ],
    });
    const options = {
      duration: 5,
      record: { m: { at: middle, value: 'slow.m' }, v: { at: middle } },
      objective: {
        m: { target: new Float64Array(201).fill(0.5) },
        v: { target: new Float64Array(201).fill(-60) },
      },
    };
    return morphology.differentiateCells(cell, options).then((all) => ({ cell, ...all }));
  };
  const { cell, traces, gradientOf } = await run(0.01);
  // Nernst's potential of calcium at 6.3 °C, in mV.
  const eca = (1000 * 8.31446261815324 * 279.45 * Math.log(2 / 5e-5)) / (2 * 96485.33212331001);
  t.true(Math.abs(traces.m[0]! / (0.01 * eca) - 1) < 1e-12, `${traces.m[0]}`);
  const sum = gradientOf(cell).paint[2]!.parameters.p!.reduce((all, x) => all + x, 0);
  const [above, below] = [await run(0.01 + 1e-6), await run(0.01 - 1e-6)];
  const slope = (above.loss - below.loss) / 2e-6;
  t.true(Math.abs(sum / slope - 1) < 1e-6, `${sum} ${slope}`);
});

test('a fit finds the numbers of a trace; two protocols at once', async (t) => {
  const cell = made(given);
  const protocols = {
    duration: 6,
    currentClamps: {
      weak: { at: middle, delay: 1, amplitude: 0.2 },
      strong: { at: { ...middle, cell: 1 }, delay: 1, amplitude: 0.6 },
    },
    synapses: { input: { at: tip, times: [2], weight: 0.002 } },
    record: { weak: { at: middle }, strong: { at: { ...middle, cell: 1 } } },
  } as const;
  const { traces } = await morphology.simulateCells([cell, cell], protocols);
  const reports: number[] = [];
  const {
    numbers,
    loss,
    losses,
    cell: found,
  } = await morphology.fitCells([cell, cell], {
    ...protocols,
    objective: { weak: { target: traces.weak }, strong: { target: traces.strong } },
    steps: 60,
    onProgress: ({ loss }) => reports.push(loss as number),
    numbers: {
      gNa: { paint: 0, parameter: 'gNa', min: 0.02, max: 0.5, start: 0.09 },
      leak: { paint: 1, parameter: 'g', min: 0.2, max: 5, start: 1.6 },
      weight: { synapse: 'input', min: 1e-4, max: 1e-2, start: 1e-3 },
      resistivity: { factorOf: 'resistivity', min: 0.3, max: 3, start: 0.8 },
    },
  });
  t.log(numbers, loss, losses[0]);
  t.deepEqual(reports, [...losses]);
  t.is(loss, Math.min(...losses));
  for (const [name, value] of Object.entries({ gNa: 0.12, leak: 1, weight: 0.002, resistivity: 1 }))
    t.true(Math.abs(numbers[name as keyof typeof numbers] / value - 1) < 1e-6, name);
  const again = await morphology.simulateCells([found, found], {
    ...protocols,
    synapses: { input: { ...protocols.synapses.input, weight: numbers.weight } },
  });
  t.true(again.traces.strong.every((v, k) => Math.abs(v - traces.strong[k]!) < 1e-3));
});

test('Adam lowers the loss, too', async (t) => {
  const cell = made(given);
  const protocol = {
    duration: 6,
    currentClamps: { step: { at: middle, delay: 1, amplitude: 0.4 } },
    record: { soma: { at: middle } },
  } as const;
  const { traces } = await morphology.simulateCells(cell, protocol);
  const { numbers, loss, losses } = await morphology.fitCells(cell, {
    ...protocol,
    objective: { soma: { target: traces.soma } },
    minimizer: 'adam',
    steps: 60,
    numbers: { gNa: { paint: 0, parameter: 'gNa', min: 0.02, max: 0.5, start: 0.09 } },
  });
  t.is(losses.length, 60);
  t.is(loss, Math.min(...losses));
  t.true(Math.abs(numbers.gNa / 0.12 - 1) < 0.01, `${numbers.gNa}`);
});

test('what does not fit is refused with its name', async (t) => {
  const cell = made(given);
  const common = {
    duration: 1,
    record: { soma: { at: middle }, current: { at: middle, value: 'ina' } },
  } as const;
  const refused = async (objective: object, message: RegExp, more: object = {}) => {
    const error = await t.throwsAsync(
      morphology.differentiateCells(cell, { ...common, ...more, objective } as never),
    );
    t.regex(error.message, message);
  };
  const target = new Float64Array(41);
  await refused({}, /objective/);
  await refused({ other: { target } }, /unknown recorder "other"/);
  await refused({ soma: {} }, /objective\.soma/);
  await refused({ soma: { target, derivatives: target } }, /objective\.soma/);
  await refused({ soma: { target: new Float64Array(40) } }, /objective\.soma\.target.*41/);
  await refused({ soma: { target: target.map(() => Number.NaN) } }, /objective\.soma\.target/);
  await refused({ current: { target } }, /voltage, a state or a concentration/);
  const variations = [{ paint: 0, parameter: 'gNa', factors: [1, 2] }];
  await refused({ soma: { target } }, /variations\[0\]\.factors.*1, one for each cell/, { variations });
  const cannotFit = async (numbers: object, cells: unknown = cell) => {
    const call = () =>
      morphology.fitCells(cells as never, { ...common, objective: { soma: { target } }, numbers } as never);
    t.regex(await outcome(call), /^(invalid-parameter|unknown-name): /);
  };
  await cannotFit({});
  await cannotFit({ a: { paint: 0, parameter: 'gNa', min: 1, max: 0.5 } });
  await cannotFit({ a: { paint: 2, parameter: 'gNa', min: 0.1, max: 0.5 } });
  await cannotFit({ a: { paint: 0, parameter: 'g', min: 0.1, max: 0.5 } });
  await cannotFit({ a: { synapse: 'none', min: 0.1, max: 0.5 } });
  await cannotFit({ a: { factorOf: 'area', min: 0.1, max: 5 } });
  await cannotFit({ a: { min: 0.1, max: 5 } });
  await cannotFit({ a: { paint: 0, parameter: 'gNa', min: 0.2, max: 0.5 } });
  const numbers = { a: { paint: 0, parameter: 'gNa', min: 0.01, max: 0.5 } };
  await cannotFit(numbers, []);
  await cannotFit(numbers, [cell, made(given)]);
  const controller = new AbortController();
  controller.abort();
  await t.throwsAsync(
    morphology.fitCells(cell, {
      ...common,
      objective: { soma: { target } },
      numbers,
      signal: controller.signal,
    } as never),
    { name: 'AbortError' },
  );
});
