/** Pieces of one run's recording: kept as files, and put together again. */
import { fileBytes, type NamedTensor, namedTensor, readTensorFile, type TensorData } from '../tensor-file.ts';
import { joined } from './connections.ts';
import type { MeanTrace, Recording, Trace, WeightTrace } from './recording.ts';

/** What a piece of a run recorded. */
export type RecordingPiece = Pick<
  Recording,
  'times' | 'ids' | 'traces' | 'means' | 'lfp' | 'weights' | 'start' | 'stop' | 'synapticEvents'
>;

/** The piece as a file. */
export function pieceBytes(piece: RecordingPiece): Promise<Uint8Array<ArrayBuffer>> {
  const vector = (name: string, data: TensorData) => namedTensor(name, [data.length], data);
  const traces = (kind: string, all: readonly (Trace | WeightTrace)[]): NamedTensor[] =>
    all.flatMap(({ times, values }, i) => [
      vector(`${kind}.${i}.times`, times),
      vector(`${kind}.${i}.values`, values),
    ]);
  const tensors = [
    vector('times', piece.times),
    vector('ids', piece.ids),
    ...traces('traces', Object.values(piece.traces)),
    ...traces('means', Object.values(piece.means)),
    ...traces('lfp', Object.values(piece.lfp)),
    ...traces('weights', piece.weights),
  ];
  const { start, stop, synapticEvents } = piece;
  return fileBytes(tensors, [['piece', JSON.stringify({ start, stop, synapticEvents })]]);
}

/** A piece that was kept, of the same run as `like`. */
export async function pieceIn(bytes: Uint8Array<ArrayBuffer>, like: RecordingPiece): Promise<RecordingPiece> {
  const { tensors, metadata } = await readTensorFile(bytes);
  const array = <T>(name: string) => tensors.get(name)!.data as T;
  const trace = (kind: string, i: number): Trace => ({
    times: array(`${kind}.${i}.times`),
    values: array(`${kind}.${i}.values`),
  });
  const named = <T>(kind: string, all: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.keys(all).map((name, i) => [name, trace(kind, i)]));
  return {
    ...(JSON.parse(metadata.get('piece')!) as Pick<RecordingPiece, 'start' | 'stop' | 'synapticEvents'>),
    times: array('times'),
    ids: array('ids'),
    traces: named('traces', like.traces),
    means: named('means', like.means) as Record<string, MeanTrace>,
    lfp: named('lfp', like.lfp) as Record<string, MeanTrace>,
    weights: like.weights.map(({ from, to }, i) => ({ from, to, ...trace('weights', i) })),
  };
}

/** What all pieces recorded, in their order. */
export function joinedPieces(pieces: readonly RecordingPiece[]): RecordingPiece {
  const [first] = pieces as [RecordingPiece];
  const trace = <T extends Trace>(of: (piece: RecordingPiece) => T): T => ({
    ...of(first),
    times: joined(
      Float64Array,
      pieces.map((piece) => of(piece).times),
    ),
    values: joined(
      Float64Array,
      pieces.map((piece) => of(piece).values),
    ),
  });
  const named = (of: (piece: RecordingPiece) => Readonly<Record<string, Trace>>) =>
    Object.fromEntries(Object.keys(of(first)).map((name) => [name, trace((piece) => of(piece)[name]!)]));
  return {
    times: joined(
      Float64Array,
      pieces.map(({ times }) => times),
    ),
    ids: joined(
      Uint32Array,
      pieces.map(({ ids }) => ids),
    ),
    traces: named(({ traces }) => traces),
    means: named(({ means }) => means),
    lfp: named(({ lfp }) => lfp),
    weights: first.weights.map((_, i) => trace(({ weights }) => weights[i]!)),
    start: first.start,
    stop: pieces.at(-1)!.stop,
    synapticEvents: pieces.reduce((sum, { synapticEvents }) => sum + synapticEvents, 0),
  };
}
