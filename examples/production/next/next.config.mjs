/** The engine is a `.node` file, which no bundler can take in: the package is loaded from node_modules. */
export default { serverExternalPackages: ['lapicque'] };
