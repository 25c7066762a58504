/** The version in the first four bytes of a .hpm and a .hpc file. There never was another one. */
export const HEAPPROF_VERSION = 1
/** Two bits of the 32 that an event begins with are not for the trace. */
export const TRACES = 2 ** 30
/** What stands for the probability 1. */
export const CERTAIN = 2 ** 32 - 1
/** heapprof reads and adds up all numbers with an `int`. */
export const LARGEST = 2 ** 31 - 1
