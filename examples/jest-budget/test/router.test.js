const { Router } = require('../src/router.js')

const router = new Router()
for (const name of ['users', 'orders', 'articles', 'invoices', 'reports', 'teams', 'files', 'tags']) {
  router
    .add(`/${name}`, `list ${name}`)
    .add(`/${name}/:id`, `show ${name}`)
    .add(`/${name}/:id/edit`, `edit ${name}`)
}

test('finds a route and its parameters', () => {
  expect(router.find('/teams/7/edit')).toEqual({ handler: 'edit teams', params: { id: '7' } })
  expect(router.find('/teams/7/edit/more')).toBeUndefined()
  expect(router.findSlowly('/teams/7')).toEqual(router.find('/teams/7'))
})

test('a request costs little', () => {
  expect(() => router.find('/teams/7/edit')).toAllocateLessThan('4 kB')
})

test('a miss costs nothing', () => {
  expect(() => router.find('/nowhere/at/all')).toAllocateNothing()
})

// This one is over its limit on purpose, to show what that looks like.
test('a request costs little, as it was first written', () => {
  expect(() => router.findSlowly('/teams/7/edit')).toAllocateLessThan('4 kB')
})
