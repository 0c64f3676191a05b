/** One neuron under a stimulus: differential equations against their solutions. */
import { spikeTimes } from '../../src-ts/doors/circuit.ts';
import { hodgkinHuxley, type IzhikevichOptions, izhikevich } from '../../src-ts/doors/neurons.ts';
import { nest } from './nest.ts';
import { type Json, list, number, object, renamed, type SideCar, Skip, text } from './side-car.ts';
import { srm } from './srm.ts';
import { alone, fired, injected } from './stimulus.ts';
import type { Comparison } from './tolerance.ts';

type Run = (entry: Json, comparison: Comparison, car: SideCar) => Promise<void>;

/** `check: 'ode'` */
export async function ode(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const model = text(entry.model, 'model');
  const run = models[model];
  if (run === undefined) throw new Skip(`the neuron model ${model} is not built yet`);
  await run(entry, comparison, car);
}

const models: Readonly<Record<string, Run>> = {
  izhikevich_2003: izhikevich2003,
  hodgkin_huxley_1952: hodgkinHuxley1952,
  ...nest,
  srm0: srm,
};

async function izhikevich2003(entry: Json, comparison: Comparison): Promise<void> {
  if (entry.dt_ms === undefined) return izhikevichEvents(entry, comparison);
  const dt = number(entry.dt_ms, 'dt_ms');
  const options = izhikevichOptions(entry);
  const method = text(entry.update, 'update') as NonNullable<IzhikevichOptions['method']>;
  const neuron = izhikevich({ ...options, name: 'neuron', method, compare: '>' });
  const input = injected(entry, number(entry.n_steps, 'n_steps'), dt);
  const run = await alone(neuron, input, dt, ['v', 'u']);
  const expected = object(entry.expected, 'expected');
  const steps = fired(run);
  comparison.expected(expected.V, run.recordings['neuron.v']!, [input.length]);
  if (expected.u !== undefined) comparison.expected(expected.u, run.recordings['neuron.u']!, [input.length]);
  comparison.expected(expected.spike_steps, steps, [steps.length]);
}

function izhikevichOptions(entry: Json) {
  return renamed(
    object(entry.params, 'params'),
    {
      a: 'a',
      b: 'b',
      c: 'c',
      d: 'd',
      k2: 'k2',
      k1: 'k1',
      k0: 'k0',
      V0: 'vInit',
      u0: 'uInit',
      u_offset: 'uOffset',
      u_leak: 'uLeak',
      V_peak: 'vPeak',
    },
    'izhikevich_2003: the parameter',
  );
}

/** Spike times of the equations themselves, without a grid. */
async function izhikevichEvents(entry: Json, comparison: Comparison): Promise<void> {
  const stimulus = object(entry.stimulus, 'stimulus');
  const numbers = (name: string) => list(stimulus[name], `stimulus.${name}`).map((x) => number(x, name));
  const neuron = izhikevich({ ...izhikevichOptions(entry), method: 'rk4', compare: '>=' });
  const current = { times: numbers('t_ms'), values: numbers('I') };
  const duration = number(entry.T_ms, 'T_ms');
  const found = await spikeTimes(neuron, { current, duration, dt: 1 / 512 });
  comparison.expected(object(entry.expected, 'expected').spike_times_ms, found, [found.length]);
}

async function hodgkinHuxley1952(entry: Json, comparison: Comparison): Promise<void> {
  const params = renamed(
    object(entry.params, 'params'),
    { C: 'c', gNa: 'gNa', gK: 'gK', gL: 'gL', ENa: 'vNa', EK: 'vK', EL: 'vLeak', V0: null },
    'hodgkin_huxley_1952: the parameter',
  );
  const init = renamed(
    object(entry.init, 'init'),
    { V: 'vInit', m: 'mInit', h: 'hInit', n: 'nInit' },
    'hodgkin_huxley_1952: the initial',
  );
  for (const value of list(entry.runs, 'runs')) {
    const described = object(value, 'runs[]');
    const method = text(described.integrator, 'runs[].integrator').replaceAll('_', '-') as 'rk4';
    // What rk4 is compared with is the solution itself, under a current that may change within a step.
    const finer = method === 'rk4' ? 5 : 1;
    const dt = number(described.dt_ms, 'runs[].dt_ms') / finer;
    const every = number(described.sample_every, 'runs[].sample_every') * finer;
    const neuron = hodgkinHuxley({ ...params, ...init, name: 'neuron', method });
    const steps = Math.round(number(entry.T_ms, 'T_ms') / dt);
    const input = injected(entry, steps, dt, method === 'rk4' ? 'mean' : 'start');
    const states = { V: 'v', m: 'm', h: 'h', n: 'n' } as const;
    const { recordings } = await alone(neuron, input, dt, Object.values(states));
    // A sample is the state before the step that starts there.
    const sampled = (state: 'v' | 'm' | 'h' | 'n') => {
      const after = recordings[`neuron.${state}`]!;
      const count = number(described.samples ?? Math.floor(steps / every) + 1, 'runs[].samples');
      const at = (step: number) => (step === 0 ? Number(init[`${state}Init`]) : after[step - 1]!);
      return Float64Array.from({ length: count }, (_, sample) => at(sample * every));
    };
    for (const [quantity, tensor] of Object.entries(object(described.expected, 'runs[].expected'))) {
      const name = text(tensor, 'runs[].expected');
      const got =
        quantity === 'upcrossings_ms'
          ? upcrossings(sampled('v'), every * dt)
          : quantity === 't'
            ? sampled('v').map((_, sample) => sample * every * dt)
            : sampled(states[quantity as 'V']);
      comparison.tensor(name, got, [got.length]);
    }
  }
}

/** When v rises through 0 mV, on the line between two samples. */
function upcrossings(v: Float64Array, dt: number): number[] {
  const steps = Array.from(v.keys()).filter((step) => step > 0 && v[step - 1]! < 0 && v[step]! >= 0);
  return steps.map((step) => dt * (step - v[step]! / (v[step]! - v[step - 1]!)));
}
