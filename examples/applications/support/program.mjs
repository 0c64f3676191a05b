// The form that all applications share: options, seeds, the table for a reader, the line for a program.
//   node examples/applications/NAME.mjs            the default: at most two minutes on two cores
//     --full          the figures of the documentation: at most twenty minutes
//     --reduced       a few seconds, for the tests
//     --seed N        trains one network from this seed instead of the default seeds
//     --data PATH     evaluates on this file in the format of the test data (npz, npy, txt)
//     --data-seed N   draws new test data, where the program has a generator
//     --json          prints one line of JSON
//     --picture PATH  writes the picture (SVG or PNG) of the task being solved
import { parseArgs } from 'node:util';

const options = {
  full: { type: 'boolean', default: false },
  reduced: { type: 'boolean', default: false },
  seed: { type: 'string' },
  data: { type: 'string' },
  'data-seed': { type: 'string' },
  json: { type: 'boolean', default: false },
  picture: { type: 'string' },
};

/**
 * Runs an application and prints its figures beside the recorded ones of its baseline.
 *
 * `run` receives `{ size: 'reduced' | 'default' | 'full', seeds, data, dataSeed, picture, log }` and returns
 * - `figures`: by name the values of the seeds, `{ values: number[], unit?, better: 'higher' | 'lower' }`
 * - `spikes`, `operations`, `energy`, `latency`: `{ value, unit, per }`, each per the unit of work of the task (a word, a step, a second)
 *
 * @param application - `{ name, title, seeds: { reduced, default, full }, baseline, generated, run }`; `baseline`: by name of a figure
 * `{ value, sd?, source }`, as recorded for the same data; `generated`: whether the program can draw its test data; `readsData: false` if it
 * takes no file. An application with `options` of its own does their work in `instead(values)`, which returns true if nothing else is to be done
 */
export async function main(application) {
  const { values } = parse(application);
  if (await application.instead?.(values)) return;
  const size = values.full ? 'full' : values.reduced ? 'reduced' : 'default';
  const seeds = values.seed === undefined ? application.seeds[size] : [whole('--seed', values.seed)];
  const dataSeed = values['data-seed'] === undefined ? undefined : whole('--data-seed', values['data-seed']);
  const log = (line) => process.stderr.write(`${line}\n`);
  const { data, picture } = values;
  const { figures, ...costs } = await application
    .run({ size, seeds, data, dataSeed, picture, log })
    .catch((error) => {
      if (data === undefined || !isOfFile(error, data)) throw error;
      console.error(`${application.name}: --data: ${error.message}`);
      return process.exit(1);
    });
  const summary = Object.fromEntries(
    Object.entries(figures).map(([name, figure]) => [name, { ...moments(figure.values), ...figure }]),
  );
  const { spikes, operations, energy, latency } = costs;
  const result = {
    application: application.name,
    title: application.title,
    seeds,
    figures: summary,
    baseline: application.baseline,
    spikes,
    operations,
    energy,
    latency,
  };
  console.log(values.json ? JSON.stringify(result) : table(application, result));
}

/**
 * Whether the error is about the file of `--data`: a mistake of the command line, said in one line. Errors of the program's own code keep their stack.
 */
function isOfFile(error, path) {
  const isOfSystem = error.syscall !== undefined || error.name === 'LapicqueError';
  return isOfSystem || error.message.startsWith(`${path}: `);
}

function parse(application) {
  try {
    const parsed = parseArgs({ options: { ...options, ...application.options } });
    if (parsed.values.data !== undefined && application.readsData === false) {
      throw new TypeError('--data: it only simulates, and reads no data');
    }
    if (parsed.values['data-seed'] !== undefined && !application.generated) {
      throw new TypeError('--data-seed: these data are recorded, not generated');
    }
    return parsed;
  } catch (error) {
    console.error(`${application.name}: ${error.message}`);
    return process.exit(2);
  }
}

function whole(name, text) {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`${name}: expected a whole number, got ${JSON.stringify(text)}`);
  return process.exit(2);
}

/** Mean and sample standard deviation. */
export function moments(values) {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}

function table({ title, baseline }, { seeds, figures, ...costs }) {
  const lines = [`${title} (seeds ${seeds.join(', ')})`];
  const width = Math.max(...Object.keys(figures).map((name) => name.length));
  for (const [name, { mean, sd, unit = '' }] of Object.entries(figures)) {
    const beside = baseline[name];
    const own = `${number(mean)} ± ${number(sd)} ${unit}`.trimEnd();
    const recorded =
      beside === undefined
        ? ''
        : `   baseline ${number(beside.value)} ${unit}`.trimEnd() + ` (${beside.source})`;
    lines.push(`  ${name.padEnd(width)}  ${own}${recorded}`);
  }
  for (const name of ['spikes', 'operations', 'energy', 'latency']) {
    const cost = costs[name];
    if (cost !== undefined) lines.push(`  ${name}: ${number(cost.value)} ${cost.unit} per ${cost.per}`);
  }
  return lines.join('\n');
}

const number = (value) =>
  Number.isFinite(value)
    ? Math.abs(value) >= 1000
      ? Math.round(value).toLocaleString('en')
      : value.toPrecision(3)
    : '–';
