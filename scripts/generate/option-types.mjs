// What an option of a definition is in TypeScript: its type with a comment, and its check. Losses, optimizers and encoders have theirs
// from the same kind of table (src-rs/core/options).

export const camel = (key) => key.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
export const pascal = (key) => camel(key)[0].toUpperCase() + camel(key).slice(1);
export const sentence = (text) => text.replace(/\*\//g, '* /').replace(/\.$/, '');
const quoted = (values) => values.map((value) => `'${value}'`).join(' | ');

/** Lists are copied into arrays by who reads them, so that typed arrays will do. */
function typeOf({ form, values, length }) {
  const list =
    length === undefined ? 'readonly number[]' : `readonly [${Array(length).fill('number').join(', ')}]`;
  return {
    number: 'number',
    whole: 'number',
    flag: 'boolean',
    choice: values && quoted(values),
    numbers: list,
    'one-or-many': 'number | readonly number[]',
  }[form];
}

/** The text of a default in a comment; an option without a default has it in its meaning. */
export function defaultOf({ default: value, needed }) {
  if (needed || value === null) return undefined;
  if (typeof value === 'string') return `\`'${value}'\``;
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

/** What may be given beside its type. */
const rangeOf = ({ form, expected, least }) =>
  least !== 0 &&
  ['number', 'whole', 'numbers', 'one-or-many'].includes(form) &&
  !expected.endsWith('a finite number')
    ? expected
    : undefined;

/** What it means and its default, with the range unless that stands beside it. */
export function meaningOf(option, { range = true } = {}) {
  const fallback = defaultOf(option);
  const more = [range ? rangeOf(option) : undefined, fallback && `default ${fallback}`].filter(
    (part) => part !== undefined,
  );
  return `${sentence(option.meaning)}${more.length === 0 ? '' : `; ${more.join('; ')}`}.`;
}

/** The member of an interface. */
export function member(option, type = typeOf(option)) {
  return `  /** ${meaningOf(option)} */\n  ${option.name}${option.needed ? '' : '?'}: ${type};`;
}

/** The check of its form, of `checks/plain-data.ts`, which names what is wrong by its path; the engine checks ranges. */
function checkOf({ form, values, least, length }) {
  return {
    number: 'plain.number',
    whole: `plain.whole(${least ?? 0})`,
    flag: 'plain.yesOrNo',
    choice: values && `plain.choice(${values.map((value) => `'${value}'`).join(', ')})`,
    numbers: length === undefined ? 'plain.listOf(plain.number)' : `plain.listOf(plain.number, ${length})`,
    'one-or-many': 'plain.oneOrMany(plain.number)',
  }[form];
}

/** A `Form` of these options; `more` are entries written as they are. */
export function formOf(options, more = '') {
  const entries = options.map((option) => `${option.name}: ${checkOf(option)}`);
  const needed = options.filter((option) => option.needed).map(({ name }) => `'${name}'`);
  return `{ options: { ${more}${entries.join(', ')} }${needed.length === 0 ? '' : `, needed: [${needed.join(', ')}]`} }`;
}
