/** Spike response models against their sums of kernels. */
import { type SrmOptions, srm as spikeResponse } from '../../src-ts/doors/neurons.ts';
import { BadCase, type Json, number, object, type SideCar } from './side-car.ts';
import { alone, fired } from './stimulus.ts';
import type { Comparison } from './tolerance.ts';

type Kernel = NonNullable<SrmOptions['kernel']>;

/** `model: 'srm0'` */
export async function srm(entry: Json, comparison: Comparison, car: SideCar): Promise<void> {
  const params = object(entry.params, 'params');
  const value = (name: string) => number(params[name], `params.${name}`);
  const dt = number(entry.dt_ms, 'dt_ms');
  const steps = car.tensor(object(entry.inputs, 'inputs').t).data.length;
  const theta = value('theta');
  // In the equations it is -2 theta: the number is that, or what theta is multiplied by.
  const amplitude = value('refractory_amplitude');
  const refractory = {
    vThreshold: theta,
    tauEta: value('tau_refr_ms'),
    etaInit: amplitude === -2 * theta ? -2 : amplitude,
  };
  const decay = { tauMem: value('tau_m_ms'), tauSyn: value('tau_s_ms') };
  const alpha = { tauMem: decay.tauMem, tauSyn: value('tau_alpha_ms') };
  const response = async (kernel: Kernel, taus: typeof decay) => {
    const neuron = spikeResponse({ name: 'neuron', kernel, ...taus, ...refractory, compare: '>=' });
    return alone(neuron, arrivals(car, entry, onGrid(kernel, taus, dt)), dt, ['psp', 'v']);
  };
  const expected = object(entry.expected, 'expected');
  const sums = {
    u_alpha: ['alpha', alpha],
    u_doubleexp: ['double-exponential', decay],
    u_exp: ['exponential', decay],
  } as const;
  for (const [quantity, [kernel, taus]] of Object.entries(sums)) {
    comparison.expected(expected[quantity], (await response(kernel, taus)).recordings['neuron.psp']!, [
      steps,
    ]);
  }
  const run = await response('alpha', alpha);
  const times = fired(run).map((step) => step * dt);
  comparison.expected(expected.u_srm0, run.recordings['neuron.v']!, [steps]);
  comparison.expected(expected.out_times, times, [times.length]);
}

/** Adds to the input at two steps what a unit spike between them, `s` ms before the second, amounts to. */
type OnGrid = (s: number) => readonly [before: number, after: number];

/**
 * A spike may arrive between two steps. Two inputs, at the steps around it, give the same states from the second on:
 * a kernel of two exponentials has two to match.
 */
function onGrid(kernel: Kernel, { tauMem, tauSyn }: { tauMem: number; tauSyn: number }, dt: number): OnGrid {
  const left = (time: number, tau: number) => Math.exp(-time / tau);
  if (kernel === 'alpha') {
    return (s) => [(s / dt) * left(s - dt, tauSyn), left(s, tauSyn) * (1 - s / dt)];
  }
  if (kernel === 'exponential') return (s) => [left(s - dt, tauMem), 0];
  return (s) => {
    const before = (left(s, tauMem) - left(s, tauSyn)) / (left(dt, tauMem) - left(dt, tauSyn));
    return [before, left(s, tauSyn) - left(dt, tauSyn) * before];
  };
}

function arrivals(car: SideCar, entry: Json, split: OnGrid): Float64Array {
  const { t, spike_times, spike_neuron, weights } = object(entry.inputs, 'inputs');
  const [grid, times, from, w] = [t, spike_times, spike_neuron, weights].map((name) => car.tensor(name).data);
  const delay = number(object(entry.params, 'params').delay_ms, 'params.delay_ms');
  const input = new Float64Array(grid!.length);
  times!.forEach((time, i) => {
    // A response begins behind the arrival, s > 0; of one at a step with the next. The side-car's order of the differences
    // decides where a sum of decimals falls beside the step.
    const step = grid!.findIndex((now) => now - time - delay > 0);
    if (step === 0) throw new BadCase('a spike arrives before the first step');
    if (step < 0) return;
    const [before, after] = split(grid![step]! - time - delay);
    const weight = w![from![i]!]!;
    input[step - 1]! += weight * before;
    input[step]! += weight * after;
  });
  return input;
}
