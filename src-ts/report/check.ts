/** Whether a report's data are what the figures draw. */
import * as check from '../check.ts';
import { type Check, checkForm, type Form, listOf, whole } from '../plain-data.ts';
import type { Report } from './data.ts';

const words: Check = (path, value) => {
  if (typeof value !== 'string') check.invalid(path, value, 'a string');
};

/** NaN and infinities are numbers, too: an accuracy without labels, a loss that ran away. */
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
const positive: Check = (path, value) => check.finite(path, value, { above: 0 });

/** An object of these options, all of them needed but those listed. */
function object(options: Form['options'], optional: readonly string[] = []): Check {
  const needed = Object.keys(options).filter((key) => !optional.includes(key));
  return (path, value) => {
    if (value === undefined) check.invalid(path, value, 'an object');
    checkForm(path, value, { options, needed });
  };
}

/** At least one. */
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
      { batchLoss: numbers, loss: numbers, testLoss: numbers, accuracy: numbers, testAccuracy: numbers },
      ['batchLoss', 'loss', 'testLoss', 'accuracy', 'testAccuracy'],
    ),
    raster: object(
      {
        dt: positive,
        steps: whole(1),
        layers: some(
          object({ name: words, neurons: whole(1), spikes: numbers, labels: listOf(words) }, ['labels']),
        ),
        image: object({ width: whole(1), height: whole(1), pixels: numbers }),
        label: words,
        predicted: words,
      },
      ['image', 'label', 'predicted'],
    ),
    traces: object(
      {
        dt: positive,
        threshold: real,
        unit: words,
        neurons: some(object({ name: words, v: numbers, spikes: numbers }, ['spikes'])),
      },
      ['threshold', 'unit'],
    ),
    confusion: object({ counts: numbers, labels: some(words) }),
    activity: object({
      steps: whole(1),
      layers: some(
        object({
          name: words,
          neurons: whole(1),
          spikes: (path, value) => check.finite(path, value, { min: 0 }),
        }),
      ),
    }),
  },
  needed: ['title'],
};

/**
 * @throws LapicqueError `invalid-parameter` for what is not of the form, `unknown-name` for a part that does not exist,
 * `shape-mismatch` for numbers that do not fit together
 */
export function checkReport(report: Report): void {
  if (report === undefined) check.invalid('report', report, 'an object');
  // Named as they are by who calls: `raster.steps`, but `report.title`.
  check.options('report', report, Object.keys(form.options) as (keyof Report)[]);
  check.text('report.title', report.title);
  checkForm('', report, form, 'report');
  const { raster, traces, confusion } = report;
  if (raster !== undefined) {
    for (const { name, spikes, neurons } of raster.layers) {
      check.fits(`spikes of ${name}`, spikes.length, check.shape(name, [raster.steps, neurons]));
    }
    if (raster.image !== undefined) {
      const { width, height, pixels } = raster.image;
      check.fits('raster.image', pixels.length, check.shape('raster.image', [height, width]));
    }
  }
  for (const { name, v } of traces?.neurons ?? []) check.integer(`steps of ${name}`, v.length, { min: 1 });
  if (confusion !== undefined) {
    const classes = confusion.labels.length;
    check.fits('confusion.counts', confusion.counts.length, [classes, classes]);
  }
}
