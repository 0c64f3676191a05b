/** Labels as what the output population should do. */
import { integer, typedArray } from '../checks/check.ts';
import { checkForm, choice, type Form, number, oneOfOption, whole, yesOrNo } from '../checks/plain-data.ts';
import { isWhole, unsigned, type WholeNumbers } from '../checks/whole-numbers.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { randomStream } from '../numbers/random-streams.ts';
import { type Encoded, type Raster, still, withoutUndefined } from './encoder.ts';
import { encoders } from './encoder-forms.generated.ts';
import type { LatencyOptions } from './encoders.generated.ts';

/** What each code of targets reads beside the seed. */
const codes: Readonly<Record<string, Form>> = {
  rate: {
    options: {
      steps: whole(1),
      firstSpikeTime: whole(0),
      correctRate: number,
      incorrectRate: number,
      onTarget: number,
      offTarget: number,
      firingPattern: choice('regular', 'uniform', 'poisson'),
      interpolate: yesOrNo,
    },
  },
  latency: encoders.latency.form,
};

/** Target patterns of the output population: options of {@link encodeTargets}, as snnTorch's `targets_convert`. */
export type TargetOptions =
  | {
      code: 'rate';
      /** Absent: no time axis, `[batch, classes]`. */
      steps?: number;
      firstSpikeTime?: number;
      correctRate?: number;
      incorrectRate?: number;
      onTarget?: number;
      offTarget?: number;
      firingPattern?: 'regular' | 'uniform' | 'poisson';
      interpolate?: boolean;
      /** For the patterns `uniform` and `poisson`; see {@link RandomOptions}. */
      seed?: number;
    }
  | ({ code: 'latency'; seed?: number } & Omit<LatencyOptions, keyof TaskOptions>);

/** Labels as spike trains or targets: `[time, batch, classes]`, or `[batch, classes]` without steps. */
export async function encodeTargets(
  labels: WholeNumbers,
  classes: number,
  options: TargetOptions,
): Promise<Encoded> {
  if (!isWhole(labels)) typedArray('labels', labels, [Uint32Array, Uint8Array]);
  const classesOf = unsigned('labels', labels);
  const { seed, ...rest } = withoutUndefined(options);
  const { code, ...own } = rest;
  checkForm('', own, codes[oneOfOption('code', code, ['rate', 'latency'])]!, 'encodeTargets');
  integer('classes', classes, { min: 1 });
  // Only of these patterns the times are drawn.
  const draws = code === 'rate' && (rest.firingPattern ?? 'regular') !== 'regular';
  const random = draws || seed !== undefined ? randomStream({ seed }, labels.length) : still;
  const raster = (await task({}, () =>
    addon.convertTargets(
      classesOf,
      classes,
      JSON.stringify(rest),
      random.seed,
      random.stream,
      random.samples,
    ),
  )) as Raster;
  const timeless = options.code === 'rate' && options.steps === undefined;
  const shape = timeless ? [labels.length, classes] : [raster.steps, labels.length, classes];
  return { x: raster.values, shape, steps: raster.steps };
}
