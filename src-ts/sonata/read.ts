/** What {@link loadSonata} does. Loaded when it is called: most programs read no SONATA. */
import { resolve } from 'node:path';
import { callback, options as checkOptions, filePath, flag, invalid, timeStep } from '../checks/check.ts';
import { shortName } from '../checks/nearest-name.ts';
import { circuit, circuitOf } from '../circuit/circuit.ts';
import { checkTask } from '../engine/native.ts';
import { runNow, Yielder } from '../engine/yielder.ts';
import { limitOf } from '../files/limits.ts';
import { mechanismOf } from '../morphology/mechanism.ts';
import { readConfig } from './config.ts';
import { readEdges } from './edges.ts';
import { SonataFiles } from './files.ts';
import { currents, readTrains } from './inputs.ts';
import { malformed } from './json.ts';
import { NodeSets } from './node-sets.ts';
import { type Built, build, neuronsOf, readNodes } from './nodes.ts';
import { planReports } from './report-plans.ts';
import type { SonataCircuit, SonataNodes, SonataOptions } from './sonata-circuit.ts';
import { outputsOf, writeOutputs } from './write-outputs.ts';

export async function readSonata(path: string | URL, options: SonataOptions): Promise<SonataCircuit> {
  const {
    signal,
    limits,
    models = {},
    synapses = {},
    cells = {},
    mechanisms = {},
    reports = true,
    ...readers
  } = checkOptions('loadSonata', options, [
    ...(['signal', 'limits', 'models', 'synapses', 'cells', 'mechanisms', 'dt', 'reports'] as const),
  ]);
  flag('reports', reports);
  for (const [name, of] of Object.entries({ models, synapses, cells }))
    for (const [template, make] of entriesOf<(...args: never[]) => unknown>(name, of))
      callback(`${name}["${template}"]`, make);
  for (const [name, mechanism] of entriesOf('mechanisms', mechanisms))
    mechanismOf(`mechanisms["${name}"]`, mechanism);
  checkTask({ ...(signal === undefined ? {} : { signal }) });
  const files = new SonataFiles(limitOf(limits), signal);
  const config = await readConfig(resolve(filePath('path', path)), files);
  const dt = timeStep('dt', readers.dt ?? config.run.dt ?? 0.1);
  const read = await readNodes(config, files);
  const trains = await readTrains(config, read, dt, files);
  const built = new Map<string, Built>();
  for (const [name, nodes] of read)
    built.set(
      name,
      await build(nodes, config, trains.get(name) ?? new Map(), models, { cells, mechanisms }, dt, files),
    );
  const warnings: string[] = [];
  const later = await readEdges(config, built, dt, files, synapses, warnings);
  const parts = [...built.values()].flatMap((nodes) =>
    nodes.parts.flatMap((part) => [
      neuronsOf(part),
      ...(part.extraSpikes === undefined ? [] : [part.extraSpikes.source]),
    ]),
  );
  const connections = later.map((make) => make());
  // A part without populations that says the step.
  const step = circuitOf({ version: 1, dt, populations: [] });
  const { tstop } = config.run;
  if (tstop !== undefined && tstop !== null && !(typeof tstop === 'number' && tstop >= 0))
    throw malformed(config.path, `run.tstop should be a time in ms, not ${shortName(JSON.stringify(tstop))}`);
  const inputs = await currents(config, built, dt, files);
  const outputs = outputsOf(config, warnings);
  const yielder = new Yielder(signal);
  const plans = reports
    ? await planReports(config, built, new NodeSets(config, built, yielder), dt, yielder, warnings)
    : { reports: [], recorders: [], columns: new Map() };
  return {
    circuit: circuit(step, ...parts, ...connections, ...inputs, ...plans.recorders),
    dt,
    ...(typeof tstop === 'number' ? { duration: Math.round(tstop / dt) * dt } : {}),
    nodes: Object.fromEntries([...built].map(([name, nodes]) => [name, nodesView(nodes)])),
    reports: plans.reports.map(({ parts: _, ...report }) => report),
    warnings,
    ...(outputs.inside ? { outputFolder: outputs.folder } : {}),
    async writeReports(recording, rawOptions = {}) {
      return writeOutputs(outputs, plans, built, recording, rawOptions, files.paths);
    },
  };
}

function nodesView({ elements, ids, parts }: Built): SonataNodes {
  return {
    size: elements.size,
    ids,
    attributes: elements.names.filter((name) => !name.startsWith('dynamics_params')),
    attribute: (name) => runNow(elements.values(name)),
    populations: parts.map((part) => ({ name: neuronsOf(part).name!, nodes: part.nodes })),
  };
}

function entriesOf<T>(name: string, value: Readonly<Record<string, T>>): [string, T][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    invalid(name, value, 'an object with one entry for each name');
  return Object.entries(value);
}
