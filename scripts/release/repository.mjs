// Where the project is published. Manifests of all packages and the links of their READMEs follow from it.
const address = '';

/** `owner/name` on GitHub; empty as long as there is no public repository: then nothing can be published. (A rehearsal gives one of its own.) */
export const repository = process.env.LAPICQUE_REPOSITORY ?? address;

/** The fields of a manifest that name the repository; none without one. `directory`: of a package within it. */
export function repositoryFields(directory) {
  if (repository === '') return {};
  const url = `https://github.com/${repository}`;
  return {
    homepage: `${url}#readme`,
    bugs: { url: `${url}/issues` },
    repository: {
      type: 'git',
      url: `git+${url}.git`,
      ...(directory === undefined ? {} : { directory }),
    },
  };
}

/**
 * A README as npm shows it: its relative links and pictures lead to the files of this version in the repository. Comments, which name the tests
 * of examples, are left out.
 */
export function publishedReadme(markdown, version) {
  const text = markdown.replaceAll(/<!--[\s\S]*?-->\n*/g, '');
  if (repository === '') return text;
  const raw = `https://raw.githubusercontent.com/${repository}/v${version}/`;
  const page = `https://github.com/${repository}/blob/v${version}/`;
  const isRelative = (target) => !/^(?:[a-z]+:|#|\/)/i.test(target);
  return text
    .replaceAll(/(!?)(\[(?:[^[\]]|!\[[^\]]*\]\([^)]*\))*\])\(([^)\s]+)\)/g, (link, picture, label, target) =>
      isRelative(target) ? `${picture}${label}(${picture === '' ? page : raw}${target})` : link,
    )
    .replaceAll(/(<img[^>]* src=")([^"]+)"/g, (image, before, target) =>
      isRelative(target) ? `${before}${raw}${target}"` : image,
    );
}
