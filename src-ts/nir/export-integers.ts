/** Converts an integer network to a NIR graph: the real numbers that its integers stand for, and the integers and rules in the metadata of each node. */
import { elementCount, type Shape } from '../checks/tensor.ts';
import {
  type IntegerConnection,
  type IntegerDescription,
  type IntegerLayer,
  type IntegerTensors,
  parameterNames,
  weightShape,
} from '../quantize/description.ts';
import type { IntegerDecay } from '../quantize/rules.ts';
import { unsupportedNir } from './errors.ts';
import type { ExportedGraph } from './exported.ts';
import { integers, type NirField, type NirGraph, type NirNode, nirTensor } from './graph.ts';
import { convolutionFields } from './node-convolution.ts';
import { delayFields } from './node-delay.ts';
import { flattenFields } from './node-flatten.ts';
import { poolFields } from './node-pool.ts';
import type { Fields } from './node-type.ts';

/** The name of the graph's metadata field; its value is JSON. */
export const integerKey = 'lapicque_integers';

/** The JSON of the metadata of the graph. */
export interface IntegerMetadata {
  readonly schema: 1;
  /** ms */
  readonly dt: number;
  readonly description: IntegerDescription;
  /** The node of each layer. */
  readonly layers: Readonly<Record<string, string>>;
  /** The node of the weights of each connection. */
  readonly weights: Readonly<Record<string, string>>;
}

/**
 * @param dt - ms, the length of a step
 * @throws LapicqueError `unsupported`, which names the layer
 */
export function exportIntegers(
  description: IntegerDescription,
  tensors: IntegerTensors,
  dt: number,
): ExportedGraph {
  return new IntegerExporter(description, tensors, dt).result();
}

class IntegerExporter {
  readonly #description: IntegerDescription;
  readonly #tensors: IntegerTensors;
  /** ms */
  readonly #dt: number;
  readonly #nodes = new Map<string, NirNode>();
  readonly #edges: [string, string][] = [];
  readonly #lost: [string, string][] = [];
  readonly #notes: string[] = [];
  /** The node whose output is that of the input or of a layer. */
  readonly #sources = new Map<string, string>();
  readonly #layers: Record<string, string> = Object.create(null);
  readonly #weights: Record<string, string> = Object.create(null);

  constructor(description: IntegerDescription, tensors: IntegerTensors, dt: number) {
    this.#description = description;
    this.#tensors = tensors;
    this.#dt = dt;
  }

  result(): ExportedGraph {
    const { layers } = this.#description;
    this.#input();
    for (const layer of layers) {
      const name = this.#addNode(layer.name, ...this.#neurons(layer));
      this.#sources.set(layer.name, name);
      this.#layers[layer.name] = name;
    }
    for (const [i, layer] of layers.entries())
      for (const [c, connection] of layer.connections.entries()) this.#connect(layer, i, connection, c);
    const last = layers.at(-1)!;
    const output = this.#addNode('output', 'Output', { shape: integers(shapeOf(last)) });
    this.#edges.push([this.#sources.get(last.name)!, output]);
    const content: IntegerMetadata = {
      schema: 1,
      dt: this.#dt,
      description: this.#description,
      layers: this.#layers,
      weights: this.#weights,
    };
    const graph: NirGraph = {
      type: 'NIRGraph',
      nodes: this.#nodes,
      edges: this.#edges,
      metadata: new Map([[integerKey, JSON.stringify(content)]]),
    };
    this.#notes.push(
      'states are whole numbers that saturate, in units of the metadata field v_scale; other readers compute in real numbers',
    );
    return { graph, lost: this.#lost, notes: this.#notes, layers: new Map() };
  }

  #input(): void {
    const { size, shape = [size], scale, maxCount, signed } = this.#description.input;
    const metadata = {
      count_scale: number(scale ?? 1),
      count_max: whole(maxCount),
      count_signed: whole(signed ? 1 : 0),
      count_rounding: 'nearest',
    };
    const input = this.#addNode('input', 'Input', { shape: integers(shape) }, metadata);
    this.#sources.set('input', input);
    if (scale === undefined) return;
    // Values become counts.
    const values = new Float64Array(size).fill(1 / scale);
    const counts = this.#addNode('input_counts', 'Scale', { scale: nirTensor(values, shape) });
    this.#edges.push([input, counts]);
    this.#sources.set('input', counts);
  }

  /** A node with a name that no other has, without `/`, which separates paths in HDF5. */
  #addNode(preferred: string, type: string, fields: Fields, metadata: Fields = {}): string {
    const plain = preferred.replaceAll('/', '.') || 'node';
    let name = plain;
    for (let i = 1; this.#nodes.has(name); i++) name = `${plain}_${i}`;
    this.#nodes.set(name, {
      type,
      fields: new Map(Object.entries(fields)),
      metadata: new Map(Object.entries(metadata)),
    });
    return name;
  }

  #unitsOf({ name, neurons }: IntegerLayer): Float64Array {
    return this.#tensors.units[name] ?? new Float64Array(neurons).fill(1);
  }

  #connect(layer: IntegerLayer, index: number, connection: IntegerConnection, c: number): void {
    const { name, from, projection } = connection;
    const { pool, pooling = 'sum' } = projection;
    const path = `${layer.name}.connections[${c}] (${name})`;
    if (pool !== undefined && pooling !== 'sum')
      throw unsupportedNir(`the max pool of ${path}: NIR has sum and average pools only`, 'NIR');
    let at = this.#sources.get(from)!;
    const source = this.#description.layers.findIndex((other) => other.name === from);
    let shape: Shape =
      source < 0
        ? (this.#description.input.shape ?? [this.#description.input.size])
        : shapeOf(this.#description.layers[source]!);
    const then = (preferred: string, type: string, fields: Fields, metadata: Fields = {}) => {
      const next = this.#addNode(preferred, type, fields, metadata);
      this.#edges.push([at, next]);
      at = next;
    };
    // An edge of a cycle carries the value of the previous step anyway.
    if (connection.delay === 1 && source < index) {
      then(`${name}_delay`, 'Delay', delayFields(this.#dt, shape));
    }
    if (pool !== undefined) {
      then(`${name}_pool`, 'SumPool2d', poolFields([pool, pool], [pool, pool], [0, 0]));
      shape = [shape[0]!, Math.floor(shape[1]! / pool), Math.floor(shape[2]! / pool)];
    }
    if (projection.kind === 'dense' && shape.length > 1) {
      then(`${name}_flatten`, 'Flatten', flattenFields(shape));
      shape = [elementCount(shape)];
    }
    const { type, fields, metadata } = this.#map(layer, connection, c, path, shape);
    then(name, type, fields, metadata);
    this.#weights[name] = at;
    this.#edges.push([at, this.#sources.get(layer.name)!]);
  }

  #map(layer: IntegerLayer, connection: IntegerConnection, c: number, path: string, inputShape: Shape) {
    const { projection, shift, maxCount, current } = connection;
    const shape = weightShape(this.#description, layer, connection);
    const [rows] = shape as [number];
    const units = this.#unitsOf(layer);
    const scale = perRow(units, rows, `${path}: units`).map((unit) => unit * 2 ** shift);
    const integers = this.#tensors.weights[connection.name]!;
    const width = integers.length / rows;
    const values = Float64Array.from(integers, (weight, i) => weight * scale[Math.floor(i / width)]!);
    const bias = this.#biased(layer) === c ? perRow(this.#biases(layer), rows, `${path}: biases`) : undefined;
    const metadata = {
      weight_bits: whole(layer.rules.weightBits),
      weight_scale: nirTensor(scale, [rows]),
      weight_zero_point: whole(0),
      weight_rounding: 'nearest',
      weight_shift: whole(shift),
      count_max: whole(maxCount),
      current: whole(current),
    };
    const weight = nirTensor(values, shape);
    if (projection.kind === 'dense') {
      if (bias === undefined) return { type: 'Linear', fields: { weight }, metadata };
      return { type: 'Affine', fields: { weight, bias: nirTensor(bias, [rows]) }, metadata };
    }
    const fields = convolutionFields({
      ...projection,
      inputShape,
      weight,
      dilation: [1, 1],
      groups: 1,
      bias: nirTensor(bias ?? new Float64Array(rows), [rows]),
    });
    return { type: 'Conv2d', fields, metadata };
  }

  /** The connection whose Affine or Conv2d node has the bias of the neurons: the first from the input or an earlier layer, if possible without delay. */
  #biased({ name, connections }: IntegerLayer): number | undefined {
    const { layers } = this.#description;
    const position = (of: string) => layers.findIndex((layer) => layer.name === of);
    const forward = connections.map(({ from }) => position(from) < position(name));
    const direct = connections.findIndex(({ delay }, c) => forward[c] && delay === 0);
    const found = direct < 0 ? forward.indexOf(true) : direct;
    return found < 0 ? undefined : found;
  }

  /** What is added to the input of each neuron in each step. */
  #biases(layer: IntegerLayer): Float64Array {
    const { bias, currentBias } = this.#tensors.parameters[layer.name]!;
    const units = this.#unitsOf(layer);
    const own = layer.rules.currents === 0 ? bias : currentBias;
    return units.map((unit, j) => unit * own[j]!);
  }

  #neurons(layer: IntegerLayer): [type: string, fields: Fields, metadata: Fields] {
    const { name, rules, aliases } = layer;
    if (rules.currents > 1)
      throw unsupportedNir(
        `${name}: ${rules.currents} synaptic currents of a neuron; a NIR neuron has one`,
        'NIR',
      );
    const shape = shapeOf(layer);
    const values = this.#tensors.parameters[name]!;
    const units = this.#unitsOf(layer);
    const real = (numbers: ArrayLike<number>) =>
      nirTensor(
        units.map((unit, j) => unit * numbers[j]!),
        shape,
      );
    const beta = factors(rules.vDecay, values.vDecay);
    const alpha = rules.currents === 0 ? undefined : factors(rules.currentDecay, values.currentDecay);
    const [keeps, some] = [beta.every((x) => x === 1), beta.some((x) => x === 1)];
    if (some && (!keeps || alpha !== undefined))
      throw unsupportedNir(
        `${name}: membranes that do not decay, in a population ${alpha === undefined ? 'in which others do' : 'with synaptic currents'}`,
        'NIR',
      );
    if (alpha?.some((x) => x === 1))
      throw unsupportedNir(`${name}: synaptic currents that do not decay`, 'NIR');
    const step = this.#dt / 1000;
    const of = (numbers: Float64Array, value: (x: number) => number) => nirTensor(numbers.map(value), shape);
    const tau = (decay: Float64Array) => of(decay, (x) => step / (1 - x));
    const gain = (decay: Float64Array) => of(decay, (x) => 1 / (1 - x));
    // Without a connection for it, and behind a current, the bias of v is where v comes to rest.
    const isLeak = alpha !== undefined || this.#biased(layer) === undefined;
    const leak = units.map((unit, j) => (isLeak ? (unit * values.bias[j]!) / (1 - beta[j]!) : 0));
    if (keeps && isLeak && values.bias.some((x) => x !== 0))
      throw unsupportedNir(
        `${name}: a bias of neurons without decay and without a connection that takes it`,
        'NIR',
      );
    if (alpha !== undefined && this.#biased(layer) === undefined && values.currentBias.some((x) => x !== 0))
      throw unsupportedNir(`${name}: a bias of currents without a connection that takes it`, 'NIR');
    const v_leak = nirTensor(keeps ? units.map(() => 0) : leak, shape);
    const fires: Fields = rules.spiking
      ? { v_threshold: real(values.threshold), v_reset: real(values.vReset) }
      : {};
    const start = v_leak.data;
    this.#losses(
      layer,
      values.vStart.some((x, j) => x * units[j]! !== start[j]),
    );
    const metadata = { ...this.#metadata(layer, shape, units) };
    if (aliases.length > 0)
      this.#lost.push([`${name}.aliases`, 'NIR has no neurons whose spikes count for others']);
    if (alpha !== undefined) {
      // Where a current decays before it is used, less of the input arrives.
      const decaysFirst = rules.currentOrder === 'add-decay-use';
      const w_in = of(alpha, (x) => (decaysFirst ? x : 1) / (1 - x));
      const fields = { tau_mem: tau(beta), tau_syn: tau(alpha), r: gain(beta), v_leak, w_in, ...fires };
      return [rules.spiking ? 'CubaLIF' : 'CubaLI', fields, metadata];
    }
    if (keeps) return [rules.spiking ? 'IF' : 'I', { r: of(beta, () => 1 / step), ...fires }, metadata];
    return [rules.spiking ? 'LIF' : 'LI', { tau: tau(beta), r: gain(beta), v_leak, ...fires }, metadata];
  }

  #losses({ name, rules }: IntegerLayer, startsElsewhere: boolean): void {
    const addLoss = (field: string, why: string) => this.#lost.push([`${name}.${field}`, why]);
    if (startsElsewhere) addLoss('vStart', 'NIR starts v at v_leak, or at 0 for neurons without it');
    if (rules.currents > 0 && rules.currentOrder === 'use-decay-add')
      addLoss('currentOrder', "'use-decay-add'; in NIR the input of a step affects v in the same step");
    if (!rules.spiking) return;
    if (rules.reset !== 'value') addLoss('reset', `'${rules.reset}'; NIR sets v to v_reset`);
    if (rules.reset === 'subtract' && rules.resetTiming === 'next-step')
      addLoss('resetTiming', "'next-step'; NIR resets in the step of the spike");
    if (rules.maxSpikes > 1) addLoss('maxSpikes', `${rules.maxSpikes}; NIR has at most one spike per step`);
    if (rules.compare === '>=')
      this.#notes.push(`${name} spikes when v >= threshold; NIR defines v > v_threshold`);
  }

  /** The quantization of a population: its integers and its rules, one field each. */
  #metadata({ name, rules }: IntegerLayer, shape: Shape, units: Float64Array): Fields {
    const values = this.#tensors.parameters[name]!;
    const fields: Record<string, NirField> = { v_scale: nirTensor(units, shape), v_zero_point: whole(0) };
    for (const key of parameterNames) {
      const own = values[key];
      if (own.length > 0)
        fields[snake(key)] = nirTensor(
          own,
          own.length === units.length ? shape : [rules.currents, ...shape],
          'int64',
        );
    }
    for (const [key, rule] of Object.entries(rules)) {
      if (typeof rule !== 'object') fields[snake(key)] = single(rule);
      else
        for (const [part, value] of Object.entries(rule))
          fields[`${snake(key)}_${snake(part)}`] = single(value as number | string | boolean);
    }
    return fields;
  }
}

/** What is left of a state in a step, for each neuron. */
function factors(decay: IntegerDecay, parameters: Int32Array): Float64Array {
  return Float64Array.from(parameters, (parameter) => {
    if (decay.kind === 'none') return 1;
    return decay.kind === 'shift' ? 1 - 2 ** -parameter : parameter / 2 ** decay.fractionBits;
  });
}

/** One number for each row of weights. @throws LapicqueError `unsupported` where neurons of a row have different ones */
function perRow(values: Float64Array, rows: number, what: string): Float64Array {
  const pixels = values.length / rows;
  const own = Float64Array.from({ length: rows }, (_, row) => values[row * pixels]!);
  if (values.some((value, j) => value !== own[Math.floor(j / pixels)]))
    throw unsupportedNir(`${what} that differ within a channel`, 'NIR');
  return own;
}

function shapeOf({ neurons, shape }: IntegerLayer): Shape {
  return shape ?? [neurons];
}

const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const whole = (value: number) => integers([value], []);
const number = (value: number) => nirTensor([value], []);

function single(value: number | string | boolean): NirField {
  return typeof value === 'string' ? value : whole(Number(value));
}
