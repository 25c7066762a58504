import { heapproof } from 'heapproof/vitest'
import { defineConfig } from 'vitest/config'

export default defineConfig({ plugins: [heapproof()] })
