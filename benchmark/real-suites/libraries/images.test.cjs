// sharp: pixels in native memory and in Buffers, made by threads of libuv's.
const sharp = require('sharp')

const picture = (width, height) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 60 } } })

test('makes a picture and shrinks it', async () => {
  const large = await picture(1200, 800).png().toBuffer()
  const { width, height } = await sharp(await sharp(large).resize(300).jpeg().toBuffer()).metadata()
  expect([width, height]).toEqual([300, 200])
})

test('gives raw pixels', async () => {
  const { data, info } = await picture(1000, 700).raw().toBuffer({ resolveWithObject: true })
  expect(data).toHaveLength(info.width * info.height * 3)
  expect([...data.subarray(0, 3)]).toEqual([200, 30, 60])
})

test('many pictures at once', async () => {
  const made = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      picture(200 + index, 100)
        .rotate(90)
        .webp()
        .toBuffer(),
    ),
  )
  const sizes = await Promise.all(made.map((buffer) => sharp(buffer).metadata()))
  expect(sizes.map(({ height }) => height)).toEqual(Array.from({ length: 12 }, (_, index) => 200 + index))
})

test('refuses what is no picture', async () => {
  await expect(sharp(Buffer.alloc(10_000)).toBuffer()).rejects.toThrow()
})
