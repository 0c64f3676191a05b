/** What a NIR file is, whether it can be run, and whether nothing is lost on the way back. */
import { LapicqueError } from '../checks/errors.ts';
import type { FileSource } from '../files/file-source.ts';
import type { Model } from '../model/model.ts';
import { type ReadNirOptions, readNir } from './import.ts';
import type { NirReport, NirRoundTrip } from './report.ts';
import { nirBytesAnd } from './write.ts';

/** What {@link verifyNir} finds. */
export interface NirVerification {
  /** Whether every node and edge can be run. */
  readonly supported: boolean;
  /** Why not. */
  readonly problem?: LapicqueError;
  /** What was found and assumed; of a supported file. */
  readonly report?: NirReport;
  /** Whether the network is the same after it was written as NIR and read again. */
  readonly roundTrip?: NirRoundTrip;
  /** What other readers of the written file would not know: it is in metadata only. */
  readonly lost?: readonly string[];
}

/**
 * Says of a NIR file whether it is supported, who wrote it, which discretisation, order, reset and comparison are assumed, what is implausible in it, and whether
 * a round trip is exact. A file that is none, or cannot be run, is no error but a `problem`.
 *
 * @example
 * ```ts
 * const { supported, report, roundTrip } = await verifyNir('network.nir');
 * ```
 * @param source - a path or a `file:` URL, bytes, or a stream
 * @throws LapicqueError `io`, `invalid-parameter` and `unknown-name` for the options, `aborted`
 */
export async function verifyNir(source: FileSource, options: ReadNirOptions = {}): Promise<NirVerification> {
  let read: Awaited<ReturnType<typeof readNir>>;
  try {
    read = await readNir(source, options);
  } catch (error) {
    if (
      !(error instanceof LapicqueError) ||
      error.code === 'io' ||
      error.code === 'aborted' ||
      isOfOptions(error)
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

const given = /^(conventions|dt|framework|precision|seed|limits|readNir|nir|source)\b/;

/** A mistake of the caller is told as ever. */
function isOfOptions(error: LapicqueError): boolean {
  const { name = '', kind = '' } = error.details as { name?: string; kind?: string };
  return (
    (error.code === 'invalid-parameter' && given.test(name)) ||
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
