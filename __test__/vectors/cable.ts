/**
 * Cells with morphologies on compartments that a case gives, as NEURON made them: `format: 'cable-reference-1'` (fixtures/morphology). A trace
 * is beside it as a numpy file of doubles.
 */
import { dirname, join } from 'node:path';
import { readTensors } from '../../src-ts/doors/files.ts';
import { addon, unwrap } from '../../src-ts/engine/native.ts';
import { BadCase, type Json, list, number, object, Skip, text } from './side-car.ts';

/** NEURON's mechanisms and parameters, and those of the catalog. */
const mechanisms: Readonly<Record<string, readonly [string, Readonly<Record<string, string>>]>> = {
  pas: ['passive', { g_pas: 'g', e_pas: 'e' }],
  hh: ['hh', { gnabar_hh: 'gNa', gkbar_hh: 'gK', gl_hh: 'gLeak', el_hh: 'eLeak' }],
  cahva: ['caHva', { gbar_cahva: 'g' }],
  capool: [
    'caPool',
    { gamma_capool: 'gamma', tau_capool: 'tau', depth_capool: 'depth', cainf_capool: 'rest' },
  ],
  kca: ['kCa', { gbar_kca: 'g', kd_kca: 'half', tau_kca: 'tau' }],
};

/** Voltages in mV are compared absolutely, other quantities relative to their largest value, or to 1. */
const tolerance = 1e-8;

/** Runs a case; returns the largest deviation that is too large, in words. */
export async function cable(path: string, json: Json): Promise<string | undefined> {
  if (json.format === 'cable-ring-1') return ring(json);
  if (json.format !== 'cable-reference-1') throw new Skip(`the format ${json.format} is not known`);
  if (json.gradient !== undefined) return gradient(path, json);
  const { nodes, description, quantities } = described(json);
  const files = object(json.files, 'files');
  const { traces } = unwrap(
    await addon.simulateMorphologies(nodes, JSON.stringify(description), undefined, undefined),
  );
  const { tensors } = await readTensors(join(dirname(path), text(files.trace, 'files.trace')));
  const [tensor] = tensors.values();
  const want = Float64Array.from(tensor!.data as Iterable<number | bigint>, Number);
  if (want.length !== traces.length) throw new BadCase(`${want.length} samples, of ${traces.length}`);
  const samples = traces.length / quantities.length;
  for (const [row, quantity] of quantities.entries()) {
    const [got, expected] = [traces, want].map((all) => all.subarray(row * samples, (row + 1) * samples));
    const scale = quantity === 'v' ? 1 : expected!.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
    const worst = got!.reduce((most, x, k) => Math.max(most, Math.abs(x - expected![k]!) / scale), 0);
    // Also for NaN.
    if (!(worst <= tolerance)) return `records[${row}] (${quantity}) deviates by ${worst}`;
  }
  return undefined;
}

/** A value and gradient of Jaxley: rows are relative to their largest entry, because entries near 0 have its rounding errors. */
async function gradient(path: string, json: Json): Promise<string | undefined> {
  const { nodes, description } = described(json);
  const target = new Float64Array(number(json.samples, 'samples')).fill(-65);
  const terms = [{ record: 0, kind: 'squaredError', weight: 1 }];
  const result = unwrap(
    await addon.differentiateMorphologies(
      nodes,
      JSON.stringify(description),
      JSON.stringify(terms),
      target,
      undefined,
      undefined,
    ),
  );
  const value = number(object(json.loss, 'loss').value, 'loss.value');
  if (!(Math.abs(result.loss / value - 1) <= tolerance)) return `the loss is ${result.loss}, not ${value}`;

  const [cell] = list(json.cells, 'cells').map((cell) => object(cell, 'cells[]'));
  const numbers = (of: unknown, name: string) => list(of, name).map((x) => number(x, name));
  const tree = object(cell!.nodes, 'nodes');
  const own = numbers(tree.r_parent_own_half, 'r_parent_own_half');
  const above = numbers(tree.r_parent_parent_half, 'r_parent_parent_half');
  const byResistivity = own.map(() => 0);
  numbers(tree.parent, 'parent').forEach((parent, node) => {
    const slope = result.axial[node]! / number(json.axial_resistivity, 'axial_resistivity');
    byResistivity[node]! += slope * own[node]!;
    if (parent >= 0) byResistivity[parent]! += slope * above[node]!;
  });
  const order = numbers(json.compartment_nodes, 'compartment_nodes');
  const painted = numbers(object(object(cell!.mechanisms, 'mechanisms').hh, 'hh').nodes, 'hh.nodes');
  const [{ parameters }] = JSON.parse(result.layout) as [{ parameters: string[] }];
  const row = (name: string) => {
    const from = parameters.indexOf(name) * painted.length;
    return order.map((node) => result.parameters[from + painted.indexOf(node)]!);
  };
  const rows = [row('gNa'), row('gK'), row('gLeak'), order.map((node) => byResistivity[node]!)];
  const file = text(object(json.gradient, 'gradient').file, 'gradient.file');
  const { tensors } = await readTensors(join(dirname(path), file));
  const want = Float64Array.from([...tensors.values()][0]!.data as Iterable<number | bigint>, Number);
  for (const [i, got] of rows.entries()) {
    const expected = want.subarray(i * order.length, (i + 1) * order.length);
    const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const worst = got.reduce((most, x, k) => Math.max(most, Math.abs(x - expected[k]!)), 0);
    if (!(worst <= 1e-6 * largest)) return `row ${i} deviates by ${worst}, its largest entry is ${largest}`;
  }
  return undefined;
}

/** In ms. Arbor's gates use a rational function in place of the exponential, which moves its spikes by up to 5e-4 ms. */
const ringTolerance = 0.025;

/** Arbor's rings on both of its compartments: every spike by its cell and time. */
async function ring(json: Json): Promise<string | undefined> {
  const [fine] = list(json.cells, 'cells');
  const coarse = object(json.arbor_default_cell, 'arbor_default_cell');
  const of = (of: Json) => ({
    synapse: number(of.synapse_node, 'node'),
    detector: number(of.detector_node, 'node'),
  });
  const spikes = object(json.spikes, 'spikes');
  for (const [name, cell, places] of [
    ['arbor_1um_cv', fine, of(json)],
    ['arbor_default_cv', coarse, of(coarse)],
  ] as const) {
    const { gid, time } = object(spikes[name], name);
    const [ids, times] = [list(gid, 'gid').map(Number), list(time, 'time').map(Number)];
    const got = await ringSpikes(json, cell, places, Math.max(...ids) + 1);
    if (got.length !== times.length) return `${name}: ${got.length} spikes, not ${times.length}`;
    for (const [i, [id, at]] of got.entries()) {
      if (id !== ids[i]) return `${name}: spike ${i} is of cell ${id}, not ${ids[i]}`;
      if (!(Math.abs(at - times[i]!) <= ringTolerance))
        return `${name}: spike ${i} at ${at}, not ${times[i]} ms`;
    }
  }
  return undefined;
}

/** Cells and times of the spikes of a ring of `count` cells. */
async function ringSpikes(
  json: Json,
  cell: unknown,
  places: { synapse: number; detector: number },
  count: number,
): Promise<[number, number][]> {
  const none = { stimuli: [], synapses: [], records: [], gap_junctions: [], files: { stride: 1 } };
  const { nodes, description } = described({ ...json, ...none, cells: [cell] });
  const { tau, e, weight, delay } = object(json.synapse, 'synapse');
  const start = object(json.start, 'start');
  const all = Array.from({ length: count }, (_, i) => i);
  const inputs = {
    cells: count,
    synapses: all.map((i) => ({
      cell: i,
      node: places.synapse,
      kinetics: { kind: 'exponential', tau },
      reversal: e,
      events: i === start.cell ? [[start.time, start.weight]] : [],
    })),
    detectors: all.map((i) => ({
      cell: i,
      node: places.detector,
      threshold: number(object(json.detector, 'detector').threshold, 'threshold'),
    })),
    connections: all.map((i) => ({ detector: i, synapse: (i + 1) % count, weight, delay })),
  };
  const arbors = { ...description, inputs, asNeuron: false };
  const { detectors, times } = unwrap(
    await addon.simulateMorphologies(nodes, JSON.stringify(arbors), undefined, undefined),
  );
  return Array.from(times, (time, i) => [detectors[i]!, time]);
}

function described(json: Json) {
  const parents: number[] = [];
  const [area, axial, capacitance]: [number[], number[], number[]] = [[], [], []];
  const paint: object[] = [];
  const first = list(json.cells, 'cells').map((cell) => {
    const start = parents.length;
    const { nodes, mechanisms: painted } = object(cell, 'cells[]');
    const of = object(nodes, 'nodes');
    const values = (value: unknown) =>
      Array.isArray(value) ? (value as number[]) : Array<number>(of.count as number).fill(value as number);
    parents.push(...values(of.parent).map((parent) => (parent < 0 ? -1 : start + parent)));
    area.push(...values(of.area));
    axial.push(...values(of.r_parent));
    capacitance.push(...values(of.cm));
    for (const [name, given] of Object.entries(object(painted, 'mechanisms'))) {
      const known = mechanisms[name];
      if (known === undefined) throw new Skip(`the mechanism ${name} is not built yet`);
      const there = object(given, name);
      const pairs = Object.entries(known[1]).filter(([theirs]) => there[theirs] !== undefined);
      paint.push({
        mechanism: known[0],
        nodes: (there.nodes as number[]).map((node) => node + start),
        values: Object.fromEntries(pairs.map(([theirs, ours]) => [ours, there[theirs]])),
      });
    }
    return start;
  });
  const node = (value: unknown) => {
    const place = object(value, 'a place');
    return first[number(place.cell, 'cell')]! + number(place.node, 'node');
  };
  const inputs = inputsOf(json, node);
  const dt = number(json.dt, 'dt');
  const quantities = list(json.records, 'records').map((record) =>
    text(object(record, 'record').what, 'what'),
  );
  const description = {
    inputs,
    paint,
    gaps: list(json.gap_junctions, 'gap_junctions').map((gap) => {
      const { a, b, g, implicit } = object(gap, 'gap');
      return { a: node(a), b: node(b), conductance: g, implicit };
    }),
    celsius: json.celsius,
    vInit: json.v_init,
    dt,
    steps: Math.round(number(json.tstop, 'tstop') / dt),
    sampleEvery: object(json.files, 'files').stride,
    secondOrder: json.secondorder === 2,
    asNeuron: true,
  };
  const doubles = (values: number[]) => Float64Array.from(values);
  const nodes = {
    parent: Int32Array.from(parents),
    area: doubles(area),
    axial: doubles(axial),
    capacitance: doubles(capacitance),
  };
  return { nodes, description, quantities };
}

function inputsOf(json: Json, node: (place: unknown) => number) {
  const stimuli = list(json.stimuli, 'stimuli').map((one) => object(one, 'stimulus'));
  const synapses = list(json.synapses, 'synapses').map((one) => object(one, 'synapse'));
  const isCurrent = (one: Json) => one.type === 'IClamp';
  const at = (place: unknown) => ({ cell: 0, node: node(place) });
  const quantity: Readonly<Record<string, unknown>> = {
    v: 'voltage',
    cai: { concentration: 'ca' },
    ica: { ionCurrent: 'ca' },
    eca: { reversal: 'ca' },
    'SEClamp.i': { clampCurrent: 0 },
    'NMDA.i': { synapseCurrent: synapses.length - 1 },
  };
  return {
    cells: 1,
    currentClamps: stimuli
      .filter(isCurrent)
      .map((one) => ({ ...at(one), delay: one.delay, duration: one.dur, amplitude: one.amp })),
    voltageClamps: stimuli
      .filter((one) => !isCurrent(one))
      .map((one) => ({
        ...at(one),
        steps: (one.durs as number[]).map((duration, i) => [duration, (one.amps as number[])[i]]),
        resistance: one.rs,
      })),
    synapses: synapses.map((one) => ({
      ...at(one),
      kinetics:
        one.type === 'NMDA'
          ? { kind: 'nmda', rise: one.tau1, decay: one.tau2, magnesium: one.mg }
          : { kind: 'doubleExponential', rise: one.tau1, decay: one.tau2 },
      reversal: one.e,
      events: (one.times as number[]).map((time) => [time, one.weight]),
    })),
    records: list(json.records, 'records').map((record) => ({
      ...at(record),
      quantity: quantity[text(object(record, 'record').what, 'what')],
    })),
  };
}
