// Voltage-based plasticity against NEST's clopath_synapse: neurons that repeat NEST's recorded membranes and filters, and
// the weights with which every spike was sent.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import {
  circuit,
  connect,
  currentSource,
  population,
  rule,
  simulate,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { neuron } from '../../src-ts/doors/neurons.ts';
import type { LapicqueError } from '../../src-ts/index.ts';

interface Run {
  model: string;
  neuron: Record<string, number | boolean>;
  rule: { tau_x: number; Wmin: number; Wmax: number };
  delays: number[];
  weight: number;
  pre: number[];
  states: Record<'V_m' | 'u_bar_plus' | 'u_bar_minus' | 'u_bar_bar', string>;
  weights: number[][];
}

/** Its states are its inputs. */
const played = neuron({
  state: { v: 0, uPlus: 0, uMinus: 0, uBar: 0, received: 0 },
  input: ['membrane', 'plus', 'minus', 'bar', 'synapses'],
  update: `
    v = membrane
    uPlus = plus
    uMinus = minus
    uBar = bar
    received = received + synapses`,
  spike: 'v > 1e9',
});

function decoded(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64');
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

const { dt, runs } = JSON.parse(
  await readFile('__test__/circuit/fixtures/plasticity/clopath.json', 'utf8'),
) as {
  dt: number;
  runs: Run[];
};

for (const run of runs) {
  test(`weights of NEST: ${run.model}`, async (t) => {
    const states = Object.values(run.states).map(decoded);
    const steps = states[0]!.length;
    const cell = population(played, 1, {
      name: 'cell',
      initial: { v: states[0]![0]!, uPlus: states[1]![0]!, uMinus: states[2]![0]!, uBar: states[3]![0]! },
    });
    const inputs = ['membrane', 'plus', 'minus', 'bar'].map((port, k) => {
      const values = Array.from(states[k]!);
      return connect(currentSource({ times: values.map((_, i) => i * dt), values }), cell, { port });
    });
    const p = run.neuron as Record<string, number>;
    const model = synapse.clopath({
      filters: 'target',
      depression: run.neuron.A_LTD_const ? 'constant' : 'homeostatic',
      aLtp: p.A_LTP!,
      aLtd: p.A_LTD!,
      thetaPlus: p.theta_plus!,
      thetaMinus: p.theta_minus!,
      uRefSquared: p.u_ref_squared ?? 60,
      delayUBars: p.delay_u_bars!,
      tauX: run.rule.tau_x,
      wMin: run.rule.Wmin,
      wMax: run.rule.Wmax,
    });
    for (const [k, delay] of run.delays.entries()) {
      const source = spikeSource([run.pre]);
      const wire = { weight: run.weight, delay, port: 'synapses', model };
      const whole = circuit(cell, inputs, connect(source, cell, rule.oneToOne(), wire));
      using simulation = await whole.compile({ dt, precision: 'f64' });
      let before = 0;
      const sent: number[] = [];
      for (const time of run.pre) {
        const until = Math.round((time + delay) / dt);
        await simulation.run(until * dt - simulation.time);
        const [received] = await simulation.get(cell, 'received');
        sent.push(received! - before);
        before = received!;
      }
      t.is(sent.length, run.weights[k]!.length);
      sent.forEach((w, i) => {
        t.true(
          Math.abs(w - run.weights[k]![i]!) < 1e-9,
          `spike ${i} over ${delay} ms: ${w}, not ${run.weights[k]![i]}`,
        );
      });
    }
    t.true(steps > 2000);
  });
}

test('what cannot see its target is refused', async (t) => {
  const cell = population(played, 1, { name: 'cell' });
  const model = synapse.rule({ sights: { u: 'vDendrite' }, pre: 'w -= u' });
  const wire = { weight: 1, delay: 1, port: 'synapses', model };
  const whole = circuit(cell, connect(spikeSource([[1]]), cell, rule.oneToOne(), wire));
  const error = await t.throwsAsync<LapicqueError>(simulate(whole, { duration: 1, dt }));
  t.regex(error!.message, /vDendrite/);
});
