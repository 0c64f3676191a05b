// An option that only files of other formats use is refused, in reading and in writing.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { eventsToBytes, openEvents, writeEvents } from '../../src-ts/doors/events.ts';
import { type EventFormat, eventFormatNames, eventFormats } from '../../src-ts/events/formats.generated.ts';
import { failure } from '../support/errors.ts';

const batch = {
  t: Float64Array.of(1, 20, 300),
  x: Uint16Array.of(1, 2, 3),
  y: Uint16Array.of(3, 2, 1),
  polarity: Uint8Array.of(1, 0, 1),
};
const sensor = { width: 128, height: 128 };

/** A valid value of each option of some formats. */
const values: Readonly<Record<string, unknown>> = {
  addressBytes: 4,
  chip: 'dvs128',
  columns: ['t', 'x', 'y', 'p'],
  compression: 'none',
  halfOrder: 'little',
  sample: 0,
  tick: 1,
  timeUnit: 'us',
};
const formatsWritten = eventFormatNames.filter((format) => format !== 'hdf5');
/** What a file of the format cannot be read or written without. */
const needed = (format: EventFormat) => {
  if (format === 'aedat2') return { chip: 'dvs128' } as const;
  return format === 'aer' ? ({ addressBytes: 4 } as const) : {};
};
const forReading = Object.keys(values).filter((name) => name !== 'compression');
const forWriting = ['addressBytes', 'chip', 'compression', 'halfOrder'];

test('every option of the table of formats has a value here', (t) => {
  const all = Object.values(eventFormats).flatMap(({ options, writeOptions }) => [
    ...options,
    ...writeOptions,
  ]);
  const names = [...new Set(all)].filter((name) => name !== 'sensor');
  t.deepEqual(names.sort(), Object.keys(values).sort());
});

for (const format of formatsWritten) {
  test(`${format} refuses options that it does not use`, async (t) => {
    const { title, options, writeOptions } = eventFormats[format];
    const bytes = await eventsToBytes(batch, { format, sensor, ...needed(format) });
    for (const name of forReading) {
      const reading = openEvents(bytes, { format, ...needed(format), [name]: values[name] });
      if (options.includes(name)) (await reading).close();
      else {
        const error = await failure(() => reading);
        t.is(error?.code, 'unsupported', name);
        t.deepEqual(error?.details, { feature: `the option ${name}`, format: title });
      }
    }
    for (const name of forWriting) {
      const writing = eventsToBytes(batch, { format, sensor, ...needed(format), [name]: values[name] });
      if (writeOptions.includes(name)) await writing;
      else t.is((await failure(() => writing))?.code, 'unsupported', name);
    }
  });
}

test('the format of a path counts, and converting gives each side its own options', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-options-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const path = (name: string) => join(folder, name);
  const refused = await failure(() => writeEvents(path('a.csv'), batch, { compression: 'zstd' }));
  t.is(refused?.code, 'unsupported');
  await writeEvents(path('a.csv'), batch);
  const convert = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['dist/cli.js', 'convert', ...args]);
  const sized = ['--width', '128', '--height', '128'];
  // Columns are for the table alone, compression for AEDAT 4 alone, the chip for neither.
  const given = ['--columns', 't,x,y,p', '--compression', 'none'];
  await convert(path('a.csv'), path('a.aedat4'), ...sized, ...given);
  const wrong = convert(path('a.csv'), path('b.aedat4'), ...sized, '--chip', 'dvs128');
  t.regex((await t.throwsAsync(wrong))!.message, /the option chip/);
  for (const name of ['b.csv', 'b.h5', 'b.safetensors']) {
    const useless = convert(path('a.csv'), path(name), ...sized, '--compression', 'none');
    t.regex((await t.throwsAsync(useless))!.message, /the option compression/, name);
  }
});
