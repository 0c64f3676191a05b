// In large networks, too, defaults and initial values that are expressions of a parameter follow it: setting the parameter before
// the first step equals describing the population with it, in every model.
import test from 'ava';
import {
  circuit,
  connect,
  currentSource,
  distribution,
  population,
  type Simulation,
} from '../../src-ts/doors/circuit.ts';
import { lif, type Neuron, neuron } from '../../src-ts/doors/neurons.ts';
import { addon, unwrap } from '../../src-ts/engine/native.ts';
import * as lapicque from '../support/library.ts';

interface Described {
  readonly key: string;
  readonly spiking: boolean;
  readonly ports: readonly string[];
  readonly states: readonly { readonly name: string; readonly init: string | null }[];
  readonly params: readonly { readonly name: string; readonly default: number | string | null }[];
}

const { models } = JSON.parse(unwrap(addon.describeModels())) as { models: readonly Described[] };

const needed: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  lif: { beta: 0.85 },
  li: { beta: 0.85 },
  klif: { beta: 0.85 },
  'delta-lif': { beta: 0.85 },
  'multi-level-lif': { beta: 0.85 },
  'cuba-lif': { alpha: 0.7, beta: 0.85 },
  'cuba-li': { alpha: 0.7, beta: 0.85 },
  alpha: { alpha: 0.9, beta: 0.7 },
  lapicque: { r: 2, c: 2 },
  alif: { tauMem: 8 },
  qif: { tauW: 20 },
};

function factory(key: string): (options: object) => Neuron {
  const camel =
    key === 'if' ? 'integrateAndFire' : key.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  return (lapicque as unknown as Record<string, (options: object) => Neuron>)[camel]!;
}

const size = 70;

async function states(simulation: Simulation, model: Described) {
  const all: Record<string, number[]> = {};
  for (const { name } of [...model.states, ...model.params]) {
    try {
      all[name] = [...(await simulation.get('C', name))];
    } catch {
      // Absent with these options.
    }
  }
  return all;
}

let tried = 0;

for (const model of models.filter(({ spiking }) => spiking)) {
  const words = (text: unknown) => (typeof text === 'string' ? text.split(/\W+/) : []);
  const sources = model.params.filter(
    ({ name }) =>
      model.states.some(({ init }) => init === name) ||
      model.params.some((other) => words(other.default).includes(name)),
  );
  for (const { name } of sources) {
    test(`${model.key}: ${name} that is set before the first step`, async (t) => {
      const build = (options: object) => {
        const cells = population(factory(model.key), size, { ...needed[model.key], ...options, name: 'C' });
        const drive = model.ports.includes('current')
          ? [connect(currentSource(1), cells, { port: 'current' })]
          : [];
        return circuit(cells, ...drive).compile({ seed: 2, dt: 0.1, precision: 'f64' });
      };
      using simulation = await build({});
      const [value] = await simulation.get('C', name);
      const one = value! === 0 ? 0.25 : value! * (1 - 2 ** -6);
      const each = Float64Array.from({ length: size }, (_, i) => one * (1 - 2 ** -9 * i));
      for (const moved of [one, each]) {
        using described = await build({ [name]: moved });
        await simulation.set('C', { [name]: moved });
        t.deepEqual(await states(simulation, model), await states(described, model));
        tried++;
      }
      using described = await build({ [name]: each });
      await simulation.run(3);
      await described.run(3);
      t.deepEqual(await states(simulation, model), await states(described, model));
    });
  }
}

test.after('every model with such parameters is tried', (t) => {
  t.true(tried > 30, `${tried}`);
});

const starting = neuron({
  state: { v: { init: 'vr' }, w: { init: 'wr' } },
  params: { vr: 0.5, wr: 0.25 },
  update: 'v = 0.5*v; w = 0.5*w',
});

test('a state that was set stays, and after the first step states go on', async (t) => {
  const cells = population(starting, 4, { name: 'C' });
  using simulation = await circuit(cells).compile({ precision: 'f64', dt: 1 });
  await simulation.set(cells.slice(0, 2), { v: 7 });
  await simulation.set(cells, { w: 3 });
  await simulation.set(cells, { vr: 0.75, wr: 0.125 });
  t.deepEqual([...(await simulation.get(cells, 'w'))], [3, 3, 3, 3]);
  t.deepEqual([...(await simulation.get(cells, 'v'))], [7, 7, 0.75, 0.75]);
  await simulation.run(1);
  await simulation.set(cells, { vr: 8 });
  t.is((await simulation.get(cells, 'v'))[3], 0.375);
});

test('a state in one call with the parameter of its initial value is that state', async (t) => {
  const cells = population(starting, 2, { name: 'C' });
  using simulation = await circuit(cells).compile({ precision: 'f64', dt: 1 });
  await simulation.set(cells, { vr: 0.75, v: 4 });
  t.deepEqual([...(await simulation.get(cells, 'v'))], [4, 4]);
});

test('a saved state from before the first step is what was saved', async (t) => {
  const cells = population(starting, 2, { name: 'C' });
  using simulation = await circuit(cells).compile({ precision: 'f64', dt: 1 });
  await simulation.set(cells, { vr: 0.75 });
  const saved = await simulation.save();
  using other = await circuit(cells).compile({ precision: 'f64', dt: 1 });
  await other.restore(saved);
  t.deepEqual([...(await other.get(cells, 'v'))], [0.75, 0.75]);
  t.deepEqual([...(await other.get(cells, 'vr'))], [0.75, 0.75]);
  await other.run(2);
  t.deepEqual([...(await other.get(cells, 'v'))], [0.1875, 0.1875]);
});

test('an initial value that is drawn does not follow', async (t) => {
  const cells = population(lif, 50, {
    beta: 0.9,
    vLeak: 0.1,
    name: 'C',
    initial: { v: distribution.uniform(0, 1) },
  });
  using simulation = await circuit(cells).compile({ precision: 'f64' });
  const before = await simulation.get(cells, 'v');
  await simulation.set(cells, { vLeak: 0.3 });
  t.deepEqual(await simulation.get(cells, 'v'), before);
});
