// Writes seeds for the targets that read answers, one for each response vector, below the folder that is given. They
// are the raw material of the committed corpus: merge them into it with `-merge=1`.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.argv[2]
const vectors = JSON.parse(readFileSync(new URL('../tests/vectors/response.json', import.meta.url)))
const longest = 1024

// What stands before the plan (src/plan.rs): `split` has its cuts there, `body` how it puts content together.
const before = {
  head: [],
  model: [],
  split: [3, 1, 7, 200, 1, 0, 5, 255],
  tunnel: []
}

for (const [target, prefix] of Object.entries(before)) {
  mkdirSync(join(folder, target), { recursive: true })
  for (const [index, vector] of vectors.entries()) {
    const raw = Buffer.from(vector.raw_b64, 'base64').subarray(0, longest)
    const what = (vector.method === 'HEAD' ? 1 : 0) | (vector.close === 'fin' ? 0 : 0x10)
    writeFileSync(join(folder, target, String(index)), Buffer.concat([Buffer.from([...prefix, what, 0, 0, 0, 0]), raw]))
  }
}

// The tokens of src/script.rs, each behind a status line, and in pairs with its neighbour.
for (let token = 0x80; token < 0xd2; token++) {
  const scripts = {
    open: [0x82, token, 0x80, 0x35],
    chunked: [0x82, 0x98, 0x80, token, 0xb9],
    length: [0x83, 0x92, token, 0x80, 0xb4],
    again: [0xcd, token, 0xcf, 0xb4],
    many: [0x82, token, 0xfe, 9, 0x80],
    large: [0x82, 0x98, 0x80, 0x35, token, 0xfe, 255, 0x80, 0x68]
  }
  for (const [target, prefix] of Object.entries(before)) {
    for (const [name, script] of Object.entries(scripts)) {
      const plan = [0x80 | (token & 3) | (name === 'again' ? 4 : 0), token & 7, name === 'large' ? 0xf0 : token >> 2 & 1, 0, 0]
      writeFileSync(join(folder, target, `${name}-${token}`), Buffer.from([...prefix, ...plan, ...script]))
    }
  }
}

// Content of each framing, and calls of each kind.
for (const target of ['body', 'encode']) {
  mkdirSync(join(folder, target), { recursive: true })
}
for (let how = 0; how < 64; how++) {
  const plan = [how, 0, 0, how >> 5, 0, 0, 0, how & 4 ? 3 : 0, how & 8 ? 2 : 0]
  const content = [how, 5, ...Buffer.from('hello'), 0x80 | how, 6, ...Buffer.from(' world'), how << 2]
  writeFileSync(join(folder, 'body', String(how)), Buffer.from([...plan, ...content]))
}
const hello = [5, ...Buffer.from('hello')]
const hostile = [31, ...Buffer.from('\r\n0\r\n\r\nGET /evil HTTP/1.1\r\na: b')]
const calls = {
  get: [0, 0, 0, 0x0e, 0, 0x60, 1, 0x0e],
  whole: [1, 1, 0, ...hello, 0x2c, 0x0e],
  large: [1, 1, 0, 0xc0 | 31, ...hostile.slice(1), 0x2c, 0x0d, 0x0e],
  declared: [2, 1, 12, 5, 3, ...hello, 9, 0x0e, 0, 0, 0],
  short: [2, 1, 12, 9, 3, ...hello, 9],
  long: [2, 1, 12, 2, 3, ...hello, 9],
  chunked: [2, 1, 4, 3, ...hello, 3, ...hello, 9, 0x0e, 1, 1, 0, ...hello],
  empty: [2, 1, 0, 9, 0x0e, 2, 1, 4, 9],
  hostile: [2, 1, 4, 3, ...hostile, 9, 0x0e],
  early: [2, 1, 4, 3, ...hello, 0x0e, 3, ...hello, 9],
  given: [2, 1, 4, 3, ...hello, 0x0f],
  other: [0, 0, 0, 2, 1, 4, 0x0b, 0, 3, ...hello, 9, 0x0e, 0x0e],
  pipelined: [0, 0, 0, 0, 0x60, 1, 1, 1, 2, ...hello, 0x0e, 0x0e, 0x1d, 0x0e],
  expecting: [0x21, 1, 0, ...hello, 0xbe, 0x0e],
  expectingStream: [0x22, 1, 4, 0xbe, 3, ...hello, 9, 0x0e],
  refused: [0x21, 1, 0, ...hello, 0x0e, 0x2d],
  upgrade: [0, 0x80, 0x10, 0x7e],
  close: [0x10, 1, 3, 0x5e]
}
for (const [name, octets] of Object.entries(calls)) {
  writeFileSync(join(folder, 'encode', name), Buffer.from(octets))
}

// Each coding, alone and with others; whole, damaged, cut off, and with something behind it.
mkdirSync(join(folder, 'coding'), { recursive: true })
for (let how = 0; how < 128; how++) {
  const octets = [(how & 31) | (how & 64), how * 37 & 255, how << 2 & 255, how >> 3 & 3 | (how % 8 === 7 ? 0xf0 : 0), how, 0, how & 3, 5, 200, 7, 255, how]
  const content = how % 3 === 0 ? 'hello' : how % 3 === 1 ? 'a text with some words, some words and some more of them' : '\0'
  writeFileSync(join(folder, 'coding', String(how)), Buffer.from([...octets, ...Buffer.from(content)]))
}
// Coded octets as they are: br, zstd, gzip, and both kinds of deflate.
const coded = [
  [3, '1b8b00f88d54b5bf0661a3bb536576115b24f03703'], [3, '115e8c01e09f0008c402011d'], [3, '3b'],
  [4, '28b52ffd0458810000616263646566676869f2a1fbd3'], [4, '28b52ffd2000010000'], [4, '5a2a4d1802000000ffff28b52ffd2000010000'],
  [0, '1f8b08000000000000034b4c4a4e494d4b070069a2cb39060000001f8b080000000000000303000000000000000000'],
  [0, '1f8b081f0102030402030600414202007879612063006220'], [1, '789c030000000001'], [2, '4b4c4a06000000'], [1, '78bb00000000']
]
for (const [index, [coding, octets]] of coded.entries()) {
  const how = [coding | 0x20, 0, 0, 0, 0, 0, 0, 3, 1, 9, 255, index]
  writeFileSync(join(folder, 'coding', `coded-${index}`), Buffer.concat([Buffer.from(how), Buffer.from(octets, 'hex')]))
}

// Proxies that say what they may and what they may not.
mkdirSync(join(folder, 'socks5'), { recursive: true })
const proxies = [
  '0500', '0502', '05ff', '0501', '0400', '48545450', '05000500000101020304ffff1603', '0500050000040000000000000000000000000000000101bb',
  '05000500000305616263646501bb16', '0500050000030001bb', '0500050500', '050005000002', '05000400', '05020100050000010102030401bb',
  '05020101', '05020500', '050201000500000301610000'
]
for (const [index, octets] of proxies.entries()) {
  for (const what of [0, 1, 2, 4, 5, 6]) {
    const how = [what | 8, index * 15, 1 + index % 3, index * 7]
    writeFileSync(join(folder, 'socks5', `${index}-${what}`), Buffer.concat([Buffer.from(how), Buffer.from(octets, 'hex')]))
  }
}
