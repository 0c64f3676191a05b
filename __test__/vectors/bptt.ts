/** Back-propagation through time: outputs, losses, gradients, and weights after some steps of the optimizer. */
import {
  adam,
  adamw,
  type Optimizer,
  sgd,
  type TrainingBatch,
  type TrainStepOptions,
} from '../../src-ts/index.ts';
import { using } from './check.ts';
import { leaving, states } from './forward.ts';
import { labels, weightsOf } from './loss.ts';
import { lossOf } from './losses.ts';
import { type Net, netOf } from './net.ts';
import {
  BadCase,
  isTimeFirst,
  type Json,
  number,
  object,
  renamed,
  type SideCar,
  Skip,
  text,
} from './side-car.ts';
import type { Comparison } from './tolerance.ts';

/** `check: 'bptt'` */
export async function bptt(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const inputs = object(entry.inputs, 'inputs');
  const input = car.tensor(inputs.input);
  const precision = input.double ? 'f64' : 'f32';
  const { loss } = lossOf(text(entry.loss, 'loss'), object(entry.loss_params ?? {}, 'loss_params'), {
    classWeights: weightsOf(car, entry),
  });
  const net = await netOf(car, entry, (name) => car.tensor(`w0.${name}`).data, {
    precision,
    ...(entry.dt_s === undefined ? {} : { dt: number(entry.dt_s, 'dt_s') * 1e3 }),
    // An image; otherwise the first layer tells how many channels enter.
    ...(input.shape.length > 3 ? { inputs: input.shape.slice(2) } : {}),
  });
  if (!isTimeFirst(entry)) throw new BadCase(`unknown layout ${entry.layout}`);
  const batch: TrainingBatch = {
    x: precision === 'f64' ? input.data : Float32Array.from(input.data),
    shape: input.shape,
    y: labels(car.tensor(inputs.target)),
  };
  await using(net.model, async (model) => {
    await outputs(net, entry, batch, comparison);
    const { loss: first, inputGradient } = await model.trainStep(batch, { loss, inputGradient: true });
    comparison.tensor('grad.input', inputGradient!, input.shape);
    const gradients = await model.gradients();
    for (const { theirs, ours, shape } of trained(net)) {
      comparison.tensor(`grad.${theirs}`, gradients[ours]!, shape);
    }
    comparison.field('losses', [first, ...(await steps(net, entry, batch, { loss }, comparison))]);
  });
}

/** The parameters that are learned, by both names; a tensor of a neuron need not be. */
function trained({ model, parameters }: Net): { theirs: string; ours: string; shape: readonly number[] }[] {
  return [...parameters].flatMap(([theirs, ours]) => {
    const own = model.info.parameters.find(({ name }) => name === ours);
    return own === undefined ? [] : [{ theirs, ours, shape: own.shape }];
  });
}

/** Spikes and states of the layers that the side-car names. */
async function outputs(net: Net, entry: Json, batch: TrainingBatch, comparison: Comparison): Promise<void> {
  const expected = Object.entries(object(entry.outputs, 'outputs')).map(([tensor, value]) => {
    const { layer, quantity } = object(value, `outputs.${tensor}`) as { layer: string; quantity: string };
    const name = net.layers.get(layer);
    if (name === undefined) throw new BadCase(`there is no layer ${layer}`);
    const own = net.model.info.layers.find((layer) => layer.name === name)!;
    const variable = quantity === 'spk' ? leaving(own) : (states[quantity] ?? quantity);
    return { tensor, record: `${name}.${variable}`, shape: own.shape };
  });
  const run = await net.model.run(batch, { record: expected.map(({ record }) => record) });
  const [steps, samples] = run.shape;
  for (const { tensor, record, shape } of expected) {
    comparison.tensor(tensor, run.recordings[record]!, [steps, samples, ...shape]);
  }
}

/** Takes the optimizer's steps, the first on the gradients that are there; the losses before the others. */
async function steps(
  net: Net,
  entry: Json,
  batch: TrainingBatch,
  options: Pick<TrainStepOptions, 'loss'>,
  comparison: Comparison,
): Promise<number[]> {
  if (entry.optimizer === undefined) return [];
  const { optimizer, count } = optimizerOf(object(entry.optimizer, 'optimizer'));
  const { model } = net;
  const losses: number[] = [];
  await model.step(optimizer);
  for (let step = 1; step < count; step++) {
    losses.push((await model.trainStep(batch, { ...options, optimizer })).loss);
  }
  const weights = await model.weights();
  for (const { theirs, ours, shape } of trained(net)) {
    comparison.tensor(`w${count}.${theirs}`, weights[ours]!, shape);
  }
  return losses;
}

function optimizerOf(described: Json): { optimizer: Optimizer; count: number } {
  const { name, steps: count, batch: _, ...settings } = described;
  const make = { adam, adamw, sgd }[String(name)];
  if (make === undefined) throw new Skip(`the optimizer ${name} is not built yet`);
  const options = renamed(
    settings,
    {
      lr: 'lr',
      betas: 'betas',
      eps: 'eps',
      weight_decay: 'weightDecay',
      momentum: 'momentum',
      dampening: 'dampening',
      nesterov: 'nesterov',
      ...(settings.amsgrad === false ? { amsgrad: null } : {}),
    },
    `${name}: the option`,
  );
  return { optimizer: make(options as never), count: count as number };
}
