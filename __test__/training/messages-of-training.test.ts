// Wrong uses of training, runs and sessions: each error has its code and fields, and says what is wrong, where, and what would be right.

import { operations } from '../../src-ts/doors/chip.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  dense,
  evaluateLoss,
  generate,
  loss,
  type Model,
  sequential,
  setSimd,
  setThreads,
  sgd,
} from '../../src-ts/index.ts';
import { invalid, mismatch, type Row, rows, unknown } from '../support/messages.ts';
import { any } from '../support/table.ts';

const small = sequential(dense(5, 6), lif({ beta: 0.9 }), dense(6, 2), lif({ beta: 0.8, name: 'out' }));
const [x, shape, y] = [new Float32Array(4 * 3 * 5), [4, 3, 5], new Uint8Array(3)] as const;
const of = (use: (model: Model) => unknown) => async () => {
  using model = await small.compile();
  return await use(model);
};
const trained = (options: object, batch: object = {}) =>
  of((model) =>
    model.trainStep(any({ x, shape, y, ...batch }), any({ loss: loss.crossEntropyCount(), ...options })),
  );
const fitted = (options: object, data: unknown = [{ x, shape, y }]) =>
  of((model) => model.fit(any(data), any({ epochs: 1, loss: loss.crossEntropyCount(), ...options })));

const training: Record<string, Row> = {
  'no loss': [
    trained({ loss: undefined }),
    invalid('loss', 'a loss, such as loss.crossEntropyCount()', 'undefined'),
  ],
  'a loss that is a text': [trained({ loss: 'mse' }), invalid('loss', 'a loss, such as', '"mse"')],
  'a loss that does not exist': [
    trained({ loss: { kind: 'cross-entropy' } }),
    { code: 'unknown-name', says: ['loss', '"cross-entropy"'] },
  ],
  'an option of another loss': [
    () => loss.crossEntropyCount(any({ perStep: 'sum' })),
    { code: 'unknown-name', says: ['option of loss cross-entropy-count', '"perStep"'] },
  ],
  'a smoothing above 1': [
    trained({ loss: loss.crossEntropyCount({ labelSmoothing: 2 }) }),
    { code: 'invalid-parameter', says: ['labelSmoothing', 'from 0', '2'] },
  ],
  'a label of no class': [
    trained({}, { y: Uint8Array.of(0, 1, 2) }),
    invalid('targets[2]', 'a label from 0 to 1', '2'),
  ],
  'targets in a list': [
    trained({}, { y: [0, 1, 0] }),
    {
      code: 'invalid-parameter',
      says: ['batch.y: expected labels in an integer array such as a Uint32Array', '[0, 1, 0]'],
    },
  ],
  'no targets': [
    trained({}, { y: undefined }),
    { code: 'invalid-parameter', says: ['y: expected ', 'Uint', 'undefined'] },
  ],
  'too few labels': [trained({}, { y: new Uint8Array(2) }), { code: 'shape-mismatch', says: ['[3]', '2'] }],
  'an optimizer as a text': [
    trained({ optimizer: 'adam' }),
    invalid('optimizer', 'adam({ lr: 1e-3 })', '"adam"'),
  ],
  'a learning rate below 0': [
    trained({ optimizer: adam({ lr: -1 }) }),
    { code: 'invalid-parameter', says: ['lr', 'from 0 to 1000000', '-1'] },
  ],
  'a learning rate in quotes': [
    () => adam(any({ lr: '1e-3' })),
    invalid('optimizer.lr', 'a finite number', '"1e-3"'),
  ],
  'one beta': [() => adam(any({ betas: 0.9 })), invalid('optimizer.betas', 'a list of two numbers', '0.9')],
  'momentum of Adam': [
    () => adam(any({ momentum: 0.9 })),
    { code: 'unknown-name', says: ['option of optimizer adam', '"momentum"'] },
  ],
  'SGD without a learning rate': [
    () => sgd(any({})),
    invalid('optimizer.lr', 'a finite number', 'undefined'),
  ],
  'a group of no parameter': [
    trained({ optimizer: adam({ groups: [{ parameters: ['dense9'] }] }) }),
    { code: 'unknown-name', says: ['dense9', 'dense1'] },
  ],
  'no epochs': [fitted({ epochs: undefined }), invalid('epochs', 'an integer', 'undefined')],
  'an option of fit': [
    fitted({ batchSize: 3 }),
    { code: 'unknown-name', says: ['unknown option of fit "batchSize"'], not: ['did you mean "batch'] },
  ],
  'a learning rate for fit': [
    fitted({ learning_rate: 1 }),
    unknown('option of fit', 'learning_rate', 'did you mean "optimizer"?'),
  ],
  'a schedule that does not exist': [
    fitted({ schedule: { kind: 'linear' } }),
    { code: 'unknown-name', says: ['schedule', '"linear"'] },
  ],
  'a schedule without its steps': [
    fitted({ schedule: { kind: 'step' } }),
    invalid('schedule.stepSize', 'an integer', 'undefined'),
  ],
  'a schedule by another unit': [
    fitted({ schedule: { kind: 'exponential', gamma: 0.9 }, scheduleBy: 'batch' }),
    { code: 'unknown-name', says: ['scheduleBy', '"batch"', 'epoch, step'] },
  ],
  'a decision that does not exist': [
    fitted({ by: 'counts' }),
    { code: 'unknown-name', says: ['value of by "counts"', 'did you mean "count"?'] },
  ],
  'a metric that does not exist': [
    fitted({ earlyStopping: { metric: 'val_loss' } }),
    { code: 'unknown-name', says: ['metric', '"val_loss"'] },
  ],
  'a metric without validation': [
    fitted({ earlyStopping: { metric: 'validationLoss' } }),
    { code: 'invalid-parameter', says: ['validation'] },
  ],
  'a checkpoint that is a text': [
    fitted({ checkpoint: 'a.safetensors' }),
    { code: 'invalid-parameter', says: ['checkpoint', '"a.safetensors"'] },
  ],
  'a penalty of another layer': [
    fitted({ regularizers: [{ layer: 'lif9', penalty: { kind: 'l1-count', lambda: 1 } }] }),
    { code: 'unknown-name', says: ['lif9', 'lif1'] },
  ],
  'a penalty that does not exist': [
    fitted({ regularizers: [{ layer: 'lif1', penalty: { kind: 'l2', lambda: 1 } }] }),
    { code: 'unknown-name', says: ['regularizers[0].penalty', '"l2"', 'l1-count, l1-rate, rate-band'] },
  ],
  'data that are one batch': [
    fitted({}, { x, shape, y }),
    invalid('data', 'batches: a DataLoader, a list of { x, shape, y }'),
  ],
  'no batch': [fitted({}, []), { code: 'invalid-parameter', says: ['data', 'at least one batch'] }],
  'a signal that is none': [fitted({ signal: 'stop' }), invalid('signal', 'an AbortSignal', '"stop"')],
  'a step of segments': [
    trained({ segment: 0 }),
    { code: 'invalid-parameter', says: ['segment', 'an integer', '0'] },
  ],
  'a method that does not exist': [
    trained({ method: 'rtrl' }),
    { code: 'unknown-name', says: ['method', '"rtrl"', 'e-prop'] },
  ],
  'outputs without values': [
    () => evaluateLoss(loss.crossEntropyCount(), any({ shape: [1, 1, 2] }), Uint8Array.of(0)),
    invalid('outputs.spikes', 'cross-entropy-count', 'undefined'),
  ],
};

const runs: Record<string, Row> = {
  'an input without its shape': [
    of((model) => model.run(any(x))),
    invalid('input', 'an object { x, shape }', 'Float32Array'),
  ],
  'an input in a list': [
    of((model) => model.run(any({ x: [1, 2], shape }))),
    invalid('input.x', 'Float32Array', '[1, 2]'),
  ],
  'an input without time': [
    of((model) => model.run({ x: new Float32Array(15), shape: [3, 5] } as never)),
    mismatch('input', '[time, batch, channels]', '[3, 5]', '`steps`'),
  ],
  'an input of other channels': [
    of((model) => model.run({ x: new Float32Array(4 * 3 * 6), shape: [4, 3, 6] })),
    mismatch('input', '[4, 3, 5]', '[4, 3, 6]'),
  ],
  'an input with other elements': [
    of((model) => model.run({ x: new Float32Array(59), shape })),
    mismatch('input', '[4, 3, 5]', '59 values'),
  ],
  'an input of 64-bit integers': [
    of((model) => model.run(any({ x: new BigInt64Array(60).fill(2n ** 60n), shape }))),
    invalid('input.x[0]', 'an integer up to 9007199254740991', '1152921504606846976'),
  ],
  'an input that is not finite': [
    of((model) => model.run({ x: new Float32Array(60).fill(Number.NaN), shape })),
    { code: 'non-finite', says: ['input', 'is not finite'] },
  ],
  'a recording by its name in torch': [
    of((model) => model.run({ x, shape }, { record: ['lif1.mem'] })),
    unknown('recording', 'lif1.mem', 'did you mean "lif1.v"?'),
  ],
  'a recording of nothing': [
    of((model) => model.run({ x, shape }, { record: ['lif1.zzzzzz'] })),
    unknown('recording', 'lif1.zzzzzz', 'known are lif1.spikes, lif1.v'),
  ],
  'a session’s channel out of range': [
    of(async (model) => (await model.session()).push([5])),
    { code: 'invalid-parameter', says: ['5'] },
  ],
  'a session’s channels out of order': [
    of(async (model) => (await model.session()).push([3, 1])),
    { code: 'invalid-parameter', says: ['ascending'] },
  ],
  'a session’s values in a list': [
    of(async (model) => (await model.session()).push([0.5, 0.2])),
    invalid('events[0]', 'a channel number', '0.5'),
  ],
  'a session’s values for other channels': [
    of(async (model) => (await model.session()).push(new Float32Array(4))),
    { code: 'shape-mismatch', says: ['5', '4'] },
  ],
  'an object for a session': [
    of(async (model) => (await model.session()).push(any({ x: 1 }))),
    invalid('events', 'a Uint32Array or a list of channels'),
  ],
  'a state of another model': [
    of(async (model) => (await model.session()).restore(any({}))),
    invalid('state', 'a ModelState'),
  ],
  'a model that has been disposed of': [
    async () => {
      const model = await small.compile();
      model.dispose();
      return model.run({ x, shape });
    },
    { code: 'disposed', says: ['has been disposed'] },
  ],
  'text of a model without a vocabulary': [
    of(async (model) => generate(model).next()),
    invalid('model', 'compiled with a vocabulary'),
  ],
  'operations without a batch': [
    of((model) => operations(any(model), any(undefined))),
    { code: 'invalid-parameter', says: ['expected '] },
  ],
  'threads below 1': [
    () => setThreads(0),
    { code: 'invalid-parameter', says: ['threads', 'an integer', '0'] },
  ],
  'a SIMD level that does not exist': [
    () => setSimd(any('sse')),
    { code: 'unknown-name', says: ['"sse"', 'portable'] },
  ],
};

rows('training', training);
rows('runs', runs);
