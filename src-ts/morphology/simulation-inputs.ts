/** Inputs and recorders of cells: checked, and with the nodes of their places. */
import { options as checkOptions, eachFinite, finite, invalid, oneOf, unknownName } from '../checks/check.ts';
import type { CellRecorder, CellSynapse, Place, SimulateCellsOptions } from './simulation-options.ts';

/** Longer than any run; JSON has no infinity. */
const always = 1e300;

/** Elements with their names in messages. */
export function list<T extends object>(name: string, of: readonly T[] | undefined): [string, T][] {
  if (of === undefined) return [];
  if (!Array.isArray(of)) invalid(name, of, 'a list');
  return of.map((element, i) => [`${name}[${i}]`, object(`${name}[${i}]`, element)]);
}

/** The same for an object of elements by name. */
export function entries<T extends object>(
  name: string,
  of: Readonly<Record<string, T>> | undefined,
): [string, T][] {
  if (of === undefined) return [];
  if (typeof of !== 'object' || of === null || Array.isArray(of))
    invalid(name, of, 'an object of elements by name');
  return Object.entries(of).map(([key, element]) => [`${name}.${key}`, object(`${name}.${key}`, element)]);
}

function object<T extends object>(name: string, element: T): T {
  if (typeof element !== 'object' || element === null) invalid(name, element, 'an object of options');
  return element;
}

/** The cell and node of a place. */
type PlaceOf = (name: string, at: Place) => { cell: number; node: number };

/** Clamps, synapses, detectors, connections and recorders as the engine reads them. */
export function inputsOf(options: SimulateCellsOptions, place: PlaceOf) {
  const index = (name: string, of: object | undefined, key: string): number => {
    const names = Object.keys(of ?? {});
    if (!names.includes(key)) throw unknownName(name, key, names);
    return names.indexOf(key);
  };
  const { voltageClamps, synapses, detectors } = options;
  return {
    currentClamps: entries('currentClamps', options.currentClamps).map(([name, clamp]) => {
      const {
        at,
        delay = 0,
        duration,
        amplitude,
      } = checkOptions(name, clamp, ['at', 'delay', 'duration', 'amplitude']);
      return {
        ...place(`${name}.at`, at),
        delay: finite(`${name}.delay`, delay, { min: 0 }),
        duration: duration === undefined ? always : finite(`${name}.duration`, duration, { min: 0 }),
        amplitude: finite(`${name}.amplitude`, amplitude),
      };
    }),
    voltageClamps: entries('voltageClamps', voltageClamps).map(([name, clamp]) => {
      const { at, steps, resistance = 0.1 } = checkOptions(name, clamp, ['at', 'steps', 'resistance']);
      if (!Array.isArray(steps)) invalid(`${name}.steps`, steps, 'a list of [duration, voltage]');
      steps.forEach((step, i) => {
        eachFinite(`${name}.steps[${i}]`, step);
        if (step.length !== 2 || step[0] < 0) invalid(`${name}.steps[${i}]`, step, '[duration, voltage]');
      });
      return {
        ...place(`${name}.at`, at),
        steps,
        resistance: finite(`${name}.resistance`, resistance, { above: 0 }),
      };
    }),
    synapses: entries('synapses', synapses).map(([name, synapse]) => synapseOf(name, synapse, place)),
    detectors: entries('detectors', detectors).map(([name, detector]) => {
      const { at, threshold = -10 } = checkOptions(name, detector, ['at', 'threshold']);
      return { ...place(`${name}.at`, at), threshold: finite(`${name}.threshold`, threshold) };
    }),
    connections: list('connections', options.connections).map(([name, connection]) => {
      const { from, to, weight, delay } = checkOptions(name, connection, ['from', 'to', 'weight', 'delay']);
      return {
        detector: index('detector', detectors, from),
        synapse: index('synapse', synapses, to),
        weight: finite(`${name}.weight`, weight),
        delay: finite(`${name}.delay`, delay, { above: 0 }),
      };
    }),
    records: entries('record', options.record as Record<string, CellRecorder> | undefined).map(
      ([name, recorder]) => {
        if ('voltageClamp' in recorder) {
          const clamp = index('voltage clamp', voltageClamps, recorder.voltageClamp);
          const at = place(name, voltageClamps![recorder.voltageClamp]!.at);
          return { ...at, quantity: { clampCurrent: clamp } };
        }
        if ('synapse' in recorder) {
          const synapse = index('synapse', synapses, recorder.synapse);
          return { ...place(name, synapses![recorder.synapse]!.at), quantity: { synapseCurrent: synapse } };
        }
        const { at, value = 'v' } = checkOptions(name, recorder, ['at', 'value']);
        return { ...place(`${name}.at`, at), quantity: quantityOf(`${name}.value`, value) };
      },
    ),
  };
}

/** A recorded quantity as the engine reads it. */
export function quantityOf(name: string, value: unknown): unknown {
  if (value === 'v') return 'voltage';
  const fail = () => invalid(name, value, "'v', a state such as 'hh.m', or 'ica', 'cai', 'eca' of an ion");
  if (typeof value !== 'string') return fail();
  const [mechanism, state, ...further] = value.split('.');
  if (mechanism !== undefined && state !== undefined && further.length === 0)
    return { state: [mechanism, state] };
  const forms = [
    ['ionCurrent', /^i(\w+)$/],
    ['reversal', /^e(\w+)$/],
    ['concentration', /^(\w+)i$/],
  ] as const;
  for (const [quantity, form] of forms) {
    const ion = form.exec(value)?.[1];
    if (ion !== undefined) return { [quantity]: ion };
  }
  return fail();
}

function synapseOf(name: string, synapse: CellSynapse, place: PlaceOf) {
  const { at, times, weight, ...response } = checkOptions(name, synapse, [
    'at',
    'kinetics',
    'rise',
    'decay',
    'magnesium',
    'reversal',
    'times',
    'weight',
  ]);
  const of = { ...place(`${name}.at`, at), ...kineticsOf(name, response) };
  eachFinite(`${name}.times`, times ?? []);
  if ((times ?? []).length > 0 || weight !== undefined) finite(`${name}.weight`, weight);
  return { ...of, events: Array.from(times ?? [], (time) => [time, weight]) };
}

/** Kinetics and reversal potential of a synapse as the engine reads them. */
export function kineticsOf(
  name: string,
  of: Pick<CellSynapse, 'kinetics' | 'rise' | 'decay' | 'magnesium' | 'reversal'>,
) {
  const kind = oneOf(`${name}.kinetics`, of.kinetics ?? 'doubleExponential', [
    'exponential',
    'doubleExponential',
    'nmda',
  ]);
  const isNmda = kind === 'nmda';
  const decay = finite(`${name}.decay`, of.decay ?? (isNmda ? 75 : 2), { above: 0 });
  if (kind === 'exponential' && of.rise !== undefined)
    invalid(`${name}.rise`, of.rise, 'no value, because an exponential has no rise');
  if (!isNmda && of.magnesium !== undefined)
    invalid(`${name}.magnesium`, of.magnesium, "no value, unless kinetics is 'nmda'");
  const rise = () => finite(`${name}.rise`, of.rise ?? (isNmda ? 2 : 0.2), { above: 0, below: decay });
  return {
    kinetics:
      kind === 'exponential'
        ? { kind, tau: decay }
        : {
            kind,
            rise: rise(),
            decay,
            ...(isNmda ? { magnesium: finite(`${name}.magnesium`, of.magnesium ?? 1, { min: 0 }) } : {}),
          },
    reversal: finite(`${name}.reversal`, of.reversal ?? 0),
  };
}
