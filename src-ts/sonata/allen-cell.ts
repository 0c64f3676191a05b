/** Cells with the parameters of the Allen Cell Types Database: passive membrane and mechanisms by sections, as BMTK's `aibs_perisomatic` sets them. */
import { unknownName } from '../checks/check.ts';
import { type CellOptions, cell, type Paint } from '../morphology/cell.ts';
import { type Mechanism, type MechanismName, mechanismOf } from '../morphology/mechanism.ts';
import type { Morphology } from '../morphology/morphology.ts';
import type { Ion } from '../morphology/simulation-options.ts';
import { type Json, malformed, unsupported } from './json.ts';
import type { SonataCell } from './sonata-cell.ts';

/** Names of sections in these files, which are tags of branches. */
const sections = ['soma', 'axon', 'dend', 'apic'] as const;
type Section = (typeof sections)[number];

/** A mechanism with the names that NEURON has for its parameters. */
interface Known {
  readonly mechanism: MechanismName | Mechanism;
  readonly parameters: Readonly<Record<string, string>>;
}

/** NEURON's own mechanisms. */
const ofNeuron: Readonly<Record<string, Known>> = {
  pas: { mechanism: 'passive', parameters: { g: 'g', e: 'e' } },
  hh: { mechanism: 'hh', parameters: { gnabar: 'gNa', gkbar: 'gK', gl: 'gLeak', el: 'eLeak' } },
};

/** NEURON's conductance of a passive membrane where no other is set, in S/cm². */
const passiveConductance = 0.001;

/** NEURON's concentrations in mM. */
const ionsOfNeuron: Readonly<Record<string, Ion>> = {
  na: { valence: 1, inside: 10, outside: 140 },
  k: { valence: 1, inside: 54.4, outside: 2.5 },
  ca: { valence: 2, inside: 5e-5, outside: 2 },
};

/**
 * @param file - of the parameters, for messages
 * @param own - mechanisms by their names in the file, with NEURON's names of their parameters
 * @throws LapicqueError `malformed-file`, `unsupported` for a mechanism that nobody gave, `unknown-name` for a parameter that a mechanism has not
 */
export function allenCell(
  morphology: Morphology,
  params: Json,
  file: string,
  own: Readonly<Record<string, MechanismName | Mechanism>>,
  compartments: NonNullable<CellOptions['compartments']>,
): SonataCell {
  const [passive] = objects(file, 'passive', params.passive);
  if (passive === undefined) throw malformed(file, 'it has no passive membrane');
  const [conditions = {}] = objects(file, 'conditions', params.conditions ?? []);
  const present = sections.filter((section) => morphology.branches.some(({ tag }) => tag === section));
  const other = morphology.branches.find(({ tag }) => !sections.includes(tag as Section));
  if (other !== undefined)
    throw unsupported(file, `branches of the type ${other.tag}, for which it has no parameters`);

  const capacitances = new Map<unknown, number>();
  for (const one of objects(file, 'passive[0].cm', passive.cm))
    capacitances.set(sectionOf(file, one), numberOf(file, 'passive[0].cm.cm', one.cm));
  for (const section of present)
    if (!capacitances.has(section)) throw malformed(file, `passive[0].cm has no value for ${section}`);

  const painted = new Map<string, Map<Section, Record<string, number>>>();
  const paintOf = (mechanism: string, section: Section) => {
    const bySection = painted.get(mechanism) ?? new Map<Section, Record<string, number>>();
    painted.set(mechanism, bySection);
    const values = bySection.get(section) ?? {};
    bySection.set(section, values);
    return values;
  };
  const e = numberOf(file, 'passive[0].e_pas', passive.e_pas);
  for (const section of present) Object.assign(paintOf('pas', section), { g: passiveConductance, e });
  for (const [i, gene] of objects(file, 'genome', params.genome ?? []).entries()) {
    const section = sectionOf(file, gene);
    if (typeof gene.name !== 'string') throw malformed(file, `genome[${i}].name should be a name`);
    const mechanism = gene.mechanism === '' || gene.mechanism === undefined ? 'pas' : String(gene.mechanism);
    const ending = `_${mechanism}`;
    if (!gene.name.endsWith(ending))
      throw unsupported(file, `the parameter ${gene.name}, which is not one of the mechanism ${mechanism}`);
    if (!present.includes(section)) continue;
    const value = numberOf(file, `genome[${i}].value`, gene.value);
    paintOf(mechanism, section)[gene.name.slice(0, -ending.length)] = value;
  }

  const paint: Paint[] = [];
  for (const [name, bySection] of painted) {
    const { mechanism, parameters } = knownMechanism(file, name, own);
    for (const [region, values] of bySection) {
      const renamed = Object.entries(values).map(([parameter, value]): [string, number] => {
        const ours = Object.hasOwn(parameters, parameter) ? parameters[parameter] : undefined;
        if (ours === undefined)
          throw unknownName(`parameter of ${name} in ${file}`, parameter, Object.keys(parameters));
        return [ours, value];
      });
      paint.push({ mechanism, region, parameters: Object.fromEntries(renamed) });
    }
  }
  const active = [...painted].filter(([name]) => name !== 'pas').flatMap(([, of]) => [...of.keys()]);
  return {
    cell: cell(morphology, {
      compartments,
      resistivity: numberOf(file, 'passive[0].ra', passive.ra),
      capacitance: ({ tag }) => capacitances.get(tag)!,
      paint,
    }),
    ions: ionsOf(file, conditions, new Set(active)),
    ...(conditions.celsius === undefined
      ? {}
      : { temperature: numberOf(file, 'conditions[0].celsius', conditions.celsius) }),
    ...(conditions.v_init === undefined
      ? {}
      : { initialVoltage: numberOf(file, 'conditions[0].v_init', conditions.v_init) }),
  };
}

function knownMechanism(
  file: string,
  name: string,
  own: Readonly<Record<string, MechanismName | Mechanism>>,
): Known {
  if (Object.hasOwn(own, name)) {
    const mechanism = own[name]!;
    const { parameters } = mechanismOf(`mechanisms["${name}"]`, mechanism);
    return { mechanism, parameters: Object.fromEntries(Object.keys(parameters).map((key) => [key, key])) };
  }
  const known = ofNeuron[name];
  if (known === undefined)
    throw unsupported(
      file,
      `the mechanism ${name}: give it as equations in options.mechanisms (known are ${[...Object.keys(ofNeuron), ...Object.keys(own)].join(', ')})`,
    );
  return known;
}

/** Reversal potentials of a whole cell. @throws LapicqueError `unsupported` if they differ between sections that have mechanisms */
function ionsOf(file: string, conditions: Json, active: ReadonlySet<Section>): Readonly<Record<string, Ion>> {
  const all = objects(file, 'conditions[0].erev', conditions.erev ?? []);
  const ions: Record<string, Ion> = { ...ionsOfNeuron };
  for (const [name, ion] of Object.entries(ionsOfNeuron)) {
    const given = all.filter((one) => one[`e${name}`] !== undefined);
    const [first] = given;
    if (first === undefined) continue;
    const reversal = numberOf(file, `conditions[0].erev.e${name}`, first[`e${name}`]);
    const said = new Set(given.map((one) => sectionOf(file, one)));
    if (
      given.some((one) => one[`e${name}`] !== reversal) ||
      [...active].some((section) => !said.has(section))
    )
      throw unsupported(file, `reversal potentials e${name} that differ between sections with mechanisms`);
    ions[name] = { ...ion, reversal };
  }
  return ions;
}

function objects(file: string, name: string, value: unknown): readonly Json[] {
  const isObject = (one: unknown) => typeof one === 'object' && one !== null && !Array.isArray(one);
  if (!Array.isArray(value) || !value.every(isObject))
    throw malformed(file, `${name} should be a list of objects`);
  return value as readonly Json[];
}

function sectionOf(file: string, { section }: Json): Section {
  if (!sections.includes(section as Section))
    throw malformed(file, `the section ${JSON.stringify(section)} is none of ${sections.join(', ')}`);
  return section as Section;
}

function numberOf(file: string, name: string, value: unknown): number {
  // The database stores some numbers as texts.
  const x = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof x !== 'number' || !Number.isFinite(x))
    throw malformed(file, `${name} should be a number, not ${JSON.stringify(value)}`);
  return x;
}
