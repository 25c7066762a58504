/** The environment variable that carries the settings from `heapproof run` to the program it starts, as JSON. */
export const RUN_VARIABLE = 'HEAPPROOF_RUN'
