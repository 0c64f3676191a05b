/** Shapes of neurons: branches of points, read from files or built. */
import { options as checkOptions, eachFinite, finite, integer, invalid, oneOf } from '../checks/check.ts';
import { addon, task, unwrap } from '../engine/native.ts';
import { type FileSource, type LoadOptions, loadOptions } from '../files/file-source.ts';
import { sourceBytes } from '../files/source-bytes.ts';

/** A type of branch: one of the names that SWC files give to 1, 2, 3 and 4, or any other number. */
export type Tag = 'soma' | 'axon' | 'dend' | 'apic' | number;

const tagNames = ['soma', 'axon', 'dend', 'apic'] as const;

/** A place of a file that programs read differently, and how it was read. */
export type MorphologyNote =
  /** A soma of one or three points was read as a cylinder. */
  | { readonly kind: 'soma-cylinder'; readonly points: number }
  /** Points at the place of their parents, by their ids (at most 20 are listed). */
  | { readonly kind: 'duplicate-points'; readonly ids: readonly number[] }
  /** Stretches between the soma's center and the first points of neurites were left out; their total length in µm. */
  | { readonly kind: 'omitted-stretches'; readonly count: number; readonly length: number }
  /** Neurites of one point, which therefore begin at the soma's center, by its id. */
  | { readonly kind: 'single-point-neurites'; readonly ids: readonly number[] }
  /** No point is a soma. */
  | { readonly kind: 'no-soma' };

/** An unbranched stretch of one type. */
export interface Branch {
  /** Its index in {@link Morphology.branches}. */
  readonly index: number;
  /** `'soma'`, `'axon'`, `'dend'`, `'apic'`, or the number of another type. */
  readonly tag: Tag;
  /** Index of the branch to which it is attached; undefined for the first. */
  readonly parent: number | undefined;
  /** Where it is attached to its parent: 0 the parent's start, 0.5 its middle, 1 its end. */
  readonly at: number;
  /** Number of branches between it and the first. */
  readonly order: number;
  /** In µm. */
  readonly length: number;
  /** Lateral surface in µm². */
  readonly area: number;
  /** Path length from the middle of the first branch to the end of this one, in µm. */
  readonly distance: number;
  /** Whether no other branch is attached to its end. */
  readonly isTip: boolean;
  /** x, y, z and radius of its points in µm, `[points, 4]`. */
  readonly points: Float64Array;
}

/** A branch for {@link fromBranches}. */
export interface BranchSpec {
  /** Default `'dend'`, for the first branch `'soma'`. */
  tag?: Tag;
  /** Index of the branch to which it is attached, one before it in the list. Only the first branch has none. */
  parent?: number;
  /** Where it is attached: 0 the parent's start, 0.5 its middle, 1 its end (default). */
  at?: 0 | 0.5 | 1;
  /** At least two points: x, y, z and radius, in µm. */
  points: readonly (readonly [number, number, number, number])[];
}

/** A place on a branch. */
export interface Location {
  /** Index of the branch. */
  readonly branch: number;
  /** From 0 at the start of the branch to 1 at its end. */
  readonly x: number;
}

/** Options of {@link fromSwc}. */
export interface SwcOptions extends LoadOptions {
  /**
   * How a soma of one point is read, or of three points where the first is the parent of both others.
   * - `'cylinder'` (default): a cylinder whose length and diameter are twice the radius of the first point. Neurites are attached
   *   to its middle and begin at their own first point. NEURON reads files so.
   * - `'frusta'`: each point is a frustum to its parent, as for all other points. Arbor's `load_swc_arbor` reads files so.
   */
  soma?: 'cylinder' | 'frusta';
}

/** As the engine takes it. @internal */
export interface MorphologyArrays {
  readonly tags: Int32Array;
  readonly parents: Int32Array;
  readonly places: Float64Array;
  readonly starts: Uint32Array;
  readonly points: Float64Array;
}

/** The shape of a neuron: a tree of branches. The first branch is its root. */
export class Morphology {
  /** Parents before children. */
  readonly branches: readonly Branch[];
  /** Decisions of {@link fromSwc} where programs read a file differently; empty for {@link fromBranches}. */
  readonly notes: readonly MorphologyNote[];
  /** Sum of the branches in µm. */
  readonly length: number;
  /** Sum of the branches in µm². */
  readonly area: number;
  /** @internal */
  readonly arrays: MorphologyArrays;
  /** By branch: the id of its first own point in the SWC file. @internal */
  readonly firstIds: Int32Array | undefined;

  /** @internal */
  constructor(arrays: MorphologyArrays, notes: readonly MorphologyNote[], firstIds?: Int32Array) {
    const { lengths, areas } = unwrap(addon.measureMorphology(arrays));
    const isInner = new Set<number>();
    arrays.parents.forEach((parent, i) => {
      if (parent >= 0 && arrays.places[i] === 1) isInner.add(parent);
    });
    const branches: Branch[] = [];
    for (let i = 0; i < lengths.length; i++) {
      const [parent, at, length] = [arrays.parents[i]!, arrays.places[i]!, lengths[i]!];
      const above = branches[parent];
      // Distances are from the middle of the first branch.
      const start =
        parent === 0 ? Math.abs(at - 0.5) * lengths[0]! : above && above.distance - (1 - at) * above.length;
      branches.push(
        Object.freeze({
          index: i,
          tag: tagNames[arrays.tags[i]! - 1] ?? arrays.tags[i]!,
          parent: above === undefined ? undefined : parent,
          at,
          order: above === undefined ? 0 : above.order + 1,
          length,
          area: areas[i]!,
          distance: start === undefined ? length / 2 : start + length,
          isTip: !isInner.has(i),
          points: arrays.points.slice(4 * arrays.starts[i]!, 4 * arrays.starts[i + 1]!),
        }),
      );
    }
    this.branches = Object.freeze(branches);
    this.notes = Object.freeze(notes);
    this.length = lengths.reduce((sum, x) => sum + x, 0);
    this.area = areas.reduce((sum, x) => sum + x, 0);
    this.arrays = arrays;
    this.firstIds = firstIds;
    Object.freeze(this);
  }

  /**
   * The end of the branch that is farthest from the middle of the first branch along the tree.
   *
   * @param tag - only of branches of this type; default all
   * @throws LapicqueError `invalid-parameter` if no branch has the type
   */
  tip(tag?: Tag): Location {
    const branches = tag === undefined ? this.branches : this.branches.filter((branch) => branch.tag === tag);
    const [first, ...others] = branches;
    if (first === undefined) invalid('tag', tag, 'a type that a branch of the morphology has');
    const far = others.reduce((far, branch) => (branch.distance > far.distance ? branch : far), first);
    return { branch: far.index, x: 1 };
  }
}

/**
 * Reads an SWC file. Off the event loop.
 *
 * @param source - its path or its bytes
 * @throws LapicqueError `malformed-file` with the offset of the line: for anything but seven numbers, a radius that is not above 0, an id
 * that occurs twice, a parent that does not exist, a loop, a second root; `io`, `too-large`, `invalid-parameter`, `aborted`
 */
export async function fromSwc(source: FileSource, options: SwcOptions = {}): Promise<Morphology> {
  const { soma = 'cylinder', ...load } = checkOptions('options', options, ['soma', ...loadOptions]);
  oneOf('soma', soma, ['cylinder', 'frusta']);
  const { bytes } = await sourceBytes('source', source, load);
  const { notes, firstIds, ...arrays } = await task(load, (handle) =>
    addon.readSwc(bytes, JSON.stringify(soma), handle),
  );
  return new Morphology(arrays, JSON.parse(notes) as MorphologyNote[], firstIds);
}

/**
 * A morphology from its branches.
 *
 * @param branches - the first is the root; parents come before children
 * @throws LapicqueError `invalid-parameter` with the branch and field
 */
export function fromBranches(branches: readonly BranchSpec[]): Morphology {
  if (!Array.isArray(branches)) invalid('branches', branches, 'a list of branches');
  const tags: number[] = [];
  const parents: number[] = [];
  const places: number[] = [];
  const starts = [0];
  const points: number[] = [];
  branches.forEach((spec: BranchSpec, i) => {
    const name = `branches[${i}]`;
    const {
      tag = i === 0 ? 'soma' : 'dend',
      parent,
      at = 1,
      points: own,
    } = checkOptions(name, spec, ['tag', 'parent', 'at', 'points']);
    tags.push(tagNumber(`${name}.tag`, tag));
    parents.push(parent === undefined ? -1 : integer(`${name}.parent`, parent, { min: 0, max: i - 1 }));
    if (parent === undefined && i > 0)
      invalid(`${name}.parent`, parent, 'the index of a branch before it: only the first branch is a root');
    if (![0, 0.5, 1].includes(at)) invalid(`${name}.at`, at, '0, 0.5 or 1');
    places.push(at);
    if (!Array.isArray(own) || own.length < 2)
      invalid(`${name}.points`, own, 'a list of at least two points');
    own.forEach((point, k) => {
      eachFinite(`${name}.points[${k}]`, point);
      if (point.length !== 4 || point[3] <= 0)
        invalid(`${name}.points[${k}]`, point, '[x, y, z, radius above 0], in µm');
      points.push(...point);
    });
    starts.push(points.length / 4);
  });
  return new Morphology(
    {
      tags: Int32Array.from(tags),
      parents: Int32Array.from(parents),
      places: Float64Array.from(places),
      starts: Uint32Array.from(starts),
      points: Float64Array.from(points),
    },
    [],
  );
}

/** The number of a type. @internal */
export function tagNumber(name: string, tag: unknown): number {
  if (typeof tag === 'string') return tagNames.indexOf(oneOf(name, tag, tagNames)) + 1;
  return integer(name, tag, { min: -(2 ** 31), max: 2 ** 31 - 1 });
}

/** Checks a location on a morphology. @internal */
export function checkLocation(name: string, morphology: Morphology, at: Location): Location {
  if (typeof at !== 'object' || at === null) invalid(name, at, 'a location { branch, x }');
  integer(`${name}.branch`, at.branch, { min: 0, max: morphology.branches.length - 1 });
  finite(`${name}.x`, at.x, { min: 0, max: 1 });
  return at;
}
