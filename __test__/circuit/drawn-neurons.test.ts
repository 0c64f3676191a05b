// Neurons of large networks drawn at random (see fixtures/drawn/neurons/draw.py), in runs that are cut, saved and gone on with and
// between whose pieces parameters and potentials are set: their states and spikes against the papers' equations in numpy.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import {
  circuit,
  connect,
  currentSource,
  gapJunctions,
  type Population,
  population,
  record,
  rule,
  type Simulation,
  spikeSource,
} from '../../src-ts/doors/circuit.ts';
import {
  gif,
  hhCondExpTraub,
  hodgkinHuxley,
  resonateAndFire,
  tcLif,
  twoCompartment,
} from '../../src-ts/doors/neurons.ts';

interface Case {
  model: 'gif' | 'twoCompartment' | 'tcLif' | 'hodgkinHuxley' | 'hhCondExpTraub' | 'resonateAndFire';
  dt: number;
  n: number;
  params: Record<string, number | number[]>;
  options: Record<string, string | number>;
  /** By port: from which step on, and one value a neuron. */
  currents: Record<string, [number, number[]][]>;
  /** By port: step, target, weight, delay. */
  spikes: Record<string, [number, number, number, number][]>;
  gaps: [number, number, number][];
  symmetric: boolean;
  cuts: number[];
  set: [number, Record<string, number[]>][];
  threads: number;
  steps: number;
  sampled: number;
  /** `[samples][neurons]` by state. */
  states: Record<string, number[][]>;
  /** Step and neuron. */
  fired: [number, number][];
}

const cases = JSON.parse(
  await readFile('__test__/circuit/fixtures/drawn/neurons/drawn.json', 'utf8'),
) as Case[];

const models = { gif, twoCompartment, tcLif, hodgkinHuxley, hhCondExpTraub, resonateAndFire };

/** The neurons with all that enters them and is recorded of them. */
function wired(testCase: Case): { cells: Population; whole: ReturnType<typeof circuit> } {
  const { dt, n, model, params, options, currents, spikes, gaps, symmetric } = testCase;
  // Of each model its own options: they are those of the case.
  const cells = population(models[model] as typeof tcLif, n, { name: 'n', ...options, ...params });
  const entering = Object.entries(currents).map(([port, changes]) => {
    const source = currentSource({
      times: changes.map(([step]) => step * dt),
      values: changes.map(([, values]) => values),
    });
    return connect(source, cells, port === '' ? {} : { port });
  });
  const arriving = Object.entries(spikes)
    .filter(([, list]) => list.length > 0)
    .map(([port, list]) => {
      const sources = spikeSource(list.map(([step]) => [step * dt]));
      const targets = list.map(([, target]) => target);
      const wire = {
        port,
        weight: list.map(([, , weight]) => weight),
        delay: list.map(([, , , delay]) => delay * dt),
      };
      return connect(sources, cells, rule.list([...targets.keys()], targets), wire);
    });
  const between =
    gaps.length === 0
      ? []
      : [
          gapJunctions(
            cells,
            cells,
            rule.list(
              gaps.map(([source]) => source),
              gaps.map(([, target]) => target),
            ),
            { conductance: gaps.map(([, , conductance]) => conductance), symmetric },
          ),
        ];
  const traces = record.traces(cells, Object.keys(testCase.states), testCase.sampled * dt);
  return { cells, whole: circuit(cells, entering, arriving, between, traces, record.spikes()) };
}

for (const [i, testCase] of cases.entries()) {
  test(`drawn ${i}: ${testCase.model} ${Object.values(testCase.options).join(' ')}`, async (t) => {
    const { dt, steps, sampled, threads, n } = testCase;
    const { cells, whole } = wired(testCase);
    const make = (threads: number) => whole.compile({ dt, precision: 'f64', threads });
    let simulation: Simulation = await make(threads);
    let [now, parameters] = [0, {}];
    const fired: [number, number][] = [];
    for (const cut of [...testCase.cuts, steps]) {
      const { times, ids, traces } = await simulation.run((cut - now) * dt);
      times.forEach((time, k) => {
        fired.push([Math.round(time / dt), ids[k]!]);
      });
      for (const [name, expected] of Object.entries(testCase.states)) {
        const { times, values } = traces[`n.${name}`]!;
        for (const [row, time] of times.entries()) {
          const step = Math.round(time / dt);
          for (const [k, reference] of expected[step / sampled - 1]!.entries()) {
            const got = values[row * n + k]!;
            const close = Math.abs(got - reference) < 1e-9 * Math.max(1, Math.abs(reference));
            t.true(close, `${name} of ${k} at step ${step}: ${got}, not ${reference}`);
          }
        }
      }
      now = cut;
      const state = await simulation.save();
      simulation[Symbol.dispose]();
      simulation = await make((threads % 4) + 1);
      await simulation.restore(state);
      // Parameters are no part of a state; what was set before is set again.
      for (const [, values] of testCase.set.filter(([step]) => step === cut)) {
        if ('v' in values) await simulation.set(cells, values);
        else parameters = { ...parameters, ...values };
      }
      await simulation.set(cells, parameters);
    }
    simulation[Symbol.dispose]();
    t.deepEqual(
      fired.sort(([a, m], [b, k]) => a - b || m - k),
      testCase.fired,
    );
  });
}
