/** Under this name a worker thread finds, in its environment data, where to report what it allocates. */
export const SHARED = 'heapproof.workers'
