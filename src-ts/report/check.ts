/** Checks the data of a report. */
import * as check from '../checks/check.ts';
import { type Check, checkForm, type Form, listOf, whole } from '../checks/plain-data.ts';
import type { PlainReport } from './data.ts';

const words: Check = (path, value) => {
  if (typeof value !== 'string') check.invalid(path, value, 'a string');
};

/** NaN and infinities are allowed: an accuracy without labels, a diverged loss. */
const numbers: Check = (path, value) => {
  const list = value as ArrayLike<unknown> | undefined;
  if (typeof list !== 'object' || !Number.isSafeInteger(list.length) || list.length < 0)
    check.invalid(path, value, 'a list of numbers');
  if (ArrayBuffer.isView(list) && !(list instanceof BigInt64Array) && !(list instanceof BigUint64Array))
    return;
  for (let i = 0; i < list.length; i++)
    if (typeof list[i] !== 'number') check.invalid(`${path}[${i}]`, list[i], 'a number');
};

const real: Check = (path, value) => {
  if (typeof value !== 'number') check.invalid(path, value, 'a number');
};
const finite: Check = (path, value) => check.finite(path, value);
const amount: Check = (path, value) => check.finite(path, value, { min: 0 });
const positive: Check = (path, value) => check.finite(path, value, { above: 0 });

/** An object of these options; all of them are required except the listed ones. */
function object(options: Form['options'], optional: readonly string[] = []): Check {
  const needed = Object.keys(options).filter((key) => !optional.includes(key));
  return (path, value) => {
    if (value === undefined) check.invalid(path, value, 'an object');
    checkForm(path, value, { options, needed });
  };
}

/** A list with at least one element. */
function some(item: Check): Check {
  return (path, value) => {
    listOf(item)(path, value);
    check.integer(`${path}.length`, (value as readonly unknown[]).length, { min: 1 });
  };
}

const summary: Check = (path, value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    check.invalid(path, value, 'an object of figures by name');
  for (const [name, figure] of Object.entries(value)) {
    if (typeof figure !== 'string' && typeof figure !== 'number')
      check.invalid(`${path}.${name}`, figure, 'a number or a string');
  }
};

const form: Form = {
  options: {
    title: check.text,
    description: words,
    summary,
    history: object(
      {
        batchLoss: numbers,
        loss: numbers,
        validationLoss: numbers,
        testLoss: numbers,
        accuracy: numbers,
        validationAccuracy: numbers,
        testAccuracy: numbers,
      },
      ['batchLoss', 'loss', 'validationLoss', 'testLoss', 'accuracy', 'validationAccuracy', 'testAccuracy'],
    ),
    raster: object(
      {
        dt: positive,
        steps: whole(1),
        start: finite,
        layers: some(
          object(
            {
              name: words,
              neurons: whole(1),
              spikes: numbers,
              times: numbers,
              ids: numbers,
              every: whole(1),
              count: whole(0),
              labels: listOf(words),
            },
            ['spikes', 'times', 'ids', 'every', 'count', 'labels'],
          ),
        ),
        image: object({ width: whole(1), height: whole(1), pixels: numbers }),
        label: words,
        predicted: words,
      },
      ['start', 'image', 'label', 'predicted'],
    ),
    traces: object(
      {
        dt: positive,
        threshold: real,
        unit: words,
        start: finite,
        neurons: some(
          object({ name: words, state: words, v: numbers, times: numbers, spikes: numbers }, [
            'state',
            'times',
            'spikes',
          ]),
        ),
      },
      ['threshold', 'unit', 'start'],
    ),
    rates: object(
      { bin: positive, start: finite, populations: some(object({ name: words, rate: numbers })) },
      ['start'],
    ),
    steps: some(
      object(
        {
          name: words,
          steps: numbers,
          accuracy: numbers,
          ann: object({ accuracy: real, correct: real }, ['correct']),
          correct: numbers,
          samples: whole(1),
        },
        ['name', 'ann', 'correct', 'samples'],
      ),
    ),
    confusion: object({ counts: numbers, labels: some(words) }),
    activity: object({
      steps: positive,
      layers: some(
        object({
          name: words,
          neurons: whole(1),
          spikes: amount,
        }),
      ),
    }),
    costs: object({
      model: words,
      layers: some(
        object({ name: words, dense: amount, effectiveAcs: amount, effectiveMacs: amount, joules: amount }),
      ),
    }),
    comparison: object({
      annAccuracy: amount,
      steps: whole(1),
      curve: some(object({ steps: whole(1), accuracy: amount })),
      energies: listOf(object({ name: words, ann: amount, snn: amount }, ['ann'])),
    }),
  },
  needed: ['title'],
};

/**
 * @throws LapicqueError `invalid-parameter` for data of another form, `unknown-name` for a part that does not exist,
 * `shape-mismatch` for numbers that do not fit together
 */
export function checkReport(report: PlainReport): void {
  if (report === undefined) check.invalid('report', report, 'an object');
  // Named as in the caller's object: `raster.steps`, but `report.title`.
  check.options('report', report, Object.keys(form.options) as (keyof PlainReport)[]);
  check.text('report.title', report.title);
  checkForm('', report, form, 'report');
  const { raster, traces, rates, confusion } = report;
  if (raster !== undefined) {
    for (const { name, spikes, times, ids, neurons } of raster.layers) {
      if (spikes !== undefined) {
        check.fits(`spikes of ${name}`, spikes.length, check.shape(name, [raster.steps, neurons]));
        continue;
      }
      if (times === undefined || ids === undefined)
        check.invalid(`spikes of ${name}`, spikes, 'spikes, or times and ids');
      check.fits(`ids of ${name}`, ids.length, [times.length]);
      for (let i = 0; i < ids.length; i++)
        check.integer(`ids[${i}] of ${name}`, ids[i], { min: 0, max: neurons - 1 });
    }
    if (raster.image !== undefined) {
      const { width, height, pixels } = raster.image;
      check.fits('raster.image', pixels.length, check.shape('raster.image', [height, width]));
    }
  }
  for (const { name, v, times } of traces?.neurons ?? []) {
    check.integer(`steps of ${name}`, v.length, { min: 1 });
    if (times !== undefined) check.fits(`times of ${name}`, times.length, [v.length]);
  }
  for (const { name, rate } of rates?.populations ?? [])
    check.integer(`bins of ${name}`, rate.length, { min: 1 });
  for (const [i, { steps, accuracy }] of (report.steps ?? []).entries()) {
    check.integer(`steps[${i}].steps.length`, steps.length, { min: 1 });
    check.fits(`steps[${i}].accuracy`, accuracy.length, [steps.length]);
    check.eachFinite(`steps[${i}].steps`, steps, { min: 1 });
  }
  if (confusion !== undefined) {
    const classes = confusion.labels.length;
    check.fits('confusion.counts', confusion.counts.length, [classes, classes]);
  }
}
