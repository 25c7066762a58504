const { withHeapproof } = require('heapproof/jest/config')

module.exports = withHeapproof({ transform: {} }, { limits: { allocated: '20 MB' } })
