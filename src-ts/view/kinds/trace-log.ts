/** Traces of a recording, which grow while a simulation runs. */
import { unknownName } from '../../checks/check.ts';
import type { Recording } from '../../circuit/recording.ts';
import type { StateTrace, Trace } from '../../circuit/traces.ts';
import type { EnvelopeSource } from '../plots/envelope.ts';

export type TraceKind = 'state' | 'mean' | 'field' | 'weight';

interface LoggedTrace extends Trace {
  readonly name: string;
  readonly kind: TraceKind;
  readonly columns: number;
  readonly samples: number;
  /** The neuron of each column of a state, and its unit. */
  readonly neurons?: Uint32Array;
  readonly unit?: string;
}

/** States, means, fields and weights over time, each by its kind and name. */
export class TraceLog {
  #traces = new Map<string, LoggedTrace>();

  /** Adds what was recorded after the traces so far. */
  append(recording: Pick<Recording, 'traces' | 'means' | 'lfp' | 'weights'>): void {
    const weights = recording.weights.map(({ from, to, ...trace }, i): [string, Trace] => [
      `${from} to ${to}${i === 0 ? '' : ` (${i + 1})`}`,
      trace,
    ]);
    const kinds: [TraceKind, [string, Trace & Partial<StateTrace>][]][] = [
      ['state', Object.entries(recording.traces)],
      ['mean', Object.entries(recording.means)],
      ['field', Object.entries(recording.lfp)],
      ['weight', weights],
    ];
    for (const [kind, traces] of kinds)
      for (const [name, trace] of traces) if (trace.times.length > 0) this.#append(kind, name, trace);
  }

  list(): readonly LoggedTrace[] {
    return [...this.#traces.values()];
  }

  /**
   * One column of a trace.
   *
   * @param column - chooses it, given their number
   * @throws LapicqueError `unknown-name`
   */
  column(name: string, kind: TraceKind, column: (columns: number) => number): EnvelopeSource {
    const trace = this.#traces.get(`${kind} ${name}`);
    if (trace === undefined)
      throw unknownName(
        `trace of kind ${kind}`,
        name,
        this.list().map((one) => one.name),
      );
    return { times: trace.times, values: trace.values, width: trace.columns, column: column(trace.columns) };
  }

  #append(
    kind: TraceKind,
    name: string,
    { times, values, neurons, unit }: Trace & Partial<StateTrace>,
  ): void {
    const key = `${kind} ${name}`;
    const before = this.#traces.get(key);
    const columns = before?.columns ?? values.length / times.length;
    const joined = (a: Float64Array | undefined, b: Float64Array) => {
      if (a === undefined) return b;
      const all = new Float64Array(a.length + b.length);
      all.set(a);
      all.set(b, a.length);
      return all;
    };
    this.#traces.set(key, {
      ...{ name, kind, columns },
      ...(neurons === undefined ? {} : { neurons }),
      ...(unit === undefined ? {} : { unit }),
      samples: (before?.samples ?? 0) + times.length,
      times: joined(before?.times, times),
      values: joined(before?.values, values),
    });
  }
}
