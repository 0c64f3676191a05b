/** `lapicque run`: runs a model on an input. */
import { invalid } from '../checks/check.ts';
import { isKind } from '../checks/typed.ts';
import { decode } from '../codes/decode.ts';
import { namedTensor, writeFile } from '../files/tensor-file.ts';
import { compileWith } from '../model/compile.ts';
import { Model } from '../model/model.ts';
import { checkRecordings, type RunResult } from '../model/run.ts';
import { asUsageError } from './failure.ts';
import { interruption } from './interrupt.ts';
import { checkFramework, isNir, type NirReadOptions, nirModel } from './nir-model.ts';
import { bytes, grouped, output, progressOf, table } from './output.ts';
import { type EventRunOptions, isEventInput, runEvents } from './run-events.ts';
import { prepare } from './shared-options.ts';
import { checkApart, checkReadable, checkWritable, inputOf, readFile, tensorOf } from './tensors.ts';

interface Options extends EventRunOptions, NirReadOptions {}

export async function run(path: string, options: Options): Promise<void> {
  await prepare(options);
  checkFramework(path, options);
  const { input: inputPath, output: outputPath, dt, steps, record = [] } = options;
  if (outputPath !== undefined) {
    asUsageError(() => {
      checkEnding(outputPath);
      checkApart('--output', outputPath, [path, inputPath]);
    });
    checkWritable(outputPath);
  }
  const signal = interruption();
  using model = isNir(path) ? await nirModel(path, options, signal) : await plainModel(path, dt, signal);
  asUsageError(() => checkRecordings(model, record));
  if (isEventInput(inputPath)) {
    await runEvents(path, model, options, signal);
    return;
  }
  if (options.pace !== undefined) invalid('--pace', options.pace, 'an input that is a recording of events');
  const input = inputOf(tensorOf(await readFile(inputPath, { signal }), 'input', inputPath));

  const began = performance.now();
  const progress = progressOf('running');
  let result: RunResult;
  try {
    result = await model.run(input, {
      record,
      steps,
      signal,
      // A short run needs no progress display.
      onProgress: ({ done, total }) => performance.now() - began > 500 && progress.update(done, total),
    });
  } finally {
    progress.stop();
  }
  const seconds = (performance.now() - began) / 1000;
  if (outputPath !== undefined) await writeFile('--output', outputPath, tensorsOf(result), [], { signal });

  const { shape, spikeCounts, events } = result;
  const { dt: step } = model.description;
  const report = {
    model: path,
    input: { path: inputPath, shape: input.shape },
    output: outputPath === undefined ? null : { path: outputPath, tensors: namesOf(result) },
    dt: step,
    shape,
    spikes: spikeCounts,
    events,
    predicted: predictions(result),
    seconds,
  };
  output(options.json === true).result(report, () => {
    const [time, batch, neurons] = shape;
    const counts = Object.entries(spikeCounts).map(([name, count]) => [name, grouped(count)]);
    const largest = report.predicted.slice(0, 20).join(' ');
    return [
      `${time} steps of ${step} ms, ${batch} sample${batch === 1 ? '' : 's'}, ${neurons} output neurons, ${(seconds * 1000).toFixed(1)} ms`,
      table([['population', 'spikes'], ...counts]),
      `largest output ${largest}${report.predicted.length > 20 ? ' …' : ''}`,
      ...(outputPath === undefined
        ? ['nothing written; --output FILE writes spikes and membrane']
        : [`${outputPath}: ${namesOf(result).join(', ')} (${bytes(sizeOf(result))})`]),
    ].join('\n');
  });
}

async function plainModel(path: string, dt: number | undefined, signal: AbortSignal): Promise<Model> {
  checkReadable(path);
  return withDt(await Model.load(path, { signal }), dt);
}

/** The same network with another time step: decays that follow from time constants change accordingly. */
async function withDt(model: Model, dt: number | undefined): Promise<Model> {
  if (dt === undefined || dt === model.description.dt) return model;
  const other = await compileWith('unset', { ...(await model.currentDescription()), dt });
  await other.setWeights(await model.weights());
  model.dispose();
  return other;
}

function checkEnding(path: string): void {
  if (!path.endsWith('.safetensors')) invalid('--output', path, 'a name that ends in .safetensors');
}

function namesOf({ spikes, recordings }: RunResult): string[] {
  return [...(spikes === undefined ? [] : ['spikes']), 'v', ...Object.keys(recordings)];
}

function tensorsOf({ spikes, v, shape, recordings, shapes }: RunResult) {
  return [
    ...(spikes === undefined ? [] : [namedTensor('spikes', shape, spikes)]),
    // `v` in the file is F32 for any precision of the network; a recording keeps its precision.
    namedTensor('v', shape, isKind(v, Float32Array) ? v : Float32Array.from(v)),
    ...Object.entries(recordings).map(([name, data]) => namedTensor(name, shapes[name]!, data)),
  ];
}

function sizeOf(result: RunResult): number {
  return tensorsOf(result).reduce((sum, { data }) => sum + data.byteLength, 0);
}

/** The output neuron of each sample with the most spikes, or with the largest mean membrane if none spikes. */
function predictions({ spikes, v, shape }: RunResult): number[] {
  const { labels } =
    spikes === undefined
      ? decode({ kind: 'mean-membrane' }, Float32Array.from(v), shape)
      : decode({ kind: 'spike-count' }, spikes, shape);
  return Array.from(labels);
}
