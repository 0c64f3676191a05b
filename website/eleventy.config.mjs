// The site's generator: one template over all pages, which website/pages.mjs makes.
import { makePages } from './pages.mjs';

export default function configure(config) {
  let made;
  config.addGlobalData('made', () => {
    made ??= makePages();
    return made;
  });
  config.setTemplateFormats(['11ty.js']);
  config.setUseGitIgnore(false);
  config.addPassthroughCopy({
    'website/assets': 'assets',
    'docs/images': 'docs/images',
    'docs/applications/*.svg': 'docs/applications',
    'node_modules/minisearch/dist/umd/index.js': 'assets/minisearch.js',
  });
  return { dir: { input: 'website/pages', includes: '../layouts' } };
}
