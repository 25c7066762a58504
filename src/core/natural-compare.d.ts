// The package has no types of its own.
declare module 'natural-compare' {
  /** Compares texts as people do: numbers in them by their values. */
  export default function naturalCompare(a: string, b: string): number
}
