// The empty program: what is paid before and after the program's own work.
export const title = 'start-up'
export const program = new URL('./empty.cjs', import.meta.url)
