/** Values and gradients of losses, and accuracies. */

import { decode } from '../../src-ts/doors/data.ts';
import { evaluateLoss, evaluatePenalty } from '../../src-ts/index.ts';
import { lossOf } from './losses.ts';
import { BadCase, type Json, type Numbers, number, object, type SideCar, Skip, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

type Shape = readonly [number, number, number];

/** `check: 'loss'` */
export async function loss(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const input = car.tensor(entry.input);
  if (input.shape.length !== 3) throw new BadCase('the outputs are not [T, B, C]');
  const shape = input.shape as Shape;
  const outputs = Float32Array.from(input.data);
  const [family, name] = text(entry.model, 'model').split('.') as [string, string];
  const expected = object(entry.expected, 'expected');
  const params = object(entry.loss_params ?? {}, 'loss_params');
  if (family === 'metric') {
    const accuracy = accuracyOf(name, params, outputs, shape, labels(car.tensor(entry.target)));
    comparison.expected(expected.value, [accuracy], [1]);
    return;
  }
  if (family !== 'loss') throw new Skip(`${entry.model} is not built yet`);
  if (name === 'l1_rate_sparsity') {
    const penalty = { kind: 'l1-count', lambda: number(params.lambda, 'lambda') } as const;
    comparison.expected(expected.value, [await evaluatePenalty(penalty, outputs, shape)], [1]);
    return;
  }
  const classWeights = weightsOf(car, entry);
  const on = isMembrane(outputs) ? 'v' : 'spikes';
  const { loss: spec, signal } = lossOf(name, params, { classWeights, signal: on });
  const reduction = entry.reduction as 'mean' | 'sum' | 'none';
  const result = await evaluateLoss(
    { ...spec, reduction },
    { [signal]: outputs, shape },
    labels(car.tensor(entry.target)),
  );
  const grad = signal === 'v' ? result.gradV : result.gradSpikes;
  if (expected.value !== undefined) {
    const apart = reduction === 'none';
    const value = apart ? result.perSample : [result.loss];
    const [, batch] = shape;
    const each = value.length / batch;
    comparison.expected(expected.value, value, !apart ? [1] : each === 1 ? [batch] : [batch, each]);
  }
  if (expected.grad !== undefined) comparison.expected(expected.grad, grad!, shape);
}

/** Membranes take other values than 0 and 1. */
function isMembrane(outputs: Float32Array): boolean {
  return outputs.some((x) => x !== 0 && x !== 1);
}

export function labels(target: Numbers): Uint32Array {
  return Uint32Array.from(target.data);
}

/** The weights of the classes, if there are any. */
export function weightsOf(car: SideCar, entry: Json): readonly number[] | undefined {
  return entry.class_weight === undefined ? undefined : Array.from(car.tensor(entry.class_weight).data);
}

function accuracyOf(
  name: string,
  params: Json,
  outputs: Float32Array,
  shape: Shape,
  targets: Uint32Array,
): number {
  const kind = { accuracy_rate: 'spike-count', accuracy_temporal: 'first-spike' }[name];
  if (kind === undefined) throw new Skip(`the metric ${name} is not built yet`);
  const decoder =
    params.population_code === true
      ? { kind: 'population-vote', classes: number(params.num_classes, 'num_classes') }
      : { kind };
  const { labels: predicted } = decode(decoder as Parameters<typeof decode>[0], outputs, shape);
  return predicted.filter((label, sample) => label === targets[sample]).length / targets.length;
}
