/** Names and tables in C. */
import { invalid } from '../checks/check.ts';

const keywords =
  'auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while';

/** Checks the prefix of all names. @throws LapicqueError `invalid-parameter` */
export function checkIdentifier(name: string): string {
  if (typeof name !== 'string' || !/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || keywords.split(' ').includes(name))
    invalid('name', name, 'a C identifier such as network');
  return name;
}

/** A different identifier for each name. */
export function identifiers(names: readonly string[]): Map<string, string> {
  const used = new Set<string>();
  return new Map(
    names.map((name) => {
      const base = name.replace(/[^A-Za-z0-9]/g, '_').replace(/^([0-9_])/, 'n$1') || 'n';
      let own = base;
      for (let i = 2; used.has(own); i++) own = `${base}_${i}`;
      used.add(own);
      return [name, own];
    }),
  );
}

/** A table of numbers. */
export function table(type: string, name: string, values: ArrayLike<number>): string {
  const lines: string[] = [];
  let line = '   ';
  for (let i = 0; i < values.length; i++) {
    const item = ` ${values[i]},`;
    if (line.length + item.length > 100) {
      lines.push(line);
      line = '   ';
    }
    line += item;
  }
  lines.push(line);
  return `static const ${type} ${name}[${values.length}] = {\n${lines.join('\n')}\n};`;
}

/** The table of a parameter and the expression of its value for neuron `index`; one number for all neurons needs no table. */
export function parameter(
  name: string,
  values: Int32Array,
  index = 'j',
): { readonly table: string | undefined; readonly value: string } {
  const [first = 0] = values;
  if (values.every((value) => value === first)) return { table: undefined, value: `${first}` };
  return { table: table('int32_t', name, values), value: `${name}[${index}]` };
}
