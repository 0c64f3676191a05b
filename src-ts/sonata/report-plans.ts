/** The `reports` of a SONATA configuration as recorders of the network. */
import type { Population } from '../circuit/elements/populations.ts';
import { type Recorder, record } from '../circuit/elements/recorders.ts';
import type { Yielder } from '../engine/yielder.ts';
import { type Config, objectOf } from './config.ts';
import { type Json, malformed } from './json.ts';
import { nestQuantities, nestState } from './nest-models.ts';
import type { NodeSets } from './node-sets.ts';
import { areCells, type Built, isSource, type Part } from './nodes.ts';
import type { SonataReportPlan } from './sonata-circuit.ts';

/** Neurons of a report that belong to one population of the network. */
interface PlannedPart {
  /** Population of nodes in SONATA. */
  readonly population: string;
  /** What the recording calls their trace. */
  readonly trace: string;
  /** Neurons of the population of the network, ascending. */
  readonly neurons: Uint32Array;
  readonly nodeIds: Float64Array;
}

/** A report with where its values are in a recording. */
export interface PlannedReport extends SonataReportPlan {
  readonly parts: readonly PlannedPart[];
}

/** What the network records of one state of one of its populations, for all reports. */
interface Recorded {
  readonly cells: Population;
  readonly state: string;
  readonly neurons: Set<number>;
  /** In steps. */
  every: number;
}

export interface Plans {
  readonly reports: readonly PlannedReport[];
  readonly recorders: readonly Recorder[];
  /** By trace: the neurons in the order of its columns. */
  readonly columns: ReadonlyMap<string, Uint32Array>;
}

/** Units of NEST's quantities; others have none. */
const units: Readonly<Record<string, string>> = {
  ...{ V_m: 'mV', I_syn_ex: 'pA', I_syn_in: 'pA', g_ex: 'nS', g_in: 'nS', w: 'pA' },
};

/** Modules that record variables of neurons: SONATA's and BMTK's name of NEST's. */
const modules: readonly unknown[] = ['membrane_report', 'multimeter_report', undefined];

/** Sections that are recorded at the soma, and sections that are not recorded. */
const sections: readonly unknown[] = ['soma', 'all', undefined];
const noSections: readonly unknown[] = ['axon', 'dend', 'basal', 'apic', 'apical'];

/**
 * @param warnings - receives what cannot be recorded
 * @throws LapicqueError `malformed-file` for values of the wrong type and node sets that there are not
 */
export async function planReports(
  config: Config,
  built: ReadonlyMap<string, Built>,
  sets: NodeSets,
  dt: number,
  yielder: Yielder,
  warnings: string[],
): Promise<Plans> {
  const recorded = new Map<string, Recorded>();
  const reports: PlannedReport[] = [];
  for (const name of Object.keys(config.reports)) {
    const report = objectOf(config.path, `reports.${name}`, config.reports[name]);
    if (report.enabled === false) continue;
    const refuse = (reason: string) => {
      warnings.push(`${config.path}: reports.${name} is not recorded: ${reason}`);
    };
    const reason = unsupportedIn(report);
    if (reason !== undefined) {
      refuse(reason);
      continue;
    }
    if (!sections.includes(report.sections))
      warnings.push(
        `${config.path}: reports.${name}: sections is ${JSON.stringify(report.sections)}: the soma is recorded`,
      );
    const times = timesOf(config, name, report, dt);
    if (typeof times === 'string') {
      refuse(times);
      continue;
    }
    const variable = [report.variable_name].flat()[0] as string;
    const chosen = await sets.of(report.cells, `reports.${name}.cells`);
    const parts: PlannedPart[] = [];
    const missing: string[] = [];
    let unit: string | undefined;
    for (const [population, positions] of chosen) {
      const { parts: own, ids } = built.get(population)!;
      for (const part of own) {
        if (isSource(part.cellsOrSource)) continue;
        const neurons: number[] = [];
        await yielder.each(part.nodes.length, (i) => {
          if (positions.has(part.nodes[i]!)) neurons.push(i);
        });
        if (neurons.length === 0) continue;
        const found = stateOf(part, variable);
        const { cells } = part.cellsOrSource;
        if (found === undefined) {
          const known = part.model === undefined ? 'v' : nestQuantities(part.model).join(', ');
          missing.push(`${cells.name} has no variable ${variable}; it has ${known}`);
          continue;
        }
        if (areCells(part.cellsOrSource) && report.sections === 'all')
          warnings.push(
            `${config.path}: reports.${name}: sections is "all": the soma of ${cells.name} is recorded`,
          );
        unit ??= found.unit;
        const trace = `${cells.name}.${found.state}`;
        const all = recorded.get(trace) ?? {
          cells,
          state: found.state,
          neurons: new Set(),
          every: times.every,
        };
        recorded.set(trace, all);
        all.every = gcd(all.every, times.every);
        for (const neuron of neurons) all.neurons.add(neuron);
        const nodeIds = Float64Array.from(neurons, (i) => ids[part.nodes[i]!]!);
        parts.push({ population, trace, neurons: Uint32Array.from(neurons), nodeIds });
      }
    }
    for (const reason of missing) warnings.push(`${config.path}: reports.${name}: ${reason}`);
    if (parts.length === 0) {
      refuse('it has no neurons that have its variable');
      continue;
    }
    const file = report.file_name ?? (/\.(h5|hdf5?)$/.test(name) ? name : `${name}.h5`);
    if (typeof file !== 'string' || file === '')
      throw malformed(config.path, `reports.${name}.file_name should be a file name`);
    reports.push({
      ...{ name, file, variable, parts },
      ...{ start: times.start, end: times.end, dt: times.dt },
      units: typeof report.unit === 'string' && report.unit !== '' ? report.unit : (unit ?? '1'),
      nodeIds: nodesOf(parts),
    });
  }
  const recorders: Recorder[] = [];
  const columns = new Map<string, Uint32Array>();
  for (const [trace, { cells, state, neurons, every }] of recorded) {
    const chosen = Uint32Array.from(neurons).sort();
    columns.set(trace, chosen);
    const some = chosen.length < cells.size ? Array.from(chosen) : undefined;
    recorders.push(record.traces(cells, [state], every * dt, some));
  }
  return { reports, recorders, columns };
}

/** The reason why a report cannot be recorded; `undefined` if it can. */
function unsupportedIn(report: Json): string | undefined {
  const text = (value: unknown) => JSON.stringify(value);
  if (!modules.includes(report.module))
    return `the module ${text(report.module)} is not supported; membrane_report is`;
  if (noSections.includes(report.sections))
    return `sections is ${text(report.sections)}, but only the soma is recorded`;
  if (report.format !== undefined && String(report.format).toUpperCase() !== 'HDF5')
    return `the format ${text(report.format)} is not supported; HDF5 is`;
  if (Object.keys(report.transform ?? {}).length > 0) return 'a transform of BMTK is a function of Python';
  const variables = [report.variable_name].flat();
  if (variables.length !== 1 || typeof variables[0] !== 'string')
    return `variable_name is ${text(report.variable_name)}, but a file has one variable`;
  return undefined;
}

/** Times of the frames; or the reason why the simulation cannot have them. */
function timesOf(config: Config, name: string, report: Json, step: number) {
  const { tstart = 0, tstop = Number.POSITIVE_INFINITY } = config.run;
  const numberOf = (key: string, value: unknown) => {
    if (typeof value !== 'number' || Number.isNaN(value))
      throw malformed(config.path, `reports.${name}.${key} should be a number, not ${JSON.stringify(value)}`);
    return value;
  };
  // The second names are those of BMTK's PointNet.
  const dt = numberOf('dt', report.dt ?? report.interval ?? step);
  const start = numberOf('start_time', report.start_time ?? report.tstart ?? tstart);
  const end = numberOf('end_time', report.end_time ?? report.tstop ?? tstop);
  if (!(dt > 0)) throw malformed(config.path, `reports.${name}.dt is ${dt}; expected a number above 0`);
  if (!(start >= 0) || start === Number.POSITIVE_INFINITY)
    throw malformed(config.path, `reports.${name}.start_time is ${start}; expected a time of at least 0`);
  if (!(end >= start))
    throw malformed(config.path, `reports.${name}.end_time is ${end}, before its start_time at ${start}`);
  const steps = [dt, start].map((ms) => Math.round(ms / step));
  const off = [dt, start].findIndex((ms, i) => Math.abs(ms / step - steps[i]!) > 1e-6);
  if (off >= 0)
    return `${['dt', 'start_time'][off]} is ${[dt, start][off]} ms, no whole number of steps of ${step} ms`;
  if (!steps.every(Number.isSafeInteger) || steps[0]! < 1) return `dt is ${dt} ms, beyond all runs`;
  return { dt, start, end, every: gcd(steps[0]!, steps[1]!) };
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** The state of a part's neurons that a variable is, and its unit. */
function stateOf(part: Part, variable: string): { state: string; unit: string } | undefined {
  // SONATA's name of the potential is NEURON's.
  const quantity = variable === 'v' ? 'V_m' : variable;
  if (areCells(part.cellsOrSource)) return quantity === 'V_m' ? { state: 'v', unit: 'mV' } : undefined;
  if (part.model === undefined)
    return quantity === 'V_m' ? { state: 'v', unit: 'mV' } : { state: variable, unit: '1' };
  const state = nestState(part.model, quantity);
  const unit = Object.hasOwn(units, quantity) ? units[quantity]! : '1';
  return state === undefined ? undefined : { state, unit };
}

/** Nodes of a report by their population, ascending. */
function nodesOf(parts: readonly PlannedPart[]): Record<string, Float64Array> {
  const all = new Map<string, number[]>();
  for (const { population, nodeIds } of parts) {
    const ids = all.get(population) ?? [];
    all.set(population, ids);
    for (const id of nodeIds) ids.push(id);
  }
  return Object.fromEntries([...all].map(([population, ids]) => [population, Float64Array.from(ids).sort()]));
}
