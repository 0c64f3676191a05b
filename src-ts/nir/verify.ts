/** Checks whether a NIR file is supported and whether a round trip is exact. */
import { LapicqueError } from '../checks/errors.ts';
import type { FileSource } from '../files/file-source.ts';
import type { Model } from '../model/model.ts';
import { type ReadNirOptions, readNir } from './import.ts';
import type { NirReport, NirRoundTrip } from './report.ts';
import { nirBytesAnd } from './write.ts';

/** The result of {@link verifyNir}. */
export interface NirVerification {
  /** Whether readNir can convert the file to a model. */
  readonly supported: boolean;
  /** The reason if the file is not supported. */
  readonly problem?: LapicqueError;
  /** Findings and assumptions of the reader; only for supported files. */
  readonly report?: NirReport;
  /** Whether the network is the same after writing it as NIR and reading it again. */
  readonly roundTrip?: NirRoundTrip;
  /** Semantics that a written file would have only in its metadata, so other readers lose them. */
  readonly lost?: readonly string[];
}

/** See `verifyNir` in functions.ts. */
export async function verifyNir(source: FileSource, options: ReadNirOptions = {}): Promise<NirVerification> {
  let read: Awaited<ReturnType<typeof readNir>>;
  try {
    read = await readNir(source, options);
  } catch (error) {
    if (
      !(error instanceof LapicqueError) ||
      error.code === 'io' ||
      error.code === 'aborted' ||
      isOptionError(error)
    )
      throw error;
    return { supported: false, problem: error };
  }
  using model = read.model;
  const { signal } = options;
  const { bytes, report } = await nirBytesAnd(model, { lossy: true, signal });
  const limits = { bytes: Math.max(2 ** 28, 4 * bytes.length) };
  using again = (await readNir(bytes, { signal, limits })).model;
  return { supported: true, report: read.report, roundTrip: await compared(model, again), lost: report.lost };
}

/** Names of options in `invalid-parameter` errors. */
const optionNames = /^(conventions|dt|framework|precision|seed|limits|readNir|nir|source)\b/;

/** Whether an error is about the options, not about the file; verifyNir throws it. */
function isOptionError(error: LapicqueError): boolean {
  const { name = '', kind = '' } = error.details as { name?: string; kind?: string };
  return (
    (error.code === 'invalid-parameter' && optionNames.test(name)) ||
    (error.code === 'unknown-name' && kind.startsWith('option'))
  );
}

async function compared(model: Model, again: Model): Promise<NirRoundTrip> {
  const differences: string[] = [];
  const [before, after] = [await model.currentDescription(), await again.currentDescription()];
  const nodes = new Map(after.nodes.map((node) => [node.name, JSON.stringify(node)]));
  for (const node of before.nodes)
    if (nodes.get(node.name) !== JSON.stringify(node)) differences.push(`the layer ${node.name}`);
  if (JSON.stringify({ ...before, nodes: 0 }) !== JSON.stringify({ ...after, nodes: 0 }))
    differences.push('the edges of the network');
  if (differences.length === 0 && (await model.weightsSha256()) !== (await again.weightsSha256()))
    differences.push('the weights');
  return { exact: differences.length === 0, differences };
}
