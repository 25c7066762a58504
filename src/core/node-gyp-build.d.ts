// The package has no types of its own.
declare module 'node-gyp-build' {
  /** Loads the native addon of the package in folder `root`; throws a plain Error when there is none. */
  export default function nodeGypBuild(root: string): unknown
}
