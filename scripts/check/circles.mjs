// Import circles among files: files that import each other, directly or through others. To understand one of them is to read all of them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** All files below a folder with this extension. */
export const filesOf = (folder, extension) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => join(entry.parentPath, entry.name));

/** The source text without comments; line numbers are unchanged. */
export const code = (file) => readFileSync(file, 'utf8').replace(/\/\/[^\n]*/g, '');

/** The paths of a `use` tree: `a::{b, c::d}` gives `a::b` and `a::c::d`. */
export function paths(tree) {
  const open = tree.indexOf('{');
  if (open < 0) return [tree.replace(/ as \w+$/, '').replace(/\s/g, '')];
  const [prefix, inner] = [tree.slice(0, open), tree.slice(open + 1, tree.lastIndexOf('}'))];
  const parts = [''];
  let depth = 0;
  for (const char of inner) {
    if (char === '{') depth++;
    if (char === '}') depth--;
    if (char === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.filter((part) => part.trim()).flatMap((part) => paths(prefix.trim() + part.trim()));
}

/** The modules of a crate by path (`''` is the crate itself): the names that each re-exports, and the paths that it uses. */
function modulesOf(crate) {
  const modules = new Map();
  for (const file of filesOf(crate, '.rs')) {
    const parts = relative(crate, file).replace(/\.rs$/, '').split(/[/\\]/);
    if (parts.some((part) => ['tests', 'examples', 'benches', 'build'].includes(part))) continue;
    if (['mod', 'lib'].includes(parts.at(-1))) parts.pop();
    const own = code(file).split(/^#\[cfg\(test\)\]\nmod \w+ \{/m)[0];
    const [exports, used] = [[], []];
    const rest = own.replace(/\b(pub(?:\([\w: ]+\))? )?use\s+([^;]+);/g, (_, isPublic, tree) => {
      (isPublic ? exports : used).push(...paths(tree));
      return ' ';
    });
    used.push(...(rest.match(/(?<![\w:])(?:\w+::)+\w+/g) ?? []));
    modules.set(parts.join('::'), { file, exports, used });
  }
  return modules;
}

/** For each file of a crate, the files of the crate that it imports from. A name that a module re-exports is of the file that defines it. */
export function importsOfCrate(crate) {
  const modules = modulesOf(crate);
  const inside = (module, name) => (module === '' ? name : `${module}::${name}`);
  /** The module in which a path ends, from the module `at`; `undefined` if the path is of another crate. */
  const resolve = (at, path, depth = 0) => {
    const parts = path.split('::');
    let module = at;
    if (parts[0] === 'crate') module = '';
    else if (parts[0] !== 'super' && parts[0] !== 'self' && !modules.has(inside(at, parts[0])))
      return undefined;
    if (parts[0] === 'crate' || parts[0] === 'self') parts.shift();
    while (parts[0] === 'super') {
      module = module.split('::').slice(0, -1).join('::');
      parts.shift();
    }
    while (parts.length > 0 && modules.has(inside(module, parts[0]))) module = inside(module, parts.shift());
    const exported = modules.get(module)?.exports.find((one) => one.split('::').at(-1) === parts[0]);
    if (exported === undefined || depth > 8) return module;
    return resolve(module, exported, depth + 1) ?? module;
  };
  return new Map(
    [...modules].map(([module, { file, used }]) => {
      const found = used.map((path) => resolve(module, path)).filter((one) => one !== undefined);
      const files = new Set(found.filter((one) => one !== module).map((one) => modules.get(one)?.file));
      files.delete(undefined);
      return [file, files];
    }),
  );
}

/** For each TypeScript file below a folder, the files that it imports from. Types count: a reader follows them, too. */
export function importsOfScripts(folder) {
  return new Map(
    filesOf(folder, '.ts').map((file) => {
      const names = code(file).matchAll(/\bfrom '(\.[^']+)'|\bimport\('(\.[^']+)'\)|^import '(\.[^']+)'/gm);
      const files = [...names].map(([, a, b, c]) => join(dirname(file), a ?? b ?? c));
      return [file, new Set(files.filter((one) => existsSync(one) && one !== file))];
    }),
  );
}

/** The circles of a graph of imports: Tarjan's strongly connected components with more than one file, the largest first. */
export function circlesOf(imports) {
  const [index, low, stack, open, circles] = [new Map(), new Map(), [], new Set(), []];
  const visit = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    open.add(file);
    for (const other of imports.get(file) ?? []) {
      if (!index.has(other)) visit(other);
      if (open.has(other)) low.set(file, Math.min(low.get(file), low.get(other)));
    }
    if (low.get(file) !== index.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    for (const one of circle) open.delete(one);
    if (circle.length > 1) circles.push(circle.sort());
  };
  for (const file of imports.keys()) if (!index.has(file)) visit(file);
  return circles.sort((a, b) => b.length - a.length);
}
