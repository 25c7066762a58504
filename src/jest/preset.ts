import { withHeapproof } from './config.js'

/** For `preset: 'heapproof'`. */
export default withHeapproof({})
