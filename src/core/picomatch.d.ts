// The package has no types of its own. Only what is used here.
declare module 'picomatch' {
  interface Options {
    /** Whether a star matches names that begin with a dot. */
    readonly dot?: boolean
  }
  /** A function that tells whether a path with forward slashes matches one of the globs. */
  export default function picomatch(
    globs: string | readonly string[],
    options?: Options,
  ): (path: string) => boolean
}
