/** What `lapicque simulate --limits` adds: the least time of the run on this machine. */
import type { Least, MachineRates } from '@lapicque/bench';
import type { CircuitDescription } from '../circuit/description.ts';
import type { Simulation } from '../circuit/simulation.ts';
import { type benchPackage, machine } from './bench-package.ts';

/** A run as it was measured. */
interface Measured {
  bench: Awaited<ReturnType<typeof benchPackage>>;
  simulation: Simulation;
  description: CircuitDescription;
  steps: number;
  /** Events delivered in these steps. */
  events: number;
  milliseconds: number;
  signal: AbortSignal;
}

export async function limitsOf(run: Measured): Promise<Least & { limits: MachineRates }> {
  const { bench, simulation, description, steps, events, milliseconds, signal } = run;
  const rates = await machine.rates({ signal });
  const populations = Object.entries(simulation.populations).map(([name, { size }]) => ({
    size,
    operations: simulation.operations[name]!,
  }));
  const parts = bench.networkParts(
    {
      steps,
      threads: rates.threads,
      events,
      wholeRows: wholeRows(simulation),
      synapses: simulation.synapses,
      synapseBytes: simulation.storage.reduce((sum, { bytes }) => sum + bytes, 0),
      populations,
      drawing: drawing(description),
      meetings: Math.floor(steps / Math.max(1, minDelay(description, steps * simulation.dt) / simulation.dt)),
    },
    rates,
  );
  return { limits: rates, ...bench.least(parts, milliseconds) };
}

/** The share of synapses that are stored as a bit or a weight for each pair of neurons. */
function wholeRows({ storage, synapses }: Simulation): number {
  const whole = storage.filter(({ form }) => form === 'bits' || form === 'dense');
  return whole.reduce((sum, { synapses }) => sum + synapses, 0) / Math.max(1, synapses);
}

/** Neurons with an input that draws at each step, summed over such inputs. */
function drawing({ inputs = [], populations }: CircuitDescription): number {
  const sizes = new Map(populations.map(({ name, size }) => [name, size]));
  return (inputs as readonly { kind: string; to: unknown }[])
    .filter(({ kind }) => kind !== 'current')
    .reduce((sum, { to }) => sum + (typeof to === 'string' ? sizes.get(to)! : 0), 0);
}

/** The minimum delay in ms; `otherwise` if delays are sampled, so that the number of exchanges is not overestimated. */
function minDelay({ connections = [] }: CircuitDescription, otherwise: number): number {
  const delays = connections.map(({ delay }) => (typeof delay === 'number' ? delay : otherwise));
  return Math.min(otherwise, ...delays);
}
