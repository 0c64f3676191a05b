// The doors of the library by their specifiers.
import * as analysis from '../../src-ts/doors/analysis.ts';
import * as chip from '../../src-ts/doors/chip.ts';
import * as circuit from '../../src-ts/doors/circuit.ts';
import * as data from '../../src-ts/doors/data.ts';
import * as events from '../../src-ts/doors/events.ts';
import * as figure from '../../src-ts/doors/figure.ts';
import * as files from '../../src-ts/doors/files.ts';
import * as neurons from '../../src-ts/doors/neurons.ts';
import * as study from '../../src-ts/doors/study.ts';
import * as lapicque from '../../src-ts/index.ts';

const named = { analysis, chip, circuit, data, events, figure, files, neurons, study };

/** What each door exports. */
export const doors: Readonly<Record<string, object>> = {
  lapicque,
  ...Object.fromEntries(Object.entries(named).map(([name, door]) => [`lapicque/${name}`, door])),
};
