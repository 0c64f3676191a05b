// Where our neurons have other numbers than NEST's under the same names, the page for its users says so.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import {
  type CircuitElement,
  circuit,
  connect,
  currentSource,
  population,
  record,
  rule,
  simulate,
  spikeSource,
} from '../../src-ts/doors/circuit.ts';
import {
  aeifCondExp,
  aeifPscExp,
  hhPscAlpha,
  iafCondAlpha,
  iafCondExp,
  iafPscAlpha,
  iafPscExp,
  izhikevich,
  lif,
} from '../../src-ts/doors/neurons.ts';
import { nestDefaults, nestModels, nestNeurons } from '../../src-ts/sonata/nest-models.ts';

const page = 'docs/guides/from-nest-and-brian2.md';
const twins: Record<string, typeof iafPscExp> = {
  iaf_psc_exp: iafPscExp,
  iaf_psc_alpha: iafPscAlpha as never,
  iaf_cond_exp: iafCondExp as never,
  iaf_cond_alpha: iafCondAlpha as never,
  aeif_cond_exp: aeifCondExp as never,
  aeif_psc_exp: aeifPscExp as never,
  hh_psc_alpha: hhPscAlpha as never,
};

test('models that have not the defaults of NEST are named with them', async (t) => {
  const text = await readFile(page, 'utf8');
  t.deepEqual(
    nestModels.filter((model) => twins[model] === undefined),
    ['iaf_psc_delta', 'izhikevich'],
  );
  for (const [model, ours] of Object.entries(twins)) {
    const [P, Q] = [population(ours, 1, { name: 'P' }), nestNeurons(model, 1, {}, 0.1, { name: 'Q' }).cells];
    using simulation = await circuit(P, Q).compile({ precision: 'f64' });
    const differ: string[] = [];
    for (const name of Object.keys(Q.neuron.params!)) {
      // A refractory period of 0 is none, of which there is nothing to read.
      const read = async (of: typeof P) => (await simulation.get(of, name).catch(() => [0]))[0]!;
      const [own, nest] = [await read(P), await read(Q)];
      if (own !== nest) differ.push(`${name} ${own} ${nest}`);
    }
    const row = text.split('\n').find((line) => line.startsWith(`| \`${model}\`,`));
    t.is(row !== undefined, differ.length > 0, `${model}: ${differ}`);
    if (row === undefined) continue;
    const [, , theirs, here] = row.split('|') as [string, string, string, string];
    const numbers = (cell: string) => [...cell.matchAll(/`\w+` (-?[\d.]+)/g)].map(([, x]) => Number(x));
    const names = [...here.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    const differences = names.map((name, i) => `${name} ${numbers(here)[i]} ${numbers(theirs)[i]}`);
    t.deepEqual(differences.sort(), differ.sort());
    for (const [name, value] of [...theirs.matchAll(/`(\w+)` (-?[\d.]+)/g)].map(([, ...pair]) => pair))
      t.is(nestDefaults(model)![name!], Number(value), `${model} ${name}`);
  }
});

test('currents and weights of other units do what the page says', async (t) => {
  const [dt, tau, c] = [0.1, 12, 200];
  const duration = 40;
  const traces = async (...elements: CircuitElement[]) => {
    const recording = await simulate(circuit(...elements), { duration, dt, precision: 'f64' });
    return Object.values(recording.traces)[0]!.values;
  };
  // A membrane that a current charges, in closed form.
  const high = { like: 'nest', tauMem: tau, vThreshold: 1e6 } as const;
  const charged = Float64Array.from(
    { length: Math.round(duration / dt) },
    (_, i) => -70 + ((300 * tau) / c) * (1 - Math.exp((-(i + 1) * dt) / tau)),
  );
  const driven = population(lif, 1, high);
  const input = currentSource(((300 * tau) / c) * (1 - Math.exp(-dt / tau)));
  const towards = population(lif, 1, { ...high, vLeak: -70 + (300 * tau) / c, initial: { v: -70 } });
  for (const values of [
    await traces(driven, connect(input, driven), record.traces(driven, ['v'])),
    await traces(towards, record.traces(towards, ['v'])),
  ])
    charged.forEach((v, i) => {
      t.true(Math.abs(values[i]! - v) < 1e-9, `${i}: ${values[i]} ${v}`);
    });
  // What NEST's izhikevich is here: v jumps by the weight, at once.
  const cells = population(izhikevich, 2, { like: 'nest', initial: { v: -65, u: -13 } });
  const spike = spikeSource([[1]]);
  const weight = 3;
  const values = await traces(
    cells,
    spike,
    connect(spike, cells.slice(1), rule.oneToOne(), { weight: weight / dt, delay: 1 }),
    record.traces(cells, ['v']),
  );
  const arrival = 2 * (Math.round(2 / dt) - 1);
  t.is(values[arrival - 1], values[arrival - 2]);
  t.true(Math.abs(values[arrival + 1]! - values[arrival]! - weight) < 1e-9);
});
