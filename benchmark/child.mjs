// Does one piece of work, once: node child.mjs WORK SIZE. Size 0 does none of it, to know what comes with the process.
const [name, size] = process.argv.slice(2)
const { run } = await import(`./works/${name}.mjs`)
if (Number(size) > 0) await run(Number(size))
