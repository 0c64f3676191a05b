/** A side-car's list of layers as a network. */
import {
  avgPool2d,
  conv2d,
  dense,
  flatten,
  type Layer,
  type Model,
  maxPool2d,
  type NetworkOptions,
  sequential,
  type TaskOptions,
  type Weights,
} from '../../src-ts/index.ts';
import { neurons, pair } from './neurons.ts';
import { isObject, type Json, list, number, object, type SideCar, Skip, text } from './side-car.ts';

/** A compiled network, and the names of things in it. */
export interface Net {
  readonly model: Model;
  /** From a peer's layer to ours. */
  readonly layers: ReadonlyMap<string, string>;
  /** From a peer's parameter to ours. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Where the start value of a parameter is found. */
type Start = (name: string) => Float64Array;

/** Builds and compiles `layers` with the start values of the case. */
export async function netOf(
  car: SideCar,
  entry: Json,
  start: Start,
  options: NetworkOptions & TaskOptions,
): Promise<Net> {
  const ours: Layer[] = [];
  const layers = new Map<string, string>();
  const parameters = new Map<string, string>();
  const set = new Map<string, Float64Array>();
  const keep = (name: string, layer: Json) => {
    for (const [end, tensor] of Object.entries({ weight: layer.weight, bias: layer.bias ?? undefined })) {
      if (tensor === undefined) continue;
      parameters.set(text(tensor, 'layers[]'), `${name}.${end}`);
      set.set(`${name}.${end}`, start(text(tensor, 'layers[]')));
    }
  };
  /** The input weights of an LSTM as a layer of their own; what is left is a recurrent population. */
  const gates = (layer: Json, name: string): Json => {
    const own = object(layer.tensors, 'layers[].tensors');
    const tensor = (role: string) => text(own[`lstm_cell.${role}`], `layers[].tensors.lstm_cell.${role}`);
    const biased = own['lstm_cell.bias_ih'] !== undefined;
    width = Math.sqrt(start(tensor('weight_hh')).length / 4);
    const into = start(tensor('weight_ih'));
    ours.push(dense(into.length / (4 * width), 4 * width, { name: `${name} gates`, bias: biased }));
    keep(`${name} gates`, {
      weight: tensor('weight_ih'),
      ...(biased ? { bias: tensor('bias_ih') } : {}),
    });
    const others = Object.entries(own).filter(([role]) => !role.startsWith('lstm_cell.'));
    const tensors = {
      ...Object.fromEntries(others),
      'recurrent.weight': tensor('weight_hh'),
      ...(biased ? { 'recurrent.bias': tensor('bias_hh') } : {}),
    };
    return { ...layer, tensors };
  };
  let width: number | undefined;
  for (const value of list(entry.layers, 'layers')) {
    let layer = object(value, 'layers[]');
    const type = text(layer.type, 'layers[].type');
    const theirs = layer.name === undefined ? '' : text(layer.name, 'layers[].name');
    if (type === 'linear') {
      const name = `linear ${theirs}`;
      width = number(layer.out, 'layers[].out');
      const bias = (layer.bias ?? undefined) !== undefined;
      ours.push(dense(number(layer.in, 'layers[].in'), width, { name, bias }));
      layers.set(theirs, name);
      keep(name, layer);
    } else if (type === 'conv2d') {
      const name = `conv ${theirs}`;
      const size = (key: string, fallback?: number) => pair(layer[key] ?? fallback, `layers[].${key}`);
      width = undefined;
      ours.push(
        conv2d(
          number(layer.in_channels, 'layers[].in_channels'),
          number(layer.out_channels, 'layers[].out_channels'),
          size('kernel_size'),
          {
            name,
            stride: size('stride', 1),
            padding: size('padding', 0),
            dilation: size('dilation', 1),
            groups: number(layer.groups ?? 1, 'layers[].groups'),
            bias: (layer.bias ?? undefined) !== undefined,
          },
        ),
      );
      layers.set(theirs, name);
      keep(name, layer);
    } else if (type === 'max_pool2d' || type === 'avg_pool2d') {
      const size = (key: string, fallback?: unknown) => pair(layer[key] ?? fallback, `layers[].${key}`);
      const pool = type === 'max_pool2d' ? maxPool2d : avgPool2d;
      // As torch's, a pool moves by its size if it is not told otherwise.
      const stride = size('stride', layer.kernel_size);
      ours.push(pool(size('kernel_size'), { stride, padding: size('padding', 0) }));
    } else if (type === 'flatten') {
      ours.push(flatten());
    } else if (type === 'neuron') {
      const name = `neuron ${theirs}`;
      if (layer.model === 'snntorch.SLSTM') layer = gates(layer, name);
      const { population, weights, trainable } = populationOf(car, entry, layer, start, name, width);
      ours.push(population);
      layers.set(theirs, name);
      for (const [end, data] of weights) set.set(`${name}.${end}`, data);
      for (const [role, tensor] of tensorsOf(layer)) {
        const end = trainable.get(role);
        if (end === undefined) throw new Skip(`learning ${role} of ${layer.model} is not built yet`);
        parameters.set(tensor, `${name}.${end}`);
      }
    } else {
      throw new Skip(`${type} is not built yet`);
    }
  }
  const model = await (sequential as (...all: Layer[]) => ReturnType<typeof sequential>)(...ours).compile(
    options,
  );
  await model.setWeights(Object.fromEntries(set) as Record<string, Weights>);
  return { model, layers, parameters };
}

/** A neuron layer's own parameters by the peer's name. */
function tensorsOf(layer: Json): [string, string][] {
  const own = Object.entries(isObject(layer.tensors) ? layer.tensors : {});
  if (layer.w !== undefined) own.push(['w', layer.w]);
  return own.map(([role, tensor]) => [role, text(tensor, `layers[].tensors.${role}`)]);
}

function populationOf(
  car: SideCar,
  entry: Json,
  layer: Json,
  start: Start,
  name: string,
  width: number | undefined,
) {
  const own = tensorsOf(layer);
  const weights = own.filter(([role]) => role.startsWith('recurrent.'));
  const fields = object(layer.params ?? entry.params, 'params');
  const params = Object.entries(fields).map(([key, value]) => [
    key,
    isObject(value) ? car.value(value, `params.${key}`) : value,
  ]);
  const tensors = own
    .filter(([role]) => !role.startsWith('recurrent.'))
    .map(([role, tensor]) => [role, start(tensor)]);
  if (fields.inhibition === true)
    throw new Skip('lateral inhibition between trained layers is not built yet');
  if (own.some(([role, tensor]) => role === 'V' && start(tensor).length === 1 && width !== 1)) {
    throw new Skip('one trained weight of a whole recurrence is not built yet');
  }
  const resets = entry.reset_gradient;
  const described = {
    model: text(layer.model, 'layers[].model'),
    params: Object.fromEntries([...params, ...tensors]),
    weights: new Map(weights.map(([role, tensor]) => [role, start(tensor)])),
    surrogate: layer.surrogate ?? entry.surrogate,
    fires: entry.fires,
    ...(resets === undefined ? {} : { detachReset: resets === 'detached' }),
  };
  return neurons(described, name, width);
}
