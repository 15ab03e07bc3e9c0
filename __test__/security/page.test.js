'use strict'

// SECURITY.md names tests that there are.

const assert = require('node:assert/strict')
const { existsSync, readFileSync } = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')

const root = path.join(__dirname, '..', '..')
const page = readFileSync(path.join(root, 'SECURITY.md'), 'utf8')

const cellsOf = (line) => line.slice(2, line.endsWith(' | |') ? -1 : -2).split(' | ').map((cell) => cell.trim())
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| about |') && !line.startsWith('| advisory |')).map(cellsOf)

// The names of the tests in a file, with `…` in the place of what they are put together from.
function namesIn (file) {
  const source = readFileSync(path.join(root, file), 'utf8')
  const quoted = /(?:\b(?:test|behaviour)\(|\bname: )(?:'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`)/g
  return [...source.matchAll(quoted)].map(([, plain, template]) => plain ?? template.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…'))
}

test('the tables have rows', () => {
  assert.ok(rows.length > 40)
})

test('each advisory has a row of its own', () => {
  const advisories = rows.map(([first]) => first).filter((first) => first.includes('GHSA-')).flatMap((first) => first.split(' · '))
  assert.ok(advisories.every((one) => /^(CVE-20\d\d-\d+|GHSA(-[0-9a-z]{4}){3})$/.test(one)))
  assert.equal(new Set(advisories).size, advisories.length)
})

for (const row of rows) {
  const named = row.at(-1)
  test(`${row[0]}: ${named === '' ? 'is Node.js\'s' : 'its test is there'}`, () => {
    if (named === '') {
      assert.match(row.at(-2), /^Node\.js's own/)
      return
    }
    const [, name, file] = /^`(.+)` in `(.+)`$/.exec(named)
    assert.ok(existsSync(path.join(root, file)), file)
    assert.ok(namesIn(file).includes(name), name)
  })
}
