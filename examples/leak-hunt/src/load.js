import { visit } from './client.js'
import { startServer } from './server.js'
import { watch } from './watch.js'

// Two thousand visitors, one after the other. None of them stays.
const { port, close } = await startServer(watch)
for (let i = 0; i < 2000; i++) await visit(port, 'ACME')
await close()
